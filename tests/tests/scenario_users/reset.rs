//! Forgotten passwords, set anew with a code to a verified address.

use std::time::Duration;

use userpool::wire::idp::{
    AccountRecoverySettingType, AdminCreateUserRequest, AdminDisableUserRequest,
    AdminSetUserPasswordRequest, AliasAttributeType, DeliveryMediumType, MessageActionType,
    PasswordPolicyType, RecoveryOptionNameType, RecoveryOptionType, UserPoolPolicyType,
    VerifiedAttributeType,
};
use userpool_tests::pool::{PASSWORD, Stage};

use crate::own::{
    DEAD, INCORRECT, LIMIT, MISMATCH, NEXT, Own, TRIGGER, code_to, confirm_by_force, forgot, is,
    other_than, pool, refused, reset, set_triggers,
};

const EMAIL: &str = "jane@example.com";
const PHONE: &str = "+12065550100";
const HOUR: Duration = Duration::from_secs(3_600);
const UNREACHABLE: (&str, &str) = (
    "InvalidParameterException",
    "Cannot reset password for the user as there is no registered/verified email or phone_number",
);
const UNKNOWN: (&str, &str) = (
    "UserNotFoundException",
    "Username/client id combination not found.",
);
const WRONG_STATE: (&str, &str) = (
    "NotAuthorizedException",
    "User password cannot be reset in the current state.",
);

fn with_phone(stage: &Stage) {
    let jane = Own::sign_in(stage, "jane");
    jane.update(&[("phone_number", PHONE)]).expect("a change");
    jane.verify("phone_number", &code_to(&stage.world, PHONE))
        .expect("a verification");
}

fn recovering(options: &[RecoveryOptionNameType]) -> Stage {
    let mechanisms = options
        .iter()
        .zip(1..)
        .map(|(name, priority)| RecoveryOptionType {
            priority,
            name: *name,
        });
    pool(|request| {
        request.account_recovery_setting = Some(AccountRecoverySettingType {
            recovery_mechanisms: Some(mechanisms.collect()),
        });
    })
}

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
fn the_phone_comes_before_the_address_where_the_pool_says_nothing() {
    let stage = pool(|_| {});
    stage.user("jane");
    with_phone(&stage);

    let delivery = forgot(&stage, "jane").expect("a code");

    assert_eq!(delivery.attribute_name.as_deref(), Some("phone_number"));
    reset(&stage, "jane", &code_to(&stage.world, PHONE), NEXT).expect("a reset");
}

#[test]
fn the_pool_chooses_the_order_of_addresses() {
    let stage = recovering(&[
        RecoveryOptionNameType::VerifiedEmail,
        RecoveryOptionNameType::VerifiedPhoneNumber,
    ]);
    stage.user("jane");
    with_phone(&stage);

    let delivery = forgot(&stage, "jane").expect("a code");

    assert_eq!(delivery.attribute_name.as_deref(), Some("email"));
}

#[test]
fn an_address_that_the_pool_does_not_allow_gets_no_code() {
    let stage = recovering(&[RecoveryOptionNameType::VerifiedPhoneNumber]);
    stage.user("jane");

    is(forgot(&stage, "jane"), UNREACHABLE);
}

#[test]
fn only_administrators_recover_where_the_pool_says_so() {
    let stage = recovering(&[RecoveryOptionNameType::AdminOnly]);
    stage.user("jane");

    for name in ["jane", "nobody"] {
        is(
            forgot(&stage, name),
            (
                "NotAuthorizedException",
                "Contact administrator to reset password.",
            ),
        );
    }
}

#[test]
fn nobody_is_told_where_the_client_tells() {
    let stage = pool(|_| {});

    is(forgot(&stage, "nobody"), UNKNOWN);
    is(reset(&stage, "nobody", "123456", NEXT), UNKNOWN);
}

#[test]
fn a_disabled_user_is_told_where_the_client_tells() {
    let stage = pool(|_| {});
    stage.user("jane");
    forgot(&stage, "jane").expect("a code");
    let code = code_to(&stage.world, EMAIL);
    disable(&stage, "jane");
    let disabled = ("NotAuthorizedException", "User is disabled.");

    is(forgot(&stage, "jane"), disabled);
    is(reset(&stage, "jane", &code, NEXT), disabled);
}

