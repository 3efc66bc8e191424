//! The kinds of identity provider, a file each: what their details are, and where their endpoints lie.

mod amazon;
mod apple;
mod facebook;
mod google;
mod oidc;

use alloc::{collections::BTreeMap, string::String};

use userpool_wire::idp::IdentityProviderTypeType;

use crate::{
    engine::{Refusal, RefusalKind},
    model::identity_provider::ProviderKind,
};

/// The details of a provider, by their names in `ProviderDetails`.
pub(crate) type Details = BTreeMap<String, String>;

/// What is particular to a kind of provider.
pub(crate) struct Kind {
    /// The names of the details that must be given.
    pub required: &'static [&'static str],
    /// The names of those that may be.
    pub optional: &'static [&'static str],
    /// The name of the detail that is a secret.
    pub secret: &'static str,
    /// Whether the secret is told back.
    pub tells_secret: bool,
    /// The claim that is the provider's id of a user.
    pub id: &'static str,
    /// The details that answers add to those given; what is given stands.
    pub derived: fn(&Details) -> Details,
}

impl ProviderKind {
    /// What is particular to it.
    pub(crate) const fn rules(self) -> &'static Kind {
        match self {
            Self::Oidc => &oidc::KIND,
            Self::Google => &google::KIND,
            Self::Facebook => &facebook::KIND,
            Self::Amazon => &amazon::KIND,
            Self::Apple => &apple::KIND,
        }
    }
}

/// The kind of a provider type.
///
/// # Errors
/// `UnsupportedOperationException` where this version does not have it.
pub(crate) fn of(kind: IdentityProviderTypeType) -> Result<ProviderKind, Refusal> {
    match kind {
        IdentityProviderTypeType::Oidc => Ok(ProviderKind::Oidc),
        IdentityProviderTypeType::Google => Ok(ProviderKind::Google),
        IdentityProviderTypeType::Facebook => Ok(ProviderKind::Facebook),
        IdentityProviderTypeType::LoginWithAmazon => Ok(ProviderKind::Amazon),
        IdentityProviderTypeType::SignInWithApple => Ok(ProviderKind::Apple),
        _ => Err(Refusal::new(
            RefusalKind::UnsupportedOperation,
            "SAML identity providers are not supported by this version of userpool.",
        )),
    }
}

/// The type of a kind.
pub(crate) const fn shown(kind: ProviderKind) -> IdentityProviderTypeType {
    match kind {
        ProviderKind::Oidc => IdentityProviderTypeType::Oidc,
        ProviderKind::Google => IdentityProviderTypeType::Google,
        ProviderKind::Facebook => IdentityProviderTypeType::Facebook,
        ProviderKind::Amazon => IdentityProviderTypeType::LoginWithAmazon,
        ProviderKind::Apple => IdentityProviderTypeType::SignInWithApple,
    }
}

/// The endpoints that may be given for every kind, in place of the usual ones.
const ENDPOINTS: [&str; 4] = ["attributes_url", "authorize_url", "jwks_uri", "token_url"];
/// What answers add and requests may repeat.
const ADDED: [&str; 2] = ["attributes_url_add_attributes", "token_request_method"];

impl Kind {
    /// Whether there is a detail of this name.
    pub(crate) fn knows(&self, name: &str) -> bool {
        let own = self.required.iter().chain(self.optional);
        let all = own.chain(&ENDPOINTS).chain(&ADDED);
        all.chain([&self.secret]).any(|known| *known == name)
    }
}

fn details<const N: usize>(details: [(&str, String); N]) -> Details {
    details
        .into_iter()
        .map(|(name, value)| (name.into(), value))
        .collect()
}
