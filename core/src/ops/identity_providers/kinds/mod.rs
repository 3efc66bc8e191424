//! The kinds of identity provider, a file each: what their details are, and where their endpoints lie.

mod amazon;
mod apple;
mod facebook;
mod google;
mod oidc;
mod saml;

use alloc::{collections::BTreeMap, string::String};

use userpool_wire::idp::IdentityProviderTypeType;

use crate::{few, model::identity_provider::ProviderKind};

/// The details of a provider, by their names in `ProviderDetails`.
pub(crate) type Details = BTreeMap<String, String>;

/// What is particular to a kind of provider.
pub(crate) struct Kind {
    /// The names of the details that must be given.
    pub required: &'static [&'static str],
    /// The names of those that may be.
    pub optional: &'static [&'static str],
    /// The names of those that may be for every kind of its protocol.
    pub common: &'static [&'static str],
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
            Self::Saml => &saml::KIND,
        }
    }
}

/// The kind of a provider type.
pub(crate) const fn of(kind: IdentityProviderTypeType) -> ProviderKind {
    match kind {
        IdentityProviderTypeType::Oidc => ProviderKind::Oidc,
        IdentityProviderTypeType::Google => ProviderKind::Google,
        IdentityProviderTypeType::Facebook => ProviderKind::Facebook,
        IdentityProviderTypeType::LoginWithAmazon => ProviderKind::Amazon,
        IdentityProviderTypeType::SignInWithApple => ProviderKind::Apple,
        IdentityProviderTypeType::Saml => ProviderKind::Saml,
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
        ProviderKind::Saml => IdentityProviderTypeType::Saml,
    }
}

/// The endpoints that may be given for every kind that speaks OAuth, in place of the usual ones, and what answers add
/// and requests may repeat.
const OF_OAUTH: &[&str] = &[
    "attributes_url",
    "attributes_url_add_attributes",
    "authorize_url",
    "jwks_uri",
    "token_request_method",
    "token_url",
];

impl Kind {
    /// Whether there is a detail of this name.
    pub(crate) fn knows(&self, name: &str) -> bool {
        let own = self.required.iter().chain(self.optional);
        let all = own.chain(self.common).chain([&self.secret]);
        !name.is_empty() && all.into_iter().any(|known| *known == name)
    }
}

fn details<const N: usize>(details: [(&str, String); N]) -> Details {
    few::gather(
        details
            .into_iter()
            .map(|(name, value)| (name.into(), value)),
    )
}