#[test]
fn a_temporary_password_is_not_reset() {
    let stage = pool(|_| {});
    invite(&stage, "jane");

    is(forgot(&stage, "jane"), WRONG_STATE);
    is(reset(&stage, "jane", "123456", NEXT), DEAD);
}

#[test]
fn a_code_from_before_a_temporary_password_is_dead() {
    let stage = pool(|_| {});
    stage.user("jane");
    forgot(&stage, "jane").expect("a code");
    let code = code_to(&stage.world, EMAIL);
    let request = AdminSetUserPasswordRequest {
        user_pool_id: stage.pool.clone(),
        username: "jane".to_owned().into(),
        password: "Temporary-horse-3".to_owned().into(),
        permanent: Some(false),
    };
    stage
        .world
        .engine
        .call_blocking(request)
        .expect("a password");

    is(reset(&stage, "jane", &code, NEXT), DEAD);
}

#[test]
fn a_user_who_never_confirmed_has_no_verified_address() {
    let stage = pool(|_| {});
    stage.sign_up("jane", PASSWORD, EMAIL).expect("a sign-up");

    is(forgot(&stage, "jane"), UNREACHABLE);
}

#[test]
fn an_alias_that_moved_on_gets_no_code() {
    let stage = pool(|request| {
        request.alias_attributes = Some(vec![AliasAttributeType::Email]);
        request.auto_verified_attributes = Some(vec![VerifiedAttributeType::Email]);
    });
    stage.user("jane");
    stage.sign_up("john", PASSWORD, EMAIL).expect("a sign-up");
    let code = code_to(&stage.world, EMAIL);
    confirm_by_force(&stage, "john", &code);

    is(forgot(&stage, "jane"), UNREACHABLE);

    assert!(forgot(&stage, EMAIL).is_ok(), "it is john's now");
    let code = code_to(&stage.world, EMAIL);
    reset(&stage, "john", &code, NEXT).expect("a reset");
    assert!(stage.password_sign_in("jane", PASSWORD).is_ok());
}

#[test]
fn a_reset_does_not_steal_an_alias_that_moved_on_meanwhile() {
    let stage = pool(|request| {
        request.alias_attributes = Some(vec![AliasAttributeType::Email]);
        request.auto_verified_attributes = Some(vec![VerifiedAttributeType::Email]);
    });
    stage.user("jane");
    forgot(&stage, "jane").expect("a code");
    let janes = code_to(&stage.world, EMAIL);
    let john = stage.sign_up("john", PASSWORD, EMAIL).expect("a sign-up");
    confirm_by_force(&stage, "john", &code_to(&stage.world, EMAIL));

    reset(&stage, "jane", &janes, NEXT).expect("a reset");

    let owner = Own::sign_in(&stage, EMAIL);
    assert_eq!(owner.get("sub"), Some(john));
    let reply = stage.password_sign_in("jane", NEXT).expect("a sign-in");
    let token = reply.authentication_result.expect("tokens").access_token;
    let jane = Own::with(&stage, &token.expect("an access token"));
    assert_eq!(jane.get("email_verified").as_deref(), Some("false"));
}

#[test]
fn a_trigger_that_cannot_be_asked_refuses_before_anything_changes() {
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
    assert!(stage.password_sign_in("jane", PASSWORD).is_ok());
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

fn disable(stage: &Stage, name: &str) {
    let request = AdminDisableUserRequest {
        user_pool_id: stage.pool.clone(),
        username: name.to_owned().into(),
    };
    stage.world.engine.call_blocking(request).expect("a change");
}

fn invite(stage: &Stage, name: &str) {
    let request = AdminCreateUserRequest {
        user_pool_id: stage.pool.clone(),
        username: name.to_owned().into(),
        message_action: Some(MessageActionType::Suppress),
        ..Default::default()
    };
    stage.world.engine.call_blocking(request).expect("a user");
}
