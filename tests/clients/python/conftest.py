"""What every journey starts from: a running server, its administrator and its message file."""

import os

import boto3
import pytest

import identities
from calls import noted_in
from functions import Functions
from inbox import Inbox
from pools import Pool, unique


@pytest.fixture(scope="session", autouse=True)
def noted():
    """Notes what is called, where the runner asks for it."""
    folder = os.environ.get("USERPOOL_CALLS")
    if not folder:
        yield
        return
    with noted_in(folder):
        yield


@pytest.fixture(scope="session")
def endpoint():
    """Where the server listens."""
    return os.environ["USERPOOL_ENDPOINT"]


@pytest.fixture(scope="session")
def inbox():
    """What the server sends."""
    return Inbox(os.environ["USERPOOL_MESSAGES"])


@pytest.fixture(scope="session")
def idp(endpoint):
    """An administrator's boto3 client; the credentials come from the environment, as usual."""
    return boto3.client("cognito-idp", endpoint_url=endpoint)


@pytest.fixture(scope="module")
def functions():
    """Functions that pools may name as triggers."""
    with Functions(int(os.environ["USERPOOL_FUNCTIONS_PORT"])) as served:
        yield served


@pytest.fixture
def make_pool(idp, endpoint):
    """Makes pools and deletes them again."""
    made = []

    def make(**settings):
        settings.setdefault("AutoVerifiedAttributes", ["email"])
        reply = idp.create_user_pool(PoolName=unique("pool"), **settings)
        pool = Pool(idp, endpoint, reply["UserPool"])
        made.append(pool.id)
        return pool

    yield make
    for pool_id in made:
        idp.delete_user_pool(UserPoolId=pool_id)


@pytest.fixture
def pool(make_pool):
    """A pool with user names, which verifies e-mail addresses."""
    return make_pool()


@pytest.fixture
def app(pool):
    """An app client without a secret."""
    return pool.app()


@pytest.fixture
def administrator(endpoint):
    """boto3 for identity pools as an administrator has it."""
    return identities.administrator_of(endpoint)


@pytest.fixture
def anybody(endpoint):
    """boto3 for identity pools as an application has it, without credentials."""
    return identities.anybody_at(endpoint)


@pytest.fixture
def make_identities(administrator, pool, app):
    """Makes identity pools for the users of an app client, and deletes them again."""
    made = []

    def make(**settings):
        made.append(identities.make(administrator, pool, app, **settings))
        return made[-1]

    yield make
    for each, _ in made:
        administrator.delete_identity_pool(IdentityPoolId=each)
