"""Threat protection, as boto3 configures it and sees what it saw."""

import json
import os
import time
from pathlib import Path

import pytest

from pools import unique, unique_address
from refusal import refused

PASSWORD = "Right-passw0rd!"
# The server that the journeys are made against knows this one, see `tests/clients/run`.
BREACHED = "Breached-passw0rd!"
TOO_UNUSUAL = ("NotAuthorizedException", "Unable to login because of security reasons.")
NOT_ENABLED = "UserPoolAddOnNotEnabledException"
NOTIFY = {
    "SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/example.com",
    "NoActionEmail": {"Subject": "A sign-in", "TextBody": "{event-id} {feedback-token} {ip-address}"},
}


@pytest.fixture
def protected(make_pool):
    """A pool in which risks have consequences."""
    return make_pool(UserPoolTier="PLUS", UserPoolAddOns={"AdvancedSecurityMode": "ENFORCED"})


def sign_in_from(app, name, address, agent="home/1", password=PASSWORD):
    """Signs in on an administrator's server, for a user who is there."""
    return app.pool.idp.admin_initiate_auth(
        UserPoolId=app.pool.id,
        ClientId=app.id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters=app.auth(name, PASSWORD=password),
        ContextData={
            "IpAddress": address,
            "ServerName": "example.com",
            "ServerPath": "/login",
            "HttpHeaders": [{"headerName": "User-Agent", "headerValue": agent}],
        },
    )


def actions(low, medium, high, notify=False):
    """What follows from each level."""
    return {
        f"{level}Action": {"Notify": notify, "EventAction": action}
        for level, action in [("Low", low), ("Medium", medium), ("High", high)]
    }


def test_a_configuration_is_kept_for_the_pool_and_for_a_client(protected, idp):
    app = protected.app()
    for client in [{}, {"ClientId": app.id}]:
        named = {"UserPoolId": protected.id, **client}
        given = {
            "CompromisedCredentialsRiskConfiguration": {
                "EventFilter": ["SIGN_UP"],
                "Actions": {"EventAction": "BLOCK"},
            },
            "AccountTakeoverRiskConfiguration": {
                "NotifyConfiguration": NOTIFY,
                "Actions": actions("NO_ACTION", "MFA_IF_CONFIGURED", "BLOCK", notify=True),
            },
            "RiskExceptionConfiguration": {
                "BlockedIPRangeList": ["192.0.2.0/24"],
                "SkippedIPRangeList": ["2001:db8::/32"],
            },
        }
        set_to = idp.set_risk_configuration(**named, **given)["RiskConfiguration"]
        described = idp.describe_risk_configuration(**named)["RiskConfiguration"]
        assert described == set_to
        assert {name: described[name] for name in given} == given
        assert idp.set_risk_configuration(**named)["RiskConfiguration"] == named


def test_sign_ins_are_seen_and_judged(protected, idp):
    app = protected.app()
    name = protected.confirmed_user(PASSWORD)
    idp.set_risk_configuration(
        UserPoolId=protected.id,
        AccountTakeoverRiskConfiguration={"Actions": actions("NO_ACTION", "BLOCK", "BLOCK")},
    )
    sign_in_from(app, name, "192.0.2.7")
    sign_in_from(app, name, "198.51.100.1")
    with refused(*TOO_UNUSUAL):
        sign_in_from(app, name, "203.0.113.9", agent="stranger/1")

    pages = idp.get_paginator("admin_list_user_auth_events").paginate(
        UserPoolId=protected.id, Username=name, PaginationConfig={"PageSize": 2}
    )
    blocked, away, home = (event for page in pages for event in page["AuthEvents"])
    assert [event["EventResponse"] for event in (blocked, away, home)] == ["Fail", "Pass", "Pass"]
    assert {event["EventType"] for event in (blocked, away, home)} == {"SignIn"}
    assert home["EventRisk"] == {"RiskDecision": "NoRisk"}
    assert away["EventRisk"] == {"RiskDecision": "AccountTakeover", "RiskLevel": "Low"}
    assert blocked["EventRisk"] == {"RiskDecision": "Block", "RiskLevel": "Medium"}
    assert home["EventContextData"] == {"IpAddress": "192.0.2.7", "DeviceName": "home/1"}
    assert home["ChallengeResponses"] == [{"ChallengeName": "Password", "ChallengeResponse": "Success"}]

    idp.admin_update_auth_event_feedback(
        UserPoolId=protected.id, Username=name, EventId=away["EventId"], FeedbackValue="Valid"
    )
    with refused("ResourceNotFoundException", "Event does not exist."):
        idp.admin_update_auth_event_feedback(
            UserPoolId=protected.id, Username=name, EventId="another", FeedbackValue="Valid"
        )
    newest = idp.admin_list_user_auth_events(UserPoolId=protected.id, Username=name)["AuthEvents"]
    feedback = newest[1]["EventFeedback"]
    assert (feedback["FeedbackValue"], feedback["Provider"]) == ("Valid", "Admin")


