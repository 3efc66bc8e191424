"""The server under test: started, asked whether it is ready, killed."""

import http.client
import os
import signal
import socket
import subprocess
import time

from wire import ACCESS_KEY_ID, SECRET_ACCESS_KEY

READY_WITHIN = 10.0


class Server:
    """One data folder and the process that serves it."""

    def __init__(self, binary, folder):
        self._binary = binary
        self._folder = folder
        self._process = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def start(self):
        """Starts the process; the seconds until it is ready."""
        started = time.monotonic()
        log = (self._folder / "server.log").open("ab")
        self._process = subprocess.Popen(
            [self._binary],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={
                "PATH": os.environ["PATH"],
                "USERPOOL_LISTEN": f"127.0.0.1:{self.port}",
                "USERPOOL_DATA": str(self._folder / "data"),
                "USERPOOL_ADMIN_ACCESS_KEY_ID": ACCESS_KEY_ID,
                "USERPOOL_ADMIN_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            },
        )
        while not self._ready():
            waited = time.monotonic() - started
            if self._process.poll() is not None or waited > READY_WITHIN:
                raise SystemExit(f"the server is not ready after {waited:.1f} s:\n{self.last_words()}")
            time.sleep(0.002)
        return time.monotonic() - started

    def kill(self):
        """Ends the process without any warning; when that was."""
        killed_at = time.monotonic()
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        return killed_at

    def stop(self):
        """Asks the process to end and waits until it has."""
        self._process.send_signal(signal.SIGTERM)
        if self._process.wait(timeout=READY_WITHIN) != 0:
            raise SystemExit(f"the server stopped with {self._process.returncode}:\n{self.last_words()}")

    def running(self):
        return self._process is not None and self._process.poll() is None

    def last_words(self):
        text = (self._folder / "server.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-20:])

    def _ready(self):
        http_connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            http_connection.request("GET", "/readyz")
            return http_connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            http_connection.close()
