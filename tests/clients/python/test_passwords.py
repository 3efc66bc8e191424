"""Password rules, forgotten passwords and the lockout, by boto3."""

import time

import pytest

from inbox import other_code
from pools import unique, unique_address
from refusal import LOCKED, NO_LIVE_CODE, TOO_MANY_ATTEMPTS, WRONG_CODE, WRONG_PASSWORD, refusal_of, refused

PASSWORD = "Right-passw0rd!"
WRONG = "Wrong-passw0rd!"

POLICY = "Password did not conform with policy: "


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Sh0rt!", "Password not long enough"),
        ("no-upper-case-0", "Password must have uppercase characters"),
        ("NO-LOWER-CASE-0", "Password must have lowercase characters"),
        ("No-numbers-here", "Password must have numeric characters"),
        ("NoSymbols000000", "Password must have symbol characters"),
    ],
)
def test_sign_up_names_the_rule_that_a_password_breaks(password, reason, pool, app):
    with refused("InvalidPasswordException", POLICY + reason):
        pool.idp.sign_up(ClientId=app.id, Username=unique("user"), Password=password)


def test_a_pool_with_a_policy_of_its_own_keeps_to_it(make_pool):
    policy = {"MinimumLength": 6, "RequireUppercase": False, "RequireSymbols": False, "RequireNumbers": False}
    pool = make_pool(Policies={"PasswordPolicy": policy})
    app = pool.app()

    pool.idp.sign_up(ClientId=app.id, Username=unique("user"), Password="sixsix")

    with refused("InvalidPasswordException", POLICY + "Password not long enough"):
        pool.idp.sign_up(ClientId=app.id, Username=unique("user"), Password="fives")


def test_a_pool_with_a_history_refuses_the_last_passwords(make_pool):
    pool = make_pool(Policies={"PasswordPolicy": {"MinimumLength": 8, "PasswordHistorySize": 2}})
    app = pool.app()
    name = pool.confirmed_user("first-one")
    token = app.sign_in(name, "first-one")["AccessToken"]
    pool.idp.change_password(AccessToken=token, PreviousPassword="first-one", ProposedPassword="second-one")

    for used in ["second-one", "first-one"]:
        with refused("PasswordHistoryPolicyViolationException"):
            pool.idp.change_password(AccessToken=token, PreviousPassword="second-one", ProposedPassword=used)
    pool.idp.change_password(AccessToken=token, PreviousPassword="second-one", ProposedPassword="third-one")


def by_srp(app, name, password):
    app.user(name).authenticate(password)


def by_password(app, name, password):
    app.sign_in(name, password)


def by_administrator(app, name, password):
    app.pool.idp.admin_initiate_auth(
        UserPoolId=app.pool.id,
        ClientId=app.id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters=app.auth(name, PASSWORD=password),
    )


def locked_out(pool, app, failures, right):
    """A user whom these failures have locked out, and the moment before the last failure was sent.

    The first lock lasts a second. A run slower than that proves nothing and is made again.
    """
    for _ in range(20):
        name = pool.confirmed_user(PASSWORD)
        for fail in failures:
            started = time.monotonic()
            with refused(*WRONG_PASSWORD):
                fail(app, name, WRONG)
        refusal = refusal_of(right, app, name, PASSWORD)
        if refusal is not None:
            assert refusal == LOCKED
            return name, started
        assert time.monotonic() - started > 1.0, "the right password passed during the lock"
    pytest.fail("this machine is too slow to reach a lock of a second")


@pytest.mark.parametrize("sign_in", [by_srp, by_password, by_administrator])
def test_five_failures_lock_out_even_the_right_password(sign_in, pool, app):
    name, started = locked_out(pool, app, [sign_in] * 5, sign_in)

    # Attempts during the lock do not count: the right password passes as soon as it is over.
    while (refusal := refusal_of(sign_in, app, name, PASSWORD)) is not None:
        assert refusal == LOCKED
        assert time.monotonic() - started < 30, "the lock of a second never ended"
    assert time.monotonic() - started > 0.9, "the lock was shorter than a second"


