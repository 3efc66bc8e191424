"""Functions served over the Invoke interface of AWS Lambda, as its emulators serve them."""

import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from pools import unique

PATH = re.compile(r"^/2015-03-31/functions/([^/?]+)/invocations$")


def is_signed(request, body):
    """Whether botocore would have signed the request so."""
    authorization = request.headers["Authorization"] or ""
    scope = re.search(r"Credential=[^/]+/\d{8}/([^/]+)/lambda/aws4_request", authorization)
    names = re.search(r"SignedHeaders=([^,]+)", authorization)
    if not scope or not names:
        return False
    host = request.headers["Host"]
    headers = {name: request.headers[name] for name in names[1].split(";")}
    signed = AWSRequest("POST", f"http://{host}{request.path}", headers=headers, data=body)
    signed.context["timestamp"] = request.headers["X-Amz-Date"]
    credentials = botocore.session.get_session().get_credentials()
    signer = SigV4Auth(credentials, "lambda", scope[1])
    text = signer.string_to_sign(signed, signer.canonical_request(signed))
    return authorization.endswith(signer.signature(text, signed))


class Handler(BaseHTTPRequestHandler):
    """Answers invocations."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        name = PATH.match(self.path)
        handler = name and self.server.handlers.get(name[1])
        if not is_signed(self, body):
            self.answer(403, {"Message": "not signed"}, {"x-amzn-ErrorType": "AccessDeniedException"})
        elif not handler:
            error = {"x-amzn-ErrorType": "ResourceNotFoundException:http://internal.amazon.com/"}
            self.answer(404, {"Message": "Function not found"}, error)
        else:
            try:
                self.answer(200, handler(json.loads(body)))
            except Exception as error:
                told = {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": []}
                self.answer(200, told, {"X-Amz-Function-Error": "Unhandled"})

    def answer(self, status, value, headers=()):
        body = json.dumps(value).encode()
        try:
            self.send_response(status)
            for name, text in dict(headers).items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # The caller did not wait.

    def log_message(self, *_):
        pass


class Functions:
    """A server of functions, by their names. The journeys of another file may have the port: it waits for their end."""

    def __init__(self, port):
        self._server = self._at(port, until=time.monotonic() + 120)
        self._server.handlers = {}

    @staticmethod
    def _at(port, until):
        while True:
            try:
                return ThreadingHTTPServer(("127.0.0.1", port), Handler)
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def serve(self, handler):
        """Serves a function; its ARN."""
        name = unique("function")
        self._server.handlers[name] = handler
        return f"arn:aws:lambda:us-east-1:000000000000:function:{name}"

    def absent(self):
        """The ARN of a function that nobody made."""
        return f"arn:aws:lambda:us-east-1:000000000000:function:{unique('absent')}"


def slow(event):
    """Takes longer than a function may."""
    time.sleep(6)
    return event
