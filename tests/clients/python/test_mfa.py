"""Second factors, as boto3 and pycognito set them up and answer them."""

import pytest
from pycognito.exceptions import SMSMFAChallengeException, SoftwareTokenMFAChallengeException

from inbox import other_code
from pools import unique, unique_address
from refusal import refused
from totp import Authenticator

PASSWORD = "Right-passw0rd!"
PHONE = "+12065550100"


@pytest.fixture
def make_mfa_pool(make_pool, idp):
    """Makes pools with every second factor."""

    def make(mfa="OPTIONAL", **settings):
        pool = make_pool(**settings)
        reply = idp.set_user_pool_mfa_config(
            UserPoolId=pool.id,
            MfaConfiguration=mfa,
            SmsMfaConfiguration={"SmsAuthenticationMessage": "It is {####}."},
            SoftwareTokenMfaConfiguration={"Enabled": True},
            EmailMfaConfiguration={"Message": "It is {####}.", "Subject": "Your code"},
        )
        assert reply["MfaConfiguration"] == mfa
        shown = idp.get_user_pool_mfa_config(UserPoolId=pool.id)
        assert shown["SoftwareTokenMfaConfiguration"] == {"Enabled": True}
        assert idp.describe_user_pool(UserPoolId=pool.id)["UserPool"]["MfaConfiguration"] == mfa
        return pool

    return make


def challenge(app, name):
    """Signs in as far as the second factor."""
    reply = app.pool.idp.initiate_auth(
        ClientId=app.id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=app.auth(name, PASSWORD=PASSWORD)
    )
    assert "AuthenticationResult" not in reply
    return reply


def answer(app, asked, name, **responses):
    """Answers a challenge."""
    return app.pool.idp.respond_to_auth_challenge(
        ClientId=app.id,
        ChallengeName=asked["ChallengeName"],
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": name, **responses},
    )


