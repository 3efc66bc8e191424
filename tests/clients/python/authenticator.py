"""A passkey in software: what a browser answers to `navigator.credentials` (WebAuthn Level 3), by a key on P-256."""

import base64
import hashlib
import json
import os
import struct

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def encoded(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Passkey:
    """One credential for one relying party."""

    def __init__(self, party):
        self.party = party
        self.id = os.urandom(32)
        self._key = ec.generate_private_key(ec.SECP256R1())

    def created(self, options, origin=None):
        """The answer to `create()`, without attestation."""
        point = self._key.public_key().public_numbers()
        # COSE: kty EC2, alg ES256, crv P-256, x, y.
        cose = bytes.fromhex("a5010203262001215820") + point.x.to_bytes(32) + bytes.fromhex("225820") + point.y.to_bytes(32)
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cose
        data = self._data(PRESENT | VERIFIED | ATTESTED) + attested
        # CBOR: {"fmt": "none", "attStmt": {}, "authData": data}.
        statement = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58" + bytes([len(data)]) + data
        return self._answer(
            clientDataJSON=encoded(self._client_data("webauthn.create", options, origin)),
            attestationObject=encoded(statement),
            transports=["internal"],
        )

    def gotten(self, options):
        """The answer to `get()`."""
        client_data = self._client_data("webauthn.get", options, None)
        data = self._data(PRESENT | VERIFIED)
        signature = self._key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=encoded(client_data), authenticatorData=encoded(data), signature=encoded(signature)
        )

    def _client_data(self, kind, options, origin):
        said = {"type": kind, "challenge": options["challenge"], "origin": origin or f"https://{self.party}"}
        return json.dumps(said | {"crossOrigin": False}).encode()

    def _data(self, flags):
        return hashlib.sha256(self.party.encode()).digest() + bytes([flags]) + bytes(4)

    def _answer(self, **response):
        named = encoded(self.id)
        return {
            "id": named,
            "rawId": named,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }
