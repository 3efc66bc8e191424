//! `/oauth2/register`: applications that make an app client for themselves (RFC 7591), in pools that let them.
//!
//! Whoever has an access token with the scope `aws.cognito/dcr/register`, of a client of the same pool that asked for
//! itself, may register one; where the pool is open, anybody. Which grants and scopes a client may then have stands in
//! the pool's `DcrConfiguration`; it never may register others.

use alloc::{borrow::Cow, format, string::String, vec::Vec};

use serde_json::{Value, json};
use userpool_crypto::{base64, jwt};
use userpool_wire::idp::{CreateUserPoolClientRequest, OAuthFlowType, UserPoolClientType};

use super::{
    Endpoint,
    error::{Error, ErrorKind},
    place::Place,
};
use crate::{
    engine::{Cx, Run},
    model::{
        client::Client,
        keys,
        pool::Pool,
        signing::{SigningKeys, TokenUse},
    },
    ops::{
        clients::{self, oauth},
        pools::{self, Registration},
        resource_servers::REGISTER,
        tokens::keys::is_signed,
    },
    verify::Claims,
};

/// The scopes that every client may register.
const ALWAYS: [&str; 4] = ["openid", "email", "phone", "profile"];

/// A request to register a client.
#[derive(Clone)]
pub struct Register {
    /// Where it came to.
    pub place: Place,
    /// What it says of the client, JSON.
    pub body: Vec<u8>,
    /// The access token of its `Authorization` header.
    pub token: Option<String>,
}

impl Endpoint for Register {
    type Reply = Result<String, Error>;

    /// Answers the client, as JSON text (RFC 7591 §3.2.1).
    ///
    /// Errors, in this order: no pool here, or one that registers nobody; a token that is good for nothing, or none
    /// where the pool is not open; a body of a wrong form; a way of proof, grant or scope that the client may not
    /// have; no address to go back to, or one of a wrong form; settings that do not fit.
    fn run(&self, cx: &mut Cx<'_>) -> Run<Result<String, Error>> {
        let pool = self.place.pool(cx)?;
        let rules = match &pool {
            Some(pool) => cx.once(|_| pools::registration(pool))?,
            None => None,
        };
        let (Some(pool), Some(rules)) = (pool, rules) else {
            return fail(ErrorKind::AccessDenied, "Nobody registers clients here.");
        };
        let grants = match (&self.token, &rules.open) {
            (Some(token), _) if may_register(cx, &pool, token)? => &rules.authenticated,
            (None, Some(open)) => open,
            (Some(_) | None, _) => {
                let text = "An access token with the scope aws.cognito/dcr/register is needed.";
                return fail(ErrorKind::InvalidToken, text);
            }
        };
        let asked = match Asked::read(&self.body, &pool.id, grants, &rules) {
            Ok(asked) => asked,
            Err(error) => return Ok(Err(error)),
        };
        match cx.attempt(|cx| clients::register(cx, &asked.client))? {
            Ok(made) => Ok(Ok(asked.shown(cx, &made))),
            Err(refusal) => fail(
                ErrorKind::InvalidClientMetadata,
                String::from(refusal.message()),
            ),
        }
    }
}

fn fail(kind: ErrorKind, description: impl Into<Cow<'static, str>>) -> Run<Result<String, Error>> {
    Ok(Err(Error::new(kind, description)))
}

/// Whether a token is one of a client of this pool that asked for itself, with the scope for it.
fn may_register(cx: &mut Cx<'_>, pool: &Pool, text: &str) -> Run<bool> {
    cx.once(|cx| {
        let Some((token, claims)) = parsed(text) else {
            return Ok(false);
        };
        let client_key = keys::client(claims.client_id());
        let keys_key = keys::signing_keys(&pool.id);
        cx.want([&client_key, &keys_key])?;
        let signing = cx.get::<SigningKeys>(&keys_key)?;
        let now = cx.now();
        let signing = signing
            .as_ref()
            .and_then(|all| all.verifying(&token.kid, TokenUse::Access, now));
        let Some(signing) = signing else {
            return Ok(false);
        };
        let is_signed = is_signed(cx, &signing.modulus, &token.message, &token.signature)?;
        let issuer = cx.environment().issuer_of(&pool.id);
        let is_good = claims.check(&issuer, TokenUse::Access, now.secs()).is_ok();
        let of_machine = claims.subject() == claims.client_id();
        let has_scope = claims.scopes().any(|scope| scope == REGISTER);
        let client = cx.get::<Client>(&client_key)?;
        let is_there = client.is_some_and(|client| client.pool == pool.id);
        Ok(is_signed && is_good && of_machine && has_scope && is_there)
    })
}

/// A token taken apart.
struct Token {
    kid: String,
    message: Vec<u8>,
    signature: Vec<u8>,
}

fn parsed(text: &str) -> Option<(Token, Claims)> {
    let token = jwt::Token::parse(text).ok()?;
    let (message, signature) = text.rsplit_once('.')?;
    let claims = Claims::parse(token.danger_unverified_payload())?;
    let token = Token {
        kid: token.key_id().into(),
        message: message.into(),
        signature: base64::decode_url(signature)?,
    };
    (claims.client_id().len() <= 128).then_some((token, claims))
}

/// What a request asks for (RFC 7591 §2).
struct Asked {
    client: CreateUserPoolClientRequest,
    method: &'static str,
    grants: Vec<&'static str>,
}