def enrolled(app, name):
    """Sets up a software token with boto3; the authenticator."""
    access = app.sign_in(name, PASSWORD)["AccessToken"]
    authenticator = Authenticator(app.pool.idp.associate_software_token(AccessToken=access)["SecretCode"])
    reply = app.pool.idp.verify_software_token(
        AccessToken=access, UserCode=authenticator.code(-1), FriendlyDeviceName="phone"
    )
    assert reply["Status"] == "SUCCESS"
    app.pool.idp.set_user_mfa_preference(
        AccessToken=access, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    return authenticator


def test_pycognito_sets_up_a_software_token_and_signs_in_with_it(make_mfa_pool):
    pool = make_mfa_pool()
    app = pool.app()
    name = pool.confirmed_user(PASSWORD)
    user = app.user(name)
    user.authenticate(password=PASSWORD)

    authenticator = Authenticator(user.associate_software_token())
    assert user.verify_software_token(authenticator.code(-1), "phone")
    user.set_user_mfa_preference(sms_mfa=False, software_token_mfa=True, preferred="SOFTWARE_TOKEN")
    shown = pool.idp.admin_get_user(UserPoolId=pool.id, Username=name)
    assert shown["UserMFASettingList"] == ["SOFTWARE_TOKEN_MFA"]
    assert shown["PreferredMfaSetting"] == "SOFTWARE_TOKEN_MFA"

    user = app.user(name)
    with pytest.raises(SoftwareTokenMFAChallengeException):
        user.authenticate(password=PASSWORD)
    with refused("CodeMismatchException", "Invalid code received for user"):
        user.respond_to_software_token_mfa_challenge(authenticator.wrong_code())
    with refused("ExpiredCodeException", "Your software token has already been used once."):
        user.respond_to_software_token_mfa_challenge(authenticator.code(-1))
    user.respond_to_software_token_mfa_challenge(authenticator.code(0))
    assert pool.claims(user.access_token, app)["username"] == name


def test_pycognito_signs_in_with_a_code_in_a_text_message(make_mfa_pool, inbox):
    pool = make_mfa_pool()
    app = pool.app(secret=True)
    name = pool.confirmed_user(PASSWORD, phone_number=PHONE)
    pool.idp.admin_set_user_mfa_preference(
        UserPoolId=pool.id, Username=name, SMSMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    user = app.user(name)

    with inbox.messages_to(PHONE) as sent, pytest.raises(SMSMFAChallengeException):
        user.authenticate(password=PASSWORD)
    with refused("CodeMismatchException", "Invalid code or auth state for the user."):
        user.respond_to_sms_mfa_challenge(other_code(sent.code))
    user.respond_to_sms_mfa_challenge(sent.code)

    assert pool.claims(user.access_token, app)["username"] == name
    assert pool.attributes_of(name)["phone_number_verified"] == "true"


def test_a_code_in_an_e_mail(make_mfa_pool, inbox):
    pool = make_mfa_pool()
    app = pool.app()
    address = unique_address()
    name = pool.confirmed_user(PASSWORD, email=address)
    access = app.sign_in(name, PASSWORD)["AccessToken"]
    pool.idp.set_user_mfa_preference(AccessToken=access, EmailMfaSettings={"Enabled": True})
    factors = pool.idp.get_user_auth_factors(AccessToken=access)
    assert factors["UserMFASettingList"] == ["EMAIL_OTP"]
    assert factors["ConfiguredUserAuthFactors"] == ["PASSWORD"]

    with inbox.messages_to(address) as sent:
        asked = challenge(app, name)
    assert asked["ChallengeName"] == "EMAIL_OTP"
    assert asked["ChallengeParameters"]["CODE_DELIVERY_DELIVERY_MEDIUM"] == "EMAIL"
    with refused("CodeMismatchException"):
        answer(app, asked, name, EMAIL_OTP_CODE=other_code(sent.code))
    reply = answer(app, asked, name, EMAIL_OTP_CODE=sent.code)
    assert reply["ChallengeParameters"] == {}
    pool.claims(reply["AuthenticationResult"]["IdToken"], app)
    with refused("NotAuthorizedException", "Invalid session for the user, session can only be used once."):
        answer(app, asked, name, EMAIL_OTP_CODE=sent.code)


def test_a_user_chooses_among_several_factors(make_mfa_pool, inbox):
    pool = make_mfa_pool()
    app = pool.app()
    name = pool.confirmed_user(PASSWORD, phone_number=PHONE)
    authenticator = enrolled(app, name)
    pool.idp.admin_set_user_mfa_preference(
        UserPoolId=pool.id,
        Username=name,
        SMSMfaSettings={"Enabled": True},
        SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": False},
    )

    asked = challenge(app, name)
    assert asked["ChallengeName"] == "SELECT_MFA_TYPE"
    assert asked["ChallengeParameters"]["MFAS_CAN_CHOOSE"] == '["SMS_MFA","SOFTWARE_TOKEN_MFA"]'
    with inbox.messages_to(PHONE) as sent:
        chosen = answer(app, asked, name, ANSWER="SMS_MFA")
    assert "AuthenticationResult" in answer(app, chosen, name, SMS_MFA_CODE=sent.code)

    chosen = answer(app, challenge(app, name), name, ANSWER="SOFTWARE_TOKEN_MFA")
    assert chosen["ChallengeParameters"]["FRIENDLY_DEVICE_NAME"] == "phone"
    reply = answer(app, chosen, name, SOFTWARE_TOKEN_MFA_CODE=authenticator.code(1))
    assert "AuthenticationResult" in reply


def test_a_required_factor_is_set_up_at_the_first_sign_in(make_mfa_pool, idp):
    pool = make_mfa_pool(mfa="ON", AutoVerifiedAttributes=[])
    app = pool.app()
    name = unique("user")
    idp.admin_create_user(
        UserPoolId=pool.id, Username=name, TemporaryPassword="Temp0rary-pass!", MessageAction="SUPPRESS"
    )
    asked = idp.initiate_auth(
        ClientId=app.id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters=app.auth(name, PASSWORD="Temp0rary-pass!"),
    )
    assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    asked = answer(app, asked, name, NEW_PASSWORD=PASSWORD)
    assert asked["ChallengeName"] == "MFA_SETUP"

    given = idp.associate_software_token(Session=asked["Session"])
    authenticator = Authenticator(given["SecretCode"])
    with refused("EnableSoftwareTokenMFAException", "Code mismatch"):
        idp.verify_software_token(Session=given["Session"], UserCode=authenticator.wrong_code())
    verified = idp.verify_software_token(Session=given["Session"], UserCode=authenticator.code(-1))
    reply = answer(app, asked | {"Session": verified["Session"]}, name)
    assert "AuthenticationResult" in reply

    asked = challenge(app, name)
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert "AuthenticationResult" in answer(app, asked, name, SOFTWARE_TOKEN_MFA_CODE=authenticator.code(0))

    idp.admin_delete_software_token(UserPoolId=pool.id, Username=name)
    assert challenge(app, name)["ChallengeName"] == "MFA_SETUP"


def test_five_wrong_codes_end_a_sign_in_and_ten_the_hour(make_mfa_pool):
    pool = make_mfa_pool()
    app = pool.app()
    name = pool.confirmed_user(PASSWORD)
    authenticator = enrolled(app, name)
    for _ in range(2):
        asked = challenge(app, name)
        for _ in range(5):
            with refused("CodeMismatchException", "Invalid code received for user"):
                answer(app, asked, name, SOFTWARE_TOKEN_MFA_CODE=authenticator.wrong_code())
        with refused("NotAuthorizedException"):
            answer(app, asked, name, SOFTWARE_TOKEN_MFA_CODE=authenticator.code(0))

    with refused("NotAuthorizedException", "Attempt limit exceeded, please try after some time."):
        answer(app, challenge(app, name), name, SOFTWARE_TOKEN_MFA_CODE=authenticator.code(0))
