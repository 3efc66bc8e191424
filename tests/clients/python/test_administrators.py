"""What administrators do to users by boto3's signed operations."""

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from inbox import other_code
from pools import unique, unique_address
from refusal import (
    DISABLED,
    NO_USER,
    NOT_CONFIRMED,
    REFRESH_REVOKED,
    TOKEN_REVOKED,
    WRONG_CODE,
    WRONG_PASSWORD,
    refused,
)

PASSWORD = "Right-passw0rd!"
NEWER = "Newer-passw0rd!"


def admin_sign_in(app, name, password, flow="ADMIN_USER_PASSWORD_AUTH"):
    return app.pool.idp.admin_initiate_auth(
        UserPoolId=app.pool.id,
        ClientId=app.id,
        AuthFlow=flow,
        AuthParameters=app.auth(name, PASSWORD=password),
    )


def test_a_created_user_is_told_as_the_service_tells_it(pool, idp):
    name = unique("user")
    address = unique_address()
    reply = idp.admin_create_user(
        UserPoolId=pool.id,
        Username=name,
        MessageAction="SUPPRESS",
        TemporaryPassword="Temp-passw0rd!",
        UserAttributes=[{"Name": "email", "Value": address}, {"Name": "email_verified", "Value": "true"}],
    )

    user = reply["User"]
    assert user["Username"] == name
    assert user["Enabled"] is True
    assert user["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert user["UserCreateDate"] == user["UserLastModifiedDate"]
    attributes = {attribute["Name"]: attribute["Value"] for attribute in user["Attributes"]}
    assert attributes.pop("sub")
    assert attributes == {"email": address, "email_verified": "true"}
    with refused("UsernameExistsException"):
        idp.admin_create_user(UserPoolId=pool.id, Username=name, MessageAction="SUPPRESS")
    with refused(
        "InvalidPasswordException", "Password did not conform with password policy: Password not long enough"
    ):
        idp.admin_create_user(UserPoolId=pool.id, Username=unique("user"), TemporaryPassword="Sh0rt!")


@pytest.mark.parametrize("secret", [False, True], ids=["public client", "client with a secret"])
def test_a_new_password_is_set_step_by_step(secret, pool, idp):
    app = pool.app(secret)
    name = unique("user")
    address = unique_address()
    idp.admin_create_user(
        UserPoolId=pool.id,
        Username=name,
        MessageAction="SUPPRESS",
        TemporaryPassword="Temp-passw0rd!",
        UserAttributes=[{"Name": "email", "Value": address}],
    )

    challenge = admin_sign_in(app, name, "Temp-passw0rd!")
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert challenge["ChallengeParameters"]["USER_ID_FOR_SRP"] == name
    assert challenge["ChallengeParameters"]["requiredAttributes"] == "[]"
    assert address in challenge["ChallengeParameters"]["userAttributes"]
    answer = {
        "UserPoolId": pool.id,
        "ClientId": app.id,
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": challenge["Session"],
        "ChallengeResponses": app.auth(name, NEW_PASSWORD=PASSWORD),
    }
    reply = idp.admin_respond_to_auth_challenge(**answer)

    assert reply["ChallengeParameters"] == {}
    assert reply["AuthenticationResult"]["TokenType"] == "Bearer"
    assert reply["AuthenticationResult"]["ExpiresIn"] == 3600
    with refused("NotAuthorizedException", "Invalid session for the user, session can only be used once."):
        idp.admin_respond_to_auth_challenge(**answer)
    app.sign_in(name, PASSWORD)


def test_a_session_of_one_user_is_refused_for_another(pool, app, idp):
    sessions = {}
    for name in [unique("one"), unique("other")]:
        idp.admin_create_user(
            UserPoolId=pool.id, Username=name, MessageAction="SUPPRESS", TemporaryPassword="Temp-passw0rd!"
        )
        sessions[name] = admin_sign_in(app, name, "Temp-passw0rd!")["Session"]
    one, other = sessions

    with refused("NotAuthorizedException"):
        idp.respond_to_auth_challenge(
            ClientId=app.id,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=sessions[one],
            ChallengeResponses=app.auth(other, NEW_PASSWORD=PASSWORD),
        )
    with refused("NotAuthorizedException"):
        idp.respond_to_auth_challenge(
            ClientId=app.id,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session="A" * 400,
            ChallengeResponses=app.auth(one, NEW_PASSWORD=PASSWORD),
        )

    assert pool.status_of(one) == pool.status_of(other) == "FORCE_CHANGE_PASSWORD"


def test_required_attributes_are_asked_for_with_the_new_password(make_pool, idp):
    pool = make_pool(Schema=[{"Name": "given_name", "Required": True, "Mutable": True}])
    app = pool.app()
    name = unique("user")
    idp.admin_create_user(
        UserPoolId=pool.id, Username=name, MessageAction="SUPPRESS", TemporaryPassword="Temp-passw0rd!"
    )
    challenge = admin_sign_in(app, name, "Temp-passw0rd!")
    assert challenge["ChallengeParameters"]["requiredAttributes"] == '["userAttributes.given_name"]'
    answer = {"ClientId": app.id, "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": challenge["Session"]}

    with refused("InvalidParameterException", "Invalid attributes given, given_name is missing"):
        idp.respond_to_auth_challenge(**answer, ChallengeResponses=app.auth(name, NEW_PASSWORD=PASSWORD))
    idp.respond_to_auth_challenge(
        **answer,
        ChallengeResponses={**app.auth(name, NEW_PASSWORD=PASSWORD), "userAttributes.given_name": "Ada"},
    )

    assert pool.attributes_of(name)["given_name"] == "Ada"


def test_an_invitation_can_be_sent_again(pool, app, idp, inbox):
    name = unique("user")
    address = unique_address()
    invite = {"UserPoolId": pool.id, "Username": name, "DesiredDeliveryMediums": ["EMAIL"]}
    attributes = [{"Name": "email", "Value": address}]
    with inbox.messages_to(address) as first:
        idp.admin_create_user(**invite, UserAttributes=attributes)
    with inbox.messages_to(address) as second:
        idp.admin_create_user(**invite, MessageAction="RESEND")

    assert first.code != second.code
    with refused(*WRONG_PASSWORD):
        app.sign_in(name, first.code)
    assert admin_sign_in(app, name, second.code)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    idp.admin_set_user_password(UserPoolId=pool.id, Username=name, Password=PASSWORD, Permanent=True)
    with refused("UnsupportedUserStateException"):
        idp.admin_create_user(**invite, MessageAction="RESEND")


@pytest.mark.parametrize("flow", ["ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"])
def test_the_admin_flow_has_two_names(flow, pool, app):
    name = pool.confirmed_user(PASSWORD)
    reply = admin_sign_in(app, name, PASSWORD, flow)
    assert set(reply["AuthenticationResult"]) == {
        "AccessToken",
        "ExpiresIn",
        "IdToken",
        "RefreshToken",
        "TokenType",
    }


def test_a_password_set_by_the_administrator_is_temporary_unless_said_otherwise(pool, app, idp):
    name = pool.confirmed_user(PASSWORD)
    idp.admin_set_user_password(UserPoolId=pool.id, Username=name, Password=NEWER, Permanent=False)
    assert pool.status_of(name) == "FORCE_CHANGE_PASSWORD"
    with refused(*WRONG_PASSWORD):
        app.sign_in(name, PASSWORD)
    assert admin_sign_in(app, name, NEWER)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    with refused("NotAuthorizedException", "User password cannot be reset in the current state."):
        idp.forgot_password(ClientId=app.id, Username=name)

    idp.admin_set_user_password(UserPoolId=pool.id, Username=name, Password=PASSWORD, Permanent=True)

    assert pool.status_of(name) == "CONFIRMED"
    app.sign_in(name, PASSWORD)


def test_a_reset_by_the_administrator_leaves_only_the_code(pool, app, idp, inbox):
    address = unique_address()
    name = pool.confirmed_user(PASSWORD, email=address)
    with inbox.messages_to(address) as sent:
        idp.admin_reset_user_password(UserPoolId=pool.id, Username=name)
    assert pool.status_of(name) == "RESET_REQUIRED"
    with refused("PasswordResetRequiredException", "Password reset required for the user"):
        app.sign_in(name, PASSWORD)

    def confirm(code):
        idp.confirm_forgot_password(ClientId=app.id, Username=name, ConfirmationCode=code, Password=NEWER)

    with refused(*WRONG_CODE):
        confirm(other_code(sent.code))
    confirm(sent.code)

    assert pool.status_of(name) == "CONFIRMED"
    app.sign_in(name, NEWER)


def test_a_disabled_user_has_no_way_in_and_no_tokens(pool, app, idp):
    name = pool.confirmed_user(PASSWORD)
    tokens = app.sign_in(name, PASSWORD)
    idp.admin_disable_user(UserPoolId=pool.id, Username=name)
    idp.admin_disable_user(UserPoolId=pool.id, Username=name)

    assert idp.admin_get_user(UserPoolId=pool.id, Username=name)["Enabled"] is False
    with refused(*DISABLED):
        app.sign_in(name, PASSWORD)
    with refused(*DISABLED):
        admin_sign_in(app, name, PASSWORD)
    with refused(*WRONG_PASSWORD):
        app.sign_in(name, NEWER)
    with refused("NotAuthorizedException"):
        idp.get_user(AccessToken=tokens["AccessToken"])
    with refused("NotAuthorizedException"):
        app.refresh(tokens["RefreshToken"])
    with refused("NotAuthorizedException", "User is disabled"):
        idp.admin_reset_user_password(UserPoolId=pool.id, Username=name)

    idp.admin_enable_user(UserPoolId=pool.id, Username=name)
    app.sign_in(name, PASSWORD)
    with refused("NotAuthorizedException"):
        app.refresh(tokens["RefreshToken"])


def test_attributes_are_set_and_deleted_by_the_administrator(pool, idp):
    name = pool.confirmed_user(PASSWORD)

    def update(**attributes):
        idp.admin_update_user_attributes(
            UserPoolId=pool.id,
            Username=name,
            UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items()],
        )

    update(given_name="Ada", family_name="Lovelace", nickname="A")
    update(nickname="")
    idp.admin_delete_user_attributes(UserPoolId=pool.id, Username=name, UserAttributeNames=["family_name"])

    attributes = pool.attributes_of(name)
    assert attributes["given_name"] == "Ada"
    assert "family_name" not in attributes
    assert "nickname" not in attributes
    with refused(
        "InvalidParameterException",
        "Invalid user attributes: user.custom:none: Attribute does not exist in the schema.\n",
    ):
        idp.admin_delete_user_attributes(
            UserPoolId=pool.id, Username=name, UserAttributeNames=["custom:none"]
        )
    with refused("InvalidParameterException"):
        update(phone_number="not a number")


