//! What a hostile browser, a hostile provider or somebody between them tries.

use super::*;

/// The error that the client is told.
#[track_caller]
fn told(page: &Page) -> String {
    assert!(
        page.location.starts_with(BACK),
        "{} {}",
        page.location,
        page.body
    );
    assert!(!page.location.contains("code="), "{}", page.location);
    page.parameter("error_description")
}

fn good(sent: &Page) -> Value {
    json!({"iss": ISSUER, "aud": "pool-at-partner", "exp": 9_000_000_000_i64, "sub": "1",
        "nonce": sent.parameter("nonce")})
}

#[test]
fn a_state_is_good_once_in_its_own_browser_and_for_five_minutes() {
    let mut story = story();
    let sent = story.away("&identity_provider=Partner");
    story.provider.vouch(&sent, json!({"sub": "1"}));

    let mut other = Browser::of(&story.scene);
    let path = story.at(&format!(
        "/oauth2/idpresponse?code=c&state={}",
        sent.parameter("state")
    ));
    assert_eq!(
        other.get(&path).status,
        400,
        "another browser, without a cookie"
    );
    let elsewhere = story.at(&format!(
        "/oauth2/authorize?{}",
        story.query("&identity_provider=Partner")
    ));
    other.get(&elsewhere);
    assert_eq!(
        other.get(&path).status,
        400,
        "another browser, with its own"
    );

    let back = story.back(&sent, "c");
    story.tokens(&back);
    assert_eq!(story.back(&sent, "c").status, 400, "again");

    story
        .browser
        .cookies
        .retain(|name, _| !name.contains("session"));
    let sent = story.away("&identity_provider=Partner");
    story.provider.vouch(&sent, json!({"sub": "1"}));
    story.scene.advance(300);
    assert_eq!(story.back(&sent, "c").status, 400, "too late");
    for query in [
        "code=c",
        "code=c&state=",
        "code=c&state=x",
        "state=a&state=b&code=c",
    ] {
        assert_eq!(story.back_with(query).status, 400, "{query}");
    }
    let asked = story.provider.asked().len();
    assert_eq!(asked, 4, "nobody was asked for those");
}

#[test]
fn an_id_token_of_somebody_else_for_somebody_else_or_of_another_time_signs_nobody_in() {
    let mut story = story();
    let wrongs: [(&str, Value, &str); 8] = [
        ("iss", json!("https://evil.example"), "another issuer"),
        ("aud", json!("another-pool"), "somebody else"),
        (
            "aud",
            json!(["pool-at-partner", "another-pool"]),
            "somebody else",
        ),
        ("nonce", json!("another"), "another sign-in"),
        ("exp", json!(1_000), "expired"),
        ("iat", json!(8_000_000_000_i64), "not good yet"),
        ("sub", json!(null), "no sub"),
        ("at_hash", json!("AAAA"), "another one"),
    ];
    for (name, value, why) in wrongs {
        let sent = story.away("&identity_provider=Partner");
        let mut claims = good(&sent);
        story.provider.vouch(&sent, claims.clone());
        claims[name] = value;
        story
            .provider
            .say(|said| said.user_info = json!({"sub": claims["sub"]}));
        story.provider.give(provider::signed(
            &json!({"alg": "RS256", "kid": "one"}),
            &claims,
            0,
        ));
        let page = story.back(&sent, "c");
        let error = told(&page);
        assert!(error.contains(why), "{name}: {error}");
    }
    assert!(
        story
            .scene
            .call("ListUsers", json!({"UserPoolId": story.scene.pool}))["Users"]
            == json!([])
    );
}

#[test]
fn an_id_token_has_to_be_signed_by_a_key_of_the_provider_and_by_no_keyed_hash() {
    let mut story = story();
    for (header, pair, cut, why) in [
        (json!({"alg": "RS256", "kid": "one"}), 1, false, "signature"),
        (
            json!({"alg": "RS256", "kid": "two"}),
            0,
            false,
            "key is unknown",
        ),
        (json!({"alg": "none"}), 0, true, "algorithm"),
        (json!({"alg": "HS256", "kid": "one"}), 0, false, "algorithm"),
        (
            json!({"alg": "ES256", "kid": "one"}),
            0,
            false,
            "key is unknown",
        ),
        (
            json!({"alg": "PS256", "kid": "one"}),
            0,
            false,
            "key is unknown",
        ),
        (
            json!({"alg": "RS256", "kid": "one", "crit": ["exp"]}),
            0,
            false,
            "malformed",
        ),
        (
            json!({"alg": ["RS256"], "kid": "one"}),
            0,
            false,
            "malformed",
        ),
    ] {
        let sent = story.away("&identity_provider=Partner");
        story.provider.vouch(&sent, json!({"sub": "1"}));
        let mut token = provider::signed(&header, &good(&sent), pair);
        if cut {
            let end = token.rfind('.').expect("a dot");
            token.truncate(end + 1);
        }
        story.provider.give(token);
        let page = story.back(&sent, "c");
        let error = told(&page);
        assert!(error.contains(why), "{header}: {error}");
    }
}

