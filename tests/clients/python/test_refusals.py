"""What each operation says of a pool, a client, a user or a token that there is not: the refusal that programs meet first."""

import boto3
import pytest

from pools import unique
from refusal import NO_USER, refused

PASSWORD = "Right-passw0rd!"
POOL, CLIENT = "us-east-1_Nobody000", "0123456789abcdefghijklmnop"
NO_POOL = ("ResourceNotFoundException", f"User pool {POOL} does not exist.")
NO_CLIENT = ("ResourceNotFoundException", f"User pool client {CLIENT} does not exist.")
NO_TOKEN = ("NotAuthorizedException", "Invalid Access Token")
ID = "00000000-0000-4000-8000-000000000000"
SCHEMA = [{"Name": "x", "AttributeDataType": "String"}]

# Operations about a pool, with what else they want to be told.
OF_A_POOL = {
    "add_custom_attributes": {"CustomAttributes": SCHEMA},
    "create_group": {"GroupName": "g"},
    "create_identity_provider": {
        "ProviderName": "Partner",
        "ProviderType": "OIDC",
        "ProviderDetails": {"client_id": "x"},
    },
    "create_resource_server": {"Identifier": "x", "Name": "x"},
    "create_user_import_job": {"JobName": "x", "CloudWatchLogsRoleArn": "arn:aws:iam::000000000000:role/x"},
    "create_user_pool_client": {"ClientName": "x"},
    "create_user_pool_domain": {"Domain": "nobodys"},
    "delete_user_pool": {},
    "delete_user_pool_domain": {"Domain": "nobodys"},
    "describe_risk_configuration": {},
    "describe_user_import_job": {"JobId": "import-x"},
    "describe_user_pool": {},
    "get_csv_header": {},
    "get_group": {"GroupName": "g"},
    "get_identity_provider_by_identifier": {"IdpIdentifier": "x"},
    "get_log_delivery_configuration": {},
    "get_signing_certificate": {},
    "get_ui_customization": {},
    "get_user_pool_mfa_config": {},
    "get_user_pool_session_configuration": {},
    "list_groups": {},
    "list_identity_providers": {},
    "list_resource_servers": {},
    "list_terms": {},
    "list_user_import_jobs": {"MaxResults": 1},
    "list_user_pool_clients": {},
    "list_users": {},
    "list_users_in_group": {"GroupName": "g"},
    "set_log_delivery_configuration": {"LogConfigurations": []},
    "set_risk_configuration": {},
    "set_ui_customization": {},
    "set_user_pool_mfa_config": {},
    "set_user_pool_session_configuration": {"UserSessionTracking": "ENABLED", "TokenSession": {"MaxPerUser": 1}},
    "update_user_pool": {},
    "update_user_pool_domain": {"Domain": "nobodys"},
}

# Operations about an app client of a pool.
OF_A_CLIENT = {
    "add_user_pool_client_secret": {},
    "create_managed_login_branding": {},
    "create_terms": {
        "TermsName": "terms-of-use",
        "TermsSource": "LINK",
        "Enforcement": "NONE",
        "Links": {"cognito:default": "https://example.com"},
    },
    "delete_user_pool_client": {},
    "delete_user_pool_client_secret": {"ClientSecretId": f"{CLIENT}--1"},
    "describe_managed_login_branding_by_client": {},
    "describe_terms_by_client": {"TermsName": "terms-of-use"},
    "describe_user_pool_client": {},
    "get_ui_customization": {},
    "get_user_pool_client_session_configuration": {},
    "list_user_pool_client_secrets": {},
    "set_ui_customization": {},
    "set_user_pool_client_session_configuration": {"SSOSession": {"MaxValidityMinutes": 1}},
    "update_user_pool_client": {},
}

