"""Attributes by boto3: schema, who may write them, verification before and after an update."""

import pytest

from inbox import other_code
from pools import unique, unique_address
from refusal import NO_LIVE_CODE, WRONG_CODE, refused

PASSWORD = "Right-passw0rd!"


@pytest.fixture
def signed_in(pool, app):
    """A user and an access token."""
    name = pool.confirmed_user(PASSWORD)
    return name, app.sign_in(name, PASSWORD)["AccessToken"]


def written(**attributes):
    return [{"Name": key.replace("custom_", "custom:"), "Value": value} for key, value in attributes.items()]


def own(idp, token):
    reply = idp.get_user(AccessToken=token)
    return {attribute["Name"]: attribute["Value"] for attribute in reply["UserAttributes"]}


def test_a_user_sets_and_deletes_their_attributes(pool, idp, signed_in):
    name, token = signed_in
    reply = idp.update_user_attributes(
        AccessToken=token, UserAttributes=written(given_name="Ada", family_name="L", nickname="A")
    )
    assert reply.get("CodeDeliveryDetailsList", []) == []
    idp.update_user_attributes(AccessToken=token, UserAttributes=written(nickname=""))
    idp.delete_user_attributes(AccessToken=token, UserAttributeNames=["family_name"])

    attributes = own(idp, token)
    assert attributes["given_name"] == "Ada"
    assert "family_name" not in attributes
    assert "nickname" not in attributes
    assert attributes == pool.attributes_of(name)


def test_a_user_cannot_vouch_for_an_address(pool, app, idp, signed_in):
    _, token = signed_in
    refusal = "A client attempted to write unauthorized attribute"
    with refused("NotAuthorizedException", refusal):
        idp.update_user_attributes(AccessToken=token, UserAttributes=written(email_verified="true"))
    with refused("NotAuthorizedException", refusal):
        idp.sign_up(
            ClientId=app.id,
            Username=unique("user"),
            Password=PASSWORD,
            UserAttributes=written(email=unique_address(), email_verified="true"),
        )


def test_a_client_writes_only_its_attributes(pool, idp):
    app = pool.app(WriteAttributes=["given_name"])
    token = app.sign_in(pool.confirmed_user(PASSWORD), PASSWORD)["AccessToken"]
    idp.update_user_attributes(AccessToken=token, UserAttributes=written(given_name="Ada"))
    with refused("NotAuthorizedException", "A client attempted to write unauthorized attribute"):
        idp.update_user_attributes(AccessToken=token, UserAttributes=written(family_name="L"))
    with refused("NotAuthorizedException"):
        idp.delete_user_attributes(AccessToken=token, UserAttributeNames=["family_name"])


def test_custom_attributes_keep_to_their_schema(make_pool, idp):
    pool = make_pool(
        Schema=[
            {
                "Name": "level",
                "AttributeDataType": "Number",
                "Mutable": True,
                "NumberAttributeConstraints": {"MinValue": "1", "MaxValue": "9"},
            },
            {"Name": "born", "AttributeDataType": "String", "Mutable": False},
        ]
    )
    idp.add_custom_attributes(
        UserPoolId=pool.id, CustomAttributes=[{"Name": "later", "AttributeDataType": "String"}]
    )
    schema = idp.describe_user_pool(UserPoolId=pool.id)["UserPool"]["SchemaAttributes"]
    assert [entry["Name"] for entry in schema[20:]] == ["custom:level", "custom:born", "custom:later"]

    names = ["custom:level", "custom:born", "custom:later", "email"]
    app = pool.app(ReadAttributes=names, WriteAttributes=names)
    name = pool.confirmed_user(PASSWORD, **{"custom:level": "3", "custom:born": "here"})
    tokens = app.sign_in(name, PASSWORD)
    assert pool.claims(tokens["IdToken"], app)["custom:level"] == "3"

    token = tokens["AccessToken"]
    idp.update_user_attributes(AccessToken=token, UserAttributes=written(custom_level="9", custom_later="x"))
    for refusal in [{"custom_level": "10"}, {"custom_level": "many"}, {"custom_born": "there"}]:
        with refused("InvalidParameterException"):
            idp.update_user_attributes(AccessToken=token, UserAttributes=written(**refusal))
    assert own(idp, token)["custom:level"] == "9"


