//! Before a sign-up, and after a confirmation.

use userpool::{
    triggers::{SignUpWish, Triggers},
    wire::idp::{AdminConfirmSignUpRequest, AliasAttributeType, CreateUserPoolClientRequest},
};
use userpool_tests::pool::{PASSWORD, Stage, error, stage_with};

use super::{ARN, Answering, Log, pool, stage, world};

const MAIL: &str = "jane@example.com";

fn wishing(wish: SignUpWish) -> Triggers {
    Triggers::new().pre_sign_up(move |_| Ok(wish))
}

fn confirming() -> SignUpWish {
    SignUpWish {
        auto_confirm_user: true,
        auto_verify_email: true,
        auto_verify_phone: false,
    }
}

fn before(triggers: Triggers) -> Stage {
    stage(triggers, |it| it.pre_sign_up = Some(ARN.into()))
}

#[test]
fn a_user_is_confirmed_at_once_and_gets_no_code() {
    let sources: Log<(String, String)> = Log::default();
    let log = sources.clone();
    let triggers = wishing(confirming()).post_confirmation(move |event| {
        let status = &event.request.user_attributes["cognito:user_status"];
        log.add((event.trigger_source.clone(), status.clone()));
        Ok(())
    });
    let stage = stage(triggers, |it| {
        it.pre_sign_up = Some(ARN.into());
        it.post_confirmation = Some(ARN.into());
    });

    stage.sign_up("jane", PASSWORD, MAIL).expect("a sign-up");

    assert!(stage.world.mailbox.messages().is_empty());
    assert!(stage.password_sign_in("jane", PASSWORD).is_ok());
    let told = ("PostConfirmation_ConfirmSignUp".into(), "CONFIRMED".into());
    assert_eq!(sources.all(), [told]);
}

#[test]
fn a_refusal_is_told_and_nobody_is_kept() {
    let stage = before(Triggers::new().pre_sign_up(|_| Err("not today".into())));
    let refused = error(stage.sign_up("jane", PASSWORD, MAIL));
    let text = "PreSignUp failed with error not today.".to_owned();
    assert_eq!(refused, ("UserLambdaValidationException", text));
    assert_eq!(
        error(stage.password_sign_in("jane", PASSWORD)).0,
        "UserNotFoundException"
    );
}

#[test]
fn a_closure_that_panics_is_a_function_that_cannot_be_reached() {
    let stage = before(Triggers::new().pre_sign_up(|_| panic!("on purpose")));
    let refused = error(stage.sign_up("jane", PASSWORD, MAIL));
    let text = "PreSignUp invocation failed due to error the function died.".to_owned();
    assert_eq!(refused, ("UnexpectedLambdaException", text));
}

#[test]
fn an_address_that_is_not_there_cannot_be_verified() {
    let wish = SignUpWish {
        auto_verify_phone: true,
        ..confirming()
    };
    let refused = error(before(wishing(wish)).sign_up("jane", PASSWORD, MAIL));
    assert_eq!(refused.0, "InvalidLambdaResponseException");
}

#[test]
fn an_address_counts_as_verified_only_with_the_confirmation() {
    let wish = SignUpWish {
        auto_confirm_user: false,
        ..confirming()
    };
    let stage = before(wishing(wish));
    stage.sign_up("jane", PASSWORD, MAIL).expect("a sign-up");
    assert_eq!(stage.world.mailbox.messages().len(), 1, "a code");
}

#[test]
fn nobody_takes_the_address_that_another_signs_in_with() {
    let mut request = pool(|it| it.pre_sign_up = Some(ARN.into()));
    request.alias_attributes = Some(vec![AliasAttributeType::Email]);
    let world = world(wishing(confirming()));
    let stage = stage_with(&world, request, CreateUserPoolClientRequest::default());
    stage.sign_up("jane", PASSWORD, MAIL).expect("a sign-up");

    let refused = error(stage.sign_up("joe", "Other-horse-9", MAIL));

    assert_eq!(refused.0, "UsernameExistsException");
    assert!(stage.password_sign_in(MAIL, PASSWORD).is_ok(), "still hers");
}

#[test]
fn answers_of_another_form_are_refused() {
    for answer in [
        "",
        "null",
        "{}",
        r#"{"response":[]}"#,
        r#"{"response":{"autoConfirmUser":"true"}}"#,
    ] {
        let request = pool(|it| it.pre_sign_up = Some(ARN.into()));
        let client = CreateUserPoolClientRequest::default();
        let stage = stage_with(&world(Answering(answer)), request, client);
        let refused = error(stage.sign_up("jane", PASSWORD, MAIL));
        assert_eq!(refused.0, "InvalidLambdaResponseException", "{answer}");
    }
}

#[test]
fn a_refusal_after_the_confirmation_is_told_but_takes_nothing_back() {
    let triggers = Triggers::new().post_confirmation(|_| Err("too late".into()));
    let stage = stage(triggers, |it| it.post_confirmation = Some(ARN.into()));
    stage.sign_up("jane", PASSWORD, MAIL).expect("a sign-up");
    let code = stage.world.mailbox.code_to(MAIL).expect("a code");

    let refused = error(stage.confirm("jane", &code));

    let text = "PostConfirmation failed with error too late.".to_owned();
    assert_eq!(refused, ("UserLambdaValidationException", text));
    assert!(stage.password_sign_in("jane", PASSWORD).is_ok());
}

#[test]
fn an_administrators_confirmation_names_no_client() {
    let clients: Log<String> = Log::default();
    let log = clients.clone();
    let triggers = Triggers::new().post_confirmation(move |event| {
        log.add(event.caller_context.client_id.clone());
        Ok(())
    });
    let stage = stage(triggers, |it| it.post_confirmation = Some(ARN.into()));
    stage.sign_up("jane", PASSWORD, MAIL).expect("a sign-up");
    let request = AdminConfirmSignUpRequest {
        user_pool_id: stage.pool.clone(),
        username: "jane".to_owned().into(),
        ..Default::default()
    };
    stage
        .world
        .engine
        .call_blocking(request)
        .expect("a confirmation");
    assert_eq!(clients.all(), ["CLIENT_ID_NOT_APPLICABLE"]);
}
