"""A user's whole life by boto3 and pycognito, in each kind of pool, with and without a client secret."""

import time
from dataclasses import dataclass, field

import pytest
from pycognito.exceptions import ForceChangePasswordException

from inbox import other_code
from pools import unique, unique_address
from refusal import (
    NO_USER,
    NOT_CONFIRMED,
    REFRESH_REVOKED,
    TOKEN_REVOKED,
    WRONG_CODE,
    WRONG_PASSWORD,
    refused,
)

FIRST = "First-passw0rd!"
SECOND = "Second passw0rd: ✓"
THIRD = "Third-passw0rd?"


@dataclass
class Kind:
    """How a pool names its users."""

    name: str
    settings: dict = field(default_factory=dict)
    signs_up_by_address: bool = False
    signs_in_by_address: bool = False

    def __str__(self):
        return self.name


KINDS = [
    Kind("user names"),
    Kind("case-insensitive user names", {"UsernameConfiguration": {"CaseSensitive": False}}),
    Kind("e-mail as alias", {"AliasAttributes": ["email"]}, signs_in_by_address=True),
    Kind(
        "e-mail as user name",
        {"UsernameAttributes": ["email"]},
        signs_up_by_address=True,
        signs_in_by_address=True,
    ),
]


@pytest.mark.parametrize("secret", [False, True], ids=["public client", "client with a secret"])
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_user_signs_up_lives_and_leaves(kind, secret, make_pool, inbox):
    pool = make_pool(**kind.settings)
    app = pool.app(secret)
    address = unique_address()
    sign_up_name = address if kind.signs_up_by_address else unique("user")
    name = address if kind.signs_in_by_address else sign_up_name
    assert (app.secret is not None) == secret

    # Sign-up sends a code to the address, and nothing else lets the user in.
    newcomer = app.user(sign_up_name)
    newcomer.set_base_attributes(email=address)
    with inbox.messages_to(address) as sent:
        reply = newcomer.register(sign_up_name, FIRST)
    assert reply["UserConfirmed"] is False
    details = reply["CodeDeliveryDetails"]
    assert details == {"Destination": "u***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    sub = reply["UserSub"]
    with refused(*NOT_CONFIRMED):
        app.user(sign_up_name).authenticate(FIRST)
    with refused(*WRONG_CODE):
        newcomer.confirm_sign_up(other_code(sent.code))
    newcomer.confirm_sign_up(sent.code)
    with refused("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED"):
        newcomer.confirm_sign_up(sent.code)

    # Sign-in proves the password by SRP; pycognito verifies both tokens against the published keys.
    with refused(*WRONG_PASSWORD):
        app.user(name).authenticate(SECOND)
    user = app.user(name)
    user.authenticate(FIRST)
    assert user.id_claims["sub"] == user.access_claims["sub"] == sub
    user_name = user.id_claims["cognito:username"]
    assert user_name == (sub if kind.signs_up_by_address else sign_up_name)
    assert user.access_claims["username"] == user_name
    profile = user.get_user()
    assert (profile.email, profile.email_verified, profile.sub) == (address, True, sub)

    # A refresh keeps the sign-in's time and gives a new access token.
    before = user.access_claims
    if kind.settings.get("AliasAttributes"):
        user.username = user_name  # SECRET_HASH of a refresh is over the user name, not over an alias.
    user.renew_access_token()
    assert user.access_claims["auth_time"] == before["auth_time"]
    assert user.access_claims["origin_jti"] == before["origin_jti"]
    assert user.access_claims["jti"] != before["jti"]

    # A changed password takes the old one's place.
    with refused(*WRONG_PASSWORD):
        user.change_password(SECOND, THIRD)
    user.change_password(FIRST, SECOND)
    with refused(*WRONG_PASSWORD):
        app.user(name).authenticate(FIRST)
    user = app.user(name)
    user.authenticate(SECOND)

    # A forgotten one is replaced with a code from the inbox.
    with inbox.messages_to(address) as sent:
        user.initiate_forgot_password()
    with refused(*WRONG_CODE):
        user.confirm_forgot_password(other_code(sent.code), THIRD)
    user.confirm_forgot_password(sent.code, THIRD)
    with refused("ExpiredCodeException"):
        user.confirm_forgot_password(sent.code, FIRST)
    with refused(*WRONG_PASSWORD):
        app.user(name).authenticate(SECOND)
    user = app.user(name)
    user.authenticate(THIRD)

    # Signing out everywhere ends every token; a new sign-in is not affected.
    other_device = app.user(name)
    other_device.authenticate(THIRD)
    user.logout()
    with refused(*TOKEN_REVOKED):
        other_device.get_user()
    with refused(*REFRESH_REVOKED):
        app.refresh(other_device.refresh_token, user_name)
    user.authenticate(THIRD)
    assert user.get_user().email == address

    # Leaving leaves nothing behind.
    user.delete_user()
    with refused(*NO_USER):
        app.user(name).authenticate(THIRD)
    with refused(*NO_USER):
        pool.idp.admin_get_user(UserPoolId=pool.id, Username=user_name)


def test_a_user_of_an_email_pool_refreshes_with_the_hash_of_either_name(make_pool):
    pool = make_pool(UsernameAttributes=["email"])
    app = pool.app(secret=True)
    address = unique_address()
    pool.confirmed_user(FIRST, name=address, email=address)
    tokens = app.sign_in(address, FIRST)
    sub = pool.claims(tokens["IdToken"], app)["sub"]

    assert app.refresh(tokens["RefreshToken"], address)["AccessToken"]
    assert app.refresh(tokens["RefreshToken"], sub)["AccessToken"]
    with refused("NotAuthorizedException", f"Unable to verify secret hash for client {app.id}"):
        app.refresh(tokens["RefreshToken"], unique_address())


def test_a_case_insensitive_pool_takes_any_spelling_of_a_name(make_pool):
    pool = make_pool(UsernameConfiguration={"CaseSensitive": False})
    app = pool.app(secret=True)
    name = pool.confirmed_user(FIRST, name=unique("Some-User"))

    user = app.user(name.upper())
    user.authenticate(FIRST)

    assert user.id_claims["cognito:username"] == name.lower()
    with refused("UsernameExistsException"):
        pool.idp.admin_create_user(UserPoolId=pool.id, Username=name.swapcase(), MessageAction="SUPPRESS")


def test_a_user_made_by_the_administrator_must_choose_a_password(pool, app, inbox):
    address = unique_address()
    name = unique("invited")
    admin = app.user(name)
    with inbox.messages_to(address) as sent:
        admin.admin_create_user(
            name,
            temporary_password="Temp-passw0rd!",
            additional_kwargs={"DesiredDeliveryMediums": ["EMAIL"]},
            email=address,
        )
    assert name in sent.message["message"]
    assert "Temp-passw0rd!" in sent.message["message"]
    assert pool.status_of(name) == "FORCE_CHANGE_PASSWORD"

    user = app.user(name)
    with pytest.raises(ForceChangePasswordException):
        user.authenticate("Temp-passw0rd!")
    with refused(*WRONG_PASSWORD):
        user.new_password_challenge("Not-the-temp-0ne", FIRST)
    with refused(
        "InvalidPasswordException", "Password did not conform with policy: Password not long enough"
    ):
        user.new_password_challenge("Temp-passw0rd!", "Sh0rt!")
    user.new_password_challenge("Temp-passw0rd!", FIRST)

    assert user.get_user().email == address
    assert pool.status_of(name) == "CONFIRMED"
    again = app.user(name)
    again.authenticate(FIRST)
    assert again.access_claims["sub"] == user.access_claims["sub"]


def test_pycognito_administers_users(pool, app, inbox):
    name = unique("admin-made")
    address = unique_address()
    user = app.user(name)
    user.set_base_attributes(email=address, given_name="Ada")
    user.register(name, FIRST)
    user.admin_confirm_sign_up()
    user.admin_authenticate(FIRST)
    assert user.id_claims["given_name"] == "Ada"

    profile = user.admin_get_user()
    assert profile.user_status == "CONFIRMED"
    assert profile.enabled is True
    assert profile.create_date.timestamp() <= time.time()
    user.admin_update_profile({"given_name": "Augusta", "email_verified": True})
    user.update_profile({"family_name": "Lovelace"})
    profile = user.get_user()
    assert (profile.given_name, profile.family_name) == ("Augusta", "Lovelace")
    assert name in [other.username for other in user.get_users()]

    user.admin_disable_user(name)
    with refused("NotAuthorizedException", "User is disabled."):
        app.user(name).authenticate(FIRST)
    user.admin_enable_user(name)
    with inbox.messages_to(address) as sent:
        user.admin_reset_password(name)
    user.confirm_forgot_password(sent.code, SECOND)
    user.authenticate(SECOND)
    user.admin_delete_user()
    with refused(*NO_USER):
        user.admin_get_user()


def test_pycognito_verifies_an_address(pool, app, inbox):
    name = pool.confirmed_user(FIRST, email_verified="false")
    address = pool.attributes_of(name)["email"]
    user = app.user(name)
    user.authenticate(FIRST)

    with inbox.messages_to(address) as sent:
        user.send_verification("email")
    with refused(*WRONG_CODE):
        user.validate_verification(other_code(sent.code), "email")
    user.validate_verification(sent.code, "email")

    assert user.get_user().email_verified is True
