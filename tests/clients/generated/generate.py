"""Random requests made from the service models: any operation, any member, any value within its constraints and beyond.

    generate.py --endpoint URL --requests N [--seed S]

The server may refuse what it likes, in the model's errors; it may never answer 500 or anything that botocore does not
parse, or that the output shape does not allow, and it has to be there at the end. Credentials of the administrator come
from the environment. Prints how often each status came, and every kind of finding with the request that showed it.
"""

import argparse
import collections
import http.client
import json
import os
import pathlib
import random
import sys
import urllib.parse

import botocore.parsers
import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from inputs import PASSWORDS, Inputs
from known import Known
from replies import Replies

MODELS = pathlib.Path(__file__).resolve().parents[3] / "core/wire/model"
# The server does not read more of a body; what it says of one is for other tests.
LONGEST = 1 << 20
# What takes away what others need comes more rarely.
RARELY = ("Delete", "Disable", "Revoke", "Forget", "GlobalSignOut", "AdminUserGlobalSignOut", "AdminRemove", "Stop", "Unlink")


class Service:
    """One service at the endpoint."""

    def __init__(self, name, endpoint, known, rng):
        self.name = name
        self.model = json.loads((MODELS / f"{name}.json").read_text())
        self.inputs = Inputs(self.model, known, rng)
        self.replies = Replies(self.model)
        shapes = botocore.session.get_session().get_service_model(name)
        self.shape_of = {operation: shapes.operation_model(operation).output_shape for operation in shapes.operation_names}
        self.parser = botocore.parsers.create_parser("json")
        keys = Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
        self.signer = SigV4Auth(keys, name, "us-east-1")
        self.endpoint = endpoint
        self.host = urllib.parse.urlsplit(endpoint).netloc
        self.connection = None

    def send(self, operation, body, signed):
        """The status, the headers and the bytes of the answer."""
        data = json.dumps(body).encode()
        if len(data) > LONGEST:
            data = b"{}"
        headers = {
            "X-Amz-Target": f"{self.model['target_prefix']}.{operation}",
            "Content-Type": f"application/x-amz-json-{self.model['json_version']}",
        }
        if signed:
            request = AWSRequest("POST", self.endpoint + "/", headers=headers, data=data)
            self.signer.add_auth(request)
            headers = dict(request.headers.items())
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            self.connection.request("POST", "/", data, headers)
            reply = self.connection.getresponse()
            return reply.status, dict(reply.headers.items()), reply.read()
        except (http.client.HTTPException, OSError):
            self.connection.close()
            self.connection = None
            raise


