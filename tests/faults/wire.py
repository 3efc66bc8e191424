"""One keep-alive connection to the server, with requests signed by AWS Signature Version 4.

An SDK would hide when a request was sent and whether its answer came; here both are what matters.
"""

import hashlib
import hmac
import http.client
import json
import select
import time

ACCESS_KEY_ID = "AKIAKILLEDANDBACK000"
SECRET_ACCESS_KEY = "only/for/this/program/of/forty/characters"
REGION = "us-east-1"
SERVICE = "cognito-idp"
TARGET = "AWSCognitoIdentityProviderService."
SIGNED_HEADERS = "content-type;host;x-amz-date;x-amz-target"


class Lost(Exception):
    """The connection ended before the answer came: whether the request took effect is unknown."""


class Unreached(Lost):
    """There was no connection to begin with: the request was not sent."""


class Refused(Exception):
    """The service answered with an error."""

    def __init__(self, operation, status, body):
        super().__init__(f"{operation}: {status} {body}")
        self.name = body.get("__type", "")
        self.text = body.get("message", "")


class Connection:
    """Calls operations one after another; one thread uses it."""

    def __init__(self, port):
        self._host = f"127.0.0.1:{port}"
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        # When the request that has no answer yet was sent; None between requests.
        self.waiting_since = None

    def call(self, operation, signed=True, **members):
        """The members of the answer."""
        body = json.dumps(members).encode()
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET + operation}
        if signed:
            headers |= self._signature(operation, body)
        if self._http.sock and select.select([self._http.sock], [], [], 0)[0]:
            # The server ended it while nothing was asked.
            self._http.close()
        if self._http.sock is None:
            try:
                self._http.connect()
            except OSError as error:
                raise Unreached(operation) from error
        try:
            self.waiting_since = time.monotonic()
            self._http.request("POST", "/", body, headers)
            reply = self._http.getresponse()
            text = reply.read()
        except (OSError, http.client.HTTPException) as error:
            raise Lost(operation) from error
        self.waiting_since = None
        told = json.loads(text) if text else {}
        if reply.status != 200:
            raise Refused(operation, reply.status, told)
        return told

    def close(self):
        self._http.close()

    def _signature(self, operation, body):
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        scope = f"{now[:8]}/{REGION}/{SERVICE}/aws4_request"
        canonical = "\n".join(
            [
                "POST",
                "/",
                "",
                "content-type:application/x-amz-json-1.1",
                f"host:{self._host}",
                f"x-amz-date:{now}",
                f"x-amz-target:{TARGET}{operation}",
                "",
                SIGNED_HEADERS,
                hashlib.sha256(body).hexdigest(),
            ]
        )
        hashed = hashlib.sha256(canonical.encode()).hexdigest()
        key = ("AWS4" + SECRET_ACCESS_KEY).encode()
        for part in [*scope.split("/"), f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashed}"]:
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        credential = f"Credential={ACCESS_KEY_ID}/{scope}"
        return {
            "X-Amz-Date": now,
            "Authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={SIGNED_HEADERS}, Signature={key.hex()}",
        }
