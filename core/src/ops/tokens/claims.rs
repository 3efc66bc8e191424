//! The claims of ID and access tokens, as JSON text with its members in a fixed order.

use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    vec::Vec,
};

use serde_json::Value;
use userpool_crypto::{base64, digest::sha256};
use userpool_ports::Timestamp;

use super::exchange::ORIGIN_CLIENT;
use crate::{
    engine::Fault,
    model::{
        client::Client, grant::Grant, group::Standing, identity, methods::Methods,
        signing::TokenUse, sub::uuid_text, user::Head,
    },
    ops::triggers::{
        Object as JsonObject,
        token_generation::{Changes, ClaimChanges},
    },
};

/// What both tokens of an answer have in common.
pub(super) struct Common<'a> {
    pub issuer: &'a str,
    pub client: &'a Client,
    pub head: &'a Head,
    pub grant: &'a Grant,
    pub grant_id: &'a [u8; 16],
    pub standing: &'a Standing,
    pub now: Timestamp,
    /// How many seconds the tokens live at most.
    pub most: u32,
}

/// The claims of an ID token. `attributes` are those that the client may read.
pub(super) fn id(
    common: &Common<'_>,
    jti: &[u8; 16],
    attributes: &BTreeMap<String, String>,
) -> String {
    let Common {
        client,
        head,
        standing,
        ..
    } = common;
    let is_flag = |name: &str| matches!(name, "email_verified" | "phone_number_verified");
    let flag = |object: &mut Object, name: &str| {
        if let Some(value) = attributes.get(name) {
            object.raw(name, if value == "true" { "true" } else { "false" });
        }
    };
    let mut object = Object::new();
    object.text("sub", &head.sub.to_string());
    object.texts("cognito:groups", &standing.groups);
    flag(&mut object, "email_verified");
    if let Some(role) = &standing.preferred {
        object.text("cognito:preferred_role", role);
    }
    object.text("iss", common.issuer);
    flag(&mut object, "phone_number_verified");
    object.text("cognito:username", &head.username);
    object.texts("cognito:roles", &standing.roles);
    origin(&mut object, common);
    object.text("aud", &client.id);
    authentication(&mut object, common.grant);
    object.text("event_id", &uuid_text(common.grant_id));
    object.text("token_use", TokenUse::Id.as_str());
    times(&mut object, common, client.lives.id_secs);
    own(&mut object, common, jti);
    for (name, value) in attributes.iter().filter(|(name, _)| !is_flag(name)) {
        match name.as_str() {
            "address" => {
                let mut address = Object::new();
                address.text("formatted", value);
                object.raw(name, &address.end());
            }
            "identities" => object.raw(name, &identity::claim(value)),
            "updated_at" if value.parse::<u64>().is_ok() => {
                object.raw(name, &value.parse::<u64>().unwrap_or_default().to_string());
            }
            _ => object.text(name, value),
        }
    }
    object.end()
}

/// The claims of an access token.
pub(super) fn access(common: &Common<'_>, jti: &[u8; 16]) -> String {
    let Common {
        client,
        head,
        grant,
        ..
    } = common;
    let mut object = Object::new();
    object.text("sub", &head.sub.to_string());
    if let Some(device) = &grant.device {
        object.text("device_key", device);
    }
    object.texts("cognito:groups", &common.standing.groups);
    object.text("iss", common.issuer);
    object.text("client_id", &client.id);
    if let Some(resource) = &grant.resource {
        object.text("aud", resource);
    }
    origin(&mut object, common);
    authentication(&mut object, grant);
    object.text("event_id", &uuid_text(common.grant_id));
    object.text("token_use", TokenUse::Access.as_str());
    object.text("scope", &grant.scopes.join(" "));
    times(&mut object, common, client.lives.access_secs);
    own(&mut object, common, jti);
    if grant.hosted {
        object.raw("version", "2");
    }
    object.text("username", &head.username);
    object.end()
}

/// The level of a sign-in that has one to tell, and how the user signed in.
fn authentication(object: &mut Object, grant: &Grant) {
    if let Some(level) = &grant.level {
        object.text("acr", level);
        let methods = grant.methods.map(Methods::names).unwrap_or_default();
        object.texts("amr", &methods);
    }
}

/// The claims of an access token that is about a client.
pub(super) fn of_client(
    client: &Client,
    issuer: &str,
    scopes: &[String],
    jti: &[u8; 16],
    now: Timestamp,
) -> String {
    let now = now.secs();
    let life = i64::from(client.lives.access_secs);
    let mut object = Object::new();
    object.text("sub", &client.id);
    object.text("token_use", TokenUse::Access.as_str());
    object.text("scope", &scopes.join(" "));
    object.raw("auth_time", &now.to_string());
    object.text("iss", issuer);
    object.raw("exp", &now.saturating_add(life).to_string());
    object.raw("iat", &now.to_string());
    object.raw("version", "2");
    object.text("jti", &uuid_text(jti));
    object.text("client_id", &client.id);
    object.end()
}

