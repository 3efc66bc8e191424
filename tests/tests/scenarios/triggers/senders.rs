//! Functions that send a pool's messages in its stead.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use userpool::{
    KeyService, MessageKeys, SecretArray, SecretText,
    ports::{Fetch, FetchFault, FetchReply, FetchRequest, HookAnswer, HookCall, HookFault, Hooks},
    triggers::{MessageWish, Triggers},
    wire::idp::{
        AdminCreateUserRequest, CustomEmailLambdaVersionConfigType,
        CustomEmailSenderLambdaVersionType, CustomSMSLambdaVersionConfigType,
        CustomSMSSenderLambdaVersionType, DeliveryMediumType, LambdaConfigType,
    },
};
use userpool_crypto::base64;
use userpool_tests::{
    pool::{PASSWORD, Stage, attribute, error, stage_with},
    world::{World, world_of},
};

use super::{ARN, Log, pool, world};

const MAIL: &str = "jane@example.com";
const KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/first";

fn senders(triggers: &mut LambdaConfigType) {
    triggers.custom_email_sender = Some(CustomEmailLambdaVersionConfigType {
        lambda_version: CustomEmailSenderLambdaVersionType::V1_0,
        lambda_arn: ARN.into(),
    });
    triggers.custom_sms_sender = Some(CustomSMSLambdaVersionConfigType {
        lambda_version: CustomSMSSenderLambdaVersionType::V1_0,
        lambda_arn: ARN.into(),
    });
    triggers.kms_key_id = Some(KEY.into());
}

fn stage_of(world: &World) -> Stage {
    stage_with(world, pool(senders), Default::default())
}

/// What a closure was told: source, code, and an attribute.
type Told = (String, Option<String>, Option<String>);

/// Closures that write down what they are told, and fail while they are told to.
fn noting(log: &Log<Told>, failing: &'static AtomicBool) -> Triggers {
    let (mails, texts) = (log.clone(), log.clone());
    let note = move |log: &Log<Told>, source: &str, code: Option<&SecretText>, value| {
        log.add((source.into(), code.map(|it| it.expose().into()), value));
        match failing.load(Ordering::SeqCst) {
            true => Err("broken".into()),
            false => Ok(()),
        }
    };
    Triggers::new()
        .custom_message(|_| -> Result<MessageWish, _> { panic!("nobody asks for words") })
        .custom_email_sender(move |event| {
            let request = &event.request;
            let mail = request.user_attributes.get("email").cloned();
            note(&mails, &event.trigger_source, request.code.as_ref(), mail)
        })
        .custom_sms_sender(move |event| {
            let request = &event.request;
            let phone = request.user_attributes.get("phone_number").cloned();
            note(&texts, &event.trigger_source, request.code.as_ref(), phone)
        })
}

fn never() -> &'static AtomicBool {
    Box::leak(Box::new(AtomicBool::new(false)))
}

#[test]
fn a_closure_gets_the_code_as_it_is_and_the_pool_sends_nothing() {
    let log = Log::default();
    let world = world(noting(&log, never()));
    let request = pool(|triggers| {
        senders(triggers);
        triggers.custom_message = Some(ARN.into());
    });
    let stage = stage_with(&world, request, Default::default());
    stage.sign_up("jane", PASSWORD, MAIL).expect("a sign-up");
    let (source, code, mail) = log.all().remove(0);
    assert_eq!(source, "CustomEmailSender_SignUp");
    assert_eq!(mail.as_deref(), Some(MAIL));
    stage
        .confirm("jane", &code.expect("a code"))
        .expect("the code is right");
    assert!(world.mailbox.messages().is_empty());
    assert_eq!(log.all().len(), 1);
}

