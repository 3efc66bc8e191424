//! Providers that identity pools take logins from: what the service knows of them by IAM.
//!
//! An identity pool names providers of OpenID Connect and of SAML by ARNs. At the service those lead to providers of
//! IAM, which know whom a provider gives tokens to and which keys it signs with. Here there is no IAM, and whoever runs
//! the engine says the same once, under the same ARN; a pool that names an ARN which nobody told of takes no logins
//! by it.
//!
//! | name | what is told |
//! |---|---|
//! | `arn:aws:iam::ACCOUNT:oidc-provider/HOST/PATH` | client ids; the issuer is `https://HOST/PATH` |
//! | `arn:aws:iam::ACCOUNT:saml-provider/NAME` | metadata; audience and recipient where they are not the service's |
//! | `accounts.google.com`, `appleid.apple.com`, `graph.facebook.com`, `www.amazon.com` | nothing but a stand-in: pools say which app they are |

use alloc::{collections::BTreeMap, string::String, vec::Vec};
use core::fmt;

use userpool_saml::metadata::Metadata;

/// What stands before the issuer of a provider of OpenID Connect in its ARN.
pub(crate) const OIDC: &str = ":oidc-provider/";
/// What stands before the name of a provider of SAML in its ARN.
pub(crate) const SAML: &str = ":saml-provider/";
/// For whom assertions are, and where they are sent, at the service.
const AUDIENCE: &str = "urn:amazon:webservices";
const RECIPIENT: &str = "https://signin.aws.amazon.com/saml";

/// What is told of a provider.
#[derive(Clone, Debug, Default)]
pub struct LoginProvider {
    /// Of OpenID Connect: the client ids whose ID tokens count.
    pub client_ids: Vec<String>,
    /// Of OpenID Connect and public providers: where a stand-in is, in place of `https://` and the provider's name; its
    /// tokens have this issuer.
    pub address: Option<String>,
    /// Of SAML: the metadata, XML.
    pub metadata: Option<String>,
    /// Of SAML: for whom assertions have to be; `urn:amazon:webservices` where none is given.
    pub audience: Option<String>,
    /// Of SAML: where assertions have to be sent; `https://signin.aws.amazon.com/saml` where none is given.
    pub recipient: Option<String>,
}

/// The providers that are told of, by their ARNs or names.
#[derive(Clone, Debug, Default)]
pub struct LoginProviders {
    known: BTreeMap<String, Known>,
}

/// What is known of a provider.
#[derive(Clone, Debug)]
enum Known {
    Tokens(Tokens),
    Assertions(Assertions),
}

/// What is known of a provider that gives out tokens.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub client_ids: Vec<String>,
    pub address: Option<String>,
}

/// What is known of a provider of SAML.
#[derive(Clone, Debug)]
pub(crate) struct Assertions {
    pub metadata: Metadata,
    pub audience: String,
    pub recipient: String,
}

impl LoginProviders {
    /// These, and one more.
    ///
    /// # Errors
    /// The name is neither an ARN of a provider nor that of a public one, or what is told of it does not fit.
    pub fn with(mut self, name: &str, told: LoginProvider) -> Result<Self, UnusableProvider> {
        let unusable = |why| UnusableProvider {
            name: name.into(),
            why,
        };
        if told.address.as_ref().is_some_and(|it| !is_http(it)) {
            return Err(unusable("its address must begin with https:// or http://"));
        }
        let known = if name.contains(SAML) {
            let text = told
                .metadata
                .ok_or_else(|| unusable("it has no metadata"))?;
            // Metadata that has ended is known, and refused at a login.
            let metadata = Metadata::parse(&text, i64::MIN);
            Known::Assertions(Assertions {
                metadata: metadata.map_err(|_| unusable("its metadata cannot be used"))?,
                audience: told.audience.unwrap_or_else(|| AUDIENCE.into()),
                recipient: told.recipient.unwrap_or_else(|| RECIPIENT.into()),
            })
        } else {
            let is_public = ["accounts.google.com", "appleid.apple.com"].contains(&name)
                || ["graph.facebook.com", "www.amazon.com"].contains(&name);
            match (is_public, name.contains(OIDC)) {
                (true, _) => {}
                (false, true) if told.client_ids.is_empty() => {
                    return Err(unusable("it has no client ids"));
                }
                (false, true) => {}
                (false, false) => return Err(unusable("it is no provider's name or ARN")),
            }
            Known::Tokens(Tokens {
                client_ids: told.client_ids,
                address: told.address,
            })
        };
        self.known.insert(name.into(), known);
        Ok(self)
    }

    /// What is known of a provider of tokens.
    pub(crate) fn tokens(&self, name: &str) -> Option<&Tokens> {
        match self.known.get(name)? {
            Known::Tokens(tokens) => Some(tokens),
            Known::Assertions(_) => None,
        }
    }

    /// What is known of a provider of SAML.
    pub(crate) fn assertions(&self, arn: &str) -> Option<&Assertions> {
        match self.known.get(arn)? {
            Known::Assertions(assertions) => Some(assertions),
            Known::Tokens(_) => None,
        }
    }
}

fn is_http(address: &str) -> bool {
    let rest = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(['?', '#', '@', ' ']))
}

/// A provider whose logins could never be taken as it was told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusableProvider {
    name: String,
    why: &'static str,
}

impl fmt::Display for UnusableProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the login provider {}: {}", self.name, self.why)
    }
}

impl core::error::Error for UnusableProvider {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_never_be_a_login_is_no_provider() {
        let of = |name: &str, told: LoginProvider| LoginProviders::default().with(name, told);
        let ids = |address: Option<&str>| LoginProvider {
            client_ids: ["app".into()].into(),
            address: address.map(Into::into),
            ..LoginProvider::default()
        };
        const OIDC: &str = "arn:aws:iam::000000000000:oidc-provider/idp.example.com";
        assert!(of(OIDC, ids(None)).is_ok());
        assert!(of("graph.facebook.com", LoginProvider::default()).is_ok());
        for (name, told) in [
            (OIDC, LoginProvider::default()),
            (OIDC, ids(Some("idp.example.com"))),
            (OIDC, ids(Some("https://idp.example.com/?x"))),
            ("idp.example.com", ids(None)),
            ("api.twitter.com", ids(None)),
            ("arn:aws:iam::000000000000:saml-provider/idp", ids(None)),
        ] {
            assert!(of(name, told).is_err(), "{name}");
        }
        let known = of(OIDC, ids(Some("http://localhost:1/"))).expect("a provider");
        let tokens = known.tokens(OIDC).expect("a provider of tokens");
        assert_eq!(tokens.address.as_deref(), Some("http://localhost:1/"));
        assert!(known.assertions(OIDC).is_none());
    }
}