/// The claims of a token that was given for another: who acts, and whose grant it is.
///
/// # Errors
/// A fault if the claims are no object.
pub(super) fn derived(
    claims: &str,
    act: Option<&Value>,
    origin: Option<&str>,
) -> Result<String, Fault> {
    let members = claims
        .strip_suffix('}')
        .ok_or(Fault::new("the claims of a token"))?;
    let mut object = Object(members.into());
    if let Some(act) = act {
        object.raw("act", &act.to_string());
    }
    if let Some(origin) = origin {
        object.text(ORIGIN_CLIENT, origin);
    }
    Ok(object.end())
}

/// The claims of an ID token with the name of its access token (OpenID Connect Core §3.1.3.6) and the nonce of the
/// request.
///
/// # Errors
/// A fault if the claims are no object.
pub(super) fn bound(
    claims: &str,
    access_token: &str,
    nonce: Option<&str>,
) -> Result<String, Fault> {
    let members = claims
        .strip_suffix('}')
        .ok_or(Fault::new("the claims of a token"))?;
    let digest = sha256(&[access_token.as_bytes()]);
    let mut object = Object(members.into());
    object.text("at_hash", &base64::encode_url(&digest[..16]));
    if let Some(nonce) = nonce {
        object.text("nonce", nonce);
    }
    Ok(object.end())
}

/// The claims of a token with the changes that a trigger wants; of an access token the scopes too.
///
/// # Errors
/// A fault if the claims are no object.
pub(super) fn changed(
    claims: &str,
    changes: &ClaimChanges,
    scopes: Option<&str>,
) -> Result<String, Fault> {
    let mut claims: JsonObject =
        serde_json::from_str(claims).map_err(|_| Fault::new("the claims of a token"))?;
    if let Some(scopes) = scopes {
        claims.insert("scope".into(), scopes.into());
    }
    claims.extend(changes.set.clone());
    for name in &changes.gone {
        claims.remove(name);
    }
    Ok(Value::Object(claims).to_string())
}

/// The scopes of an access token with the changes that a trigger wants.
pub(super) fn changed_scopes(own: &[String], changes: &Changes) -> String {
    let mut scopes: Vec<&str> = Vec::with_capacity(own.len() + changes.scopes_added.len());
    for scope in own.iter().chain(&changes.scopes_added) {
        if !scopes.contains(&scope.as_str()) && !changes.scopes_gone.contains(scope) {
            scopes.push(scope);
        }
    }
    scopes.join(" ")
}

/// `origin_jti` and `jti` go with revocation, and with rotation.
fn is_traced(client: &Client) -> bool {
    client.revocation || client.rotation_grace.is_some()
}

fn origin(object: &mut Object, common: &Common<'_>) {
    if is_traced(common.client) {
        object.text("origin_jti", &uuid_text(&common.grant.origin_jti));
    }
}

fn own(object: &mut Object, common: &Common<'_>, jti: &[u8; 16]) {
    if is_traced(common.client) {
        object.text("jti", &uuid_text(jti));
    }
}

fn times(object: &mut Object, common: &Common<'_>, life: u32) {
    let now = common.now.secs();
    let life = life.min(common.most);
    object.raw("auth_time", &common.grant.signed_in.secs().to_string());
    object.raw("exp", &now.saturating_add(life.into()).to_string());
    object.raw("iat", &now.to_string());
}

/// A JSON object in the making.
pub(crate) struct Object(String);

impl Object {
    pub fn new() -> Self {
        Self(String::from("{"))
    }

    /// A member that is text.
    pub fn text(&mut self, name: &str, value: &str) {
        self.raw(name, &quoted(value));
    }

    /// A member that is a list of texts; left out where there are none.
    pub fn texts(&mut self, name: &str, values: &[impl AsRef<str>]) {
        if values.is_empty() {
            return;
        }
        let values: Vec<String> = values.iter().map(|it| quoted(it.as_ref())).collect();
        self.raw(name, &["[", &values.join(","), "]"].concat());
    }

    /// A member that is JSON text already.
    pub fn raw(&mut self, name: &str, json: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push_str(&quoted(name));
        self.0.push(':');
        self.0.push_str(json);
    }

    pub fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

fn quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if text.bytes().all(is_plain) {
        // Nothing to escape (RFC 8259 §7), as nearly always.
        let mut json = String::with_capacity(text.len() + 2);
        json.push('"');
        json.push_str(text);
        json.push('"');
        return json;
    }
    Value::from(text).to_string()
}
