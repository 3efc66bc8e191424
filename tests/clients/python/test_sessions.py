"""Sessions of users, as boto3 lists and ends them."""

import pytest

from refusal import TOKEN_REVOKED, refused

PASSWORD = "Right-passw0rd!"


@pytest.fixture
def tracked(make_pool, idp):
    """A pool that tracks sessions, at most three a user."""
    pool = make_pool()
    shown = idp.get_user_pool_session_configuration(UserPoolId=pool.id)
    assert shown["UserSessionTracking"] == "DISABLED"
    assert shown["TokenSession"] == {"MaxPerUser": 20}
    reply = idp.set_user_pool_session_configuration(
        UserPoolId=pool.id, UserSessionTracking="ENABLED", TokenSession={"MaxPerUser": 3}
    )
    assert reply["UserPoolId"] == pool.id
    assert idp.get_user_pool_session_configuration(UserPoolId=pool.id)["TokenSession"] == {"MaxPerUser": 3}
    return pool


def test_a_user_sees_the_sessions_and_ends_another_one(tracked, idp):
    app = tracked.app()
    name = tracked.confirmed_user(PASSWORD)
    first = app.sign_in(name, PASSWORD)
    second = app.sign_in(name, PASSWORD)

    seen = idp.list_user_sessions(AccessToken=second["AccessToken"])["Sessions"]
    assert [session["IsCurrentSession"] for session in seen] == [True, False]
    assert {session["SessionType"] for session in seen} == {"TOKEN"}
    assert {session["ClientId"] for session in seen} == {app.id}
    assert {session["LastIPAddress"] for session in seen} == {"127.0.0.1"}
    assert all(session["DeviceType"].startswith("Boto3/") for session in seen)
    assert all(len(session["SessionId"]) == 28 for session in seen)

    other = seen[1]["SessionId"]
    idp.revoke_user_session(AccessToken=second["AccessToken"], SessionId=other)
    with refused(*TOKEN_REVOKED):
        idp.get_user(AccessToken=first["AccessToken"])
    with refused("NotAuthorizedException", "Refresh Token has been revoked"):
        app.refresh(first["RefreshToken"])
    assert idp.get_user(AccessToken=second["AccessToken"])["Username"] == name
    with refused("ResourceNotFoundException", "Session does not exist."):
        idp.revoke_user_session(AccessToken=second["AccessToken"], SessionId=other)


def test_an_administrator_sees_and_ends_any_session(tracked, idp):
    app = tracked.app()
    name = tracked.confirmed_user(PASSWORD)
    tokens = app.sign_in(name, PASSWORD)
    seen = idp.admin_list_user_sessions(UserPoolId=tracked.id, Username=name)["Sessions"]
    assert [session["IsCurrentSession"] for session in seen] == [False]
    app.refresh(tokens["RefreshToken"])
    later = idp.admin_list_user_sessions(UserPoolId=tracked.id, Username=name)["Sessions"]
    assert later[0]["SessionId"] == seen[0]["SessionId"]
    assert later[0]["LastActiveDate"] > seen[0]["LastActiveDate"]
    idp.admin_revoke_user_session(
        UserPoolId=tracked.id, Username=name, SessionId=seen[0]["SessionId"], RevokeAssociatedSessions="LINKED"
    )
    assert idp.admin_list_user_sessions(UserPoolId=tracked.id, Username=name)["Sessions"] == []
    with refused(*TOKEN_REVOKED):
        idp.get_user(AccessToken=tokens["AccessToken"])


def test_the_quietest_session_ends_when_one_too_many_begins(tracked, idp):
    app = tracked.app()
    name = tracked.confirmed_user(PASSWORD)
    first, *others = [app.sign_in(name, PASSWORD) for _ in range(4)]
    assert len(idp.admin_list_user_sessions(UserPoolId=tracked.id, Username=name)["Sessions"]) == 3
    with refused("NotAuthorizedException", "Refresh Token has been revoked"):
        app.refresh(first["RefreshToken"])
    for tokens in others:
        app.refresh(tokens["RefreshToken"])


def test_a_client_keeps_how_long_a_session_of_the_pages_serves_it(pool, app, idp):
    named = {"UserPoolId": pool.id, "ClientId": app.id}
    shown = idp.get_user_pool_client_session_configuration(**named)
    assert shown["SSOSession"] == {"MaxValidityMinutes": 60}
    idp.set_user_pool_client_session_configuration(**named, SSOSession={"MaxValidityMinutes": 0})
    shown = idp.get_user_pool_client_session_configuration(**named)
    assert shown["SSOSession"] == {"MaxValidityMinutes": 0}
    with refused("ResourceNotFoundException", "User pool client unknown does not exist."):
        idp.get_user_pool_client_session_configuration(UserPoolId=pool.id, ClientId="unknown")
