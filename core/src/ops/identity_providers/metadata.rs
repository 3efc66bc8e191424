//! What a provider of SAML says of itself, when it is made and as long as it is used.

use alloc::{collections::BTreeMap, string::String, sync::Arc, vec::Vec};
use core::time::Duration;

use userpool_ports::{FetchRequest, Reach, Timestamp};
use userpool_saml::metadata::Metadata;

use super::{invalid, kinds::Details};
use crate::{
    engine::{Cx, Run},
    model::{
        identity_provider::{
            Discovered, FetchedMetadata, IdentityProvider, ProviderKind, SamlMetadata,
        },
        keys,
    },
};

/// How long metadata is good without being fetched again.
const LIFE: Duration = Duration::from_secs(6 * 3_600);

/// The metadata of a provider that is made or changed, and what answers tell of it.
///
/// # Errors
/// Refuses metadata that cannot be had, is malformed, or lacks what is needed; stops the run until it is there.
pub(super) fn discover(cx: &mut Cx<'_>, details: &Details) -> Run<Discovered> {
    let metadata = match details.get("MetadataFile") {
        Some(text) => cx.once(|cx| Ok(parse(text.as_bytes(), cx.now()).map(Arc::new)))?,
        None => fetch(cx, details)?,
    };
    let Some(metadata) = metadata else {
        let text = "Error retrieving metadata: it is no metadata of an identity provider of SAML 2.0 with an \
            address for sign-ins and a signing certificate of RSA.";
        return Err(invalid(text).into());
    };
    let signs_out = details
        .get("IDPSignout")
        .is_some_and(|value| value == "true");
    if signs_out && metadata.sign_out.is_none() {
        let text = "ProviderDetails: IDPSignout needs a redirect binding of SingleLogoutService in the metadata.";
        return Err(invalid(text).into());
    }
    let mut endpoints = BTreeMap::new();
    if !metadata.posts {
        endpoints.insert("SSORedirectBindingURI".into(), metadata.sign_in.clone());
    }
    if let Some(sign_out) = &metadata.sign_out {
        endpoints.insert("SLORedirectBindingURI".into(), sign_out.clone());
    }
    Ok(Discovered {
        endpoints,
        saml: Some(SamlMetadata::clone(&metadata)),
        ..Discovered::default()
    })
}

/// The metadata of a provider as it is now: fetched again where it is old. What cannot be fetched stays as it was.
///
/// # Errors
/// Stops the run until it is there.
pub(crate) fn current(
    cx: &mut Cx<'_>,
    pool: &str,
    provider: &IdentityProvider,
) -> Run<Option<Arc<SamlMetadata>>> {
    let Some(first) = &provider.discovered.saml else {
        return Ok(None);
    };
    let Some(url) = provider.details.get("MetadataURL") else {
        return Ok(Some(Arc::new(first.clone())).filter(|it| is_good(it, cx.now())));
    };
    let key = keys::provider_keys(pool, &provider.name);
    let held = cx.get::<FetchedMetadata>(&key)?;
    // What was fetched for an older version of the provider is not the newest.
    let newest = match &held {
        Some(held) if held.url == *url && held.metadata.read > first.read => &held.metadata,
        Some(_) | None => first,
    };
    let newest = newest.clone();
    if cx.now() < newest.read.after(LIFE) && is_good(&newest, cx.now()) {
        return Ok(Some(Arc::new(newest)));
    }
    let Some(metadata) = fetch(cx, &provider.details)? else {
        return Ok(Some(Arc::new(newest)).filter(|it| is_good(it, cx.now())));
    };
    let fetched = FetchedMetadata {
        url: url.clone(),
        metadata: SamlMetadata::clone(&metadata),
    };
    super::hold(cx, pool, &provider.name)?;
    match &held {
        Some(held) => cx.update(held, &fetched),
        None => cx.insert(&key, &fetched),
    }
    Ok(Some(metadata))
}

/// Whether the assertions of a provider may be encrypted.
pub(crate) fn is_encrypted(provider: &IdentityProvider) -> bool {
    is_on(provider, "EncryptedResponses")
}

/// Whether a detail of a provider of SAML is set.
pub(crate) fn is_on(provider: &IdentityProvider, detail: &str) -> bool {
    provider.kind == ProviderKind::Saml
        && provider
            .details
            .get(detail)
            .is_some_and(|value| value == "true")
}

fn is_good(metadata: &SamlMetadata, now: Timestamp) -> bool {
    metadata.ends.is_none_or(|ends| now.secs() < ends)
}

fn fetch(cx: &mut Cx<'_>, details: &Details) -> Run<Option<Arc<SamlMetadata>>> {
    let Some(url) = details.get("MetadataURL") else {
        return Ok(None);
    };
    let request = FetchRequest {
        method: "GET",
        url: url.clone(),
        headers: [(
            String::from("accept"),
            String::from("application/samlmetadata+xml, application/xml, text/xml"),
        )]
        .into(),
        body: Vec::new(),
        reach: Reach::Public,
    };
    let reply = cx.fetch(request)?;
    cx.once(|cx| {
        Ok(match &reply {
            Ok(reply) if reply.status == 200 => parse(&reply.body, cx.now()).map(Arc::new),
            Ok(_) | Err(_) => None,
        })
    })
}

fn parse(bytes: &[u8], now: Timestamp) -> Option<SamlMetadata> {
    let text = core::str::from_utf8(bytes).ok()?;
    let read = Metadata::parse(text, now.secs()).ok()?;
    Some(SamlMetadata {
        entity_id: read.entity_id,
        sign_in: read.sign_in,
        sign_out: read.sign_out,
        certificates: read.certificates.into_iter().map(Into::into).collect(),
        ends: read.ends,
        read: now,
        posts: read.posts,
        sign_out_answer: read.sign_out_answer,
    })
}
