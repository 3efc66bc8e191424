//! Custom challenges after a proof of the password.

use userpool::{
    Failure,
    triggers::{Challenge, NextStep, Triggers},
    wire::idp::{
        AdminSetUserMFAPreferenceRequest, AuthFlowType, ChallengeNameType,
        CreateUserPoolClientRequest, EmailMfaConfigType, EmailMfaSettingsType,
        ExplicitAuthFlowsType, LambdaConfigType, PreventUserExistenceErrorTypes,
        RespondToAuthChallengeResponse, SetUserPoolMfaConfigRequest, UserPoolMfaType,
    },
};
use userpool_tests::pool::{PASSWORD, SrpClient, Stage, error, stage_with};

use super::{ARN, Log, pool, world};

const INCORRECT: (&str, &str) = ("NotAuthorizedException", "Incorrect username or password.");

fn all(it: &mut LambdaConfigType) {
    it.define_auth_challenge = Some(ARN.into());
    it.create_auth_challenge = Some(ARN.into());
    it.verify_auth_challenge_response = Some(ARN.into());
}

fn client(prevent: PreventUserExistenceErrorTypes) -> CreateUserPoolClientRequest {
    CreateUserPoolClientRequest {
        explicit_auth_flows: Some(vec![ExplicitAuthFlowsType::AllowCustomAuth]),
        prevent_user_existence_errors: Some(prevent),
        ..Default::default()
    }
}

/// The password, then the word "open".
fn functions(log: &Log<String>) -> Triggers {
    let log = log.clone();
    Triggers::new()
        .define_auth_challenge(move |event| {
            let session = &event.request.session;
            let names: Vec<String> = session
                .iter()
                .map(|it| format!("{} {}", it.challenge_name, it.challenge_result))
                .collect();
            log.add(names.join(", "));
            let last = session
                .last()
                .map(|it| (it.challenge_name.as_str(), it.challenge_result));
            Ok(match last {
                Some(("SRP_A", true)) => NextStep::ProvePassword,
                Some(("CUSTOM_CHALLENGE", true)) => NextStep::IssueTokens,
                Some((_, true)) => NextStep::Challenge,
                _ => NextStep::Fail,
            })
        })
        .create_auth_challenge(|_| Ok(Challenge::default()))
        .verify_auth_challenge_response(|event| Ok(event.request.challenge_answer == "open"))
}

fn stage(log: &Log<String>) -> Stage {
    let client = client(PreventUserExistenceErrorTypes::Enabled);
    let stage = stage_with(&world(functions(log)), pool(all), client);
    stage.user("jane");
    stage
}

/// Begins with SRP; the challenge of the proof.
fn begin(stage: &Stage, name: &str) -> SrpClient {
    stage.srp_client(|a_public| {
        let parameters = [
            ("USERNAME", name),
            ("CHALLENGE_NAME", "SRP_A"),
            ("SRP_A", a_public),
        ];
        let reply = stage
            .initiate(AuthFlowType::CustomAuth, &parameters)
            .expect("a challenge");
        assert_eq!(
            reply.challenge_name,
            Some(ChallengeNameType::PasswordVerifier)
        );
        assert!(reply.session.is_some());
        reply.challenge_parameters.expect("parameters").into_inner()
    })
}

fn prove(
    stage: &Stage,
    client: &SrpClient,
    password: &str,
) -> Result<RespondToAuthChallengeResponse, Failure> {
    stage.srp_respond(&client.answer(password))
}

fn answer(
    stage: &Stage,
    before: &RespondToAuthChallengeResponse,
    responses: &[(&str, &str)],
) -> Result<RespondToAuthChallengeResponse, Failure> {
    let challenge = before.challenge_name.expect("a challenge");
    let session = before.session.as_ref().map(|session| session.as_str());
    stage.respond(challenge, session, responses)
}

#[test]
fn the_functions_are_told_of_the_proof_and_go_on() {
    let log = Log::default();
    let stage = stage(&log);
    let client = begin(&stage, "jane");
    let reply = prove(&stage, &client, PASSWORD).expect("a challenge");
    assert_eq!(
        reply.challenge_name,
        Some(ChallengeNameType::CustomChallenge)
    );
    let reply = answer(&stage, &reply, &[("USERNAME", "jane"), ("ANSWER", "open")]);
    assert!(reply.expect("tokens").authentication_result.is_some());
    assert_eq!(
        log.all(),
        [
            "SRP_A true",
            "SRP_A true, PASSWORD_VERIFIER true",
            "SRP_A true, PASSWORD_VERIFIER true, CUSTOM_CHALLENGE true",
        ]
    );
}

