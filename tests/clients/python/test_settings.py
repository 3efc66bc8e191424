"""Pools and app clients by boto3: defaults, updates, flows, and what cannot be set."""

import re

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from pycognito.aws_srp import AWSSRP

from pools import ALL_FLOWS, Pool, unique
from refusal import refused

PASSWORD = "Right-passw0rd!"

STANDARD_ATTRIBUTES = [
    "sub",
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "email_verified",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "phone_number_verified",
    "address",
    "updated_at",
]


@pytest.fixture
def plain(idp):
    """A pool of which only the name was given."""
    pool = idp.create_user_pool(PoolName=unique("plain"))["UserPool"]
    yield pool
    idp.delete_user_pool(UserPoolId=pool["Id"])


def test_a_pool_of_which_only_the_name_is_given_has_the_defaults(plain, idp):
    region = idp.meta.region_name
    assert re.fullmatch(rf"{region}_[0-9A-Za-z]{{9}}", plain["Id"])
    assert plain["Arn"] == f"arn:aws:cognito-idp:{region}:000000000000:userpool/{plain['Id']}"
    assert plain["Policies"]["PasswordPolicy"] == {
        "MinimumLength": 8,
        "RequireUppercase": True,
        "RequireLowercase": True,
        "RequireNumbers": True,
        "RequireSymbols": True,
        "TemporaryPasswordValidityDays": 7,
    }
    assert plain["DeletionProtection"] == "INACTIVE"
    assert plain["LambdaConfig"] == {}
    assert plain["CreationDate"] == plain["LastModifiedDate"]
    assert plain["VerificationMessageTemplate"] == {"DefaultEmailOption": "CONFIRM_WITH_CODE"}
    assert plain["MfaConfiguration"] == "OFF"
    assert plain["EstimatedNumberOfUsers"] == 0
    assert plain["EmailConfiguration"] == {"EmailSendingAccount": "COGNITO_DEFAULT"}
    assert plain["AdminCreateUserConfig"] == {
        "AllowAdminCreateUserOnly": False,
        "UnusedAccountValidityDays": 7,
    }
    assert plain["UserPoolTier"] == "ESSENTIALS"
    assert [attribute["Name"] for attribute in plain["SchemaAttributes"]] == STANDARD_ATTRIBUTES
    for absent in [
        "AliasAttributes",
        "UsernameAttributes",
        "AutoVerifiedAttributes",
        "UsernameConfiguration",
        "AccountRecoverySetting",
        "DeviceConfiguration",
        "SmsConfiguration",
        "UserAttributeUpdateSettings",
        "Domain",
    ]:
        assert absent not in plain
    assert idp.describe_user_pool(UserPoolId=plain["Id"])["UserPool"] == plain


def test_an_update_replaces_what_it_omits_by_defaults(make_pool, idp):
    pool = make_pool(Policies={"PasswordPolicy": {"MinimumLength": 12}})
    idp.update_user_pool(UserPoolId=pool.id, AutoVerifiedAttributes=["email"])
    updated = idp.describe_user_pool(UserPoolId=pool.id)["UserPool"]
    assert updated["Policies"]["PasswordPolicy"]["MinimumLength"] == 8
    assert updated["AutoVerifiedAttributes"] == ["email"]
    assert updated["LastModifiedDate"] > updated["CreationDate"]


def test_a_protected_pool_is_deleted_only_after_its_protection(idp):
    pool = idp.create_user_pool(PoolName=unique("pool"), DeletionProtection="ACTIVE")["UserPool"]
    with refused("InvalidParameterException"):
        idp.delete_user_pool(UserPoolId=pool["Id"])
    idp.update_user_pool(UserPoolId=pool["Id"], DeletionProtection="INACTIVE")
    idp.delete_user_pool(UserPoolId=pool["Id"])
    gone = f"User pool {pool['Id']} does not exist."
    with refused("ResourceNotFoundException", gone):
        idp.describe_user_pool(UserPoolId=pool["Id"])