#[test]
fn an_invitation_goes_to_the_sender_of_each_medium_with_the_temporary_password() {
    let log = Log::default();
    let stage = stage_of(&world(noting(&log, never())));
    let request = AdminCreateUserRequest {
        user_pool_id: stage.pool.clone(),
        username: "jane".to_owned().into(),
        temporary_password: Some("Temporary-1".to_owned().into()),
        desired_delivery_mediums: Some(vec![DeliveryMediumType::Email, DeliveryMediumType::Sms]),
        user_attributes: Some(vec![
            attribute("email", MAIL),
            attribute("phone_number", "+12065550100"),
        ]),
        ..Default::default()
    };
    stage.world.engine.call_blocking(request).expect("a user");
    let mut told = log.all();
    told.sort();
    let code = || Some("Temporary-1".to_owned());
    assert_eq!(
        told,
        [
            (
                "CustomEmailSender_AdminCreateUser".into(),
                code(),
                Some(MAIL.into())
            ),
            (
                "CustomSMSSender_AdminCreateUser".into(),
                code(),
                Some("+12065550100".into())
            ),
        ]
    );
}

#[test]
fn a_sender_that_fails_is_no_concern_of_the_caller_and_is_asked_again() {
    let log = Log::default();
    let failing: &'static AtomicBool = Box::leak(Box::new(AtomicBool::new(true)));
    let stage = stage_of(&world(noting(&log, failing)));
    stage.sign_up("jane", PASSWORD, MAIL).expect("a sign-up");
    let engine = &stage.world.engine;
    engine.maintain_blocking().expect("upkeep");
    assert_eq!(log.all().len(), 1, "not before its time");
    stage.world.clock.advance(Duration::from_secs(31));
    while engine.maintain_blocking().expect("upkeep") {}
    assert_eq!(log.all().len(), 2);
    failing.store(false, Ordering::SeqCst);
    stage.world.clock.advance(Duration::from_secs(61));
    while engine.maintain_blocking().expect("upkeep") {}
    stage.world.clock.advance(Duration::from_secs(3_600));
    while engine.maintain_blocking().expect("upkeep") {}
    let told = log.all();
    assert_eq!(told.len(), 3, "and not after it was sent");
    assert!(told.iter().all(|it| *it == told[0]), "the same each time");
    let code = told[0].1.clone().expect("a code");
    stage.confirm("jane", &code).expect("the code is right");
}

/// A function elsewhere, which writes down its events.
struct Elsewhere(Log<serde_json::Value>);

impl Hooks for Elsewhere {
    fn ask(&self, call: &HookCall) -> Result<HookAnswer, HookFault> {
        self.0.add(serde_json::from_str(&call.event).expect("JSON"));
        Ok(HookAnswer(call.event.clone()))
    }
}

/// A key service that answers with a text.
struct Keys(Log<FetchRequest>, Result<(u16, String), FetchFault>);

impl Fetch for Keys {
    fn fetch(&self, request: &FetchRequest) -> Result<FetchReply, FetchFault> {
        self.0.add(request.clone());
        let (status, body) = self.1.clone()?;
        Ok(FetchReply {
            status,
            body: body.into_bytes(),
        })
    }
}

fn elsewhere(
    log: &Log<serde_json::Value>,
    keys: MessageKeys,
    fetch: impl Fetch + Send + Sync + 'static,
) -> World {
    world_of(|builder| {
        builder
            .hooks(Elsewhere(log.clone()))
            .message_keys(keys)
            .fetch(fetch)
    })
}

fn service() -> MessageKeys {
    MessageKeys {
        service: Some(KeyService {
            endpoint: "http://localhost:4566".into(),
            region: "us-east-1".into(),
            access_key_id: "AKID".into(),
            secret: SecretText::new("secret".into()),
            session_token: None,
        }),
        ..MessageKeys::default()
    }
}

