"""A client that does what users do, and notes what it asked and was told.

A request whose answer is lost, or that ends as an internal error, may have taken effect or not: from then on both are
allowed.
"""

import threading
import time

from history import REFUSED, UNKNOWN_END
from nodes import CLIENT, POOL
from srp import Proof
from wire import Connection, Lost, Refused, Unreached

UNKNOWN = object()
# ChangePassword is allowed five times an hour.
CHANGES = 4
# Wrong passwords that do not lock yet.
FREE_GUESSES = 4


class Tally:
    """What all clients together were told, and when."""

    def __init__(self):
        self._lock = threading.Lock()
        self.told = 0
        self.unknown = 0
        self.busy = 0
        self.wrong = []
        self._last = time.monotonic()
        self._gap = 0.0

    def success(self):
        with self._lock:
            now = time.monotonic()
            self._gap = max(self._gap, now - self._last)
            self._last = now
            self.told += 1

    def lost(self):
        with self._lock:
            self.unknown += 1

    def was_busy(self):
        with self._lock:
            self.busy += 1

    def accuse(self, text):
        with self._lock:
            self.wrong.append(text)

    def begin(self):
        """Forgets the gaps so far; what was counted so far."""
        with self._lock:
            self._gap = 0.0
            self._last = time.monotonic()
            return self.told, self.unknown

    def gap(self):
        """The longest time in which nobody was told of a success, the one that lasts included."""
        with self._lock:
            return max(self._gap, time.monotonic() - self._last)


class Caller:
    """Asks the nodes: one thread uses it."""

    def __init__(self, userpools, balancer, chance, tally):
        self._userpools = userpools
        self._balancer = balancer
        self._chance = chance
        self._tally = tally
        self._connections = {}

    def call(self, operation, signed=False, node=None, **members):
        """The answer; `UNKNOWN` where it is open whether the request took effect. Refusals are raised."""
        unreached = set()
        while True:
            at = node if node is not None else self._balancer.choose(self._chance, unreached)
            connection = self._connections.get(at) or Connection(self._userpools.ports[at])
            self._connections[at] = connection
            try:
                told = connection.call(operation, signed=signed, **members)
            except Unreached:
                del self._connections[at]
                unreached.add(at)
                if node is None and len(unreached) < 3:
                    continue
                return self._lost()
            except Lost:
                connection.close()
                del self._connections[at]
                return self._lost()
            except Refused as refused:
                if refused.name == "InternalErrorException":
                    return self._lost()
                if refused.name == "TooManyRequestsException":
                    self._tally.was_busy()
                    return UNKNOWN
                raise
            self._tally.success()
            return told

    def insist(self, operation, signed=True, **members):
        """The answer of a request that may be made again until there is one."""
        while True:
            told = self.call(operation, signed=signed, **members)
            if told is not UNKNOWN:
                return told
            time.sleep(0.2)

    def sign_in(self, name, password, node=None):
        parameters = {"USERNAME": name, "PASSWORD": password}
        return self.call(
            "InitiateAuth", node=node, ClientId=CLIENT, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
        )

    def prove(self, name, password):
        """Signs in by SRP, which may begin at one node and end at another."""
        proof = Proof(POOL, password)
        told = self.call("InitiateAuth", ClientId=CLIENT, AuthFlow="USER_SRP_AUTH", AuthParameters=proof.begun(name))
        if told is UNKNOWN:
            return UNKNOWN
        return self.call(
            "RespondToAuthChallenge",
            ClientId=CLIENT,
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses=proof.answer(told["ChallengeParameters"]),
        )

    def refresh(self, token, node=None):
        parameters = {"REFRESH_TOKEN": token}
        return self.call(
            "InitiateAuth", node=node, ClientId=CLIENT, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=parameters
        )

    def _lost(self):
        self._tally.lost()
        time.sleep(0.05)
        return UNKNOWN


