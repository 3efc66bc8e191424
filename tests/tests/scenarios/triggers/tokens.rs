//! Before tokens are signed.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use userpool::{
    triggers::{ClaimsWish, GroupsWish, ScopesWish, TokensWish, Triggers},
    wire::idp::{
        AuthFlowType, AuthenticationResultType, CreateUserPoolClientRequest, FeatureType,
        LambdaConfigType, PreTokenGenerationLambdaVersionType, PreTokenGenerationVersionConfigType,
        RefreshTokenRotationType,
    },
};
use userpool_crypto::base64;
use userpool_tests::pool::{PASSWORD, error, stage_with};

use super::{ARN, Log, pool, stage, world};

fn first(it: &mut LambdaConfigType) {
    it.pre_token_generation = Some(ARN.into());
}

fn second(it: &mut LambdaConfigType) {
    it.pre_token_generation_config = Some(PreTokenGenerationVersionConfigType {
        lambda_version: PreTokenGenerationLambdaVersionType::V2_0,
        lambda_arn: ARN.into(),
    });
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a payload");
    let payload = base64::decode_url(payload).expect("base64");
    serde_json::from_slice(&payload).expect("JSON")
}

fn both(result: &AuthenticationResultType) -> (Value, Value) {
    let text = |token: Option<&str>| claims(token.expect("a token"));
    (
        text(result.id_token.as_ref().map(|it| it.as_str())),
        text(result.access_token.as_ref().map(|it| it.as_str())),
    )
}

fn wish() -> TokensWish {
    TokensWish {
        id: ClaimsWish {
            add: [("plan".into(), json!("gold")), ("sub".into(), json!("x"))].into(),
            suppress: vec!["email".into(), "aud".into()],
        },
        access: ClaimsWish {
            add: [("tenant".into(), json!({"id": 7}))].into(),
            suppress: vec!["jti".into()],
        },
        scopes: ScopesWish {
            add: vec!["orders/read".into()],
            suppress: vec!["aws.cognito.signin.user.admin".into()],
        },
        groups: Some(GroupsWish {
            groups: vec!["a".into()],
            roles: vec!["r".into()],
            preferred_role: Some("r".into()),
        }),
    }
}

#[test]
fn the_first_form_changes_the_id_token_and_groups() {
    let stage = stage(Triggers::new().pre_token_generation(|_| Ok(wish())), first);
    let sub = stage.user("jane");
    let (id, access) = both(&stage.tokens("jane"));
    assert_eq!(id["plan"], "gold");
    assert_eq!(id["sub"], Value::from(sub), "the user stays who she is");
    assert!(id.get("email").is_none() && id.get("aud").is_some());
    assert_eq!(id["cognito:groups"], json!(["a"]));
    assert_eq!(id["cognito:roles"], json!(["r"]));
    assert_eq!(id["cognito:preferred_role"], "r");
    assert_eq!(access["cognito:groups"], json!(["a"]));
    assert!(access.get("tenant").is_none());
    assert_eq!(access["scope"], "aws.cognito.signin.user.admin");
}

#[test]
fn the_second_form_changes_both_tokens_and_scopes() {
    let stage = stage(Triggers::new().pre_token_generation(|_| Ok(wish())), second);
    stage.user("jane");
    let (id, access) = both(&stage.tokens("jane"));
    assert_eq!(id["plan"], "gold");
    assert_eq!(access["tenant"], json!({"id": 7}));
    assert_eq!(access["scope"], "orders/read");
    assert!(access.get("jti").is_some());
}

#[test]
fn a_refresh_asks_again_and_a_refusal_leaves_the_refresh_token_good() {
    let refuses: &'static AtomicBool = Box::leak(Box::default());
    let sources: Log<String> = Log::default();
    let log = sources.clone();
    let triggers = Triggers::new().pre_token_generation(move |event| {
        log.add(event.trigger_source.clone());
        match refuses.load(Ordering::SeqCst) {
            true => Err("busy".into()),
            false => Ok(TokensWish::default()),
        }
    });
    let client = CreateUserPoolClientRequest {
        explicit_auth_flows: Some(vec![
            userpool::wire::idp::ExplicitAuthFlowsType::AllowUserPasswordAuth,
        ]),
        refresh_token_rotation: Some(RefreshTokenRotationType {
            feature: FeatureType::Enabled,
            retry_grace_period_seconds: Some(0),
        }),
        ..Default::default()
    };
    let stage = stage_with(&world(triggers), pool(first), client);
    stage.user("jane");
    let tokens = stage.tokens("jane");
    let refresh = || {
        let token = tokens.refresh_token.as_ref().expect("a refresh token");
        let request = userpool::wire::idp::GetTokensFromRefreshTokenRequest {
            client_id: stage.client.clone().into(),
            refresh_token: token.as_str().to_owned().into(),
            ..Default::default()
        };
        stage.world.engine.call_blocking(request)
    };
    refuses.store(true, Ordering::SeqCst);
    let refused = error(refresh());
    let text = "PreTokenGeneration failed with error busy.".to_owned();
    assert_eq!(refused, ("UserLambdaValidationException", text));
    refuses.store(false, Ordering::SeqCst);
    assert!(refresh().is_ok());
    assert_eq!(
        sources.all().last().expect("a call"),
        "TokenGeneration_RefreshTokens"
    );
}

#[test]
fn an_answer_of_another_form_gives_no_tokens() {
    let request = pool(first);
    let answer = r#"{"response":{"claimsOverrideDetails":{"claimsToAddOrOverride":{"a":1}}}}"#;
    let client = CreateUserPoolClientRequest::default();
    let stage = stage_with(&world(super::Answering(answer)), request, client);
    stage.user("jane");
    let parameters = [("USERNAME", "jane"), ("PASSWORD", PASSWORD)];
    let refused = error(stage.initiate(AuthFlowType::UserPasswordAuth, &parameters));
    assert_eq!(refused.0, "InvalidLambdaResponseException");
}
