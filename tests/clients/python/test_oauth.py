"""The OAuth endpoints and login pages by Authlib, a generic client that knows nothing of this server."""

import base64
import json
import urllib.request
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from authlib.integrations.requests_client import OAuth2Session
from authlib.common.security import generate_token
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from pages import Browser
from refusal import refused

PASSWORD = "Right-passw0rd!"
BACK = "https://app.example.com/back"
OUT = "https://app.example.com/out"


@pytest.fixture
def discovered(pool):
    """The discovery document."""
    with urllib.request.urlopen(f"{pool.issuer}/.well-known/openid-configuration", timeout=10) as reply:
        return json.load(reply)


@pytest.fixture
def web(pool):
    """An app client that sends its users to the pages."""
    return pool.app(
        secret=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthScopes=["openid", "email", "profile", "aws.cognito.signin.user.admin"],
        CallbackURLs=[BACK],
        LogoutURLs=[OUT],
    )


def session_of(app, scope):
    """Authlib's session for an app client."""
    return OAuth2Session(
        app.id, app.secret, scope=scope, redirect_uri=BACK, code_challenge_method="S256"
    )


def test_a_user_signs_in_on_the_page_and_the_client_gets_tokens(pool, web, discovered):
    user = pool.confirmed_user(PASSWORD)
    client = session_of(web, "openid email")
    verifier, nonce = generate_token(48), generate_token(20)
    url, state = client.create_authorization_url(
        discovered["authorization_endpoint"], code_verifier=verifier, nonce=nonce
    )
    browser = Browser()
    page = browser.open(url)
    assert page.status_code == 200 and "Sign in" in page.text
    wrong = browser.send(page, username=user, password="Wrong-passw0rd!")
    assert wrong.status_code == 400 and "Incorrect username or password." in wrong.text
    back = browser.send(wrong, username=user, password=PASSWORD).left_for
    assert back.startswith(BACK)

    tokens = client.fetch_token(
        discovered["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier
    )
    claims = pool.claims(tokens["id_token"], web, access_token=tokens["access_token"])
    assert claims["nonce"] == nonce and claims["cognito:username"] == user
    assert pool.claims(tokens["access_token"], web)["scope"] == "openid email"

    told = client.get(discovered["userinfo_endpoint"]).json()
    assert told["sub"] == claims["sub"] and told["email_verified"] == "true"

    renewed = client.refresh_token(discovered["token_endpoint"])
    assert renewed["access_token"] != tokens["access_token"]
    assert pool.claims(renewed["access_token"], web)["auth_time"] == claims["auth_time"]

    # The browser has signed in: a second request needs no page.
    url, _ = client.create_authorization_url(discovered["authorization_endpoint"])
    assert browser.open(url).left_for.startswith(BACK)
    query = urlencode({"client_id": web.id, "logout_uri": OUT})
    assert browser.open(f"{discovered['end_session_endpoint']}?{query}").left_for == OUT
    assert browser.open(url).status_code == 200

    revoked = client.revoke_token(discovered["revocation_endpoint"], token=tokens["refresh_token"])
    assert revoked.status_code == 200
    client.token = dict(renewed)
    assert client.get(discovered["userinfo_endpoint"]).status_code == 401


def test_a_machine_gets_a_token_with_the_scopes_of_an_api(pool, idp, discovered):
    idp.create_resource_server(
        UserPoolId=pool.id,
        Identifier="https://api.example.com",
        Name="API",
        Scopes=[{"ScopeName": "read", "ScopeDescription": "Reads"}],
    )
    machine = pool.app(
        secret=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthScopes=["https://api.example.com/read"],
    )
    for method in ["client_secret_basic", "client_secret_post"]:
        client = OAuth2Session(machine.id, machine.secret, token_endpoint_auth_method=method)
        tokens = client.fetch_token(discovered["token_endpoint"], grant_type="client_credentials")
        claims = pool.claims(tokens["access_token"], machine)
        assert claims["sub"] == machine.id and claims["scope"] == "https://api.example.com/read"


def test_domains_servers_and_looks_are_kept(pool, idp, web):
    prefix = pool.id.split("_")[1].lower()
    assert idp.describe_user_pool_domain(Domain=prefix)["DomainDescription"] == {}
    idp.create_user_pool_domain(UserPoolId=pool.id, Domain=prefix)
    assert idp.describe_user_pool(UserPoolId=pool.id)["UserPool"]["Domain"] == prefix
    described = idp.describe_user_pool_domain(Domain=prefix)["DomainDescription"]
    assert described["Status"] == "ACTIVE" and described["UserPoolId"] == pool.id
    css = ".label-customizable { color: #060; }"
    idp.set_ui_customization(UserPoolId=pool.id, ClientId=web.id, CSS=css)
    look = idp.get_ui_customization(UserPoolId=pool.id, ClientId=web.id)["UICustomization"]
    assert look["CSS"] == css
    with refused("InvalidParameterException"):
        idp.set_ui_customization(UserPoolId=pool.id, CSS="@import 'x';")
    with refused("InvalidParameterException"):
        idp.delete_user_pool(UserPoolId=pool.id)
    query = urlencode({"client_id": web.id, "redirect_uri": BACK, "response_type": "code"})
    page = Browser().open(f"{pool.endpoint}/{prefix}/oauth2/authorize?{query}")
    assert page.status_code == 200 and "style.css" in page.text
    idp.delete_user_pool_domain(UserPoolId=pool.id, Domain=prefix)


def test_styles_terms_and_the_certificate_are_kept(pool, idp, web):
    settings = {"categories": {"form": {"location": {"horizontal": "CENTER"}}}}
    logo = {"Category": "FORM_LOGO", "ColorMode": "LIGHT", "Extension": "PNG", "Bytes": b"\x89PNG\r\n\x1a\n"}
    made = idp.create_managed_login_branding(
        UserPoolId=pool.id, ClientId=web.id, Settings=settings, Assets=[logo]
    )["ManagedLoginBranding"]
    assert made["Settings"] == settings and made["Assets"] == [logo]
    with refused("ManagedLoginBrandingExistsException"):
        idp.create_managed_login_branding(UserPoolId=pool.id, ClientId=web.id)
    named = {"UserPoolId": pool.id, "ManagedLoginBrandingId": made["ManagedLoginBrandingId"]}
    idp.update_managed_login_branding(**named, Settings={"components": {"favicon": {"enabledTypes": ["ICO"]}}})
    shown = idp.describe_managed_login_branding_by_client(UserPoolId=pool.id, ClientId=web.id)
    assert sorted(shown["ManagedLoginBranding"]["Settings"]) == ["categories", "components"]
    idp.delete_managed_login_branding(**named)
    with refused("ResourceNotFoundException"):
        idp.describe_managed_login_branding(**named)

    links = {"cognito:default": "https://example.com/terms"}
    terms = idp.create_terms(
        UserPoolId=pool.id,
        ClientId=web.id,
        TermsName="terms-of-use",
        TermsSource="LINK",
        Enforcement="NONE",
        Links=links,
    )["Terms"]
    assert terms["Links"] == links
    with refused("TermsExistsException"):
        idp.create_terms(
            UserPoolId=pool.id,
            ClientId=web.id,
            TermsName="terms-of-use",
            TermsSource="LINK",
            Enforcement="NONE",
            Links=links,
        )
    assert [item["TermsId"] for item in idp.list_terms(UserPoolId=pool.id)["Terms"]] == [terms["TermsId"]]
    idp.delete_terms(UserPoolId=pool.id, TermsId=terms["TermsId"])

    certificate = idp.get_signing_certificate(UserPoolId=pool.id)["Certificate"]
    read = x509.load_der_x509_certificate(base64.b64decode(certificate))
    read.public_key().verify(
        read.signature, read.tbs_certificate_bytes, PKCS1v15(), read.signature_hash_algorithm
    )
    assert read.subject.rfc4514_string() == f"CN={pool.id}"
    assert read.not_valid_after_utc - read.not_valid_before_utc > timedelta(days=3_000)
