//! What is the same for every request: the account, the issuer, the root keys.

use alloc::string::String;

use userpool_crypto::sealed::RootKeys;

use super::{login_providers::LoginProviders, message_keys::MessageKeys, shelf::SharedRecords};
use crate::model::client::Client;

/// Settings of an engine that operations read.
#[derive(Debug)]
pub struct Environment {
    /// The account in every ARN: twelve digits.
    pub account_id: String,
    /// The region of pools made by a caller whose signature names none.
    pub default_region: String,
    /// Where this engine is reached, without a slash at the end.
    pub base_url: String,
    /// The issuer of tokens, with `{base}`, `{region}` and `{pool}` filled in for each pool.
    pub issuer: String,
    /// The keys under which secrets are sealed.
    pub root_keys: RootKeys,
    /// Where decoded records are kept between requests, if the host keeps any.
    pub shared: SharedRecords,
    /// How codes reach the functions that send messages in a pool's stead.
    pub message_keys: MessageKeys,
    /// Which app clients must send challenges with their requests for codes.
    pub pkce: PkceDemand,
    /// The providers that identity pools take logins from by their ARNs.
    pub login_providers: LoginProviders,
    /// Who gives out credentials in the engine's stead.
    pub broker: Option<Broker>,
}

/// A security token service (AWS STS, or one that speaks its protocol) that gives out credentials in the engine's stead.
///
/// It has to trust the tokens of identity pools: their issuer is the engine's base URL and the id of the pool, their
/// audience the id of the pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    /// Where it is: `https://sts.REGION.amazonaws.com`, or another `https://HOST` or `http://HOST`.
    pub endpoint: String,
}

/// Which app clients must send an S256 challenge with their requests for codes (RFC 7636, RFC 9700 §2.1.1). The API has
/// no setting for it, so that it is one of the host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PkceDemand {
    /// None: a challenge that is sent counts.
    #[default]
    Nobody,
    /// Those that have no secret.
    Public,
    /// All.
    Everybody,
}

impl PkceDemand {
    /// Whether it is made of a client.
    pub(crate) fn is_of(self, client: &Client) -> bool {
        match self {
            Self::Nobody => false,
            Self::Public => client.secrets.is_empty(),
            Self::Everybody => true,
        }
    }
}

impl Environment {
    /// The settings of an engine that is reached at `http://127.0.0.1:9229` and has nothing of its own but root keys.
    ///
    /// Take what differs by `Environment { base_url, ..Environment::new(root_keys) }`.
    #[must_use]
    pub fn new(root_keys: RootKeys) -> Self {
        Self {
            account_id: "000000000000".into(),
            default_region: "us-east-1".into(),
            base_url: "http://127.0.0.1:9229".into(),
            issuer: "{base}/{pool}".into(),
            root_keys,
            shared: SharedRecords::default(),
            message_keys: MessageKeys::default(),
            pkce: PkceDemand::default(),
            login_providers: LoginProviders::default(),
            broker: None,
        }
    }

    /// The exact `iss` of a pool's tokens.
    #[must_use]
    pub fn issuer_of(&self, pool: &str) -> String {
        let region = pool.rsplit_once('_').map_or("", |(region, _)| region);
        self.issuer
            .replace("{base}", &self.base_url)
            .replace("{region}", region)
            .replace("{pool}", pool)
    }
}

/// Who asks, as far as the adapter knows.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The region that the request is meant for: that of its signature's scope, or of the address that it came to.
    pub region: Option<String>,
    /// The source address as text.
    pub source: Option<String>,
    /// The caller's user agent.
    pub user_agent: Option<String>,
    /// The access key id of an administrator whose signature was verified.
    pub administrator: Option<String>,
}
