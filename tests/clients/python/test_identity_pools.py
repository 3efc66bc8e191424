"""Identity pools through boto3: guests, users of a pool, roles, and logins that are none."""

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from pools import unique
from refusal import refused

PASSWORD = "Right-passw0rd!"
ROLE = "arn:aws:iam::000000000000:role/{}"
GUEST, USER, STAFF = map(ROLE.format, ["guest", "user", "staff"])


@pytest.fixture
def administrator(endpoint):
    """boto3 as an administrator has it."""
    return boto3.client("cognito-identity", endpoint_url=endpoint)


@pytest.fixture
def anybody(endpoint):
    """boto3 as an application has it, without credentials."""
    return boto3.client("cognito-identity", endpoint_url=endpoint, config=Config(signature_version=UNSIGNED))


@pytest.fixture
def make_identities(administrator, pool, app):
    """Makes identity pools for the users of an app client, and deletes them again."""
    made = []

    def make(guests=True):
        provider = f"cognito-idp.us-east-1.amazonaws.com/{pool.id}"
        made.append(
            administrator.create_identity_pool(
                IdentityPoolName=unique("identities"),
                AllowUnauthenticatedIdentities=guests,
                CognitoIdentityProviders=[
                    {"ProviderName": provider, "ClientId": app.id, "ServerSideTokenCheck": True}
                ],
            )["IdentityPoolId"]
        )
        administrator.set_identity_pool_roles(
            IdentityPoolId=made[-1],
            Roles={"authenticated": USER, "unauthenticated": GUEST},
            RoleMappings={
                f"{provider}:{app.id}": {"Type": "Token", "AmbiguousRoleResolution": "AuthenticatedRole"}
            },
        )
        return made[-1], provider

    yield make
    for each in made:
        administrator.delete_identity_pool(IdentityPoolId=each)


def signed_in(pool, app):
    """A user of the pool, and an ID token."""
    name = unique("user")
    pool.idp.admin_create_user(UserPoolId=pool.id, Username=name, MessageAction="SUPPRESS")
    pool.idp.admin_set_user_password(UserPoolId=pool.id, Username=name, Password=PASSWORD, Permanent=True)
    return name, app.sign_in(name, PASSWORD)["IdToken"]


def test_a_guest_becomes_a_user_and_keeps_the_identity(anybody, make_identities, pool, app):
    identities, provider = make_identities()
    guest = anybody.get_id(IdentityPoolId=identities)["IdentityId"]
    given = anybody.get_credentials_for_identity(IdentityId=guest)["Credentials"]
    assert given["AccessKeyId"].startswith("ASIA")

    _, token = signed_in(pool, app)
    logins = {provider: token}
    assert anybody.get_credentials_for_identity(IdentityId=guest, Logins=logins)["IdentityId"] == guest
    assert anybody.get_id(IdentityPoolId=identities, Logins=logins)["IdentityId"] == guest
    with refused("NotAuthorizedException"):
        anybody.get_credentials_for_identity(IdentityId=guest)


def test_who_is_in_a_group_may_ask_for_its_role_and_for_no_other(anybody, make_identities, pool, app):
    identities, provider = make_identities()
    name, _ = signed_in(pool, app)
    pool.idp.create_group(UserPoolId=pool.id, GroupName="staff", RoleArn=STAFF)
    pool.idp.admin_add_user_to_group(UserPoolId=pool.id, Username=name, GroupName="staff")
    logins = {provider: app.sign_in(name, PASSWORD)["IdToken"]}
    identity = anybody.get_id(IdentityPoolId=identities, Logins=logins)["IdentityId"]
    asked = {"IdentityId": identity, "Logins": logins}
    assert anybody.get_credentials_for_identity(CustomRoleArn=STAFF, **asked)["IdentityId"] == identity
    with refused("NotAuthorizedException"):
        anybody.get_credentials_for_identity(CustomRoleArn=GUEST, **asked)


def test_guests_are_refused_where_the_pool_has_none(anybody, make_identities):
    identities, _ = make_identities(guests=False)
    with refused("NotAuthorizedException"):
        anybody.get_id(IdentityPoolId=identities)


def test_a_login_must_be_whole_of_the_pool_and_of_somebody_who_is_still_let_in(
    anybody, make_identities, make_pool, pool, app
):
    identities, provider = make_identities()
    name, token = signed_in(pool, app)
    other = make_pool()
    _, foreign = signed_in(other, other.app())
    header, payload, signature = token.split(".")
    changed = "A" if signature[0] != "A" else "B"
    access = app.sign_in(name, PASSWORD)["AccessToken"]
    for wrong in [foreign, f"{header}.{payload}.{changed}{signature[1:]}", f"{header}.{payload}.", access, "x"]:
        with refused("NotAuthorizedException"):
            anybody.get_id(IdentityPoolId=identities, Logins={provider: wrong})
    assert anybody.get_id(IdentityPoolId=identities, Logins={provider: token})["IdentityId"]
    pool.idp.admin_disable_user(UserPoolId=pool.id, Username=name)
    with refused("NotAuthorizedException"):
        anybody.get_id(IdentityPoolId=identities, Logins={provider: token})
