"""Identity pools through boto3: settings that are changed, identities that are listed and taken apart."""

import pytest
from jose import jwt

from identities import GUEST, PASSWORD, STAFF, USER, signed_in
from pools import unique
from refusal import refused

UNKNOWN = "us-east-1:00000000-0000-4000-8000-000000000000"
NO_POOL = ("ResourceNotFoundException", f"IdentityPool '{UNKNOWN}' not found.")
NO_IDENTITY = ("ResourceNotFoundException", f"Identity '{UNKNOWN}' not found.")
MISMATCH = "Logins don't match. Please include at least one valid login for this identity or identity pool."


def described(administrator, identities):
    reply = administrator.describe_identity_pool(IdentityPoolId=identities)
    return {key: value for key, value in reply.items() if key != "ResponseMetadata"}


def test_an_update_replaces_the_settings_and_guests_feel_it(administrator, anybody, make_identities):
    identities, provider = make_identities(AllowClassicFlow=True)
    before = described(administrator, identities)
    assert before["AllowUnauthenticatedIdentities"] is True
    assert [each["ProviderName"] for each in before["CognitoIdentityProviders"]] == [provider]
    guest = anybody.get_id(IdentityPoolId=identities)["IdentityId"]
    assert anybody.get_open_id_token(IdentityId=guest)["Token"]

    name = unique("identities")
    changed = {"IdentityPoolId": identities, "IdentityPoolName": name, "AllowUnauthenticatedIdentities": False}
    administrator.update_identity_pool(**changed)
    # What is left out is reset.
    assert described(administrator, identities) == changed
    with refused("NotAuthorizedException", "Unauthenticated access is not supported for this identity pool."):
        anybody.get_id(IdentityPoolId=identities)
    roles = administrator.get_identity_pool_roles(IdentityPoolId=identities)["Roles"]
    assert roles == {"authenticated": USER, "unauthenticated": GUEST}
    with refused("InvalidParameterException", "login.unknown is not a valid login provider name."):
        administrator.update_identity_pool(**changed, SupportedLoginProviders={"login.unknown": "1"})
    with refused("InvalidParameterException", "Invalid Cognito Identity Provider."):
        administrator.create_identity_pool(
            IdentityPoolName=name,
            AllowUnauthenticatedIdentities=True,
            CognitoIdentityProviders=[{"ProviderName": "elsewhere", "ClientId": "app"}],
        )


def test_the_classic_flow_can_be_switched_off(administrator, anybody, make_identities):
    identities, _ = make_identities(AllowClassicFlow=False)
    guest = anybody.get_id(IdentityPoolId=identities)["IdentityId"]
    with refused("InvalidParameterException", "Basic (classic) flow is not enabled, please use enhanced flow."):
        anybody.get_open_id_token(IdentityId=guest)
    assert anybody.get_credentials_for_identity(IdentityId=guest)["IdentityId"] == guest


def test_a_developer_provider_keeps_its_name(administrator, make_identities):
    identities, _ = make_identities(DeveloperProviderName="backend")
    with refused("InvalidParameterException", "The developer provider name can not be changed."):
        administrator.update_identity_pool(
            IdentityPoolId=identities,
            IdentityPoolName="renamed",
            AllowUnauthenticatedIdentities=True,
            DeveloperProviderName="another",
        )


def test_pools_come_page_by_page(administrator, make_identities):
    made = {make_identities()[0] for _ in range(3)}
    pages = list(administrator.get_paginator("list_identity_pools").paginate(PaginationConfig={"PageSize": 2}))
    listed = [each["IdentityPoolId"] for page in pages for each in page["IdentityPools"]]
    assert made <= set(listed)
    assert len(listed) == len(set(listed))
    assert all(set(each) == {"IdentityPoolId", "IdentityPoolName"} for page in pages for each in page["IdentityPools"])
    with refused("InvalidParameterException"):
        administrator.list_identity_pools(MaxResults=10, NextToken="another")


