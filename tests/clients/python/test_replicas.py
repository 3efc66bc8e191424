"""A pool in two regions, through boto3: what is signed says its region, what is not is told by the endpoint."""

import boto3
import pytest
from botocore.config import Config

from refusal import refused

REGION = "eu-west-1"
PASSWORD = "Right-passw0rd!"
KEY = {
    "KeyType": "CUSTOMER_MANAGED_KEY",
    "KmsKeyArn": "arn:aws:kms:us-east-1:000000000000:key/mrk-0123456789abcdef0123456789abcdef",
}


@pytest.fixture
def far(endpoint):
    """A client in the other region, whose requests without a signature go to its own address."""
    return boto3.client("cognito-idp", endpoint_url=f"{endpoint}/{REGION}", region_name=REGION)


@pytest.fixture
def replicated(make_pool, idp):
    """A pool with a replica, which is gone again before the pool is."""
    pool = make_pool(KeyConfiguration=KEY)
    made = idp.create_user_pool_replica(UserPoolId=pool.id, RegionName=REGION, UserPoolTags={"stage": "far"})
    made = made["UserPoolReplica"]
    assert (made["Role"], made["Status"]) == ("SECONDARY", "CREATING")
    assert f":{REGION}:" in made["UserPoolArn"]
    yield pool
    idp.update_user_pool_replica(UserPoolId=pool.id, RegionName=REGION, Status="INACTIVE")
    gone = idp.delete_user_pool_replica(UserPoolId=pool.id, RegionName=REGION)
    assert gone["UserPoolReplica"]["Status"] == "DELETING"


def regions(idp, pool):
    """The regions of a pool, with role and state."""
    listed = idp.list_user_pool_replicas(UserPoolId=pool.id)["UserPoolReplicas"]
    return [(one["RegionName"], one["Role"], one["Status"]) for one in listed]


def test_a_replica_signs_in_and_reads_and_changes_nothing(idp, far, replicated):
    app = replicated.app()
    idp.admin_create_user(UserPoolId=replicated.id, Username="ada", MessageAction="SUPPRESS")
    idp.admin_set_user_password(UserPoolId=replicated.id, Username="ada", Password=PASSWORD, Permanent=True)
    assert regions(far, replicated) == [("us-east-1", "PRIMARY", "ACTIVE"), (REGION, "SECONDARY", "ACTIVE")]

    asked = {"USERNAME": "ada", "PASSWORD": PASSWORD}
    tokens = far.initiate_auth(ClientId=app.id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=asked)
    tokens = tokens["AuthenticationResult"]
    assert far.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ada"
    assert idp.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ada"
    refreshed = far.initiate_auth(
        ClientId=app.id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]}
    )
    assert refreshed["AuthenticationResult"]["AccessToken"]

    with refused("OperationNotEnabledException"):
        far.update_user_attributes(
            AccessToken=tokens["AccessToken"], UserAttributes=[{"Name": "nickname", "Value": "A"}]
        )
    with refused("OperationNotEnabledException"):
        far.sign_up(ClientId=app.id, Username="bob", Password=PASSWORD)
    with refused("OperationNotEnabledException"):
        far.admin_delete_user(UserPoolId=replicated.id, Username="ada")
    with refused("OperationNotEnabledException"):
        far.create_user_pool_replica(UserPoolId=replicated.id, RegionName="ap-east-1")


def test_a_replica_has_its_own_arn_and_tags(idp, far, replicated):
    there = far.describe_user_pool(UserPoolId=replicated.id)["UserPool"]
    assert there["Id"] == replicated.id
    assert there["UserPoolTags"] == {"stage": "far"}
    far.tag_resource(ResourceArn=there["Arn"], Tags={"colour": "blue"})
    assert idp.list_tags_for_resource(ResourceArn=there["Arn"])["Tags"] == {"stage": "far", "colour": "blue"}
    here = idp.describe_user_pool(UserPoolId=replicated.id)["UserPool"]
    assert here.get("UserPoolTags", {}) == {}
    pages = idp.get_paginator("list_user_pools").paginate(MaxResults=60)
    mine = [pool for page in pages for pool in page["UserPools"] if pool["Id"] == replicated.id]
    assert mine[0]["ReplicaRegions"] == ["us-east-1", REGION]


def test_an_inactive_replica_serves_nothing_until_it_is_active_again(idp, far, replicated):
    app = replicated.app()
    with refused("InvalidParameterException"):
        idp.delete_user_pool_replica(UserPoolId=replicated.id, RegionName=REGION)
    far.update_user_pool_replica(UserPoolId=replicated.id, RegionName=REGION, Status="INACTIVE")
    with refused("OperationNotEnabledException"):
        far.describe_user_pool_client(UserPoolId=replicated.id, ClientId=app.id)
    with refused("OperationNotEnabledException"):
        far.initiate_auth(
            ClientId=app.id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": "ada", "PASSWORD": "x"}
        )
    far.update_user_pool_replica(UserPoolId=replicated.id, RegionName=REGION, Status="ACTIVE")
    assert far.describe_user_pool_client(UserPoolId=replicated.id, ClientId=app.id)


def test_a_pool_with_replicas_is_in_no_other_region(endpoint, replicated):
    elsewhere = boto3.client(
        "cognito-idp", endpoint_url=endpoint, region_name="ap-south-1", config=Config(retries={"max_attempts": 1})
    )
    with refused("ResourceNotFoundException"):
        elsewhere.describe_user_pool(UserPoolId=replicated.id)


def test_a_pool_without_a_key_of_many_regions_gets_no_replica(idp, pool):
    with refused("InvalidParameterException"):
        idp.create_user_pool_replica(UserPoolId=pool.id, RegionName=REGION)
    with refused("ResourceNotFoundException"):
        idp.update_user_pool_replica(UserPoolId=pool.id, RegionName=REGION, Status="ACTIVE")
    with refused("ResourceNotFoundException"):
        idp.list_user_pool_replicas(UserPoolId="us-east-1_unknown00")


def test_a_domain_fails_over_to_a_replica_alone(idp, replicated):
    routing = {"Failover": {"SecondaryRegion": REGION, "PrimaryRoute53HealthCheckId": "check"}}
    name = replicated.id.split("_")[1].lower() + "x"
    with refused("InvalidParameterException"):
        other = {"Failover": {"SecondaryRegion": "ap-east-1", "PrimaryRoute53HealthCheckId": "check"}}
        idp.create_user_pool_domain(UserPoolId=replicated.id, Domain=name, Routing=other)
    idp.create_user_pool_domain(UserPoolId=replicated.id, Domain=name, Routing=routing)
    assert idp.describe_user_pool_domain(Domain=name)["DomainDescription"]["Routing"] == routing
    idp.delete_user_pool_domain(UserPoolId=replicated.id, Domain=name)
