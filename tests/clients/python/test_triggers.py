"""Triggers served over the Invoke interface, as functions written for the service serve them."""

import threading

from functions import slow
from pools import unique, unique_address
from refusal import NO_USER, refusal_of, refused

PASSWORD = "Right-passw0rd!"


def sign_up(app, name, address, **members):
    return app.pool.idp.sign_up(
        ClientId=app.id,
        Username=name,
        Password=PASSWORD,
        UserAttributes=[{"Name": "email", "Value": address}],
        **members,
    )


def test_a_function_confirms_who_signs_up(make_pool, functions, inbox):
    events = []

    def auto_confirm(event, _context=None):
        events.append(event)
        if not event["request"]["userAttributes"]["email"].endswith("@example.com"):
            raise Exception("Only example.com may sign up")
        event["response"] |= {"autoConfirmUser": True, "autoVerifyEmail": True}
        return event

    pool = make_pool(LambdaConfig={"PreSignUp": functions.serve(auto_confirm)})
    app, name, address = pool.app(), unique("user"), unique_address()
    with inbox.messages_to(address) as sent:
        reply = sign_up(
            app,
            name,
            address,
            ValidationData=[{"Name": "invitation", "Value": "abc"}],
            ClientMetadata={"from": "journey"},
        )
    assert reply["UserConfirmed"] and not sent.messages
    assert pool.status_of(name) == "CONFIRMED"
    assert pool.attributes_of(name)["email_verified"] == "true"
    assert app.sign_in(name, PASSWORD)["AccessToken"]

    event = events[0]
    assert event["triggerSource"] == "PreSignUp_SignUp"
    assert (event["version"], event["region"]) == ("1", "us-east-1")
    assert (event["userPoolId"], event["userName"]) == (pool.id, name)
    assert event["callerContext"]["clientId"] == app.id
    assert event["request"]["userAttributes"] == {"email": address}
    assert event["request"]["validationData"] == {"invitation": "abc"}
    assert event["request"]["clientMetadata"] == {"from": "journey"}

    text = "PreSignUp failed with error Only example.com may sign up."
    with refused("UserLambdaValidationException", text):
        sign_up(app, unique("user"), "jane@example.net")


def test_a_function_changes_the_claims_of_tokens(make_pool, functions):
    sources = []

    def claims(event, _context=None):
        sources.append(event["triggerSource"])
        event["response"]["claimsAndScopeOverrideDetails"] = {
            "idTokenGeneration": {"claimsToAddOrOverride": {"plan": {"seats": 3}}, "claimsToSuppress": ["email"]},
            "accessTokenGeneration": {
                "claimsToAddOrOverride": {"tenant": "t1", "sub": "somebody else"},
                "scopesToAdd": ["orders/read"],
            },
            "groupOverrideDetails": {"groupsToOverride": event["request"]["groupConfiguration"]["groupsToOverride"] + ["all"]},
        }
        return event

    config = {"LambdaVersion": "V2_0", "LambdaArn": functions.serve(claims)}
    pool = make_pool(LambdaConfig={"PreTokenGenerationConfig": config})
    app = pool.app()
    name = pool.confirmed_user(PASSWORD)
    sub = pool.attributes_of(name)["sub"]
    tokens = app.sign_in(name, PASSWORD)
    user = app.user(name)
    user.authenticate(password=PASSWORD)
    refreshed = app.refresh(tokens["RefreshToken"])
    for given in [
        (tokens["IdToken"], tokens["AccessToken"]),
        (user.id_token, user.access_token),
        (refreshed["IdToken"], refreshed["AccessToken"]),
    ]:
        claims_of_id, claims_of_access = (pool.claims(token, app) for token in given)
        assert claims_of_id["plan"] == {"seats": 3} and "email" not in claims_of_id
        assert claims_of_access["tenant"] == "t1" and claims_of_access["sub"] == sub
        assert claims_of_access["scope"] == "aws.cognito.signin.user.admin orders/read"
        assert claims_of_id["cognito:groups"] == claims_of_access["cognito:groups"] == ["all"]
    pool.idp.get_user(AccessToken=tokens["AccessToken"])
    assert sources == [
        "TokenGeneration_Authentication",
        "TokenGeneration_Authentication",
        "TokenGeneration_RefreshTokens",
    ]


