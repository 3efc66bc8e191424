//! Passwords that are proven at the pages and never sent, by SRP.

use serde_json::json;
use userpool_http::SrpPackage;
use userpool_tests::{
    folder::Folder,
    pool::{PASSWORD, SrpClient},
    scene::Scene,
};

use super::{
    BACK, Story,
    browser::{Browser, ORIGIN, Page},
    story, story_of,
};

impl Story {
    /// What the script of a page sends first.
    fn begin_proof(&mut self, page: &Page, username: &str) -> (Page, SrpClient) {
        let (_, hidden) = page.form(0);
        let csrf = hidden.into_iter().find(|(name, _)| name == "_csrf");
        let path = self.at(&format!("/login/srp?{}", self.query()));
        let stage = self.scene.stage();
        let mut answer = None;
        let client = stage.srp_client(|srp_a| {
            let fields = [
                csrf.expect("a token"),
                ("username".into(), username.into()),
                ("srp_a".into(), srp_a.into()),
            ];
            let reply = self.browser.post(&path, &fields, Some(ORIGIN));
            let parameters = serde_json::from_str(&reply.body).unwrap_or_default();
            answer = Some(reply);
            parameters
        });
        (answer.expect("an answer"), client)
    }

    /// Sends the form as the script does, with the proof of a password in place of it.
    fn send_proof(
        &mut self,
        page: &Page,
        username: &str,
        client: &SrpClient,
        password: &str,
    ) -> Page {
        let answer = client.answer(password);
        let of = |name: &str| {
            answer
                .iter()
                .find(|it| it.0 == name)
                .expect("a part")
                .1
                .as_str()
        };
        let fields = [
            ("username", username),
            ("block", of("PASSWORD_CLAIM_SECRET_BLOCK")),
            ("signature", of("PASSWORD_CLAIM_SIGNATURE")),
            ("timestamp", of("TIMESTAMP")),
        ];
        let base = self.at("/");
        self.browser.send(&base, page, &fields)
    }

    /// Signs in by the proof of a password.
    fn prove(&mut self, username: &str, password: &str) -> Page {
        let query = self.query();
        let page = self.open(&query);
        let (begun, client) = self.begin_proof(&page, username);
        assert_eq!(begun.status, 200, "{}", begun.body);
        self.send_proof(&page, username, &client, password)
    }
}

#[test]
fn a_proof_signs_in_once() {
    let mut story = story();
    let query = story.query();
    let page = story.open(&query);
    let (begun, client) = story.begin_proof(&page, "jane");
    assert_eq!(
        begun.headers["content-type"],
        "application/json;charset=UTF-8"
    );
    assert_eq!(begun.headers["cache-control"], "no-store");
    let back = story.send_proof(&page, "jane", &client, PASSWORD);
    assert!(back.location.starts_with(BACK), "{}", back.body);
    let again = story.send_proof(&page, "jane", &client, PASSWORD);
    assert!(
        again.body.contains("Incorrect username or password."),
        "{}",
        again.body
    );
}

#[test]
fn a_client_with_a_secret_has_its_pages_prove_it() {
    let mut story = story_of(json!({}), json!({"GenerateSecret": true}));
    let back = story.prove("jane", PASSWORD);
    assert!(back.location.starts_with(BACK), "{}", back.body);
}

#[test]
fn wrong_proofs_lock_like_wrong_passwords() {
    let mut story = story();
    let query = story.query();
    for _ in 0..5 {
        let page = story.prove("jane", "Wrong-horse-7");
        assert!(
            page.body.contains("Incorrect username or password."),
            "{}",
            page.body
        );
        assert!(page.body.contains("value=\"jane\""), "{}", page.body);
    }
    let by_proof = story.prove("jane", PASSWORD);
    assert!(
        by_proof.body.contains("Password attempts exceeded"),
        "{}",
        by_proof.body
    );
    let by_password = story.sign_in(&query, PASSWORD);
    assert!(
        by_password.body.contains("Password attempts exceeded"),
        "{}",
        by_password.body
    );
}

#[test]
fn a_proof_for_nobody_is_refused_as_a_wrong_one_where_the_client_hides() {
    let mut story = story();
    let page = story.prove("nobody", PASSWORD);
    assert!(
        page.body.contains("Incorrect username or password."),
        "{}",
        page.body
    );

    let mut open = story_of(json!({}), json!({"PreventUserExistenceErrors": "LEGACY"}));
    let query = open.query();
    let page = open.open(&query);
    let (refused, _) = open.begin_proof(&page, "nobody");
    assert_eq!(refused.status, 400);
    assert!(
        refused.body.contains("User does not exist."),
        "{}",
        refused.body
    );
    assert!(
        refused.body.contains("name=\"password\""),
        "{}",
        refused.body
    );
}

