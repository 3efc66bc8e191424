//! Passwords changed by users who know theirs.

use std::time::Duration;

use userpool::wire::idp::{PasswordPolicyType, UserPoolPolicyType};
use userpool_tests::pool::PASSWORD;

use crate::users::own::{INCORRECT, LIMIT, NEXT, Own, code_to, forgot, is, pool, refused, reset};

const WRONG: &str = "Wrong-horse-9";
const LOCKED: (&str, &str) = ("NotAuthorizedException", "Password attempts exceeded");
const HOUR: Duration = Duration::from_secs(3_600);

#[test]
fn the_new_password_signs_in_and_the_old_one_does_not() {
    let stage = pool(|_| {});
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");

    jane.change_password(Some(PASSWORD), NEXT)
        .expect("a change");

    assert!(stage.srp_sign_in("jane", NEXT).is_ok());
    assert!(stage.password_sign_in("jane", NEXT).is_ok());
    is(stage.password_sign_in("jane", PASSWORD), INCORRECT);
    assert!(jane.shown().is_ok(), "tokens stay good");
}

#[test]
fn a_sign_in_under_way_dies_with_the_password() {
    let stage = pool(|_| {});
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    let client = stage.srp_begin("jane").expect("a challenge");

    jane.change_password(Some(PASSWORD), NEXT)
        .expect("a change");

    is(stage.srp_respond(&client.answer(PASSWORD)), INCORRECT);
    is(stage.srp_respond(&client.answer(NEXT)), INCORRECT);
}

#[test]
fn a_code_to_reset_dies_with_the_password() {
    let stage = pool(|_| {});
    stage.user("jane");
    forgot(&stage, "jane").expect("a code");
    let code = code_to(&stage.world, "jane@example.com");

    Own::sign_in(&stage, "jane")
        .change_password(Some(PASSWORD), NEXT)
        .expect("a change");

    assert_eq!(
        refused(reset(&stage, "jane", &code, "Third-horse-11")).0,
        "ExpiredCodeException"
    );
}

#[test]
fn the_previous_password_must_be_right() {
    let stage = pool(|_| {});
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");

    is(jane.change_password(Some(WRONG), NEXT), INCORRECT);

    let (name, text) = refused(jane.change_password(None, NEXT));
    assert_eq!(name, "InvalidParameterException");
    assert!(text.contains("'previousPassword'") && text.contains("Member must not be null"));
    assert!(stage.password_sign_in("jane", PASSWORD).is_ok());
}

#[test]
fn a_wrong_previous_password_counts_as_a_failed_sign_in() {
    let stage = pool(|_| {});
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    for _ in 0..2 {
        is(jane.change_password(Some(WRONG), NEXT), INCORRECT);
    }
    for _ in 0..3 {
        is(stage.password_sign_in("jane", WRONG), INCORRECT);
    }

    is(stage.password_sign_in("jane", PASSWORD), LOCKED);
    is(jane.change_password(Some(PASSWORD), NEXT), LOCKED);

    stage.world.clock.advance(Duration::from_secs(1));
    assert!(jane.change_password(Some(PASSWORD), NEXT).is_ok());
    is(stage.password_sign_in("jane", WRONG), INCORRECT);
    assert!(
        stage.password_sign_in("jane", NEXT).is_ok(),
        "the count began again"
    );
}

#[test]
fn five_attempts_an_hour_are_all() {
    let stage = pool(|_| {});
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    for _ in 0..4 {
        is(jane.change_password(Some(WRONG), NEXT), INCORRECT);
    }
    jane.change_password(Some(PASSWORD), NEXT)
        .expect("a change");

    is(jane.change_password(Some(NEXT), PASSWORD), LIMIT);

    stage.world.clock.advance(HOUR - Duration::from_millis(1));
    is(jane.change_password(Some(NEXT), PASSWORD), LIMIT);
    stage.world.clock.advance(Duration::from_millis(1));
    let token = stage.password_sign_in("jane", NEXT).expect("a sign-in");
    let token = token.authentication_result.expect("tokens").access_token;
    let jane = Own::with(&stage, &token.expect("an access token"));
    assert!(jane.change_password(Some(NEXT), PASSWORD).is_ok());
}

#[test]
fn the_new_password_keeps_the_policy() {
    let stage = pool(|_| {});
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");

    is(
        jane.change_password(Some(PASSWORD), "short"),
        (
            "InvalidPasswordException",
            "Password did not conform with policy: Password not long enough",
        ),
    );
    let (name, _) = refused(jane.change_password(Some(WRONG), "short"));
    assert_eq!(name, "InvalidPasswordException", "the policy comes first");
}

#[test]
fn passwords_of_the_history_do_not_come_back() {
    const USED: (&str, &str) = (
        "PasswordHistoryPolicyViolationException",
        "Password has previously been used",
    );
    let stage = pool(|request| {
        request.policies = Some(UserPoolPolicyType {
            password_policy: Some(PasswordPolicyType {
                password_history_size: Some(2),
                ..Default::default()
            }),
            ..Default::default()
        });
    });
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    is(jane.change_password(Some(PASSWORD), PASSWORD), USED);
    jane.change_password(Some(PASSWORD), NEXT)
        .expect("a change");
    is(jane.change_password(Some(NEXT), PASSWORD), USED);

    stage.world.clock.advance(Duration::from_secs(60));
    jane.change_password(Some(NEXT), "Third-horse-11")
        .expect("a change");
    jane.change_password(Some("Third-horse-11"), PASSWORD)
        .expect("one that the history does not hold any more");
}
