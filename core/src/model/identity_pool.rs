//! An identity pool: whom it takes logins from, and which roles those get.
//!
//! It is a tenant of its own, beside user pools: what belongs to it lies behind its id as what belongs to a user pool
//! lies behind that one's.

use alloc::{collections::BTreeMap, string::String, vec::Vec};

use userpool_ports::Timestamp;

use crate::{cbor::Cbor, engine::Record};

/// An identity pool.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct IdentityPool {
    /// The id: a region, a colon, a UUID.
    #[n(0)]
    pub id: String,
    /// The name.
    #[n(1)]
    pub name: String,
    /// Whether somebody without a login gets an identity.
    #[n(2)]
    pub guests: bool,
    /// Whether its tokens are given out to be changed for credentials elsewhere; not said is yes.
    #[n(3)]
    pub classic: Option<bool>,
    /// Public login providers, with the app that each knows the pool as.
    #[n(4)]
    pub public: BTreeMap<String, String>,
    /// The name under which a backend vouches for its users.
    #[n(5)]
    pub developer: Option<String>,
    /// OpenID Connect providers, by ARN.
    #[n(6)]
    pub oidc: Vec<String>,
    /// User pools.
    #[n(7)]
    pub user_pools: Vec<UserPoolProvider>,
    /// SAML providers, by ARN.
    #[n(8)]
    pub saml: Vec<String>,
    /// Tags.
    #[n(9)]
    pub tags: BTreeMap<String, String>,
    /// The roles of those who are `authenticated` and `unauthenticated`.
    #[n(10)]
    pub roles: BTreeMap<String, String>,
    /// How the role of a provider's users is chosen.
    #[n(11)]
    pub mappings: BTreeMap<String, RoleMapping>,
    /// Which claims of a provider become tags of its users' credentials.
    #[n(12)]
    pub principal_tags: BTreeMap<String, PrincipalTags>,
    /// When it was made.
    #[n(13)]
    pub created: Timestamp,
}

impl Record for IdentityPool {
    const KIND: &'static str = "an identity pool";
    const IS_SETTING: bool = true;
}

impl IdentityPool {
    /// The region, which every id of its identities begins with.
    #[must_use]
    pub fn region(&self) -> &str {
        self.id.split_once(':').map_or("", |(region, _)| region)
    }
}

/// An app client of a user pool whose ID tokens count as logins.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct UserPoolProvider {
    /// The user pool as it was named: its issuer without the scheme.
    #[n(0)]
    pub name: String,
    /// The app client.
    #[n(1)]
    pub client: String,
    /// Whether users who were disabled, deleted or signed out are refused.
    #[n(2)]
    pub checked: Option<bool>,
}

/// How the role of a provider's users is chosen.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct RoleMapping {
    /// By what.
    #[n(0)]
    pub by: MappedBy,
    /// Whether users for whom that gives no role get the one of all who are authenticated; not said is no.
    #[n(1)]
    pub falls_back: Option<bool>,
}

/// What chooses a role.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
pub enum MappedBy {
    /// The role claims of the token.
    #[n(0)]
    Token,
    /// The first rule that fits.
    #[n(1)]
    Rules(#[n(0)] Vec<Rule>),
}

/// A rule that gives a role to those whose claim fits.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Rule {
    /// The claim.
    #[n(0)]
    pub claim: String,
    /// How it is compared.
    #[n(1)]
    pub fits: Fit,
    /// With what.
    #[n(2)]
    pub value: String,
    /// The role.
    #[n(3)]
    pub role: String,
}

/// How a rule compares a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(index_only)]
pub enum Fit {
    /// It is the value.
    #[n(0)]
    Equals,
    /// It holds the value somewhere.
    #[n(1)]
    Contains,
    /// It begins with the value.
    #[n(2)]
    StartsWith,
    /// It is there and is not the value.
    #[n(3)]
    NotEqual,
}

/// Which claims of a provider become tags of its users' credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct PrincipalTags {
    /// Whether they are `client` and `username`, from `aud` and `sub`.
    #[n(0)]
    pub defaults: Option<bool>,
    /// Claims by tag.
    #[n(1)]
    pub claims: Option<BTreeMap<String, String>>,
}
