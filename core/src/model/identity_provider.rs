//! Identity providers of a pool: others who say who somebody is.

use alloc::{collections::BTreeMap, string::String, vec::Vec};
use core::time::Duration;

use minicbor::bytes::ByteVec;
use userpool_ports::Timestamp;

use crate::{cbor::Cbor, engine::Record};

/// The most identity providers of a pool: the service's quota that can be asked for.
pub const MAX_OF_POOL: usize = 300;

/// What sort of provider it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
pub enum ProviderKind {
    /// Any that speaks OpenID Connect.
    #[n(0)]
    Oidc,
    /// Google.
    #[n(1)]
    Google,
    /// Facebook.
    #[n(2)]
    Facebook,
    /// Login with Amazon.
    #[n(3)]
    Amazon,
    /// Sign in with Apple.
    #[n(4)]
    Apple,
    /// Any that speaks SAML 2.0.
    #[n(5)]
    Saml,
}

impl ProviderKind {
    /// The protocol's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Oidc => "OIDC",
            Self::Google => "Google",
            Self::Facebook => "Facebook",
            Self::Amazon => "LoginWithAmazon",
            Self::Apple => "SignInWithApple",
            Self::Saml => "SAML",
        }
    }
}

/// An identity provider. Its secret is sealed with the record's key as place and `secret` as field.
#[derive(Clone, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct IdentityProvider {
    /// The name, unique in its pool.
    #[n(0)]
    pub name: String,
    /// What sort it is.
    #[n(1)]
    pub kind: ProviderKind,
    /// What the administrator said of it, without secrets.
    #[n(2)]
    pub details: BTreeMap<String, String>,
    /// What it says of itself.
    #[n(3)]
    pub discovered: Discovered,
    /// Attributes of the pool, and what the provider calls each.
    #[n(4)]
    pub mapping: BTreeMap<String, String>,
    /// What leads to it, such as mail domains.
    #[n(5)]
    pub identifiers: Vec<String>,
    /// Levels of authentication, and what the provider calls each.
    #[n(6)]
    pub levels: BTreeMap<String, String>,
    /// The secret that the pool shares with it, sealed.
    #[cbor(n(7), bytes)]
    pub secret: Option<Vec<u8>>,
    /// When it was made.
    #[n(8)]
    pub created: Timestamp,
    /// When it last changed.
    #[n(9)]
    pub modified: Timestamp,
}

impl Record for IdentityProvider {
    const KIND: &'static str = "an identity provider";
    const IS_SETTING: bool = true;
}

impl core::fmt::Debug for IdentityProvider {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("IdentityProvider")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// What a provider's discovery document says (OpenID Connect Discovery §3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Discovered {
    /// Its endpoints, by their names in `ProviderDetails`.
    #[n(0)]
    pub endpoints: BTreeMap<String, String>,
    /// Whether it takes S256 challenges (RFC 7636).
    #[n(1)]
    pub takes_challenges: bool,
    /// Whether its answers name it (RFC 9207).
    #[n(2)]
    pub names_itself: bool,
    /// What the metadata of a provider of SAML says.
    #[n(3)]
    pub saml: Option<SamlMetadata>,
}

/// What the metadata of a provider of SAML says (saml-metadata-2.0-os §2).
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct SamlMetadata {
    /// The provider's name.
    #[n(0)]
    pub entity_id: String,
    /// Where browsers are sent for a sign-in.
    #[n(1)]
    pub sign_in: String,
    /// Where browsers are sent for a sign-out.
    #[n(2)]
    pub sign_out: Option<String>,
    /// The certificates of the keys that it signs with, DER.
    #[n(3)]
    pub certificates: Vec<ByteVec>,
    /// When the metadata ends, in seconds since 1970 began.
    #[n(4)]
    pub ends: Option<i64>,
    /// When it was read.
    #[n(5)]
    pub read: Timestamp,
    /// Whether requests for a sign-in are sent in forms, and not in addresses.
    #[cbor(n(6), default)]
    pub posts: bool,
    /// Where answers about a sign-out are sent, if elsewhere than requests.
    #[n(7)]
    pub sign_out_answer: Option<String>,
}

/// The metadata of a provider of SAML, as it was fetched since the provider was made.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct FetchedMetadata {
    /// Where it is from.
    #[n(0)]
    pub url: String,
    /// What it says.
    #[n(1)]
    pub metadata: SamlMetadata,
}

impl Record for FetchedMetadata {
    const KIND: &'static str = "the metadata of an identity provider";
}

/// What leads to an identity provider.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct ProviderIdentifier {
    /// The provider's name.
    #[n(0)]
    pub provider: String,
}

impl Record for ProviderIdentifier {
    const KIND: &'static str = "an identifier of an identity provider";
    const IS_SETTING: bool = true;
}

/// How long the keys of a provider are good without being fetched again.
pub const KEYS_LIFE: Duration = Duration::from_secs(3_600);
/// How soon they may be fetched again for a key that is not among them.
pub const KEYS_REST: Duration = Duration::from_secs(60);

/// The keys of a provider, as they were fetched.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct ProviderKeys {
    /// Where they are from.
    #[n(0)]
    pub url: String,
    /// The key set (RFC 7517), with the keys that can be used and nothing else.
    #[cbor(n(1), bytes)]
    pub set: Vec<u8>,
    /// When they were fetched.
    #[n(2)]
    pub fetched: Timestamp,
}

impl Record for ProviderKeys {
    const KIND: &'static str = "the keys of an identity provider";
}
