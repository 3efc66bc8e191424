"""Logins of others at identity pools through boto3: backends, a provider of OpenID Connect, Facebook, and STS by moto."""

import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from joserfc import jwt
from joserfc.jwk import RSAKey
from moto.server import ThreadedMotoServer

from pools import unique
from refusal import refused

OWN = "cognito-identity.amazonaws.com"
PARTNER, ARN = "idp.example.com", "arn:aws:iam::000000000000:oidc-provider/idp.example.com"
FACEBOOK = "graph.facebook.com"
ROLES = {kind: f"arn:aws:iam::000000000000:role/{kind}" for kind in ["authenticated", "unauthenticated"]}


class Provider(ThreadingHTTPServer):
    """A provider of OpenID Connect, and Facebook."""

    def __init__(self, port):
        super().__init__(("127.0.0.1", port), Page)
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256", "use": "sig"})
        self.pages = {
            "/.well-known/openid-configuration": {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"},
            "/keys": {"keys": [self.key.as_dict(private=False)]},
        }

    def token(self, key=None, **changes):
        """An ID token of a user."""
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": "app", "sub": "u-1", "iat": now, "exp": now + 600} | changes
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key or self.key)


class Page(BaseHTTPRequestHandler):
    """Tells the pages of the provider."""

    def do_GET(self):
        path = self.path.split("?")[0]
        page = self.server.pages.get((self.headers["Authorization"], path)) or self.server.pages.get(path)
        body = json.dumps(page or {"error": {"code": 190}}).encode()
        self.send_response(200 if page else 400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def provider():
    with Provider(int(os.environ["USERPOOL_PROVIDER_PORT"])) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield served
        served.shutdown()
        thread.join()


def clients(endpoint):
    """boto3 as an administrator has it, and as an application does."""
    anybody = Config(signature_version=UNSIGNED)
    return (
        boto3.client("cognito-identity", endpoint_url=endpoint),
        boto3.client("cognito-identity", endpoint_url=endpoint, config=anybody),
    )


def identities(administrator, **settings):
    made = administrator.create_identity_pool(
        IdentityPoolName=unique("identities"), AllowUnauthenticatedIdentities=True, **settings
    )["IdentityPoolId"]
    administrator.set_identity_pool_roles(IdentityPoolId=made, Roles=ROLES)
    return made


def test_a_backend_vouches_for_its_users(endpoint):
    administrator, anybody = clients(endpoint)
    made = identities(administrator, DeveloperProviderName="backend")
    ask = administrator.get_open_id_token_for_developer_identity
    jane = ask(IdentityPoolId=made, Logins={"backend": "jane"})
    logins = {OWN: jane["Token"]}
    given = anybody.get_credentials_for_identity(IdentityId=jane["IdentityId"], Logins=logins)
    assert given["Credentials"]["AccessKeyId"].startswith("ASIA")
    other = ask(IdentityPoolId=made, Logins={"backend": "j.doe"})
    assert other["IdentityId"] != jane["IdentityId"]
    with refused("NotAuthorizedException"):
        anybody.get_credentials_for_identity(IdentityId=other["IdentityId"], Logins=logins)
    merged = administrator.merge_developer_identities(
        SourceUserIdentifier="j.doe",
        DestinationUserIdentifier="jane",
        DeveloperProviderName="backend",
        IdentityPoolId=made,
    )["IdentityId"]
    assert merged == jane["IdentityId"]
    found = administrator.lookup_developer_identity(IdentityPoolId=made, IdentityId=merged)
    assert sorted(found["DeveloperUserIdentifierList"]) == ["j.doe", "jane"]
    with refused("ResourceNotFoundException"):
        administrator.lookup_developer_identity(IdentityPoolId=made, DeveloperUserIdentifier="nobody")
    with refused("DeveloperUserAlreadyRegisteredException"):
        guest = anybody.get_id(IdentityPoolId=made)["IdentityId"]
        ask(IdentityPoolId=made, IdentityId=guest, Logins={"backend": "jane"})
    short = ask(IdentityPoolId=made, Logins={"backend": "jane"}, TokenDuration=1)["Token"]
    time.sleep(2)
    with refused("NotAuthorizedException"):
        anybody.get_credentials_for_identity(IdentityId=merged, Logins={OWN: short})
    administrator.unlink_developer_identity(
        IdentityId=merged, IdentityPoolId=made, DeveloperProviderName="backend", DeveloperUserIdentifier="j.doe"
    )
    administrator.delete_identity_pool(IdentityPoolId=made)


def test_tokens_of_another_issuer_are_logins_if_they_are_what_they_must_be(endpoint, provider):
    administrator, anybody = clients(endpoint)
    made = identities(administrator, OpenIdConnectProviderARNs=[ARN])
    guest = anybody.get_id(IdentityPoolId=made)["IdentityId"]
    logins = {PARTNER: provider.token()}
    given = anybody.get_credentials_for_identity(IdentityId=guest, Logins=logins)
    assert given["IdentityId"] == guest
    assert anybody.get_id(IdentityPoolId=made, Logins=logins)["IdentityId"] == guest
    assert administrator.describe_identity(IdentityId=guest)["Logins"] == [PARTNER]
    head, payload, _ = provider.token().split(".")
    stranger = RSAKey.generate_key(2048, {"kid": "one"})
    for wrong in [
        provider.token(aud="stranger"),
        provider.token(exp=int(time.time()) - 301),
        provider.token(iss="https://idp.example.com"),
        provider.token(key=stranger),
        f"{head}.{payload}.",
        "x",
    ]:
        with refused("NotAuthorizedException"):
            anybody.get_id(IdentityPoolId=made, Logins={PARTNER: wrong})
    with refused("NotAuthorizedException"):
        anybody.get_id(IdentityPoolId=made, Logins={"elsewhere.example.com": provider.token()})
    administrator.delete_identity_pool(IdentityPoolId=made)


def test_a_token_of_facebook_is_a_login_of_its_app_alone(endpoint, provider):
    administrator, anybody = clients(endpoint)
    made = identities(administrator, SupportedLoginProviders={FACEBOOK: "1234567"})
    for token, app in [("ours", "1234567"), ("theirs", "7654321")]:
        provider.pages["Bearer " + token, "/app"] = {"id": app}
        provider.pages["Bearer " + token, "/me"] = {"id": "42"}
    assert anybody.get_id(IdentityPoolId=made, Logins={FACEBOOK: "ours"})["IdentityId"]
    for wrong in ["theirs", "unknown"]:
        with refused("NotAuthorizedException"):
            anybody.get_id(IdentityPoolId=made, Logins={FACEBOOK: wrong})
    administrator.delete_identity_pool(IdentityPoolId=made)


def test_a_token_service_gives_out_the_credentials_where_there_is_one():
    administrator, anybody = clients(os.environ["USERPOOL_AWS_ISSUER_ENDPOINT"])
    made = identities(administrator)
    guest = anybody.get_id(IdentityPoolId=made)["IdentityId"]
    with refused("ExternalServiceException"):
        anybody.get_credentials_for_identity(IdentityId=guest)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=int(os.environ["USERPOOL_STS_PORT"]))
    server.start()
    try:
        given = anybody.get_credentials_for_identity(IdentityId=guest)["Credentials"]
        sts = boto3.client(
            "sts",
            endpoint_url=f"http://127.0.0.1:{os.environ['USERPOOL_STS_PORT']}",
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretKey"],
            aws_session_token=given["SessionToken"],
        )
        who = sts.get_caller_identity()["Arn"]
        assert who.endswith("assumed-role/unauthenticated/CognitoIdentityCredentials"), who
    finally:
        server.stop()
    administrator.delete_identity_pool(IdentityPoolId=made)
