"""Pools and app clients made for one test, and users of them through pycognito."""

import base64
import hashlib
import hmac
import json
import urllib.request
import uuid

from jose import jwt
from pycognito import Cognito

ALL_FLOWS = [
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
]


def unique(prefix):
    """A name that no other test uses."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def unique_address():
    """An e-mail address that no other test uses."""
    return f"{unique('user')}@example.com"


def secret_hash(name, client_id, secret):
    """SECRET_HASH as every tutorial writes it."""
    digest = hmac.new(secret.encode(), (name + client_id).encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


class App:
    """One app client of a pool."""

    def __init__(self, pool, description):
        self.pool = pool
        self.id = description["ClientId"]
        self.secret = description.get("ClientSecret")

    def user(self, name):
        """A pycognito user of this app client."""
        return Cognito(
            self.pool.id,
            self.id,
            username=name,
            client_secret=self.secret,
            boto3_client_kwargs={"endpoint_url": self.pool.endpoint},
        )

    def auth(self, name, **parameters):
        """AuthParameters for a user name, with the secret's hash where the client has a secret."""
        return {"USERNAME": name, **parameters, **self.proof(name, "SECRET_HASH")}

    def proof(self, name, key="SecretHash"):
        """The member that proves the client's secret, or nothing."""
        return {key: secret_hash(name, self.id, self.secret)} if self.secret else {}

    def sign_in(self, name, password):
        """Signs in by USER_PASSWORD_AUTH; the AuthenticationResult."""
        reply = self.pool.idp.initiate_auth(
            ClientId=self.id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters=self.auth(name, PASSWORD=password),
        )
        return reply["AuthenticationResult"]

    def refresh(self, refresh_token, name=None):
        """Refreshes by REFRESH_TOKEN_AUTH; the AuthenticationResult."""
        parameters = {"REFRESH_TOKEN": refresh_token}
        if self.secret:
            parameters |= self.proof(name, "SECRET_HASH")
        reply = self.pool.idp.initiate_auth(
            ClientId=self.id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=parameters
        )
        return reply["AuthenticationResult"]


class Pool:
    """One user pool."""

    def __init__(self, idp, endpoint, description):
        self.idp = idp
        self.endpoint = endpoint
        self.id = description["Id"]
        self.description = description

    @property
    def issuer(self):
        """The `iss` that its tokens have: the server itself, by default."""
        return f"{self.endpoint}/{self.id}"

    def app(self, secret=False, **settings):
        """A new app client; every password flow is allowed unless said otherwise."""
        settings.setdefault("ExplicitAuthFlows", ALL_FLOWS)
        reply = self.idp.create_user_pool_client(
            UserPoolId=self.id, ClientName=unique("app"), GenerateSecret=secret, **settings
        )
        return App(self, reply["UserPoolClient"])

    def confirmed_user(self, password, name=None, **attributes):
        """A CONFIRMED user made by the administrator, as most set-up scripts do it."""
        name = name or unique("user")
        attributes.setdefault("email", unique_address())
        attributes.setdefault("email_verified", "true")
        self.idp.admin_create_user(
            UserPoolId=self.id,
            Username=name,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items()],
        )
        self.idp.admin_set_user_password(UserPoolId=self.id, Username=name, Password=password, Permanent=True)
        return name

    def attributes_of(self, name):
        """A user's attributes as a dictionary, seen by the administrator."""
        reply = self.idp.admin_get_user(UserPoolId=self.id, Username=name)
        return {attribute["Name"]: attribute["Value"] for attribute in reply["UserAttributes"]}

    def status_of(self, name):
        """A user's status, seen by the administrator."""
        return self.idp.admin_get_user(UserPoolId=self.id, Username=name)["UserStatus"]

    def jwks(self):
        """The published keys."""
        with urllib.request.urlopen(f"{self.issuer}/.well-known/jwks.json", timeout=10) as reply:
            return json.load(reply)

    def claims(self, token, app, issuer=None, access_token=None):
        """The claims of a token that python-jose has verified against the published keys, and its access token's hash."""
        kid = jwt.get_unverified_header(token)["kid"]
        key = next(key for key in self.jwks()["keys"] if key["kid"] == kid)
        claims = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=app.id,
            issuer=issuer or self.issuer,
            access_token=access_token,
            options={"require_exp": True, "require_iat": True, "require_iss": True},
        )
        if claims["token_use"] == "access":
            assert claims["client_id"] == app.id
        else:
            assert claims["aud"] == app.id
        return claims
