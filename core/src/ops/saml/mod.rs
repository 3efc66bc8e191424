//! Sign-in by identity providers of SAML 2.0: what their requests and responses need of the pool.
//!
//! `userpool-saml` says what fits; here is what a pool knows: the provider, its keys, and which assertions were used.
//!
//! | file | subject |
//! |---|---|
//! | `request` | sends a browser to a provider |
//! | `response` | takes what comes back, once |
//! | `logout` | the same for a sign-out |
//! | `sign_out` | a sign-out that the provider begins |

pub(crate) mod logout;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod sign_out;

use alloc::{format, string::String};

use userpool_saml::metadata::Metadata;

use crate::model::identity_provider::SamlMetadata;

/// The name of a pool as a service: the audience of assertions.
pub(crate) fn service(pool: &str) -> String {
    format!("urn:amazon:cognito:sp:{pool}")
}

/// What the checks need of the metadata that is kept.
fn metadata(kept: &SamlMetadata) -> Metadata {
    Metadata {
        entity_id: kept.entity_id.clone(),
        sign_in: kept.sign_in.clone(),
        posts: kept.posts,
        sign_out: kept.sign_out.clone(),
        sign_out_answer: kept.sign_out_answer.clone(),
        certificates: kept.certificates.iter().map(|der| der.to_vec()).collect(),
        wants_signed: false,
        ends: kept.ends,
    }
}
