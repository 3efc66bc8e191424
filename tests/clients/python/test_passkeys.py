"""Passkeys through boto3: registered, signed in with, listed and deleted."""

import json

import pytest

from authenticator import Passkey
from pools import unique
from refusal import refused
from test_user_auth import answer, begin

PASSWORD = "Right-passw0rd!"
PARTY = "example.com"


@pytest.fixture
def app(make_pool, idp):
    """An app client of a pool with passkeys."""
    pool = make_pool(Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}})
    settings = {"RelyingPartyId": PARTY, "UserVerification": "required"}
    idp.set_user_pool_mfa_config(UserPoolId=pool.id, WebAuthnConfiguration=settings)
    return pool.app(
        ExplicitAuthFlows=["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    )


@pytest.fixture
def user(app):
    """A user and an access token."""
    name = app.pool.confirmed_user(PASSWORD)
    return name, {"AccessToken": app.sign_in(name, PASSWORD)["AccessToken"]}


def registered(idp, access):
    passkey = Passkey(PARTY)
    options = idp.start_web_authn_registration(**access)["CredentialCreationOptions"]
    idp.complete_web_authn_registration(**access, Credential=passkey.created(options))
    return passkey


def test_a_passkey_signs_its_user_in(app, user, idp):
    name, access = user
    passkey = registered(idp, access)
    listed = idp.list_web_authn_credentials(**access)["Credentials"]
    assert [each["CredentialId"] for each in listed] == [passkey.created({"challenge": ""})["id"]]
    assert (listed[0]["RelyingPartyId"], listed[0]["AuthenticatorTransports"]) == (PARTY, ["internal"])
    factors = idp.get_user_auth_factors(**access)["ConfiguredUserAuthFactors"]
    assert factors == ["PASSWORD", "WEB_AUTHN"]

    asked = begin(app, name, PREFERRED_CHALLENGE="WEB_AUTHN")
    assert asked["ChallengeName"] == "WEB_AUTHN"
    options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    with refused("NotAuthorizedException"):
        answer(app, asked, name, CREDENTIAL=json.dumps(Passkey(PARTY).gotten(options)))
    asked = begin(app, name, PREFERRED_CHALLENGE="WEB_AUTHN")
    options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    reply = answer(app, asked, name, CREDENTIAL=json.dumps(passkey.gotten(options)))
    assert app.pool.claims(reply["AuthenticationResult"]["AccessToken"], app)["username"] == name


def test_a_deleted_passkey_is_offered_no_more(app, user, idp):
    name, access = user
    registered(idp, access)
    named = {"CredentialId": idp.list_web_authn_credentials(**access)["Credentials"][0]["CredentialId"]}
    idp.delete_web_authn_credential(**access, **named)
    assert idp.list_web_authn_credentials(**access)["Credentials"] == []
    assert idp.get_user_auth_factors(**access)["ConfiguredUserAuthFactors"] == ["PASSWORD"]
    asked = begin(app, name)
    assert "WEB_AUTHN" not in asked["AvailableChallenges"]
    with refused("ResourceNotFoundException"):
        idp.delete_web_authn_credential(**access, **named)


def test_a_registration_is_good_once_and_at_its_page_alone(user, idp):
    _, access = user
    start = idp.start_web_authn_registration
    options = start(**access)["CredentialCreationOptions"]
    for wrong, refusal in [
        (Passkey(PARTY).created(options, origin="https://example.org"), "WebAuthnOriginNotAllowedException"),
        (Passkey("example.org").created(options, origin=f"https://{PARTY}"), "WebAuthnRelyingPartyMismatchException"),
        (Passkey(PARTY).created({"challenge": "b3RoZXI"}), "WebAuthnChallengeNotFoundException"),
    ]:
        with refused(refusal):
            idp.complete_web_authn_registration(**access, Credential=wrong)
    right = Passkey(PARTY).created(options)
    idp.complete_web_authn_registration(**access, Credential=right)
    with refused("WebAuthnChallengeNotFoundException"):
        idp.complete_web_authn_registration(**access, Credential=right)
    known = start(**access)["CredentialCreationOptions"]["excludeCredentials"]
    assert [each["id"] for each in known] == [right["id"]]


def test_passkeys_come_page_by_page(user, idp):
    _, access = user
    for _ in range(3):
        registered(idp, access)
    first = idp.list_web_authn_credentials(**access, MaxResults=2)
    rest = idp.list_web_authn_credentials(**access, MaxResults=2, NextToken=first["NextToken"])
    assert (len(first["Credentials"]), len(rest["Credentials"])) == (2, 1)
    with refused("InvalidParameterException"):
        idp.list_web_authn_credentials(**access, NextToken="another")


def test_a_pool_without_passkeys_registers_none(make_pool, idp):
    app = make_pool().app()
    name = app.pool.confirmed_user(PASSWORD, name=unique("user"))
    access = {"AccessToken": app.sign_in(name, PASSWORD)["AccessToken"]}
    with refused("WebAuthnNotEnabledException"):
        idp.start_web_authn_registration(**access)
    with refused("WebAuthnNotEnabledException"):
        idp.complete_web_authn_registration(**access, Credential={"type": "public-key"})
