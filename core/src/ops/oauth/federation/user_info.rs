//! What a provider tells of the user besides its ID token (OpenID Connect Core §5.3).

use alloc::{format, string::String, sync::Arc, vec::Vec};

use serde_json::Value;
use userpool_ports::{FetchRequest, Reach};

use super::{asserted::Claims, exchange::Tokens, good, refused};
use crate::{
    engine::{Cx, Run},
    model::identity_provider::{IdentityProvider, ProviderKind},
    ops::identity_providers::kinds::Details,
};

/// The longest answer that is read.
const MAX: usize = 64 * 1_024;

/// Asks the provider who the access token is of, where it has an endpoint for that. Google is asked only for what its
/// ID token does not tell.
///
/// # Errors
/// Refuses what the provider refuses, or says of a wrong form or of somebody else; stops the run until it has answered.
pub(super) fn ask(
    cx: &mut Cx<'_>,
    provider: &IdentityProvider,
    details: &Details,
    tokens: &Tokens,
    told: Option<&Claims>,
) -> Run<Option<Arc<Claims>>> {
    let asks = match provider.kind {
        ProviderKind::Oidc | ProviderKind::Facebook | ProviderKind::Amazon => true,
        ProviderKind::Google => {
            let knows = |claim: &String| {
                matches!(claim.as_str(), "access_token" | "id_token")
                    || told.is_some_and(|told| told.contains_key(claim))
            };
            !provider.mapping.values().all(knows)
        }
        ProviderKind::Apple | ProviderKind::Saml => false,
    };
    let Some(address) = details.get("attributes_url").filter(|_| asks) else {
        return Ok(None);
    };
    let name = &provider.name;
    let token = tokens.access_token.as_deref();
    // What stands in a header ends with its line.
    let token = token.filter(|token| token.bytes().all(|it| (0x21..=0x7E).contains(&it)));
    let Some(token) = token else {
        return Err(refused(format!("{name} Error - no access token")).into());
    };
    let request = cx.once(|_| Ok(Arc::new(request(provider, details, address, token))))?;
    let reply = cx.fetch(FetchRequest::clone(&request))?;
    cx.once(|_| {
        let unreached = "Timeout occurred in calling IdP userInfo endpoint";
        let reply = good(name, reply, MAX, unreached)?;
        let Ok(Value::Object(claims)) = serde_json::from_slice(&reply.body) else {
            return Err(refused(format!("{name} Error - no claims")).into());
        };
        // It has to be the same user (§5.3.2); Google's People API names none.
        let id = told.and_then(|told| told.get("sub"));
        let also = claims.get("sub");
        let must = provider.kind == ProviderKind::Oidc;
        if (must || also.is_some()) && id.is_some() && also != id {
            return Err(refused(format!("{name} Error - claims of another user")).into());
        }
        Ok(Some(Arc::new(claims)))
    })
}

fn request(
    provider: &IdentityProvider,
    details: &Details,
    address: &str,
    token: &str,
) -> FetchRequest {
    let is = |name: &str, value: &str| details.get(name).is_some_and(|it| it == value);
    let mut url = String::from(address);
    if is("attributes_url_add_attributes", "true") {
        let mut fields: Vec<&str> = provider.mapping.values().map(String::as_str).collect();
        fields.retain(|it| !matches!(*it, "access_token" | "id_token" | "sub"));
        fields.sort_unstable();
        fields.dedup();
        // What could lead elsewhere in the address is no name of a field.
        fields.retain(|it| {
            it.bytes()
                .all(|it| it.is_ascii_alphanumeric() || b"_.-".contains(&it))
        });
        url.push_str(&fields.join(","));
    }
    let mut headers: Vec<(String, String)> = [
        ("accept".into(), "application/json".into()),
        ("authorization".into(), format!("Bearer {token}")),
        ("user-agent".into(), "userpool".into()),
    ]
    .into();
    let is_post = is("attributes_request_method", "POST");
    if is_post {
        let kind = "application/x-www-form-urlencoded";
        headers.push(("content-type".into(), kind.into()));
    }
    FetchRequest {
        method: if is_post { "POST" } else { "GET" },
        url,
        headers,
        body: Vec::new(),
        reach: Reach::Public,
    }
}
