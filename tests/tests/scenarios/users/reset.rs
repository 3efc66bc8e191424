//! Forgotten passwords, set anew with a code to a verified address.

use std::time::Duration;

use userpool::wire::idp::{
    ConfirmForgotPasswordRequest, CreateUserPoolClientRequest, DeliveryMediumType,
    ForgotPasswordRequest, PasswordPolicyType, UserPoolPolicyType, UsernameAttributeType,
};
use userpool_crypto::{secret::SecretText, secret_hash::secret_hash};
use userpool_tests::pool::PASSWORD;

use crate::users::own::{
    DEAD, INCORRECT, LIMIT, MISMATCH, NEXT, Own, TRIGGER, code_to, forgot, is, named_by,
    other_than, pool, refused, reset, set_triggers,
};

const EMAIL: &str = "jane@example.com";
const HOUR: Duration = Duration::from_secs(3_600);
const UNREACHABLE: (&str, &str) = (
    "InvalidParameterException",
    "Cannot reset password for the user as there is no registered/verified email or phone_number",
);

#[test]
fn a_code_to_the_verified_address_sets_a_new_password() {
    let stage = pool(|_| {});
    stage.user("jane");
    let tokens = Own::sign_in(&stage, "jane");

    let delivery = forgot(&stage, "jane").expect("a code");

    assert_eq!(delivery.destination.as_deref(), Some("j***@e***"));
    assert_eq!(delivery.delivery_medium, Some(DeliveryMediumType::Email));
    assert_eq!(delivery.attribute_name.as_deref(), Some("email"));
    assert!(
        stage.password_sign_in("jane", PASSWORD).is_ok(),
        "the old one is good till then"
    );
    let code = code_to(&stage.world, EMAIL);
    reset(&stage, "jane", &code, NEXT).expect("a reset");
    assert!(stage.srp_sign_in("jane", NEXT).is_ok());
    is(stage.password_sign_in("jane", PASSWORD), INCORRECT);
    assert!(tokens.shown().is_ok(), "tokens stay good");
}

#[test]
fn a_reset_code_counts_once() {
    let stage = pool(|_| {});
    stage.user("jane");
    forgot(&stage, "jane").expect("a code");
    let code = code_to(&stage.world, EMAIL);
    reset(&stage, "jane", &code, NEXT).expect("a reset");

    is(reset(&stage, "jane", &code, PASSWORD), DEAD);

    assert!(stage.password_sign_in("jane", NEXT).is_ok());
}

#[test]
fn the_newer_of_two_reset_codes_counts() {
    let stage = pool(|_| {});
    stage.user("jane");
    forgot(&stage, "jane").expect("a code");
    let older = code_to(&stage.world, EMAIL);
    forgot(&stage, "jane").expect("another");
    let newer = code_to(&stage.world, EMAIL);
    assert_ne!(older, newer);

    is(reset(&stage, "jane", &older, NEXT), MISMATCH);

    assert!(reset(&stage, "jane", &newer, NEXT).is_ok());
}

#[test]
fn a_reset_code_lives_an_hour() {
    let stage = pool(|_| {});
    stage.user("jane");
    forgot(&stage, "jane").expect("a code");
    let code = code_to(&stage.world, EMAIL);
    stage.world.clock.advance(HOUR - Duration::from_millis(1));
    is(reset(&stage, "jane", &other_than(&code), NEXT), MISMATCH);

    stage.world.clock.advance(Duration::from_millis(1));

    is(reset(&stage, "jane", &code, NEXT), DEAD);
}

#[test]
fn a_code_that_was_never_asked_for_is_dead() {
    let stage = pool(|_| {});
    stage.user("jane");

    is(reset(&stage, "jane", "123456", NEXT), DEAD);
}

#[test]
fn codes_of_other_purposes_and_users_reset_nothing() {
    let stage = pool(|_| {});
    stage.user("jane");
    stage.user("john");
    let jane = Own::sign_in(&stage, "jane");
    jane.send_code("email").expect("a code");
    let verifying = code_to(&stage.world, EMAIL);
    is(reset(&stage, "jane", &verifying, NEXT), DEAD);
    forgot(&stage, "jane").expect("a code");
    forgot(&stage, "john").expect("a code");
    let johns = code_to(&stage.world, "john@example.com");
    assert_ne!(johns, code_to(&stage.world, EMAIL));

    is(reset(&stage, "jane", &verifying, NEXT), MISMATCH);
    is(reset(&stage, "jane", &johns, NEXT), MISMATCH);
    let reset_code = code_to(&stage.world, EMAIL);
    is(jane.verify("email", &reset_code), MISMATCH);
}

#[test]
fn a_reset_code_dies_when_its_address_changes() {
    let stage = pool(|_| {});
    stage.user("jane");
    forgot(&stage, "jane").expect("a code");
    let code = code_to(&stage.world, EMAIL);
    Own::sign_in(&stage, "jane")
        .update(&[("email", "jane@example.org")])
        .expect("a change");

    is(reset(&stage, "jane", &code, NEXT), DEAD);
    is(forgot(&stage, "jane"), UNREACHABLE);
}

#[test]
fn twenty_attempts_an_hour_are_all() {
    let stage = pool(|_| {});
    stage.user("jane");
    forgot(&stage, "jane").expect("a code");
    let code = code_to(&stage.world, EMAIL);
    for _ in 0..19 {
        is(reset(&stage, "jane", &other_than(&code), NEXT), MISMATCH);
    }

    is(reset(&stage, "jane", &code, NEXT), LIMIT);
    is(forgot(&stage, "jane"), LIMIT);

    assert!(stage.password_sign_in("jane", PASSWORD).is_ok());
    stage.world.clock.advance(HOUR);
    assert!(forgot(&stage, "jane").is_ok());
}

