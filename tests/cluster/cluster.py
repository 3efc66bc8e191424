"""Brings the nodes up, lets clients work through changes and faults, and checks what they were told."""

import argparse
import os
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time

import checks
import rotation
from client import Caller, Client, Races, Tally
from databases import TTL, Databases
from guesses import Guesses
from history import History
from nodes import APART, NODES, Balancer, Userpools
from tokens import Held

CLIENTS = 16
# Users whose attribute everybody writes.
SHARED = [f"shared-{number}" for number in range(4)]
PAUSE = TTL + 3
# How long nobody may be told of a success: by a fault, and by a change that is made on purpose.
FAULT_GAP = TTL + 5
CHANGE_GAP = 5


class Job:
    """The clients at work, and the rows of the table."""

    def __init__(self, databases, userpools, steady):
        self.databases = databases
        self.userpools = userpools
        self.steady = steady
        self.tally, self.history, self.stopping = Tally(), History(), threading.Event()
        self.balancer = Balancer(userpools)
        self.guesses = Guesses(userpools, self.balancer, self.tally)
        races, self.clients = Races(CLIENTS, SHARED), []
        for number in range(CLIENTS):
            chance = random.Random(number)
            client = Client(
                number, userpools, self.balancer, chance, self.tally, self.history, races, self.clients
            )
            self.clients.append(client)
        for name in (*SHARED, "holder"):
            sent = self.history.sending()
            self.guesses.make(name)
            if name in SHARED:
                self.history.note(f"name of {name}", "write", None, sent)
        own = [Caller(userpools, self.balancer, random.Random(it), self.tally) for it in (*NODES, APART)]
        self.held = Held(own, userpools, self.tally, "holder", "Right-1-x")
        self._threads = [
            threading.Thread(target=client.run, args=[self.stopping], daemon=True) for client in self.clients
        ]
        self.rows = []

    def begin(self):
        for thread in self._threads:
            thread.start()
        self.change("before anything befalls", lambda: time.sleep(self.steady))

    def end(self):
        self.stopping.set()
        for thread in self._threads:
            thread.join(60)

    def change(self, name, act):
        """What is done on purpose: no request is lost by it."""
        told, unknown = self.tally.begin()
        began = time.monotonic()
        act()
        self._row(name, told, unknown, CHANGE_GAP, began)
        if self.tally.unknown > unknown:
            self.tally.accuse(f"{name}: {self.tally.unknown - unknown} requests were lost")

    def fault(self, name, begin, mend=None, lasts=None):
        """What befalls the nodes, and guesses at a code beside it."""
        guessed = self.guesses.sign_up()
        told, unknown = self.tally.begin()
        began = time.monotonic()
        where = begin()
        self.guesses.begin(name, guessed)
        time.sleep(lasts or self.steady)
        if lasts is None:
            self._wait_for_success(60)
        if mend:
            mend(where)
        self.databases.wait_until_whole(150)
        self._wait_for_success(30)
        self.guesses.wait()
        self._row(name, told, unknown, FAULT_GAP, began)

    def _row(self, name, told, unknown, allowed, began):
        gap = self.tally.gap()
        row = (name, self.tally.told - told, self.tally.unknown - unknown, gap, time.monotonic() - began)
        self.rows.append(row)
        print(f"  {name}: {row[1]} told, {row[2]} unknown, nothing for {gap:.1f} s, {row[4]:.0f} s", flush=True)
        if gap > allowed:
            self.tally.accuse(f"{name}: nothing for {gap:.1f} s, and {allowed} are allowed")

    def _wait_for_success(self, limit):
        """Waits until every client could have been told of a success again."""
        told, began = self.tally.told, time.monotonic()
        while self.tally.told < told + CLIENTS and time.monotonic() - began < limit:
            time.sleep(0.1)


