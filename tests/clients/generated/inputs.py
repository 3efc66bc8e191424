"""Requests that the service model allows, and requests just beyond what it allows."""

import base64

from texts import Texts, LETTERS, WIDE

PASSWORDS = ["Correct-horse-9", "Battery-staple-7", "short", "no capitals 1-"]
# Maps whose keys the model does not name.
KEYS = {
    "AuthParametersType": ["USERNAME", "PASSWORD", "SRP_A", "REFRESH_TOKEN", "DEVICE_KEY", "SECRET_HASH",
                           "PREFERRED_CHALLENGE", "CHALLENGE_NAME"],
    "ChallengeResponsesType": ["USERNAME", "PASSWORD", "NEW_PASSWORD", "SRP_A", "SMS_MFA_CODE", "SOFTWARE_TOKEN_MFA_CODE",
                               "EMAIL_OTP_CODE", "SMS_OTP_CODE", "ANSWER", "DEVICE_KEY", "SECRET_HASH", "CREDENTIAL",
                               "PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK", "TIMESTAMP", "SESSION",
                               "userAttributes.name"],
    "ProviderDetailsType": ["client_id", "client_secret", "authorize_scopes", "oidc_issuer", "authorize_url", "token_url",
                            "attributes_url", "jwks_uri", "attributes_request_method", "MetadataFile", "MetadataURL",
                            "api_version", "team_id", "key_id", "private_key", "IDPSignout"],
    "AttributeMappingType": ["email", "name", "username", "custom:tag", "phone_number"],
}
# What those keys hold, where a member has it too.
NAMED_BY_KEY = {"USERNAME": "Username", "REFRESH_TOKEN": "RefreshToken", "DEVICE_KEY": "DeviceKey"}
ATTRIBUTES = ["email", "name", "phone_number", "custom:tag", "custom:count", "sub", "email_verified", "birthdate", "locale"]
ATTRIBUTE_VALUES = ["ada@example.com", "+15550100123", "true", "7", "2001-02-03", "Ada", ""]