def test_a_deleted_pool_takes_its_clients_and_users_with_it(make_pool, idp, endpoint):
    pool = Pool(idp, endpoint, idp.create_user_pool(PoolName=unique("pool"))["UserPool"])
    app = pool.app()
    name = pool.confirmed_user(PASSWORD)
    token = app.sign_in(name, PASSWORD)["AccessToken"]
    idp.delete_user_pool(UserPoolId=pool.id)

    with refused("ResourceNotFoundException"):
        idp.admin_get_user(UserPoolId=pool.id, Username=name)
    with refused("ResourceNotFoundException"):
        app.sign_in(name, PASSWORD)
    with pytest.raises(idp.exceptions.ClientError):
        idp.get_user(AccessToken=token)


def test_names_that_contradict_each_other_are_refused(idp):
    with refused("InvalidParameterException"):
        idp.create_user_pool(PoolName=unique("pool"), AliasAttributes=["email"], UsernameAttributes=["email"])


def test_an_app_client_has_the_defaults(pool, idp):
    reply = idp.create_user_pool_client(UserPoolId=pool.id, ClientName="plain")
    client = reply["UserPoolClient"]
    assert re.fullmatch("[0-9a-z]{26}", client["ClientId"])
    assert client["UserPoolId"] == pool.id
    assert client["ClientName"] == "plain"
    assert client["RefreshTokenValidity"] == 30
    assert client["AllowedOAuthFlowsUserPoolClient"] is False
    assert client["EnableTokenRevocation"] is True
    assert client["EnablePropagateAdditionalUserContextData"] is False
    assert client["AuthSessionValidity"] == 3
    assert client["CreationDate"] == client["LastModifiedDate"]
    for absent in ["ClientSecret", "ReadAttributes", "WriteAttributes", "TokenValidityUnits", "CallbackURLs"]:
        assert absent not in client
    told = idp.describe_user_pool_client(UserPoolId=pool.id, ClientId=client["ClientId"])
    assert told["UserPoolClient"] == client


def test_a_generated_secret_stays_and_is_told_again(pool, idp):
    app = pool.app(secret=True)
    told = idp.describe_user_pool_client(UserPoolId=pool.id, ClientId=app.id)["UserPoolClient"]
    assert told["ClientSecret"] == app.secret
    assert re.fullmatch(r"[\w+]{24,64}", app.secret)
    idp.update_user_pool_client(UserPoolId=pool.id, ClientId=app.id, ClientName="renamed")
    told = idp.describe_user_pool_client(UserPoolId=pool.id, ClientId=app.id)["UserPoolClient"]
    assert told["ClientSecret"] == app.secret
    assert told["ClientName"] == "renamed"


def test_a_deleted_client_signs_nobody_in_or_on(pool, idp):
    app = pool.app()
    name = pool.confirmed_user(PASSWORD)
    tokens = app.sign_in(name, PASSWORD)
    idp.delete_user_pool_client(UserPoolId=pool.id, ClientId=app.id)
    with refused("ResourceNotFoundException", f"User pool client {app.id} does not exist."):
        app.sign_in(name, PASSWORD)
    with refused("ResourceNotFoundException"):
        app.refresh(tokens["RefreshToken"])


@pytest.mark.parametrize(
    ("flow", "text"),
    [
        ("ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH flow not enabled for this client"),
        ("ALLOW_USER_SRP_AUTH", "USER_SRP_AUTH is not enabled for the client."),
        ("ALLOW_ADMIN_USER_PASSWORD_AUTH", "Auth flow not enabled for this client"),
    ],
)
def test_a_flow_that_is_not_allowed_is_refused(flow, text, pool, idp):
    app = pool.app(ExplicitAuthFlows=[other for other in ALL_FLOWS if other != flow])
    name = pool.confirmed_user(PASSWORD)
    with refused("InvalidParameterException", text):
        if flow == "ALLOW_USER_PASSWORD_AUTH":
            app.sign_in(name, PASSWORD)
        elif flow == "ALLOW_USER_SRP_AUTH":
            app.user(name).authenticate(PASSWORD)
        else:
            app.user(name).admin_authenticate(PASSWORD)