def run(job, options):
    """The changes and the faults, one after another."""
    databases, userpools = job.databases, job.userpools

    def of_leader(act):
        leader = databases.leader()
        act(leader)
        return leader

    job.begin()
    if options.old_binary:
        job.change(
            "another version, node by node",
            lambda: rotation.upgrade(
                userpools, job.balancer, job.held, job.tally, options.binary, job.steady
            ),
        )
    if not options.short:
        job.change(
            "signing keys renewed", lambda: rotation.renew_signing_keys(userpools, job.held, job.tally)
        )
        job.change("root keys rotated", lambda: rotation.rotate_root_keys(userpools, job.held, job.tally))
    job.fault("primary's process killed", lambda: of_leader(databases.kill_server))
    if not options.short:
        job.fault("primary's node killed", lambda: of_leader(databases.kill_node), databases.start_node)
        job.fault("planned switchover", lambda: of_leader(databases.switch_over))
        job.fault(
            f"primary paused {PAUSE} s", lambda: of_leader(databases.pause), databases.resume, PAUSE
        )
    job.fault("userpool node killed", lambda: userpools.kill(1) or 1, userpools.start_node)
    job.end()


def check(job):
    """Lines that say what was checked."""
    guesses, tally = job.guesses, job.tally
    for number in range(1, 4):
        guesses.passwords(f"passwords, user {number}", guesses.make(f"locked-{number}"))
    guesses.one_code_one_reset(guesses.make("reset"), "sixteen resets")
    users = checks.passwords(job.clients, job.history, tally)
    raced = checks.races(job.clients, tally)
    listed = checks.count(job.clients[0], tally)
    registers, events, wrong = job.history.check()
    for text in wrong:
        tally.accuse(text)
    yield f"{users} users with the one password that they were told; {listed} listed, and as many counted"
    yield f"{raced['name']} user names and {raced['alias']} aliases raced for by {CLIENTS}, with one owner each"
    yield f"{registers} passwords and attributes with {events} writes and reads, each history linearizable"
    yield f"{job.held.checked} times a held token was verified, accepted or refused as it should"
    yield f"{tally.busy} times `TooManyRequestsException`"


def main(options):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="userpool-cluster-"))
    databases = Databases(folder, options.packages, options.python, options.postgres)
    userpools, lines = None, []
    began = time.monotonic()
    try:
        databases.start()
        userpools = Userpools(options.old_binary or options.binary, folder, databases)
        userpools.start()
        print(f"three databases and three nodes after {time.monotonic() - began:.0f} s", flush=True)
        job = Job(databases, userpools, 5 if options.short else 8)
        run(job, options)
        before = time.monotonic()
        lines = list(check(job))
        print(f"  checked in {time.monotonic() - before:.0f} s", flush=True)
    finally:
        if userpools:
            userpools.stop()
        databases.stop()
        if os.environ.get("CLUSTER_KEEP"):
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    tell(job, lines, options)
    print(f"{len(job.rows)} passed, {len(job.tally.wrong)} failed, after {time.monotonic() - began:.0f} s")
    sys.exit(bool(job.tally.wrong))


def tell(job, lines, options):
    """The table, and what was checked."""
    print(f"\n{'what':<30} {'acknowledged':>12} {'unknown':>8} {'gap s':>6} {'took s':>7}")
    for name, told, unknown, gap, took in job.rows:
        print(f"{name:<30} {told:>12} {unknown:>8} {gap:>6.1f} {took:>7.0f}")
    if not options.old_binary:
        print(f"{'another version, node by node':<30} not run: no older binary (--old-binary)")
    print(f"\n{'guesses at all nodes':<40} {'judged':>6} {'limit':>6} {'unknown':>8}")
    for what, judged, limit, unknown in job.guesses.rows:
        print(f"{what:<40} {judged:>6} {limit:>6} {unknown:>8}")
    print()
    for line in lines:
        print(line)
    for text in job.tally.wrong[:20]:
        print(f"WRONG: {text}")


def read_options():
    parser = argparse.ArgumentParser()
    for name in ("binary", "packages", "python", "postgres"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--old-binary")
    parser.add_argument("--short", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main(read_options())
