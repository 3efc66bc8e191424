"""Users of one pool sign in to another: the one is an OpenID Connect provider to the other, like any provider."""

import json

import pytest
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session

from pages import Browser
from refusal import refused

PASSWORD = "Right-passw0rd!"
BACK = "https://app.example.com/back"


def web(pool, back, **settings):
    """An app client that sends its users to the pages."""
    return pool.app(
        secret=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthScopes=["openid", "email", "profile"],
        CallbackURLs=[back],
        **settings,
    )


@pytest.fixture
def partner(make_pool):
    """The pool that vouches for its users."""
    return make_pool()


@pytest.fixture
def known(idp, pool, partner):
    """What the one knows the other as: an app client there, a provider here."""
    there = web(partner, f"{pool.issuer}/oauth2/idpresponse")
    return idp.create_identity_provider(
        UserPoolId=pool.id,
        ProviderName="Partner",
        ProviderType="OIDC",
        ProviderDetails={
            "client_id": there.id,
            "client_secret": there.secret,
            "authorize_scopes": "openid email profile",
            "attributes_request_method": "GET",
            "oidc_issuer": partner.issuer,
        },
        AttributeMapping={"email": "email", "email_verified": "email_verified", "name": "name"},
        IdpIdentifiers=["partner.example"],
    )["IdentityProvider"]


def sign_in(pool, partner, app, user, more=""):
    """Signs in at the partner's page, sent there by the app client; the claims of the ID token here."""
    client = OAuth2Session(
        app.id, app.secret, scope="openid email profile", redirect_uri=BACK, code_challenge_method="S256"
    )
    verifier, nonce = generate_token(48), generate_token(20)
    url, state = client.create_authorization_url(
        f"{pool.issuer}/oauth2/authorize", code_verifier=verifier, nonce=nonce
    )
    browser = Browser()
    page = browser.open(url + more)
    assert page.url.startswith(f"{partner.issuer}/login?")
    assert page.status_code == 200 and "Sign in" in page.text
    back = browser.send(page, username=user, password=PASSWORD).left_for
    tokens = client.fetch_token(
        f"{pool.issuer}/oauth2/token", authorization_response=back, state=state, code_verifier=verifier
    )
    claims = pool.claims(tokens["id_token"], app, access_token=tokens["access_token"])
    assert claims["nonce"] == nonce
    return claims


def test_a_user_of_one_pool_signs_in_to_another(idp, pool, partner, known):
    details = known["ProviderDetails"]
    assert details["authorize_url"] == f"{partner.issuer}/oauth2/authorize"
    app = web(pool, BACK, SupportedIdentityProviders=["Partner"])
    user = partner.confirmed_user(PASSWORD, name="Jane", email="jane@partner.example")
    claims = sign_in(pool, partner, app, user)
    subject = partner.attributes_of(user)["sub"]
    name = f"Partner_{subject}"
    assert claims["cognito:username"] == name
    assert claims["email"] == "jane@partner.example" and claims["email_verified"] is True
    assert claims["cognito:groups"] == [f"{pool.id}_Partner"]
    assert claims["identities"][0]["userId"] == subject
    assert pool.status_of(name) == "EXTERNAL_PROVIDER"
    assert json.loads(pool.attributes_of(name)["identities"])[0]["primary"] is True
    assert sign_in(pool, partner, app, user)["sub"] == claims["sub"]


def test_an_identity_is_linked_to_a_user_and_taken_away(idp, pool, partner, known):
    app = web(pool, BACK, SupportedIdentityProviders=["COGNITO", "Partner"])
    user = partner.confirmed_user(PASSWORD)
    own = pool.confirmed_user(PASSWORD)
    identity = {
        "ProviderName": "Partner",
        "ProviderAttributeName": "Cognito_Subject",
        "ProviderAttributeValue": partner.attributes_of(user)["sub"],
    }
    destination = {"ProviderName": "Cognito", "ProviderAttributeValue": own}
    idp.admin_link_provider_for_user(UserPoolId=pool.id, DestinationUser=destination, SourceUser=identity)
    with refused("AliasExistsException"):
        idp.admin_link_provider_for_user(UserPoolId=pool.id, DestinationUser=destination, SourceUser=identity)
    assert sign_in(pool, partner, app, user, "&identity_provider=Partner")["cognito:username"] == own
    idp.admin_disable_provider_for_user(UserPoolId=pool.id, User=identity)
    with refused("UserNotFoundException"):
        idp.admin_disable_provider_for_user(UserPoolId=pool.id, User=identity)
    other = sign_in(pool, partner, app, user, "&idp_identifier=partner.example")["cognito:username"]
    assert other != own and other.startswith("Partner_")


def test_providers_are_made_described_changed_listed_and_deleted(idp, pool, known):
    google = idp.create_identity_provider(
        UserPoolId=pool.id,
        ProviderName="Google",
        ProviderType="Google",
        ProviderDetails={"client_id": "c", "client_secret": "s", "authorize_scopes": "openid email"},
    )["IdentityProvider"]
    assert google["AttributeMapping"] == {"username": "sub"}
    assert google["ProviderDetails"]["authorize_url"] == "https://accounts.google.com/o/oauth2/v2/auth"
    assert google["ProviderDetails"]["client_secret"] == "s"
    pages = idp.get_paginator("list_identity_providers").paginate(
        UserPoolId=pool.id, PaginationConfig={"PageSize": 1}
    )
    names = [item["ProviderName"] for page in pages for item in page["Providers"]]
    assert names == ["Google", "Partner"]
    found = idp.get_identity_provider_by_identifier(UserPoolId=pool.id, IdpIdentifier="partner.example")
    assert found["IdentityProvider"]["ProviderName"] == "Partner"
    idp.update_identity_provider(UserPoolId=pool.id, ProviderName="Google", AttributeMapping={"email": "email"})
    described = idp.describe_identity_provider(UserPoolId=pool.id, ProviderName="Google")["IdentityProvider"]
    assert described["AttributeMapping"] == {"email": "email", "username": "sub"}
    with refused("InvalidParameterException"):
        pool.app(SupportedIdentityProviders=["Facebook"])
    idp.delete_identity_provider(UserPoolId=pool.id, ProviderName="Google")
    with refused("ResourceNotFoundException"):
        idp.describe_identity_provider(UserPoolId=pool.id, ProviderName="Google")
