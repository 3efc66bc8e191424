"""Brings the nodes up, lets clients work through the faults, and checks what they were told."""

import base64
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from client import CLIENT, POOL, UNKNOWN, Client, Races, Tally, racing_password
from databases import NODES, TTL, Databases, free_port
from wire import ACCESS_KEY_ID, SECRET_ACCESS_KEY, Connection, Lost, Refused

CLIENTS = 16
STEADY = float(os.environ.get("CLUSTER_SECONDS", "8"))
PAUSE = 25
DECLARED = f"""\
[[pools]]
id = "{POOL}"
[[pools.clients]]
id = "{CLIENT}"
settings = {{ ExplicitAuthFlows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] }}
"""


class Userpools:
    """Three nodes of userpool over the databases."""

    def __init__(self, binary, folder, databases):
        self._binary = binary
        self._folder = folder
        self.ports = [free_port() for _ in range(3)]
        self._processes = {}
        hosts = ",".join(f"127.0.0.1:{port}" for port in databases.ports.values())
        self._store = f"postgres://postgres@{hosts}/postgres"
        self._keys = "1:" + base64.b64encode(os.urandom(32)).decode()
        (folder / "declared.toml").write_text(DECLARED)

    def start(self):
        for node in range(3):
            self.start_node(node)

    def start_node(self, node):
        environment = {
            "PATH": os.environ["PATH"],
            "USERPOOL_LISTEN": f"127.0.0.1:{self.ports[node]}",
            "USERPOOL_DATA": str(self._folder / f"userpool{node}"),
            "USERPOOL_STORE": self._store,
            "USERPOOL_ROOT_KEYS": self._keys,
            "USERPOOL_BASE_URL": "http://127.0.0.1:9229",
            "USERPOOL_CONFIG": str(self._folder / "declared.toml"),
            "USERPOOL_ADMIN_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "USERPOOL_ADMIN_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        }
        log = (self._folder / f"userpool{node}.log").open("ab")
        self._processes[node] = subprocess.Popen([self._binary], env=environment, stdout=log, stderr=log)
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.ports[node]}/readyz", timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit((self._folder / f"userpool{node}.log").read_text()[-2000:])

    def kill(self, node):
        self._processes[node].send_signal(signal.SIGKILL)
        self._processes[node].wait()

    def stop(self):
        for process in self._processes.values():
            process.kill()
            process.wait()


def wait_for_success(tally, limit):
    """Waits until somebody was told of a success again."""
    told, began = tally.told, time.monotonic()
    while tally.told < told + CLIENTS and time.monotonic() - began < limit:
        time.sleep(0.1)


def faults(databases, userpools):
    """Each fault: its name, how it begins, and how it is mended."""

    def of_leader(act):
        leader = databases.leader()
        act(leader)
        return leader

    return [
        ("primary's process killed", lambda: of_leader(databases.kill_server), lambda _: None),
        ("primary's node killed", lambda: of_leader(databases.kill_node), databases.start_node),
        ("planned switchover", lambda: of_leader(databases.switch_over), lambda _: None),
        (f"primary paused {PAUSE} s", lambda: of_leader(databases.pause), None),
        ("userpool node killed", lambda: userpools.kill(1) or 1, userpools.start_node),
    ]


def run_faults(databases, userpools, tally):
    """Lets the faults befall, one after another; a row of the table each."""
    rows = []
    for name, begin, mend in faults(databases, userpools):
        told, unknown = tally.begin()
        where = begin()
        if mend is None:
            time.sleep(PAUSE)
            gap = tally.gap()
            databases.resume(where)
        else:
            time.sleep(STEADY)
        wait_for_success(tally, 60)
        gap = tally.gap()
        if mend is not None:
            mend(where)
        databases.wait_until_whole(90)
        wait_for_success(tally, 30)
        time.sleep(2)
        rows.append((name, tally.told - told, tally.unknown - unknown, max(gap, tally.gap())))
        print(f"  {name}: nothing for {rows[-1][3]:.1f} s", flush=True)
    return rows


def check_users(clients, tally):
    """Every user who was made is there, with the one password that was told."""
    checked = 0
    for client in clients:
        for name, passwords in client.users.items():
            fitting = []
            for password in passwords:
                try:
                    while client.sign_in(name, password) is UNKNOWN:
                        time.sleep(0.2)
                    fitting.append(password)
                except Refused as refused:
                    if refused.name != "NotAuthorizedException":
                        tally.accuse(f"{name}: {refused}")
            checked += 1
            if len(fitting) != 1:
                tally.accuse(f"{name} has {len(fitting)} of {len(passwords)} passwords")
    return checked


