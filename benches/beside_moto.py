"""The server beside moto's server, in one run on one machine: processor time, cold start, memory, size.

    python3 benches/beside_moto.py [path of the userpool binary]

Both get the same requests over one connection each. Ratios within the run are the bars; what is absolute is a limit of
memory, size or one answer's time. Needs `moto[server]` and `boto3`: `benches/run moto` brings them.
"""

import contextlib
import datetime
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from bars import bar, finish, note

ROOT = pathlib.Path(__file__).resolve().parent.parent
ACCESS_KEY, SECRET_KEY = "AKIAUSERPOOLBENCH000", "bench-only/secret/of/forty/characters/000"
REGION, SERVICE = "us-east-1", "cognito-idp"
PASSWORD = "Correct-horse-7-battery"
COLD_STARTS = 5
BATCHES = 7


class Server:
    """A server process that speaks the protocol on loopback."""

    def __init__(self, name, command, environment):
        self.name, self.command, self.environment = name, command, environment
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def start(self):
        """Starts it; returns the seconds until its first answer."""
        began = time.monotonic()
        self.process = subprocess.Popen(
            [part.format(port=self.port) for part in self.command],
            env={**os.environ, **{key: value.format(port=self.port) for key, value in self.environment.items()}},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while time.monotonic() < began + 60:
            with contextlib.suppress(OSError, http.client.HTTPException):
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
                self.call("GetUser", {"AccessToken": "a.b.c"}, check=False)
                return time.monotonic() - began
            if self.process.poll() is not None:
                raise SystemExit(f"{self.name} ended with {self.process.returncode} before it answered")
            time.sleep(0.002)
        raise SystemExit(f"{self.name} did not answer within a minute")

    def stop(self):
        self.process.terminate()
        self.process.wait(30)

    def call(self, operation, body, signed=False, check=True):
        """One request on the open connection; the reply decoded."""
        payload = json.dumps(body).encode()
        headers = {
            "Host": f"127.0.0.1:{self.port}",
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
        }
        if signed:
            headers |= signature(headers, payload)
        else:
            # moto finds the service by a credential scope; a real client of an open operation sends none.
            headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential=x/20260101/{REGION}/{SERVICE}/aws4_request"
            if self.name == "userpool":
                del headers["Authorization"]
        self.connection.request("POST", "/", payload, headers)
        response = self.connection.getresponse()
        text = response.read()
        if check and response.status != 200:
            raise SystemExit(f"{self.name}: {operation}: {response.status} {text[:300]!r}")
        return json.loads(text) if text and check else None

    def resident_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def processor_nanoseconds(self):
        """Time of the process so far, of all its threads, on its clock as `clock_getcpuclockid` names it."""
        return time.clock_gettime_ns(~self.process.pid << 3 | 2)

    def make_user(self):
        """Makes a pool, a client and a user with a password; returns the client's id."""
        pool = self.call("CreateUserPool", {"PoolName": "bench"}, signed=True)["UserPool"]["Id"]
        client = self.call(
            "CreateUserPoolClient",
            {"UserPoolId": pool, "ClientName": "bench", "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]},
            signed=True,
        )["UserPoolClient"]["ClientId"]
        user = {"UserPoolId": pool, "Username": "ada"}
        attributes = [{"Name": "email", "Value": "ada@example.com"}, {"Name": "email_verified", "Value": "true"}]
        self.call("AdminCreateUser", user | {"MessageAction": "SUPPRESS", "UserAttributes": attributes}, signed=True)
        self.call("AdminSetUserPassword", user | {"Password": PASSWORD, "Permanent": True}, signed=True)
        return client

    def sign_in(self, client):
        """Signs the user in by password; returns the tokens."""
        reply = self.call(
            "InitiateAuth",
            {"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD}},
        )
        return reply["AuthenticationResult"]

    def refresh(self, client, tokens):
        """New tokens for a refresh token."""
        self.call(
            "InitiateAuth",
            {"ClientId": client, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": tokens["RefreshToken"]}},
        )

    def sign_up(self, client, number):
        """Signs a user up who was not there."""
        self.call(
            "SignUp",
            {
                "ClientId": client,
                "Username": f"user-{number}",
                "Password": PASSWORD,
                "UserAttributes": [{"Name": "email", "Value": f"user-{number}@example.com"}],
            },
        )

    def cost_of(self, request, times):
        """Processor seconds a request, after a tenth of the requests as a warm-up. The request is told its number."""
        warm_up = max(times // 10, 3)
        for number in range(warm_up):
            request(number)
        before = self.processor_nanoseconds()
        for number in range(times):
            request(warm_up + number)
        return (self.processor_nanoseconds() - before) / 1e9 / times

    def settle(self):
        """Waits until the process does nothing of its own."""
        while True:
            before = self.processor_nanoseconds()
            time.sleep(0.5)
            if self.processor_nanoseconds() - before < 5_000_000:
                return


def signature(headers, payload):
    """The headers of AWS Signature Version 4 for a POST to `/`."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{now[:8]}/{REGION}/{SERVICE}/aws4_request"
    signed = {name.lower(): value for name, value in headers.items()} | {"x-amz-date": now}
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(payload).hexdigest()}"
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = b"AWS4" + SECRET_KEY.encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    proof = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    authorization = f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{scope}, SignedHeaders={names}, Signature={proof}"
    return {"X-Amz-Date": now, "Authorization": authorization}


def cold_start(server, forget):
    """The median of several starts from nothing."""
    seconds = []
    for _ in range(COLD_STARTS):
        forget()
        seconds.append(server.start())
        server.stop()
    return statistics.median(seconds)


def beside(ours, theirs):
    """The processor time of the requests that users make, by turns in batches; the medians of the batches."""
    names = ("password sign-in", "refresh", "GetUser", "SignUp")
    costs = {(server, name): [] for server in (ours, theirs) for name in names}
    ready = {}
    for server in (ours, theirs):
        client = server.make_user()
        ready[server] = client, server.sign_in(client)
        server.settle()
    for batch in range(BATCHES):
        for server in (ours, theirs):
            client, tokens = ready[server]
            requests = {
                "password sign-in": (lambda _: server.sign_in(client), 40),
                "refresh": (lambda _: server.refresh(client, tokens), 40),
                "GetUser": (lambda _: server.call("GetUser", {"AccessToken": tokens["AccessToken"]}), 400),
                "SignUp": (lambda number: server.sign_up(client, f"{batch}-{number}"), 40),
            }
            for name, (request, times) in requests.items():
                costs[server, name].append(server.cost_of(request, times))
    limits = {"password sign-in": (0.55,), "refresh": (0.55,), "GetUser": (1 / 12, 0.05), "SignUp": (0.33,)}
    for name in names:
        our_cost, their_cost = (statistics.median(costs[server, name]) for server in (ours, theirs))
        note(f"{name}, processor time", f"{our_cost * 1e6:.0f} us; moto {their_cost * 1e6:.0f} us")
        for limit in limits[name]:
            bar(f"{name}, processor time against moto", our_cost / their_cost, limit, "")


def main():
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    binary = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else target / "release/userpool"
    moto_server = shutil.which("moto_server", path=str(pathlib.Path(sys.executable).parent)) or "moto_server"
    with tempfile.TemporaryDirectory(prefix="userpool-moto-") as folder:
        data = pathlib.Path(folder) / "data"
        ours = Server(
            "userpool",
            [str(binary)],
            {
                "USERPOOL_LISTEN": "127.0.0.1:{port}",
                "USERPOOL_DATA": str(data),
                "USERPOOL_ADMIN_ACCESS_KEY_ID": ACCESS_KEY,
                "USERPOOL_ADMIN_SECRET_ACCESS_KEY": SECRET_KEY,
            },
        )
        theirs = Server("moto", [moto_server, "-H", "127.0.0.1", "-p", "{port}"], {})

        bar("the binary, stripped", binary.stat().st_size / 2**20, 15, "MiB")

        our_start = cold_start(ours, lambda: shutil.rmtree(data, ignore_errors=True))
        their_start = cold_start(theirs, lambda: None)
        note("cold start to the first answer", f"{our_start * 1e3:.1f} ms; moto {their_start * 1e3:.0f} ms")
        bar("cold start to the first answer, against moto", our_start / their_start, 0.1, "")

        shutil.rmtree(data, ignore_errors=True)
        ours.start()
        theirs.start()
        try:
            time.sleep(3)
            bar("idle resident memory", ours.resident_mib(), 20, "MiB")
            note("idle resident memory of moto", f"{theirs.resident_mib():.0f} MiB")

            answers = []
            for _ in range(5):
                began = time.monotonic()
                ours.call("CreateUserPool", {"PoolName": "latency"}, signed=True)
                answers.append((time.monotonic() - began) * 1e3)
                time.sleep(2)
            note("CreateUserPool", " ".join(f"{answer:.1f}" for answer in answers) + " ms")
            bar("CreateUserPool answers, median of five", statistics.median(answers), 50, "ms")

            beside(ours, theirs)
            time.sleep(3)
            note("resident memory after all requests", f"{ours.resident_mib():.1f} MiB")
        finally:
            ours.stop()
            theirs.stop()
    finish()


if __name__ == "__main__":
    main()
