//! Sign-ins without a password at the pages, and the offer of a passkey.

use serde_json::{Value, json};
use userpool_tests::{
    authenticator::Credential,
    passkeys::{ORIGIN, PARTY, credential, relying_party},
    pool::PASSWORD,
    scene::address,
};

use super::{BACK, Page, Story, story, story_of};

/// A story whose users may begin with passkeys and codes.
fn passwordless() -> Story {
    let factors = json!(["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]);
    let pool = json!({"AutoVerifiedAttributes": ["email"],
        "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": factors}}});
    let client = json!({"ExplicitAuthFlows": ["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]});
    let story = story_of(pool, client);
    relying_party(&story.scene, json!({"RelyingPartyId": PARTY}));
    story
}

/// The options that the first form of a page hands to the browser.
fn options(page: &Page) -> Value {
    let (_, rest) = page
        .body
        .split_once("data-options=\"")
        .unwrap_or_else(|| panic!("no options in {}", page.body));
    let (text, _) = rest.split_once('"').expect("its end");
    serde_json::from_str(&text.replace("&quot;", "\"")).expect("JSON")
}

/// Signs jane in by her password, and follows her to the offer.
fn offered(story: &mut Story) -> Page {
    let query = story.query();
    let sent = story.sign_in(&query, PASSWORD);
    assert_eq!(
        (sent.status, sent.location.as_str()),
        (303, format!("passkey?{query}").as_str()),
        "{}",
        sent.body
    );
    let path = story.at(&format!("/{}", sent.location));
    story.browser.get(&path)
}

/// Makes a passkey at the offer; where the browser goes then.
fn accept(story: &mut Story, offer: &Page, key: &Credential) -> Page {
    let base = story.at("/");
    let page = story.browser.send(&base, offer, &[("step", "begin")]);
    let policy = page.headers["content-security-policy"]
        .to_str()
        .expect("a text");
    assert!(
        policy.contains("default-src 'none'; script-src 'self';"),
        "{policy}"
    );
    let answer = key.created(&options(&page), ORIGIN).to_string();
    story.browser.send(&base, &page, &[("answer", &answer)])
}

fn begin(story: &mut Story, name: &str, with: &str) -> Page {
    let query = story.query();
    let page = story.open(&query);
    let base = story.at("/");
    story.browser.send(
        &base,
        &page,
        &[("username", name), ("password", ""), ("with", with)],
    )
}

#[test]
fn a_passkey_that_was_made_after_a_sign_in_signs_in_from_then_on() {
    let mut story = passwordless();
    let offer = offered(&mut story);
    assert!(offer.body.contains("Add a passkey"), "{}", offer.body);
    let mut key = credential(1);
    let back = accept(&mut story, &offer, &key);
    assert!(back.location.starts_with(BACK), "{}", back.body);

    story.browser.cookies.clear();
    let query = story.query();
    let page = story.open(&query);
    for way in ["passkey", "code"] {
        let button = format!("name=\"with\" value=\"{way}\"");
        assert!(page.body.contains(&button), "{}", page.body);
    }
    key.counter += 1;
    let page = begin(&mut story, "jane", "passkey");
    let answer = key.gotten(&options(&page), ORIGIN).to_string();
    let base = story.at("/");
    // Who has a passkey is offered none.
    let back = story.browser.send(&base, &page, &[("answer", &answer)]);
    assert!(back.location.starts_with(BACK), "{}", back.body);
    let code = back.parameter("code");
    assert_eq!(story.exchange(&code).status, 200);
}

#[test]
fn who_says_not_now_goes_on_and_is_not_asked_again() {
    let mut story = passwordless();
    let offer = offered(&mut story);
    let base = story.at("/");
    let back = story.browser.send(&base, &offer, &[("step", "later")]);
    assert!(back.location.starts_with(BACK), "{}", back.body);
    let query = format!("{}&prompt=login", story.query());
    let back = story.sign_in(&query, PASSWORD);
    assert!(back.location.starts_with(BACK), "{}", back.body);
}

#[test]
fn an_offer_is_for_who_has_just_signed_in() {
    let mut story = passwordless();
    let offer = offered(&mut story);
    story.scene.advance(601);
    let base = story.at("/");
    for step in ["begin", "later"] {
        let sent = story.browser.send(&base, &offer, &[("step", step)]);
        assert!(
            sent.location.starts_with("login?"),
            "{step}: {}",
            sent.location
        );
    }
    story.browser.cookies.clear();
    let path = story.at(&format!("/passkey?{}", story.query()));
    assert!(story.browser.get(&path).location.starts_with("login?"));
}

#[test]
fn a_recent_session_gives_nothing_to_a_client_of_other_users() {
    let mut story = passwordless();
    let offer = offered(&mut story);
    let provider = json!({"UserPoolId": story.scene.pool, "ProviderName": "Shop", "ProviderType": "OIDC",
        "ProviderDetails": {"client_id": "c", "client_secret": "s", "attributes_request_method": "GET",
            "authorize_scopes": "openid", "oidc_issuer": "https://idp.example.com",
            "authorize_url": "https://idp.example.com/a", "token_url": "https://idp.example.com/t",
            "attributes_url": "https://idp.example.com/u", "jwks_uri": "https://idp.example.com/k"}});
    story.scene.call("CreateIdentityProvider", provider);
    let other = story.scene.client_of(json!({"AllowedOAuthFlows": ["code"], "AllowedOAuthFlowsUserPoolClient": true,
        "AllowedOAuthScopes": ["openid"], "CallbackURLs": [BACK], "SupportedIdentityProviders": ["Shop"]}));
    let (action, mut fields) = offer.form(0);
    fields.push(("step".to_owned(), "later".to_owned()));
    let action = action.replace(&story.client, &other).replace(
        "scope=openid+email+aws.cognito.signin.user.admin",
        "scope=openid",
    );
    let path = story.at(&format!("/{action}"));
    let sent = story
        .browser
        .post(&path, &fields, Some(super::browser::ORIGIN));
    assert!(!sent.location.contains("code="), "{}", sent.location);
}

#[test]
fn an_application_sends_its_user_to_add_a_passkey() {
    let mut story = passwordless();
    let query = format!(
        "client_id={}&redirect_uri=https%3A%2F%2Fapp.example.com%2Fback",
        story.client
    );
    let path = story.at(&format!("/passkeys/add?{query}"));
    let sent = story.browser.get(&path);
    let (_, rest) = sent
        .location
        .split_once("../")
        .expect("a page of the place");
    let path = story.at(&format!("/{rest}"));
    // Nobody has signed in yet.
    let login = story.browser.get(&path).location;
    let page = {
        let path = story.at(&format!("/{login}"));
        story.browser.get(&path)
    };
    let base = story.at("/");
    let sent = story.browser.send(
        &base,
        &page,
        &[("username", "jane"), ("password", PASSWORD)],
    );
    let path = story.at(&format!("/{}", sent.location));
    let offer = story.browser.get(&path);
    let back = accept(&mut story, &offer, &credential(2));
    assert_eq!((back.status, back.location.as_str()), (303, BACK));
}

#[test]
fn a_wrong_passkey_begins_anew() {
    let mut story = passwordless();
    let offer = offered(&mut story);
    accept(&mut story, &offer, &credential(1));
    story.browser.cookies.clear();
    let page = begin(&mut story, "jane", "passkey");
    let answer = credential(9).gotten(&options(&page), ORIGIN).to_string();
    let base = story.at("/");
    let page = story.browser.send(&base, &page, &[("answer", &answer)]);
    assert_eq!(page.status, 400);
    assert!(
        page.body.contains("<title>Sign in</title>"),
        "{}",
        page.body
    );
}

#[test]
fn who_has_no_passkey_chooses_another_way_and_signs_in_by_a_code() {
    let mut story = passwordless();
    story.browser.cookies.clear();
    let page = begin(&mut story, "jane", "passkey");
    assert!(
        page.body.contains("value=\"EMAIL_OTP\"") && !page.body.contains("value=\"PASSWORD"),
        "{}",
        page.body
    );
    let base = story.at("/");
    let page = story.browser.send(&base, &page, &[("answer", "EMAIL_OTP")]);
    let code = story
        .scene
        .world
        .mailbox
        .code_to(&address("jane"))
        .expect("a code");
    let wrong = story.browser.send(&base, &page, &[("answer", "00000000")]);
    assert_eq!(wrong.status, 400);
    let back = story.browser.send(&base, &wrong, &[("answer", &code)]);
    assert!(back.location.starts_with("passkey?"), "{}", back.body);
}

#[test]
fn there_is_no_way_without_a_password_where_pool_or_client_have_none() {
    let mut story = story();
    let query = story.query();
    let page = story.open(&query);
    assert!(!page.body.contains("name=\"with\""), "{}", page.body);
    let page = begin(&mut story, "jane", "passkey");
    assert_eq!(page.status, 400, "{}", page.body);
    let path = story.at(&format!("/passkey?{query}"));
    assert!(story.browser.get(&path).location.starts_with("login?"));
}

#[test]
fn classic_pages_have_passwords_alone() {
    let mut story = passwordless();
    let domain =
        json!({"UserPoolId": story.scene.pool, "Domain": "shop", "ManagedLoginVersion": 1});
    story.scene.call("CreateUserPoolDomain", domain);
    let path = format!("/shop/login?{}", story.query());
    let page = story.browser.get(&path);
    assert!(!page.body.contains("name=\"with\""), "{}", page.body);
    let back = story.browser.send(
        "/shop/",
        &page,
        &[("username", "jane"), ("password", PASSWORD)],
    );
    assert!(back.location.starts_with(BACK), "{}", back.location);
}

#[test]
fn nobody_learns_who_has_a_passkey() {
    let mut story = passwordless();
    for name in ["nobody", "somebody", "jane"] {
        let page = begin(&mut story, name, "code");
        assert_eq!(page.status, 200, "{name}: {}", page.body);
    }
}
