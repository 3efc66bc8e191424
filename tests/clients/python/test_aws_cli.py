"""The AWS CLI with the command lines that users find in tutorials; only the endpoint is added."""

import contextlib
import io
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import awscli.clidriver
import pytest

from inbox import other_code
from pools import secret_hash, unique, unique_address

PASSWORD = "Right-passw0rd!"
NEWER = "Newer-passw0rd!"


@pytest.fixture(scope="module")
def aws(endpoint, tmp_path_factory):
    """Runs `aws <service> <line>`; gives its output as JSON, or the text of an expected refusal.

    The program's own entry is called in this process: half a second a line is its start.
    """
    config = tmp_path_factory.mktemp("aws") / "config"
    # Version 1 fetches arguments that look like addresses unless told not to.
    config.write_text("[default]\ncli_follow_urlparam = false\n")

    def run(line, refused=None, service="cognito-idp"):
        arguments = [service, "--endpoint-url", endpoint, "--output", "json", *shlex.split(line)]
        told, complaint = io.StringIO(), io.StringIO()
        with (
            pytest.MonkeyPatch.context() as environment,
            contextlib.redirect_stdout(told),
            contextlib.redirect_stderr(complaint),
        ):
            environment.setenv("AWS_CONFIG_FILE", str(config))
            environment.setenv("AWS_PAGER", "")
            code = awscli.clidriver.create_clidriver().main(arguments)
        told, complaint = told.getvalue(), complaint.getvalue()
        if refused is not None:
            assert code != 0, told
            assert any(text in complaint for text in refused), complaint
            return complaint
        assert code == 0, complaint
        return json.loads(told) if told.strip() else None

    return run


@pytest.fixture(scope="module")
def pool_id(aws):
    """The pool of the tutorials: e-mail addresses as user names, optional MFA, verification first."""
    reply = aws(
        "create-user-pool --pool-name MyUserPool"
        " --policies 'PasswordPolicy={MinimumLength=8,RequireUppercase=true,RequireLowercase=true,"
        "RequireNumbers=true,RequireSymbols=true}'"
        " --auto-verified-attributes email"
        " --username-attributes email"
        " --mfa-configuration OPTIONAL"
        " --user-attribute-update-settings AttributesRequireVerificationBeforeUpdate=email"
    )
    pool = reply["UserPool"]
    assert pool["Name"] == "MyUserPool"
    assert pool["MfaConfiguration"] == "OPTIONAL"
    assert pool["UsernameAttributes"] == ["email"]
    assert pool["AutoVerifiedAttributes"] == ["email"]
    assert pool["UserAttributeUpdateSettings"] == {"AttributesRequireVerificationBeforeUpdate": ["email"]}
    yield pool["Id"]
    aws(f"delete-user-pool --user-pool-id {pool['Id']}")
    aws(f"describe-user-pool --user-pool-id {pool['Id']}", refused=["(ResourceNotFoundException)"])


@pytest.fixture(scope="module")
def client(aws, pool_id):
    """The app client of the tutorials' single-page application."""
    reply = aws(
        f"create-user-pool-client --user-pool-id {pool_id} --client-name MyApp --no-generate-secret"
        " --explicit-auth-flows ALLOW_USER_PASSWORD_AUTH ALLOW_USER_SRP_AUTH"
        " ALLOW_ADMIN_USER_PASSWORD_AUTH ALLOW_REFRESH_TOKEN_AUTH"
    )
    assert "ClientSecret" not in reply["UserPoolClient"]
    return reply["UserPoolClient"]["ClientId"]


def test_the_endpoint_may_come_from_the_environment(endpoint):
    # The lines that the server prints when it starts, by the program itself.
    program = Path(sys.executable).with_name("aws")
    environment = {**os.environ, "AWS_ENDPOINT_URL": endpoint, "AWS_DEFAULT_REGION": "eu-central-1"}

    def run(line):
        arguments = [program, *shlex.split(line)]
        done = subprocess.run(arguments, env=environment, capture_output=True, timeout=60, check=True)
        return json.loads(done.stdout) if done.stdout.strip() else None

    made = run("cognito-idp create-user-pool --pool-name first")["UserPool"]["Id"]
    assert made.startswith("eu-central-1_")
    listed = run("cognito-idp list-user-pools --max-results 10")["UserPools"]
    assert listed
    run(f"cognito-idp delete-user-pool --user-pool-id {made}")