class Inputs:
    """Inputs of the operations of one service model."""

    def __init__(self, model, known, rng):
        self.shapes = model["shapes"]
        self.known = known
        self.rng = rng
        self.texts = {shape["pattern"]: Texts(shape["pattern"]) for shape in self.shapes.values() if "pattern" in shape}
        self.beyond = 0.0
        self.wanted = 0.0

    def of(self, operation, beyond):
        """An input; `beyond` is the chance of each value to be one that the model does not allow."""
        self.beyond = beyond
        self.wanted = self.rng.choice([0, 0.1, 0.3, 0.8])
        name = operation.get("input")
        return self._structure(self.shapes[name], name, 0) if name else {}

    def _value(self, shape_name, member, depth):
        shape = self.shapes[shape_name]
        if self.rng.random() < self.beyond:
            return self._beyond(shape, member)
        return getattr(self, "_" + shape["type"])(shape, shape_name if shape["type"] in ("map", "structure") else member, depth)

    def _structure(self, shape, name, depth):
        if shape.get("document"):
            return {"any": [1, {"x": None}]}
        made = {}
        for member, how in shape["members"].items():
            if how.get("required"):
                if self.rng.random() < self.beyond / 2:
                    continue
            elif self.rng.random() >= self.wanted:
                continue
            made[member] = self._value(how["shape"], member, depth + 1)
        if name == "AttributeType" and self.rng.random() < 0.8:
            made = {"Name": self.rng.choice(ATTRIBUTES), "Value": self.rng.choice(ATTRIBUTE_VALUES)}
        if self.rng.random() < self.beyond / 10:
            made["NoMemberOfTheModel"] = {"x": [1]}
        return made

    def _list(self, shape, member, depth):
        least = shape.get("min", 0)
        count = self.rng.randint(least, min(shape.get("max", 3), max(least, 3)))
        return [self._value(shape["member"], member, depth) for _ in range(count)]

    def _map(self, shape, name, depth):
        keys = KEYS.get(name)
        made = {}
        if name in ("AuthParametersType", "ChallengeResponsesType") and self.rng.random() < 0.5:
            made = {"USERNAME": self.known.one("Username", self.rng) or "ada", "PASSWORD": PASSWORDS[0]}
        for _ in range(self.rng.randint(1 if keys else 0, 5)):
            key = self.rng.choice(keys) if keys and self.rng.random() < 0.95 else str(self._value(shape["key"], "", depth))
            known = self.known.one(NAMED_BY_KEY.get(key, key), self.rng)
            if key in ("PASSWORD", "NEW_PASSWORD"):
                known = self.rng.choice(PASSWORDS)
            if key == "SRP_A":
                known = "".join(self.rng.choice("0123456789abcdef") for _ in range(self.rng.choice([1, 64, 767, 768, 800])))
            made[key] = known if known and self.rng.random() < 0.95 else self._value(shape["value"], "", depth)
        return made

    def _string(self, shape, member, depth):
        del depth
        if "enum" in shape:
            return self.rng.choice(shape["enum"])
        if "assword" in member and "min" not in member:
            return self.rng.choice(PASSWORDS)
        known = self.known.one(member, self.rng)
        if known is not None and self.rng.random() < 0.85:
            return known
        least, most = shape.get("min", 0), shape.get("max")
        if "pattern" in shape:
            text = self.texts[shape["pattern"]].one(self.rng, least, most)
            if text is not None:
                return text
        length = least if self.rng.random() < 0.2 else least + self.rng.randint(0, 12)
        length = min(length, most) if most is not None else length
        return "".join(self.rng.choice(WIDE if self.rng.random() < 0.1 else LETTERS) for _ in range(length))

    def _integer(self, shape, member, depth):
        del member, depth
        least, most = shape.get("min", 0), shape.get("max", 3650)
        return self.rng.choice([least, most, self.rng.randint(least, max(least, most))])

    _long = _integer

    def _boolean(self, shape, member, depth):
        del shape, member, depth
        return self.rng.random() < 0.5

    def _timestamp(self, shape, member, depth):
        del shape, member, depth
        return self.rng.choice([0, 1_700_000_000, 1_700_000_000.5, 4_000_000_000])

    def _blob(self, shape, member, depth):
        del shape, member, depth
        return base64.b64encode(self.rng.randbytes(self.rng.randint(0, 60))).decode()

    def _beyond(self, shape, member):
        """A value that the model does not allow there, or hardly."""
        rng = self.rng
        strange = [None, True, -1, 0.5, 1e308, 2**63, "", " ", "\u0000", "x" * 3000, [], {}, [[]], {"x": {"y": []}}, ["x"], [None],
                   "ada\u202e", "../../etc/passwd", "${x}", "' OR 1=1 --", "漢" * 200]
        kind = shape["type"]
        if kind == "string" and rng.random() < 0.7:
            most = shape.get("max")
            if most is not None and most < 140_000 and rng.random() < 0.4:
                return "a" * (most + rng.randint(0, 1))
            if shape.get("min", 0) > 0 and rng.random() < 0.3:
                return "a" * (shape["min"] - 1)
            known = self.known.one(member, rng) or "abc"
            at = rng.randrange(len(known) + 1)
            return known[:at] + rng.choice(["", "x", " ", "\n", "\u0000", "é", "_", "A"]) + known[at + rng.randint(0, 1):]
        if kind in ("integer", "long") and rng.random() < 0.7:
            return rng.choice([shape.get("min", 0) - 1, shape.get("max", 2**31 - 1) + 1, -(2**63), 2**64, 0])
        if kind == "list" and rng.random() < 0.6:
            return [self._value(shape["member"], member, 3) for _ in range(min(shape.get("max", 30), 300) + 1)]
        return rng.choice(strange)
