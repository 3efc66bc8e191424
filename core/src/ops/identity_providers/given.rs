//! What a request says of a provider, checked.

use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};

use super::{OWN, invalid, kinds::Details};
use crate::{
    engine::Refusal,
    model::{identity_provider::ProviderKind, names::lower, pool::Pool},
    ops::attributes,
};

/// The names of the levels of authentication.
const LEVELS: [&str; 4] = ["Level1", "Level2", "Level3", "Level4"];
/// The detail names whose values are addresses.
const ADDRESSES: [&str; 5] = [
    "attributes_url",
    "authorize_url",
    "jwks_uri",
    "oidc_issuer",
    "token_url",
];
/// The longest value of a detail, and that of a document of metadata.
const MAX_DETAIL: usize = 8_192;
const MAX_METADATA: usize = 60_000;
/// The longest name of a claim.
const MAX_CLAIM: usize = 2_048;

/// Checks the name of a new provider: social ones have that of their kind, others any but those.
///
/// # Errors
/// `InvalidParameterException`.
pub(super) fn check_name(kind: ProviderKind, name: &str) -> Result<(), Refusal> {
    let social = [
        ProviderKind::Google,
        ProviderKind::Facebook,
        ProviderKind::Amazon,
        ProviderKind::Apple,
    ];
    let of_kind = social.contains(&kind);
    if of_kind && name != kind.as_str() {
        let kind = kind.as_str();
        return Err(invalid(format!(
            "The ProviderName of {kind} must be {kind}."
        )));
    }
    let taken = social
        .iter()
        .any(|it| name.eq_ignore_ascii_case(it.as_str()));
    let is_plain = !name.chars().any(char::is_control) && !name.contains('\0');
    if (!of_kind && taken) || name.eq_ignore_ascii_case(OWN) || !is_plain {
        return Err(invalid(format!("{name} cannot be the name of a provider.")));
    }
    Ok(())
}

/// Details without the secret, and the secret.
pub(super) struct Checked {
    pub details: Details,
    pub secret: Option<String>,
}

/// Checks the details of a provider; `kept` says whether a secret that is not told back may stay as it is.
///
/// # Errors
/// Refuses, in this order: an unknown detail, one that is too long, a missing one, one that is no address or no
/// method.
pub(super) fn details(kind: ProviderKind, given: &Details, kept: bool) -> Result<Checked, Refusal> {
    let rules = kind.rules();
    if let Some(unknown) = given.keys().find(|name| !rules.knows(name)) {
        let kind = kind.as_str();
        return Err(invalid(format!(
            "ProviderDetails of {kind} has no {unknown}."
        )));
    }
    let longest = |name: &str| match name {
        "MetadataFile" => MAX_METADATA,
        _ => MAX_DETAIL,
    };
    if let Some((name, _)) = given
        .iter()
        .find(|(name, value)| value.len() > longest(name))
    {
        return Err(invalid(format!("ProviderDetails: {name} is too long.")));
    }
    let has = |name: &str| given.get(name).is_some_and(|value| !value.is_empty());
    let stays = |name: &str| kept && name == rules.secret && !rules.tells_secret;
    let mut required = rules.required.iter();
    if let Some(missing) = required.find(|name| !has(name) && !stays(name)) {
        return Err(invalid(format!("ProviderDetails: {missing} is required.")));
    }
    for name in ADDRESSES {
        if let Some(address) = given.get(name).filter(|it| !it.is_empty())
            && !is_address(address)
        {
            return Err(invalid(format!(
                "ProviderDetails: {name} must be an https address."
            )));
        }
    }
    let issuer = given.get("oidc_issuer");
    if issuer.is_some_and(|issuer| issuer.ends_with('/') || issuer.contains('?')) {
        let text = "ProviderDetails: oidc_issuer must not end with a slash or have a query.";
        return Err(invalid(text));
    }
    for name in ["attributes_request_method", "token_request_method"] {
        let method = given.get(name).map(String::as_str);
        if !matches!(method, None | Some("GET" | "POST")) {
            return Err(invalid(format!(
                "ProviderDetails: {name} must be GET or POST."
            )));
        }
    }
    if let Some(version) = given.get("api_version")
        && !is_version(version)
    {
        return Err(invalid(
            "ProviderDetails: api_version must be of the form v17.0.",
        ));
    }
    if let Some(key) = given.get("private_key").filter(|key| !key.is_empty())
        && !super::discovery::is_private_key(key)
    {
        return Err(invalid(
            "ProviderDetails: private_key must be a PKCS #8 key of P-256.",
        ));
    }
    if kind == ProviderKind::Saml {
        saml(given)?;
    }
    let mut details = given.clone();
    details.retain(|_, value| !value.is_empty());
    // What answers add is made again from the metadata.
    if kind == ProviderKind::Saml {
        details.retain(|name, _| !rules.common.contains(&name.as_str()));
    }
    let secret = details.remove(rules.secret);
    Ok(Checked { details, secret })
}

