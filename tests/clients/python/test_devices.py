"""Remembered devices, as pycognito and boto3 confirm, prove, list and forget them."""

import pycognito.aws_srp
import pytest
import requests
from pycognito.aws_srp import AWSSRP, generate_hash_device

from refusal import refused
from test_mfa import answer, challenge
from totp import Authenticator

PASSWORD = "Right-passw0rd!"
UNKNOWN = "Device does not exist."


@pytest.fixture
def make_device_pool(make_pool, idp):
    """Makes pools that remember devices and have software tokens."""

    def make(on_prompt=False, **settings):
        pool = make_pool(
            DeviceConfiguration={"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": on_prompt},
            **settings,
        )
        idp.set_user_pool_mfa_config(
            UserPoolId=pool.id, MfaConfiguration="OPTIONAL", SoftwareTokenMfaConfiguration={"Enabled": True}
        )
        return pool

    return make


@pytest.fixture
def sends_here(monkeypatch, endpoint):
    """pycognito writes AWS's own address into the requests about devices: what it sends there comes here."""
    post = requests.post

    def redirected(url, **arguments):
        assert url.startswith("https://cognito-idp.us-east-1.amazonaws.com/")
        return post(endpoint, **arguments)

    monkeypatch.setattr(pycognito.aws_srp.requests, "post", redirected)


def srp(app, name, **device):
    """A sign-in by pycognito."""
    return AWSSRP(
        username=name, password=PASSWORD, pool_id=app.pool.id, client_id=app.id, client=app.pool.idp, **device
    )


def devices(app, access, **paging):
    """The keys that ListDevices tells."""
    reply = app.pool.idp.list_devices(AccessToken=access, **paging)
    return [device["DeviceKey"] for device in reply["Devices"]]


def attributes(device):
    """The attributes of a device as a dictionary."""
    return {attribute["Name"]: attribute["Value"] for attribute in device["DeviceAttributes"]}


def confirmed(app, name, on_prompt=False):
    """Signs in by pycognito and confirms the device; the tokens and what pycognito needs of the device."""
    signed_in = srp(app, name)
    tokens = signed_in.authenticate_user()
    reply, password = signed_in.confirm_device(tokens, "laptop")
    assert reply.status_code == 200
    assert reply.json() == {"UserConfirmationNecessary": on_prompt}
    made = tokens["AuthenticationResult"]["NewDeviceMetadata"]
    device = {
        "device_key": made["DeviceKey"],
        "device_group_key": made["DeviceGroupKey"],
        "device_password": password,
    }
    return tokens["AuthenticationResult"], device


def test_pycognito_signs_in_from_a_remembered_device_without_the_second_factor(make_device_pool, sends_here):
    app = make_device_pool().app()
    name = app.pool.confirmed_user(PASSWORD)
    first, device = confirmed(app, name)
    assert app.pool.claims(first["AccessToken"], app)["device_key"] == device["device_key"]
    enrolled_by_boto3(app, first["AccessToken"])

    assert challenge(app, name)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    for _ in range(3):
        tokens = srp(app, name, **device).authenticate_user()["AuthenticationResult"]
        assert app.pool.claims(tokens["AccessToken"], app)["device_key"] == device["device_key"]
        assert "NewDeviceMetadata" not in tokens
    assert devices(app, tokens["AccessToken"]) == [device["device_key"]]

    with refused("NotAuthorizedException", "Incorrect username or password."):
        srp(app, name, **{**device, "device_password": "another"}).authenticate_user()
    srp(app, name, **device).authenticate_user()

    srp(app, name).forget_device(tokens["AccessToken"], device["device_key"])
    assert devices(app, tokens["AccessToken"]) == []
    with refused("ResourceNotFoundException", UNKNOWN):
        srp(app, name, **device).authenticate_user()
    assert challenge(app, name)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"


def enrolled_by_boto3(app, access):
    """Sets up a software token for whoever has this access token."""
    idp = app.pool.idp
    authenticator = Authenticator(idp.associate_software_token(AccessToken=access)["SecretCode"])
    assert idp.verify_software_token(AccessToken=access, UserCode=authenticator.code(-1))["Status"] == "SUCCESS"
    idp.set_user_mfa_preference(AccessToken=access, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True})
    return authenticator