def test_the_owner_of_an_account_is_told_and_answers(protected, idp, inbox):
    app = protected.app()
    address = unique_address()
    name = protected.confirmed_user(PASSWORD, email=address)
    idp.set_risk_configuration(
        UserPoolId=protected.id,
        AccountTakeoverRiskConfiguration={
            "NotifyConfiguration": NOTIFY,
            "Actions": actions("NO_ACTION", "NO_ACTION", "NO_ACTION", notify=True),
        },
    )
    sign_in_from(app, name, "192.0.2.7")
    with inbox.messages_to(address) as sent:
        sign_in_from(app, name, "198.51.100.1")
        # It goes out with the next round of upkeep, so that no sign-in waits for it.
        event, token, shown = waited_for(inbox, address)["message"].split()
    assert sent.message["purpose"] == "AccountTakeOverNotification"
    assert shown == "198.51.100.1"
    answer = {"UserPoolId": protected.id, "Username": name, "EventId": event, "FeedbackValue": "Invalid"}
    with refused("NotAuthorizedException", "Invalid feedback token."):
        idp.update_auth_event_feedback(**answer, FeedbackToken="garbage")
    idp.update_auth_event_feedback(**answer, FeedbackToken=token)
    newest = idp.admin_list_user_auth_events(UserPoolId=protected.id, Username=name, MaxResults=1)
    assert newest["AuthEvents"][0]["EventFeedback"]["Provider"] == "User"


def waited_for(inbox, address):
    """The newest message to an address, once there is one."""
    for _ in range(200):
        messages = inbox.all_to(address)
        if messages:
            return messages[-1]
        time.sleep(0.1)
    pytest.fail(f"nothing was sent to {address}")


def test_breached_passwords_are_refused(protected, idp):
    app = protected.app()
    idp.set_risk_configuration(
        UserPoolId=protected.id,
        CompromisedCredentialsRiskConfiguration={"Actions": {"EventAction": "BLOCK"}},
    )
    with refused("InvalidPasswordException", "Provided password cannot be used for security reasons."):
        idp.sign_up(ClientId=app.id, Username=unique("user"), Password=BREACHED)
    # An administrator may set it; whoever signs in with it needs another one.
    name = protected.confirmed_user(BREACHED)
    with refused("PasswordResetRequiredException"):
        sign_in_from(app, name, "192.0.2.7", password=BREACHED)
    assert protected.status_of(name) == "RESET_REQUIRED"
    newest = idp.admin_list_user_auth_events(UserPoolId=protected.id, Username=name, MaxResults=1)
    assert newest["AuthEvents"][0]["EventRisk"]["CompromisedCredentialsDetected"] is True


def test_a_pool_without_the_add_on_says_so(pool, idp):
    name = pool.confirmed_user(PASSWORD)
    with refused(NOT_ENABLED):
        idp.admin_list_user_auth_events(UserPoolId=pool.id, Username=name)
    networks = {"BlockedIPRangeList": ["0.0.0.0/0"]}
    idp.set_risk_configuration(UserPoolId=pool.id, RiskExceptionConfiguration=networks)
    told = idp.describe_risk_configuration(UserPoolId=pool.id)["RiskConfiguration"]
    assert told["RiskExceptionConfiguration"] == networks
    assert sign_in_from(pool.app(), name, "192.0.2.7")


def test_what_is_seen_is_logged_where_the_pool_says(protected, make_pool, idp):
    bucket = unique("sign-ins")
    log = {
        "LogLevel": "INFO",
        "EventSource": "userAuthEvents",
        "S3Configuration": {"BucketArn": f"arn:aws:s3:::{bucket}"},
    }
    named = {"UserPoolId": protected.id}
    assert idp.get_log_delivery_configuration(**named)["LogDeliveryConfiguration"]["LogConfigurations"] == []
    idp.set_log_delivery_configuration(**named, LogConfigurations=[log])
    told = idp.get_log_delivery_configuration(**named)["LogDeliveryConfiguration"]
    assert told == {**named, "LogConfigurations": [log]}
    app, name = protected.app(), protected.confirmed_user(PASSWORD)
    app.sign_in(name, PASSWORD)
    file = Path(os.environ["USERPOOL_LOGS"]) / f"{bucket}.jsonl"
    for _ in range(200):
        if file.exists():
            break
        time.sleep(0.05)
    event = json.loads(file.read_text().splitlines()[0])
    assert event["logSourceId"] == {"userPoolId": protected.id}
    assert event["message"]["eventType"] == "SignIn"
    assert event["message"]["eventResponse"] == "Pass"
    assert event["message"]["userSub"] == protected.attributes_of(name)["sub"]
    with refused("FeatureUnavailableInTierException"):
        idp.set_log_delivery_configuration(UserPoolId=make_pool().id, LogConfigurations=[log])
