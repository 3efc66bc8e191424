"""Requests signed with credentials of an identity pool, at a service that knows the server's root keys and nothing else:
`examples/credentials.rs`. Users may read and write what is under their identity, but for notes that are pinned."""

import os
import subprocess
import urllib.request
from datetime import datetime, timezone

import boto3
import pytest
import requests
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from identities import PASSWORD, STAFF, signed_in

API = os.environ["USERPOOL_SERVICE"]
S3 = os.environ["USERPOOL_S3_SERVICE"]


@pytest.fixture
def holder(anybody, make_identities, pool, app):
    """A user's identity, and the credentials of it."""
    identities, provider = make_identities()
    logins = {provider: signed_in(pool, app)[1]}
    identity = anybody.get_id(IdentityPoolId=identities, Logins=logins)["IdentityId"]
    return identity, given(anybody.get_credentials_for_identity(IdentityId=identity, Logins=logins))


@pytest.fixture
def guest(anybody, make_identities):
    """A guest's identity, and the credentials of it."""
    identities, _ = make_identities()
    identity = anybody.get_id(IdentityPoolId=identities)["IdentityId"]
    return identity, given(anybody.get_credentials_for_identity(IdentityId=identity))


def given(reply):
    """Credentials as botocore signs with."""
    got = reply["Credentials"]
    left = got["Expiration"] - datetime.now(timezone.utc)
    assert 3_500 < left.total_seconds() <= 3_601
    return Credentials(got["AccessKeyId"], got["SecretKey"], got["SessionToken"])


def send(credentials, method, path, body=b"", service="execute-api", change=lambda request: None):
    """Signs as clients of APIs do, and sends."""
    request = AWSRequest(method, f"{API}/notes{path}", data=body)
    SigV4Auth(credentials, service, "us-east-1").add_auth(request)
    change(request)
    reply = requests.request(method, request.url, headers=dict(request.headers), data=body, timeout=10)
    name = reply.headers.get("x-amzn-ErrorType", "").rstrip(":")
    return reply.status_code, name or reply.headers.get("note-length") or reply.text


def test_a_user_reaches_what_the_role_lets_them(holder):
    identity, credentials = holder
    assert send(credentials, "GET", f"/{identity}/list") == (200, f"list of {identity}")
    assert send(credentials, "GET", f"/{identity.replace(':', '%3A')}/a%20b?x=1&a=b%2Fc") == (200, f"a b of {identity}")
    assert send(credentials, "PUT", f"/{identity}/list", b"milk") == (200, "4")
    assert send(credentials, "PUT", f"/{identity}/pinned", b"milk") == (403, "AccessDeniedException")
    assert send(credentials, "GET", f"/{identity}/pinned")[0] == 200
    another = identity[:-4] + ("0000" if identity[-4:] != "0000" else "1111")
    assert send(credentials, "GET", f"/{another}/list") == (403, "AccessDeniedException")


def test_a_guest_has_a_role_without_policies(guest):
    identity, credentials = guest
    assert send(credentials, "GET", f"/{identity}/list") == (403, "AccessDeniedException")


def test_the_service_sees_the_role_of_a_users_group(anybody, make_identities, pool, app):
    identities, provider = make_identities()
    name, token = signed_in(pool, app)
    identity = anybody.get_id(IdentityPoolId=identities, Logins={provider: token})["IdentityId"]

    def read(token):
        logins = {provider: token}
        got = given(anybody.get_credentials_for_identity(IdentityId=identity, Logins=logins))
        return send(got, "GET", f"/{identity}/list")[0]

    assert read(token) == 200
    pool.idp.create_group(UserPoolId=pool.id, GroupName="staff", RoleArn=STAFF)
    pool.idp.admin_add_user_to_group(UserPoolId=pool.id, Username=name, GroupName="staff")
    # That role has no policies there.
    assert read(app.sign_in(name, PASSWORD)["IdToken"]) == 403