def test_a_device_waits_for_the_word_of_its_user(make_device_pool, sends_here):
    app = make_device_pool(on_prompt=True).app()
    name = app.pool.confirmed_user(PASSWORD)
    first, device = confirmed(app, name, on_prompt=True)
    access = first["AccessToken"]
    authenticator = enrolled_by_boto3(app, access)
    from_device = app.auth(name, PASSWORD=PASSWORD, DEVICE_KEY=device["device_key"])

    asked = app.pool.idp.initiate_auth(ClientId=app.id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=from_device)
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    reply = answer(app, asked, name, SOFTWARE_TOKEN_MFA_CODE=authenticator.code(0))
    assert "NewDeviceMetadata" not in reply["AuthenticationResult"]
    srp(app, name).update_device_status(True, access, device["device_key"])
    assert "AuthenticationResult" in srp(app, name, **device).authenticate_user()
    srp(app, name).update_device_status(False, access, device["device_key"])
    asked = app.pool.idp.initiate_auth(ClientId=app.id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=from_device)
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"


def test_boto3_shows_lists_and_forgets_devices(make_device_pool, sends_here):
    app = make_device_pool().app()
    pool, idp = app.pool, app.pool.idp
    name = pool.confirmed_user(PASSWORD)
    keys = []
    for _ in range(3):
        tokens, device = confirmed(app, name)
        keys.append(device["device_key"])
    access, key = tokens["AccessToken"], keys[-1]

    shown = idp.get_device(AccessToken=access, DeviceKey=key)["Device"]
    own = attributes(shown)
    assert own["device_status"] == "valid" and own["device_name"] == "laptop"
    assert own["last_ip_used"] == "127.0.0.1"
    assert not any(attribute.startswith("dev:") for attribute in own)
    assert shown["DeviceCreateDate"] == shown["DeviceLastModifiedDate"] >= shown["DeviceLastAuthenticatedDate"]
    told = attributes(idp.admin_get_device(UserPoolId=pool.id, Username=name, DeviceKey=key)["Device"])
    assert told["dev:device_owner"] == f"{name}.{pool.id}"
    assert told["dev:device_arn"].endswith(f":owner/{name}.{pool.id}/device/{key}")
    assert told["dev:device_remembered_status"] == "remembered"

    assert sorted(devices(app, access)) == sorted(keys)
    listed, token = [], {}
    while token is not None:
        reply = idp.admin_list_devices(UserPoolId=pool.id, Username=name, Limit=2, **token)
        listed += [device["DeviceKey"] for device in reply["Devices"]]
        token = {"PaginationToken": reply["PaginationToken"]} if "PaginationToken" in reply else None
    assert sorted(listed) == sorted(keys)

    idp.admin_update_device_status(
        UserPoolId=pool.id, Username=name, DeviceKey=key, DeviceRememberedStatus="not_remembered"
    )
    told = attributes(idp.admin_get_device(UserPoolId=pool.id, Username=name, DeviceKey=key)["Device"])
    assert told["dev:device_remembered_status"] == "not_remembered"
    idp.update_device_status(AccessToken=access, DeviceKey=key, DeviceRememberedStatus="remembered")
    idp.admin_forget_device(UserPoolId=pool.id, Username=name, DeviceKey=keys[0])
    idp.forget_device(AccessToken=access, DeviceKey=keys[1])
    assert devices(app, access) == [key]
    for gone in keys[:2]:
        with refused("ResourceNotFoundException", UNKNOWN):
            idp.get_device(AccessToken=access, DeviceKey=gone)