def test_policies_may_be_written_as_json(aws):
    policies = {
        "PasswordPolicy": {
            "MinimumLength": 10,
            "RequireUppercase": True,
            "RequireLowercase": True,
            "RequireNumbers": True,
            "RequireSymbols": False,
            "TemporaryPasswordValidityDays": 3,
        }
    }
    schema = [{"Name": "tenant", "AttributeDataType": "String", "Mutable": True}]
    reply = aws(
        f"create-user-pool --pool-name my-pool --policies '{json.dumps(policies)}'"
        f" --schema '{json.dumps(schema)}' --alias-attributes email preferred_username"
        " --admin-create-user-config AllowAdminCreateUserOnly=false"
        " --account-recovery-setting 'RecoveryMechanisms=[{Priority=1,Name=verified_email}]'"
        " --username-configuration CaseSensitive=false"
        " --verification-message-template DefaultEmailOption=CONFIRM_WITH_CODE"
        " --user-pool-tags team=identity"
    )
    pool = reply["UserPool"]
    assert pool["Policies"]["PasswordPolicy"] == policies["PasswordPolicy"]
    assert pool["UserPoolTags"] == {"team": "identity"}
    assert pool["AccountRecoverySetting"]["RecoveryMechanisms"] == [{"Priority": 1, "Name": "verified_email"}]
    assert pool["SchemaAttributes"][-1]["Name"] == "custom:tenant"
    told = aws(f"describe-user-pool --user-pool-id {pool['Id']}")
    assert told["UserPool"]["Policies"]["PasswordPolicy"]["MinimumLength"] == 10
    aws(f"update-user-pool --user-pool-id {pool['Id']} --auto-verified-attributes email")
    aws(f"delete-user-pool --user-pool-id {pool['Id']}")


def test_the_app_client_of_a_web_application(aws, pool_id):
    reply = aws(
        f"create-user-pool-client --user-pool-id {pool_id} --client-name MyWebApp"
        " --generate-secret"
        " --explicit-auth-flows ALLOW_USER_SRP_AUTH ALLOW_REFRESH_TOKEN_AUTH ALLOW_USER_PASSWORD_AUTH"
        " --supported-identity-providers COGNITO"
        " --callback-urls https://example.com/callback http://localhost:3000/callback"
        " --logout-urls https://example.com/logout"
        " --allowed-o-auth-flows code"
        " --allowed-o-auth-scopes openid email profile"
        " --allowed-o-auth-flows-user-pool-client"
        " --prevent-user-existence-errors ENABLED"
        " --enable-token-revocation"
        " --access-token-validity 60 --id-token-validity 60 --refresh-token-validity 30"
        " --token-validity-units AccessToken=minutes,IdToken=minutes,RefreshToken=days"
    )
    made = reply["UserPoolClient"]
    assert made["ClientSecret"]
    assert made["SupportedIdentityProviders"] == ["COGNITO"]
    assert sorted(made["CallbackURLs"]) == ["http://localhost:3000/callback", "https://example.com/callback"]
    assert made["LogoutURLs"] == ["https://example.com/logout"]
    assert made["AllowedOAuthFlows"] == ["code"]
    assert sorted(made["AllowedOAuthScopes"]) == ["email", "openid", "profile"]
    assert made["AllowedOAuthFlowsUserPoolClient"] is True
    assert made["TokenValidityUnits"] == {
        "AccessToken": "minutes",
        "IdToken": "minutes",
        "RefreshToken": "days",
    }
    client_id = made["ClientId"]
    told = aws(f"describe-user-pool-client --user-pool-id {pool_id} --client-id {client_id}")
    assert told["UserPoolClient"] == made

    address = unique_address()
    proof = secret_hash(address, client_id, made["ClientSecret"])
    aws(
        f"sign-up --client-id {client_id} --secret-hash {proof} --username {address} --password {PASSWORD}"
        f" --user-attributes Name=email,Value={address}"
    )
    aws(
        f"sign-up --client-id {client_id} --username {address} --password {PASSWORD}",
        refused=["(NotAuthorizedException)"],
    )
    aws(f"delete-user-pool-client --user-pool-id {pool_id} --client-id {client_id}")
    aws(
        f"describe-user-pool-client --user-pool-id {pool_id} --client-id {client_id}",
        refused=["(ResourceNotFoundException)"],
    )


