"""Lists: users with filters, pools and app clients, page by page, by boto3's own paginators."""

import pytest

from pools import Pool, unique, unique_address
from refusal import refused

PASSWORD = "Right-passw0rd!"


def create(pool, username, enabled=True, /, **attributes):
    pool.idp.admin_create_user(
        UserPoolId=pool.id,
        Username=username,
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items()],
    )
    if not enabled:
        pool.idp.admin_disable_user(UserPoolId=pool.id, Username=username)


@pytest.fixture(scope="module")
def people(idp, endpoint):
    """A pool of five known users."""
    pool = Pool(idp, endpoint, idp.create_user_pool(PoolName=unique("people"))["UserPool"])
    create(pool, "ada", email="ada@example.com", given_name="Ada", family_name="Lovelace")
    create(pool, "adele", email="adele@example.org", given_name="Adele", family_name="Goldberg")
    create(pool, "alan", email="alan@example.com", given_name="Alan", phone_number="+15550100")
    create(pool, "grace", False, email="grace@example.com", name='The "Admiral"', preferred_username="gh")
    create(pool, "linus", email="linus@example.net", family_name="Love")
    idp.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password=PASSWORD, Permanent=True)
    yield pool
    idp.delete_user_pool(UserPoolId=pool.id)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("", "ada adele alan grace linus"),
        ('username = "ada"', "ada"),
        ('username ^= "ad"', "ada adele"),
        ('email = "alan@example.com"', "alan"),
        ('email^="ad"', "ada adele"),
        ('email   ^=   "nobody"', ""),
        ('phone_number = "+15550100"', "alan"),
        ('phone_number ^= "+1555"', "alan"),
        ('name = "The \\"Admiral\\""', "grace"),
        ('given_name = "Ada"', "ada"),
        ('given_name ^= "Ad"', "ada adele"),
        ('family_name ^= "Love"', "ada linus"),
        ('family_name = "Love"', "linus"),
        ('preferred_username = "gh"', "grace"),
        ('cognito:user_status = "CONFIRMED"', "ada"),
        ('cognito:user_status = "FORCE_CHANGE_PASSWORD"', "adele alan grace linus"),
        ('status = "Disabled"', "grace"),
        ('status = "Enabled"', "ada adele alan linus"),
    ],
)
def test_a_filter_finds_exactly_its_users(written, names, people):
    reply = people.idp.list_users(UserPoolId=people.id, Filter=written)
    assert sorted(user["Username"] for user in reply["Users"]) == names.split()


def test_a_filter_by_sub_finds_the_user(people):
    sub = people.attributes_of("grace")["sub"]
    reply = people.idp.list_users(UserPoolId=people.id, Filter=f'sub = "{sub}"')
    assert [user["Username"] for user in reply["Users"]] == ["grace"]


@pytest.mark.parametrize(
    "written",
    ["username", 'username == "ada"', "username = ada", 'custom:x = "1"', 'username = "a" and email = "b"'],
)
def test_a_filter_that_cannot_be_read_is_refused(written, people):
    with refused("InvalidParameterException"):
        people.idp.list_users(UserPoolId=people.id, Filter=written)


def test_a_listed_user_has_what_the_service_lists(people):
    user = people.idp.list_users(UserPoolId=people.id, Filter='username = "grace"')["Users"][0]
    assert user["Enabled"] is False
    assert user["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert user["UserLastModifiedDate"] >= user["UserCreateDate"]
    attributes = {attribute["Name"]: attribute["Value"] for attribute in user["Attributes"]}
    assert attributes["email"] == "grace@example.com"
    assert attributes["name"] == 'The "Admiral"'
    assert "UserAttributes" not in user


def test_only_the_asked_attributes_are_told(people):
    reply = people.idp.list_users(UserPoolId=people.id, AttributesToGet=["email"], Filter='username = "ada"')
    assert reply["Users"][0]["Attributes"] == [{"Name": "email", "Value": "ada@example.com"}]


def test_users_come_page_by_page_each_once(make_pool):
    pool = make_pool()
    names = sorted(unique(f"user-{number:03}") for number in range(65))
    for name in names:
        create(pool, name, email=unique_address())

    pages = list(
        pool.idp.get_paginator("list_users").paginate(UserPoolId=pool.id, PaginationConfig={"PageSize": 20})
    )
    assert all(len(page["Users"]) <= 20 for page in pages)
    assert sorted(user["Username"] for page in pages for user in page["Users"]) == names

    first = pool.idp.list_users(UserPoolId=pool.id)
    assert len(first["Users"]) == 60
    rest = pool.idp.list_users(UserPoolId=pool.id, PaginationToken=first["PaginationToken"])
    assert len(rest["Users"]) == 5
    assert "PaginationToken" not in rest
    with refused("InvalidParameterException"):
        pool.idp.list_users(UserPoolId=pool.id, PaginationToken="not a token of this service")
    with refused("InvalidParameterException"):
        pool.idp.list_users(UserPoolId=pool.id, Limit=61)


def test_a_filtered_list_comes_page_by_page_too(make_pool):
    pool = make_pool()
    for number in range(7):
        create(pool, unique("user"), given_name="Same", family_name=str(number % 2))
    pages = pool.idp.get_paginator("list_users").paginate(
        UserPoolId=pool.id, Filter='family_name = "0"', PaginationConfig={"PageSize": 2}
    )
    assert len([user for page in pages for user in page["Users"]]) == 4


def test_pools_and_their_app_clients_come_page_by_page(make_pool):
    pools = [make_pool() for _ in range(3)]
    idp = pools[0].idp
    pages = idp.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 2})
    listed = {pool["Id"]: pool for page in pages for pool in page["UserPools"]}
    for pool in pools:
        entry = listed[pool.id]
        assert entry["Name"] == pool.description["Name"]
        assert entry["LambdaConfig"] == {}
        assert entry["CreationDate"] == pool.description["CreationDate"]

    apps = [pools[0].app() for _ in range(5)]
    pages = list(
        idp.get_paginator("list_user_pool_clients").paginate(
            UserPoolId=pools[0].id, PaginationConfig={"PageSize": 2}
        )
    )
    assert len(pages) >= 3
    clients = [client for page in pages for client in page["UserPoolClients"]]
    assert {client["ClientId"] for client in clients} == {app.id for app in apps}
    assert all(set(client) == {"ClientId", "UserPoolId", "ClientName"} for client in clients)


def test_a_deleted_user_leaves_the_list(make_pool):
    pool = make_pool()
    create(pool, "stays", given_name="Same")
    create(pool, "leaves", given_name="Same")
    pool.idp.admin_delete_user(UserPoolId=pool.id, Username="leaves")
    for written in ["", 'given_name = "Same"']:
        reply = pool.idp.list_users(UserPoolId=pool.id, Filter=written)
        assert [user["Username"] for user in reply["Users"]] == ["stays"]


def test_a_changed_attribute_is_found_under_its_new_value_only(make_pool):
    pool = make_pool()
    create(pool, "ada", family_name="Byron")
    pool.idp.admin_update_user_attributes(
        UserPoolId=pool.id,
        Username="ada",
        UserAttributes=[{"Name": "family_name", "Value": "Lovelace"}],
    )

    def found(value):
        reply = pool.idp.list_users(UserPoolId=pool.id, Filter=f'family_name = "{value}"')
        return [user["Username"] for user in reply["Users"]]

    assert found("Lovelace") == ["ada"]
    assert found("Byron") == []
