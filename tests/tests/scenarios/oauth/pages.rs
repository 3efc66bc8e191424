//! The pages: what they show, and what their forms do.

use serde_json::json;
use userpool_tests::{
    pool::PASSWORD,
    scene::{address, text},
};

use super::{BACK, story, story_of};

#[test]
fn every_page_is_shut_off_from_others() {
    let mut story = story();
    let query = story.query();
    for page in ["login", "signup", "confirm", "forgotPassword"] {
        let path = story.at(&format!("/{page}?{query}"));
        let page = story.browser.get(&path);
        assert_eq!(page.status, 200, "{}", page.body);
        let policy = page.headers["content-security-policy"]
            .to_str()
            .expect("a text");
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(
            policy.contains("form-action 'self' https://app.example.com;"),
            "{policy}"
        );
        assert_eq!(page.headers["x-frame-options"], "DENY");
        assert_eq!(page.headers["cache-control"], "no-store");
        assert!(!page.headers.contains_key("access-control-allow-origin"));
        assert!(
            page.body.contains("<html lang=\"en\" dir=\"ltr\">")
                && page.body.contains("name=\"viewport\"")
        );
        assert!(page.body.len() < 50_000);
    }
    let path = story.at("/assets/login.css");
    let style = story.browser.get(&path);
    assert!(style.body.contains("prefers-color-scheme: dark"));
}

#[test]
fn the_name_that_an_application_expects_is_filled_in() {
    let mut story = story();
    let query = format!("{}&login_hint=%22jane%26co", story.query());
    let page = story.open(&query);
    assert!(
        page.body.contains("value=\"&quot;jane&amp;co\""),
        "{}",
        page.body
    );
    let path = story.at(&format!("/confirm?{query}"));
    let page = story.browser.get(&path);
    assert!(!page.body.contains("jane&amp;co\""), "{}", page.body);
}

#[test]
fn somebody_signs_up_confirms_and_signs_in() {
    let mut story = story();
    let query = story.query();
    let base = story.at("/");
    let path = story.at(&format!("/signup?{query}"));
    let page = story.browser.get(&path);
    let fields = [
        ("username", "john"),
        ("password", "weak"),
        ("attribute.email", "john@example.com"),
    ];
    let refused = story.browser.send(&base, &page, &fields);
    assert_eq!(refused.status, 400);
    assert!(
        refused
            .body
            .contains("Password did not conform with policy"),
        "{}",
        refused.body
    );

    let fields = [
        ("username", "john"),
        ("password", PASSWORD),
        ("attribute.email", "john@example.com"),
    ];
    let page = story.browser.send(&base, &page, &fields);
    assert!(page.body.contains("Confirm your account"), "{}", page.body);
    let page = story.browser.send_form(&base, &page, 1, &[]);
    assert!(
        page.body.contains("A code was sent to j***@e***"),
        "{}",
        page.body
    );
    let wrong = story.browser.send(&base, &page, &[("code", "000000")]);
    assert_eq!(wrong.status, 400);
    let code = story.scene.code_of("john");
    let page = story.browser.send(&base, &wrong, &[("code", &code)]);
    assert!(
        page.body.contains("Your account is confirmed."),
        "{}",
        page.body
    );
    let back = story.browser.send(
        &base,
        &page,
        &[("username", "john"), ("password", PASSWORD)],
    );
    assert!(back.location.starts_with(BACK), "{}", back.body);
}

#[test]
fn who_is_not_confirmed_is_led_to_the_code() {
    let mut story = story();
    story.scene.sign_up("john");
    let query = story.query();
    let page = story.open(&query);
    let base = story.at("/");
    let page = story.browser.send(
        &base,
        &page,
        &[("username", "john"), ("password", PASSWORD)],
    );
    assert!(
        page.body.contains("Your account is not confirmed yet."),
        "{}",
        page.body
    );
    let code = story.scene.code_of("john");
    let page = story.browser.send(&base, &page, &[("code", &code)]);
    assert!(
        page.body.contains("Your account is confirmed."),
        "{}",
        page.body
    );
}

#[test]
fn a_forgotten_password_is_set_anew() {
    let mut story = story();
    let query = story.query();
    let base = story.at("/");
    let path = story.at(&format!("/forgotPassword?{query}"));
    let page = story.browser.get(&path);
    let page = story.browser.send(&base, &page, &[("username", "jane")]);
    assert!(page.body.contains("Set a new password"), "{}", page.body);
    let code = story
        .scene
        .world
        .mailbox
        .code_to(&address("jane"))
        .expect("a code");
    let fields = [("code", code.as_str()), ("password", "Staple-horse-8")];
    let page = story.browser.send(&base, &page, &fields);
    assert!(page.body.contains("Your password is set."), "{}", page.body);
    let back = story.browser.send(
        &base,
        &page,
        &[("username", "jane"), ("password", "Staple-horse-8")],
    );
    assert!(back.location.starts_with(BACK), "{}", back.body);
}