# Operations of an administrator about a user.
OF_A_USER = {
    "admin_confirm_sign_up": {},
    "admin_delete_software_token": {},
    "admin_delete_user": {},
    "admin_delete_user_attributes": {"UserAttributeNames": ["name"]},
    "admin_disable_user": {},
    "admin_enable_user": {},
    "admin_forget_device": {"DeviceKey": f"us-east-1_{ID}"},
    "admin_get_user": {},
    "admin_get_user_auth_factors": {},
    "admin_list_groups_for_user": {},
    "admin_list_user_sessions": {},
    "admin_reset_user_password": {},
    "admin_revoke_user_session": {"SessionId": f"tkn{'a' * 25}"},
    "admin_set_user_mfa_preference": {},
    "admin_set_user_password": {"Password": PASSWORD, "Permanent": True},
    "admin_set_user_settings": {"MFAOptions": []},
    "admin_update_device_status": {"DeviceKey": f"us-east-1_{ID}"},
    "admin_update_user_attributes": {"UserAttributes": [{"Name": "name", "Value": "x"}]},
    "admin_user_global_sign_out": {},
}

# Operations of a user.
OF_A_TOKEN = {
    "associate_software_token": {},
    "change_password": {"PreviousPassword": PASSWORD, "ProposedPassword": PASSWORD},
    "complete_web_authn_registration": {"Credential": {"type": "public-key"}},
    "confirm_device": {"DeviceKey": f"us-east-1_{ID}"},
    "delete_user": {},
    "delete_user_attributes": {"UserAttributeNames": ["name"]},
    "delete_web_authn_credential": {"CredentialId": "bm9uZQ"},
    "forget_device": {"DeviceKey": f"us-east-1_{ID}"},
    "get_device": {"DeviceKey": f"us-east-1_{ID}"},
    "get_user": {},
    "get_user_attribute_verification_code": {"AttributeName": "email"},
    "get_user_auth_factors": {},
    "global_sign_out": {},
    "list_devices": {},
    "list_user_sessions": {},
    "list_web_authn_credentials": {},
    "revoke_user_session": {"SessionId": f"tkn{'a' * 25}"},
    "set_user_mfa_preference": {},
    "set_user_settings": {"MFAOptions": []},
    "start_web_authn_registration": {},
    "update_device_status": {"DeviceKey": f"us-east-1_{ID}"},
    "update_user_attributes": {"UserAttributes": [{"Name": "name", "Value": "x"}]},
    "verify_software_token": {"UserCode": "123456"},
    "verify_user_attribute": {"AttributeName": "email", "Code": "123456"},
}