def test_nothing_but_what_was_signed_passes(holder, guest):
    identity, credentials = holder
    path = f"/{identity}/list"

    def denied(change, **more):
        return send(credentials, "GET", path, change=change, **more)

    def header(name, value):
        def change(request):
            del request.headers[name]
            if value is not None:
                request.headers[name] = value

        return change

    def address(request):
        request.url += "?more"

    other = guest[1].token
    invalid = (403, "InvalidSignatureException")
    assert denied(header("Authorization", None)) == (401, "MissingAuthenticationTokenException")
    assert denied(header("Authorization", "AWS4-HMAC-SHA256 x")) == (403, "IncompleteSignatureException")
    assert denied(header("X-Amz-Security-Token", None)) == (403, "UnrecognizedClientException")
    assert denied(header("X-Amz-Security-Token", other)) == (403, "UnrecognizedClientException")
    assert denied(header("X-Amz-Date", "20200101T000000Z")) == invalid
    assert denied(address) == invalid
    assert denied(lambda request: None, service="sts") == invalid
    administrator = Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
    assert send(administrator, "GET", path) == (403, "UnrecognizedClientException")


def test_an_address_may_be_signed_and_given_away(holder):
    identity, credentials = holder
    request = AWSRequest("GET", f"{API}/notes/{identity}/list")
    SigV4QueryAuth(credentials, "execute-api", "us-east-1", expires=60).add_auth(request)
    # An address that is complete: requests would write it anew.
    with urllib.request.urlopen(request.url, timeout=10) as reply:
        assert reply.read().decode() == f"list of {identity}"
    for changed in [request.url.replace("/list", "/other"), request.url.replace("Expires=60", "Expires=61")]:
        assert requests.get(changed, timeout=10).status_code == 403


def s3_of(credentials, secret):
    """boto3 for S3 with these credentials, at the service."""
    return boto3.client(
        "s3",
        endpoint_url=S3,
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=secret,
        aws_session_token=credentials.token,
        config=Config(
            signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1}
        ),
    )


def test_boto3_speaks_to_it_as_to_s3(holder):
    identity, credentials = holder
    s3 = s3_of(credentials, credentials.secret_key)
    note = {"Bucket": "notes", "Key": f"{identity}/list"}
    assert s3.get_object(**note)["Body"].read().decode() == f"list of {identity}"
    assert s3.put_object(Body=b"milk", **note)["ResponseMetadata"]["HTTPHeaders"]["note-length"] == "4"
    with pytest.raises(ClientError) as caught:
        s3.put_object(Body=b"milk", Bucket="notes", Key=f"{identity}/pinned")
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
    with pytest.raises(ClientError) as caught:
        s3_of(credentials, "x" * 40).get_object(**note)
    assert caught.value.response["Error"]["Code"] == "SignatureDoesNotMatch"
    # Presigned addresses of S3 sign no body: such a service says that it takes them, and this one does not.
    reply = requests.get(s3.generate_presigned_url("get_object", Params=note), timeout=10)
    assert (reply.status_code, "<Code>SignatureDoesNotMatch</Code>" in reply.text) == (403, True)


def test_curl_signs(holder):
    identity, credentials = holder

    def curl(service, address, path, *arguments, key=credentials.secret_key):
        line = ["curl", "-sS", "--max-time", "10", "--aws-sigv4", f"aws:amz:us-east-1:{service}"]
        line += ["--user", f"{credentials.access_key}:{key}"]
        line += ["-H", f"X-Amz-Security-Token: {credentials.token}"]
        line += ["-w", " %{http_code} %{header_json}", *arguments, f"{address}/notes/{path}"]
        return subprocess.run(line, capture_output=True, text=True, check=True).stdout

    def api(*arguments, **more):
        return curl("execute-api", API, *arguments, **more)

    def objects(path, *arguments, **more):
        # Older versions sign a path as it is given, so that it is given as it is signed.
        return curl("s3", S3, f"{identity.replace(':', '%3A')}/{path}", *arguments, **more)

    put = ["-X", "PUT", "--data", "milk"]
    assert api("shared/list").startswith(f"list of {identity} 200 ")
    assert "AccessDeniedException" in api("shared/list", *put)
    assert "InvalidSignatureException" in api("shared/list", key="x" * 40)
    assert objects("list").startswith(f"list of {identity} 200 ")
    assert objects("list", *put).startswith(" 200 ")
    assert "<Code>AccessDenied</Code>" in objects("pinned", *put)
    assert "<Code>SignatureDoesNotMatch</Code>" in objects("list", key="x" * 40)
