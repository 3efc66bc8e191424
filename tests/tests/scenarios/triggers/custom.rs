//! Sign-in by custom challenges.

use userpool::{
    Failure,
    triggers::{Challenge, NextStep, Triggers},
    wire::idp::{
        AuthFlowType, ChallengeNameType, CreateUserPoolClientRequest, ExplicitAuthFlowsType,
        LambdaConfigType, PreventUserExistenceErrorTypes, RespondToAuthChallengeResponse,
    },
};
use userpool_tests::pool::{Stage, error, stage_with};

use super::{ARN, Log, pool, world};

const INCORRECT: (&str, &str) = ("NotAuthorizedException", "Incorrect username or password.");

fn all(it: &mut LambdaConfigType) {
    it.define_auth_challenge = Some(ARN.into());
    it.create_auth_challenge = Some(ARN.into());
    it.verify_auth_challenge_response = Some(ARN.into());
}

fn client() -> CreateUserPoolClientRequest {
    CreateUserPoolClientRequest {
        explicit_auth_flows: Some(vec![
            ExplicitAuthFlowsType::AllowCustomAuth,
            ExplicitAuthFlowsType::AllowUserPasswordAuth,
        ]),
        ..Default::default()
    }
}

fn stage_of(triggers: Triggers) -> Stage {
    stage_with(&world(triggers), pool(all), client())
}

/// A riddle: two right answers in a row let in; the function itself would let anybody in who gives them.
fn riddle(log: &Log<String>) -> Triggers {
    let (defined, created) = (log.clone(), log.clone());
    Triggers::new()
        .define_auth_challenge(move |event| {
            let session = &event.request.session;
            let results: Vec<&str> = session
                .iter()
                .map(|it| {
                    if it.challenge_result {
                        "right"
                    } else {
                        "wrong"
                    }
                })
                .collect();
            defined.add(format!(
                "{} {}",
                event.request.user_not_found,
                results.join(",")
            ));
            Ok(match results.as_slice() {
                [.., "right", "right"] => NextStep::IssueTokens,
                _ => NextStep::Challenge,
            })
        })
        .create_auth_challenge(move |event| {
            let number = event.request.session.len();
            created.add(format!("create {number}"));
            Ok(Challenge {
                public: [("question".into(), format!("{number} + 1"))].into(),
                private: [("answer".into(), (number + 1).to_string())].into(),
                metadata: Some(format!("riddle {number}")),
            })
        })
        .verify_auth_challenge_response(|event| {
            let request = &event.request;
            Ok(request.private_challenge_parameters["answer"] == request.challenge_answer)
        })
}

fn begin(stage: &Stage, name: &str) -> Result<String, Failure> {
    let reply = stage.initiate(AuthFlowType::CustomAuth, &[("USERNAME", name)])?;
    assert_eq!(
        reply.challenge_name,
        Some(ChallengeNameType::CustomChallenge)
    );
    let parameters = reply.challenge_parameters.expect("parameters");
    assert_eq!(parameters["question"], "0 + 1");
    assert!(!parameters.contains_key("answer"));
    Ok(reply.session.expect("a session").as_str().to_owned())
}

fn answer(
    stage: &Stage,
    name: &str,
    session: &str,
    answer: &str,
) -> Result<RespondToAuthChallengeResponse, Failure> {
    let responses = [("USERNAME", name), ("ANSWER", answer)];
    stage.respond(
        ChallengeNameType::CustomChallenge,
        Some(session),
        &responses,
    )
}

/// Answers, and gives the next Session.
fn next(stage: &Stage, name: &str, session: &str, text: &str) -> String {
    let reply = answer(stage, name, session, text).expect("a challenge");
    reply.session.expect("a session").as_str().to_owned()
}

#[test]
fn the_functions_lead_and_a_wrong_answer_is_theirs_to_judge() {
    let log = Log::default();
    let stage = stage_of(riddle(&log));
    stage.user("jane");
    let session = begin(&stage, "jane").expect("a challenge");
    let session = next(&stage, "jane", &session, "7");
    let session = next(&stage, "jane", &session, "2");
    let reply = answer(&stage, "jane", &session, "3").expect("tokens");
    assert!(reply.authentication_result.is_some());
    assert_eq!(
        log.all(),
        [
            "false ",
            "create 0",
            "false wrong",
            "create 1",
            "false wrong,right",
            "create 2",
            "false wrong,right,right"
        ]
    );
}

#[test]
fn a_session_counts_once_and_five_wrong_answers_end_the_chain() {
    let stage = stage_of(riddle(&Log::default()));
    stage.user("jane");
    let first = begin(&stage, "jane").expect("a challenge");
    let mut session = next(&stage, "jane", &first, "7");
    let used = "Invalid session for the user, session can only be used once.";
    assert_eq!(error(answer(&stage, "jane", &first, "1")).1, used);
    for _ in 0..3 {
        session = next(&stage, "jane", &session, "7");
    }
    let (name, text) = error(answer(&stage, "jane", &session, "7"));
    assert_eq!((name, text.as_str()), INCORRECT);
    assert_eq!(error(answer(&stage, "jane", &session, "6")).1, used);
}

#[test]
fn nobody_never_gets_in_whatever_the_functions_say() {
    let log = Log::default();
    let client = CreateUserPoolClientRequest {
        prevent_user_existence_errors: Some(PreventUserExistenceErrorTypes::Enabled),
        ..client()
    };
    let stage = stage_with(&world(riddle(&log)), pool(all), client);
    let session = begin(&stage, "nobody").expect("a challenge like any other");
    let session = next(&stage, "nobody", &session, "1");
    let (name, text) = error(answer(&stage, "nobody", &session, "2"));
    assert_eq!((name, text.as_str()), INCORRECT);
    assert_eq!(log.all().last().expect("a call"), "true right,right");
}

#[test]
fn where_it_may_be_told_an_unknown_user_is_told() {
    let stage = stage_of(riddle(&Log::default()));
    assert_eq!(error(begin(&stage, "nobody")).0, "UserNotFoundException");
}

#[test]
fn a_function_may_end_it_and_disabled_and_unconfirmed_users_stay_out() {
    let ending =
        |next: NextStep| stage_of(Triggers::new().define_auth_challenge(move |_| Ok(next)));
    let failing = ending(NextStep::Fail);
    failing.user("jane");
    let (name, text) = error(begin(&failing, "jane"));
    assert_eq!((name, text.as_str()), INCORRECT);
    let issuing = ending(NextStep::IssueTokens);
    issuing
        .sign_up("joe", userpool_tests::pool::PASSWORD, "joe@example.com")
        .expect("a sign-up");
    assert_eq!(error(begin(&issuing, "joe")).0, "UserNotConfirmedException");
}

#[test]
fn the_session_of_another_users_challenge_is_refused() {
    let stage = stage_of(riddle(&Log::default()));
    stage.user("jane");
    stage.user("mallory");
    let session = begin(&stage, "mallory").expect("a challenge");
    let refused = error(answer(&stage, "jane", &session, "1"));
    assert_eq!(refused.1, "Invalid session for the user.");
}