#[test]
fn a_wrong_proof_fails_at_once_and_a_right_one_counts_once() {
    let log = Log::default();
    let stage = stage(&log);
    let client = begin(&stage, "jane");
    let (name, text) = error(prove(&stage, &client, "Wrong-horse-9"));
    assert_eq!((name, text.as_str()), INCORRECT);
    let (name, text) = error(prove(&stage, &client, PASSWORD));
    assert_eq!((name, text.as_str()), INCORRECT, "the block is spent");
    let client = begin(&stage, "jane");
    prove(&stage, &client, PASSWORD).expect("a challenge");
    let (name, text) = error(prove(&stage, &client, PASSWORD));
    assert_eq!((name, text.as_str()), INCORRECT);
    assert_eq!(log.all().len(), 3);
}

#[test]
fn five_wrong_proofs_lock_as_anywhere() {
    let stage = stage(&Log::default());
    let client = begin(&stage, "jane");
    for _ in 0..5 {
        drop(prove(&stage, &begin(&stage, "jane"), "Wrong-horse-9"));
    }
    assert_eq!(
        error(prove(&stage, &client, PASSWORD)).1,
        "Password attempts exceeded"
    );
}

#[test]
fn a_second_factor_is_asked_for_after_the_proof_and_told() {
    let log = Log::default();
    let stage = stage(&log);
    let factors = SetUserPoolMfaConfigRequest {
        user_pool_id: stage.pool.clone(),
        mfa_configuration: Some(UserPoolMfaType::Optional),
        email_mfa_configuration: Some(EmailMfaConfigType::default()),
        ..Default::default()
    };
    stage.world.engine.call_blocking(factors).expect("factors");
    let preference = AdminSetUserMFAPreferenceRequest {
        user_pool_id: stage.pool.clone(),
        username: "jane".to_owned().into(),
        email_mfa_settings: Some(EmailMfaSettingsType {
            enabled: Some(true),
            preferred_mfa: None,
        }),
        ..Default::default()
    };
    stage
        .world
        .engine
        .call_blocking(preference)
        .expect("a preference");

    let client = begin(&stage, "jane");
    let reply = prove(&stage, &client, PASSWORD).expect("a challenge");
    assert_eq!(reply.challenge_name, Some(ChallengeNameType::EmailOtp));
    let code = stage
        .world
        .mailbox
        .code_to("jane@example.com")
        .expect("a code");
    let responses = [("USERNAME", "jane"), ("EMAIL_OTP_CODE", code.as_str())];
    let reply = answer(&stage, &reply, &responses).expect("a challenge");
    assert_eq!(
        reply.challenge_name,
        Some(ChallengeNameType::CustomChallenge)
    );
    let reply = answer(&stage, &reply, &[("USERNAME", "jane"), ("ANSWER", "open")]);
    assert!(reply.expect("tokens").authentication_result.is_some());
    assert_eq!(
        log.all(),
        [
            "SRP_A true",
            "SRP_A true, PASSWORD_VERIFIER true, EMAIL_OTP true",
            "SRP_A true, PASSWORD_VERIFIER true, EMAIL_OTP true, CUSTOM_CHALLENGE true",
        ]
    );
}

#[test]
fn nobody_gets_the_challenge_and_no_further() {
    let log = Log::default();
    let stage = stage(&log);
    let client = begin(&stage, "nobody");
    let (name, text) = error(prove(&stage, &client, PASSWORD));
    assert_eq!((name, text.as_str()), INCORRECT);
    assert_eq!(log.all(), ["SRP_A true"]);
}

#[test]
fn a_proof_is_asked_for_after_srp_a_alone() {
    let proving = Triggers::new().define_auth_challenge(|_| Ok(NextStep::ProvePassword));
    let client = client(PreventUserExistenceErrorTypes::Legacy);
    let stage = stage_with(&world(proving), pool(all), client);
    stage.user("jane");
    let reply = stage.initiate(AuthFlowType::CustomAuth, &[("USERNAME", "jane")]);
    assert_eq!(error(reply).0, "InvalidLambdaResponseException");
    let other = [("USERNAME", "jane"), ("CHALLENGE_NAME", "SRP_B")];
    let reply = stage.initiate(AuthFlowType::CustomAuth, &other);
    assert_eq!(
        error(reply),
        (
            "InvalidParameterException",
            "CHALLENGE_NAME is not SRP_A.".to_owned()
        )
    );
}

#[test]
fn a_change_of_the_password_ends_it() {
    let stage = stage(&Log::default());
    let client = begin(&stage, "jane");
    let reset = userpool::wire::idp::AdminSetUserPasswordRequest {
        user_pool_id: stage.pool.clone(),
        username: "jane".to_owned().into(),
        password: PASSWORD.to_owned().into(),
        permanent: Some(true),
    };
    stage.world.engine.call_blocking(reset).expect("a password");
    let (name, text) = error(prove(&stage, &client, PASSWORD));
    assert_eq!((name, text.as_str()), INCORRECT);
}
