"""Refusals as a caller of boto3 meets them: an exception class and a text."""

from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError


@contextmanager
def refused(name, text=None):
    """Expects exactly this exception of the service, and this text where one is given."""
    with pytest.raises(ClientError) as caught:
        yield caught
    error = caught.value.response["Error"]
    assert error["Code"] == name, f"{error['Code']}: {error['Message']}"
    # boto3 raises a class of its own for each exception that the model declares.
    assert type(caught.value).__name__ == name
    if text is not None:
        assert error["Message"] == text
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert caught.value.response["ResponseMetadata"].get("RequestId")


def refusal_of(call, *arguments, **named):
    """The name and text with which the service refuses a call, or None where it answers."""
    try:
        call(*arguments, **named)
    except ClientError as refusal:
        error = refusal.response["Error"]
        return error["Code"], error["Message"]
    return None


WRONG_PASSWORD = ("NotAuthorizedException", "Incorrect username or password.")
LOCKED = ("NotAuthorizedException", "Password attempts exceeded")
NOT_CONFIRMED = ("UserNotConfirmedException", "User is not confirmed.")
WRONG_CODE = ("CodeMismatchException", "Invalid verification code provided, please try again.")
NO_LIVE_CODE = ("ExpiredCodeException", "Invalid code provided, please request a code again.")
NO_USER = ("UserNotFoundException", "User does not exist.")
NO_COMBINATION = ("UserNotFoundException", "Username/client id combination not found.")
DISABLED = ("NotAuthorizedException", "User is disabled.")
TOKEN_REVOKED = ("NotAuthorizedException", "Access Token has been revoked")
REFRESH_REVOKED = ("NotAuthorizedException", "Refresh Token has been revoked")
TOO_MANY_ATTEMPTS = ("LimitExceededException", "Attempt limit exceeded, please try after some time.")
INVALID_REFRESH = ("NotAuthorizedException", "Invalid Refresh Token")
