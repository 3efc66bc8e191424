//! Who signs in by a provider, and what becomes of the account.

use super::*;

#[test]
fn a_first_sign_in_makes_an_account_and_later_ones_change_it() {
    let folded = json!({"UsernameConfiguration": {"CaseSensitive": false}});
    let mut story = story_of(folded, partner(), json!(["Partner"]), None);
    let back = story.sign_in(json!({"sub": "Ab-1", "email": "jane@example.com", "name": "Jane"}));
    let tokens = story.tokens(&back);
    let id = claims(&tokens["id_token"]);
    assert_eq!(id["cognito:username"], "partner_ab-1");
    assert_eq!(id["email"], "jane@example.com");
    assert_eq!(id["email_verified"], false);
    assert_eq!(
        id["cognito:groups"],
        json!([format!("{}_Partner", story.scene.pool)])
    );
    let identity = &id["identities"][0];
    assert_eq!(
        (
            &identity["userId"],
            &identity["providerName"],
            &identity["providerType"],
            &identity["primary"]
        ),
        (
            &json!("Ab-1"),
            &json!("Partner"),
            &json!("OIDC"),
            &json!("true")
        )
    );
    assert!(identity["dateCreated"].is_string() && identity["issuer"].is_null());

    let user = story.user("Partner_Ab-1");
    assert_eq!(user["UserStatus"], "EXTERNAL_PROVIDER");
    let identities: Value =
        serde_json::from_str(&attribute(&user, "identities").expect("identities")).expect("JSON");
    assert_eq!(identities[0]["primary"], true);

    let back = story.sign_in(json!({"sub": "Ab-1", "email": "new@example.com"}));
    let again = claims(&story.tokens(&back)["id_token"]);
    assert_eq!(again["sub"], id["sub"]);
    assert_eq!(
        (&again["email"], &again["name"]),
        (&json!("new@example.com"), &json!("Jane"))
    );

    let back = story.sign_in(json!({"sub": "ab-1", "name": "Another"}));
    let error = back.parameter("error_description");
    assert!(
        error.contains("Already found an entry for username"),
        "{error}"
    );
}

#[test]
fn the_provider_is_asked_with_a_secret_a_verifier_and_a_nonce() {
    let mut story = story();
    let sent = story.away("&identity_provider=Partner&login_hint=jane");
    assert!(
        sent.location
            .starts_with("https://partner.example/authorize?")
    );
    assert_eq!(sent.parameter("client_id"), "pool-at-partner");
    assert_eq!(sent.parameter("login_hint"), "jane");
    assert_eq!(sent.parameter("code_challenge_method"), "S256");
    let callback = format!(
        "http://127.0.0.1:9229/{}/oauth2/idpresponse",
        story.scene.pool
    );
    assert_eq!(sent.parameter("redirect_uri"), callback);
    story.provider.vouch(&sent, json!({"sub": "1"}));
    let back = story.back(&sent, "c-1");
    story.tokens(&back);
    let form = story.provider.form();
    for part in [
        "grant_type=authorization_code",
        "code=c-1",
        "client_secret=shared",
        "code_verifier=",
    ] {
        assert!(form.contains(part), "{form}");
    }
    let asked = story.provider.asked();
    assert_eq!(
        asked[1..],
        [
            "POST https://partner.example/token",
            "GET https://partner.example/jwks",
            "GET https://partner.example/userinfo",
        ]
    );
}

