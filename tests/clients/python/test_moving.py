"""A pool that moves to another server by export and import, and users who come there in a file, by the program itself."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager

import boto3
import pytest

from pools import App, Pool, unique
from totp import Authenticator

PASSWORD = "Right-passw0rd!"
KEYS = {
    "USERPOOL_ADMIN_ACCESS_KEY_ID": os.environ["AWS_ACCESS_KEY_ID"],
    "USERPOOL_ADMIN_SECRET_ACCESS_KEY": os.environ["AWS_SECRET_ACCESS_KEY"],
}


def program(folder, *arguments, **environment):
    """The program as it was built, over a data folder and nothing else that the environment says."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("USERPOOL_")}
    return {
        "args": [os.environ["USERPOOL_BINARY"], "--data", str(folder), *map(str, arguments)],
        "env": kept | environment,
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
    }


def run(folder, *arguments, **environment):
    """Runs a command to its end."""
    return subprocess.run(**program(folder, *arguments, **environment), timeout=60)


@pytest.fixture(scope="module")
def address():
    """Where the servers are, one after the other: tokens name it, and are good while it stays the same."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


@contextmanager
def served(folder, address):
    """A server over a data folder."""
    server = subprocess.Popen(**program(folder, "--listen", address, **KEYS) | {"stderr": subprocess.DEVNULL})
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://{address}/readyz", timeout=1).close()
                break
            except OSError:
                assert server.poll() is None, "the server ended"
                time.sleep(0.05)
        yield
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=20)
        assert server.returncode == 0


def client(address):
    """An administrator's boto3 client of a server."""
    return boto3.client("cognito-idp", endpoint_url=f"http://{address}")


def key_set(address, pool):
    """The public keys of a pool, as they are published."""
    with urllib.request.urlopen(f"http://{address}/{pool}/.well-known/jwks.json", timeout=5) as reply:
        return json.load(reply)


@pytest.fixture(scope="module")
def moved(tmp_path_factory, address):
    """A pool with its users on one server, and the folder of another that it was moved to."""
    folders = tmp_path_factory.mktemp("moving")
    first, second, file, key = (folders / name for name in ["first", "second", "pool.jsonl", "pool.key"])
    before = {}
    with served(first, address):
        idp = client(address)
        pool = idp.create_user_pool(PoolName="moving", AutoVerifiedAttributes=["email"])["UserPool"]
        idp.set_user_pool_mfa_config(
            UserPoolId=pool["Id"],
            MfaConfiguration="OPTIONAL",
            SoftwareTokenMfaConfiguration={"Enabled": True},
        )
        flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        description = idp.create_user_pool_client(
            UserPoolId=pool["Id"], ClientName="web", GenerateSecret=True, ExplicitAuthFlows=flows
        )["UserPoolClient"]
        idp.create_group(UserPoolId=pool["Id"], GroupName="staff")
        for name in ["ada", "bob"]:
            idp.admin_create_user(
                UserPoolId=pool["Id"],
                Username=name,
                MessageAction="SUPPRESS",
                UserAttributes=[
                    {"Name": "email", "Value": f"{name}@example.com"},
                    {"Name": "email_verified", "Value": "true"},
                ],
            )
            idp.admin_set_user_password(UserPoolId=pool["Id"], Username=name, Password=PASSWORD, Permanent=True)
        idp.admin_add_user_to_group(UserPoolId=pool["Id"], Username="ada", GroupName="staff")
        app = App(Pool(idp, f"http://{address}", pool), description)
        before["access"] = app.sign_in("bob", PASSWORD)["AccessToken"]
        access = app.sign_in("ada", PASSWORD)["AccessToken"]
        before["token"] = Authenticator(idp.associate_software_token(AccessToken=access)["SecretCode"])
        idp.verify_software_token(AccessToken=access, UserCode=before["token"].code(-1))
        idp.set_user_mfa_preference(
            AccessToken=access, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
        )
        before["users"] = idp.list_users(UserPoolId=pool["Id"])["Users"]
        before["keys"] = key_set(address, pool["Id"])
        held = run(first, "export", pool["Id"], "--file", file, "--key-file", key)
        assert held.returncode == 1 and "in use by another process" in held.stderr, held.stderr
        assert not file.exists()
    done = run(first, "export", pool["Id"], "--file", file, "--key-file", key)
    assert done.returncode == 0, done.stderr
    assert file.stat().st_mode & 0o777 == key.stat().st_mode & 0o777 == 0o600
    again = run(first, "export", pool["Id"], "--file", file, "--key-file", key)
    assert again.returncode == 1 and "it is there already" in again.stderr
    torn = folders / "torn.jsonl"
    torn.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))
    refused = run(second, "import", "--file", torn, "--key-file", key)
    assert refused.returncode == 1 and "the export is torn" in refused.stderr, refused.stderr
    done = run(second, "import", "--file", file, "--key-file", key)
    assert done.returncode == 0, done.stderr
    assert "2 users" in done.stdout
    again = run(second, "import", "--file", file, "--key-file", key)
    assert again.returncode == 1 and f"has a pool {pool['Id']} already" in again.stderr
    return second, pool, description, before


