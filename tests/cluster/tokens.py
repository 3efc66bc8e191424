"""Tokens that are held through changes: every node accepts them, and publishes the key that signed them."""

import base64
import concurrent.futures
import hashlib
import json
import time
import urllib.request

from client import UNKNOWN
from nodes import NODES, POOL
from wire import Refused

# What precedes the digest in a signature by RSASSA-PKCS1-v1_5 with SHA-256.
SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def key_set(userpools, node):
    """The keys that a node publishes, by name."""
    address = f"http://127.0.0.1:{userpools.ports[node]}/{POOL}/.well-known/jwks.json"
    with urllib.request.urlopen(address, timeout=30) as reply:
        return {key["kid"]: key for key in json.load(reply)["keys"]}


def verifies(token, keys):
    """Whether one of the keys signed the token (RFC 7515, RS256)."""
    head, claims, signature = token.split(".")
    key = keys.get(json.loads(decoded(head))["kid"])
    if key is None:
        return False
    modulus, exponent = (int.from_bytes(decoded(key[it]), "big") for it in "ne")
    length = (modulus.bit_length() + 7) // 8
    digest = SHA256_PREFIX + hashlib.sha256(f"{head}.{claims}".encode()).digest()
    expected = b"\x00\x01" + b"\xff" * (length - len(digest) - 3) + b"\x00" + digest
    return pow(int.from_bytes(decoded(signature), "big"), exponent, modulus) == int.from_bytes(expected, "big")


class Held:
    """Tokens of every stage, given out by every node."""

    def __init__(self, callers, userpools, tally, name, password):
        # One for each node.
        self._callers = callers
        self._userpools = userpools
        self._tally = tally
        self._name = name
        self._password = password
        # The stage, its tokens, and whether the root key of the refresh token is there still.
        self._tokens = []
        self.checked = 0

    def take(self, stage, node):
        """Signs in at a node and keeps the tokens."""
        told = UNKNOWN
        while told is UNKNOWN:
            told = self._callers[node].sign_in(self._name, self._password, node)
        self._tokens.append([stage, told["AuthenticationResult"], True])

    def all(self):
        """What is held now."""
        return list(self._tokens)

    def without_refresh(self, some):
        """These refresh tokens are to be refused from now on: their root key goes."""
        for held in some:
            held[2] = False

    def check(self, when, nodes=NODES):
        """At every node: the signatures, who that is, and a refresh."""
        with concurrent.futures.ThreadPoolExecutor(len(nodes)) as pool:
            list(pool.map(lambda node: self._check_at(when, node), nodes))
        self.checked += 4 * len(nodes) * len(self._tokens)

    def _check_at(self, when, node):
        keys, caller = key_set(self._userpools, node), self._callers[node]
        for stage, tokens, refreshes in self._tokens:
            what = f"{when}: a token of the stage `{stage}` at node {node}"
            access, refresh = tokens["AccessToken"], tokens["RefreshToken"]
            if not all(verifies(it, keys) for it in (access, tokens["IdToken"])):
                self._tally.accuse(f"{what}: no published key signed it")
            self._ask(what, "GetUser", True, lambda it=access: caller.call("GetUser", node=node, AccessToken=it))
            told = self._ask(what, "a refresh", refreshes, lambda it=refresh: caller.refresh(it, node))
            if told and not verifies(told["AuthenticationResult"]["AccessToken"], key_set(self._userpools, node)):
                self._tally.accuse(f"{what}: no published key signed what a refresh gave")

    def _ask(self, what, asked, accepted, question):
        try:
            told = UNKNOWN
            while told is UNKNOWN:
                told = question()
        except Refused as refused:
            if accepted or refused.name != "NotAuthorizedException":
                self._tally.accuse(f"{what}: {asked} is refused: {refused}")
            return None
        if not accepted:
            self._tally.accuse(f"{what}: {asked} is accepted without the root key")
        return told


def wait_for_key_sets(userpools, count, limit):
    """Waits until all nodes publish the same so many keys; the seconds that took, or nothing."""
    began = time.monotonic()
    while time.monotonic() - began < limit:
        sets = [frozenset(key_set(userpools, node)) for node in NODES]
        if len(set(sets)) == 1 and len(sets[0]) == count:
            return time.monotonic() - began
        time.sleep(0.2)
    return None