#[test]
fn keys_are_kept_and_fetched_again_for_a_new_one_once_a_minute() {
    let mut story = story();
    let fetched = |story: &Story| {
        let asked = story.provider.asked();
        asked.iter().filter(|it| it.ends_with("/jwks")).count()
    };
    for _ in 0..2 {
        let back = story.sign_in(json!({"sub": "1"}));
        story.tokens(&back);
    }
    assert_eq!(fetched(&story), 1);
    let rotated = |story: &mut Story| {
        let sent = story.away("&identity_provider=Partner&prompt=login");
        story.provider.vouch(&sent, json!({"sub": "1"}));
        let claims = json!({"iss": ISSUER, "aud": "pool-at-partner", "exp": 9_000_000_000_i64, "sub": "1",
            "nonce": sent.parameter("nonce")});
        let header = json!({"alg": "RS256", "kid": "two"});
        story.provider.give(provider::signed(&header, &claims, 1));
        story.back(&sent, "c")
    };
    let soon = rotated(&mut story);
    assert_eq!(soon.parameter("error"), "invalid_request");
    assert_eq!(fetched(&story), 1, "not so soon");
    story.scene.advance(61);
    assert_eq!(rotated(&mut story).parameter("error"), "invalid_request");
    assert_eq!(fetched(&story), 2);
    story
        .provider
        .say(|said| said.keys = Some(provider::jwks("two", 1)));
    story.scene.advance(61);
    let back = rotated(&mut story);
    story.tokens(&back);
    assert_eq!(fetched(&story), 3);
}

#[test]
fn a_session_serves_the_provider_that_it_is_of() {
    let mut story = story();
    let back = story.sign_in(json!({"sub": "1"}));
    story.tokens(&back);
    assert!(story.away("").location.starts_with(BACK));
    assert!(
        story
            .away("&identity_provider=Partner")
            .location
            .starts_with(BACK)
    );
    assert!(
        story
            .away("&identity_provider=COGNITO")
            .location
            .starts_with("../login")
    );
    assert!(
        story
            .away("&identity_provider=Partner&prompt=login")
            .location
            .starts_with(ISSUER)
    );
}

#[test]
fn a_client_with_one_provider_goes_straight_to_it_and_has_no_passwords() {
    let mut story = story_of(json!({}), partner(), json!(["Partner"]), None);
    story.scene.user("jane");
    assert!(story.away("").location.starts_with(ISSUER));
    let query = story.query("");
    let page = story.browser.get(&story.at(&format!("/login?{query}")));
    assert!(!page.body.contains("password"), "{}", page.body);
    assert!(
        page.body.contains("identity_provider=Partner"),
        "{}",
        page.body
    );
    // The field of mail domains is the one form; a password in it is nothing.
    let fields = [
        ("username", "jane"),
        ("password", userpool_tests::pool::PASSWORD),
    ];
    let base = story.at("/");
    let sent = story.browser.send(&base, &page, &fields);
    assert_eq!(sent.status, 400);
    assert!(sent.body.contains("identity providers"), "{}", sent.body);
}

#[test]
fn a_mail_domain_leads_to_its_provider() {
    let mut story = story();
    assert!(
        story
            .away("&idp_identifier=Partner.example")
            .location
            .starts_with(ISSUER)
    );
    let error = story.away("&idp_identifier=other.example");
    assert_eq!(error.parameter("error"), "invalid_request");
    let query = story.query("");
    let page = story.browser.get(&story.at(&format!("/login?{query}")));
    let base = story.at("/");
    let sent = story
        .browser
        .send(&base, &page, &[("mail", "jane@partner.example")]);
    assert_eq!(sent.status, 200, "{}", sent.body);
    let to = sent.headers["refresh"].to_str().expect("a text").to_owned();
    assert!(
        to.contains("url=oauth2/authorize?") && to.ends_with("idp_identifier=partner.example"),
        "{to}"
    );
}

