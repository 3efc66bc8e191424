//! The words of messages.

use userpool::{
    triggers::{MessageWish, Triggers},
    wire::idp::ForgotPasswordRequest,
};
use userpool_tests::pool::{PASSWORD, Stage, error};

use super::{ARN, hiding, stage};

const MAIL: &str = "jane@example.com";

fn saying(body: &'static str) -> Triggers {
    Triggers::new().custom_message(move |event| {
        assert_eq!(event.request.code_parameter, "{####}");
        Ok(MessageWish {
            email_message: Some(body.into()),
            email_subject: Some(event.trigger_source.clone()),
            sms_message: Some("not used".into()),
        })
    })
}

fn written(body: &'static str) -> Stage {
    stage(saying(body), |it| it.custom_message = Some(ARN.into()))
}

#[test]
fn a_message_has_the_words_of_the_function_and_the_code_of_the_service() {
    let stage = written("Type {####}, {username}!");
    stage.sign_up("jane", PASSWORD, MAIL).expect("a sign-up");
    let messages = stage.world.mailbox.messages();
    let code = stage.world.mailbox.code_to(MAIL).expect("a code");
    assert_eq!(messages[0].body, format!("Type {code}, jane!"));
    assert_eq!(messages[0].subject.as_deref(), Some("CustomMessage_SignUp"));
}

#[test]
fn words_without_a_place_for_the_code_are_refused_and_nobody_is_kept() {
    let stage = written("Hello!");
    let refused = error(stage.sign_up("jane", PASSWORD, MAIL));
    assert_eq!(refused.0, "InvalidLambdaResponseException");
    assert_eq!(
        error(stage.password_sign_in("jane", PASSWORD)).0,
        "UserNotFoundException"
    );
}

#[test]
fn where_who_exists_is_hidden_a_failing_function_tells_nothing() {
    let working: &'static std::sync::atomic::AtomicBool = Box::leak(Box::new(true.into()));
    let triggers = Triggers::new().custom_message(|_| {
        match working.load(std::sync::atomic::Ordering::SeqCst) {
            true => Ok(MessageWish::default()),
            false => Err("broken".into()),
        }
    });
    let stage = hiding(triggers, |it| it.custom_message = Some(ARN.into()));
    stage.user("jane");
    working.store(false, std::sync::atomic::Ordering::SeqCst);
    for name in ["jane", "nobody"] {
        let request = ForgotPasswordRequest {
            client_id: stage.client.clone().into(),
            username: name.to_owned().into(),
            ..Default::default()
        };
        let reply = stage
            .world
            .engine
            .call_blocking(request)
            .expect("an answer");
        assert!(reply.code_delivery_details.is_some());
    }
    assert_eq!(
        stage.world.mailbox.messages().len(),
        1,
        "the sign-up's alone"
    );
}
