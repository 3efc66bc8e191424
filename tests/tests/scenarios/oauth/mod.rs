//! Stories of the OAuth endpoints and login pages, by a browser that speaks to the router without a socket.

mod attacks;
mod branding;
mod browser;
mod choice;
mod codes;
mod federation;
mod languages;
mod levels;
mod linked;
mod links;
mod machines;
mod pages;
mod passkeys;
mod proofs;
mod races;
mod registration;
mod sessions;
mod targets;

use serde_json::{Value, json};
use userpool_crypto::{base64, digest::sha256};
use userpool_tests::scene::{Scene, text};

use browser::{Browser, Page};

const BACK: &str = "https://app.example.com/back";
const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0";

/// A pool with jane in it, and an app client of the pages.
struct Story {
    scene: Scene,
    client: String,
    browser: Browser,
}

fn story() -> Story {
    story_of(json!({}), json!({}))
}

fn story_of(pool: Value, client: Value) -> Story {
    let scene = Scene::with_pool_of(pool);
    scene.user("jane");
    let mut settings = json!({"AllowedOAuthFlows": ["code"], "AllowedOAuthFlowsUserPoolClient": true,
        "AllowedOAuthScopes": ["openid", "email", "profile", "aws.cognito.signin.user.admin"],
        "CallbackURLs": [BACK], "LogoutURLs": ["https://app.example.com/"],
        "PreventUserExistenceErrors": "ENABLED"});
    for (name, value) in client.as_object().expect("settings") {
        settings[name] = value.clone();
    }
    let client = scene.client_of(settings);
    let browser = Browser::of(&scene);
    Story {
        scene,
        client,
        browser,
    }
}

impl Story {
    /// The query of a request for a code with PKCE.
    fn query(&self) -> String {
        let challenge = base64::encode_url(&sha256(&[VERIFIER.as_bytes()]));
        format!(
            "client_id={}&redirect_uri=https%3A%2F%2Fapp.example.com%2Fback&response_type=code\
             &scope=openid+email+aws.cognito.signin.user.admin&state=xyz%2F1&nonce=n-1&code_challenge={challenge}&code_challenge_method=S256",
            self.client
        )
    }

    fn at(&self, path: &str) -> String {
        format!("/{}{path}", self.scene.pool)
    }

    /// Opens the login page of a request.
    fn open(&mut self, query: &str) -> Page {
        let sent = self
            .browser
            .get(&self.at(&format!("/oauth2/authorize?{query}")));
        assert_eq!(sent.status, 302, "{}", sent.body);
        assert_eq!(sent.location, format!("../login?{query}"));
        self.browser.get(&self.at(&format!("/login?{query}")))
    }

    /// Signs jane in on the page; the answer to the form.
    fn sign_in(&mut self, query: &str, password: &str) -> Page {
        let page = self.open(query);
        assert_eq!(page.status, 200, "{}", page.body);
        let fields = [("username", "jane"), ("password", password)];
        let path = self.at("/");
        self.browser.send(&path, &page, &fields)
    }

    /// A code for jane.
    fn code(&mut self) -> String {
        let query = self.query();
        let back = self.sign_in(&query, userpool_tests::pool::PASSWORD);
        assert_eq!(back.status, 303, "{}", back.body);
        back.parameter("code")
    }

    /// Sends a form to an endpoint as a script would.
    fn endpoint(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        authorization: Option<&str>,
    ) -> Page {
        let path = self.at(path);
        self.browser.script(&path, fields, authorization)
    }

    fn exchange(&mut self, code: &str) -> Page {
        let client = self.client.clone();
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", client.as_str()),
            ("code", code),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ];
        self.endpoint("/oauth2/token", &fields, None)
    }

    /// Tokens for jane.
    fn tokens(&mut self) -> Value {
        let code = self.code();
        let answer = self.exchange(&code);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    fn user_info(&mut self, access: &str) -> Page {
        let path = self.at("/oauth2/userInfo");
        self.browser.bearer(&path, access)
    }
}

/// The claims of a token, unverified.
fn claims(token: &Value) -> Value {
    let token = text(token);
    let payload = token.split('.').nth(1).expect("three parts");
    let bytes = base64::decode_url(payload).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}