def test_failures_of_all_flows_count_together(pool, app):
    locked_out(pool, app, [by_srp, by_password, by_administrator, by_srp, by_password], by_password)


def test_a_success_forgets_the_failures_before_it(pool, app):
    name = pool.confirmed_user(PASSWORD)
    for _ in range(2):
        for _ in range(4):
            with refused(*WRONG_PASSWORD):
                by_password(app, name, WRONG)
        by_password(app, name, PASSWORD)


def test_a_new_code_takes_the_old_ones_place(pool, app, inbox):
    address = unique_address()
    name = pool.confirmed_user(PASSWORD, email=address)
    with inbox.messages_to(address) as first:
        reply = pool.idp.forgot_password(ClientId=app.id, Username=name)
    assert reply["CodeDeliveryDetails"] == {
        "Destination": "u***@e***",
        "DeliveryMedium": "EMAIL",
        "AttributeName": "email",
    }
    with inbox.messages_to(address) as second:
        pool.idp.forgot_password(ClientId=app.id, Username=name)

    def confirm(code, password="Newer-passw0rd!"):
        pool.idp.confirm_forgot_password(
            ClientId=app.id, Username=name, ConfirmationCode=code, Password=password
        )

    if first.code != second.code:
        with refused(*WRONG_CODE):
            confirm(first.code)
    with refused("InvalidPasswordException"):
        confirm(second.code, "short")
    confirm(second.code)
    with refused(*NO_LIVE_CODE):
        confirm(second.code)
    app.sign_in(name, "Newer-passw0rd!")


def test_a_code_for_one_user_is_worth_nothing_for_another(pool, app, inbox):
    address = unique_address()
    one = pool.confirmed_user(PASSWORD, email=address)
    other = pool.confirmed_user(PASSWORD)
    with inbox.messages_to(address) as sent:
        pool.idp.forgot_password(ClientId=app.id, Username=one)

    with refused(*NO_LIVE_CODE):
        pool.idp.confirm_forgot_password(
            ClientId=app.id, Username=other, ConfirmationCode=sent.code, Password=WRONG
        )

    app.sign_in(other, PASSWORD)


def test_guessing_codes_ends_at_the_limit(pool, app, inbox):
    address = unique_address()
    name = pool.confirmed_user(PASSWORD, email=address)
    with inbox.messages_to(address) as sent:
        pool.idp.forgot_password(ClientId=app.id, Username=name)

    def confirm(code):
        pool.idp.confirm_forgot_password(
            ClientId=app.id, Username=name, ConfirmationCode=code, Password="Newer-passw0rd!"
        )

    wrong = other_code(sent.code)
    guesses = 0
    while (refusal := refusal_of(confirm, wrong)) == WRONG_CODE:
        guesses += 1
        assert guesses < 25
    assert refusal == TOO_MANY_ATTEMPTS
    with refused(*TOO_MANY_ATTEMPTS):
        confirm(sent.code)


def test_a_user_without_a_verified_address_cannot_reset(pool, app):
    name = pool.confirmed_user(PASSWORD, email_verified="false")
    with refused(
        "InvalidParameterException",
        "Cannot reset password for the user as there is no registered/verified email or phone_number",
    ):
        pool.idp.forgot_password(ClientId=app.id, Username=name)


def test_a_pool_may_leave_recovery_to_the_administrator(make_pool):
    pool = make_pool(AccountRecoverySetting={"RecoveryMechanisms": [{"Priority": 1, "Name": "admin_only"}]})
    app = pool.app()
    name = pool.confirmed_user(PASSWORD)
    with refused("NotAuthorizedException", "Contact administrator to reset password."):
        pool.idp.forgot_password(ClientId=app.id, Username=name)
