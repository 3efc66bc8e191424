//! Tokens of other providers as logins.

use serde_json::{Value, json};
use userpool::{LoginProvider, LoginProviders};
use userpool_crypto::base64;
use userpool_ports::Reach;
use userpool_tests::provider::{jwks, signed};

use crate::identity_pools::{Story, others::Others};

const PARTNER: &str = "idp.example.com/tenant";
const ISSUER: &str = "https://idp.example.com/tenant";
const ARN: &str = "arn:aws:iam::000000000000:oidc-provider/idp.example.com/tenant";
const UNVERIFIED: &str = "Couldn't verify signed token.";
const UNSUPPORTED: &str =
    "NotAuthorizedException: Token is not from a supported provider of this identity pool.";

/// A story whose identity pool takes logins of a partner and of public providers.
fn story() -> (Story, Others) {
    story_of(LoginProvider {
        client_ids: ["app".into(), "other-app".into()].into(),
        ..LoginProvider::default()
    })
}

fn story_of(told: LoginProvider) -> (Story, Others) {
    let mut story = Story::of(
        json!({"OpenIdConnectProviderARNs": [ARN], "SupportedLoginProviders": {
        "accounts.google.com": "google-app", "appleid.apple.com": "apple-app", "graph.facebook.com": "1234567",
        "www.amazon.com": "amzn1.application.1", "api.twitter.com": "key;secret"}}),
    );
    let others = Others::default();
    publish(&others, ISSUER, 0);
    let known = LoginProviders::default().with(ARN, told);
    story
        .scene
        .trust(others.clone(), known.expect("a provider"), None);
    (story, others)
}

/// Has an issuer publish a pair for tests.
fn publish(others: &Others, issuer: &str, pair: usize) {
    let keys = format!("{issuer}/keys");
    let document = json!({"issuer": issuer, "jwks_uri": keys});
    others.put(
        &format!("{issuer}/.well-known/openid-configuration"),
        &document,
    );
    others.put(&keys, &jwks("one", pair));
}