def test_a_user_signs_up_lives_and_leaves(aws, pool_id, client, inbox):
    address = unique_address()
    with inbox.messages_to(address) as sent:
        reply = aws(
            f"sign-up --client-id {client} --username {address} --password '{PASSWORD}'"
            f" --user-attributes Name=email,Value={address} Name=name,Value=Jane"
        )
    assert reply["UserConfirmed"] is False
    assert reply["CodeDeliveryDetails"]["DeliveryMedium"] == "EMAIL"
    sub = reply["UserSub"]

    def sign_in(password, refused=None):
        reply = aws(
            f"initiate-auth --client-id {client} --auth-flow USER_PASSWORD_AUTH"
            f" --auth-parameters USERNAME={address},PASSWORD='{password}'",
            refused,
        )
        return reply["AuthenticationResult"] if refused is None else None

    sign_in(PASSWORD, ["(UserNotConfirmedException)"])
    confirm = f"confirm-sign-up --client-id {client} --username {address} --confirmation-code"
    aws(f"{confirm} {other_code(sent.code)}", refused=["(CodeMismatchException)"])
    aws(f"{confirm} {sent.code}")
    sign_in(NEWER, ["Incorrect username or password."])

    tokens = sign_in(PASSWORD)
    access = tokens["AccessToken"]
    told = aws(f"get-user --access-token {access}")
    assert told["Username"] == sub
    assert {"Name": "name", "Value": "Jane"} in told["UserAttributes"]
    refreshed = aws(
        f"initiate-auth --client-id {client} --auth-flow REFRESH_TOKEN_AUTH"
        f" --auth-parameters REFRESH_TOKEN={tokens['RefreshToken']}"
    )["AuthenticationResult"]
    assert "RefreshToken" not in refreshed
    aws(f"get-user --access-token {refreshed['AccessToken']}")
    assert aws(
        f"get-tokens-from-refresh-token --client-id {client} --refresh-token {tokens['RefreshToken']}"
    )["AuthenticationResult"]["AccessToken"]

    aws(
        f"change-password --access-token {access} --previous-password '{PASSWORD}'"
        f" --proposed-password '{NEWER}'"
    )
    with inbox.messages_to(address) as sent:
        reply = aws(f"forgot-password --client-id {client} --username {address}")
    assert reply["CodeDeliveryDetails"]["AttributeName"] == "email"
    aws(
        f"confirm-forgot-password --client-id {client} --username {address}"
        f" --confirmation-code {sent.code} --password '{PASSWORD}'"
    )
    sign_in(NEWER, ["(NotAuthorizedException)"])

    other = sign_in(PASSWORD)
    aws(f"revoke-token --client-id {client} --token {other['RefreshToken']}")
    aws(f"get-user --access-token {other['AccessToken']}", refused=["Access Token has been revoked"])
    aws(f"global-sign-out --access-token {access}")
    aws(f"get-user --access-token {access}", refused=["Access Token has been revoked"])
    aws(f"delete-user --access-token {sign_in(PASSWORD)['AccessToken']}")
    sign_in(PASSWORD, ["(UserNotFoundException)"])


