//! What an identity provider says of its user, and the attributes that it becomes.

use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};

use serde_json::Value;

use super::refused;
use crate::{
    engine::Refusal,
    model::{
        client::Client, identity_provider::IdentityProvider, pool::Pool, saml_answer::Told,
        user::AliasKind,
    },
    ops::{attributes, directory, triggers::Object},
};

/// Claims by their names.
pub(crate) type Claims = Object;

/// The longest id of a user at a provider.
const MAX_SUBJECT: usize = 255;
/// The longest user name.
const MAX_NAME: usize = 128;
/// The flags of addresses, which no client writes and a provider may.
const FLAGS: [&str; 2] = ["email_verified", "phone_number_verified"];

/// What a provider says of its user, once that is known to be the provider's own word.
#[derive(Clone)]
pub(crate) struct Asserted {
    /// The provider's id of the user.
    pub subject: String,
    /// Who the provider says it is, where its name is not enough.
    pub issuer: Option<String>,
    /// What it says of the user.
    pub claims: Claims,
    /// How it said so, for the trigger of federation.
    pub attributes: Object,
    /// The level of authentication that it tells.
    pub level: Option<u8>,
    /// Whom a provider of SAML is told of when the session ends.
    pub saml: Option<Told>,
}

impl Asserted {
    /// The name of the user's account.
    ///
    /// # Errors
    /// Refuses an id that makes no user name.
    pub fn username(&self, provider: &IdentityProvider) -> Result<String, Refusal> {
        let subject = &self.subject;
        let name = format!("{}_{subject}", provider.name);
        let odd = |letter: char| letter.is_whitespace() || letter.is_control();
        if subject.is_empty()
            || subject.len() > MAX_SUBJECT
            || name.chars().count() > MAX_NAME
            || subject.contains(odd)
        {
            let text = format!("{} Error - the user's id cannot be kept", provider.name);
            return Err(refused(text));
        }
        Ok(name)
    }

    /// The attributes that the claims become. One that is not told is left out.
    ///
    /// # Errors
    /// Refuses, attribute by attribute: one that the client may not write, a value of a wrong form.
    pub fn mapped(
        &self,
        pool: &Pool,
        client: &Client,
        provider: &IdentityProvider,
    ) -> Result<BTreeMap<String, String>, Refusal> {
        let mut values = BTreeMap::new();
        for (attribute, claim) in &provider.mapping {
            let value = self.claims.get(claim).and_then(text);
            let rule = attributes::rule(pool, attribute);
            let (Some(value), Some(rule)) = (value, rule) else {
                continue;
            };
            let is_flag = FLAGS.contains(&attribute.as_str());
            let listed = client.write.as_ref();
            let may = listed.is_none_or(|listed| rule.required || listed.contains(attribute));
            if !may && !is_flag {
                let why = "A client attempted to write unauthorized attribute";
                return Err(refused(format!(
                    "Invalid user attributes: {attribute}: {why}"
                )));
            }
            let value = match is_flag {
                true => (value == "true").to_string(),
                false => value,
            };
            attributes::check_value(rule, &value).map_err(|refusal| {
                refused(format!(
                    "Invalid user attributes: {attribute}: {}",
                    refusal.message()
                ))
            })?;
            values.insert(attribute.clone(), value);
        }
        // A flag is of the address that it is told with, and of no other that the user has.
        for kind in [AliasKind::Email, AliasKind::Phone] {
            if !values.contains_key(kind.attribute()) {
                values.remove(directory::flag(kind));
            }
        }
        Ok(values)
    }
}

/// A claim as the text of an attribute; several values stand in brackets, encoded so that none holds a comma.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(all) => {
            let each: Vec<String> = all.iter().filter_map(text).map(|it| encoded(&it)).collect();
            Some(format!("[{}]", each.join(",")))
        }
        Value::Object(_) => Some(value.to_string()),
    }
}

/// A text in the form of URLs, all but letters, digits and `.-*_`.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_of_any_type_becomes_a_text() {
        for (claim, told) in [
            (json!("a b"), Some("a b")),
            (json!(""), None),
            (json!(null), None),
            (json!(true), Some("true")),
            (json!(7), Some("7")),
            (json!(["a,b", "c d", "ü"]), Some("[a%2Cb,c+d,%C3%BC]")),
            (json!({"formatted": "x"}), Some(r#"{"formatted":"x"}"#)),
        ] {
            assert_eq!(text(&claim).as_deref(), told, "{claim}");
        }
    }
}
