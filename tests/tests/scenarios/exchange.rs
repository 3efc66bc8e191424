//! A token for another: whom it is about, who acts, what it may, and when it dies.

use serde_json::{Value, json};
use userpool_crypto::{base64, jwt::Token};
use userpool_ports::{Fetch, FetchFault, FetchReply, FetchRequest};
use userpool_tests::{
    provider::{jwks, signed},
    saml,
    scene::{Scene, text},
};

const SCOPE: &str = "aws.cognito.signin.user.admin";
const FLOWS: [&str; 2] = [
    "ALLOW_TOKEN_EXCHANGE_DELEGATION",
    "ALLOW_TOKEN_EXCHANGE_IMPERSONATION",
];

/// A user who has signed in, an API, and the fact `exchange`: a client that exchanges tokens.
fn story() -> Scene {
    let mut scene = Scene::with_pool();
    let api = json!({"UserPoolId": scene.pool, "Identifier": "orders", "Name": "Orders",
        "Scopes": [{"ScopeName": "read", "ScopeDescription": "r"}, {"ScopeName": "write", "ScopeDescription": "w"}]});
    scene.call("CreateResourceServer", api);
    exchanger(&mut scene, json!(["COGNITO"]));
    scene.user("ada");
    scene.sign_in("ada");
    scene
}

fn exchanger(scene: &mut Scene, providers: Value) {
    exchanger_of(scene, json!(FLOWS), providers);
}

fn exchanger_of(scene: &mut Scene, flows: Value, providers: Value) {
    let client = scene.client_of(json!({"ExplicitAuthFlows": flows,
        "AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthFlows": ["code"],
        "CallbackURLs": ["https://app.example"], "SupportedIdentityProviders": providers,
        "AllowedOAuthScopes": ["openid", "orders/read", SCOPE]}));
    scene.facts.insert("exchange", client);
}

/// The request that exchanges the access token of the user.
fn request(scene: &Scene, more: Value) -> Value {
    let mut body = json!({"ClientId": scene.fact("exchange"),
        "SubjectToken": scene.fact("access"), "SubjectTokenType": "ACCESS_TOKEN"});
    for (name, value) in more.as_object().expect("members") {
        body[name] = value.clone();
    }
    body
}

fn exchanged(scene: &Scene, more: Value) -> Value {
    scene.call("GetDerivedToken", request(scene, more))
}

fn refused(scene: &Scene, more: Value) -> String {
    scene.refusal("GetDerivedToken", &request(scene, more), "")
}

fn claims(token: &Value) -> Value {
    let token = Token::parse(token.as_str().expect("a token")).expect("a token");
    serde_json::from_slice(token.danger_unverified_payload()).expect("claims")
}

/// The access token of a machine.
fn machine(scene: &Scene) -> (Value, String) {
    let made = json!({"UserPoolId": scene.pool, "ClientName": "machine", "GenerateSecret": true,
        "ExplicitAuthFlows": ["ALLOW_CLIENT_TOKEN_AUTH"]});
    let made = scene.call("CreateUserPoolClient", made);
    let made = &made["UserPoolClient"];
    let got = json!({"ClientId": made["ClientId"], "Secret": made["ClientSecret"]});
    let got = scene.call("GetClientToken", got);
    let token = got["ClientAuthenticationResult"]["AccessToken"].clone();
    (token, text(&made["ClientId"]))
}

#[test]
fn a_token_for_the_user_is_of_the_same_sign_in() {
    let scene = story();
    let before = claims(&json!(scene.fact("access")));
    let got = exchanged(&scene, json!({}));
    assert_eq!(got["IssuedTokenType"], "ACCESS_TOKEN");
    assert_eq!(got["TokenType"], "Bearer");
    assert_eq!(got["Scopes"], json!([SCOPE]));
    let told = claims(&got["IssuedToken"]);
    for same in ["sub", "username", "event_id", "iss", "auth_time"] {
        assert_eq!(told[same], before[same], "{same}");
    }
    assert_eq!(told["client_id"], scene.fact("exchange"));
    assert!(told.get("act").is_none() && told.get("device_key").is_none());
    let access = json!({"AccessToken": got["IssuedToken"]});
    assert_eq!(scene.call("GetUser", access.clone())["Username"], "ada");

    // What ends the sign-in ends what came of it.
    let revoke = json!({"ClientId": scene.client, "Token": scene.fact("refresh")});
    scene.call("RevokeToken", revoke);
    let end = scene.refusal("GetUser", &access, "");
    assert!(end.contains("revoked"), "{end}");
    let again = refused(&scene, json!({}));
    assert!(again.contains("Subject token has been revoked"), "{again}");
}