def test_an_administrator_makes_and_manages_a_user(aws, pool_id, client):
    address = unique_address()
    user = f"--user-pool-id {pool_id} --username {address}"
    created = aws(
        f"admin-create-user {user} --temporary-password 'Temp-passw0rd!' --message-action SUPPRESS"
        f" --user-attributes Name=email,Value={address} Name=email_verified,Value=true"
    )
    assert created["User"]["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    challenge = aws(
        f"admin-initiate-auth --user-pool-id {pool_id} --client-id {client}"
        " --auth-flow ADMIN_USER_PASSWORD_AUTH"
        f" --auth-parameters USERNAME={address},PASSWORD='Temp-passw0rd!'"
    )
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    reply = aws(
        f"admin-respond-to-auth-challenge --user-pool-id {pool_id} --client-id {client}"
        " --challenge-name NEW_PASSWORD_REQUIRED"
        f" --challenge-responses NEW_PASSWORD='{PASSWORD}',USERNAME={address}"
        f" --session {challenge['Session']}"
    )
    assert reply["AuthenticationResult"]["IdToken"]

    aws(f"admin-set-user-password {user} --password '{NEWER}' --permanent")
    aws(
        f"initiate-auth --client-id {client} --auth-flow USER_PASSWORD_AUTH"
        f" --auth-parameters USERNAME={address},PASSWORD='{NEWER}'"
    )
    aws(f"admin-update-user-attributes {user} --user-attributes Name=given_name,Value=Jane")
    told = aws(f"admin-get-user {user}")
    assert told["UserStatus"] == "CONFIRMED"
    assert {"Name": "given_name", "Value": "Jane"} in told["UserAttributes"]
    aws(f"admin-delete-user-attributes {user} --user-attribute-names given_name")
    listed = aws(f"list-users --user-pool-id {pool_id} --filter 'email = \"{address}\"'")
    assert [entry["Username"] for entry in listed["Users"]] == [told["Username"]]
    aws(f"admin-disable-user {user}")
    assert aws(f"admin-get-user {user}")["Enabled"] is False
    aws(f"admin-enable-user {user}")
    aws(f"admin-user-global-sign-out {user}")
    aws(f"admin-reset-user-password {user}")
    assert aws(f"admin-get-user {user}")["UserStatus"] == "RESET_REQUIRED"
    aws(f"admin-delete-user {user}")
    aws(f"admin-get-user {user}", refused=["(UserNotFoundException)"])


def test_an_administrator_confirms_a_sign_up(aws, pool_id, client):
    address = unique_address()
    aws(f"sign-up --client-id {client} --username {address} --password '{PASSWORD}'")
    aws(f"admin-confirm-sign-up --user-pool-id {pool_id} --username {address}")
    aws(
        f"initiate-auth --client-id {client} --auth-flow USER_PASSWORD_AUTH"
        f" --auth-parameters USERNAME={address},PASSWORD='{PASSWORD}'"
    )


def test_lists_are_paged_by_the_cli(aws, pool_id, client):
    for _ in range(3):
        user = f"--user-pool-id {pool_id} --username {unique_address()}"
        aws(f"admin-create-user {user} --message-action SUPPRESS")
    users = aws(f"list-users --user-pool-id {pool_id} --page-size 1")["Users"]
    assert len(users) >= 3
    pools = aws("list-user-pools --max-results 60")["UserPools"]
    assert pool_id in [pool["Id"] for pool in pools]
    clients = aws(f"list-user-pool-clients --user-pool-id {pool_id}")["UserPoolClients"]
    assert client in [entry["ClientId"] for entry in clients]