#[test]
fn what_a_password_may_still_meet_a_proof_meets_too() {
    let mut story = story();
    story.scene.sign_up("john");
    let page = story.prove("john", PASSWORD);
    assert!(
        page.body.contains("Your account is not confirmed yet."),
        "{}",
        page.body
    );

    let body = json!({"UserPoolId": story.scene.pool, "Username": "joan", "MessageAction": "SUPPRESS",
        "TemporaryPassword": PASSWORD, "UserAttributes": [{"Name": "email", "Value": "joan@example.com"},
            {"Name": "email_verified", "Value": "true"}]});
    story.scene.call("AdminCreateUser", body);
    let page = story.prove("joan", PASSWORD);
    let base = story.at("/");
    let back = story
        .browser
        .send(&base, &page, &[("NEW_PASSWORD", "Staple-horse-8")]);
    assert!(back.location.starts_with(BACK), "{}", back.body);

    story.scene.admin("AdminResetUserPassword", "joan");
    let query = story.query();
    let page = story.open(&query);
    let typed = [("username", "joan"), ("password", "Staple-horse-8")];
    let by_password = story.browser.send(&base, &page, &typed);
    let by_proof = story.prove("joan", "Staple-horse-8");
    assert_eq!((by_proof.status, &by_proof.body), (400, &by_password.body));
}

#[test]
fn a_second_factor_follows_a_proof() {
    let mut story = story();
    story.scene.factors("OPTIONAL");
    story.scene.sign_in("jane");
    story.scene.software_token();
    let settings = json!({"SoftwareTokenMfaSettings": {"Enabled": true}});
    story.scene.prefer("jane", settings);
    story.scene.advance(60);
    let page = story.prove("jane", PASSWORD);
    let base = story.at("/");
    let code = story.scene.totp(0);
    let back = story.browser.send(&base, &page, &[("answer", &code)]);
    assert!(back.location.starts_with(BACK), "{}", back.body);
}

#[test]
fn a_block_of_the_pages_is_none_of_the_api_and_the_other_way_round() {
    let mut story = story();
    let query = story.query();
    let page = story.open(&query);
    let client = story.client.clone();
    let (_, of_pages) = story.begin_proof(&page, "jane");
    let stage = story.scene.stage_at(&client);
    let refused = stage.srp_respond(&of_pages.answer(PASSWORD));
    assert!(refused.is_err(), "{refused:?}");

    let settings = json!({"UserPoolId": story.scene.pool, "ClientId": client,
        "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        "AllowedOAuthFlows": ["code"], "AllowedOAuthFlowsUserPoolClient": true,
        "AllowedOAuthScopes": ["openid", "email", "aws.cognito.signin.user.admin"],
        "CallbackURLs": [BACK]});
    story.scene.call("UpdateUserPoolClient", settings);
    let of_api = story
        .scene
        .stage_at(&client)
        .srp_begin("jane")
        .expect("a block");
    let refused = story.send_proof(&page, "jane", &of_api, PASSWORD);
    assert_eq!(refused.status, 400, "{}", refused.body);
}

#[test]
fn the_script_is_there_where_the_owner_gave_it_and_the_pool_need_not_see_passwords() {
    let mut story = story();
    let query = story.query();
    let page = story.open(&query);
    assert!(!page.body.contains("<script"), "{}", page.body);

    story.browser = proving(&story.scene);
    let page = story.open(&query);
    let script = page.body.split("src=\"").nth(1).expect("a script");
    let script = script.split('"').next().expect("its address");
    let policy = page.headers["content-security-policy"]
        .to_str()
        .expect("a text");
    assert!(
        policy.contains(" script-src 'self' 'wasm-unsafe-eval'; connect-src 'self';"),
        "{policy}"
    );
    let path = story.at(&format!("/{script}"));
    assert!(story.browser.get(&path).body.contains("beginSignIn"));
    let module = story
        .browser
        .get(&path.replace("sign-in.js", "userpool_srp.wasm"));
    assert_eq!(module.headers["content-type"], "application/wasm");
    let missing = story
        .browser
        .get(&path.replace("sign-in.js", "package.json"));
    assert_eq!(missing.status, 404);
    let query = story.query();
    let path = story.at(&format!("/signup?{query}"));
    assert!(!story.browser.get(&path).body.contains("<script"));

    story.scene.trigger("UserMigration");
    let page = story.open(&query);
    assert!(!page.body.contains("<script"), "{}", page.body);
    let (refused, _) = story.begin_proof(&page, "jane");
    assert_eq!(refused.status, 400, "{}", refused.body);
}

#[test]
fn a_pool_that_looks_for_passwords_from_breaches_sees_them() {
    let protected =
        json!({"UserPoolTier": "PLUS", "UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}});
    let mut story = story_of(protected, json!({}));
    story.browser = proving(&story.scene);
    let query = story.query();
    assert!(story.open(&query).body.contains("<script"));
    let body = json!({"UserPoolId": story.scene.pool, "CompromisedCredentialsRiskConfiguration":
        {"EventFilter": ["SIGN_IN"], "Actions": {"EventAction": "BLOCK"}}});
    story.scene.call("SetRiskConfiguration", body);
    let page = story.open(&query);
    assert!(!page.body.contains("<script"), "{}", page.body);
}

/// A browser whose server has the package, or what is named like it.
fn proving(scene: &Scene) -> Browser {
    let folder = Folder::new("proofs");
    for name in ["index.js", "exchange.js", "userpool_srp.wasm"] {
        std::fs::write(folder.path().join(name), name).expect("a file");
    }
    let package = SrpPackage::from_folder(folder.path()).expect("the package");
    Browser::with(scene, |api| api.srp(package))
}