def test_a_client_without_a_list_of_flows_allows_srp_and_refresh(pool, idp):
    app = pool.app(ExplicitAuthFlows=[])
    name = pool.confirmed_user(PASSWORD)
    user = app.user(name)
    user.authenticate(PASSWORD)
    user.renew_access_token()
    with refused("InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client"):
        app.sign_in(name, PASSWORD)


@pytest.mark.parametrize("flow", ["ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH"])
def test_a_client_of_old_flow_names_still_allows_srp_and_refresh(flow, pool, idp):
    app = pool.app(ExplicitAuthFlows=[flow])
    name = pool.confirmed_user(PASSWORD)
    user = app.user(name)
    user.authenticate(PASSWORD)
    user.renew_access_token()
    if flow == "USER_PASSWORD_AUTH":
        app.sign_in(name, PASSWORD)
    else:
        user.admin_authenticate(PASSWORD)


def test_old_and_new_flow_names_do_not_mix(pool):
    with refused("InvalidParameterException"):
        pool.app(ExplicitAuthFlows=["ADMIN_NO_SRP_AUTH", "ALLOW_USER_SRP_AUTH"])


def test_an_admin_flow_is_not_for_the_public(pool, app, idp):
    name = pool.confirmed_user(PASSWORD)
    with refused("InvalidParameterException"):
        idp.initiate_auth(
            ClientId=app.id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters=app.auth(name, PASSWORD=PASSWORD),
        )


@pytest.mark.parametrize("missing", ["USERNAME", "PASSWORD"])
def test_a_missing_parameter_is_named(missing, pool, app, idp):
    parameters = app.auth("somebody", PASSWORD=PASSWORD)
    del parameters[missing]
    with refused("InvalidParameterException", f"Missing required parameter {missing}"):
        idp.initiate_auth(ClientId=app.id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)


@pytest.mark.parametrize("srp_a", ["0", "00", "FFFFFFFFFFFFFFFF" * 400, "not hex", ""])
def test_an_impossible_srp_value_is_refused(srp_a, pool, app, idp):
    name = pool.confirmed_user(PASSWORD)
    with refused("InvalidParameterException"):
        idp.initiate_auth(
            ClientId=app.id, AuthFlow="USER_SRP_AUTH", AuthParameters=app.auth(name, SRP_A=srp_a)
        )


def test_a_proof_is_good_once(pool, app, idp):
    name = pool.confirmed_user(PASSWORD)
    srp = AWSSRP(name, PASSWORD, pool.id, app.id, client=idp)
    parameters = srp.get_auth_params()
    reply = idp.initiate_auth(ClientId=app.id, AuthFlow="USER_SRP_AUTH", AuthParameters=parameters)
    assert reply["ChallengeParameters"]["USER_ID_FOR_SRP"] == name
    answer = {
        "ClientId": app.id,
        "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeResponses": srp.process_challenge(reply["ChallengeParameters"], parameters),
    }
    idp.respond_to_auth_challenge(**answer)
    with refused("NotAuthorizedException"):
        idp.respond_to_auth_challenge(**answer)


def test_a_proof_of_one_user_is_refused_for_another(pool, app, idp):
    name, other = pool.confirmed_user(PASSWORD), pool.confirmed_user(PASSWORD)
    srp = AWSSRP(name, PASSWORD, pool.id, app.id, client=idp)
    parameters = srp.get_auth_params()
    reply = idp.initiate_auth(ClientId=app.id, AuthFlow="USER_SRP_AUTH", AuthParameters=parameters)
    responses = srp.process_challenge(reply["ChallengeParameters"], parameters)
    with refused("NotAuthorizedException", "Incorrect username or password."):
        idp.respond_to_auth_challenge(
            ClientId=app.id,
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses={**responses, "USERNAME": other},
        )