#[test]
fn a_reset_frees_from_the_lock_and_only_a_reset_does() {
    let stage = pool(|_| {});
    stage.user("jane");
    for _ in 0..9 {
        let _ = stage.password_sign_in("jane", "Wrong-horse-9");
        stage.world.clock.advance(Duration::from_secs(16));
    }
    let _ = stage.password_sign_in("jane", "Wrong-horse-9");
    let locked = ("NotAuthorizedException", "Password attempts exceeded");
    is(stage.password_sign_in("jane", PASSWORD), locked);
    forgot(&stage, "jane").expect("a code");
    let code = code_to(&stage.world, EMAIL);
    is(reset(&stage, "jane", &other_than(&code), NEXT), MISMATCH);
    is(stage.password_sign_in("jane", PASSWORD), locked);

    reset(&stage, "jane", &code, NEXT).expect("a reset");

    assert!(stage.password_sign_in("jane", NEXT).is_ok());
}

#[test]
fn the_new_password_keeps_policy_and_history() {
    let stage = pool(|request| {
        request.policies = Some(UserPoolPolicyType {
            password_policy: Some(PasswordPolicyType {
                password_history_size: Some(1),
                ..Default::default()
            }),
            ..Default::default()
        });
    });
    stage.user("jane");
    forgot(&stage, "jane").expect("a code");
    let code = code_to(&stage.world, EMAIL);

    let (name, _) = refused(reset(&stage, "jane", &other_than(&code), "short"));
    assert_eq!(name, "InvalidPasswordException");
    let (name, _) = refused(reset(&stage, "nobody", "123456", "short"));
    assert_eq!(name, "InvalidPasswordException", "the same for every name");
    let (name, _) = refused(reset(&stage, "jane", &code, PASSWORD));
    assert_eq!(name, "PasswordHistoryPolicyViolationException");
    assert!(reset(&stage, "jane", &code, NEXT).is_ok());
}

#[test]
fn a_message_trigger_refuses_before_anything_changes_and_one_after_a_reset_too_late() {
    let stage = pool(|_| {});
    stage.user("jane");
    forgot(&stage, "jane").expect("a code");
    let code = code_to(&stage.world, EMAIL);
    set_triggers(&stage, |triggers| {
        triggers.custom_message = Some(TRIGGER.into());
        triggers.post_confirmation = Some(TRIGGER.into());
    });
    let sent = stage.world.mailbox.messages().len();

    assert_eq!(
        refused(forgot(&stage, "jane")).0,
        "UnexpectedLambdaException"
    );
    assert_eq!(
        refused(reset(&stage, "jane", &code, NEXT)).0,
        "UnexpectedLambdaException"
    );

    assert_eq!(stage.world.mailbox.messages().len(), sent);
    set_triggers(&stage, |_| {});
    assert!(stage.password_sign_in("jane", NEXT).is_ok());
}

#[test]
fn a_name_that_a_trigger_could_migrate_is_not_called_unknown() {
    let stage = pool(|_| {});
    set_triggers(&stage, |triggers| {
        triggers.user_migration = Some(TRIGGER.into());
    });

    assert_eq!(
        refused(forgot(&stage, "nobody")).0,
        "UnexpectedLambdaException"
    );
}

#[test]
fn a_client_with_a_secret_proves_it_over_the_typed_or_the_stored_name() {
    let stage = pool(|request| {
        request.username_attributes = Some(vec![UsernameAttributeType::Email]);
    });
    named_by(&stage, EMAIL);
    let sub = Own::sign_in(&stage, EMAIL).get("sub").expect("a sub");
    let request = CreateUserPoolClientRequest {
        user_pool_id: stage.pool.clone(),
        client_name: "secretive".into(),
        generate_secret: Some(true),
        ..Default::default()
    };
    let client = stage.world.engine.call_blocking(request).expect("a client");
    let client = client.user_pool_client.expect("a client");
    let id = client.client_id.expect("its id").to_string();
    let secret = SecretText::new(client.client_secret.expect("its secret").to_string());
    let forgot = |hash: Option<String>| {
        let request = ForgotPasswordRequest {
            client_id: id.clone().into(),
            secret_hash: hash.map(Into::into),
            username: EMAIL.to_owned().into(),
            ..Default::default()
        };
        stage.world.engine.call_blocking(request).map(drop)
    };
    let confirm = |hash: Option<String>, code: &str| {
        let request = ConfirmForgotPasswordRequest {
            client_id: id.clone().into(),
            secret_hash: hash.map(Into::into),
            username: EMAIL.to_owned().into(),
            confirmation_code: code.to_owned().into(),
            password: NEXT.to_owned().into(),
            ..Default::default()
        };
        stage.world.engine.call_blocking(request).map(drop)
    };
    let missing = format!("Client {id} is configured with secret but SECRET_HASH was not received");
    let wrong = format!("Unable to verify secret hash for client {id}");

    is(forgot(None), ("NotAuthorizedException", &missing));
    let other = secret_hash(&secret, "john@example.com", &id);
    is(
        forgot(Some(other.clone())),
        ("NotAuthorizedException", &wrong),
    );
    forgot(Some(secret_hash(&secret, EMAIL, &id))).expect("a code");
    forgot(Some(secret_hash(&secret, &sub, &id))).expect("a code");
    let code = code_to(&stage.world, EMAIL);
    is(confirm(None, &code), ("NotAuthorizedException", &missing));
    is(
        confirm(Some(other), &code),
        ("NotAuthorizedException", &wrong),
    );
    confirm(Some(secret_hash(&secret, &sub, &id)), &code).expect("a reset");
}
