"""Three nodes of PostgreSQL under Patroni, with an etcd of their own, and what can befall them."""

import json
import os
import pathlib
import pwd
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

NODES = (1, 2, 3)
# What Patroni says of a server that serves.
UP = ("running", "streaming")
# How long a primary that is not heard of keeps its place: Patroni takes no less.
TTL = 20
CONFIG = """\
scope: t
name: p{node}
restapi: {{listen: 127.0.0.1:{rest}, connect_address: 127.0.0.1:{rest}}}
etcd3: {{host: 127.0.0.1:{etcd}}}
bootstrap:
  dcs:
    ttl: {ttl}
    loop_wait: 1
    retry_timeout: 3
    synchronous_mode: true
    primary_start_timeout: 0
    postgresql:
      use_pg_rewind: true
      parameters: {{shared_buffers: 128MB, max_connections: 200, wal_retrieve_retry_interval: 500ms}}
  initdb: [{{encoding: UTF8}}, data-checksums, no-sync]
postgresql:
  listen: 127.0.0.1:{port}
  connect_address: 127.0.0.1:{port}
  data_dir: {data}
  bin_dir: {bin}
  basebackup: [{{checkpoint: fast}}]
  pgpass: {folder}/pass{node}
  pg_hba: ["host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"]
  parameters: {{unix_socket_directories: ''}}
  authentication: {{superuser: {{username: postgres, password: x}}, replication: {{username: rep, password: x}}}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def unprivileged():
    """A user for PostgreSQL, which does not run as root."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise SystemExit("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`")


class Databases:
    """The nodes; `leader` is the number of the one that takes writes."""

    def __init__(self, folder, packages, python, programs):
        self._folder = pathlib.Path(folder)
        self._packages = packages
        self._python = python
        self._programs = programs
        self._user = unprivileged() if os.getuid() == 0 else None
        self._processes = {}
        self._etcd_port = free_port()
        self.ports = {node: free_port() for node in NODES}
        self._rest = {node: free_port() for node in NODES}
        self._folder.chmod(0o755)
        self._own = self._folder / "postgres"
        self._own.mkdir()
        if self._user:
            os.chown(self._own, self._user.pw_uid, self._user.pw_gid)

    def start(self):
        """Starts them all and waits until a standby confirms what the leader writes."""
        peers = free_port()
        etcd = ["etcd", "--name", "s", "--data-dir", str(self._folder / "etcd"), "--log-level", "error"]
        for kind, port in (("client", self._etcd_port), ("peer", peers)):
            etcd += [f"--listen-{kind}-urls", f"http://127.0.0.1:{port}"]
        etcd += ["--advertise-client-urls", f"http://127.0.0.1:{self._etcd_port}"]
        etcd += ["--initial-advertise-peer-urls", f"http://127.0.0.1:{peers}"]
        etcd += ["--initial-cluster", f"s=http://127.0.0.1:{peers}"]
        self._processes["etcd"] = subprocess.Popen(etcd, stdout=self._log("etcd"), stderr=subprocess.STDOUT)
        for node in NODES:
            self.start_node(node)
        if self._is_whole_within(40):
            return
        # A standby of a database that has just been made may wait for long; what comes after the start is the job's subject.
        for member in self.members():
            if member["state"] not in UP:
                print(f"{member['name']} is {member['state']} and begun again", flush=True)
                node = int(member["name"][1:])
                self.kill_node(node)
                self.start_node(node)
        self.wait_until_whole(90)

    def start_node(self, node):
        config = self._folder / f"p{node}.yml"
        config.write_text(
            CONFIG.format(
                node=node,
                rest=self._rest[node],
                etcd=self._etcd_port,
                ttl=TTL,
                port=self.ports[node],
                data=self._own / f"d{node}",
                bin=self._programs,
                folder=self._own,
            )
        )
        environment = {
            "HOME": str(self._own),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "PYTHONPATH": str(self._packages),
        }
        as_user = {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []} if self._user else {}
        self._processes[node] = subprocess.Popen(
            [self._python, "-m", "patroni", str(config)],
            cwd=self._own,
            env=environment,
            stdout=self._log(f"p{node}"),
            stderr=subprocess.STDOUT,
            **as_user,
        )

    def wait_until_whole(self, limit):
        """Waits until three nodes run and one of them confirms; the seconds that took."""
        began = time.monotonic()
        if not self._is_whole_within(limit):
            raise SystemExit(f"the databases are not whole after {limit} s: {self.members()}")
        return time.monotonic() - began

    def _is_whole_within(self, limit):
        until = time.monotonic() + limit
        while time.monotonic() < until:
            running = [it for it in self.members() if it["state"] in UP]
            roles = {it["role"] for it in running}
            if len(running) == len(NODES) and {"leader", "sync_standby"} <= roles:
                return True
            time.sleep(0.1)
        return False

    def members(self):
        for node in NODES:
            try:
                address = f"http://127.0.0.1:{self._rest[node]}/cluster"
                with urllib.request.urlopen(address, timeout=1) as reply:
                    return json.load(reply)["members"]
            except (OSError, ValueError):
                continue
        return []

    def leader(self):
        for member in self.members():
            if member["role"] == "leader":
                return int(member["name"][1:])
        raise SystemExit("there is no leader")

    def postmaster(self, node):
        lines = (self._own / f"d{node}" / "postmaster.pid").read_text().splitlines()
        return int(lines[0])

    def kill_server(self, node):
        """The database's process alone: Patroni finds it gone."""
        os.kill(self.postmaster(node), signal.SIGKILL)

    def kill_node(self, node):
        """The whole node, with Patroni."""
        for process in self._halted(node):
            self._signal(process, signal.SIGKILL)
        self._processes[node].wait()

    def pause(self, node):
        for process in self._halted(node):
            self._signal(process, signal.SIGSTOP)

    def resume(self, node):
        for process in self._halted(node):
            self._signal(process, signal.SIGCONT)

    def switch_over(self, node):
        others = [it for it in self.members() if it["role"] == "sync_standby"]
        body = json.dumps({"leader": f"p{node}", "candidate": others[0]["name"]}).encode()
        address = f"http://127.0.0.1:{self._rest[node]}/switchover"
        request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
        try:
            urllib.request.urlopen(request, timeout=60).close()
        except urllib.error.HTTPError as error:
            raise SystemExit(f"no switchover: {error.read()}") from error

    def stop(self):
        for node in NODES:
            if node in self._processes:
                for process in self._halted(node):
                    self._signal(process, signal.SIGKILL)
        for process in self._processes.values():
            process.kill()
            process.wait()

    def _halted(self, node):
        """The processes of a node; its server is halted, so that they become no more."""
        found = [self._processes[node].pid]
        try:
            postmaster = self.postmaster(node)
            os.kill(postmaster, signal.SIGSTOP)
        except (OSError, IndexError, ValueError):
            return found
        children = subprocess.run(["pgrep", "-P", str(postmaster)], capture_output=True, text=True, check=False)
        return [*found, postmaster, *map(int, children.stdout.split())]

    def _signal(self, process, number):
        try:
            os.kill(process, number)
        except ProcessLookupError:
            pass

    def _log(self, name):
        return (self._folder / f"{name}.log").open("ab")