#[test]
fn a_token_that_was_exchanged_is_no_first_factor_for_a_higher_level() {
    let mut scene = story();
    scene.factors("OPTIONAL");
    scene.software_token();
    let flows = json!([FLOWS[0], FLOWS[1], "ALLOW_USER_AUTH"]);
    exchanger_of(&mut scene, flows, json!(["COGNITO"]));
    let token = exchanged(&scene, json!({}))["IssuedToken"].clone();
    let body = json!({"ClientId": scene.fact("exchange"), "AuthFlow": "USER_AUTH",
        "AuthParameters": {"USERNAME": "ada", "TARGET_ACR_VALUES": "urn:cognito:loa:4",
            "ACCESS_TOKEN": token}});
    assert_eq!(
        scene.refusal("InitiateAuth", &body, ""),
        "NotAuthorizedException: The access token was issued to another app client."
    );
}

#[test]
fn a_token_lives_no_longer_than_the_one_that_it_came_from() {
    let scene = story();
    scene.advance(3_000);
    let got = exchanged(&scene, json!({}));
    assert_eq!(got["ExpiresIn"], 600);
    let before = claims(&json!(scene.fact("access")));
    assert_eq!(claims(&got["IssuedToken"])["exp"], before["exp"]);
    scene.advance(601);
    let end = refused(&scene, json!({}));
    assert!(end.contains("Subject token has expired"), "{end}");
}

#[test]
fn scopes_are_those_of_subject_and_client_and_request() {
    let scene = story();
    let got = exchanged(&scene, json!({"Scopes": [SCOPE, "orders/read"]}));
    assert_eq!(got["Scopes"], json!([SCOPE]), "the subject has no other");
    let none = refused(&scene, json!({"Scopes": ["orders/read"]}));
    assert!(none.contains("None of the scopes"), "{none}");
    // An ID token has none, and stands for its user.
    let by_id = json!({"SubjectToken": scene.fact("id"), "SubjectTokenType": "ID_TOKEN",
        "Scopes": ["orders/read", "orders/write", SCOPE]});
    let got = exchanged(&scene, by_id.clone());
    assert_eq!(got["Scopes"], json!(["orders/read"]));
    let body = json!({"UserPoolId": scene.pool, "Identifier": "orders"});
    scene.call("DeleteResourceServer", body);
    let gone = refused(&scene, by_id);
    assert!(gone.contains("None of the scopes"), "{gone}");
}

#[test]
fn an_actor_is_named_before_those_who_acted_earlier() {
    let scene = story();
    let (token, machine_id) = machine(&scene);
    let actor = json!({"ActorToken": token, "ActorTokenType": "ACCESS_TOKEN"});
    let first = exchanged(&scene, actor);
    let act = &claims(&first["IssuedToken"])["act"];
    assert_eq!(
        (&act["sub"], &act["client_id"]),
        (&json!(machine_id), &json!(machine_id))
    );
    let (token, second_id) = machine(&scene);
    let second = exchanged(
        &scene,
        json!({"SubjectToken": first["IssuedToken"], "ActorToken": token,
            "ActorTokenType": "ACCESS_TOKEN"}),
    );
    let told = claims(&second["IssuedToken"]);
    assert_eq!(told["act"]["sub"], json!(second_id));
    assert_eq!(told["act"]["act"]["sub"], json!(machine_id));
    // It stays where nobody more acts.
    let third = exchanged(&scene, json!({"SubjectToken": second["IssuedToken"]}));
    assert_eq!(claims(&third["IssuedToken"])["act"], told["act"]);
    let access = json!({"AccessToken": third["IssuedToken"]});
    assert_eq!(scene.call("GetUser", access)["Username"], "ada");
}

