"""Tags of user pools and of identity pools through boto3."""

import pytest

from identities import make
from refusal import refused


@pytest.fixture
def tagged_pool(make_pool, idp):
    """Operations about the tags of a pool that has one, and the pool as it is described."""
    pool = make_pool(UserPoolTags={"team": "identity"})
    return idp, pool.description["Arn"], lambda: idp.describe_user_pool(UserPoolId=pool.id)["UserPool"]["UserPoolTags"]


@pytest.fixture
def tagged_identities(administrator, pool, app):
    """The same of an identity pool."""
    made, _ = make(administrator, pool, app, IdentityPoolTags={"team": "identity"})
    arn = f"arn:aws:cognito-identity:us-east-1:000000000000:identitypool/{made}"
    yield administrator, arn, lambda: administrator.describe_identity_pool(IdentityPoolId=made)["IdentityPoolTags"]
    administrator.delete_identity_pool(IdentityPoolId=made)


@pytest.mark.parametrize("kind", ["tagged_pool", "tagged_identities"])
def test_tags_are_added_replaced_and_taken_away(kind, request):
    service, arn, described = request.getfixturevalue(kind)
    named = {"ResourceArn": arn}
    assert service.list_tags_for_resource(**named)["Tags"] == {"team": "identity"}
    service.tag_resource(**named, Tags={"team": "login", "stage": "test"})
    expected = {"team": "login", "stage": "test"}
    assert service.list_tags_for_resource(**named)["Tags"] == described() == expected
    # A key that there is not is no error.
    service.untag_resource(**named, TagKeys=["team", "unknown"])
    assert service.list_tags_for_resource(**named)["Tags"] == described() == {"stage": "test"}

    with refused("InvalidParameterException"):
        service.tag_resource(**named, Tags={"aws:reserved": "x"})
    with refused("InvalidParameterException"):
        service.tag_resource(**named, Tags={f"key{number}": "" for number in range(50)})
    assert described() == {"stage": "test"}


@pytest.mark.parametrize("kind", ["tagged_pool", "tagged_identities"])
def test_what_is_not_there_has_no_tags(kind, request):
    service, arn, _ = request.getfixturevalue(kind)
    for wrong, refusal in [
        (arn.replace("us-east-1", "eu-west-1"), "ResourceNotFoundException"),
        (arn.replace("000000000000", "000000000001"), "ResourceNotFoundException"),
        (arn.replace("pool/", "group/"), "InvalidParameterException"),
    ]:
        with refused(refusal):
            service.list_tags_for_resource(ResourceArn=wrong)
        with refused(refusal):
            service.tag_resource(ResourceArn=wrong, Tags={"a": "b"})
        with refused(refusal):
            service.untag_resource(ResourceArn=wrong, TagKeys=["a"])