def test_groups_are_managed_by_the_cli(aws, pool_id):
    address = unique_address()
    user = f"--user-pool-id {pool_id} --username {address}"
    aws(f"admin-create-user {user} --message-action SUPPRESS")
    role = "arn:aws:iam::000000000000:role/staff"
    made = aws(
        f"create-group --user-pool-id {pool_id} --group-name staff --description 'Who works here'"
        f" --precedence 1 --role-arn {role}"
    )["Group"]
    assert (made["GroupName"], made["Precedence"], made["RoleArn"]) == ("staff", 1, role)
    aws(f"create-group --user-pool-id {pool_id} --group-name staff", refused=["(GroupExistsException)"])
    aws(f"update-group --user-pool-id {pool_id} --group-name staff --precedence 0")
    assert aws(f"get-group --user-pool-id {pool_id} --group-name staff")["Group"]["Precedence"] == 0
    assert aws(f"admin-add-user-to-group {user} --group-name staff") is None
    listed = aws(f"admin-list-groups-for-user {user}")["Groups"]
    assert [group["GroupName"] for group in listed] == ["staff"]
    members = aws(f"list-users-in-group --user-pool-id {pool_id} --group-name staff")["Users"]
    assert [attribute["Value"] for attribute in members[0]["Attributes"] if attribute["Name"] == "email"] == [
        address
    ]
    assert "staff" in [group["GroupName"] for group in aws(f"list-groups --user-pool-id {pool_id}")["Groups"]]
    assert aws(f"admin-remove-user-from-group {user} --group-name staff") is None
    assert aws(f"list-users-in-group --user-pool-id {pool_id} --group-name staff")["Users"] == []
    assert aws(f"delete-group --user-pool-id {pool_id} --group-name staff") is None
    aws(f"get-group --user-pool-id {pool_id} --group-name staff", refused=["(ResourceNotFoundException)"])


def test_a_lock_is_told_as_such(aws, pool_id, client):
    address = unique_address()
    aws(f"admin-create-user --user-pool-id {pool_id} --username {address} --message-action SUPPRESS")
    aws(
        f"admin-set-user-password --user-pool-id {pool_id} --username {address}"
        f" --password '{PASSWORD}' --permanent"
    )
    # A line may take longer than the first locks; they double until one is met.
    told = ""
    for _ in range(30):
        told = aws(
            f"initiate-auth --client-id {client} --auth-flow USER_PASSWORD_AUTH"
            f" --auth-parameters USERNAME={address},PASSWORD=wrong",
            refused=["Incorrect username or password.", "Password attempts exceeded"],
        )
        if "Password attempts exceeded" in told:
            break
    assert "Password attempts exceeded" in told


def test_identity_pools_are_made_and_used_by_the_cli(aws, idp, pool_id, client):
    def ask(line, refused=None):
        return aws(line, refused=refused, service="cognito-identity")

    provider = f"cognito-idp.us-east-1.amazonaws.com/{pool_id}"
    role = "arn:aws:iam::000000000000:role"
    made = ask(
        "create-identity-pool --identity-pool-name tutorial --allow-unauthenticated-identities"
        f" --cognito-identity-providers ProviderName={provider},ClientId={client},ServerSideTokenCheck=true"
    )
    identities = f"--identity-pool-id {made['IdentityPoolId']}"
    roles = f"--roles authenticated={role}/user,unauthenticated={role}/guest"
    assert ask(f"set-identity-pool-roles {identities} {roles}") is None
    guest = ask(f"get-id {identities}")["IdentityId"]
    given = ask(f"get-credentials-for-identity --identity-id {guest}")["Credentials"]
    assert given["AccessKeyId"].startswith("ASIA")
    assert {"SecretKey", "SessionToken", "Expiration"} < set(given)

    address = unique_address()
    idp.admin_create_user(UserPoolId=pool_id, Username=address, MessageAction="SUPPRESS")
    idp.admin_set_user_password(UserPoolId=pool_id, Username=address, Password=PASSWORD, Permanent=True)
    token = idp.initiate_auth(
        ClientId=client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": address, "PASSWORD": PASSWORD},
    )["AuthenticationResult"]["IdToken"]
    login = f"--logins {provider}={token}"
    assert ask(f"get-credentials-for-identity --identity-id {guest} {login}")["IdentityId"] == guest
    ask(f"get-credentials-for-identity --identity-id {guest}", refused=["(NotAuthorizedException)"])
    assert ask(f"delete-identity-pool {identities}") is None


def test_a_malformed_line_is_refused_by_the_service(aws, pool_id):
    aws(
        f"create-user-pool-client --user-pool-id {pool_id} --client-name x --allowed-o-auth-flows token",
        refused=["(InvalidParameterException)"],
    )
    aws(f"describe-user-pool --user-pool-id {unique('no')}", refused=["(InvalidParameterException)"])
