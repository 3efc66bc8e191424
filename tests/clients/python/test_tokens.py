"""Tokens: their claims as python-jose reads them, refresh, rotation, revocation and sign-out."""

import base64
import json
import time
import urllib.request

import pytest
from jose import JWTError, jwt

from pools import secret_hash
from refusal import INVALID_REFRESH, NO_USER, REFRESH_REVOKED, TOKEN_REVOKED, refused

PASSWORD = "Right-passw0rd!"


@pytest.fixture
def name(pool):
    return pool.confirmed_user(PASSWORD, given_name="Ada")


def get_tokens(app, refresh_token, **more):
    reply = app.pool.idp.get_tokens_from_refresh_token(ClientId=app.id, RefreshToken=refresh_token, **more)
    assert set(reply) == {"AuthenticationResult", "ResponseMetadata"}
    return reply["AuthenticationResult"]


def test_the_id_token_has_exactly_its_claims(pool, app, name):
    before = int(time.time())
    tokens = app.sign_in(name, PASSWORD)
    claims = pool.claims(tokens["IdToken"], app)
    attributes = pool.attributes_of(name)

    assert list(jwt.get_unverified_header(tokens["IdToken"])) == ["kid", "alg"]
    assert jwt.get_unverified_header(tokens["IdToken"])["alg"] == "RS256"
    assert set(claims) == {
        "sub",
        "email_verified",
        "iss",
        "cognito:username",
        "origin_jti",
        "aud",
        "event_id",
        "token_use",
        "auth_time",
        "exp",
        "iat",
        "jti",
        "email",
        "given_name",
    }
    assert claims["sub"] == attributes["sub"]
    assert claims["email"] == attributes["email"]
    assert claims["email_verified"] is True
    assert claims["cognito:username"] == name
    assert claims["token_use"] == "id"
    assert before <= claims["auth_time"] <= claims["iat"] <= time.time()
    assert claims["exp"] == claims["iat"] + 3600


def test_the_access_token_has_exactly_its_claims(pool, app, name):
    tokens = app.sign_in(name, PASSWORD)
    claims = pool.claims(tokens["AccessToken"], app)

    assert set(claims) == {
        "sub",
        "iss",
        "client_id",
        "origin_jti",
        "event_id",
        "token_use",
        "scope",
        "auth_time",
        "exp",
        "iat",
        "jti",
        "username",
    }
    assert claims["username"] == name
    assert claims["scope"] == "aws.cognito.signin.user.admin"
    assert claims["token_use"] == "access"
    identity = pool.claims(tokens["IdToken"], app)
    assert claims["origin_jti"] == identity["origin_jti"]
    assert claims["jti"] != identity["jti"]


def test_each_kind_of_token_has_a_key_of_its_own(pool, app, name):
    tokens = app.sign_in(name, PASSWORD)
    kids = {jwt.get_unverified_header(tokens[kind])["kid"] for kind in ["IdToken", "AccessToken"]}
    keys = pool.jwks()["keys"]

    assert len(kids) == 2
    assert kids <= {key["kid"] for key in keys}
    for key in keys:
        assert key["kty"] == "RSA"
        assert key["alg"] == "RS256"
        assert key["use"] == "sig"
        assert key["e"] == "AQAB"
        assert len(base64.urlsafe_b64decode(key["n"] + "==")) == 256


def test_the_discovery_document_names_the_issuer_and_the_server(pool, endpoint):
    with urllib.request.urlopen(f"{pool.issuer}/.well-known/openid-configuration", timeout=10) as reply:
        document = json.load(reply)
    assert document["issuer"] == pool.issuer
    assert document["jwks_uri"] == f"{pool.issuer}/.well-known/jwks.json"
    assert document["id_token_signing_alg_values_supported"] == ["RS256"]
    for member in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint"]:
        assert document[member].startswith(endpoint)