class Run:
    """A run of requests, and what it found."""

    def __init__(self, endpoint, seed):
        self.rng = random.Random(seed)
        self.known = Known()
        self.services = {name: Service(name, endpoint, self.known, self.rng) for name in ("cognito-idp", "cognito-identity")}
        self.operations = [(service, operation) for service in self.services.values() for operation in service.model["operations"]]
        self.weights = [0.15 if operation.startswith(RARELY) else 1 for _, operation in self.operations]
        self.statuses = collections.Counter()
        self.succeeded = collections.Counter()
        self.refused = collections.Counter()
        self.found = {}

    def note(self, kind, operation, body, reply):
        """Keeps the first request that showed a kind of finding."""
        self.found.setdefault(kind, f"{operation} {json.dumps(body)[:500]}\n    -> {reply[:300]!r}")

    def ask(self, name, operation, body, signed=None):
        """Sends one request and looks at its answer; gives the reply where it succeeded."""
        service = self.services[name]
        if signed is None:
            signed = service.model["operations"][operation]["auth"] == "sigv4"
        try:
            status, headers, data = service.send(operation, body, signed)
        except (http.client.HTTPException, OSError) as failure:
            self.note(f"no answer: {type(failure).__name__}", operation, body, str(failure).encode())
            return None
        self.statuses[status] += 1
        if status not in (200, 400, 401, 403):
            self.note(f"{operation}: status {status}", operation, body, data)
            return None
        try:
            reply = json.loads(data) if data else {}
            parsed = service.parser.parse({"status_code": status, "headers": headers, "body": data}, service.shape_of.get(operation))
        except Exception as failure:  # Whatever botocore makes of it: it was not parsed.
            self.note(f"{operation}: not parsed: {failure}", operation, body, data)
            return None
        if status == 200:
            wrong = service.replies.wrong_with(operation, reply)
            self.succeeded[operation] += 1
            self.known.tell(body)
            self.known.tell(reply)
        else:
            name = parsed.get("Error", {}).get("Code", "")
            wrong = service.replies.wrong_with_error(operation, name, reply)
            self.refused[name] += 1
        for kind in wrong:
            self.note(kind, operation, body, data)
        return reply if status == 200 else None

    def settle(self):
        """A pool with what most operations speak of."""
        self.known.begin()
        pool = self.ask("cognito-idp", "CreateUserPool", {
            "PoolName": "generated", "AutoVerifiedAttributes": ["email"],
            "Schema": [{"Name": "tag", "AttributeDataType": "String", "Mutable": True},
                       {"Name": "count", "AttributeDataType": "Number", "Mutable": True}],
            "DeviceConfiguration": {"DeviceOnlyRememberedOnUserPrompt": False},
            "UserPoolTier": "PLUS", "UserPoolAddOns": {"AdvancedSecurityMode": self.rng.choice(["AUDIT", "OFF", "ENFORCED"])},
            "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}},
        })["UserPool"]["Id"]
        flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH",
                 "ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        client = self.ask("cognito-idp", "CreateUserPoolClient", {
            "UserPoolId": pool, "ClientName": "generated", "ExplicitAuthFlows": flows})["UserPoolClient"]["ClientId"]
        user = f"ada{self.rng.randrange(10**9)}"
        self.ask("cognito-idp", "AdminCreateUser", {"UserPoolId": pool, "Username": user, "MessageAction": "SUPPRESS"})
        self.ask("cognito-idp", "AdminSetUserPassword", {
            "UserPoolId": pool, "Username": user, "Password": PASSWORDS[0], "Permanent": True})
        self.ask("cognito-idp", "InitiateAuth", {"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH",
                                                 "AuthParameters": {"USERNAME": user, "PASSWORD": PASSWORDS[0]}})
        self.ask("cognito-idp", "CreateIdentityProvider", {
            "UserPoolId": pool, "ProviderName": "works", "ProviderType": "OIDC",
            "ProviderDetails": {"client_id": "app", "client_secret": "secret", "authorize_scopes": "openid",
                                "oidc_issuer": "https://works.example", "attributes_request_method": "GET",
                                **{url: f"https://works.example/{url}" for url in
                                   ("authorize_url", "token_url", "attributes_url", "jwks_uri")}}})
        self.ask("cognito-idp", "CreateUserPoolDomain", {"UserPoolId": pool, "Domain": f"generated-{self.rng.randrange(10**9)}"})
        self.ask("cognito-idp", "CreateGroup", {"UserPoolId": pool, "GroupName": "readers"})
        self.known.now.pinned = {"UserPoolId": pool, "ClientId": client, "Username": user, "GroupName": "readers", "ProviderName": "works"}
        self.ask("cognito-identity", "CreateIdentityPool", {"IdentityPoolName": "generated", "AllowUnauthenticatedIdentities": True})

    def go(self, count):
        """The requests."""
        for at in range(count):
            if at % 400 == 0:
                self.settle()
            service, operation = self.rng.choices(self.operations, self.weights)[0]
            self.known.choose(self.rng)
            beyond = self.rng.choice([0.0, 0.0, 0.0, 0.02, 0.1, 0.4])
            body = service.inputs.of(service.model["operations"][operation], beyond)
            # Signed and unsigned where the model says so; rarely the other way round.
            signed = None if self.rng.random() < 0.97 else self.rng.random() < 0.5
            self.ask(service.name, operation, body, signed)
        if self.ask("cognito-idp", "ListUserPools", {"MaxResults": 1}) is None:
            self.note("the server is not there at the end", "ListUserPools", {}, b"")


def main():
    """Reads the command line, runs, and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    run = Run(options.endpoint, options.seed)
    run.go(options.requests)
    never = sorted(operation for _, operation in run.operations if not run.succeeded[operation])
    print(f"{sum(run.statuses.values())} requests, by status: {dict(sorted(run.statuses.items()))}")
    print(f"errors: {dict(run.refused.most_common())}")
    print(f"{len(run.operations) - len(never)} of {len(run.operations)} operations succeeded; never: {' '.join(never)}")
    for kind, shown in sorted(run.found.items()):
        print(f"FOUND {kind}\n    {shown}")
    print(f"generated: {0 if run.found else 1} passed, {len(run.found)} failed")
    sys.exit(1 if run.found else 0)


if __name__ == "__main__":
    main()
