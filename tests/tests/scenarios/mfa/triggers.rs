//! Functions of the pool that have a say in second factors: words of messages, users moved in.

use serde_json::{Value, json};
use userpool::triggers::{MessageWish, MigratedUser, Triggers};
use userpool_tests::{
    pool::PASSWORD,
    scene::{PHONE, Scene},
};

use crate::mfa::{has_tokens, on};

/// A pool with every second factor and this trigger.
fn with_trigger(trigger: &str, triggers: Triggers) -> Scene {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    scene.phone("jane");
    scene.trigger(trigger);
    scene.serve(triggers);
    scene.factors("OPTIONAL");
    scene
}

fn begin(scene: &Scene, name: &str) -> Value {
    json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": name, "PASSWORD": PASSWORD}})
}

#[test]
fn a_function_writes_the_message_with_the_code() {
    let triggers = Triggers::new().custom_message(|event| {
        assert_eq!(event.trigger_source, "CustomMessage_Authentication");
        Ok(MessageWish {
            sms_message: Some(format!("Show {}", event.request.code_parameter)),
            ..MessageWish::default()
        })
    });
    let scene = with_trigger("CustomMessage", triggers);
    scene.prefer("jane", on("SMSMfaSettings"));

    let challenge = scene.challenge("jane");

    let message = scene.world.mailbox.messages().pop().expect("a message");
    assert_eq!(message.body, format!("Show {}", message.code));
    let code = json!({"SMS_MFA_CODE": message.code});
    has_tokens(&scene.answered(&challenge, "jane", code));
}

#[test]
fn a_function_that_refuses_the_message_lets_nobody_in() {
    let triggers = Triggers::new().custom_message(|_| Err("No words".into()));
    let scene = with_trigger("CustomMessage", triggers);
    scene.prefer("jane", on("SMSMfaSettings"));

    assert_eq!(
        scene.refusal("InitiateAuth", &begin(&scene, "jane"), ""),
        "UserLambdaValidationException: CustomMessage failed with error No words."
    );
}

#[test]
fn a_user_moved_in_with_text_messages_is_asked_for_a_code() {
    let triggers = Triggers::new().user_migration(|event| {
        let (name, value) = if event.user_name == "ada" {
            ("phone_number", PHONE)
        } else {
            ("name", "Alan")
        };
        let user = MigratedUser {
            attributes: [(name.to_owned(), value.to_owned())].into(),
            confirmed: true,
            enable_sms_mfa: true,
            ..MigratedUser::default()
        };
        Ok(Some(user))
    });
    let scene = with_trigger("UserMigration", triggers);

    let challenge = scene.challenge("ada");

    assert_eq!(challenge["ChallengeName"], "SMS_MFA");
    let code = scene.world.mailbox.code_to(PHONE).expect("a code");
    has_tokens(&scene.answered(&challenge, "ada", json!({"SMS_MFA_CODE": code})));
    assert_eq!(
        scene.refusal("InitiateAuth", &begin(&scene, "alan"), ""),
        "InvalidLambdaResponseException: Invalid lambda function output : \
         User does not have delivery config set to turn on SMS_MFA"
    );
}