def test_roles_are_told_as_they_were_set(administrator, anybody, make_identities, pool, app):
    identities, provider = make_identities()
    logins = {provider: signed_in(pool, app)[1]}
    identity = anybody.get_id(IdentityPoolId=identities, Logins=logins)["IdentityId"]
    rules = {
        f"{provider}:{app.id}": {
            "Type": "Rules",
            "AmbiguousRoleResolution": "Deny",
            "RulesConfiguration": {
                "Rules": [{"Claim": "sub", "MatchType": "NotEqual", "Value": "x", "RoleARN": STAFF}]
            },
        }
    }
    administrator.set_identity_pool_roles(
        IdentityPoolId=identities, Roles={"authenticated": USER}, RoleMappings=rules
    )
    told = administrator.get_identity_pool_roles(IdentityPoolId=identities)
    assert (told["Roles"], told["RoleMappings"]) == ({"authenticated": USER}, rules)
    asked = {"IdentityId": identity, "Logins": logins}
    assert anybody.get_credentials_for_identity(CustomRoleArn=STAFF, **asked)["IdentityId"] == identity
    # There is no role for guests any more.
    guest = anybody.get_id(IdentityPoolId=identities)["IdentityId"]
    with refused("InvalidIdentityPoolConfigurationException"):
        anybody.get_credentials_for_identity(IdentityId=guest)
    with refused("InvalidParameterException"):
        administrator.set_identity_pool_roles(IdentityPoolId=identities, Roles={"visitors": GUEST})


def test_claims_become_tags_of_the_token(administrator, anybody, make_identities, pool, app):
    identities, provider = make_identities(AllowClassicFlow=True)
    name, token = signed_in(pool, app, email="ada@example.com")
    logins = {provider: token}
    asked = {"IdentityId": anybody.get_id(IdentityPoolId=identities, Logins=logins)["IdentityId"], "Logins": logins}
    named = {"IdentityPoolId": identities, "IdentityProviderName": provider}

    def tags():
        claims = jwt.get_unverified_claims(anybody.get_open_id_token(**asked)["Token"])
        told = claims.get("https://aws.amazon.com/tags", {}).get("principal_tags", {})
        return {tag: values[0] for tag, values in told.items()}

    assert tags() == {}
    told = administrator.get_principal_tag_attribute_map(**named)
    assert told["UseDefaults"] is False and "PrincipalTags" not in told
    administrator.set_principal_tag_attribute_map(**named, UseDefaults=True)
    assert tags() == {"client": app.id, "username": jwt.get_unverified_claims(token)["sub"]}
    administrator.set_principal_tag_attribute_map(**named, UseDefaults=False, PrincipalTags={"mail": "email"})
    assert administrator.get_principal_tag_attribute_map(**named)["PrincipalTags"] == {"mail": "email"}
    assert tags() == {"mail": "ada@example.com"}
    with refused("InvalidParameterException"):
        administrator.set_principal_tag_attribute_map(
            **named, PrincipalTags={f"tag{number}": "email" for number in range(51)}
        )


def test_identities_are_listed_and_deleted_with_their_logins(administrator, anybody, make_identities, pool, app):
    identities, provider = make_identities(DeveloperProviderName="backend")
    logins = {provider: signed_in(pool, app)[1]}
    user = anybody.get_id(IdentityPoolId=identities, Logins=logins)["IdentityId"]
    guests = {anybody.get_id(IdentityPoolId=identities)["IdentityId"] for _ in range(3)}
    listed, token = {}, {}
    while token is not None:
        reply = administrator.list_identities(IdentityPoolId=identities, MaxResults=3, **token)
        listed |= {each["IdentityId"]: each for each in reply["Identities"]}
        token = {"NextToken": reply["NextToken"]} if "NextToken" in reply else None
    assert set(listed) == guests | {user}
    assert listed[user]["Logins"] == [provider]
    with refused("InvalidParameterException"):
        administrator.list_identities(IdentityPoolId=identities, MaxResults=3, NextToken="another")

    # Those that were merged into others are hidden on demand.
    vouch = administrator.get_open_id_token_for_developer_identity
    for name in ["ada", "lovelace"]:
        vouch(IdentityPoolId=identities, Logins={"backend": name})
    administrator.merge_developer_identities(
        SourceUserIdentifier="lovelace",
        DestinationUserIdentifier="ada",
        DeveloperProviderName="backend",
        IdentityPoolId=identities,
    )
    count = lambda **more: len(  # noqa: E731
        administrator.list_identities(IdentityPoolId=identities, MaxResults=60, **more)["Identities"]
    )
    assert count() == count(HideDisabled=True) + 1

    gone = [user, *guests]
    assert administrator.delete_identities(IdentityIdsToDelete=gone)["UnprocessedIdentityIds"] == []
    for identity in gone:
        with refused("ResourceNotFoundException", f"Identity '{identity}' not found."):
            administrator.describe_identity(IdentityId=identity)
    # The login makes another identity.
    assert anybody.get_id(IdentityPoolId=identities, Logins=logins)["IdentityId"] not in gone
    with refused("InvalidParameterException"):
        administrator.delete_identities(IdentityIdsToDelete=[UNKNOWN] * 61)