#[test]
fn nobody_learns_who_exists() {
    let mut story = story();
    let query = story.query();
    let base = story.at("/");
    let path = story.at(&format!("/forgotPassword?{query}"));
    let page = story.browser.get(&path);
    let page = story.browser.send(&base, &page, &[("username", "nobody")]);
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Set a new password"), "{}", page.body);
    let page = story.open(&query);
    let page = story
        .browser
        .send(&base, &page, &[("username", "nobody"), ("password", "x")]);
    assert!(
        page.body.contains("Incorrect username or password."),
        "{}",
        page.body
    );
}

#[test]
fn a_temporary_password_is_replaced() {
    let mut story = story();
    let body = json!({"UserPoolId": story.scene.pool, "Username": "john", "MessageAction": "SUPPRESS",
        "TemporaryPassword": PASSWORD, "UserAttributes": [{"Name": "email", "Value": "john@example.com"}]});
    story.scene.call("AdminCreateUser", body);
    let query = story.query();
    let page = story.open(&query);
    let base = story.at("/");
    let page = story.browser.send(
        &base,
        &page,
        &[("username", "john"), ("password", PASSWORD)],
    );
    assert!(page.body.contains("New password"), "{}", page.body);
    let page = story
        .browser
        .send(&base, &page, &[("NEW_PASSWORD", "weak")]);
    assert_eq!(page.status, 400);
    let back = story
        .browser
        .send(&base, &page, &[("NEW_PASSWORD", "Staple-horse-8")]);
    assert!(back.location.starts_with(BACK), "{}", back.body);
}

#[test]
fn a_second_factor_is_chosen_and_shown() {
    let mut story = story();
    story.scene.factors("OPTIONAL");
    story.scene.sign_in("jane");
    story.scene.software_token();
    story.scene.phone("jane");
    let verified = json!({"UserPoolId": story.scene.pool, "Username": "jane",
        "UserAttributes": [{"Name": "phone_number_verified", "Value": "true"}]});
    story.scene.call("AdminUpdateUserAttributes", verified);
    story.scene.prefer(
        "jane",
        json!({"SoftwareTokenMfaSettings": {"Enabled": true},
        "SMSMfaSettings": {"Enabled": true}}),
    );
    story.scene.advance(60);
    let query = story.query();
    let page = story.sign_in(&query, PASSWORD);
    assert!(page.body.contains("An authenticator app"), "{}", page.body);
    let base = story.at("/");
    let page = story
        .browser
        .send(&base, &page, &[("answer", "SOFTWARE_TOKEN_MFA")]);
    assert!(
        page.body.contains("authenticator app shows"),
        "{}",
        page.body
    );
    let code = story.scene.totp(0);
    let back = story.browser.send(&base, &page, &[("answer", &code)]);
    assert!(back.location.starts_with(BACK), "{}", back.body);
}

#[test]
fn a_wrong_code_may_be_typed_again() {
    let mut story = story();
    story.scene.factors("OPTIONAL");
    story.scene.sign_in("jane");
    story.scene.software_token();
    story.scene.prefer(
        "jane",
        json!({"SoftwareTokenMfaSettings": {"Enabled": true}}),
    );
    story.scene.advance(60);
    let query = story.query();
    let page = story.sign_in(&query, PASSWORD);
    let base = story.at("/");
    let wrong = story.scene.wrong_totp();
    let page = story.browser.send(&base, &page, &[("answer", &wrong)]);
    assert_eq!(page.status, 400);
    let code = story.scene.totp(0);
    let back = story.browser.send(&base, &page, &[("answer", &code)]);
    assert!(back.location.starts_with(BACK), "{}", back.body);
}