def test_the_administrator_signs_a_user_out_everywhere(pool, app, idp):
    name = pool.confirmed_user(PASSWORD)
    tokens = app.sign_in(name, PASSWORD)
    idp.admin_user_global_sign_out(UserPoolId=pool.id, Username=name)

    with refused(*TOKEN_REVOKED):
        idp.get_user(AccessToken=tokens["AccessToken"])
    with refused(*REFRESH_REVOKED):
        app.refresh(tokens["RefreshToken"])
    with refused(*TOKEN_REVOKED):
        idp.global_sign_out(AccessToken=tokens["AccessToken"])
    idp.get_user(AccessToken=app.sign_in(name, PASSWORD)["AccessToken"])


def test_the_administrator_confirms_a_sign_up(pool, app, idp):
    name = unique("user")
    idp.sign_up(ClientId=app.id, Username=name, Password=PASSWORD)
    assert pool.status_of(name) == "UNCONFIRMED"
    with refused(*NOT_CONFIRMED):
        app.sign_in(name, PASSWORD)
    with refused(*WRONG_PASSWORD):
        app.sign_in(name, NEWER)

    idp.admin_confirm_sign_up(UserPoolId=pool.id, Username=name)

    app.sign_in(name, PASSWORD)
    with refused("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED"):
        idp.admin_confirm_sign_up(UserPoolId=pool.id, Username=name)


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("admin_get_user", {}),
        ("admin_delete_user", {}),
        ("admin_disable_user", {}),
        ("admin_enable_user", {}),
        ("admin_confirm_sign_up", {}),
        ("admin_reset_user_password", {}),
        ("admin_user_global_sign_out", {}),
        ("admin_set_user_password", {"Password": PASSWORD, "Permanent": True}),
        ("admin_update_user_attributes", {"UserAttributes": [{"Name": "name", "Value": "x"}]}),
        ("admin_delete_user_attributes", {"UserAttributeNames": ["name"]}),
    ],
)
def test_every_admin_operation_tells_of_an_unknown_user_and_an_unknown_pool(operation, arguments, pool, idp):
    call = getattr(idp, operation)
    with refused(*NO_USER):
        call(UserPoolId=pool.id, Username=unique("nobody"), **arguments)
    nowhere = "us-east-1_NoSuchP00"
    with refused("ResourceNotFoundException", f"User pool {nowhere} does not exist."):
        call(UserPoolId=nowhere, Username=unique("nobody"), **arguments)


@pytest.mark.parametrize(
    ("key_id", "secret", "error"),
    [
        (None, "not-the-administrators-secret", "InvalidSignatureException"),
        ("AKIANOBODYKNOWSTHIS0", "not-the-administrators-secret", "UnrecognizedClientException"),
    ],
)
def test_a_wrong_key_opens_nothing(key_id, secret, error, pool, idp, endpoint):
    stranger = boto3.client(
        "cognito-idp",
        endpoint_url=endpoint,
        aws_access_key_id=key_id or idp._request_signer._credentials.access_key,
        aws_secret_access_key=secret,
    )
    with pytest.raises(ClientError) as caught:
        stranger.admin_delete_user(UserPoolId=pool.id, Username="anyone")
    assert caught.value.response["Error"]["Code"] == error


def test_an_unsigned_call_opens_nothing(pool, endpoint):
    stranger = boto3.client("cognito-idp", endpoint_url=endpoint, config=Config(signature_version=UNSIGNED))
    with pytest.raises(ClientError) as caught:
        stranger.list_users(UserPoolId=pool.id)
    assert caught.value.response["Error"]["Code"] == "MissingAuthenticationTokenException"
