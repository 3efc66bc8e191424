"""Choice-based sign-in and passkeys' settings, as boto3 does them."""

import json

import pytest

from inbox import other_code
from pools import unique, unique_address
from refusal import refused

PASSWORD = "Right-passw0rd!"
FACTORS = ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]


@pytest.fixture
def app(make_pool):
    """An app client of a pool whose users choose the first factor."""
    pool = make_pool(
        AutoVerifiedAttributes=["email"],
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": FACTORS}},
    )
    return pool.app(ExplicitAuthFlows=["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])


def begin(app, name, **parameters):
    """Begins a sign-in of a name."""
    return app.pool.idp.initiate_auth(
        ClientId=app.id, AuthFlow="USER_AUTH", AuthParameters=app.auth(name, **parameters)
    )


def answer(app, asked, name, **responses):
    """Answers a challenge."""
    return app.pool.idp.respond_to_auth_challenge(
        ClientId=app.id,
        ChallengeName=asked["ChallengeName"],
        Session=asked["Session"],
        ChallengeResponses=app.auth(name, **responses),
    )


def signed_up(app, inbox):
    """A user without a password who has just confirmed the sign-up: name, address, the reply to the confirmation."""
    name, email = unique("user"), unique_address()
    with inbox.messages_to(email) as sent:
        reply = app.pool.idp.sign_up(
            ClientId=app.id, Username=name, UserAttributes=[{"Name": "email", "Value": email}]
        )
    assert reply["Session"]
    confirmed = app.pool.idp.confirm_sign_up(
        ClientId=app.id, Username=name, ConfirmationCode=sent.code, Session=reply["Session"]
    )
    return name, email, confirmed


def test_a_user_without_a_password_signs_in_by_code(app, inbox):
    name, email, confirmed = signed_up(app, inbox)
    reply = app.pool.idp.initiate_auth(
        ClientId=app.id,
        AuthFlow="USER_AUTH",
        AuthParameters=app.auth(name),
        Session=confirmed["Session"],
    )
    access = reply["AuthenticationResult"]["AccessToken"]
    factors = app.pool.idp.get_user_auth_factors(AccessToken=access)
    assert factors["ConfiguredUserAuthFactors"] == ["EMAIL_OTP"]

    asked = begin(app, name)
    assert asked["ChallengeName"] == "SELECT_CHALLENGE"
    assert asked["AvailableChallenges"] == ["EMAIL_OTP"]
    with inbox.messages_to(email) as sent:
        asked = answer(app, asked, name, ANSWER="EMAIL_OTP")
    assert asked["ChallengeParameters"]["CODE_DELIVERY_DELIVERY_MEDIUM"] == "EMAIL"
    with refused("CodeMismatchException", "Invalid code or auth state for the user."):
        answer(app, asked, name, EMAIL_OTP_CODE=other_code(sent.code))
    assert "AuthenticationResult" in answer(app, asked, name, EMAIL_OTP_CODE=sent.code)

    app.pool.idp.change_password(AccessToken=access, ProposedPassword=PASSWORD)
    reply = begin(app, name, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)
    assert "AuthenticationResult" in reply


def test_a_registration_of_a_passkey_begins_with_its_options(app, inbox):
    name, _, confirmed = signed_up(app, inbox)
    idp = app.pool.idp
    reply = idp.initiate_auth(
        ClientId=app.id,
        AuthFlow="USER_AUTH",
        AuthParameters=app.auth(name),
        Session=confirmed["Session"],
    )
    access = {"AccessToken": reply["AuthenticationResult"]["AccessToken"]}
    with refused("WebAuthnConfigurationMissingException"):
        idp.start_web_authn_registration(**access)
    settings = {"RelyingPartyId": "example.com", "UserVerification": "required"}
    reply = idp.set_user_pool_mfa_config(UserPoolId=app.pool.id, WebAuthnConfiguration=settings)
    assert reply["WebAuthnConfiguration"] == settings
    options = idp.start_web_authn_registration(**access)["CredentialCreationOptions"]
    assert options["rp"]["id"] == "example.com"
    assert options["user"]["name"] == name
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert [each["alg"] for each in options["pubKeyCredParams"]] == [-7, -8, -257]
    assert json.loads(json.dumps(options)) == options
    with refused("InvalidParameterException"):
        idp.complete_web_authn_registration(**access, Credential={"type": "public-key"})
    assert idp.list_web_authn_credentials(**access)["Credentials"] == []
    with refused("ResourceNotFoundException"):
        idp.delete_web_authn_credential(**access, CredentialId="bm9uZQ")
