"""The nodes of userpool, and who may be sent requests."""

import base64
import json
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

from databases import free_port
from wire import ACCESS_KEY_ID, SECRET_ACCESS_KEY

POOL = "us-east-1_Cluster01"
CLIENT = "1clustercluster23"
DECLARED = f"""\
[[pools]]
id = "{POOL}"
settings = {{ AliasAttributes = ["email"], AutoVerifiedAttributes = ["email"] }}
[[pools.clients]]
id = "{CLIENT}"
settings = {{ ExplicitAuthFlows = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] }}
"""
# How long a node that was told to stop is ready no more and serves still.
STOP_DELAY = 1
NODES = (0, 1, 2)
# A node that gets no clients: what befalls it is no matter to them.
APART = 3


def root_key(name):
    return f"{name}:{base64.b64encode(os.urandom(32)).decode()}"


class Userpools:
    """The nodes over the databases."""

    def __init__(self, binary, folder, databases):
        self.binary = binary
        self._folder = folder
        self.ports = [free_port() for _ in (*NODES, APART)]
        self._processes = {}
        hosts = ",".join(f"127.0.0.1:{port}" for port in databases.ports.values())
        self._store = f"postgres://postgres@{hosts}/postgres"
        self.ring = [root_key("1")]
        (folder / "declared.toml").write_text(DECLARED)

    def environment(self, node, ring=None):
        return {
            "PATH": os.environ["PATH"],
            "USERPOOL_LISTEN": f"127.0.0.1:{self.ports[node]}",
            "USERPOOL_DATA": str(self._folder / f"userpool{node}"),
            "USERPOOL_STORE": self._store,
            "USERPOOL_ROOT_KEYS": ",".join(ring or self.ring),
            "USERPOOL_BASE_URL": "http://127.0.0.1:9229",
            "USERPOOL_CONFIG": str(self._folder / "declared.toml"),
            "USERPOOL_ADMIN_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "USERPOOL_ADMIN_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            "USERPOOL_STOP_DELAY": str(STOP_DELAY),
        }

    def start(self):
        for node in NODES:
            self.start_node(node)

    def start_node(self, node, ring=None):
        log = self._log(node).open("ab")
        self._processes[node] = subprocess.Popen(
            [self.binary], env=self.environment(node, ring), stdout=log, stderr=log
        )
        if not self.wait_for(node, 200, 30):
            raise SystemExit(self._log(node).read_text()[-2000:])

    def is_refused(self, node, ring):
        """Whether a node with these root keys does not start."""
        started = subprocess.run(
            [self.binary], env=self.environment(node, ring), capture_output=True, timeout=30, check=False
        )
        return started.returncode != 0 and b"not those of the store" in started.stderr

    def wait_for(self, node, status, limit):
        """Waits until `/readyz` says so; whether it did."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if self.readiness(node) == status:
                return True
            time.sleep(0.05)
        return False

    def readiness(self, node):
        """The status of `/readyz`, or nothing where nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[node]}/readyz", timeout=2) as reply:
                return reply.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def kill(self, node):
        self._processes[node].send_signal(signal.SIGKILL)
        self._processes[node].wait()

    def stop_node(self, node):
        """Asks it to stop and waits until it has; how it ended."""
        self._processes[node].send_signal(signal.SIGTERM)
        return self._processes[node].wait(60)

    def stop(self):
        for process in self._processes.values():
            process.kill()
            process.wait()

    def command(self, *arguments):
        """Runs a command of userpool over the store; what it printed."""
        done = subprocess.run(
            [self.binary, *arguments], env=self.environment(APART), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"userpool {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def code(self, user, purpose):
        """The newest code that was sent to a user."""
        found = None
        for node in NODES:
            path = self._folder / f"userpool{node}" / "messages.jsonl"
            for line in path.read_text().splitlines() if path.exists() else []:
                message = json.loads(line)
                if message["user"] == user and message["purpose"] == purpose:
                    found = max(found or ("", ""), (message["time"], message["code"]))
        return found and found[1]

    def _log(self, node):
        return self._folder / f"userpool{node}.log"


class Balancer:
    """Sends clients to the nodes that are ready, as whatever stands before them in earnest does."""

    def __init__(self, userpools):
        self._userpools = userpools
        self._lock = threading.Lock()
        self._ready = set(NODES)
        self._out = set()
        threading.Thread(target=self._watch, daemon=True).start()

    def choose(self, chance, but=()):
        with self._lock:
            nodes = sorted(self._ready - self._out - set(but))
        return chance.choice(nodes or [node for node in NODES if node not in but] or NODES)

    def take_out(self, node):
        with self._lock:
            self._out.add(node)

    def put_in(self, node):
        with self._lock:
            self._out.discard(node)
            self._ready.add(node)

    def _watch(self):
        while True:
            for node in NODES:
                ready = self._userpools.readiness(node)
                with self._lock:
                    # One that does not answer at all is found out by whoever is sent there.
                    if ready == 503:
                        self._ready.discard(node)
                    elif ready == 200:
                        self._ready.add(node)
            time.sleep(0.1)
