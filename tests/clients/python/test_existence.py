"""Whether a user exists: told by app clients of the old setting, hidden by those of the new one."""

import pytest

from pools import unique, unique_address
from refusal import NO_COMBINATION, NO_USER, WRONG_PASSWORD, refused

PASSWORD = "Right-passw0rd!"


@pytest.fixture
def telling(pool):
    """An app client that tells; the setting's default."""
    return pool.app()


@pytest.fixture
def hiding(pool):
    """An app client that hides."""
    return pool.app(PreventUserExistenceErrors="ENABLED")


def test_a_telling_client_tells_at_once(pool, telling):
    nobody = unique("nobody")
    with refused(*NO_USER):
        telling.sign_in(nobody, PASSWORD)
    with refused(*NO_USER):
        telling.user(nobody).authenticate(PASSWORD)
    with refused(*NO_COMBINATION):
        pool.idp.forgot_password(ClientId=telling.id, Username=nobody)
    with refused(*NO_COMBINATION):
        pool.idp.confirm_forgot_password(
            ClientId=telling.id, Username=nobody, ConfirmationCode="123456", Password=PASSWORD
        )
    with refused(*NO_COMBINATION):
        pool.idp.resend_confirmation_code(ClientId=telling.id, Username=nobody)
    with refused(*NO_COMBINATION):
        pool.idp.confirm_sign_up(ClientId=telling.id, Username=nobody, ConfirmationCode="123456")


def test_a_hiding_client_refuses_an_unknown_user_as_a_wrong_password(hiding):
    nobody = unique("nobody")
    with refused(*WRONG_PASSWORD):
        hiding.sign_in(nobody, PASSWORD)
    with refused(*WRONG_PASSWORD):
        hiding.user(nobody).authenticate(PASSWORD)


def first_step(app, name):
    reply = app.pool.idp.initiate_auth(
        ClientId=app.id, AuthFlow="USER_SRP_AUTH", AuthParameters=app.auth(name, SRP_A="abcdef0123")
    )
    assert reply["ChallengeName"] == "PASSWORD_VERIFIER"
    return reply["ChallengeParameters"]


def test_the_simulated_challenge_of_a_hiding_client_is_stable(pool, hiding):
    known = first_step(hiding, pool.confirmed_user(PASSWORD))
    nobody = unique("nobody")
    first, second = first_step(hiding, nobody), first_step(hiding, nobody)

    assert set(first) == set(known)
    for key in ["SALT", "USERNAME", "USER_ID_FOR_SRP"]:
        assert first[key] == second[key]
    assert first["SRP_B"] != second["SRP_B"]
    assert first["SECRET_BLOCK"] != second["SECRET_BLOCK"]
    assert len(first["SECRET_BLOCK"]) == len(known["SECRET_BLOCK"])
    assert first_step(hiding, unique("another"))["SALT"] != first["SALT"]


def test_a_hiding_client_pretends_to_send_codes(pool, hiding, inbox):
    address = unique_address()
    known = pool.confirmed_user(PASSWORD, email=address)
    nobody = unique("nobody")
    for operation in [pool.idp.forgot_password, pool.idp.resend_confirmation_code]:
        details = operation(ClientId=hiding.id, Username=nobody)["CodeDeliveryDetails"]
        assert details["DeliveryMedium"] == "EMAIL"
        assert details["AttributeName"] == "email"
        assert "***@" in details["Destination"]
    with inbox.messages_to(address) as sent:
        pool.idp.forgot_password(ClientId=hiding.id, Username=known)
    assert sent.code


@pytest.mark.parametrize("asked", [False, True])
def test_a_hiding_client_judges_codes_of_nobody(asked, pool, hiding):
    nobody = unique("nobody")
    if asked:
        pool.idp.forgot_password(ClientId=hiding.id, Username=nobody)
    for operation, more in [
        (pool.idp.confirm_forgot_password, {"Password": PASSWORD}),
        (pool.idp.confirm_sign_up, {}),
    ]:
        with pytest.raises(pool.idp.exceptions.ClientError) as caught:
            operation(ClientId=hiding.id, Username=nobody, ConfirmationCode="123456", **more)
        assert caught.value.response["Error"]["Code"] in ["CodeMismatchException", "ExpiredCodeException"]


def test_a_hiding_client_treats_a_disabled_user_as_unknown_when_resetting(pool, hiding, inbox):
    address = unique_address()
    name = pool.confirmed_user(PASSWORD, email=address)
    pool.idp.admin_disable_user(UserPoolId=pool.id, Username=name)
    with inbox.messages_to(address) as sent:
        reply = pool.idp.forgot_password(ClientId=hiding.id, Username=name)
    assert reply["CodeDeliveryDetails"]["DeliveryMedium"] == "EMAIL"
    assert sent.messages == []


def test_sign_up_always_tells_that_a_name_is_taken(pool, hiding):
    name = pool.confirmed_user(PASSWORD)
    with refused("UsernameExistsException", "User already exists"):
        pool.idp.sign_up(ClientId=hiding.id, Username=name, Password=PASSWORD)


def test_an_unknown_client_is_told_before_anything_else(pool):
    with refused("ResourceNotFoundException", "User pool client 1nosuchclient does not exist."):
        pool.idp.initiate_auth(
            ClientId="1nosuchclient",
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "x", "PASSWORD": PASSWORD},
        )


def test_a_client_with_a_secret_wants_its_proof_before_anything_else(pool):
    app = pool.app(secret=True)
    nobody = unique("nobody")
    missing = f"Client {app.id} is configured with secret but SECRET_HASH was not received"
    wrong = f"Unable to verify secret hash for client {app.id}"
    with refused("NotAuthorizedException", missing):
        pool.idp.sign_up(ClientId=app.id, Username=nobody, Password=PASSWORD)
    with refused("NotAuthorizedException", missing):
        pool.idp.initiate_auth(
            ClientId=app.id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": nobody, "PASSWORD": PASSWORD},
        )
    with refused("NotAuthorizedException", wrong):
        pool.idp.sign_up(ClientId=app.id, Username=nobody, Password=PASSWORD, **app.proof("somebody-else"))
    with refused("NotAuthorizedException", wrong):
        pool.idp.forgot_password(ClientId=app.id, Username=nobody, **app.proof("somebody-else"))
