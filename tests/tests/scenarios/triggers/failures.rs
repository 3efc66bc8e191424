//! A function fails at its first call, then at its second, and so on until the story completes.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use userpool::{
    Failure,
    ports::{HookAnswer, HookCall, HookFault, Hooks},
    wire::idp::{
        AdminCreateUserRequest, ConfirmForgotPasswordRequest, CreateUserPoolClientRequest,
        ForgotPasswordRequest, GetTokensFromRefreshTokenRequest, LambdaConfigType,
    },
};
use userpool_tests::pool::{PASSWORD, Stage, attribute, stage_with};

use super::{ARN, pool, world};

/// Functions that change nothing, but know one user; the call whose turn it is fails.
#[derive(Clone)]
struct Faulty {
    calls: Arc<AtomicUsize>,
    fails_at: usize,
}

impl Hooks for Faulty {
    fn ask(&self, call: &HookCall) -> Result<HookAnswer, HookFault> {
        if self.calls.fetch_add(1, Ordering::SeqCst) == self.fails_at {
            return Err(HookFault::Unreachable("as told".into()));
        }
        let mut event: serde_json::Value = serde_json::from_str(&call.event).expect("JSON");
        if call.trigger == "UserMigration" {
            event["response"] = serde_json::json!({"finalUserStatus": "CONFIRMED",
                "userAttributes": {"email": "moved@example.com", "email_verified": "true"}});
        }
        Ok(HookAnswer(event.to_string()))
    }
}

fn all(it: &mut LambdaConfigType) {
    for trigger in [
        &mut it.pre_sign_up,
        &mut it.post_confirmation,
        &mut it.pre_authentication,
        &mut it.post_authentication,
        &mut it.pre_token_generation,
        &mut it.custom_message,
        &mut it.user_migration,
    ] {
        *trigger = Some(ARN.into());
    }
}

/// Does a step until it succeeds: a failure is the function's, and the step can be done again. `done` tells that it
/// had taken effect although it failed.
fn step<T>(act: impl Fn() -> Result<T, Failure>, done: fn(&Failure) -> bool) -> Option<T> {
    match act() {
        Ok(reply) => Some(reply),
        Err(failure) => {
            assert_eq!(failure.name(), "UnexpectedLambdaException", "{failure}");
            match act() {
                Ok(reply) => Some(reply),
                Err(failure) if done(&failure) => None,
                Err(failure) => panic!("{failure}"),
            }
        }
    }
}

fn never(_: &Failure) -> bool {
    false
}

fn story(stage: &Stage) {
    let mail = "jane@example.com";
    step(|| stage.sign_up("jane", PASSWORD, mail), never);
    let code = stage.world.mailbox.code_to(mail).expect("a code");
    step(
        || stage.confirm("jane", &code),
        |again| again.message() == "User cannot be confirmed. Current status is CONFIRMED",
    );
    let tokens = step(|| stage.password_sign_in("jane", PASSWORD), never);
    let tokens = tokens
        .and_then(|it| it.authentication_result)
        .expect("tokens");
    step(|| stage.srp_sign_in("jane", PASSWORD), never);
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let engine = &stage.world.engine;
    step(
        || {
            engine.call_blocking(GetTokensFromRefreshTokenRequest {
                client_id: stage.client.clone().into(),
                refresh_token: refresh_token.clone(),
                ..Default::default()
            })
        },
        never,
    );
    step(
        || {
            engine.call_blocking(ForgotPasswordRequest {
                client_id: stage.client.clone().into(),
                username: "jane".to_owned().into(),
                ..Default::default()
            })
        },
        never,
    );
    let code = stage.world.mailbox.code_to(mail).expect("a code");
    step(
        || {
            engine.call_blocking(ConfirmForgotPasswordRequest {
                client_id: stage.client.clone().into(),
                username: "jane".to_owned().into(),
                confirmation_code: code.clone().into(),
                password: "Another-horse-9".to_owned().into(),
                ..Default::default()
            })
        },
        |again| again.name() == "ExpiredCodeException",
    );
    step(|| stage.password_sign_in("jane", "Another-horse-9"), never);
    step(|| stage.password_sign_in("moved", "old"), never);
    step(
        || {
            engine.call_blocking(AdminCreateUserRequest {
                user_pool_id: stage.pool.clone(),
                username: "joe".to_owned().into(),
                user_attributes: Some(vec![attribute("email", "joe@example.com")]),
                ..Default::default()
            })
        },
        never,
    );
}

#[test]
fn whichever_call_fails_the_story_goes_on_from_there() {
    let mut runs = 0;
    loop {
        let hooks = Faulty {
            calls: Arc::default(),
            fails_at: runs,
        };
        let client = CreateUserPoolClientRequest::default();
        let stage = stage_with(&world(hooks.clone()), pool(all), client);
        story(&stage);
        if hooks.calls.load(Ordering::SeqCst) <= runs {
            break;
        }
        runs += 1;
    }
    assert!(runs > 18, "{runs} calls");
}
