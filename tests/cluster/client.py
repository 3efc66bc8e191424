"""A client that knows what was told it, and finds out whether that is so.

A request whose answer is lost, or that ends as an internal error, may have taken effect or not: from then on both are allowed.
"""

import threading
import time

from wire import Connection, Lost, Refused

POOL = "us-east-1_Cluster01"
CLIENT = "1clustercluster23"
UNKNOWN = object()


class Tally:
    """What all clients together were told, and when."""

    def __init__(self):
        self._lock = threading.Lock()
        self.told = 0
        self.unknown = 0
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


class Client:
    """Signs users up, in and on, changes passwords, and races with all others for names."""

    def __init__(self, number, ports, chance, tally, races):
        self.number = number
        self._ports = ports
        self._chance = chance
        self._tally = tally
        self._races = races
        self._connections = {}
        self._made = 0
        # Each user's possible passwords: one, but for what was lost on the way.
        self.users = {}
        # The names raced for, and how that ended.
        self.raced = {}

    def run(self, stopping):
        while not stopping.is_set():
            try:
                self._step()
            except Exception as error:  # noqa: BLE001 - told at the end
                self._tally.accuse(f"client {self.number}: {error!r}")
                return

    def call(self, operation, signed=False, node=None, **members):
        """The answer; `UNKNOWN` where it is open whether the request took effect. Refusals are raised."""
        node = node if node is not None else self._chance.randrange(len(self._ports))
        connection = self._connections.get(node) or Connection(self._ports[node])
        self._connections[node] = connection
        try:
            told = connection.call(operation, signed=signed, **members)
        except Lost:
            connection.close()
            del self._connections[node]
            self._tally.lost()
            time.sleep(0.05)
            return UNKNOWN
        except Refused as refused:
            if refused.name in ("InternalErrorException", "TooManyRequestsException"):
                self._tally.lost()
                return UNKNOWN
            raise
        self._tally.success()
        return told

    def sign_in(self, name, password, node=None):
        return self.call(
            "InitiateAuth",
            node=node,
            ClientId=CLIENT,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": password},
        )

    def _step(self):
        known = [name for name, passwords in self.users.items() if len(passwords) == 1]
        kind = self._chance.random()
        if len(known) < 4 or kind < 0.15:
            self._sign_up()
        elif kind < 0.4 and self._race():
            pass
        elif kind < 0.6:
            self._change_password(self._chance.choice(known))
        else:
            self._visit(self._chance.choice(known))

    def _sign_up(self):
        self._made += 1
        name, password = f"user-{self.number}-{self._made}", f"First-{self.number}-{self._made}"
        told = self.call("SignUp", ClientId=CLIENT, Username=name, Password=password)
        if told is UNKNOWN:
            return
        self.users[name] = [password]
        while self.call("AdminConfirmSignUp", signed=True, UserPoolId=POOL, Username=name) is UNKNOWN:
            try:
                told = self.call("AdminGetUser", signed=True, UserPoolId=POOL, Username=name)
            except Refused as refused:
                self._tally.accuse(f"{name} was made and is gone: {refused}")
                return
            if told is not UNKNOWN and told["UserStatus"] == "CONFIRMED":
                return

    def _change_password(self, name):
        self._made += 1
        password = f"Next-{self.number}-{self._made}"
        told = self.call(
            "AdminSetUserPassword", signed=True, UserPoolId=POOL, Username=name, Password=password, Permanent=True
        )
        if told is UNKNOWN:
            self.users[name].append(password)
        else:
            self.users[name] = [password]

    def _visit(self, name):
        """Signs in at one node, asks another who that is, and refreshes at a third."""
        try:
            told = self.sign_in(name, self.users[name][0])
        except Refused as refused:
            self._tally.accuse(f"{name} cannot sign in: {refused}")
            return
        if told is UNKNOWN:
            return
        tokens = told["AuthenticationResult"]
        try:
            who = self.call("GetUser", AccessToken=tokens["AccessToken"])
            if who is not UNKNOWN and who["Username"] != name:
                self._tally.accuse(f"{name} is taken for {who['Username']}")
            self.call(
                "InitiateAuth",
                ClientId=CLIENT,
                AuthFlow="REFRESH_TOKEN_AUTH",
                AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
            )
        except Refused as refused:
            self._tally.accuse(f"a token of {name} is refused: {refused}")

    def _race(self):
        """Signs up under a name that all others want, too; `False` where the others have yet to."""
        name = self._races.next_of(self.number)
        if name is None:
            return False
        try:
            told = self.call("SignUp", ClientId=CLIENT, Username=name, Password=racing_password(self.number))
            self.raced[name] = "unknown" if told is UNKNOWN else "won"
        except Refused as refused:
            if refused.name != "UsernameExistsException":
                raise
            self.raced[name] = "lost"
        return True


def racing_password(number):
    return f"Racer-{number}-x"


class Races:
    """Names for which every client signs up once, all at about the same time."""

    def __init__(self, clients):
        self._lock = threading.Lock()
        self._clients = clients
        self._round = 1
        self._ran = set()

    def next_of(self, number):
        with self._lock:
            if number in self._ran:
                return None
            name = f"race-{self._round}"
            self._ran.add(number)
            if len(self._ran) == self._clients:
                self._round += 1
                self._ran = set()
            return name
