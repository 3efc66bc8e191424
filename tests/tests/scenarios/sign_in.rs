//! Stories of signing in.

use std::time::Duration;

use userpool_core::model::keys;
use userpool_tests::{
    pool::{PASSWORD, error, stage},
    scene::Scene,
    world::world,
};

const INCORRECT: (&str, &str) = ("NotAuthorizedException", "Incorrect username or password.");

#[test]
fn a_user_signs_up_confirms_and_signs_in_by_srp() {
    let stage = stage(&world());
    stage.user("jane");

    let reply = stage.srp_sign_in("jane", PASSWORD).expect("a sign-in");

    let result = reply.authentication_result.expect("tokens");
    assert_eq!(result.token_type.as_deref(), Some("Bearer"));
    assert!(
        result.access_token.is_some()
            && result.id_token.is_some()
            && result.refresh_token.is_some()
    );
}

#[test]
fn what_hastens_sign_ins_is_made_when_a_user_is_confirmed() {
    const POWERS: usize = 1_152;
    let scene = Scene::with_pool();
    scene.sign_up("jane");
    let kept = || {
        let records = scene.records();
        let mut passwords = records
            .iter()
            .filter(|(key, _)| keys::kind(key) == Some(b'W'));
        passwords.next().map_or(0, |(_, entry)| entry.value.len())
    };
    let before = kept();
    assert!((1..POWERS).contains(&before));
    // A robot that tries makes nothing of it.
    let refused = scene.stage().srp_sign_in("jane", PASSWORD);
    assert_eq!(error(refused).0, "UserNotConfirmedException");
    assert_eq!(kept(), before);

    scene.admin("AdminConfirmSignUp", "jane");

    assert!(kept() > before + POWERS);
    assert!(scene.stage().srp_sign_in("jane", PASSWORD).is_ok());
}

#[test]
fn a_wrong_password_is_refused_in_every_flow() {
    let stage = stage(&world());
    stage.user("jane");

    let (name, text) = error(stage.srp_sign_in("jane", "Wrong-horse-9"));
    assert_eq!((name, text.as_str()), INCORRECT);
    let (name, text) = error(stage.password_sign_in("jane", "Wrong-horse-9"));
    assert_eq!((name, text.as_str()), INCORRECT);
    assert!(stage.password_sign_in("jane", PASSWORD).is_ok());
}

#[test]
fn a_proof_counts_once() {
    let stage = stage(&world());
    stage.user("jane");
    let client = stage.srp_begin("jane").expect("a challenge");
    let answer = client.answer(PASSWORD);
    assert!(stage.srp_respond(&answer).is_ok());

    let (name, text) = error(stage.srp_respond(&answer));

    assert_eq!((name, text.as_str()), INCORRECT);
}

#[test]
fn five_failures_lock_the_right_password_out_for_a_second() {
    let world = world();
    let stage = stage(&world);
    stage.user("jane");
    for _ in 0..5 {
        error(stage.password_sign_in("jane", "Wrong-horse-9"));
    }

    let (_, text) = error(stage.srp_sign_in("jane", PASSWORD));
    assert_eq!(text, "Password attempts exceeded");
    world.clock.advance(Duration::from_secs(1));
    assert!(stage.srp_sign_in("jane", PASSWORD).is_ok());
}

#[test]
fn an_unconfirmed_user_is_told_so_only_after_the_right_password() {
    let stage = stage(&world());
    stage
        .sign_up("jane", PASSWORD, "jane@example.com")
        .expect("a sign-up");

    assert_eq!(
        error(stage.srp_sign_in("jane", "Wrong-horse-9")).1,
        INCORRECT.1
    );
    assert_eq!(
        error(stage.srp_sign_in("jane", PASSWORD)).0,
        "UserNotConfirmedException"
    );
}