impl Asked {
    fn read(
        body: &[u8],
        pool: &str,
        allowed: &[OAuthFlowType],
        rules: &Registration,
    ) -> Result<Self, Error> {
        let wrong = |text: &'static str| Error::new(ErrorKind::InvalidClientMetadata, text);
        let Ok(Value::Object(body)) = serde_json::from_slice::<Value>(body) else {
            return Err(wrong("The body must be a JSON object."));
        };
        let text = |name: &str| match body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(wrong("A member is of a wrong type.")),
        };
        let texts = |name: &str| match body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Array(all)) => all
                .iter()
                .map(|it| it.as_str().map(String::from))
                .collect::<Option<Vec<String>>>()
                .map(Some)
                .ok_or_else(|| wrong("A member is of a wrong type.")),
            Some(_) => Err(wrong("A member is of a wrong type.")),
        };
        let (method, has_secret) = match text("token_endpoint_auth_method")? {
            None | Some("client_secret_basic") => ("client_secret_basic", true),
            Some("client_secret_post") => ("client_secret_post", true),
            Some("none") => ("none", false),
            Some(_) => return Err(wrong("There is no such token_endpoint_auth_method here.")),
        };
        let mut flows = Vec::new();
        let mut grants = Vec::new();
        let asked = texts("grant_types")?.unwrap_or_else(|| ["authorization_code".into()].into());
        for grant in &asked {
            let (name, flow) = match grant.as_str() {
                "authorization_code" => ("authorization_code", Some(OAuthFlowType::Code)),
                "client_credentials" => {
                    ("client_credentials", Some(OAuthFlowType::ClientCredentials))
                }
                // It comes with codes.
                "refresh_token" => ("refresh_token", None),
                _ => return Err(wrong("There is no such grant type here.")),
            };
            if flow.is_some_and(|flow| !allowed.contains(&flow)) {
                return Err(wrong("The client may not have this grant type."));
            }
            grants.push(name);
            flows.extend(flow);
        }
        let of_codes = flows.contains(&OAuthFlowType::Code);
        let responses = texts("response_types")?.unwrap_or_default();
        if responses.iter().any(|it| it != "code" || !of_codes) {
            return Err(wrong("The client may not have this response type."));
        }
        let scopes = scopes(text("scope")?, of_codes, rules)
            .ok_or_else(|| wrong("The client may not have this scope."))?;
        let addresses = texts("redirect_uris")?.unwrap_or_default();
        if of_codes && addresses.is_empty() {
            let text = "redirect_uris is required for codes.";
            return Err(Error::new(ErrorKind::InvalidRedirectUri, text));
        }
        for address in &addresses {
            oauth::check_url(address).map_err(|refusal| {
                Error::new(
                    ErrorKind::InvalidRedirectUri,
                    String::from(refusal.message()),
                )
            })?;
        }
        let name: String = text("client_name")?
            .unwrap_or("Registered client")
            .chars()
            .filter(|it| it.is_ascii_alphanumeric() || " _+=,.@-".contains(*it))
            .take(128)
            .collect();
        Ok(Self {
            client: CreateUserPoolClientRequest {
                user_pool_id: pool.into(),
                client_name: match name.trim() {
                    "" => "Registered client".into(),
                    name => name.into(),
                },
                generate_secret: Some(has_secret),
                allowed_o_auth_flows: Some(flows),
                allowed_o_auth_flows_user_pool_client: Some(true),
                allowed_o_auth_scopes: Some(scopes),
                callback_urls: of_codes.then_some(addresses),
                supported_identity_providers: None,
                ..CreateUserPoolClientRequest::default()
            },
            method,
            grants,
        })
    }

    /// A client as it is told of (RFC 7591 §3.2.1).
    fn shown(&self, cx: &Cx<'_>, made: &UserPoolClientType) -> String {
        let scopes = made.allowed_o_auth_scopes.clone().unwrap_or_default();
        let codes = self.grants.contains(&"authorization_code");
        let mut shown = json!({
            "client_id": made.client_id.as_ref().map(|id| id.as_str()),
            "client_id_issued_at": cx.now().secs(),
            "client_name": made.client_name.as_deref(),
            "grant_types": self.grants,
            "redirect_uris": made.callback_urls.clone().unwrap_or_default(),
            "response_types": if codes { json!(["code"]) } else { json!([]) },
            "scope": scopes.join(" "),
            "token_endpoint_auth_method": self.method,
        });
        if let Some(secret) = &made.client_secret {
            shown["client_secret"] = secret.as_str().into();
            shown["client_secret_expires_at"] = 0.into();
        }
        format!("{shown}")
    }
}

/// The scopes that are asked for, or all that a client of this kind may have; none where one is among them that it may not.
fn scopes(asked: Option<&str>, of_codes: bool, rules: &Registration) -> Option<Vec<String>> {
    let own = rules.scopes.iter().map(String::as_str);
    let own = own.filter(|scope| *scope != REGISTER);
    let always = ALWAYS.into_iter().filter(|_| of_codes);
    let mut may: Vec<&str> = Vec::new();
    for scope in always.chain(own) {
        if !may.contains(&scope) {
            may.push(scope);
        }
    }
    let Some(asked) = asked else {
        return Some(may.into_iter().map(String::from).collect());
    };
    let mut asked = asked.split_ascii_whitespace();
    asked.try_fold(Vec::new(), |mut scopes, scope| {
        scopes.push(String::from(scope));
        may.contains(&scope).then_some(scopes)
    })
}
