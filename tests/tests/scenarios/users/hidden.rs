//! Clients that hide who exists: the same answers for names with and without an account.

use std::time::Duration;

use userpool::{
    Failure,
    wire::idp::{AdminCreateUserRequest, AdminDisableUserRequest, MessageActionType},
};
use userpool_tests::pool::{PASSWORD, Stage};

use crate::users::own::{
    DEAD, LIMIT, MISMATCH, NEXT, Own, TRIGGER, code_to, forgot, hiding_pool, is, other_than, reset,
    set_triggers,
};

const EMAIL: &str = "jane@example.com";
const HOUR: Duration = Duration::from_secs(3_600);

/// A pool with a user, and names that no code can be sent to, each for its own reason.
fn stage() -> (Stage, [&'static str; 5]) {
    let stage = hiding_pool(|_| {});
    stage.user("jane");
    stage.user("disabled");
    stage
        .world
        .engine
        .call_blocking(AdminDisableUserRequest {
            user_pool_id: stage.pool.clone(),
            username: "disabled".to_owned().into(),
        })
        .expect("a change");
    stage
        .world
        .engine
        .call_blocking(AdminCreateUserRequest {
            user_pool_id: stage.pool.clone(),
            username: "invited".to_owned().into(),
            message_action: Some(MessageActionType::Suppress),
            ..Default::default()
        })
        .expect("a user");
    stage
        .sign_up("unconfirmed", PASSWORD, "unconfirmed@example.com")
        .expect("a sign-up");
    stage.user("unreachable");
    Own::sign_in(&stage, "unreachable")
        .delete_attributes(&["email"])
        .expect("a removal");
    (
        stage,
        [
            "nobody",
            "disabled",
            "invited",
            "unconfirmed",
            "unreachable",
        ],
    )
}

#[test]
fn a_name_that_no_code_can_be_sent_to_gets_the_answer_of_a_delivery() {
    let (stage, names) = stage();
    let real = forgot(&stage, "jane").expect("a code");
    let sent = stage.world.mailbox.messages().len();

    for name in names {
        let simulated = forgot(&stage, name).expect(name);
        assert_eq!(simulated.delivery_medium, real.delivery_medium, "{name}");
        assert_eq!(simulated.attribute_name, real.attribute_name, "{name}");
        assert_eq!(forgot(&stage, name).expect(name), simulated, "{name}");
    }

    assert_eq!(stage.world.mailbox.messages().len(), sent);
}

#[test]
fn an_address_that_nobody_has_is_masked_as_one_that_somebody_has() {
    let (stage, _) = stage();

    let email = forgot(&stage, "kim@example.net").expect("a delivery");
    let phone = forgot(&stage, "+12065550123").expect("a delivery");

    assert_eq!(email.destination.as_deref(), Some("k***@e***"));
    assert_eq!(phone.destination.as_deref(), Some("+*******0123"));
}

#[test]
fn a_typed_code_is_refused_alike_before_and_after_one_was_asked_for_and_when_it_ends() {
    let (stage, names) = stage();
    let all = || names.into_iter().chain(["jane"]);
    for name in all() {
        is(reset(&stage, name, "123456", NEXT), DEAD);
        forgot(&stage, name).expect(name);
    }
    let wrong = other_than(&code_to(&stage.world, EMAIL));
    for name in all() {
        is(reset(&stage, name, &wrong, NEXT), MISMATCH);
    }

    stage.world.clock.advance(HOUR);

    for name in all() {
        is(reset(&stage, name, &wrong, NEXT), DEAD);
    }
}

#[test]
fn every_name_has_the_same_limit() {
    let (stage, names) = stage();

    for name in names.into_iter().chain(["jane"]) {
        forgot(&stage, name).expect(name);
        for _ in 0..19 {
            let refusal: Result<(), Failure> = reset(&stage, name, "12345x", NEXT);
            is(refusal, MISMATCH);
        }
        is(reset(&stage, name, "12345x", NEXT), LIMIT);
        is(forgot(&stage, name), LIMIT);
    }

    stage.world.clock.advance(HOUR);
    for name in names.into_iter().chain(["jane"]) {
        assert!(forgot(&stage, name).is_ok(), "{name}");
    }
}

#[test]
fn a_disabled_user_gets_no_new_password_with_the_right_code() {
    let stage = hiding_pool(|_| {});
    stage.user("jane");
    forgot(&stage, "jane").expect("a code");
    let code = code_to(&stage.world, EMAIL);
    stage
        .world
        .engine
        .call_blocking(AdminDisableUserRequest {
            user_pool_id: stage.pool.clone(),
            username: "jane".to_owned().into(),
        })
        .expect("a change");

    assert!(reset(&stage, "jane", &code, NEXT).is_err());
}

#[test]
fn a_hidden_user_resets_as_any_other() {
    let (stage, _) = stage();
    forgot(&stage, "jane").expect("a code");
    let code = code_to(&stage.world, EMAIL);

    reset(&stage, "jane", &code, NEXT).expect("a reset");

    assert!(stage.password_sign_in("jane", NEXT).is_ok());
}

#[test]
fn triggers_that_cannot_be_asked_tell_nothing() {
    let (stage, _) = stage();
    set_triggers(&stage, |triggers| {
        triggers.user_migration = Some(TRIGGER.into());
    });
    assert!(forgot(&stage, "nobody").is_ok() && forgot(&stage, "jane").is_ok());
    set_triggers(&stage, |triggers| {
        triggers.custom_message = Some(TRIGGER.into());
    });

    let (known, unknown) = (forgot(&stage, "jane"), forgot(&stage, "nobody"));

    assert!(known.is_ok() && unknown.is_ok());
}

#[test]
fn codes_of_a_sign_up_have_the_same_limits_for_names_that_nobody_has() {
    let (stage, _) = stage();
    for name in ["unconfirmed", "nobody"] {
        for _ in 0..15 {
            is(stage.confirm(name, "12345x"), MISMATCH);
        }
        is(stage.confirm(name, "12345x"), LIMIT);
    }
}
