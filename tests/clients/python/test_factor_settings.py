"""Which second factors a pool has and a user prefers, by boto3: the newer settings and the older ones."""

import pytest

from inbox import other_code
from pools import unique
from refusal import refused
from test_mfa import answer, challenge, enrolled
from totp import Authenticator

PASSWORD = "Right-passw0rd!"
PHONE = "+12065550142"
SMS = [{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}]
NO_PHONE = "User does not have delivery config set to turn on SMS_MFA"
ON = {"Enabled": True}


@pytest.fixture
def factored(make_pool, idp):
    """A pool with codes in text messages and software tokens for whoever wants them."""
    pool = make_pool()
    idp.set_user_pool_mfa_config(
        UserPoolId=pool.id,
        MfaConfiguration="OPTIONAL",
        SmsMfaConfiguration={},
        SoftwareTokenMfaConfiguration={"Enabled": True},
    )
    return pool


def test_the_older_settings_switch_text_messages_on_and_off(factored, idp, inbox):
    app = factored.app()
    name = factored.confirmed_user(PASSWORD, phone_number=PHONE)
    access = {"AccessToken": app.sign_in(name, PASSWORD)["AccessToken"]}
    user = {"UserPoolId": factored.id, "Username": name}
    by_user = lambda options: idp.set_user_settings(**access, MFAOptions=options)  # noqa: E731
    by_administrator = lambda options: idp.admin_set_user_settings(**user, MFAOptions=options)  # noqa: E731
    for switch in [by_user, by_administrator]:
        switch(SMS)
        shown = idp.admin_get_user(**user)
        assert (shown["MFAOptions"], shown["UserMFASettingList"]) == (SMS, ["SMS_MFA"])
        with inbox.messages_to(PHONE) as sent:
            asked = challenge(app, name)
        assert asked["ChallengeName"] == "SMS_MFA"
        with refused("CodeMismatchException"):
            answer(app, asked, name, SMS_MFA_CODE=other_code(sent.code))
        assert "AuthenticationResult" in answer(app, asked, name, SMS_MFA_CODE=sent.code)
        switch([])
        assert "MFAOptions" not in idp.admin_get_user(**user)
        assert app.sign_in(name, PASSWORD)
        with refused("InvalidParameterException"):
            switch([{"DeliveryMedium": "EMAIL", "AttributeName": "email"}])


def test_a_factor_that_a_user_cannot_have_is_refused(factored, idp):
    app = factored.app()
    name = factored.confirmed_user(PASSWORD)
    access = {"AccessToken": app.sign_in(name, PASSWORD)["AccessToken"]}
    user = {"UserPoolId": factored.id, "Username": name}
    for named, prefer, settings in [
        (access, idp.set_user_mfa_preference, idp.set_user_settings),
        (user, idp.admin_set_user_mfa_preference, idp.admin_set_user_settings),
    ]:
        with refused("InvalidParameterException", "User has not verified software token mfa"):
            prefer(**named, SoftwareTokenMfaSettings=ON)
        with refused("InvalidParameterException", NO_PHONE):
            prefer(**named, SMSMfaSettings=ON)
        with refused("InvalidParameterException", NO_PHONE):
            settings(**named, MFAOptions=SMS)
        with refused("InvalidParameterException", "EMAIL_OTP is not enabled for the user pool."):
            prefer(**named, EmailMfaSettings=ON)
    assert "UserMFASettingList" not in idp.admin_get_user(**user)


def test_an_administrator_sees_what_a_user_signs_in_with(factored, idp):
    app = factored.app()
    name = factored.confirmed_user(PASSWORD)
    user = {"UserPoolId": factored.id, "Username": name}
    enrolled(app, name)
    shown = idp.admin_get_user_auth_factors(**user)
    assert shown["Username"] == name
    assert shown["UserMFASettingList"] == ["SOFTWARE_TOKEN_MFA"]
    assert shown["PreferredMfaSetting"] == "SOFTWARE_TOKEN_MFA"
    assert shown["ConfiguredUserAuthFactors"] == ["PASSWORD"]
    idp.admin_delete_software_token(**user)
    assert "UserMFASettingList" not in idp.admin_get_user_auth_factors(**user)
    assert app.sign_in(name, PASSWORD)


def test_a_software_token_is_for_pools_that_have_them(make_pool, idp):
    app = make_pool().app()
    name = app.pool.confirmed_user(PASSWORD)
    access = {"AccessToken": app.sign_in(name, PASSWORD)["AccessToken"]}
    with refused("SoftwareTokenMFANotFoundException"):
        idp.associate_software_token(**access)
    with refused("SoftwareTokenMFANotFoundException"):
        idp.verify_software_token(**access, UserCode="123456")
    waiting = unique("user")
    idp.sign_up(ClientId=app.id, Username=waiting, Password=PASSWORD)
    with refused("UserNotConfirmedException", "User is not confirmed."):
        idp.admin_delete_software_token(UserPoolId=app.pool.id, Username=waiting)


def test_another_secret_takes_the_place_of_one_that_was_not_verified(factored, idp):
    app = factored.app()
    name = factored.confirmed_user(PASSWORD)
    access = {"AccessToken": app.sign_in(name, PASSWORD)["AccessToken"]}
    first, second = (Authenticator(idp.associate_software_token(**access)["SecretCode"]) for _ in range(2))
    with refused("EnableSoftwareTokenMFAException", "Code mismatch"):
        idp.verify_software_token(**access, UserCode=first.code())
    assert idp.verify_software_token(**access, UserCode=second.code())["Status"] == "SUCCESS"


def test_factors_that_a_pool_cannot_have_are_refused(make_pool, idp):
    pool = make_pool()
    named = {"UserPoolId": pool.id}
    with refused(
        "InvalidParameterException",
        "At least one of [SmsMfaConfiguration] or [SoftwareTokenMfaConfiguration] must be provided.",
    ):
        idp.set_user_pool_mfa_config(**named, MfaConfiguration="ON")
    with refused("InvalidParameterException", "RelyingPartyId is not a domain name."):
        idp.set_user_pool_mfa_config(**named, WebAuthnConfiguration={"RelyingPartyId": "127.0.0.1"})
    assert idp.get_user_pool_mfa_config(**named)["MfaConfiguration"] == "OFF"
    with refused("FeatureUnavailableInTierException"):
        idp.set_user_pool_mfa_config(
            UserPoolId=make_pool(UserPoolTier="LITE").id, MfaConfiguration="OPTIONAL", EmailMfaConfiguration={}
        )
