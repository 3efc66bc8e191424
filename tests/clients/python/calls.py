"""Which operations the journeys call and how they are answered, so that none is left without its journeys.

Each operation of the service models wants a journey that shows its effect, and one that shows a refusal that its model
declares. An operation that the server says it does not support wants neither.

    calls.py FOLDER --endpoint URL      reads what the runs of pytest wrote there; fails and names what has no journey
"""

import argparse
import contextlib
import json
import os
import sys
from pathlib import Path

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError

MODELS = Path(__file__).resolve().parents[3] / "core/wire/model"
SERVICES = ["cognito-idp", "cognito-identity"]
ANSWERED = "answered"


@contextlib.contextmanager
def noted_in(folder):
    """Notes every call that botocore makes in this process, and writes the notes to a file of the folder at the end.

    An error that nobody expects fails the journey that met it: those that are noted in a run that passes were expected.
    """
    notes = set()
    call = BaseClient._make_api_call

    def noting(client, operation, parameters):
        service = client.meta.service_model.service_name
        try:
            reply = call(client, operation, parameters)
        except ClientError as refusal:
            notes.add((service, operation, refusal.response["Error"]["Code"]))
            raise
        notes.add((service, operation, ANSWERED))
        return reply

    BaseClient._make_api_call = noting
    try:
        yield
    finally:
        BaseClient._make_api_call = call
        Path(folder, f"{os.getpid()}.json").write_text(json.dumps(sorted(notes)))


def is_built(endpoint, service, operation):
    """Whether the server supports an operation: it says so before it reads what is asked."""
    unchecked = Config(parameter_validation=False)
    client = boto3.client(service, endpoint_url=endpoint, config=unchecked)
    try:
        client._make_api_call(operation, {})
    except ClientError as refusal:
        return refusal.response["Error"]["Code"] != "UnsupportedOperationException"
    return True


def missing(folder, endpoint):
    """The operations without a journey of their effect, and those without one of a refusal."""
    notes = {tuple(note) for file in Path(folder).glob("*.json") for note in json.loads(file.read_text())}
    without_effect, without_refusal = [], []
    for service in SERVICES:
        model = json.loads((MODELS / f"{service}.json").read_text())
        for operation, about in model["operations"].items():
            answered = (service, operation, ANSWERED) in notes
            refused = any((service, operation, error) in notes for error in about["errors"])
            if (answered and refused) or not is_built(endpoint, service, operation):
                continue
            if not answered:
                without_effect.append(f"{service}:{operation}")
            if not refused:
                without_refusal.append(f"{service}:{operation}")
    return without_effect, without_refusal


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder")
    arguments.add_argument("--endpoint", required=True)
    given = arguments.parse_args()
    without_effect, without_refusal = missing(given.folder, given.endpoint)
    for operation in without_effect:
        print(f"no journey shows the effect of {operation}")
    for operation in without_refusal:
        print(f"no journey shows a refusal of {operation}")
    return bool(without_effect or without_refusal)


if __name__ == "__main__":
    sys.exit(main())
