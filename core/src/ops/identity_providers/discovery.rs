//! What a provider says of itself: OpenID Connect Discovery §4, and the metadata of SAML by `metadata`.

use alloc::{collections::BTreeMap, format, string::String, vec::Vec};

use serde_json::Value;
use userpool_crypto::{base64, jws};
use userpool_ports::{FetchRequest, Reach};

use super::{given::is_address, invalid, kinds::Details, metadata};
use crate::{
    engine::{Cx, Run},
    model::identity_provider::{Discovered, ProviderKind},
};

/// The longest document that is read.
const MAX: usize = 64 * 1_024;
/// The endpoints, by their names in `ProviderDetails` and in the document.
const ENDPOINTS: [(&str, &str); 4] = [
    ("attributes_url", "userinfo_endpoint"),
    ("authorize_url", "authorization_endpoint"),
    ("jwks_uri", "jwks_uri"),
    ("token_url", "token_endpoint"),
];

/// What a provider says of itself; it is not asked where its endpoints are given.
///
/// # Errors
/// Refuses a provider whose document cannot be had or read, or is about somebody else; stops the run until it is
/// there.
pub(super) fn discover(cx: &mut Cx<'_>, kind: ProviderKind, details: &Details) -> Run<Discovered> {
    if kind == ProviderKind::Saml {
        return metadata::discover(cx, details);
    }
    let given = ENDPOINTS
        .iter()
        .all(|(name, _)| details.contains_key(*name));
    let Some(issuer) = details.get("oidc_issuer").filter(|_| !given) else {
        return Ok(Discovered::default());
    };
    if kind != ProviderKind::Oidc {
        return Ok(Discovered::default());
    }
    let request = FetchRequest {
        method: "GET",
        url: address(issuer),
        headers: [("accept".into(), "application/json".into())].into(),
        body: Vec::new(),
        reach: Reach::Public,
    };
    let reply = cx.fetch(request)?;
    let read = match &reply {
        Ok(reply) if reply.status == 200 => read(&reply.body, issuer),
        Ok(_) | Err(_) => None,
    };
    Ok(read.ok_or_else(|| {
        invalid(
            "Unable to contact well-known endpoint: give authorize_url, token_url, attributes_url and jwks_uri.",
        )
    })?)
}

/// Where the document of an issuer is (OpenID Connect Discovery §4.1).
pub(crate) fn address(issuer: &str) -> String {
    let issuer = issuer.strip_suffix('/').unwrap_or(issuer);
    format!("{issuer}/.well-known/openid-configuration")
}

/// Where the keys of an issuer are, of its document.
pub(crate) fn keys(body: &[u8], issuer: &str) -> Option<String> {
    let document: Value = serde_json::from_slice(body).ok()?;
    if document.get("issuer")?.as_str()? != issuer {
        return None;
    }
    let keys = document.get("jwks_uri")?.as_str()?;
    is_address(keys).then(|| keys.into())
}

/// A document, if it is one, and this issuer's.
fn read(body: &[u8], issuer: &str) -> Option<Discovered> {
    if body.len() > MAX {
        return None;
    }
    let document: Value = serde_json::from_slice(body).ok()?;
    if document.get("issuer")?.as_str()? != issuer {
        return None;
    }
    let mut endpoints = BTreeMap::new();
    for (name, member) in ENDPOINTS {
        let address = document.get(member).and_then(Value::as_str);
        match address.filter(|address| is_address(address)) {
            Some(address) => drop(endpoints.insert(String::from(name), String::from(address))),
            // A provider need not have this one.
            None if name == "attributes_url" => {}
            None => return None,
        }
    }
    let methods = document.get("code_challenge_methods_supported");
    let methods = methods.and_then(Value::as_array);
    let names_itself = document.get("authorization_response_iss_parameter_supported");
    Some(Discovered {
        endpoints,
        takes_challenges: methods.is_some_and(|all| all.iter().any(|it| it == "S256")),
        names_itself: names_itself == Some(&Value::Bool(true)),
        saml: None,
    })
}

/// Whether a text is a private key of P-256, in PEM or its base64 alone.
pub(super) fn is_private_key(text: &str) -> bool {
    private_key(text).is_some_and(|key| jws::is_es256_key(&key))
}

/// A private key in DER, of PEM (RFC 7468) or of its base64 alone.
pub(crate) fn private_key(text: &str) -> Option<Vec<u8>> {
    let lines = text.lines().map(str::trim);
    let base64: String = lines.filter(|line| !line.starts_with("-----")).collect();
    base64::decode(&base64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://idp.example.com";

    fn document(members: &str) -> Vec<u8> {
        format!(r#"{{"issuer":"{ISSUER}"{members}}}"#).into_bytes()
    }

    const ENDPOINTS: &str = r#","authorization_endpoint":"https://idp.example.com/a","token_endpoint":"https://idp.example.com/t","jwks_uri":"https://idp.example.com/k""#;

    #[test]
    fn a_document_tells_endpoints_and_what_the_provider_can() {
        let all = format!(
            r#"{ENDPOINTS},"userinfo_endpoint":"https://idp.example.com/u","code_challenge_methods_supported":["plain","S256"],"authorization_response_iss_parameter_supported":true"#
        );
        let found = read(&document(&all), ISSUER).expect("a document");
        assert_eq!(found.endpoints["token_url"], "https://idp.example.com/t");
        assert_eq!(found.endpoints.len(), 4);
        assert!(found.takes_challenges && found.names_itself);
        let few = read(&document(ENDPOINTS), ISSUER).expect("a document");
        assert!(!few.takes_challenges && !few.names_itself);
    }

    #[test]
    fn a_document_that_is_malformed_or_somebody_elses_is_none() {
        assert!(read(&document(ENDPOINTS), "https://other.example.com").is_none());
        assert!(read(&document(""), ISSUER).is_none());
        assert!(read(b"{}", ISSUER).is_none());
        assert!(read(b"[", ISSUER).is_none());
        let plain = ENDPOINTS.replace("https://idp.example.com/t", "http://idp.example.com/t");
        assert!(read(&document(&plain), ISSUER).is_none());
    }
}
