"""An authenticator app: the codes of a secret by RFC 6238."""

import base64
import hashlib
import hmac
import struct
import time

STEP = 30


class Authenticator:
    """Shows the codes of one secret."""

    def __init__(self, secret):
        self._key = base64.b32decode(secret + "=" * (-len(secret) % 8))

    def code(self, steps=0):
        """The code some steps from now; the service takes one step early and one late, so three need no waiting."""
        counter = struct.pack(">Q", int(time.time()) // STEP + steps)
        digest = hmac.new(self._key, counter, hashlib.sha1).digest()
        offset = digest[-1] & 15
        number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
        return f"{number % 1_000_000:06}"

    def wrong_code(self):
        """A code that is not shown around now."""
        shown = {self.code(steps) for steps in range(-3, 4)}
        return next(code for code in (f"{number:06}" for number in range(10)) if code not in shown)