def test_many_sign_ins_prove_the_password_whatever_the_random_values(pool, app):
    name = pool.confirmed_user(PASSWORD)
    for _ in range(20):
        app.user(name).authenticate(PASSWORD)


def test_shape_faults_are_counted_and_named(idp):
    unchecked = boto3.client(
        "cognito-idp", endpoint_url=idp.meta.endpoint_url, config=Config(parameter_validation=False)
    )
    with refused(
        "InvalidParameterException",
        "1 validation error detected: Value null at 'authFlow' failed to satisfy constraint: "
        "Member must not be null",
    ):
        unchecked.initiate_auth(ClientId="1client")
    with refused("InvalidParameterException") as caught:
        unchecked.sign_up(Username="somebody")
    assert "'clientId' failed to satisfy constraint: Member must not be null" in str(caught.value)


def test_a_client_rotates_its_secret_without_a_gap(pool, idp):
    app = pool.app(secret=True)
    name = pool.confirmed_user(PASSWORD)
    named = {"UserPoolId": pool.id, "ClientId": app.id}
    added = idp.add_user_pool_client_secret(**named)["ClientSecretDescriptor"]
    old, app.secret = app.secret, added["ClientSecretValue"]
    assert app.sign_in(name, PASSWORD)["AccessToken"]
    app.secret = old
    assert app.sign_in(name, PASSWORD)["AccessToken"]
    with refused("LimitExceededException"):
        idp.add_user_pool_client_secret(**named)
    listed = idp.list_user_pool_client_secrets(**named)["ClientSecrets"]
    assert [set(secret) for secret in listed] == [{"ClientSecretId", "ClientSecretCreateDate"}] * 2
    idp.delete_user_pool_client_secret(**named, ClientSecretId=listed[1]["ClientSecretId"])
    with refused("NotAuthorizedException"):
        app.sign_in(name, PASSWORD)
    app.secret = added["ClientSecretValue"]
    assert app.sign_in(name, PASSWORD)["AccessToken"]
    with refused("InvalidParameterException"):
        idp.delete_user_pool_client_secret(**named, ClientSecretId=added["ClientSecretId"])
    with refused("ResourceNotFoundException"):
        idp.list_user_pool_client_secrets(UserPoolId=pool.id, ClientId="unknown")


def test_a_client_of_the_api_gets_tokens_of_its_own(pool, idp):
    scopes = [{"ScopeName": "read", "ScopeDescription": "Reads"}]
    idp.create_resource_server(UserPoolId=pool.id, Identifier="api", Name="API", Scopes=scopes)
    app = pool.app(
        secret=True, ExplicitAuthFlows=["ALLOW_CLIENT_TOKEN_AUTH"], AllowedOAuthScopes=["api/read"]
    )
    proof = {"ClientId": app.id, "Secret": app.secret}
    result = idp.get_client_token(**proof, Scopes=["api/read"])["ClientAuthenticationResult"]
    assert (result["TokenType"], result["ExpiresIn"]) == ("Bearer", 3600)
    assert pool.claims(result["AccessToken"], app)["scope"] == "api/read"
    with refused("NotAuthorizedException"):
        idp.get_client_token(ClientId=app.id, Secret="A" * 24)
    with refused("InvalidParameterException"):
        idp.get_client_token(**proof, Scopes=["api/write"])
    # The service asks for no signature: the secret is the proof.
    unsigned = boto3.client(
        "cognito-idp", endpoint_url=pool.endpoint, config=Config(signature_version=UNSIGNED)
    )
    assert unsigned.get_client_token(**proof)["ClientAuthenticationResult"]["AccessToken"]