/// The claims of a good token, and these changes.
fn claims(story: &Story, changes: Value) -> Value {
    let now = story.scene.now().secs();
    let mut claims = json!({"iss": ISSUER, "aud": "app", "sub": "u-1", "iat": now, "exp": now + 300,
        "department": "legal"});
    for (name, value) in changes.as_object().expect("changes") {
        match value {
            Value::Null => drop(claims.as_object_mut().expect("claims").remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

fn token(story: &Story, changes: Value) -> String {
    let header = json!({"alg": "RS256", "kid": "one"});
    signed(&header, &claims(story, changes), 0)
}

#[track_caller]
fn refusal(story: &Story, provider: &str, token: &str) -> String {
    story.refused_later("GetId", &story.id_body(Some(&json!({provider: token}))))
}

#[test]
fn somebody_of_another_issuer_has_one_identity_and_credentials_with_role_and_tags() {
    let (story, others) = story();
    let roles = json!({"IdentityPoolId": story.pool,
        "Roles": {"authenticated": crate::identity_pools::USER_ROLE, "unauthenticated": crate::identity_pools::GUEST_ROLE},
        "RoleMappings": {ARN: {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": {"Rules": [
            {"Claim": "department", "MatchType": "Equals", "Value": "legal",
                "RoleARN": "arn:aws:iam::000000000000:role/legal"}]}}}});
    story.scene.call("SetIdentityPoolRoles", roles);
    let tags = json!({"IdentityPoolId": story.pool, "IdentityProviderName": PARTNER,
        "PrincipalTags": {"of": "department"}});
    story.scene.call("SetPrincipalTagAttributeMap", tags);
    let logins = json!({PARTNER: token(&story, json!({}))});
    let id = story.id(Some(&logins));
    let again = json!({PARTNER: token(&story, json!({"aud": ["other-app"]}))});
    assert_eq!(story.id(Some(&again)), id);
    let asked = others.asked();
    assert_eq!(asked.len(), 2, "a document and its keys, once");
    assert!(asked.iter().all(|it| it.reach == Reach::Public));
    story.credentials(&id, Some(&logins));
    let told = story
        .scene
        .call("DescribeIdentity", json!({"IdentityId": id}));
    assert_eq!(told["Logins"], json!([PARTNER]));
    let open = json!({"IdentityId": id, "Logins": logins});
    let open = story.scene.call("GetOpenIdToken", open);
    let amr = &crate::identity_pools::claims(open["Token"].as_str().unwrap())["amr"];
    let third = format!("{PARTNER}:app:u-1");
    assert_eq!(*amr, json!(["authenticated", PARTNER, third]));

    let denied = json!({PARTNER: token(&story, json!({"department": "sales"}))});
    let body = json!({"IdentityId": id, "Logins": denied});
    let error = story.refused_later("GetCredentialsForIdentity", &body);
    assert!(error.starts_with("NotAuthorizedException"), "{error}");
}

#[test]
fn a_guest_who_shows_a_token_of_another_issuer_becomes_its_user() {
    let (story, _) = story();
    let guest = story.id(None);
    let logins = json!({PARTNER: token(&story, json!({}))});
    story.credentials(&guest, Some(&logins));
    assert_eq!(story.id(Some(&logins)), guest);
    let both = json!({PARTNER: token(&story, json!({})),
        crate::identity_pools::provider(&story.scene): story.scene.fact("id")});
    story.credentials(&guest, Some(&both));
    assert_eq!(story.id(Some(&story.logins())), guest);
    let body = json!({"IdentityId": guest, "Logins": logins, "LoginsToRemove": [PARTNER]});
    story.scene.call("UnlinkIdentity", body);
    assert_ne!(story.id(Some(&logins)), guest);
}

#[test]
fn tokens_that_are_not_what_they_must_be_are_refused() {
    let (story, others) = story();
    let now = story.scene.now().secs();
    let invalid = |text: &str| format!("NotAuthorizedException: Invalid login token. {text}");
    let issuer = invalid("Issuer doesn't match providerName");
    let early = invalid("Token is not valid yet.");
    for (changes, text) in [
        (json!({"iss": "https://idp.example.com"}), issuer.clone()),
        (json!({"iss": null}), issuer.clone()),
        (json!({"iss": PARTNER}), issuer),
        (json!({"aud": "stranger"}), UNSUPPORTED.into()),
        (json!({"aud": ["app", "stranger"]}), UNSUPPORTED.into()),
        (json!({"aud": []}), UNSUPPORTED.into()),
        (json!({"azp": "stranger"}), UNSUPPORTED.into()),
        (json!({"azp": 7}), UNSUPPORTED.into()),
        (
            json!({"aud": null}),
            invalid("Missing a required claim: aud"),
        ),
        (
            json!({"sub": null}),
            invalid("Missing a required claim: sub"),
        ),
        (
            json!({"sub": "u".repeat(256)}),
            invalid("Missing a required claim: sub"),
        ),
        (
            json!({"exp": null}),
            invalid("Missing a required claim: exp"),
        ),
        (
            json!({"exp": now - 300}),
            invalid(&format!("Token expired: {now} >= {}", now - 300)),
        ),
        (json!({"nbf": now + 301}), early.clone()),
        (json!({"iat": "soon"}), early),
    ] {
        let told = changes.to_string();
        assert_eq!(
            refusal(&story, PARTNER, &token(&story, changes)),
            text,
            "{told}"
        );
    }
    for skewed in [
        json!({"exp": now - 299}),
        json!({"iat": now + 299, "azp": "other-app"}),
    ] {
        story.id(Some(&json!({PARTNER: token(&story, skewed)})));
    }
    let good = claims(&story, json!({}));
    let text = invalid("Not a valid OpenId Connect identity token.");
    for garbage in ["x", "a.b.c", ""] {
        let error = refusal(&story, PARTNER, garbage);
        assert!(error == text || garbage.is_empty(), "{error}");
    }
    // Unsigned, signed by somebody else, by a key of another name, and by its public key as if that were a secret.
    let part = |value: &Value| base64::encode_url(value.to_string().as_bytes());
    let none = format!("{}.{}.", part(&json!({"alg": "none"})), part(&good));
    let modulus = jwks("one", 0)["keys"][0]["n"].to_string();
    let keyed = format!(
        "{}.{}",
        part(&json!({"alg": "HS256", "kid": "one"})),
        part(&good)
    );
    let mac = userpool_crypto::digest::hmac_sha256(modulus.as_bytes(), &[keyed.as_bytes()]);
    let keyed = format!("{keyed}.{}", base64::encode_url(&mac));
    let forged = signed(&json!({"alg": "RS256", "kid": "one"}), &good, 1);
    let unnamed = signed(&json!({"alg": "RS256", "kid": "two"}), &good, 0);
    let whole = token(&story, json!({}));
    let (cut, _) = whole.rsplit_once('.').unwrap();
    for bad in [none, keyed, forged, unnamed, format!("{cut}.")] {
        assert_eq!(refusal(&story, PARTNER, &bad), invalid(UNVERIFIED), "{bad}");
    }
    assert_eq!(refusal(&story, "idp.example.com", &whole), UNSUPPORTED);
    assert_eq!(refusal(&story, ARN, &whole), UNSUPPORTED);
    others.asked();
    assert_eq!(
        refusal(&story, "elsewhere.example.com", &whole),
        UNSUPPORTED
    );
    assert!(others.asked().is_empty(), "nobody else is asked");
}

#[test]
fn keys_are_asked_for_again_a_minute_later_and_no_sooner() {
    let (story, others) = story();
    let logins = |pair: usize| {
        let name = if pair == 0 { "one" } else { "two" };
        let header = json!({"alg": "RS256", "kid": name});
        json!({PARTNER: signed(&header, &claims(&story, json!({})), pair)})
    };
    story.id(Some(&logins(0)));
    others.put(&format!("{ISSUER}/keys"), &jwks("two", 1));
    others.asked();
    let body = story.id_body(Some(&logins(1)));
    assert!(story.refused_later("GetId", &body).ends_with(UNVERIFIED));
    assert!(others.asked().is_empty());
    story.scene.advance(61);
    story.id(Some(&logins(1)));
    let body = story.id_body(Some(&logins(0)));
    assert!(story.refused_later("GetId", &body).ends_with(UNVERIFIED));
}

#[test]
fn an_issuer_that_does_not_answer_as_it_must_is_an_external_failure() {
    let (story, others) = story();
    let document = format!("{ISSUER}/.well-known/openid-configuration");
    let keys = format!("{ISSUER}/keys");
    let silent = format!("ExternalServiceException: {PARTNER} did not answer.");
    let stranger = json!({"issuer": "https://stranger.example.com", "jwks_uri": keys}).to_string();
    let elsewhere = json!({"issuer": ISSUER, "jwks_uri": "http://10.0.0.1/keys"}).to_string();
    let long = " ".repeat(300_000);
    for (url, status, text) in [
        (&document, 500, "{}"),
        (&document, 200, "[]"),
        (&document, 200, &stranger),
        (&document, 200, &elsewhere),
        (&document, 200, &long),
        (&keys, 404, "{}"),
        (&keys, 200, "{}"),
        (&keys, 200, &long),
    ] {
        publish(&others, ISSUER, 0);
        others.put_text(url, status, text);
        let error = refusal(&story, PARTNER, &token(&story, json!({})));
        assert_eq!(error, silent, "{url} {status}");
    }
    publish(&others, ISSUER, 0);
    story.id(Some(&json!({PARTNER: token(&story, json!({}))})));
}

#[test]
fn an_arn_that_nobody_told_of_takes_no_logins_and_says_so() {
    let (mut story, others) = story();
    story
        .scene
        .trust(others.clone(), LoginProviders::default(), None);
    let error = refusal(&story, PARTNER, &token(&story, json!({})));
    let text = format!("the server is not told of {ARN} among its login-providers.");
    assert!(
        error.starts_with("NotAuthorizedException") && error.ends_with(&text),
        "{error}"
    );
    assert!(others.asked().is_empty());
}

#[test]
fn a_stand_in_is_asked_in_place_of_a_provider_and_is_the_issuer() {
    let (story, others) = story_of(LoginProvider {
        client_ids: ["app".into()].into(),
        address: Some("http://127.0.0.1:9".into()),
        ..LoginProvider::default()
    });
    publish(&others, "http://127.0.0.1:9", 0);
    let good = token(&story, json!({"iss": "http://127.0.0.1:9"}));
    story.id(Some(&json!({PARTNER: good})));
    let error = refusal(&story, PARTNER, &token(&story, json!({})));
    assert!(
        error.ends_with("Issuer doesn't match providerName"),
        "{error}"
    );
}

#[test]
fn google_and_apple_give_id_tokens_to_the_app_of_the_pool() {
    let (story, others) = story();
    for (provider, app) in [
        ("accounts.google.com", "google-app"),
        ("appleid.apple.com", "apple-app"),
    ] {
        let issuer = format!("https://{provider}");
        publish(&others, &issuer, 1);
        let header = json!({"alg": "RS256", "kid": "one"});
        let token = |changes: Value| signed(&header, &claims(&story, changes), 1);
        let id = story.id(Some(
            &json!({provider: token(json!({"iss": issuer, "aud": app}))}),
        ));
        let bare = token(json!({"iss": provider, "aud": app}));
        match provider {
            "accounts.google.com" => assert_eq!(story.id(Some(&json!({provider: bare}))), id),
            _ => assert!(
                refusal(&story, provider, &bare).ends_with("Issuer doesn't match providerName")
            ),
        }
        let other = token(json!({"iss": issuer, "aud": "app"}));
        assert_eq!(refusal(&story, provider, &other), UNSUPPORTED);
    }
}

#[test]
fn facebook_tells_whose_token_of_which_app_it_is() {
    const FACEBOOK: &str = "graph.facebook.com";
    let (story, others) = story();
    let at = |path: &str| format!("https://graph.facebook.com/{path}?fields=id");
    others.put(&at("app"), &json!({"id": "1234567"}));
    others.put(&at("me"), &json!({"id": "42"}));
    let id = story.id(Some(&json!({FACEBOOK: "EAAB"})));
    let asked = others.asked();
    assert!(asked.iter().all(|it| {
        it.headers
            .contains(&("authorization".into(), "Bearer EAAB".into()))
    }));
    let told = story
        .scene
        .call("DescribeIdentity", json!({"IdentityId": id}));
    assert_eq!(told["Logins"], json!([FACEBOOK]));
    let unknown =
        "NotAuthorizedException: Invalid login token. graph.facebook.com does not know it.";
    assert_eq!(refusal(&story, FACEBOOK, "EAAB\r\nx: y"), unknown);
    others.asked();
    others.put(&at("app"), &json!({"id": "7654321"}));
    assert_eq!(refusal(&story, FACEBOOK, "EAAB"), UNSUPPORTED);
    assert_eq!(others.asked().len(), 1, "nobody asks who it is");
    others.put_text(&at("app"), 400, r#"{"error":{"code":190}}"#);
    assert_eq!(refusal(&story, FACEBOOK, "EAAB"), unknown);
    others.put_text(&at("app"), 500, "");
    let silent = "ExternalServiceException: graph.facebook.com did not answer.";
    assert_eq!(refusal(&story, FACEBOOK, "EAAB"), silent);
    others.put(&at("app"), &json!({"id": "1234567"}));
    others.put(&at("me"), &json!({"id": 42}));
    let nobody = "NotAuthorizedException: Invalid login token. Missing a required claim: sub";
    assert_eq!(refusal(&story, FACEBOOK, "EAAB"), nobody);
}

#[test]
fn amazon_tells_whose_token_of_which_app_it_is() {
    const AMAZON: &str = "www.amazon.com";
    let (story, others) = story();
    let url = "https://api.amazon.com/auth/o2/tokeninfo?access_token=Atza%7Ca";
    let told = |app: &str, exp: i64| json!({"aud": "amzn1.application-oa2-client.1", "app_id": app, "user_id": "amzn1.account.A", "exp": exp});
    others.put(url, &told("amzn1.application.1", 3_000));
    story.id(Some(&json!({AMAZON: "Atza|a"})));
    others.put(url, &told("amzn1.application.2", 3_000));
    assert_eq!(refusal(&story, AMAZON, "Atza|a"), UNSUPPORTED);
    others.put(url, &told("amzn1.application.1", 0));
    let unknown = "NotAuthorizedException: Invalid login token. www.amazon.com does not know it.";
    assert_eq!(refusal(&story, AMAZON, "Atza|a"), unknown);
    others.put_text(url, 400, r#"{"error":"invalid_token"}"#);
    assert_eq!(refusal(&story, AMAZON, "Atza|a"), unknown);
}

#[test]
fn public_providers_that_the_pool_does_not_have_are_refused_and_not_asked() {
    let (story, others) = story();
    let settings = json!({"IdentityPoolId": story.pool, "IdentityPoolName": "story",
        "AllowUnauthenticatedIdentities": true, "SupportedLoginProviders": {"api.twitter.com": "key;secret"}});
    story.scene.call("UpdateIdentityPool", settings);
    for provider in [
        "accounts.google.com",
        "api.twitter.com",
        "graph.facebook.com",
        "www.amazon.com",
        PARTNER,
    ] {
        assert_eq!(
            refusal(&story, provider, "token"),
            UNSUPPORTED,
            "{provider}"
        );
    }
    assert!(others.asked().is_empty());
}
