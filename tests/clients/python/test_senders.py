"""Custom senders: functions that decrypt codes with the AWS Encryption SDK, as those written for the service do."""

import base64
import os

import aws_encryption_sdk
import boto3
import pytest
from aws_encryption_sdk.identifiers import CommitmentPolicy, EncryptionKeyType, WrappingAlgorithm
from aws_encryption_sdk.internal.crypto.wrapping_keys import WrappingKey
from aws_encryption_sdk.key_providers.raw import RawMasterKeyProvider
from moto.server import ThreadedMotoServer

from pools import unique, unique_address
from refusal import refused

PASSWORD = "Right-passw0rd!"
PHONE = "+12065550142"


class RawKeys(RawMasterKeyProvider):
    """The wrapping key that the server was started with."""

    provider_id = "userpool"

    def _get_raw_key(self, key_id):
        assert key_id in ("journeys", b"journeys")
        return WrappingKey(
            wrapping_algorithm=WrappingAlgorithm.AES_256_GCM_IV12_TAG16_NO_PADDING,
            wrapping_key=base64.b64decode(os.environ["USERPOOL_JOURNEYS_KEY"]),
            wrapping_key_type=EncryptionKeyType.SYMMETRIC,
        )


@pytest.fixture(scope="module")
def kms():
    """A boto3 client of a key service; clients that others make in this process find it too."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=int(os.environ["USERPOOL_KEYS_PORT"]), verbose=False)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_KMS", f"http://127.0.0.1:{os.environ['USERPOOL_KEYS_PORT']}")
        yield boto3.client("kms")
    server.stop()


def raw_key():
    provider = RawKeys()
    provider.add_master_key("journeys")
    return "arn:aws:kms:us-east-1:000000000000:key/journeys", provider


def kms_key(kms):
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    return arn, aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(key_ids=[arn])


class Sender:
    """A function that decrypts what it is to send."""

    def __init__(self, provider):
        self.provider = provider
        self.client = aws_encryption_sdk.EncryptionSDKClient(
            commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
        )
        self.sent = []

    def __call__(self, event, _context=None):
        code, header = self.client.decrypt(
            source=base64.b64decode(event["request"]["code"]), key_provider=self.provider
        )
        assert header.encryption_context == {"userpool-id": event["userPoolId"]}
        self.sent.append((event, code.decode()))
        raise Exception("nobody hears of this")

    def last(self, source):
        event, code = self.sent[-1]
        assert event["triggerSource"] == source
        return event, code


@pytest.mark.parametrize("make_key", [lambda _: raw_key(), kms_key], ids=["raw", "kms"])
def test_a_function_decrypts_every_code_it_is_to_send(make_key, kms, make_pool, functions, inbox):
    arn, provider = make_key(kms)
    sender = Sender(provider)
    config = {"LambdaVersion": "V1_0", "LambdaArn": functions.serve(sender)}
    pool = make_pool(LambdaConfig={"CustomEmailSender": config, "CustomSMSSender": config, "KMSKeyID": arn})
    app, name, address = pool.app(), unique("user"), unique_address()
    idp = pool.idp

    with inbox.messages_to(address) as sent:
        idp.sign_up(
            ClientId=app.id,
            Username=name,
            Password=PASSWORD,
            UserAttributes=[{"Name": "email", "Value": address}],
            ClientMetadata={"from": "journey"},
        )
        event, first = sender.last("CustomEmailSender_SignUp")
        assert (event["version"], event["userName"], event["userPoolId"]) == ("1", name, pool.id)
        assert event["request"]["type"] == "customEmailSenderRequestV1"
        assert event["request"]["clientMetadata"] == {"from": "journey"}
        assert event["request"]["userAttributes"]["email"] == address
        assert event["request"]["userAttributes"]["cognito:user_status"] == "UNCONFIRMED"
        idp.resend_confirmation_code(ClientId=app.id, Username=name)
        _, code = sender.last("CustomEmailSender_ResendCode")
        assert len(first) == len(code) == 6
        idp.confirm_sign_up(ClientId=app.id, Username=name, ConfirmationCode=code)

        idp.forgot_password(ClientId=app.id, Username=name)
        _, code = sender.last("CustomEmailSender_ForgotPassword")
        idp.confirm_forgot_password(ClientId=app.id, Username=name, ConfirmationCode=code, Password="New-passw0rd!")
        token = app.sign_in(name, "New-passw0rd!")["AccessToken"]
        idp.update_user_attributes(AccessToken=token, UserAttributes=[{"Name": "phone_number", "Value": PHONE}])
        idp.get_user_attribute_verification_code(AccessToken=token, AttributeName="phone_number")
        event, code = sender.last("CustomSMSSender_VerifyUserAttribute")
        assert event["request"]["type"] == "customSMSSenderRequestV1"
        assert event["request"]["userAttributes"]["phone_number"] == PHONE
        idp.verify_user_attribute(AccessToken=token, AttributeName="phone_number", Code=code)
    assert not sent.messages

    invited = unique("user")
    idp.admin_create_user(
        UserPoolId=pool.id,
        Username=invited,
        DesiredDeliveryMediums=["EMAIL"],
        UserAttributes=[{"Name": "email", "Value": unique_address()}],
    )
    _, password = sender.last("CustomEmailSender_AdminCreateUser")
    reply = idp.initiate_auth(
        ClientId=app.id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=app.auth(invited, PASSWORD=password)
    )
    assert reply["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_a_key_that_the_service_does_not_know_is_a_refusal_and_nobody_is_kept(kms, make_pool, functions):
    config = {"LambdaVersion": "V1_0", "LambdaArn": functions.serve(lambda event: event)}
    arn = "arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012"
    pool = make_pool(LambdaConfig={"CustomEmailSender": config, "KMSKeyID": arn})
    text = "CustomEmailSender invocation failed due to error the key service failed: NotFoundException."
    name = unique("user")
    with refused("UnexpectedLambdaException", text):
        pool.idp.sign_up(
            ClientId=pool.app().id,
            Username=name,
            Password=PASSWORD,
            UserAttributes=[{"Name": "email", "Value": unique_address()}],
        )
    with pytest.raises(pool.idp.exceptions.UserNotFoundException):
        pool.idp.admin_get_user(UserPoolId=pool.id, Username=name)