def test_a_function_moves_users_in(make_pool, functions, inbox):
    known = {}

    def migrate(event, _context=None):
        address = event["userName"]
        if address not in known:
            return event
        if event["triggerSource"] == "UserMigration_Authentication" and event["request"]["password"] != known[address]:
            raise Exception("Bad password")
        event["response"]["userAttributes"] = {"email": address, "email_verified": "true", "name": "Moved"}
        event["response"]["finalUserStatus"] = "CONFIRMED"
        event["response"]["messageAction"] = "SUPPRESS"
        return event

    pool = make_pool(
        UsernameAttributes=["email"], LambdaConfig={"UserMigration": functions.serve(migrate)}
    )
    app = pool.app()
    # The old password need not fit the policy of the pool.
    signing_in, forgetting = unique_address(), unique_address()
    known |= {signing_in: "old", forgetting: "old"}
    with refused("UserLambdaValidationException", "UserMigration failed with error Bad password."):
        app.sign_in(signing_in, "wrong")
    assert refusal_of(app.sign_in, unique_address(), "old") == NO_USER
    for _ in range(2):
        claims = pool.claims(app.sign_in(signing_in, "old")["IdToken"], app)
        assert (claims["email"], claims["email_verified"], claims["name"]) == (signing_in, True, "Moved")
    del known[signing_in]
    user = app.user(signing_in)
    user.authenticate(password="old")

    with inbox.messages_to(forgetting) as sent:
        pool.idp.forgot_password(ClientId=app.id, Username=forgetting)
    assert pool.status_of(forgetting) == "RESET_REQUIRED"
    pool.idp.confirm_forgot_password(
        ClientId=app.id, Username=forgetting, ConfirmationCode=sent.code, Password=PASSWORD
    )
    assert app.sign_in(forgetting, PASSWORD)["AccessToken"]


def test_messages_have_the_words_of_a_function(make_pool, functions, inbox):
    def words(event, _context=None):
        code = event["request"]["codeParameter"]
        event["response"] |= {"emailSubject": "Hello", "emailMessage": f"Type {code} at our place"}
        return event

    pool = make_pool(LambdaConfig={"CustomMessage": functions.serve(words)})
    app, address = pool.app(), unique_address()
    with inbox.messages_to(address) as sent:
        sign_up(app, unique("user"), address)
    assert sent.message["message"] == f"Type {sent.code} at our place"


def test_a_function_that_fails_is_told_by_the_kind_of_its_failure(make_pool, functions):
    def answering(value):
        return functions.serve(lambda _: value)

    for arn, name, text in [
        (
            functions.absent(),
            "UnexpectedLambdaException",
            "PreSignUp invocation failed due to error ResourceNotFoundException.",
        ),
        (answering(None), "InvalidLambdaResponseException", "Unrecognizable lambda output"),
        (answering({"response": {"autoConfirmUser": "yes"}}), "InvalidLambdaResponseException", None),
    ]:
        pool = make_pool(LambdaConfig={"PreSignUp": arn})
        with refused(name, text):
            sign_up(pool.app(), unique("user"), unique_address())


def test_a_function_has_five_seconds_three_times(make_pool, functions):
    began = []

    def late(event):
        began.append(threading.get_ident())
        return slow(event)

    pool = make_pool(LambdaConfig={"PreSignUp": functions.serve(late)})
    text = "PreSignUp invocation failed due to error the function timed out."
    with refused("UnexpectedLambdaException", text):
        sign_up(pool.app(), unique("user"), unique_address())
    assert len(began) == 3


def test_functions_lead_a_sign_in_by_custom_challenges(make_pool, functions):
    def define(event, _context=None):
        session, response = event["request"]["session"], event["response"]
        if session and session[-1]["challengeResult"]:
            response["issueTokens"] = True
        elif len(session) >= 2:
            response["failAuthentication"] = True
        else:
            response["challengeName"] = "CUSTOM_CHALLENGE"
        return event

    def create(event, _context=None):
        event["response"]["publicChallengeParameters"] = {"captcha": "picture"}
        event["response"]["privateChallengeParameters"] = {"answer": "cat"}
        event["response"]["challengeMetadata"] = "CAPTCHA"
        return event

    def verify(event, _context=None):
        request = event["request"]
        event["response"]["answerCorrect"] = request["challengeAnswer"] == request["privateChallengeParameters"]["answer"]
        return event

    pool = make_pool(
        LambdaConfig={
            "DefineAuthChallenge": functions.serve(define),
            "CreateAuthChallenge": functions.serve(create),
            "VerifyAuthChallengeResponse": functions.serve(verify),
        }
    )
    app = pool.app(secret=True, ExplicitAuthFlows=["ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])
    name = pool.confirmed_user(PASSWORD)

    def answered(*answers):
        reply = pool.idp.initiate_auth(ClientId=app.id, AuthFlow="CUSTOM_AUTH", AuthParameters=app.auth(name))
        for answer in answers:
            assert reply["ChallengeName"] == "CUSTOM_CHALLENGE"
            assert reply["ChallengeParameters"] == {"USERNAME": name, "captcha": "picture"}
            reply = pool.idp.respond_to_auth_challenge(
                ClientId=app.id,
                ChallengeName="CUSTOM_CHALLENGE",
                Session=reply["Session"],
                ChallengeResponses=app.auth(name, ANSWER=answer),
            )
        return reply["AuthenticationResult"]

    assert pool.claims(answered("dog", "cat")["IdToken"], app)["cognito:username"] == name
    with refused("NotAuthorizedException", "Incorrect username or password."):
        answered("dog", "cow")
