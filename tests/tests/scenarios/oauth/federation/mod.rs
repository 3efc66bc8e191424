//! Sign-ins by identity providers, which are played by a page of JSON.

mod attacks;
mod functions;
mod levels;
mod links;
mod provider;
mod races;
mod risks;
mod saml;
mod saml_sign_outs;
mod sign_ins;

use serde_json::{Value, json};
use userpool::triggers::Triggers;
use userpool_tests::scene::{Scene, text};

use super::{BACK, browser::Browser, browser::Page, claims};
use provider::{ISSUER, Provider};

/// A pool with a provider, an app client whose users come from it and from the pool, and a browser.
pub(super) struct Story {
    scene: Scene,
    client: String,
    browser: Browser,
    provider: Provider,
}

/// A story with a provider of OpenID Connect whose endpoints are given.
pub(super) fn story() -> Story {
    story_of(json!({}), partner(), json!(["COGNITO", "Partner"]), None)
}

/// What makes the provider of stories.
pub(super) fn partner() -> Value {
    json!({"ProviderName": "Partner", "ProviderType": "OIDC",
        "ProviderDetails": {"client_id": "pool-at-partner", "client_secret": "shared", "authorize_scopes": "openid email",
            "attributes_request_method": "GET", "oidc_issuer": ISSUER},
        "AttributeMapping": {"email": "email", "name": "name"}, "IdpIdentifiers": ["partner.example"]})
}

pub(super) fn story_of(
    pool: Value,
    provider: Value,
    offered: Value,
    hooks: Option<Triggers>,
) -> Story {
    let mut scene = Scene::with_pool_of(pool);
    let there = Provider::default();
    scene.surround(there.clone(), hooks);
    let mut made = provider;
    made["UserPoolId"] = json!(scene.pool);
    scene.call("CreateIdentityProvider", made);
    let settings = json!({"AllowedOAuthFlows": ["code"], "AllowedOAuthFlowsUserPoolClient": true,
        "AllowedOAuthScopes": ["openid", "email", "profile", "aws.cognito.signin.user.admin"],
        "CallbackURLs": [BACK], "SupportedIdentityProviders": offered});
    let client = scene.client_of(settings);
    let browser = Browser::of(&scene);
    Story {
        scene,
        client,
        browser,
        provider: there,
    }
}

impl Story {
    fn at(&self, path: &str) -> String {
        format!("/{}{path}", self.scene.pool)
    }

    fn query(&self, more: &str) -> String {
        format!(
            "client_id={}&redirect_uri=https%3A%2F%2Fapp.example.com%2Fback&response_type=code&scope=openid&state=xyz{more}",
            self.client
        )
    }

    /// Sends the browser away; where it is sent.
    #[track_caller]
    fn away(&mut self, more: &str) -> Page {
        let path = self.at(&format!("/oauth2/authorize?{}", self.query(more)));
        let page = self.browser.get(&path);
        assert_eq!(page.status, 302, "{}", page.body);
        page
    }

    /// Lets the browser come back with a code.
    fn back(&mut self, sent: &Page, code: &str) -> Page {
        let state = sent.parameter("state");
        self.back_with(&format!("code={code}&state={state}"))
    }

    fn back_with(&mut self, query: &str) -> Page {
        let path = self.at(&format!("/oauth2/idpresponse?{query}"));
        self.browser.get(&path)
    }

    /// A whole sign-in at the provider as somebody with these claims; the browser back at the client.
    #[track_caller]
    fn sign_in(&mut self, claims: Value) -> Page {
        self.browser
            .cookies
            .retain(|name, _| !name.contains("session"));
        let sent = self.away("&identity_provider=Partner");
        self.provider.vouch(&sent, claims);
        self.back(&sent, "c-1")
    }

    /// The tokens for the code that the browser brought to the client.
    #[track_caller]
    fn tokens(&mut self, back: &Page) -> Value {
        assert!(
            back.location.starts_with(BACK),
            "{} {}",
            back.location,
            back.body
        );
        let code = back.parameter("code");
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", self.client.as_str()),
            ("code", code.as_str()),
            ("redirect_uri", BACK),
        ];
        let path = format!("/{}/oauth2/token", self.scene.pool);
        let answer = self.browser.script(&path, &fields, None);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    fn user(&self, name: &str) -> Value {
        self.scene.admin("AdminGetUser", name)
    }
}

/// An attribute of a user, as the API shows it.
fn attribute(user: &Value, name: &str) -> Option<String> {
    let all = user["UserAttributes"].as_array().expect("attributes");
    let found = all.iter().find(|it| it["Name"] == name);
    found.map(|it| text(&it["Value"]))
}