#[test]
fn a_session_of_the_pages_is_none_of_the_api_nor_the_other_way_round() {
    let mut story = story_of(
        json!({}),
        json!({"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}),
    );
    story.scene.factors("OPTIONAL");
    story.scene.sign_in("jane");
    story.scene.software_token();
    story.scene.prefer(
        "jane",
        json!({"SoftwareTokenMfaSettings": {"Enabled": true}}),
    );
    story.scene.advance(60);
    let query = story.query();
    let page = story.sign_in(&query, PASSWORD);
    let (_, fields) = page.form(0);
    let session = fields.iter().find(|(name, _)| name == "session");
    let of_pages = session.expect("a session").1.clone();
    let begin = json!({"ClientId": story.client, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "jane", "PASSWORD": PASSWORD}});
    let of_api = text(&story.scene.call("InitiateAuth", begin)["Session"]);
    let code = story.scene.totp(0);
    let answer = |session: &str| {
        json!({"ClientId": story.client, "ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": session,
            "ChallengeResponses": {"USERNAME": "jane", "SOFTWARE_TOKEN_MFA_CODE": code}})
    };
    assert_eq!(
        story
            .scene
            .refusal("RespondToAuthChallenge", &answer(&of_pages), ""),
        "NotAuthorizedException: Invalid session for the user."
    );
    let base = story.at("/");
    let fields = [("answer", code.as_str()), ("session", of_api.as_str())];
    let sent = story.browser.send(&base, &page, &fields);
    assert_eq!(sent.status, 400, "{}", sent.body);
    let tokens = story.scene.call("RespondToAuthChallenge", answer(&of_api));
    assert!(tokens["AuthenticationResult"]["AccessToken"].is_string());
}

#[test]
fn an_authenticator_app_is_set_up_where_the_pool_demands_a_second_factor() {
    let mut story = story();
    let body = json!({"UserPoolId": story.scene.pool, "MfaConfiguration": "ON",
        "SoftwareTokenMfaConfiguration": {"Enabled": true}});
    story.scene.call("SetUserPoolMfaConfig", body);
    let query = story.query();
    let page = story.sign_in(&query, PASSWORD);
    assert!(
        page.body.contains("Set up an authenticator app"),
        "{}",
        page.body
    );
    let (_, fields) = page.form(0);
    let secret = fields
        .iter()
        .find(|(name, _)| name == "secret")
        .expect("a secret");
    story.scene.facts.insert("secret", secret.1.clone());
    let base = story.at("/");
    let wrong = story.scene.wrong_totp();
    let page = story.browser.send(&base, &page, &[("answer", &wrong)]);
    assert_eq!(page.status, 400);
    assert!(page.body.contains(&secret.1), "{}", page.body);
    let code = story.scene.totp(0);
    let back = story.browser.send(&base, &page, &[("answer", &code)]);
    assert!(back.location.starts_with(BACK), "{}", back.body);
}

#[test]
fn where_only_administrators_make_users_there_is_no_sign_up() {
    let mut story = story();
    let body = json!({"UserPoolId": story.scene.pool, "AutoVerifiedAttributes": ["email"],
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": true}});
    story.scene.call("UpdateUserPool", body);
    let query = story.query();
    let page = story.open(&query);
    assert!(!page.body.contains("signup"), "{}", page.body);
    let path = story.at(&format!("/signup?{query}"));
    assert_eq!(story.browser.get(&path).status, 400);
}

#[test]
fn terms_are_shown_to_newcomers_once_there_are_both() {
    let mut story = story();
    let query = story.query();
    let path = story.at(&format!("/signup?{query}"));
    let shows = |story: &mut super::Story| story.browser.get(&path).body.contains("terms of use");
    for (name, both) in [("terms-of-use", false), ("privacy-policy", true)] {
        assert!(!shows(&mut story));
        let body = json!({"UserPoolId": story.scene.pool, "ClientId": story.client, "TermsName": name,
            "TermsSource": "LINK", "Enforcement": "NONE",
            "Links": {"cognito:default": format!("https://example.com/{name}?a=1&b=2")}});
        story.scene.call("CreateTerms", body);
        assert_eq!(shows(&mut story), both);
    }
    let page = story.browser.get(&path);
    assert!(
        page.body
            .contains("https://example.com/privacy-policy?a=1&amp;b=2")
    );
}

#[test]
fn pages_look_as_the_owner_says() {
    let mut story = story();
    let pool = story.scene.pool.clone();
    story.scene.call(
        "CreateUserPoolDomain",
        json!({"UserPoolId": pool, "Domain": "shop"}),
    );
    let css = ".submitButton-customizable { background: #c00 }";
    let body = json!({"UserPoolId": pool, "CSS": css, "ImageFile": "iVBORw0KGgo="});
    let set = story.scene.call("SetUICustomization", body);
    let query = story.query();
    let page = story.open(&query);
    let href = page
        .body
        .split("href=\"")
        .find(|it| it.contains("style.css"))
        .expect("a style");
    let href = href.split('"').next().expect("an address");
    let path = story.at(&format!("/{href}"));
    let style = story.browser.get(&path);
    assert_eq!((style.status, style.body.as_str()), (200, css));
    assert_eq!(style.headers["content-type"], "text/css; charset=utf-8");
    let url = set["UICustomization"]["ImageUrl"]
        .as_str()
        .expect("an address");
    let logo = story
        .browser
        .get(url.strip_prefix("http://127.0.0.1:9229").expect("our own"));
    assert_eq!(
        (
            logo.status,
            logo.headers["content-type"].to_str().expect("a text")
        ),
        (200, "image/png")
    );
}