#[test]
fn answers_of_any_form_end_in_an_error() {
    let mut story = story();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let huge = json!({"access_token": "a".repeat(40_000), "id_token": "b"});
    for tokens in [
        json!(null),
        json!([]),
        json!("x"),
        json!({}),
        json!({"access_token": 7}),
        json!({"id_token": {}}),
        json!({"id_token": "a.b.c"}),
        json!({"id_token": "\u{1F600}"}),
        json!({"id_token": deep}),
        huge,
    ] {
        let sent = story.away("&identity_provider=Partner");
        story.provider.say(|said| said.tokens = tokens.clone());
        let page = story.back(&sent, "c");
        told(&page);
    }
    let sent = story.away("&identity_provider=Partner");
    story.provider.vouch(&sent, json!({"sub": "1"}));
    story
        .provider
        .say(|said| said.user_info = json!({"sub": "2"}));
    let page = story.back(&sent, "c");
    assert!(told(&page).contains("another user"));
    story
        .provider
        .say(|said| (said.fails, said.user_info) = (Some(400), json!(null)));
    let page = story.sign_in(json!({"sub": "1"}));
    assert!(
        told(&page).contains("Partner Error - 400 invalid_grant"),
        "{}",
        page.location
    );
    story.provider.say(|said| said.fails = None);
    for subject in [
        json!(""),
        json!("a b"),
        json!("x".repeat(200)),
        json!({}),
        json!(true),
    ] {
        let page = story.sign_in(json!({"sub": subject}));
        told(&page);
    }
}

#[test]
fn an_answer_for_one_provider_is_none_for_another() {
    let mut story = story();
    let mut other = partner();
    other["UserPoolId"] = json!(story.scene.pool);
    other["ProviderName"] = json!("Other");
    other["IdpIdentifiers"] = json!([]);
    other["ProviderDetails"]["client_id"] = json!("pool-at-other");
    story.scene.call("CreateIdentityProvider", other);
    let settings = json!({"UserPoolId": story.scene.pool, "ClientId": story.client, "AllowedOAuthFlows": ["code"],
        "AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthScopes": ["openid"], "CallbackURLs": [BACK],
        "SupportedIdentityProviders": ["Partner", "Other"]});
    story.scene.call("UpdateUserPoolClient", settings);
    let sent = story.away("&identity_provider=Other");
    story.provider.vouch(&sent, json!({"sub": "1"}));
    let state = sent.parameter("state");
    let page = story.back_with(&format!(
        "code=c&state={state}&iss=https%3A%2F%2Fevil.example"
    ));
    assert!(
        told(&page).contains("another identity provider"),
        "{}",
        page.location
    );
    // A token for the one is none for the other.
    let sent = story.away("&identity_provider=Other");
    story.provider.vouch(&sent, json!({"sub": "1"}));
    let page = story.back(&sent, "c");
    assert!(told(&page).contains("somebody else"), "{}", page.location);
}

#[test]
fn an_error_of_the_provider_goes_back_to_the_client_in_plain_letters() {
    let mut story = story();
    let sent = story.away("&identity_provider=Partner");
    let state = sent.parameter("state");
    let page = story.back_with(&format!(
        "error=access_denied&error_description=%3Cb%3Eno%0d%0a&state={state}"
    ));
    assert_eq!(
        (page.parameter("error"), page.parameter("state")),
        ("access_denied".into(), "xyz".into())
    );
    assert_eq!(page.parameter("error_description"), "bno");
}

#[test]
fn a_provider_that_a_client_lost_meanwhile_signs_nobody_in() {
    let mut story = story();
    let sent = story.away("&identity_provider=Partner");
    story.provider.vouch(&sent, json!({"sub": "1"}));
    let provider = json!({"UserPoolId": story.scene.pool, "ProviderName": "Partner"});
    story.scene.call("DeleteIdentityProvider", provider);
    let page = story.back(&sent, "c");
    told(&page);
    let shown = story.scene.call(
        "DescribeUserPoolClient",
        json!({"UserPoolId": story.scene.pool, "ClientId": story.client}),
    );
    assert_eq!(
        shown["UserPoolClient"]["SupportedIdentityProviders"],
        json!(["COGNITO"])
    );
}