#[test]
fn a_function_elsewhere_gets_the_code_encrypted() {
    let (log, asked) = (Log::default(), Log::default());
    let mut keys = MessageKeys::default();
    keys.wrapping
        .insert("first".into(), SecretArray::new([9; 32]));
    let unused = Keys(asked.clone(), Err(FetchFault("unused".into())));
    let stage = stage_of(&elsewhere(&log, keys, unused));
    stage.sign_up("jane", PASSWORD, MAIL).expect("a sign-up");
    assert!(asked.all().is_empty());
    let event = &log.all()[0];
    assert_eq!(event["triggerSource"], "CustomEmailSender_SignUp");
    assert_eq!(event["version"], "1");
    assert_eq!(event["userName"], "jane");
    assert_eq!(event["request"]["type"], "customEmailSenderRequestV1");
    assert_eq!(event["request"]["userAttributes"]["email"], MAIL);
    assert_eq!(event["response"], serde_json::json!({}));
    let code = event["request"]["code"].as_str().expect("a code");
    let message = base64::decode(code).expect("base64");
    // Version 2, the committing suite, and the context with the pool.
    assert_eq!(message[..3], [2, 4, 0x78]);
    let told = [
        b"userpool-id".as_slice(),
        &[0, stage.pool.len() as u8],
        stage.pool.as_bytes(),
    ];
    assert!(
        message
            .windows(told.concat().len())
            .any(|it| it == told.concat())
    );
}

#[test]
fn a_key_service_draws_the_data_key_for_the_pool() {
    let (log, asked) = (Log::default(), Log::default());
    let drawn = serde_json::json!({
        "KeyId": KEY, "Plaintext": base64::encode(&[5; 32]), "CiphertextBlob": base64::encode(b"wrapped"),
    });
    let keys = Keys(asked.clone(), Ok((200, drawn.to_string())));
    let stage = stage_of(&elsewhere(&log, service(), keys));
    stage.sign_up("jane", PASSWORD, MAIL).expect("a sign-up");
    let body: serde_json::Value = serde_json::from_slice(&asked.all()[0].body).expect("JSON");
    assert_eq!(body["KeyId"], KEY);
    assert_eq!(
        body["EncryptionContext"]["userpool-id"],
        stage.pool.as_str()
    );
    assert_eq!(asked.all().len(), 1);
    let code = log.all()[0]["request"]["code"].as_str().map(base64::decode);
    let message = code.flatten().expect("base64");
    let mut carried = b"\0\x07aws-kms\0\x2c".to_vec();
    carried.extend_from_slice(KEY.as_bytes());
    carried.extend_from_slice(b"\0\x07wrapped");
    assert!(message.windows(carried.len()).any(|it| it == carried));
}

#[test]
fn a_key_that_is_not_at_hand_refuses_the_request_and_nothing_is_kept() {
    let failing = |end| Keys(Log::default(), end);
    let denied = (400, r#"{"__type":"AccessDeniedException"}"#.to_owned());
    for (keys, fetch, why) in [
        (
            MessageKeys::default(),
            Err(FetchFault("x".into())),
            "not at hand",
        ),
        (
            service(),
            Err(FetchFault("x".into())),
            "it cannot be reached",
        ),
        (service(), Ok(denied), "AccessDeniedException"),
        (
            service(),
            Ok((200, "{}".into())),
            "an answer without a data key",
        ),
    ] {
        let log = Log::default();
        let stage = stage_of(&elsewhere(&log, keys, failing(fetch)));
        let (name, text) = error(stage.sign_up("jane", PASSWORD, MAIL));
        assert_eq!(name, "UnexpectedLambdaException");
        assert!(text.contains(why), "{text}");
        assert!(log.all().is_empty());
        let (name, _) = error(stage.password_sign_in("jane", PASSWORD));
        assert_eq!(name, "UserNotFoundException");
    }
}

#[test]
fn keys_alone_serve_nobody() {
    let stage = stage_of(&world_of(|builder| builder));
    let (name, _) = error(stage.sign_up("jane", PASSWORD, MAIL));
    assert_eq!(name, "UnexpectedLambdaException");
}
