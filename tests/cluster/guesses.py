"""Guesses at all nodes at once: as many are judged as the limit allows, no more and no fewer."""

import concurrent.futures
import math
import random
import threading
import time

from client import UNKNOWN, Caller
from nodes import CLIENT, POOL
from wire import Refused

GUESSERS = 16
# Codes of a sign-up that are judged in an hour, and how many of them before anything befalls the nodes.
CODES = 15
CODES_BEFORE = 7
# Wrong passwords in a row that are judged before the account is locked for a second, then two, then four.
PASSWORDS = 5


def at_once(story):
    """Runs the story for every guesser side by side; what they tell."""
    with concurrent.futures.ThreadPoolExecutor(GUESSERS) as pool:
        return list(pool.map(story, range(GUESSERS)))


class Guesses:
    """Users who are guessed at, and what became of the guesses."""

    def __init__(self, userpools, balancer, tally):
        self._callers = [Caller(userpools, balancer, random.Random(1_000 + it), tally) for it in range(GUESSERS)]
        self._userpools = userpools
        self._tally = tally
        self._made = 0
        self._before = {}
        self._under_way = []
        self.rows = []

    def sign_up(self):
        """A user whom nobody has confirmed, with a code on its way, at which some guesses were made already."""
        self._made += 1
        name = f"guessed-{self._made}"
        attributes = [{"Name": "email", "Value": f"{name}@example.com"}]
        self._make(
            "SignUp", signed=False, ClientId=CLIENT, Username=name, Password="Right-1-x", UserAttributes=attributes
        )
        before = [self._guess(caller, name) for caller in self._callers[:CODES_BEFORE]]
        self._before[name] = before.count("judged"), before.count("unknown")
        return name

    def begin(self, when, name):
        """Guesses at the code of a user until every guesser is told that it is enough, beside whatever happens."""
        thread = threading.Thread(target=self._codes, args=[when, name], daemon=True)
        thread.start()
        self._under_way.append(thread)

    def wait(self):
        for thread in self._under_way:
            thread.join(120)
            if thread.is_alive():
                self._tally.accuse("guesses at codes come to no end")
        self._under_way = []

    def _make(self, operation, **members):
        try:
            self._callers[0].insist(operation, **members)
        except Refused as refused:
            # Of a request that had no answer and was made again.
            if refused.name != "UsernameExistsException":
                raise

    def _codes(self, when, name):
        try:
            self._guess_codes(when, name)
        except Exception as error:  # noqa: BLE001 - told at the end
            self._tally.accuse(f"guesses at the code of {name}: {error!r}")

    def _guess_codes(self, when, name):
        def guess(number):
            ends = []
            while len(ends) <= CODES and "limited" not in ends:
                ends.append(self._guess(self._callers[number], name))
            return ends.count("judged"), ends.count("unknown")

        self._judge(f"codes, {when}", [self._before[name], *at_once(guess)], CODES, CODES)

    def _guess(self, caller, name):
        """Guesses at a code of six digits, of which one in a million is this one."""
        try:
            told = caller.call("ConfirmSignUp", ClientId=CLIENT, Username=name, ConfirmationCode="000000")
        except Refused as refused:
            if refused.name == "LimitExceededException":
                return "limited"
            if refused.name == "CodeMismatchException":
                return "judged"
            raise
        if told is not UNKNOWN:
            self._tally.accuse(f"{name} is confirmed by a guess")
        return "unknown"

    def passwords(self, what, name, rounds=4):
        """Guesses at a password until the account is locked."""
        began = time.monotonic()

        def guess(number):
            judged = open_ends = 0
            for _ in range(rounds):
                try:
                    told = self._callers[number].sign_in(name, f"Wrong-{number}-x")
                except Refused as refused:
                    judged += "Incorrect" in refused.text
                    continue
                if told is not UNKNOWN:
                    self._tally.accuse(f"{name} is signed in by a guess")
                open_ends += 1
            return judged, open_ends

        told = at_once(guess)
        # A lock that ends lets one more guess be judged, and the next lasts twice as long.
        ended = math.floor(math.log2(1 + time.monotonic() - began))
        self._judge(what, told, PASSWORDS, PASSWORDS + ended)

    def _judge(self, what, told, least, most):
        judged, open_ends = sum(it[0] for it in told), sum(it[1] for it in told)
        self.rows.append((what, judged, least, open_ends))
        if judged > most or judged + open_ends < least:
            self._tally.accuse(f"{what}: {judged} were judged and {open_ends} have no answer, and the limit is {least}")

    def one_code_one_reset(self, name, race):
        """All guessers know the code that resets a password; one of them sets its own."""
        first = self._callers[0]
        first.insist("ForgotPassword", signed=False, ClientId=CLIENT, Username=name)
        code = self._userpools.code(name, "ForgotPassword")

        def reset(number):
            members = {"ClientId": CLIENT, "Username": name, "ConfirmationCode": code, "Password": f"Reset-{number}-x"}
            try:
                told = self._callers[number].call("ConfirmForgotPassword", **members)
            except Refused as refused:
                if refused.name not in ("ExpiredCodeException", "CodeMismatchException", "LimitExceededException"):
                    self._tally.accuse(f"a reset of {name}: {refused}")
                return "lost"
            return "unknown" if told is UNKNOWN else "won"

        ends = at_once(reset)
        won = [number for number, end in enumerate(ends) if end == "won"]
        if len(won) > 1 or (not won and "unknown" not in ends):
            self._tally.accuse(f"one code reset the password of {name} {len(won)} times")
        for number in won:
            try:
                while first.sign_in(name, f"Reset-{number}-x") is UNKNOWN:
                    time.sleep(0.1)
            except Refused as refused:
                self._tally.accuse(f"{name} has not the password that was set: {refused}")
        self.rows.append((f"one code, {race}", len(won), 1, ends.count("unknown")))

    def make(self, name):
        """A user who signs in, with an address."""
        self._make(
            "AdminCreateUser",
            UserPoolId=POOL,
            Username=name,
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": f"{name}@example.com"},
                {"Name": "email_verified", "Value": "true"},
            ],
        )
        members = {"UserPoolId": POOL, "Username": name, "Password": "Right-1-x", "Permanent": True}
        self._callers[0].insist("AdminSetUserPassword", **members)
        return name
