"""Resource servers through boto3: their scopes in tokens of clients, as long as there are any."""

import pytest

from refusal import refused

API = "https://api.example.com"
READ = {"ScopeName": "read", "ScopeDescription": "Reads"}
WRITE = {"ScopeName": "write", "ScopeDescription": "Writes"}


@pytest.fixture
def server(pool):
    """A resource server, named as operations name it."""
    named = {"UserPoolId": pool.id, "Identifier": API}
    made = pool.idp.create_resource_server(**named, Name="API", Scopes=[READ, WRITE])["ResourceServer"]
    assert made == {**named, "Name": "API", "Scopes": [READ, WRITE]}
    return named


def machine(pool, scope):
    """A client of the API, which signs nobody in."""
    return pool.app(secret=True, ExplicitAuthFlows=["ALLOW_CLIENT_TOKEN_AUTH"], AllowedOAuthScopes=[scope])


def scope_of(app, **asked):
    """The scope of a token of the client's own."""
    reply = app.pool.idp.get_client_token(ClientId=app.id, Secret=app.secret, **asked)
    return app.pool.claims(reply["ClientAuthenticationResult"]["AccessToken"], app)["scope"]


def test_a_scope_is_granted_until_its_server_loses_it(pool, server):
    writer = machine(pool, f"{API}/write")
    assert scope_of(writer, Scopes=[f"{API}/write"]) == f"{API}/write"

    changed = pool.idp.update_resource_server(**server, Name="Reading only", Scopes=[READ])["ResourceServer"]
    assert changed == {**server, "Name": "Reading only", "Scopes": [READ]}
    assert pool.idp.describe_resource_server(**server)["ResourceServer"] == changed
    # The client has the scope, which grants nothing any more.
    assert scope_of(writer) == ""
    assert scope_of(machine(pool, f"{API}/read")) == f"{API}/read"
    # What is omitted is gone: the list is replaced as a whole.
    assert pool.idp.update_resource_server(**server, Name="None")["ResourceServer"]["Scopes"] == []


def test_a_deleted_server_is_gone_and_its_scopes_with_it(pool, server):
    reader = machine(pool, f"{API}/read")
    pool.idp.delete_resource_server(**server)
    missing = ("ResourceNotFoundException", f"Resource server {API} does not exist.")
    for operation in [pool.idp.describe_resource_server, pool.idp.delete_resource_server]:
        with refused(*missing):
            operation(**server)
    with refused(*missing):
        pool.idp.update_resource_server(**server, Name="API")
    assert scope_of(reader) == ""
    with refused("ScopeDoesNotExistException", f"Invalid scope requested: {API}/read"):
        machine(pool, f"{API}/read")


def test_an_identifier_is_one_servers_alone(pool, server):
    with refused("InvalidParameterException", f"{API} already exists in user pool {pool.id}."):
        pool.idp.create_resource_server(**server, Name="Another")
    with refused("InvalidParameterException", "The scope read is given twice."):
        pool.idp.create_resource_server(UserPoolId=pool.id, Identifier="b", Name="b", Scopes=[READ, READ])


def test_servers_come_page_by_page(pool, server):
    for name in ["b", "c"]:
        pool.idp.create_resource_server(UserPoolId=pool.id, Identifier=name, Name=name)
    pages = pool.idp.get_paginator("list_resource_servers").paginate(
        UserPoolId=pool.id, PaginationConfig={"PageSize": 2}
    )
    pages = [[each["Identifier"] for each in page["ResourceServers"]] for page in pages]
    assert pages == [["b", "c"], [API]]
    with refused("InvalidParameterException"):
        pool.idp.list_resource_servers(UserPoolId=pool.id, MaxResults=10, NextToken="another")