def check_races(clients, tally):
    """Every name has one owner, and it is the one who was told so."""
    names = {name for client in clients for name in client.raced}
    for name in sorted(names):
        ends = {client.number: client.raced[name] for client in clients if name in client.raced}
        won = [number for number, end in ends.items() if end == "won"]
        unknown = [number for number, end in ends.items() if end == "unknown"]
        if len(won) > 1:
            tally.accuse(f"{name} was won by {won}")
        if not won and not unknown:
            tally.accuse(f"{name} was won by nobody")
        # Four wrong passwords lock nobody out.
        for number in (won or unknown)[:4]:
            if owns(clients[0], name, number):
                break
        else:
            if won or len(unknown) <= 4:
                tally.accuse(f"{name} is not owned by any of {won or unknown}")
    return len(names)


def owns(client, name, number):
    """Whether the account has the password of this racer; nobody has confirmed it."""
    try:
        while client.call("AdminConfirmSignUp", signed=True, UserPoolId=POOL, Username=name) is UNKNOWN:
            time.sleep(0.2)
    except Refused:
        pass
    try:
        while client.sign_in(name, racing_password(number)) is UNKNOWN:
            time.sleep(0.2)
    except Refused:
        return False
    return True


def check_lockout(ports, clients, tally):
    """Guesses at all nodes at once: five are judged, and no sixth."""
    judged, lock = [0], threading.Lock()
    name = next(iter(clients[0].users))

    def guess(number):
        connection = Connection(ports[number % len(ports)])
        for _ in range(3):
            try:
                connection.call(
                    "InitiateAuth",
                    signed=False,
                    ClientId=CLIENT,
                    AuthFlow="USER_PASSWORD_AUTH",
                    AuthParameters={"USERNAME": name, "PASSWORD": f"Wrong-{number}-x"},
                )
            except Refused as refused:
                if "Incorrect" in refused.text:
                    with lock:
                        judged[0] += 1
            except Lost:
                connection = Connection(ports[number % len(ports)])

    threads = [threading.Thread(target=guess, args=[number]) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return judged[0]


def main(binary, packages, python):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="userpool-cluster-"))
    databases = Databases(folder, packages, python)
    userpools = None
    began = time.monotonic()
    try:
        databases.start()
        userpools = Userpools(binary, folder, databases)
        userpools.start()
        print(f"{len(NODES)} databases and 3 nodes after {time.monotonic() - began:.0f} s", flush=True)
        tally, stopping, races = Tally(), threading.Event(), Races(CLIENTS)
        clients = [
            Client(number, userpools.ports, random.Random(number), tally, races) for number in range(CLIENTS)
        ]
        threads = [threading.Thread(target=client.run, args=[stopping], daemon=True) for client in clients]
        for thread in threads:
            thread.start()
        time.sleep(STEADY)
        rows = run_faults(databases, userpools, tally)
        stopping.set()
        for thread in threads:
            thread.join(60)
        users, names = check_users(clients, tally), check_races(clients, tally)
        judged = check_lockout(userpools.ports, clients, tally)
        if judged != 5:
            tally.accuse(f"{judged} wrong passwords were judged instead of 5")
    finally:
        if userpools:
            userpools.stop()
        databases.stop()
        if os.environ.get("CLUSTER_KEEP"):
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{'fault':<28} {'acknowledged':>12} {'unknown':>8} {'gap s':>6}")
    for name, told, unknown, gap in rows:
        print(f"{name:<28} {told:>12} {unknown:>8} {gap:>6.1f}")
        if gap > TTL + 5:
            tally.accuse(f"{name}: nothing for {gap:.1f} s, and {TTL + 5} are allowed")
    print(f"{users} users as told, {names} names with one owner each, {judged} wrong passwords judged of 48")
    for text in tally.wrong[:20]:
        print(f"WRONG: {text}")
    print(f"{len(rows)} passed, {len(tally.wrong)} failed, after {time.monotonic() - began:.0f} s")
    sys.exit(bool(tally.wrong))


if __name__ == "__main__":
    main(*sys.argv[1:])
