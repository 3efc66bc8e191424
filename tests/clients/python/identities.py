"""Identity pools made for one test."""

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from pools import unique

PASSWORD = "Right-passw0rd!"
ROLE = "arn:aws:iam::000000000000:role/{}"
GUEST, USER, STAFF = map(ROLE.format, ["guest", "user", "staff"])


def administrator_of(endpoint):
    """boto3 as an administrator has it."""
    return boto3.client("cognito-identity", endpoint_url=endpoint)


def anybody_at(endpoint):
    """boto3 as an application has it, without credentials."""
    return boto3.client("cognito-identity", endpoint_url=endpoint, config=Config(signature_version=UNSIGNED))


def make(administrator, pool, app, guests=True, mapping=None, **settings):
    """Makes an identity pool for the users of an app client; gives its id, and the name of their provider."""
    provider = f"cognito-idp.us-east-1.amazonaws.com/{pool.id}"
    made = administrator.create_identity_pool(
        IdentityPoolName=unique("identities"),
        AllowUnauthenticatedIdentities=guests,
        CognitoIdentityProviders=[{"ProviderName": provider, "ClientId": app.id, "ServerSideTokenCheck": True}],
        **settings,
    )["IdentityPoolId"]
    administrator.set_identity_pool_roles(
        IdentityPoolId=made,
        Roles={"authenticated": USER, "unauthenticated": GUEST},
        RoleMappings={
            f"{provider}:{app.id}": mapping
            or {"Type": "Token", "AmbiguousRoleResolution": "AuthenticatedRole"}
        },
    )
    return made, provider


def signed_in(pool, app, **attributes):
    """A user of the pool, and an ID token."""
    name = unique("user")
    pool.idp.admin_create_user(
        UserPoolId=pool.id,
        Username=name,
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items()],
    )
    pool.idp.admin_set_user_password(UserPoolId=pool.id, Username=name, Password=PASSWORD, Permanent=True)
    return name, app.sign_in(name, PASSWORD)["IdToken"]