class Client(Caller):
    """Signs users up, in and on, changes passwords and attributes, and races with all others."""

    def __init__(self, number, userpools, balancer, chance, tally, history, races, others):
        super().__init__(userpools, balancer, chance, tally)
        self.number = number
        self._history = history
        self._races = races
        # All clients: they visit each other's users, too.
        self._others = others
        self._made = 0
        # Each user's possible passwords: one, but for what was lost on the way.
        self.users = {}
        self.coming = {}
        self._changes = {}
        # What was raced for, and how that ended.
        self.raced = {}

    def run(self, stopping):
        while not stopping.is_set():
            try:
                self._step()
            except Exception as error:  # noqa: BLE001 - told at the end
                self._tally.accuse(f"client {self.number}: {error!r}")
                return

    def known(self):
        return [name for name, passwords in list(self.users.items()) if len(passwords) == 1]

    def _step(self):
        known = self.known()
        kind = self._chance.random()
        if len(known) < 4 or kind < 0.1:
            self._sign_up()
        elif kind < 0.3 and self._race():
            pass
        elif kind < 0.45:
            self._change_password(self._chance.choice(list(self.users)))
        elif kind < 0.65:
            self._attribute(self._chance.choice(self._races.shared))
        elif kind < 0.85:
            self._visit(self._chance.choice(known))
        else:
            self._visit_of(self._chance.choice(self._others))

    def _value(self, word):
        self._made += 1
        return f"{word}-{self.number}-{self._made}"

    def _noted(self, key, kind, value, operation, **members):
        """Makes a request about a register and notes its end; `None` where it was refused."""
        sent = self._history.sending()
        try:
            told = self.call(operation, **members)
        except Refused as refused:
            self._history.note(key, kind, value, sent, REFUSED)
            return refused
        self._history.note(key, kind, value, sent, *([UNKNOWN_END] if told is UNKNOWN else []))
        return told

    def _sign_up(self):
        name, password = self._value("user"), self._value("First")
        told = self._noted(
            f"password of {name}", "write", password, "SignUp", ClientId=CLIENT, Username=name, Password=password
        )
        if told is UNKNOWN:
            return
        if isinstance(told, Refused):
            raise told
        while self.call("AdminConfirmSignUp", signed=True, UserPoolId=POOL, Username=name) is UNKNOWN:
            told = self.insist("AdminGetUser", UserPoolId=POOL, Username=name)
            if told["UserStatus"] == "CONFIRMED":
                break
        self.users[name] = [password]

    def _change_password(self, name):
        """By an administrator, or by the user."""
        if len(self.users[name]) == FREE_GUESSES:
            return
        password, key = self._value("Next"), f"password of {name}"
        old = self.users[name]
        # Others may try it from now on.
        self.coming[name] = password
        changes = self._changes.get(name, 0)
        if len(old) == 1 and changes < CHANGES and self._chance.random() < 0.4:
            told = self._sign_in_noted(name, old[0])
            if not isinstance(told, dict):
                return
            self._changes[name] = changes + 1
            members = {
                "AccessToken": told["AuthenticationResult"]["AccessToken"],
                "PreviousPassword": old[0],
                "ProposedPassword": password,
            }
            told = self._noted(key, "write", password, "ChangePassword", **members)
        else:
            members = {"UserPoolId": POOL, "Username": name, "Password": password, "Permanent": True}
            told = self._noted(key, "write", password, "AdminSetUserPassword", signed=True, **members)
        if isinstance(told, Refused):
            if "exceeded" not in told.text:
                raise told
        elif told is UNKNOWN:
            self.users[name] = [*old, password]
        else:
            # What was unknown before may still come.
            self.users[name] = [password, *old[1:]]

    def _sign_in_noted(self, name, password):
        """Signs in by one way or the other; `None` where the password was judged wrong."""
        sent = self._history.sending()
        by = self.prove if self._chance.random() < 0.5 else self.sign_in
        try:
            told = by(name, password)
        except Refused as refused:
            if refused.name != "NotAuthorizedException":
                raise
            if "exceeded" in refused.text:
                return UNKNOWN
            self._history.note(f"password of {name}", "miss", password, sent)
            return None
        if told is not UNKNOWN:
            self._history.note(f"password of {name}", "read", password, sent)
        return told

    def _visit(self, name):
        """Signs in, asks another node who that is, and refreshes at a third."""
        told = self._sign_in_noted(name, self.users[name][0])
        if told is None:
            self._tally.accuse(f"{name} cannot sign in")
        if not isinstance(told, dict):
            return
        tokens = told["AuthenticationResult"]
        try:
            who = self.call("GetUser", AccessToken=tokens["AccessToken"])
            if who is not UNKNOWN and who["Username"] != name:
                self._tally.accuse(f"{name} is taken for {who['Username']}")
            self.refresh(tokens["RefreshToken"])
        except Refused as refused:
            self._tally.accuse(f"a token of {name} is refused: {refused}")

    def _visit_of(self, other):
        """Signs a user of another client in, who may be changing the password."""
        known = other.known()
        if other is self or not known:
            return
        name = self._chance.choice(known)
        password = other.users[name][0]
        if self._chance.random() < 0.3:
            password = other.coming.get(name, password)
        self._sign_in_noted(name, password)

    def _attribute(self, name):
        """Writes or reads an attribute that all clients write and read."""
        key, about = f"name of {name}", {"UserPoolId": POOL, "Username": name}
        if self._chance.random() < 0.4:
            value = self._value("Name")
            attributes = [{"Name": "name", "Value": value}]
            told = self._noted(
                key, "write", value, "AdminUpdateUserAttributes", signed=True, UserAttributes=attributes, **about
            )
            if isinstance(told, Refused):
                raise told
            return
        sent = self._history.sending()
        told = self.call("AdminGetUser", signed=True, **about)
        if told is not UNKNOWN:
            value = attribute(told["UserAttributes"], "name")
            self._history.note(key, "read", value, sent)

    def _race(self):
        """Asks for what all others want, too; `False` where the others have yet to."""
        goal = self._races.next_of(self.number)
        if goal is None:
            return False
        kind, name = goal
        try:
            if kind == "name":
                told = self.call("SignUp", ClientId=CLIENT, Username=name, Password=racing_password(self.number))
            else:
                told = self.call("AdminCreateUser", signed=True, **racer(name, self.number))
            self.raced[goal] = "unknown" if told is UNKNOWN else "won"
        except Refused as refused:
            if refused.name not in ("UsernameExistsException", "AliasExistsException"):
                raise
            self.raced[goal] = "lost"
        return True


def attribute(attributes, name):
    return next((it["Value"] for it in attributes if it["Name"] == name), None)


def racing_password(number):
    return f"Racer-{number}-x"


def racing_name(alias, number):
    return f"{alias.partition('@')[0]}-of-{number}"


def racer(alias, number):
    """A user with an address that all want to sign in with."""
    return {
        "UserPoolId": POOL,
        "Username": racing_name(alias, number),
        "TemporaryPassword": racing_password(number),
        "MessageAction": "SUPPRESS",
        "UserAttributes": [{"Name": "email", "Value": alias}, {"Name": "email_verified", "Value": "true"}],
    }


class Races:
    """User names and aliases that every client asks for once, all at about the same time."""

    def __init__(self, clients, shared):
        self._lock = threading.Lock()
        self._clients = clients
        self._round = 1
        self._ran = set()
        # The users whose attribute everybody writes.
        self.shared = shared

    def next_of(self, number):
        with self._lock:
            if number in self._ran:
                return None
            goal = ("name", f"race-{self._round}") if self._round % 2 else ("alias", f"race-{self._round}@example.com")
            self._ran.add(number)
            if len(self._ran) == self._clients:
                self._round += 1
                self._ran = set()
            return goal
