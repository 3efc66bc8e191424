"""What is there at the end, beside what clients were told."""

import concurrent.futures
import time

from client import FREE_GUESSES, UNKNOWN, attribute, racing_name, racing_password
from nodes import POOL
from wire import Refused


def passwords(clients, history, tally):
    """Every user who was made is there, with one password of those that were told; how many there are."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return sum(pool.map(lambda it: passwords_of(it, history, tally), clients))


def passwords_of(client, history, tally):
    for name, possible in client.users.items():
        fitting = []
        for password in possible:
            sent = history.sending()
            try:
                while client.sign_in(name, password) is UNKNOWN:
                    time.sleep(0.2)
                history.note(f"password of {name}", "read", password, sent)
                fitting.append(password)
            except Refused as refused:
                if "Incorrect" in refused.text:
                    history.note(f"password of {name}", "miss", password, sent)
                else:
                    tally.accuse(f"{name}: {refused}")
        if len(fitting) != 1:
            tally.accuse(f"{name} has {len(fitting)} of {len(possible)} passwords")
    return len(client.users)


def races(clients, tally):
    """Every name and alias has one owner, and it is the one who was told so; how many there are of each."""
    counts = {"name": 0, "alias": 0}
    for goal in sorted({goal for client in clients for goal in client.raced}):
        kind, name = goal
        counts[kind] += 1
        ends = {client.number: client.raced[goal] for client in clients if goal in client.raced}
        won = [number for number, end in ends.items() if end == "won"]
        unknown = [number for number, end in ends.items() if end == "unknown"]
        if len(won) > 1:
            tally.accuse(f"{name} was won by {won}")
        elif not won and not unknown:
            tally.accuse(f"{name} was won by nobody")
        elif kind == "name":
            owner_of_name(clients[0], name, won or unknown, bool(won), tally)
        else:
            owner_of_alias(clients[0], name, ends, won, unknown, tally)
    return counts


def owner_of_name(client, name, possible, certain, tally):
    """The account has the password of one of these; nobody has confirmed it."""
    try:
        client.insist("AdminConfirmSignUp", UserPoolId=POOL, Username=name)
    except Refused as refused:
        if certain or refused.name != "UserNotFoundException":
            tally.accuse(f"{name}: {refused}")
        return
    # More wrong passwords would lock.
    for number in possible[:FREE_GUESSES]:
        try:
            while client.sign_in(name, racing_password(number)) is UNKNOWN:
                time.sleep(0.2)
            return
        except Refused:
            continue
    if certain or len(possible) <= FREE_GUESSES:
        tally.accuse(f"{name} is not owned by any of {possible}")


def owner_of_alias(client, alias, ends, won, unknown, tally):
    """The alias leads to one user, whoever lost was not made, and nobody else bears the address as verified."""
    there = []
    for number in ends:
        try:
            told = client.insist("AdminGetUser", UserPoolId=POOL, Username=racing_name(alias, number))
        except Refused as refused:
            if refused.name != "UserNotFoundException":
                tally.accuse(f"{racing_name(alias, number)}: {refused}")
            continue
        there.append(number)
        if attribute(told["UserAttributes"], "email_verified") != "true":
            tally.accuse(f"{racing_name(alias, number)} was made without the alias")
    if won and there != won or not set(there) <= set(unknown + won) or len(there) > 1:
        tally.accuse(f"{alias}: {there} are there, {won} were told so")
    if there:
        told = client.insist("AdminGetUser", UserPoolId=POOL, Username=alias)
        if told["Username"] != racing_name(alias, there[0]):
            tally.accuse(f"{alias} leads to {told['Username']}")


def count(client, tally):
    """The pool counts as many users as it lists: none was made or counted twice; how many those are."""
    listed, token = [], {}
    while True:
        page = client.insist("ListUsers", UserPoolId=POOL, **token)
        listed += [user["Username"] for user in page["Users"]]
        if "PaginationToken" not in page:
            break
        token = {"PaginationToken": page["PaginationToken"]}
    counted = client.insist("DescribeUserPool", UserPoolId=POOL)["UserPool"]["EstimatedNumberOfUsers"]
    if len(set(listed)) != len(listed) or len(listed) != counted:
        tally.accuse(f"{len(listed)} users are listed, {len(set(listed))} of them different, and {counted} are counted")
    return len(listed)