#[test]
fn an_address_is_verified_only_where_that_is_told_and_mapped() {
    let mut provider = partner();
    provider["AttributeMapping"]["email_verified"] = json!("email_verified");
    let mut story = story_of(
        json!({"AliasAttributes": ["email"]}),
        provider,
        json!(["Partner"]),
        None,
    );
    story.scene.user("jane");
    let told = json!({"sub": "1", "email": "jane@example.com", "email_verified": true});
    story.sign_in(told);
    let flag = |story: &Story| attribute(&story.user("Partner_1"), "email_verified");
    assert_eq!(flag(&story).as_deref(), Some("true"));
    let own = story.user("jane@example.com");
    assert_eq!(
        own["Username"], "jane",
        "an address of a provider is nobody's name"
    );
    assert_eq!(attribute(&own, "email_verified").as_deref(), Some("true"));
    story.sign_in(json!({"sub": "1", "email": "jane@example.com", "email_verified": "false"}));
    assert_eq!(flag(&story).as_deref(), Some("false"));
    story.sign_in(json!({"sub": "1", "email_verified": true}));
    assert_eq!(
        flag(&story).as_deref(),
        Some("false"),
        "a flag is of the address it comes with"
    );
}

#[test]
fn attributes_that_the_pool_does_not_take_go_back_as_an_error() {
    let schema = json!([{"Name": "name", "Mutable": false}, {"Name": "email", "Required": true}]);
    let mut story = story_of(
        json!({"Schema": schema}),
        partner(),
        json!(["Partner"]),
        None,
    );
    let error = |page: &Page| page.parameter("error_description");
    let page = story.sign_in(json!({"sub": "1", "name": "Jane"}));
    assert!(
        error(&page).contains("email: The attribute is required"),
        "{}",
        page.location
    );
    let page = story.sign_in(json!({"sub": "1", "email": "no address"}));
    assert!(
        error(&page).contains("Invalid email address format"),
        "{}",
        page.location
    );
    let claims = json!({"sub": "1", "email": "j@example.com", "name": "Jane"});
    story.sign_in(claims.clone());
    let page = story.sign_in(claims);
    assert!(
        error(&page).contains("name: Attribute cannot be updated"),
        "{}",
        page.location
    );
}

#[test]
fn a_user_who_is_disabled_or_deleted_is_out_until_made_anew() {
    let mut story = story();
    let back = story.sign_in(json!({"sub": "1"}));
    let first = claims(&story.tokens(&back)["id_token"])["sub"].clone();
    story.scene.admin("AdminDisableUser", "Partner_1");
    let page = story.sign_in(json!({"sub": "1"}));
    assert!(
        page.parameter("error_description").contains("disabled"),
        "{}",
        page.location
    );
    story.scene.admin("AdminDeleteUser", "Partner_1");
    let back = story.sign_in(json!({"sub": "1"}));
    let second = claims(&story.tokens(&back)["id_token"])["sub"].clone();
    assert_ne!(first, second);
}

#[test]
fn a_name_that_somebody_took_before_leads_to_nobody() {
    let mut story = story();
    story.scene.user("Partner_1");
    let page = story.sign_in(json!({"sub": "1"}));
    let error = page.parameter("error_description");
    assert!(error.contains("Already found an entry"), "{error}");
    assert_eq!(story.user("Partner_1")["UserStatus"], "CONFIRMED");
}

#[test]
fn facebook_is_asked_by_get_and_knows_users_by_their_id() {
    let facebook = json!({"ProviderName": "Facebook", "ProviderType": "Facebook",
        "ProviderDetails": {"client_id": "app", "client_secret": "shared", "authorize_scopes": "public_profile, email",
            "authorize_url": "https://partner.example/authorize", "token_url": "https://partner.example/token",
            "attributes_url": "https://partner.example/me?fields="},
        "AttributeMapping": {"email": "email"}});
    let mut story = story_of(json!({}), facebook, json!(["Facebook"]), None);
    let sent = story.away("");
    story.provider.say(|said| {
        said.tokens = json!({"access_token": "at", "token_type": "bearer"});
        said.user_info = json!({"id": 77, "email": "j@example.com"});
    });
    let back = story.back(&sent, "c");
    let id = claims(&story.tokens(&back)["id_token"]);
    assert_eq!(
        (&id["cognito:username"], &id["email"]),
        (&json!("Facebook_77"), &json!("j@example.com"))
    );
    let asked = story.provider.asked();
    assert!(
        asked[0].starts_with("GET https://partner.example/token?grant_type="),
        "{asked:?}"
    );
    assert_eq!(asked[1], "GET https://partner.example/me?fields=email,id");
}

