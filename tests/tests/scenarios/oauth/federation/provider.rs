//! An identity provider that says what a test wants, and remembers what it was asked.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use userpool_ports::{Fetch, FetchFault, FetchReply, FetchRequest, Reach};

pub use userpool_tests::provider::{jwks, signed};

use super::Page;

pub const ISSUER: &str = "https://partner.example";

/// The provider. A clone is the same one.
#[derive(Clone, Default)]
pub struct Provider(Arc<Mutex<Said>>);

/// What it says, and what it was asked.
#[derive(Default)]
pub struct Said {
    pub tokens: Value,
    /// What it gives for some codes in place of those.
    pub by_code: BTreeMap<String, Value>,
    pub user_info: Value,
    pub keys: Option<Value>,
    /// The status of its token endpoint, where that fails.
    pub fails: Option<u16>,
    pub asked: Vec<FetchRequest>,
}

impl Provider {
    /// Changes what it says.
    pub fn say(&self, change: impl FnOnce(&mut Said)) {
        change(&mut self.0.lock().expect("nobody panics"));
    }

    /// Has it give an ID token with these claims for any code of a sign-in, and the usual ones besides.
    pub fn vouch(&self, sent: &Page, claims: Value) {
        let mut all = json!({"iss": ISSUER, "aud": "pool-at-partner", "exp": 9_000_000_000_i64,
            "nonce": sent.parameter("nonce")});
        for (name, value) in claims.as_object().expect("claims") {
            all[name] = value.clone();
        }
        let told = json!({"sub": all["sub"]});
        let token = signed(&json!({"alg": "RS256", "kid": "one"}), &all, 0);
        self.say(|said| {
            said.tokens =
                json!({"access_token": "at-1", "token_type": "Bearer", "id_token": token});
            if said.user_info.is_null() || said.user_info.get("sub").is_some() {
                said.user_info = told;
            }
        });
    }

    /// Has it give this ID token.
    pub fn give(&self, token: String) {
        self.say(|said| said.tokens["id_token"] = json!(token));
    }

    /// What it was asked, as methods and addresses.
    pub fn asked(&self) -> Vec<String> {
        let said = self.0.lock().expect("nobody panics");
        let all = said
            .asked
            .iter()
            .map(|it| format!("{} {}", it.method, it.url));
        all.collect()
    }

    /// The body of the last request to its token endpoint.
    pub fn form(&self) -> String {
        let said = self.0.lock().expect("nobody panics");
        let sent = said
            .asked
            .iter()
            .rev()
            .find(|it| it.url.ends_with("/token"));
        String::from_utf8(sent.expect("a request for tokens").body.clone()).expect("a form")
    }
}

impl Fetch for Provider {
    fn fetch(&self, request: &FetchRequest) -> Result<FetchReply, FetchFault> {
        assert_eq!(request.reach, Reach::Public, "{}", request.url);
        let mut said = self.0.lock().expect("nobody panics");
        said.asked.push(request.clone());
        let path = request.url.strip_prefix(ISSUER);
        let path = path.ok_or_else(|| FetchFault("nobody there".into()))?;
        let path = path.split('?').next().unwrap_or_default();
        let body = match path {
            "/.well-known/openid-configuration" => discovery(),
            "/token" => {
                if let Some(status) = said.fails {
                    let body = json!({"error": "invalid_grant"}).to_string().into_bytes();
                    return Ok(FetchReply { status, body });
                }
                let form = String::from_utf8_lossy(&request.body);
                let code = form.split('&').find_map(|it| it.strip_prefix("code="));
                let own = code.and_then(|code| said.by_code.get(code));
                own.unwrap_or(&said.tokens).clone()
            }
            "/userinfo" | "/me" => said.user_info.clone(),
            "/jwks" => said.keys.clone().unwrap_or_else(|| jwks("one", 0)),
            _ => return Err(FetchFault("no such page".into())),
        };
        Ok(FetchReply {
            status: 200,
            body: body.to_string().into_bytes(),
        })
    }
}

fn discovery() -> Value {
    let at = |path: &str| format!("{ISSUER}{path}");
    json!({"issuer": ISSUER, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"), "jwks_uri": at("/jwks"),
        "code_challenge_methods_supported": ["S256"]})
}
