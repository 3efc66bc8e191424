"""A token for another, by GetDerivedToken, through boto3."""

import pytest

from refusal import refused

PASSWORD = "Right-passw0rd!"
SELF_SERVICE = "aws.cognito.signin.user.admin"


@pytest.fixture
def exchanger(pool):
    """A client with a secret that exchanges tokens both ways."""
    return pool.app(
        secret=True,
        ExplicitAuthFlows=["ALLOW_TOKEN_EXCHANGE_DELEGATION", "ALLOW_TOKEN_EXCHANGE_IMPERSONATION"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        CallbackURLs=["https://app.example"],
        SupportedIdentityProviders=["COGNITO"],
        AllowedOAuthScopes=["openid", SELF_SERVICE],
    )


def exchange(app, token, **more):
    return app.pool.idp.get_derived_token(
        ClientId=app.id, ClientSecret=app.secret, SubjectToken=token, SubjectTokenType="ACCESS_TOKEN", **more
    )


def test_a_client_gets_a_token_for_the_user_of_another(idp, pool, app, exchanger):
    name = pool.confirmed_user(PASSWORD)
    tokens = app.sign_in(name, PASSWORD)
    got = exchange(exchanger, tokens["AccessToken"])
    assert (got["IssuedTokenType"], got["TokenType"], got["Scopes"]) == ("ACCESS_TOKEN", "Bearer", [SELF_SERVICE])
    claims = pool.claims(got["IssuedToken"], exchanger)
    assert claims["username"] == name
    assert "act" not in claims
    assert idp.get_user(AccessToken=got["IssuedToken"])["Username"] == name

    made = exchange(exchanger, tokens["AccessToken"], RequestedTokenType="ID_TOKEN")
    assert (made["IssuedTokenType"], made["TokenType"]) == ("ID_TOKEN", "N_A")
    assert pool.claims(made["IssuedToken"], exchanger)["cognito:username"] == name

    idp.revoke_token(ClientId=app.id, Token=tokens["RefreshToken"])
    with refused("NotAuthorizedException"):
        idp.get_user(AccessToken=got["IssuedToken"])
    with refused("NotAuthorizedException"):
        exchange(exchanger, tokens["AccessToken"])


def test_an_actor_is_named(pool, app, exchanger):
    machine = pool.app(secret=True, ExplicitAuthFlows=["ALLOW_CLIENT_TOKEN_AUTH"])
    acting = pool.idp.get_client_token(ClientId=machine.id, Secret=machine.secret)
    acting = acting["ClientAuthenticationResult"]["AccessToken"]
    tokens = app.sign_in(pool.confirmed_user(PASSWORD), PASSWORD)
    got = exchange(exchanger, tokens["AccessToken"], ActorToken=acting, ActorTokenType="ACCESS_TOKEN")
    assert pool.claims(got["IssuedToken"], exchanger)["act"]["sub"] == machine.id
    with refused("InvalidParameterException"):
        exchange(exchanger, tokens["AccessToken"], Audiences=["a"], Resources=["b"])


def test_a_client_without_the_flow_or_the_secret_exchanges_nothing(idp, pool, app, exchanger):
    tokens = app.sign_in(pool.confirmed_user(PASSWORD), PASSWORD)
    asked = {"SubjectToken": tokens["AccessToken"], "SubjectTokenType": "ACCESS_TOKEN"}
    with refused("InvalidParameterException"):
        idp.get_derived_token(ClientId=app.id, **asked)
    with refused("NotAuthorizedException"):
        idp.get_derived_token(ClientId=exchanger.id, **asked)
