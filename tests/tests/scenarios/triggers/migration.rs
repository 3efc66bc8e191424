//! Users whom the pool does not know, and a function does.

use userpool::{
    triggers::{MigratedUser, Refused, Triggers},
    wire::idp::{
        AliasAttributeType, CreateUserPoolClientRequest, ForgotPasswordRequest, LambdaConfigType,
    },
};
use userpool_tests::pool::{PASSWORD, Stage, error, stage_with};

use super::{ARN, Log, hiding, pool, stage, world};

const OLD: &str = "old";

fn set(it: &mut LambdaConfigType) {
    it.user_migration = Some(ARN.into());
}

fn jane(confirmed: bool) -> MigratedUser {
    MigratedUser {
        attributes: [
            ("email".into(), "jane@example.com".into()),
            ("email_verified".into(), "true".into()),
        ]
        .into(),
        confirmed,
        force_alias_creation: false,
        enable_sms_mfa: false,
    }
}

/// Knows Jane by her old password; notes what it was asked.
fn knowing(log: &Log<String>, confirmed: bool) -> Triggers {
    let log = log.clone();
    Triggers::new().user_migration(move |event| {
        log.add(event.trigger_source.clone());
        match (event.user_name.as_str(), event.request.password.as_deref()) {
            ("jane", None | Some(OLD)) => Ok(Some(jane(confirmed))),
            ("jane", Some(_)) => Err(Refused::from("Bad password")),
            _ => Ok(None),
        }
    })
}

fn forgot(stage: &Stage, name: &str) -> Result<(), userpool::Failure> {
    let request = ForgotPasswordRequest {
        client_id: stage.client.clone().into(),
        username: name.to_owned().into(),
        ..Default::default()
    };
    stage.world.engine.call_blocking(request).map(drop)
}

#[test]
fn a_right_password_moves_the_user_in_and_signs_in_ever_after() {
    let log = Log::default();
    let stage = stage(knowing(&log, true), set);
    assert!(stage.password_sign_in("jane", OLD).is_ok());
    assert!(stage.password_sign_in("jane", OLD).is_ok());
    assert!(stage.srp_sign_in("jane", OLD).is_ok());
    assert_eq!(log.all(), ["UserMigration_Authentication"], "asked once");
    assert!(stage.world.mailbox.messages().is_empty(), "no invitation");
}

#[test]
fn srp_asks_nobody() {
    let log = Log::default();
    let stage = stage(knowing(&log, true), set);
    assert_eq!(error(stage.srp_begin("jane")).0, "UserNotFoundException");
    assert!(log.all().is_empty());
}

#[test]
fn wrong_passwords_of_users_yet_to_come_are_counted_and_lock() {
    let log = Log::default();
    let stage = stage(knowing(&log, true), set);
    let text = "UserMigration failed with error Bad password.".to_owned();
    for _ in 0..5 {
        let refused = error(stage.password_sign_in("jane", "guess"));
        assert_eq!(refused, ("UserLambdaValidationException", text.clone()));
    }
    let locked = (
        "NotAuthorizedException",
        "Password attempts exceeded".to_owned(),
    );
    assert_eq!(error(stage.password_sign_in("jane", OLD)), locked);
    assert_eq!(
        log.all().len(),
        5,
        "the function is not asked during a lock"
    );
}

#[test]
fn where_who_exists_is_hidden_every_failure_is_a_wrong_password() {
    let stage = hiding(knowing(&Log::default(), true), set);
    let incorrect = (
        "NotAuthorizedException",
        "Incorrect username or password.".to_owned(),
    );
    for (name, password) in [("jane", "guess"), ("nobody", OLD)] {
        assert_eq!(error(stage.password_sign_in(name, password)), incorrect);
    }
    assert!(forgot(&stage, "nobody").is_ok());
    assert!(stage.world.mailbox.messages().is_empty());
    assert!(stage.password_sign_in("jane", OLD).is_ok());
}

#[test]
fn a_user_who_is_not_confirmed_resets_the_password_first() {
    let stage = stage(knowing(&Log::default(), false), set);
    let refused = error(stage.password_sign_in("jane", OLD));
    assert_eq!(refused.0, "PasswordResetRequiredException");
    forgot(&stage, "jane").expect("a code");
    assert!(stage.world.mailbox.code_to("jane@example.com").is_some());
}

#[test]
fn who_forgot_the_password_is_moved_in_and_gets_a_code() {
    let log = Log::default();
    let stage = stage(knowing(&log, true), set);
    forgot(&stage, "jane").expect("a code");
    assert!(stage.world.mailbox.code_to("jane@example.com").is_some());
    assert!(
        stage.password_sign_in("jane", OLD).is_err(),
        "no password was shown"
    );
    assert_eq!(log.all(), ["UserMigration_ForgotPassword"]);
    assert_eq!(error(forgot(&stage, "nobody")).0, "UserNotFoundException");
}

#[test]
fn an_alias_of_somebody_else_is_not_taken_unless_the_function_says_so() {
    for force in [false, true] {
        let triggers = Triggers::new().user_migration(move |_| {
            Ok(Some(MigratedUser {
                force_alias_creation: force,
                ..jane(true)
            }))
        });
        let mut request = pool(set);
        request.alias_attributes = Some(vec![AliasAttributeType::Email]);
        let client = CreateUserPoolClientRequest::default();
        let stage = stage_with(&world(triggers), request, client);
        let email = "jane@example.com";
        stage.sign_up("owner", PASSWORD, email).expect("a sign-up");
        let code = stage.world.mailbox.code_to(email).expect("a code");
        stage.confirm("owner", &code).expect("a confirmation");

        let end = stage.password_sign_in("jane", OLD);

        match force {
            true => assert!(end.is_ok()),
            false => assert_eq!(error(end).0, "AliasExistsException"),
        }
        assert_eq!(stage.password_sign_in(email, PASSWORD).is_ok(), !force);
    }
}