def test_a_token_that_was_touched_is_refused_by_the_library_and_the_service(pool, app, name):
    token = app.sign_in(name, PASSWORD)["AccessToken"]
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["username"] = "somebody-else"

    def encoded(value):
        text = json.dumps(value, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(text).rstrip(b"=").decode()

    unsigned = encoded({"kid": jwt.get_unverified_header(token)["kid"], "alg": "none"})
    touched = ".".join([header, encoded(claims), signature])
    with pytest.raises(JWTError):
        pool.claims(touched, app)
    for forged in [touched, f"{unsigned}.{payload}.", f"{header}.{payload}.AAAA", "not-a-token"]:
        with refused("NotAuthorizedException"):
            pool.idp.get_user(AccessToken=forged)
    pool.idp.get_user(AccessToken=token)


def test_an_id_token_is_no_access_token(pool, app, name):
    tokens = app.sign_in(name, PASSWORD)
    with refused("NotAuthorizedException", "Invalid Access Token"):
        pool.idp.get_user(AccessToken=tokens["IdToken"])


def test_lives_follow_the_app_client(pool, name):
    app = pool.app(
        AccessTokenValidity=10,
        IdTokenValidity=20,
        RefreshTokenValidity=2,
        TokenValidityUnits={"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "hours"},
    )
    tokens = app.sign_in(name, PASSWORD)
    assert tokens["ExpiresIn"] == 600
    access = pool.claims(tokens["AccessToken"], app)
    identity = pool.claims(tokens["IdToken"], app)
    assert access["exp"] - access["iat"] == 600
    assert identity["exp"] - identity["iat"] == 1200


def test_only_readable_attributes_are_told(pool, name):
    app = pool.app(ReadAttributes=["email"])
    tokens = app.sign_in(name, PASSWORD)
    claims = pool.claims(tokens["IdToken"], app)
    assert "given_name" not in claims
    assert claims["email"]
    told = pool.idp.get_user(AccessToken=tokens["AccessToken"])["UserAttributes"]
    assert "given_name" not in {attribute["Name"] for attribute in told}


@pytest.mark.parametrize("flow", ["REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"])
def test_a_refresh_gives_new_tokens_of_the_same_sign_in(flow, pool, app, name):
    first = app.sign_in(name, PASSWORD)
    reply = pool.idp.initiate_auth(
        ClientId=app.id, AuthFlow=flow, AuthParameters={"REFRESH_TOKEN": first["RefreshToken"]}
    )
    assert reply["ChallengeParameters"] == {}
    second = reply["AuthenticationResult"]
    assert set(second) == {"AccessToken", "IdToken", "ExpiresIn", "TokenType"}

    old, new = (pool.claims(tokens["AccessToken"], app) for tokens in [first, second])
    assert [old[key] for key in ["sub", "auth_time", "origin_jti"]] == [
        new[key] for key in ["sub", "auth_time", "origin_jti"]
    ]
    assert old["jti"] != new["jti"]
    pool.idp.get_user(AccessToken=second["AccessToken"])


def test_a_refreshed_id_token_tells_the_current_attributes(pool, app, name):
    tokens = app.sign_in(name, PASSWORD)
    pool.idp.admin_update_user_attributes(
        UserPoolId=pool.id,
        Username=name,
        UserAttributes=[{"Name": "given_name", "Value": "Augusta"}],
    )
    refreshed = app.refresh(tokens["RefreshToken"])
    assert pool.claims(refreshed["IdToken"], app)["given_name"] == "Augusta"


def test_the_administrator_refreshes_too(pool, app, name):
    tokens = app.sign_in(name, PASSWORD)
    reply = pool.idp.admin_initiate_auth(
        UserPoolId=pool.id,
        ClientId=app.id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
    )
    pool.claims(reply["AuthenticationResult"]["AccessToken"], app)


def test_a_refresh_token_belongs_to_one_app_client(pool, app, name):
    token = app.sign_in(name, PASSWORD)["RefreshToken"]
    with refused(*INVALID_REFRESH):
        pool.app().refresh(token)
    with refused(*INVALID_REFRESH):
        app.refresh("eyJjdHkiOiJKV1QifQ.garbage.garbage.garbage.garbage")
    with refused(*INVALID_REFRESH):
        get_tokens(pool.app(), token)
    app.refresh(token)


def test_tokens_from_a_refresh_token_need_the_secret_in_clear(pool, name):
    app = pool.app(secret=True)
    token = app.sign_in(name, PASSWORD)["RefreshToken"]
    with refused("NotAuthorizedException"):
        get_tokens(app, token)
    with refused("NotAuthorizedException"):
        get_tokens(app, token, ClientSecret="A" * 30)
    result = get_tokens(app, token, ClientSecret=app.secret)
    assert "RefreshToken" not in result
    pool.claims(result["IdToken"], app)


def rotating(pool, grace):
    return pool.app(
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": grace},
    )


def test_rotation_without_grace_gives_each_refresh_token_one_use(pool, name):
    app = rotating(pool, 0)
    first = app.sign_in(name, PASSWORD)
    second = get_tokens(app, first["RefreshToken"])
    assert second["RefreshToken"] != first["RefreshToken"]

    with refused("RefreshTokenReuseException"):
        get_tokens(app, first["RefreshToken"])
    with pytest.raises(pool.idp.exceptions.ClientError):
        app.refresh(first["RefreshToken"])


def test_rotation_with_grace_forgives_a_lost_answer_but_no_replay(pool, name):
    app = rotating(pool, 60)
    first = app.sign_in(name, PASSWORD)
    second = get_tokens(app, first["RefreshToken"])
    again = get_tokens(app, first["RefreshToken"])
    assert again["RefreshToken"] == second["RefreshToken"]

    third = get_tokens(app, second["RefreshToken"])
    claims = [pool.claims(tokens["AccessToken"], app) for tokens in [first, second, third]]
    assert len({claim["origin_jti"] for claim in claims}) == 1

    # The second one was used, so its receipt is known: the first one now is a replay.
    with refused("RefreshTokenReuseException"):
        get_tokens(app, first["RefreshToken"])
    with pytest.raises(pool.idp.exceptions.ClientError):
        get_tokens(app, third["RefreshToken"])


def test_a_rotating_client_cannot_list_the_old_refresh_flow(pool):
    with refused("InvalidParameterException"):
        pool.app(RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0})


def test_a_revoked_refresh_token_ends_with_its_access_tokens_only(pool, app, name):
    first, other = app.sign_in(name, PASSWORD), app.sign_in(name, PASSWORD)
    refreshed = app.refresh(first["RefreshToken"])
    for _ in range(2):
        pool.idp.revoke_token(ClientId=app.id, Token=first["RefreshToken"])

    with refused(*REFRESH_REVOKED):
        app.refresh(first["RefreshToken"])
    for token in [first["AccessToken"], refreshed["AccessToken"]]:
        with refused(*TOKEN_REVOKED):
            pool.idp.get_user(AccessToken=token)
    pool.idp.get_user(AccessToken=other["AccessToken"])
    app.refresh(other["RefreshToken"])


def test_revocation_has_its_own_refusals(pool, app, name):
    tokens = app.sign_in(name, PASSWORD)
    with refused("UnsupportedTokenTypeException"):
        pool.idp.revoke_token(ClientId=app.id, Token=tokens["AccessToken"])

    guarded = pool.app(secret=True)
    token = guarded.sign_in(name, PASSWORD)["RefreshToken"]
    with pytest.raises(pool.idp.exceptions.UnauthorizedException):
        pool.idp.revoke_token(ClientId=guarded.id, Token=token)
    with pytest.raises(pool.idp.exceptions.UnauthorizedException):
        pool.idp.revoke_token(ClientId=guarded.id, Token=token, ClientSecret="A" * 30)
    pool.idp.revoke_token(ClientId=guarded.id, Token=token, ClientSecret=guarded.secret)


def test_a_client_without_revocation_has_tokens_without_their_ids(pool, name):
    app = pool.app(EnableTokenRevocation=False)
    tokens = app.sign_in(name, PASSWORD)
    for kind in ["IdToken", "AccessToken"]:
        claims = pool.claims(tokens[kind], app)
        assert "origin_jti" not in claims
        assert "jti" not in claims
    with refused("UnsupportedOperationException"):
        pool.idp.revoke_token(ClientId=app.id, Token=tokens["RefreshToken"])


def test_signing_out_everywhere_ends_all_sessions_of_all_clients(pool, app, name):
    other = pool.app()
    here, there = app.sign_in(name, PASSWORD), other.sign_in(name, PASSWORD)
    pool.idp.global_sign_out(AccessToken=here["AccessToken"])

    for tokens, client in [(here, app), (there, other)]:
        with refused(*TOKEN_REVOKED):
            pool.idp.get_user(AccessToken=tokens["AccessToken"])
        with refused(*REFRESH_REVOKED):
            client.refresh(tokens["RefreshToken"])
    # A sign-in within the same second is a new one.
    pool.idp.get_user(AccessToken=app.sign_in(name, PASSWORD)["AccessToken"])


def test_a_deleted_and_created_again_user_revives_nothing(pool, app, name):
    tokens = app.sign_in(name, PASSWORD)
    pool.idp.admin_delete_user(UserPoolId=pool.id, Username=name)
    pool.confirmed_user(PASSWORD, name=name)

    with refused(*NO_USER):
        pool.idp.get_user(AccessToken=tokens["AccessToken"])
    with refused(*NO_USER):
        app.refresh(tokens["RefreshToken"])


def test_a_refresh_needs_the_right_hash(pool, name):
    app = pool.app(secret=True)
    token = app.sign_in(name, PASSWORD)["RefreshToken"]
    app.refresh(token, name)
    with refused("NotAuthorizedException", f"Unable to verify secret hash for client {app.id}"):
        pool.idp.initiate_auth(
            ClientId=app.id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={
                "REFRESH_TOKEN": token,
                "SECRET_HASH": secret_hash("somebody", app.id, app.secret),
            },
        )