def test_users_of_a_pool_that_moved_sign_in_as_before(moved, address):
    folder, pool, description, before = moved
    with served(folder, address):
        idp = client(address)
        there = Pool(idp, f"http://{address}", pool)
        app = App(there, description)
        assert idp.list_users(UserPoolId=pool["Id"])["Users"] == before["users"]
        assert key_set(address, pool["Id"]) == before["keys"]
        assert idp.get_user(AccessToken=before["access"])["Username"] == "bob"
        bob = app.user("bob")
        bob.authenticate(password=PASSWORD)
        assert bob.id_token
        challenge = idp.initiate_auth(
            ClientId=app.id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=app.auth("ada", PASSWORD=PASSWORD)
        )
        assert challenge["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
        answers = app.auth("ada", SOFTWARE_TOKEN_MFA_CODE=before["token"].code())
        signed_in = idp.respond_to_auth_challenge(
            ClientId=app.id,
            ChallengeName="SOFTWARE_TOKEN_MFA",
            Session=challenge["Session"],
            ChallengeResponses=answers,
        )
        assert signed_in["AuthenticationResult"]["IdToken"]
        groups = idp.admin_list_groups_for_user(UserPoolId=pool["Id"], Username="ada")["Groups"]
        assert [group["GroupName"] for group in groups] == ["staff"]


def test_users_come_in_a_file_that_the_program_sends(moved, address, tmp_path):
    folder, pool, description, _ = moved
    with served(folder, address):
        idp = client(address)
        columns = idp.get_csv_header(UserPoolId=pool["Id"])["CSVHeader"]
        names = [unique("user") for _ in range(20)]

        def row(name, **values):
            values = {"cognito:username": name, "cognito:mfa_enabled": "false"} | values
            return ",".join(values.get(column, "") for column in columns)

        rows = [row(name, email=f"{name}@example.com", email_verified="true") for name in names]
        file = tmp_path / "users.csv"
        file.write_text("\n".join([",".join(columns), *rows]))
        command = ["--base-url", f"http://{address}", "upload-users", pool["Id"], "--file", file]
        # Signed by the pair of the AWS tools.
        done = run(folder, *command)
        assert done.returncode == 0, done.stderr
        assert "Succeeded, 20 users imported, 0 rows skipped, 0 failed" in done.stdout, done.stdout
        name = names[3]
        user = idp.admin_get_user(UserPoolId=pool["Id"], Username=name)
        assert user["UserStatus"] == "RESET_REQUIRED"
        idp.admin_set_user_password(UserPoolId=pool["Id"], Username=name, Password=PASSWORD, Permanent=True)
        app = App(Pool(idp, f"http://{address}", pool), description)
        assert app.sign_in(name, PASSWORD)["IdToken"]
        file.write_text("\n".join([",".join(columns), rows[0], row("unverified")]))
        failed = run(folder, *command)
        assert failed.returncode == 1
        assert "[SKIPPED] Line Number 2 - The user already exists." in failed.stdout
        assert "[FAILED] Line Number 3 - " in failed.stdout
        assert "1 rows made no user" in failed.stderr
        unsigned = run(folder, *command, AWS_SECRET_ACCESS_KEY="wrong")
        assert unsigned.returncode == 1 and "CreateUserImportJob: " in unsigned.stderr, unsigned.stderr