#[test]
fn each_way_needs_its_flow() {
    let mut scene = story();
    let (token, _) = machine(&scene);
    for (flow, missing, more) in [
        (FLOWS[0], FLOWS[1], json!({})),
        (
            FLOWS[1],
            FLOWS[0],
            json!({"ActorToken": token, "ActorTokenType": "ACCESS_TOKEN"}),
        ),
    ] {
        let client = scene.client_of(json!({"ExplicitAuthFlows": [flow]}));
        scene.facts.insert("exchange", client);
        let end = refused(&scene, more);
        assert!(
            end.contains(&format!("{missing} flow not enabled")),
            "{end}"
        );
    }
}

#[test]
fn tokens_of_no_user_of_others_and_garbled_ones_are_no_subjects() {
    let mut scene = story();
    let (token, _) = machine(&scene);
    let end = refused(&scene, json!({"SubjectToken": token}));
    assert!(end.contains("of no user"), "{end}");
    let access = scene.fact("access").to_owned();
    let (message, signature) = access.rsplit_once('.').expect("a signature");
    let mut bytes = base64::decode_url(signature).expect("base64");
    bytes[7] ^= 1;
    let garbled = format!("{message}.{}", base64::encode_url(&bytes));
    for (wrong, kind) in [
        (garbled.as_str(), "ACCESS_TOKEN"),
        (&access, "ID_TOKEN"),
        (scene.fact("id"), "ACCESS_TOKEN"),
        ("x.y.z", "ACCESS_TOKEN"),
        ("", "ACCESS_TOKEN"),
    ] {
        let body = request(
            &scene,
            json!({"SubjectToken": wrong, "SubjectTokenType": kind}),
        );
        let end = scene.try_call("GetDerivedToken", &body);
        let end = end.expect_err("a refusal").name;
        assert!(
            ["NotAuthorizedException", "InvalidParameterException"].contains(&end),
            "{wrong}: {end}"
        );
    }
    // A token of another pool is none here.
    let pool = scene.pool.clone();
    scene.move_to_pool_of(json!({}));
    assert_ne!(pool, scene.pool);
    let client = scene.client_of(json!({"ExplicitAuthFlows": FLOWS}));
    scene.facts.insert("exchange", client);
    let end = refused(&scene, json!({}));
    assert!(end.contains("Invalid Subject token"), "{end}");
}

#[test]
fn an_audience_is_of_an_access_token_and_an_id_token_of_its_client() {
    let scene = story();
    let got = exchanged(&scene, json!({"Audiences": ["https://orders.example"]}));
    assert_eq!(claims(&got["IssuedToken"])["aud"], "https://orders.example");
    let both = json!({"Audiences": ["a"], "Resources": ["b"]});
    assert!(refused(&scene, both).contains("exclude"));
    let id = exchanged(&scene, json!({"RequestedTokenType": "ID_TOKEN"}));
    assert_eq!(
        (&id["TokenType"], &id["IssuedTokenType"]),
        (&json!("N_A"), &json!("ID_TOKEN"))
    );
    let told = claims(&id["IssuedToken"]);
    assert_eq!(told["aud"], scene.fact("exchange"));
    assert_eq!(told["email"], "ada@example.com");
    let id = json!({"RequestedTokenType": "ID_TOKEN", "Resources": ["orders"]});
    assert!(refused(&scene, id).contains("access tokens alone"));
}

/// Whoever asks for the keys of the provider gets them.
struct Partner;

impl Fetch for Partner {
    fn fetch(&self, request: &FetchRequest) -> Result<FetchReply, FetchFault> {
        assert_eq!(request.url, "https://partner.example/jwks");
        Ok(FetchReply {
            status: 200,
            body: jwks("one", 0).to_string().into_bytes(),
        })
    }
}

