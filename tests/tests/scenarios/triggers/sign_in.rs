//! Before a password is judged, and after a sign-in.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use userpool::{
    Engine,
    triggers::Triggers,
    wire::idp::{AdminDisableUserRequest, AuthFlowType, InitiateAuthRequest, LambdaConfigType},
};
use userpool_core::model::keys;
use userpool_tests::pool::{PASSWORD, error};

use super::{ARN, Log, hiding, stage};

fn both(it: &mut LambdaConfigType) {
    it.pre_authentication = Some(ARN.into());
    it.post_authentication = Some(ARN.into());
}

/// Closures that note when they are asked.
fn noting(log: &Log<String>) -> Triggers {
    let (before, after) = (log.clone(), log.clone());
    Triggers::new()
        .pre_authentication(move |event| {
            before.add(format!(
                "before {} {}",
                event.user_name, event.request.user_not_found
            ));
            Ok(())
        })
        .post_authentication(move |event| {
            after.add(format!("after {}", event.user_name));
            Ok(())
        })
}

#[test]
fn they_are_asked_around_the_judgement_of_a_password() {
    let log = Log::default();
    let stage = stage(noting(&log), both);
    stage.user("jane");

    assert!(stage.password_sign_in("jane", "wrong").is_err());
    assert_eq!(
        log.all(),
        ["before jane false"],
        "not after a wrong password"
    );
    assert!(stage.password_sign_in("jane", PASSWORD).is_ok());
    assert!(stage.srp_sign_in("jane", PASSWORD).is_ok());

    let sign_in = ["before jane false", "after jane"];
    let all = [&sign_in[..1], &sign_in, &sign_in].concat();
    assert_eq!(log.all(), all);
}

#[test]
fn a_refusal_beforehand_judges_and_counts_nothing() {
    let triggers = Triggers::new().pre_authentication(|_| Err("closed".into()));
    let stage = stage(triggers, |it| it.pre_authentication = Some(ARN.into()));
    stage.user("jane");
    let text = "PreAuthentication failed with error closed.".to_owned();
    let refused = ("UserLambdaValidationException", text);
    for password in ["wrong"; 7].into_iter().chain([PASSWORD]) {
        assert_eq!(error(stage.password_sign_in("jane", password)), refused);
    }
    assert_eq!(error(stage.srp_begin("jane")), refused);
}

#[test]
fn a_refusal_afterwards_gives_no_tokens_and_leaves_no_grant() {
    let triggers = Triggers::new().post_authentication(|_| Err("no".into()));
    let stage = stage(triggers, |it| it.post_authentication = Some(ARN.into()));
    stage.user("jane");
    let kinds = || -> Vec<u8> {
        let store = stage.world.store.records();
        store
            .iter()
            .filter_map(|(key, _)| keys::kind(key))
            .collect()
    };
    let before = kinds();

    let refused = error(stage.password_sign_in("jane", PASSWORD));

    let text = "PostAuthentication failed with error no.".to_owned();
    assert_eq!(refused, ("UserLambdaValidationException", text));
    assert_eq!(kinds(), before);
}

#[test]
fn names_that_nobody_has_are_told_apart_to_the_function_alone_and_never_get_in() {
    let log = Log::default();
    let stage = hiding(noting(&log), both);
    stage.user("jane");

    let (known, unknown) = (
        error(stage.password_sign_in("jane", "wrong")),
        error(stage.password_sign_in("nobody", PASSWORD)),
    );

    assert_eq!(known, unknown);
    assert!(stage.srp_sign_in("nobody", PASSWORD).is_err());
    let told = [
        "before jane false",
        "before nobody true",
        "before nobody true",
    ];
    assert_eq!(log.all(), told);
}

#[test]
fn the_metadata_of_the_beginning_is_what_the_function_may_validate() {
    let log: Log<BTreeMap<String, String>> = Log::default();
    let noted = log.clone();
    let triggers = Triggers::new().pre_authentication(move |event| {
        noted.add(event.request.validation_data.clone());
        Ok(())
    });
    let stage = stage(triggers, |it| it.pre_authentication = Some(ARN.into()));
    stage.user("jane");
    let map = |pairs: [(&str, &str); 2]| -> BTreeMap<String, String> {
        pairs
            .map(|(name, value)| (name.into(), value.into()))
            .into()
    };
    let metadata = map([("device", "phone"), ("build", "7")]);
    let request = InitiateAuthRequest {
        auth_flow: AuthFlowType::UserPasswordAuth,
        client_id: stage.client.clone().into(),
        auth_parameters: Some(map([("USERNAME", "jane"), ("PASSWORD", PASSWORD)]).into()),
        client_metadata: Some(metadata.clone().into()),
        ..Default::default()
    };
    stage
        .world
        .engine
        .call_blocking(request)
        .expect("a sign-in");
    assert_eq!(log.all(), [metadata]);
}

#[test]
fn a_user_who_is_disabled_meanwhile_gets_no_tokens() {
    let engine: Arc<OnceLock<(Engine, String)>> = Arc::default();
    let there = engine.clone();
    let triggers = Triggers::new().post_authentication(move |_| {
        let (engine, pool) = there.get().expect("the engine");
        let request = AdminDisableUserRequest {
            user_pool_id: pool.clone(),
            username: "jane".to_owned().into(),
        };
        engine.call_blocking(request).expect("a disabled user");
        Ok(())
    });
    let stage = stage(triggers, |it| it.post_authentication = Some(ARN.into()));
    stage.user("jane");
    let known = engine.set((stage.world.engine.clone(), stage.pool.clone()));
    known.expect("the first");
    let refused = error(stage.password_sign_in("jane", PASSWORD));
    assert_eq!(
        refused,
        ("NotAuthorizedException", "User is disabled.".into())
    );
}