def test_required_and_unknown_attributes_are_named_at_sign_up(make_pool, idp):
    pool = make_pool(Schema=[{"Name": "email", "Required": True, "Mutable": True}])
    app = pool.app()
    with refused(
        "InvalidParameterException",
        "Attributes did not conform to the schema: email: The attribute is required\n",
    ):
        idp.sign_up(ClientId=app.id, Username=unique("user"), Password=PASSWORD)
    with refused("InvalidParameterException"):
        idp.sign_up(
            ClientId=app.id,
            Username=unique("user"),
            Password=PASSWORD,
            UserAttributes=written(email=unique_address(), custom_none="x"),
        )
    with refused("InvalidParameterException", "Invalid email address format."):
        idp.sign_up(
            ClientId=app.id,
            Username=unique("user"),
            Password=PASSWORD,
            UserAttributes=written(email="no address"),
        )


def test_a_changed_address_is_unverified_until_its_code_comes_back(pool, idp, signed_in, inbox):
    name, token = signed_in
    new = unique_address()
    with inbox.messages_to(new) as sent:
        reply = idp.update_user_attributes(AccessToken=token, UserAttributes=written(email=new))
    assert reply["CodeDeliveryDetailsList"] == [
        {"Destination": "u***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    ]
    assert pool.attributes_of(name)["email"] == new
    assert pool.attributes_of(name)["email_verified"] == "false"

    verify = {"AccessToken": token, "AttributeName": "email"}
    with refused(*WRONG_CODE):
        idp.verify_user_attribute(**verify, Code=other_code(sent.code))
    idp.verify_user_attribute(**verify, Code=sent.code)

    assert pool.attributes_of(name)["email_verified"] == "true"
    with refused(*NO_LIVE_CODE):
        idp.verify_user_attribute(**verify, Code=sent.code)


def test_a_code_for_an_address_dies_with_the_address(pool, idp, signed_in, inbox):
    name, token = signed_in
    first, second = unique_address(), unique_address()
    with inbox.messages_to(first) as sent:
        idp.update_user_attributes(AccessToken=token, UserAttributes=written(email=first))
    with inbox.messages_to(second) as sent_later:
        idp.update_user_attributes(AccessToken=token, UserAttributes=written(email=second))

    if sent.code != sent_later.code:
        with refused("CodeMismatchException"):
            idp.verify_user_attribute(AccessToken=token, AttributeName="email", Code=sent.code)
    assert pool.attributes_of(name)["email_verified"] == "false"


def test_a_code_can_be_asked_for(pool, app, idp, inbox):
    address = unique_address()
    name = pool.confirmed_user(PASSWORD, email=address, email_verified="false")
    token = app.sign_in(name, PASSWORD)["AccessToken"]
    with inbox.messages_to(address) as sent:
        reply = idp.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")
    assert reply["CodeDeliveryDetails"]["AttributeName"] == "email"
    idp.verify_user_attribute(AccessToken=token, AttributeName="email", Code=sent.code)
    assert own(idp, token)["email_verified"] == "true"
    with refused("InvalidParameterException"):
        idp.get_user_attribute_verification_code(AccessToken=token, AttributeName="given_name")


def test_verification_before_update_keeps_the_old_address_in_force(make_pool, idp, inbox):
    pool = make_pool(
        UsernameAttributes=["email"],
        UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": ["email"]},
    )
    app = pool.app()
    old, new = unique_address(), unique_address()
    pool.confirmed_user(PASSWORD, name=old, email=old)
    token = app.sign_in(old, PASSWORD)["AccessToken"]

    with inbox.messages_to(new) as sent:
        idp.update_user_attributes(AccessToken=token, UserAttributes=written(email=new))
    assert own(idp, token)["email"] == old
    assert own(idp, token)["email_verified"] == "true"
    app.user(old).authenticate(PASSWORD)
    with refused("UserNotFoundException"):
        app.user(new).authenticate(PASSWORD)

    idp.verify_user_attribute(AccessToken=token, AttributeName="email", Code=sent.code)

    assert own(idp, token)["email"] == new
    assert own(idp, token)["email_verified"] == "true"
    app.user(new).authenticate(PASSWORD)
    with refused("UserNotFoundException"):
        app.user(old).authenticate(PASSWORD)


def test_an_alias_belongs_to_whoever_proves_it_first(make_pool, idp, inbox):
    pool = make_pool(AliasAttributes=["email"])
    app = pool.app()
    address = unique_address()
    names = [unique("one"), unique("other")]
    codes = []
    for name in names:
        with inbox.messages_to(address) as sent:
            idp.sign_up(
                ClientId=app.id, Username=name, Password=PASSWORD, UserAttributes=written(email=address)
            )
        codes.append(sent.code)
    idp.confirm_sign_up(ClientId=app.id, Username=names[0], ConfirmationCode=codes[0])

    with refused("AliasExistsException"):
        idp.confirm_sign_up(ClientId=app.id, Username=names[1], ConfirmationCode=codes[1])
    signed_in = app.sign_in(address, PASSWORD)
    assert pool.claims(signed_in["IdToken"], app)["cognito:username"] == names[0]

    with inbox.messages_to(address) as sent:
        idp.resend_confirmation_code(ClientId=app.id, Username=names[1])
    idp.confirm_sign_up(
        ClientId=app.id, Username=names[1], ConfirmationCode=sent.code, ForceAliasCreation=True
    )
    signed_in = app.sign_in(address, PASSWORD)
    assert pool.claims(signed_in["IdToken"], app)["cognito:username"] == names[1]
    assert pool.attributes_of(names[0])["email_verified"] == "false"


def test_an_address_as_user_name_is_taken_once(make_pool, idp):
    pool = make_pool(UsernameAttributes=["email"])
    app = pool.app()
    address = unique_address()
    idp.sign_up(ClientId=app.id, Username=address, Password=PASSWORD)
    with refused("UsernameExistsException"):
        idp.sign_up(ClientId=app.id, Username=address, Password=PASSWORD)
    with refused("InvalidParameterException", "Username should be an email."):
        idp.sign_up(ClientId=app.id, Username=unique("user"), Password=PASSWORD)


def test_an_alias_pool_takes_no_address_as_user_name(make_pool, idp):
    pool = make_pool(AliasAttributes=["email"])
    app = pool.app()
    with refused(
        "InvalidParameterException",
        "Username cannot be of email format, since user pool is configured for email alias.",
    ):
        idp.sign_up(ClientId=app.id, Username=unique_address(), Password=PASSWORD)


def test_a_code_is_sent_again_until_the_user_is_confirmed(pool, app, idp, inbox):
    address = unique_address()
    name = unique("user")
    idp.sign_up(ClientId=app.id, Username=name, Password=PASSWORD, UserAttributes=written(email=address))
    with inbox.messages_to(address) as sent:
        idp.resend_confirmation_code(ClientId=app.id, Username=name)
    idp.confirm_sign_up(ClientId=app.id, Username=name, ConfirmationCode=sent.code)
    assert pool.attributes_of(name)["email_verified"] == "true"
    with refused("InvalidParameterException", "User is already confirmed."):
        idp.resend_confirmation_code(ClientId=app.id, Username=name)


def test_a_pool_for_invited_users_only_refuses_sign_up(make_pool, idp):
    pool = make_pool(AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})
    app = pool.app()
    with refused("NotAuthorizedException", "SignUp is not permitted for this user pool"):
        idp.sign_up(ClientId=app.id, Username=unique("user"), Password=PASSWORD)