#[test]
fn apple_sends_a_form_and_wants_a_signed_secret() {
    // The key of RFC 7515 A.3, in PKCS #8.
    const KEY: &str = "MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCCOmxFNlf6yl25hEZo0pSr+nw/n/ZTPV6Tt6rAo60g8pw==";
    let apple = json!({"ProviderName": "SignInWithApple", "ProviderType": "SignInWithApple",
        "ProviderDetails": {"client_id": "pool-at-partner", "team_id": "T", "key_id": "K", "private_key": key(KEY),
            "authorize_scopes": "email name", "oidc_issuer": ISSUER,
            "authorize_url": "https://partner.example/authorize", "token_url": "https://partner.example/token",
            "jwks_uri": "https://partner.example/jwks"},
        "AttributeMapping": {"given_name": "firstName", "email": "email"}});
    let mut story = story_of(json!({}), apple, json!(["SignInWithApple"]), None);
    let sent = story.away("");
    assert_eq!(sent.parameter("response_mode"), "form_post");
    story
        .provider
        .vouch(&sent, json!({"sub": "001.a", "email": "j@example.com"}));
    let fields = [
        ("code", "c"),
        ("state", &sent.parameter("state")),
        (
            "user",
            r#"{"name":{"firstName":"Jane"},"email":"other@example.com"}"#,
        ),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let path = story.at("/oauth2/idpresponse");
    let again = story
        .browser
        .post(&path, &fields, Some("https://appleid.apple.com"));
    assert_eq!(again.status, 303);
    let (_, query) = again.location.split_once('?').expect("a query");
    let back = story.back_with(query);
    let id = claims(&story.tokens(&back)["id_token"]);
    assert_eq!(
        (&id["given_name"], &id["email"]),
        (&json!("Jane"), &json!("j@example.com"))
    );
    let form = story.provider.form();
    let (_, secret) = form.split_once("client_secret=").expect("a secret");
    let said = claims(&json!(secret.split('&').next()));
    assert_eq!(
        (&said["iss"], &said["sub"], &said["aud"]),
        (&json!("T"), &json!("pool-at-partner"), &json!(ISSUER))
    );
}

fn key(base64: &str) -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n")
}

#[test]
fn first_sign_ins_of_one_identity_at_once_make_one_account() {
    let mut story = story();
    let mut browsers = Vec::new();
    for number in 0..4 {
        story.browser = Browser::of(&story.scene);
        let sent = story.away("&identity_provider=Partner");
        story
            .provider
            .vouch(&sent, json!({"sub": "1", "email": "jane@example.com"}));
        let code = format!("c{number}");
        story
            .provider
            .say(|said| drop(said.by_code.insert(code.clone(), said.tokens.clone())));
        let state = sent.parameter("state");
        let path = story.at(&format!("/oauth2/idpresponse?code={code}&state={state}"));
        browsers.push((Browser::of(&story.scene), path));
        core::mem::swap(&mut browsers[number].0, &mut story.browser);
    }
    let ends: Vec<Page> = std::thread::scope(|scope| {
        let begin =
            |(mut browser, path): (Browser, String)| scope.spawn(move || browser.get(&path));
        let running: Vec<_> = browsers.into_iter().map(begin).collect();
        let ended = running.into_iter().map(|it| it.join().expect("an answer"));
        ended.collect()
    });
    story.browser = Browser::of(&story.scene);
    let subs = ends
        .iter()
        .map(|end| claims(&story.tokens(end)["id_token"])["sub"].to_string());
    let subs: std::collections::BTreeSet<String> = subs.collect();
    assert_eq!(subs.len(), 1);
    let users = story
        .scene
        .call("ListUsers", json!({"UserPoolId": story.scene.pool}));
    assert_eq!(users["Users"].as_array().expect("users").len(), 1);
}
