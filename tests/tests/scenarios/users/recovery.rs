//! Who gets a code for a new password, and where it goes.

use userpool::wire::idp::{
    AccountRecoverySettingType, AdminCreateUserRequest, AdminDisableUserRequest,
    AdminResetUserPasswordRequest, AdminSetUserPasswordRequest, AliasAttributeType,
    MessageActionType, RecoveryOptionNameType, RecoveryOptionType, VerifiedAttributeType,
};
use userpool_tests::pool::{PASSWORD, Stage};

use crate::users::own::{DEAD, NEXT, Own, code_to, confirm_by_force, forgot, is, pool, reset};

const EMAIL: &str = "jane@example.com";
const PHONE: &str = "+12065550100";
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
fn a_user_whom_an_administrator_resets_comes_back_with_the_code_alone() {
    let stage = pool(|_| {});
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    let request = AdminResetUserPasswordRequest {
        user_pool_id: stage.pool.clone(),
        username: "jane".to_owned().into(),
        ..Default::default()
    };
    stage.world.engine.call_blocking(request).expect("a reset");
    let code = code_to(&stage.world, EMAIL);
    let required = (
        "PasswordResetRequiredException",
        "Password reset required for the user",
    );
    is(jane.change_password(Some(PASSWORD), NEXT), required);
    is(stage.password_sign_in("jane", PASSWORD), required);

    reset(&stage, "jane", &code, NEXT).expect("a new password");

    assert!(stage.password_sign_in("jane", NEXT).is_ok());
}

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
