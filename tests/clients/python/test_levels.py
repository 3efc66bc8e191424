"""Levels of authentication, and passkeys that are both factors, as boto3 asks for them."""

import json

import pytest

from refusal import refused
from test_passkeys import PARTY, PASSWORD, registered
from test_user_auth import answer, begin
from totp import Authenticator

HIGHEST = "urn:cognito:loa:4"


@pytest.fixture
def app(make_pool, idp):
    """An app client of a pool that has authenticator apps and passkeys, and asks nobody for a second factor."""
    pool = make_pool(Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}})
    idp.set_user_pool_mfa_config(
        UserPoolId=pool.id,
        MfaConfiguration="OPTIONAL",
        SoftwareTokenMfaConfiguration={"Enabled": True},
        WebAuthnConfiguration={
            "RelyingPartyId": PARTY,
            "UserVerification": "required",
            "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION",
        },
    )
    return pool.app(
        ExplicitAuthFlows=["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    )


@pytest.fixture
def user(app, idp):
    """A user with an authenticator app that is switched off: name, tokens of a sign-in by password, the app."""
    name = app.pool.confirmed_user(PASSWORD)
    tokens = app.sign_in(name, PASSWORD)
    access = {"AccessToken": tokens["AccessToken"]}
    authenticator = Authenticator(idp.associate_software_token(**access)["SecretCode"])
    idp.verify_software_token(**access, UserCode=authenticator.code(-1))
    idp.set_user_mfa_preference(**access, SoftwareTokenMfaSettings={"Enabled": False})
    return name, tokens, authenticator


def told(app, tokens):
    """What both tokens say of the sign-in: the same."""
    each = [app.pool.claims(tokens[kind], app) for kind in ("AccessToken", "IdToken")]
    first, second = [(claims.get("acr"), claims.get("amr")) for claims in each]
    assert first == second
    return first


def test_a_sign_in_by_password_is_stepped_up(app, user, idp):
    name, tokens, authenticator = user
    assert told(app, tokens) == (None, None)
    step = {"TARGET_ACR_VALUES": HIGHEST, "ACCESS_TOKEN": tokens["AccessToken"], "MAX_AGE": "600"}
    asked = begin(app, name, **step)
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    reply = answer(app, asked, name, SOFTWARE_TOKEN_MFA_CODE=authenticator.code())
    higher = reply["AuthenticationResult"]
    level = (HIGHEST, ["pwd", "otp", "mfa"])
    assert told(app, higher) == level
    with refused("InvalidParameterException"):
        begin(app, name, TARGET_ACR_VALUES="urn:cognito:loa:3", ACCESS_TOKEN=higher["AccessToken"])
    again = idp.initiate_auth(
        ClientId=app.id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters=app.auth(name, REFRESH_TOKEN=higher["RefreshToken"]),
    )["AuthenticationResult"]
    assert told(app, again) == level


def test_an_administrator_asks_for_a_level_from_nothing(app, user, idp):
    name, _, authenticator = user
    asked = idp.admin_initiate_auth(
        UserPoolId=app.pool.id,
        ClientId=app.id,
        AuthFlow="USER_AUTH",
        AuthParameters=app.auth(
            name, TARGET_ACR_VALUES=HIGHEST, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD
        ),
    )
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    reply = answer(app, asked, name, SOFTWARE_TOKEN_MFA_CODE=authenticator.code())
    assert told(app, reply["AuthenticationResult"])[0] == HIGHEST


def test_a_passkey_is_both_factors_once_its_user_says_so(app, user, idp):
    name, tokens, _ = user
    access = {"AccessToken": tokens["AccessToken"]}
    token = {"SoftwareTokenMfaSettings": {"Enabled": True, "PreferredMfa": True}}
    both = {"WebAuthnMfaSettings": {"Enabled": True}}
    with refused("InvalidParameterException", "WebAuthn MFA requires enabling an additional MFA setting."):
        idp.set_user_mfa_preference(**access, **both)
    with refused("InvalidParameterException", "User does not have applicable WebAuthn credentials to enable WebAuthn MFA."):
        idp.set_user_mfa_preference(**access, **token, **both)
    passkey = registered(idp, access)
    idp.set_user_mfa_preference(**access, **token)
    assert "WEB_AUTHN" not in begin(app, name)["AvailableChallenges"]
    idp.set_user_mfa_preference(**access, **token, **both)
    assert idp.get_user(**access)["UserMFASettingList"] == ["SOFTWARE_TOKEN_MFA", "WEB_AUTHN_MFA"]

    asked = begin(app, name, PREFERRED_CHALLENGE="WEB_AUTHN", TARGET_ACR_VALUES="urn:cognito:loa:3")
    options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    reply = answer(app, asked, name, CREDENTIAL=json.dumps(passkey.gotten(options)))
    assert told(app, reply["AuthenticationResult"]) == ("urn:cognito:loa:3", ["swk"])
