//! What functions of the pool are told of devices, and devices after custom challenges and other first factors.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use userpool::triggers::{NextStep, TokensWish, Triggers};
use userpool_tests::scene::Scene;

use crate::devices::{INCORRECT, UNKNOWN, by_mail, claims};

const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

/// A user in a pool that tracks devices and has these triggers.
fn jane(settings: Value, triggers: &[&str], served: Triggers) -> Scene {
    let lambdas: Value = triggers
        .iter()
        .map(|name| ((*name).to_owned(), json!(ARN)))
        .collect();
    let mut pool = json!({"LambdaConfig": lambdas,
        "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": true}});
    for (member, value) in settings.as_object().expect("an object") {
        pool[member] = value.clone();
    }
    let mut scene = Scene::with_pool_of(pool);
    scene.serve(served);
    scene.user("jane");
    scene
}

#[test]
fn functions_hear_of_new_devices_and_of_tokens_for_a_proven_one() {
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let (after, before) = (told.clone(), told.clone());
    let served = Triggers::new()
        .post_authentication(move |event| {
            let new = event.request.new_device_used;
            after.lock().expect("no panic").push(format!("new {new}"));
            Ok(())
        })
        .pre_token_generation(move |event| {
            let source = event.trigger_source.clone();
            before.lock().expect("no panic").push(source);
            Ok(TokensWish::default())
        });
    let triggers = ["PostAuthentication", "PreTokenGeneration"];
    let mut scene = jane(json!({}), &triggers, served);
    let device = scene.confirmed_device("jane");
    let challenge = scene.password("jane", &json!(device.key));
    scene.proven(&challenge, "jane", &device);

    assert_eq!(
        *told.lock().expect("no panic"),
        [
            "new true",
            "TokenGeneration_Authentication",
            "new false",
            "TokenGeneration_AuthenticateDevice"
        ]
    );
}

#[test]
fn a_refusal_before_the_tokens_takes_the_sign_in_back_and_not_the_device() {
    let served = Triggers::new().pre_token_generation(|event| {
        match event.trigger_source.ends_with("AuthenticateDevice") {
            true => Err("not from there".into()),
            false => Ok(TokensWish::default()),
        }
    });
    let mut scene = jane(json!({}), &["PreTokenGeneration"], served);
    let device = scene.confirmed_device("jane");
    let challenge = scene.password("jane", &json!(device.key));
    let asked = scene.answered(&challenge, "jane", device.begin("jane"));
    let body = scene.answer(&asked, "jane", device.prove(&asked));

    let refusal = scene.refusal("RespondToAuthChallenge", &body, "DX");

    assert!(
        refusal.starts_with("UserLambdaValidationException"),
        "{refusal}"
    );
}

#[test]
fn a_device_proves_itself_after_custom_challenges() {
    let served = Triggers::new().define_auth_challenge(|_| Ok(NextStep::IssueTokens));
    let mut scene = jane(json!({}), &["DefineAuthChallenge"], served);
    let device = scene.confirmed_device("jane");
    by_mail(&scene);
    let client = scene.client_of(json!({"ExplicitAuthFlows": ["ALLOW_CUSTOM_AUTH"]}));
    scene.client = client;
    let begin = |key: &str| {
        json!({"ClientId": scene.client, "AuthFlow": "CUSTOM_AUTH",
            "AuthParameters": {"USERNAME": "jane", "DEVICE_KEY": key}})
    };
    assert_eq!(scene.refusal("InitiateAuth", &begin("none"), ""), UNKNOWN);

    let challenge = scene.call("InitiateAuth", begin(&device.key));
    let reply = scene.proven(&challenge, "jane", &device);

    let access = claims(&reply["AuthenticationResult"]["AccessToken"]);
    assert_eq!(access["device_key"], device.key);
}

#[test]
fn a_device_proves_itself_after_a_code_as_the_first_factor() {
    let factors = json!({"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors":
        ["PASSWORD", "EMAIL_OTP"]}}});
    let mut scene = jane(factors, &[], Triggers::new());
    let device = scene.confirmed_device("jane");
    let flows = json!({"ExplicitAuthFlows": ["ALLOW_USER_AUTH"]});
    scene.client = scene.client_of(flows);
    let body = json!({"ClientId": scene.client, "AuthFlow": "USER_AUTH",
        "AuthParameters": {"USERNAME": "jane", "PREFERRED_CHALLENGE": "EMAIL_OTP",
            "DEVICE_KEY": device.key}});
    let asked = scene.call("InitiateAuth", body.clone());
    let wrong = scene.answer(&asked, "jane", json!({"EMAIL_OTP_CODE": "none"}));
    assert_ne!(
        scene.refusal("RespondToAuthChallenge", &wrong, "AX"),
        INCORRECT
    );
    let code = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    let challenge = scene.answered(&asked, "jane", code);

    scene.proven(&challenge, "jane", &device);

    let mut unknown = body;
    unknown["AuthParameters"]["DEVICE_KEY"] = json!("none");
    assert_eq!(scene.refusal("InitiateAuth", &unknown, ""), UNKNOWN);
}