def test_a_refresh_token_is_good_from_its_confirmed_device_alone(make_device_pool, sends_here):
    app = make_device_pool().app()
    pool, idp = app.pool, app.pool.idp
    name = pool.confirmed_user(PASSWORD)
    tokens, device = confirmed(app, name)
    unconfirmed = app.sign_in(name, PASSWORD)

    def refresh(tokens, **more):
        return idp.initiate_auth(
            ClientId=app.id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"], **more},
        )["AuthenticationResult"]

    key = device["device_key"]
    renewed = refresh(tokens, DEVICE_KEY=key)
    assert pool.claims(renewed["AccessToken"], app)["device_key"] == key
    idp.get_tokens_from_refresh_token(ClientId=app.id, RefreshToken=tokens["RefreshToken"], DeviceKey=key)
    other = unconfirmed["NewDeviceMetadata"]["DeviceKey"]
    for sent, more in [(tokens, {}), (tokens, {"DEVICE_KEY": other}), (unconfirmed, {"DEVICE_KEY": other})]:
        with refused("NotAuthorizedException", "Invalid Refresh Token"):
            refresh(sent, **more)
    idp.forget_device(AccessToken=renewed["AccessToken"], DeviceKey=key)
    with refused("NotAuthorizedException", "Invalid Refresh Token"):
        refresh(tokens, DEVICE_KEY=key)


def test_a_pool_without_tracking_knows_no_devices(make_pool):
    app = make_pool().app()
    name = app.pool.confirmed_user(PASSWORD)
    tokens = app.sign_in(name, PASSWORD)
    assert "NewDeviceMetadata" not in tokens
    assert devices(app, tokens["AccessToken"]) == []
    with refused("InvalidUserPoolConfigurationException"):
        app.pool.idp.get_device(AccessToken=tokens["AccessToken"], DeviceKey="us-east-1_a")


def test_boto3_confirms_a_device_once_and_proves_it(make_device_pool):
    app = make_device_pool().app()
    idp = app.pool.idp
    name = app.pool.confirmed_user(PASSWORD)
    tokens = app.sign_in(name, PASSWORD)
    made, access = tokens["NewDeviceMetadata"], {"AccessToken": tokens["AccessToken"]}
    password, config = generate_hash_device(made["DeviceGroupKey"], made["DeviceKey"])
    given = {"DeviceSecretVerifierConfig": config, "DeviceName": "laptop"}
    with refused("InvalidParameterException", "Invalid device key given."):
        idp.confirm_device(**access, **given, DeviceKey=app.sign_in(name, PASSWORD)["NewDeviceMetadata"]["DeviceKey"])
    with refused("InvalidParameterException"):
        idp.confirm_device(**access, DeviceKey=made["DeviceKey"])
    assert devices(app, access["AccessToken"]) == []

    reply = idp.confirm_device(**access, **given, DeviceKey=made["DeviceKey"])
    assert reply["UserConfirmationNecessary"] is False
    assert devices(app, access["AccessToken"]) == [made["DeviceKey"]]
    with refused("DeviceKeyExistsException"):
        idp.confirm_device(**access, **given, DeviceKey=made["DeviceKey"])
    device = {
        "device_key": made["DeviceKey"],
        "device_group_key": made["DeviceGroupKey"],
        "device_password": password,
    }
    assert "AuthenticationResult" in srp(app, name, **device).authenticate_user()


def test_a_device_that_there_is_not_is_told(make_device_pool):
    app = make_device_pool().app()
    idp = app.pool.idp
    name = app.pool.confirmed_user(PASSWORD)
    access = {"AccessToken": app.sign_in(name, PASSWORD)["AccessToken"]}
    user = {"UserPoolId": app.pool.id, "Username": name}
    key = {"DeviceKey": "us-east-1_00000000-0000-4000-8000-000000000000"}
    remembered = {"DeviceRememberedStatus": "remembered"}
    for call, named in [
        (idp.get_device, access),
        (idp.forget_device, access),
        (idp.update_device_status, access | remembered),
        (idp.admin_get_device, user),
        (idp.admin_forget_device, user),
        (idp.admin_update_device_status, user | remembered),
    ]:
        with refused("ResourceNotFoundException", UNKNOWN):
            call(**named, **key)
    for call, named in [(idp.list_devices, access), (idp.admin_list_devices, user)]:
        with refused("InvalidParameterException"):
            call(**named, PaginationToken="another")