/// A provider, one of whose users is linked to Ada.
fn partner(details: Value, kind: &str) -> Scene {
    let mut scene = story();
    let body = json!({"UserPoolId": scene.pool, "ProviderName": "Partner", "ProviderType": kind,
        "ProviderDetails": details});
    scene.call("CreateIdentityProvider", body);
    let link = json!({"UserPoolId": scene.pool,
        "DestinationUser": {"ProviderName": "Cognito", "ProviderAttributeValue": "ada"},
        "SourceUser": {"ProviderName": "Partner", "ProviderAttributeName": "Cognito_Subject",
            "ProviderAttributeValue": "at-partner"}});
    scene.call("AdminLinkProviderForUser", link);
    exchanger(&mut scene, json!(["Partner"]));
    scene.surround(Partner, None);
    scene
}

#[test]
fn an_id_token_of_a_provider_stands_for_the_user_that_it_is_linked_to() {
    let url = |path: &str| format!("https://partner.example/{path}");
    let details = json!({"client_id": "pool-at-partner", "client_secret": "s",
        "authorize_scopes": "openid", "attributes_request_method": "GET",
        "oidc_issuer": "https://partner.example", "authorize_url": url("authorize"),
        "token_url": url("token"), "attributes_url": url("userinfo"), "jwks_uri": url("jwks")});
    let scene = partner(details, "OIDC");
    let now = scene.now().secs();
    let token = |change: &[(&str, Value)]| {
        let mut all = json!({"iss": "https://partner.example", "aud": "pool-at-partner",
            "sub": "at-partner", "iat": now, "exp": now + 300});
        for (name, value) in change {
            all[*name] = value.clone();
        }
        let token = signed(&json!({"alg": "RS256", "kid": "one"}), &all, 0);
        json!({"SubjectToken": token, "SubjectTokenType": "ID_TOKEN",
            "SubjectTokenProviderName": "Partner", "Scopes": ["orders/read", SCOPE]})
    };
    let got = exchanged(&scene, token(&[]));
    assert_eq!(
        (&got["Scopes"], &got["ExpiresIn"]),
        (&json!(["orders/read"]), &json!(300))
    );
    assert_eq!(claims(&got["IssuedToken"])["username"], "ada");
    for (name, value) in [
        ("iss", json!("https://other.example")),
        ("aud", json!("another")),
        ("exp", json!(now - 300)),
    ] {
        let end = refused(&scene, token(&[(name, value)]));
        assert!(end.starts_with("NotAuthorized"), "{name}: {end}");
    }
    let nobody = refused(&scene, token(&[("sub", json!("nobody"))]));
    assert!(nobody.starts_with("UserNotFound"), "{nobody}");
    // The sign-out of the user ends it, as any other token.
    let out = json!({"UserPoolId": scene.pool, "Username": "ada"});
    scene.call("AdminUserGlobalSignOut", out);
    let again = json!({"SubjectToken": got["IssuedToken"]});
    assert!(refused(&scene, again).contains("revoked"));
}

#[test]
fn an_assertion_stands_for_its_user_once() {
    let scene = partner(json!({"MetadataFile": saml::metadata()}), "SAML");
    let response = saml::Response {
        id: "_one".into(),
        answers: None,
        service: format!("urn:amazon:cognito:sp:{}", scene.pool),
        address: format!("http://127.0.0.1:9229/{}/saml2/idpresponse", scene.pool),
        name: "at-partner".into(),
        attributes: Vec::new(),
        now: scene.now().secs(),
    };
    let by = |form: String| {
        json!({"SubjectToken": form, "SubjectTokenType": "SAML2",
            "SubjectTokenProviderName": "Partner", "Scopes": ["orders/read"]})
    };
    let got = exchanged(&scene, by(response.form()));
    assert_eq!(claims(&got["IssuedToken"])["username"], "ada");
    let again = refused(&scene, by(response.form()));
    assert!(again.contains("used already"), "{again}");
    let other = saml::Response {
        id: "_two".into(),
        service: "urn:example:other".into(),
        ..response
    };
    assert!(refused(&scene, by(other.form())).starts_with("NotAuthorized"));
    let alone = json!({"SubjectToken": "AAAA", "SubjectTokenType": "SAML2"});
    assert!(refused(&scene, alone).contains("SubjectTokenProviderName"));
}