/// Checks what there is about providers of SAML alone.
fn saml(given: &Details) -> Result<(), Refusal> {
    let has = |name: &str| given.get(name).filter(|value| !value.is_empty());
    match (has("MetadataURL"), has("MetadataFile")) {
        (Some(address), None) if !is_address(address) => {
            return Err(invalid(
                "ProviderDetails: MetadataURL must be an https address.",
            ));
        }
        (Some(_), None) | (None, Some(_)) => {}
        (None, None) | (Some(_), Some(_)) => {
            return Err(invalid(
                "ProviderDetails: either MetadataURL or MetadataFile is required.",
            ));
        }
    }
    for name in ["EncryptedResponses", "IDPInit", "IDPSignout"] {
        let value = has(name).map(String::as_str);
        if !matches!(value, None | Some("true" | "false")) {
            return Err(invalid(format!(
                "ProviderDetails: {name} must be true or false."
            )));
        }
    }
    if has("RequestSigningAlgorithm").is_some_and(|value| value != "rsa-sha256") {
        return Err(invalid(
            "ProviderDetails: RequestSigningAlgorithm must be rsa-sha256.",
        ));
    }
    Ok(())
}

/// An address that a provider may have: `https`, or `http` on the own machine; nothing before the host.
pub(super) fn is_address(address: &str) -> bool {
    let plain = address.bytes().all(|byte| (0x21..=0x7E).contains(&byte));
    let Some((scheme, rest)) = address.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let own = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    let known = scheme == "https" || (scheme == "http" && own);
    let odd = ['#', '\\', '"', '<', '>'];
    plain && known && !host.is_empty() && !authority.contains('@') && !address.contains(odd)
}

fn is_version(text: &str) -> bool {
    let digits =
        |text: &str| (1..=3).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
    let parts = text.strip_prefix('v').and_then(|it| it.split_once('.'));
    parts.is_some_and(|(major, minor)| digits(major) && digits(minor))
}

/// Checks a mapping; `username` is the provider's id of a user, also where it is not given.
///
/// # Errors
/// Refuses an attribute that the pool does not have or that nobody writes, and another `username`.
pub(super) fn mapping(
    pool: &Pool,
    kind: ProviderKind,
    given: Option<&BTreeMap<String, String>>,
) -> Result<BTreeMap<String, String>, Refusal> {
    let mut mapping = given.cloned().unwrap_or_default();
    let id = kind.rules().id;
    for (attribute, claim) in &mapping {
        if claim.is_empty() || claim.len() > MAX_CLAIM {
            return Err(invalid(format!(
                "AttributeMapping: {attribute} is mapped to nothing."
            )));
        }
        if attribute == "username" {
            if claim != id {
                return Err(invalid(format!("AttributeMapping: username must be {id}.")));
            }
            continue;
        }
        let known = attributes::rule(pool, attribute).filter(|rule| rule.name != "sub");
        if known.is_none() {
            return Err(invalid(format!(
                "Invalid user attributes: {attribute}: Attribute does not exist in the schema."
            )));
        }
    }
    mapping.insert("username".to_string(), id.to_string());
    Ok(mapping)
}

/// Checks the levels of authentication.
///
/// # Errors
/// Refuses them where there can be none, and names that there are not.
pub(super) fn levels(
    kind: ProviderKind,
    given: Option<&BTreeMap<String, String>>,
) -> Result<BTreeMap<String, String>, Refusal> {
    let levels = given.cloned().unwrap_or_default();
    if kind != ProviderKind::Oidc && !levels.is_empty() {
        return Err(invalid("AcrMapping is for OIDC providers alone."));
    }
    if !levels.keys().all(|name| LEVELS.contains(&name.as_str())) {
        return Err(invalid("AcrMapping has Level1 to Level4 alone."));
    }
    Ok(levels)
}

/// Checks that no identifier is given twice.
///
/// # Errors
/// `InvalidParameterException`.
pub(super) fn identifiers(given: Option<&[String]>) -> Result<Vec<String>, Refusal> {
    let given = given.unwrap_or_default();
    for (at, identifier) in given.iter().enumerate() {
        let before = &given[..at];
        if before.iter().any(|other| lower(other) == lower(identifier)) {
            return Err(invalid(format!(
                "The identifier {identifier} is given twice."
            )));
        }
    }
    Ok(given.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_reached_by_https_or_on_the_own_machine() {
        for good in [
            "https://idp.example.com",
            "https://idp.example.com:8443/a?b=c",
            "http://localhost:9229/pool",
            "http://[::1]:1/",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "idp.example.com",
            "http://idp.example.com",
            "ftp://idp.example.com",
            "https://",
            "https://user@idp.example.com",
            "https://idp.example.com/#x",
            "https://idp.example.com\\@x",
            "https://idp.example.com/a b",
            "http://localhost@idp.example.com",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn names_of_social_providers_are_theirs_alone() {
        assert!(check_name(ProviderKind::Google, "Google").is_ok());
        assert!(check_name(ProviderKind::Google, "Goggle").is_err());
        assert!(check_name(ProviderKind::Oidc, "Partner").is_ok());
        for bad in ["Google", "facebook", "Cognito", "COGNITO"] {
            assert!(check_name(ProviderKind::Oidc, bad).is_err(), "{bad}");
        }
    }
}