# Operations of an application.
OF_AN_APPLICATION = {
    "confirm_forgot_password": {"Username": "x", "ConfirmationCode": "123456", "Password": PASSWORD},
    "confirm_sign_up": {"Username": "x", "ConfirmationCode": "123456"},
    "forgot_password": {"Username": "x"},
    "get_tokens_from_refresh_token": {"RefreshToken": "x"},
    "initiate_auth": {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": "x", "PASSWORD": "x"}},
    "resend_confirmation_code": {"Username": "x"},
    "respond_to_auth_challenge": {
        "ChallengeName": "SMS_MFA",
        "Session": "a" * 20,
        "ChallengeResponses": {"USERNAME": "x", "SMS_MFA_CODE": "123456"},
    },
    "sign_up": {"Username": "x", "Password": PASSWORD},
}


@pytest.mark.parametrize("operation", OF_A_POOL)
def test_a_pool_that_there_is_not_is_told(operation, idp):
    with refused(*NO_POOL):
        getattr(idp, operation)(UserPoolId=POOL, **OF_A_POOL[operation])


def test_a_client_that_there_is_not_is_told(pool, idp):
    for operation, more in OF_A_CLIENT.items():
        with refused(*NO_CLIENT):
            getattr(idp, operation)(UserPoolId=pool.id, ClientId=CLIENT, **more)
        with refused(*NO_POOL):
            getattr(idp, operation)(UserPoolId=POOL, ClientId=CLIENT, **more)
    for operation, more in OF_AN_APPLICATION.items():
        with refused(*NO_CLIENT):
            getattr(idp, operation)(ClientId=CLIENT, **more)


def test_a_user_that_there_is_not_is_told(pool, idp):
    for operation, more in OF_A_USER.items():
        with refused(*NO_USER):
            getattr(idp, operation)(UserPoolId=pool.id, Username=unique("nobody"), **more)
        with refused(*NO_POOL):
            getattr(idp, operation)(UserPoolId=POOL, Username="nobody", **more)


def test_a_token_that_is_none_opens_nothing(pool, app, idp):
    for operation, more in OF_A_TOKEN.items():
        with refused(*NO_TOKEN):
            getattr(idp, operation)(AccessToken="not.a.token", **more)


def test_a_token_of_a_deleted_user_opens_nothing(pool, app, idp):
    name = pool.confirmed_user(PASSWORD)
    access = app.sign_in(name, PASSWORD)["AccessToken"]
    idp.delete_user(AccessToken=access)
    for operation, more in OF_A_TOKEN.items():
        with pytest.raises(idp.exceptions.ClientError) as caught:
            getattr(idp, operation)(AccessToken=access, **more)
        told = caught.value.response["Error"]["Code"]
        assert told in ("UserNotFoundException", "NotAuthorizedException"), f"{operation}: {told}"


def test_things_of_a_pool_that_there_are_not_are_told(pool, idp):
    named = {"UserPoolId": pool.id}
    for operation, more in [
        ("delete_group", {"GroupName": "nobody's"}),
        ("update_group", {"GroupName": "nobody's"}),
        ("list_users_in_group", {"GroupName": "nobody's"}),
        ("describe_identity_provider", {"ProviderName": "Nobody"}),
        ("update_identity_provider", {"ProviderName": "Nobody"}),
        ("delete_identity_provider", {"ProviderName": "Nobody"}),
        ("get_identity_provider_by_identifier", {"IdpIdentifier": "nobody.example.com"}),
        ("describe_user_import_job", {"JobId": "import-nothing"}),
        ("start_user_import_job", {"JobId": "import-nothing"}),
        ("stop_user_import_job", {"JobId": "import-nothing"}),
    ]:
        with refused("ResourceNotFoundException"):
            getattr(idp, operation)(**named, **more)


@pytest.mark.parametrize(
    ("operation", "member", "most"),
    [
        ("list_user_pools", "MaxResults", 60),
        ("list_user_import_jobs", "MaxResults", 60),
        ("list_user_pool_clients", "MaxResults", 60),
        ("list_resource_servers", "MaxResults", 50),
        ("list_identity_providers", "MaxResults", 60),
        ("list_groups", "Limit", 60),
        ("list_users", "Limit", 60),
    ],
)
def test_a_page_has_its_greatest_size(operation, member, most, pool, idp):
    named = {} if operation == "list_user_pools" else {"UserPoolId": pool.id}
    with refused(
        "InvalidParameterException",
        f"1 validation error detected: Value '{most + 1}' at '{member[0].lower() + member[1:]}' failed to satisfy "
        f"constraint: Member must have value less than or equal to {most}",
    ):
        getattr(idp, operation)(**named, **{member: most + 1})
    assert getattr(idp, operation)(**named, **{member: most})


def test_who_is_no_administrator_is_refused(endpoint):
    stranger = boto3.client(
        "cognito-idp", endpoint_url=endpoint, aws_access_key_id="AKIASTRANGER00000000", aws_secret_access_key="x" * 40
    )
    for operation, more in OF_A_POOL.items():
        with pytest.raises(stranger.exceptions.ClientError) as caught:
            getattr(stranger, operation)(UserPoolId=POOL, **more)
        assert caught.value.response["Error"]["Code"] == "UnrecognizedClientException"


def test_a_limit_of_a_category_that_there_is_not_is_refused(idp):
    unknown = {"LimitClass": "API_CATEGORY", "Attributes": {"Category": "Nothing"}}
    with refused("InvalidParameterException"):
        idp.get_provisioned_limit(LimitDefinition=unknown)
    with refused("InvalidParameterException"):
        idp.update_provisioned_limit(LimitDefinition=unknown, RequestedLimitValue=1)
