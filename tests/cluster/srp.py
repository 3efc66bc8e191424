"""The client's side of a sign-in by SRP, as user pools want it."""

import base64
import hashlib
import hmac
import secrets
import time

N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B"
    "302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE6"
    "49286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D"
    "670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"
    "3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7D"
    "B3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def spelled(number):
    """The shortest form in two's complement, big-endian."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def hashed(*parts):
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


K = hashed(spelled(N), spelled(2))


class Proof:
    """One sign-in: what it begins with, and how it answers the challenge."""

    def __init__(self, pool, password):
        self._pool = pool.split("_", 1)[1]
        self._password = password
        self._a = secrets.randbits(256)
        self._public = pow(2, self._a, N)

    def begun(self, name):
        """The parameters of InitiateAuth."""
        return {"USERNAME": name, "SRP_A": f"{self._public:x}"}

    def answer(self, challenge):
        """The responses to the challenge PASSWORD_VERIFIER."""
        user, block = challenge["USER_ID_FOR_SRP"], challenge["SECRET_BLOCK"]
        server = int(challenge["SRP_B"], 16)
        inner = hashlib.sha256(f"{self._pool}{user}:{self._password}".encode()).digest()
        x = hashed(spelled(int(challenge["SALT"], 16)), inner)
        u = hashed(spelled(self._public), spelled(server))
        shared = pow(server - K * pow(2, x, N), self._a + u * x, N)
        drawn = hmac.new(spelled(u), spelled(shared), hashlib.sha256).digest()
        key = hmac.new(drawn, b"Caldera Derived Key\x01", hashlib.sha256).digest()[:16]
        now = time.gmtime()
        stamp = f"{DAYS[now.tm_wday]} {MONTHS[now.tm_mon - 1]} {now.tm_mday} {time.strftime('%H:%M:%S UTC %Y', now)}"
        signed = self._pool.encode() + user.encode() + base64.b64decode(block) + stamp.encode()
        signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return {
            "USERNAME": user,
            "PASSWORD_CLAIM_SECRET_BLOCK": block,
            "PASSWORD_CLAIM_SIGNATURE": signature,
            "TIMESTAMP": stamp,
        }
