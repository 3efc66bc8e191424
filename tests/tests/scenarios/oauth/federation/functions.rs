//! The functions of a pool around a sign-in by a provider.

use std::sync::{Arc, Mutex};

use userpool::triggers::{SignUpWish, Triggers};

use super::*;

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

fn configured() -> Value {
    json!({"LambdaConfig": {"PreSignUp": FUNCTION, "PostConfirmation": FUNCTION, "PreAuthentication": FUNCTION,
        "PostAuthentication": FUNCTION, "PreTokenGeneration": FUNCTION,
        "InboundFederation": {"LambdaVersion": "V1_0", "LambdaArn": FUNCTION}}})
}

#[test]
fn functions_are_asked_in_their_order_and_change_what_they_may() {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let note = |asked: &Arc<Mutex<Vec<String>>>| {
        let asked = asked.clone();
        move |source: &str, name: &str| {
            let line = format!("{source} {name}");
            let mut all = asked.lock().expect("nobody panics");
            if all.last() != Some(&line) {
                all.push(line);
            }
        }
    };
    let (a, b, c, d, e, f) = (
        note(&asked),
        note(&asked),
        note(&asked),
        note(&asked),
        note(&asked),
        note(&asked),
    );
    let triggers = Triggers::new()
        .inbound_federation(move |event| {
            a(&event.trigger_source, &event.user_name);
            assert_eq!(event.request.provider_type, "OIDC");
            let mut told = event.request.attributes["idToken"]
                .as_object()
                .cloned()
                .unwrap_or_default();
            told.insert("name".into(), json!("Renamed"));
            told.insert("sub".into(), json!("another"));
            Ok(Some(told))
        })
        .pre_sign_up(move |event| {
            b(&event.trigger_source, &event.user_name);
            assert_eq!(event.request.user_attributes["name"], "Renamed");
            Ok(SignUpWish {
                auto_confirm_user: true,
                auto_verify_email: true,
                ..SignUpWish::default()
            })
        })
        .post_confirmation(move |event| {
            c(&event.trigger_source, &event.user_name);
            assert_eq!(
                event.request.user_attributes["cognito:user_status"],
                "EXTERNAL_PROVIDER"
            );
            Ok(())
        })
        .pre_authentication(move |event| {
            d(&event.trigger_source, &event.user_name);
            Ok(())
        })
        .post_authentication(move |event| {
            e(&event.trigger_source, &event.user_name);
            Ok(())
        })
        .pre_token_generation(move |event| {
            f(&event.trigger_source, &event.user_name);
            Ok(Default::default())
        });
    let mut story = story_of(configured(), partner(), json!(["Partner"]), Some(triggers));
    let seen = |story: &mut Story| {
        let back = story.sign_in(json!({"sub": "1", "email": "j@example.com"}));
        let id = claims(&story.tokens(&back)["id_token"]);
        assert_eq!(
            (&id["cognito:username"], &id["name"]),
            (&json!("Partner_1"), &json!("Renamed"))
        );
        core::mem::take(&mut *asked.lock().expect("nobody panics"))
    };
    let first = seen(&mut story);
    assert_eq!(
        first,
        [
            "InboundFederation_ExternalProvider Partner_1",
            "PreSignUp_ExternalProvider Partner_1",
            "PostConfirmation_ConfirmSignUp Partner_1",
            "TokenGeneration_HostedAuth Partner_1",
        ]
    );
    assert_eq!(
        attribute(&story.user("Partner_1"), "email_verified").as_deref(),
        Some("true")
    );
    let second = seen(&mut story);
    assert_eq!(
        second,
        [
            "InboundFederation_ExternalProvider Partner_1",
            "PreAuthentication_Authentication Partner_1",
            "PostAuthentication_Authentication Partner_1",
            "TokenGeneration_HostedAuth Partner_1",
        ]
    );
}

#[test]
fn what_a_function_refuses_goes_back_to_the_client_and_nobody_is_kept() {
    let triggers = Triggers::new().pre_sign_up(|_| Err("not from there".into()));
    let pool = json!({"LambdaConfig": {"PreSignUp": FUNCTION}});
    let mut story = story_of(pool, partner(), json!(["Partner"]), Some(triggers));
    let page = story.sign_in(json!({"sub": "1"}));
    assert_eq!(page.parameter("error"), "invalid_request");
    let error = page.parameter("error_description");
    assert_eq!(error, "PreSignUp failed with error not from there.");
    let users = story
        .scene
        .call("ListUsers", json!({"UserPoolId": story.scene.pool}));
    assert_eq!(users["Users"], json!([]));
}
