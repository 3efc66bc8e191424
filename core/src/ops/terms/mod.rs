//! Terms documents of app clients: making, describing, changing, deleting and listing them.

mod create_terms;
mod delete_terms;
mod describe_terms;
mod list_terms;
mod update_terms;

pub(crate) use create_terms::create_terms;
pub(crate) use delete_terms::{delete_terms, forget};
pub(crate) use describe_terms::{describe_terms, describe_terms_by_client, links};
pub(crate) use list_terms::list_terms;
pub(crate) use update_terms::update_terms;

use alloc::{borrow::Cow, collections::BTreeMap, string::String};

use userpool_wire::{
    Timestamp,
    idp::{TermsEnforcementType, TermsSourceType, TermsType},
};

use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{
        keys,
        pool::Pool,
        sub::{parse_uuid, uuid_text},
        terms::Terms,
    },
    ops::parties,
};

/// The address for every language that has none of its own.
const DEFAULT: &str = "cognito:default";

/// The other languages that a document may have addresses for, and their tags.
const LANGUAGES: [(&str, &str); 12] = [
    ("cognito:bahasa-indonesia", "id"),
    ("cognito:chinese-simplified", "zh-CN"),
    ("cognito:chinese-traditional", "zh-TW"),
    ("cognito:dutch", "nl"),
    ("cognito:english", "en"),
    ("cognito:french", "fr"),
    ("cognito:german", "de"),
    ("cognito:italian", "it"),
    ("cognito:japanese", "ja"),
    ("cognito:korean", "ko"),
    ("cognito:portuguese-brazil", "pt-BR"),
    ("cognito:spanish", "es"),
];

/// The names that documents have.
pub(crate) const NAMES: [&str; 2] = ["terms-of-use", "privacy-policy"];

/// The refusal of settings that do not fit.
fn invalid(text: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, text)
}

/// The refusal of a second document of a name.
fn exists() -> Refusal {
    Refusal::new(
        RefusalKind::TermsExists,
        "Terms document already exists for this app client.",
    )
}

/// The refusal of an unknown document.
fn missing() -> Refusal {
    Refusal::new(
        RefusalKind::ResourceNotFound,
        "Terms document does not exist.",
    )
}

/// A document with its pool.
///
/// # Errors
/// Refuses, in this order: unknown pool, unknown document.
fn find(cx: &mut Cx<'_>, pool_id: &str, id: &str) -> Run<(Held<Pool>, Held<Terms>)> {
    let key = parse_uuid(id).map(|id| keys::terms(pool_id, &id));
    cx.want([&keys::pool(pool_id)].into_iter().chain(&key))?;
    let pool = parties::pool(cx, pool_id)?;
    let terms = match &key {
        Some(key) => cx.get::<Terms>(key)?,
        None => None,
    };
    Ok((pool, terms.ok_or_else(missing)?))
}

/// Checks the addresses of a document.
///
/// # Errors
/// Refuses, in this order: none that is for every language, a language that there is not, an address that is no
/// web address.
fn check_links(links: &BTreeMap<String, String>) -> Result<(), Refusal> {
    if !links.contains_key(DEFAULT) {
        return Err(invalid("Links must contain cognito:default."));
    }
    let is_known = |key: &String| key == DEFAULT || LANGUAGES.iter().any(|(name, _)| name == key);
    if !links.keys().all(is_known) {
        return Err(invalid("Links contains a language that is not supported."));
    }
    let is_web = |url: &String| {
        let plain = url.bytes().all(|byte| (0x21..=0x7E).contains(&byte));
        plain && (url.starts_with("https://") || url.starts_with("http://"))
    };
    if links.values().all(is_web) {
        Ok(())
    } else {
        Err(invalid("Links must be web addresses."))
    }
}

/// A document as the API shows it.
fn shown(pool: &Pool, terms: &Terms) -> TermsType {
    TermsType {
        terms_id: uuid_text(&terms.id),
        user_pool_id: pool.id.clone(),
        client_id: terms.client.clone().into(),
        terms_name: terms.name.clone(),
        terms_source: TermsSourceType::Link,
        enforcement: TermsEnforcementType::None,
        links: terms.links.clone(),
        creation_date: Timestamp::from_millis(terms.created.millis()),
        last_modified_date: Timestamp::from_millis(terms.modified.millis()),
    }
}
