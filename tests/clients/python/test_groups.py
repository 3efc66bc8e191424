"""Groups through boto3: who is in them, in lists and in tokens, as set-up scripts and back ends use them."""

import pytest

from pools import unique
from refusal import refused

PASSWORD = "Right-passw0rd!"
ROLE = "arn:aws:iam::000000000000:role/{}"


def join(pool, name, group):
    pool.idp.admin_add_user_to_group(UserPoolId=pool.id, Username=name, GroupName=group)


def groups_of(pool, name):
    pages = pool.idp.get_paginator("admin_list_groups_for_user").paginate(
        UserPoolId=pool.id, Username=name, PaginationConfig={"PageSize": 2}
    )
    return [group["GroupName"] for page in pages for group in page["Groups"]]


def members_of(pool, group):
    pages = pool.idp.get_paginator("list_users_in_group").paginate(
        UserPoolId=pool.id, GroupName=group, PaginationConfig={"PageSize": 2}
    )
    return sorted(user["Username"] for page in pages for user in page["Users"])


def test_a_group_is_made_shown_changed_and_deleted(pool):
    made = pool.idp.create_group(
        UserPoolId=pool.id,
        GroupName="staff",
        Description="Who works here",
        RoleArn=ROLE.format("staff"),
        Precedence=3,
    )["Group"]
    assert made["CreationDate"] == made["LastModifiedDate"]
    assert {key: made[key] for key in ["GroupName", "UserPoolId", "Description", "RoleArn", "Precedence"]} == {
        "GroupName": "staff",
        "UserPoolId": pool.id,
        "Description": "Who works here",
        "RoleArn": ROLE.format("staff"),
        "Precedence": 3,
    }
    with pytest.raises(pool.idp.exceptions.GroupExistsException):
        pool.idp.create_group(UserPoolId=pool.id, GroupName="staff")

    changed = pool.idp.update_group(UserPoolId=pool.id, GroupName="staff", Precedence=0)["Group"]
    assert changed["Precedence"] == 0
    assert changed["Description"] == "Who works here"
    assert changed["LastModifiedDate"] >= made["LastModifiedDate"]
    assert pool.idp.get_group(UserPoolId=pool.id, GroupName="staff")["Group"] == changed

    pool.idp.delete_group(UserPoolId=pool.id, GroupName="staff")
    with pytest.raises(pool.idp.exceptions.ResourceNotFoundException):
        pool.idp.get_group(UserPoolId=pool.id, GroupName="staff")


def test_tokens_say_which_groups_a_user_is_in(pool, app):
    name = pool.confirmed_user(PASSWORD)
    for group, precedence in [("readers", 20), ("writers", 10)]:
        pool.idp.create_group(
            UserPoolId=pool.id, GroupName=group, Precedence=precedence, RoleArn=ROLE.format(group)
        )
    tokens = app.sign_in(name, PASSWORD)
    assert "cognito:groups" not in pool.claims(tokens["AccessToken"], app)
    assert "cognito:groups" not in pool.claims(tokens["IdToken"], app)

    join(pool, name, "readers")
    join(pool, name, "writers")
    # SRP by pycognito, and the tokens of a refresh.
    user = app.user(name)
    user.authenticate(password=PASSWORD)
    refreshed = app.refresh(tokens["RefreshToken"])
    for id_token, access_token in [
        (user.id_token, user.access_token),
        (refreshed["IdToken"], refreshed["AccessToken"]),
    ]:
        claims = pool.claims(id_token, app)
        assert claims["cognito:groups"] == ["writers", "readers"]
        assert claims["cognito:roles"] == [ROLE.format("writers"), ROLE.format("readers")]
        assert claims["cognito:preferred_role"] == ROLE.format("writers")
        claims = pool.claims(access_token, app)
        assert claims["cognito:groups"] == ["writers", "readers"]
        assert "cognito:roles" not in claims
        assert "cognito:preferred_role" not in claims

    pool.idp.admin_remove_user_from_group(UserPoolId=pool.id, Username=name, GroupName="writers")
    claims = pool.claims(app.refresh(tokens["RefreshToken"])["IdToken"], app)
    assert claims["cognito:groups"] == ["readers"]
    assert claims["cognito:preferred_role"] == ROLE.format("readers")


def test_lists_of_groups_and_members_come_page_by_page(pool):
    groups = [f"group-{number}" for number in range(5)]
    for group in groups:
        pool.idp.create_group(UserPoolId=pool.id, GroupName=group)
    names = sorted(unique("user") for _ in range(5))
    for name in names:
        pool.idp.admin_create_user(UserPoolId=pool.id, Username=name, MessageAction="SUPPRESS")
        join(pool, name, "group-0")
    for group in groups:
        join(pool, names[0], group)

    pages = pool.idp.get_paginator("list_groups").paginate(
        UserPoolId=pool.id, PaginationConfig={"PageSize": 2}
    )
    assert [group["GroupName"] for page in pages for group in page["Groups"]] == groups
    assert groups_of(pool, names[0]) == groups
    assert groups_of(pool, names[1]) == ["group-0"]
    assert members_of(pool, "group-0") == names
    assert members_of(pool, "group-4") == names[:1]

    listed = pool.idp.list_users_in_group(UserPoolId=pool.id, GroupName="group-4")["Users"]
    assert listed == pool.idp.list_users(UserPoolId=pool.id, Filter=f'username = "{names[0]}"')["Users"]
    with refused("InvalidParameterException"):
        pool.idp.list_groups(UserPoolId=pool.id, NextToken="another")


def test_nothing_is_left_of_a_deleted_group_or_user(pool, app):
    name = pool.confirmed_user(PASSWORD)
    for group in ["staff", "others"]:
        pool.idp.create_group(UserPoolId=pool.id, GroupName=group)
        join(pool, name, group)
    tokens = app.sign_in(name, PASSWORD)

    pool.idp.delete_group(UserPoolId=pool.id, GroupName="staff")
    pool.idp.create_group(UserPoolId=pool.id, GroupName="staff")
    assert groups_of(pool, name) == ["others"]
    assert members_of(pool, "staff") == []
    claims = pool.claims(app.refresh(tokens["RefreshToken"])["AccessToken"], app)
    assert claims["cognito:groups"] == ["others"]

    pool.idp.admin_delete_user(UserPoolId=pool.id, Username=name)
    assert members_of(pool, "others") == []
    pool.confirmed_user(PASSWORD, name=name)
    assert groups_of(pool, name) == []
    assert "cognito:groups" not in pool.claims(app.sign_in(name, PASSWORD)["AccessToken"], app)


def test_unknown_users_and_groups_are_told(pool):
    name = pool.confirmed_user(PASSWORD)
    pool.idp.create_group(UserPoolId=pool.id, GroupName="staff")
    for operation in [pool.idp.admin_add_user_to_group, pool.idp.admin_remove_user_from_group]:
        with refused("UserNotFoundException", "User does not exist."):
            operation(UserPoolId=pool.id, Username="nobody", GroupName="staff")
        with refused("ResourceNotFoundException", "Group not found."):
            operation(UserPoolId=pool.id, Username=name, GroupName="Staff")
    with refused("UserNotFoundException", "User does not exist."):
        pool.idp.admin_list_groups_for_user(UserPoolId=pool.id, Username="nobody")
    # What one has already, and what one has not, may be said twice.
    join(pool, name, "staff")
    join(pool, name, "staff")
    for _ in range(2):
        pool.idp.admin_remove_user_from_group(UserPoolId=pool.id, Username=name, GroupName="staff")
    assert groups_of(pool, name) == []