def test_an_identity_loses_a_login_to_who_has_it(administrator, anybody, make_identities, pool, app):
    identities, provider = make_identities()
    mine, other = ({provider: signed_in(pool, app)[1]} for _ in range(2))
    identity = anybody.get_id(IdentityPoolId=identities, Logins=mine)["IdentityId"]
    with refused("NotAuthorizedException", MISMATCH):
        anybody.unlink_identity(IdentityId=identity, Logins=other, LoginsToRemove=[provider])
    anybody.unlink_identity(IdentityId=identity, Logins=mine, LoginsToRemove=[provider])
    assert "Logins" not in administrator.describe_identity(IdentityId=identity)
    with refused("NotAuthorizedException"):
        anybody.get_credentials_for_identity(IdentityId=identity)
    assert anybody.get_id(IdentityPoolId=identities, Logins=mine)["IdentityId"] != identity


def test_a_backend_takes_one_of_its_users_from_an_identity(administrator, make_identities):
    identities, _ = make_identities(DeveloperProviderName="backend")
    vouch = administrator.get_open_id_token_for_developer_identity
    identity = vouch(IdentityPoolId=identities, Logins={"backend": "ada"})["IdentityId"]
    ada = {"IdentityPoolId": identities, "DeveloperProviderName": "backend", "DeveloperUserIdentifier": "ada"}
    with refused("InvalidParameterException", "Please provide a valid developer provider name."):
        administrator.unlink_developer_identity(**ada | {"DeveloperProviderName": "another"}, IdentityId=identity)
    administrator.unlink_developer_identity(**ada, IdentityId=identity)
    with refused("ResourceNotFoundException"):
        administrator.unlink_developer_identity(**ada, IdentityId=identity)
    with refused("ResourceNotFoundException", "Developer user not found."):
        administrator.merge_developer_identities(
            SourceUserIdentifier="ada",
            DestinationUserIdentifier="ada",
            DeveloperProviderName="backend",
            IdentityPoolId=identities,
        )
    assert vouch(IdentityPoolId=identities, Logins={"backend": "ada"})["IdentityId"] != identity


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("describe_identity_pool", {}),
        ("delete_identity_pool", {}),
        ("update_identity_pool", {"IdentityPoolName": "x", "AllowUnauthenticatedIdentities": True}),
        ("get_identity_pool_roles", {}),
        ("set_identity_pool_roles", {"Roles": {"authenticated": USER}}),
        ("list_identities", {"MaxResults": 1}),
        ("get_principal_tag_attribute_map", {"IdentityProviderName": "x"}),
        ("set_principal_tag_attribute_map", {"IdentityProviderName": "x"}),
        ("lookup_developer_identity", {"DeveloperUserIdentifier": "x"}),
        ("get_open_id_token_for_developer_identity", {"Logins": {"backend": "x"}}),
        ("get_id", {}),
    ],
)
def test_a_pool_that_there_is_not_is_told(operation, more, administrator):
    with refused(*NO_POOL):
        getattr(administrator, operation)(IdentityPoolId=UNKNOWN, **more)


def test_an_identity_that_there_is_not_is_told(administrator, anybody):
    for call in [administrator.describe_identity, anybody.get_open_id_token, anybody.get_credentials_for_identity]:
        with refused(*NO_IDENTITY):
            call(IdentityId=UNKNOWN)
    with refused(*NO_IDENTITY):
        anybody.unlink_identity(IdentityId=UNKNOWN, Logins={"x": PASSWORD}, LoginsToRemove=["x"])
