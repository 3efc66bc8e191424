//! Sign-ins by identity providers: a browser is sent to one, and what the provider says of its user becomes a session.
//!
//! | file | subject |
//! |---|---|
//! | `begin` | where the browser is sent (OpenID Connect Core §3.1.2.1) |
//! | `answer` | what it comes back with |
//! | `exchange` | the code for tokens (RFC 6749 §4.1.3) |
//! | `id_token` | an ID token checked (OpenID Connect Core §3.1.3.7) |
//! | `key_set` | the keys of a provider, kept and fetched (RFC 7517) |
//! | `token` | a token taken apart, and its signature checked (RFC 7515) |
//! | `user_info` | what else the provider tells (OpenID Connect Core §5.3) |
//! | `asserted` | claims, and the attributes they become |
//! | `saml` | the same by SAML (saml-profiles-2.0-os §4.1) |
//! | `saml_logout` | single logout (saml-profiles-2.0-os §4.4) |
//! | `saml_sign_out` | the same, begun by the provider |
//! | `sign_in` | the account: found, made or changed, and signed in |
//!
//! What a provider says is foreign: it is bounded before it is read, of the exact types, and whatever does not fit ends
//! the sign-in. A state is good once, for five minutes, in the browser that began (RFC 9700 §4.7), for the provider
//! that it was made for (§4.4).

pub mod answer;
pub(crate) mod asserted;
pub(super) mod begin;
mod exchange;
pub(in crate::ops) mod id_token;
pub(crate) mod key_set;
pub mod saml;
pub mod saml_logout;
pub mod saml_sign_out;
pub(crate) mod sign_in;
pub(crate) mod token;
mod user_info;

use alloc::{borrow::Cow, format, string::String};

use userpool_ports::{FetchFault, FetchReply};

use crate::engine::{Refusal, RefusalKind};

/// The refusal of what a provider said; its text goes back to the client.
fn refused(text: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, text)
}

/// A reply that is well and no longer than this.
///
/// # Errors
/// Refuses where none came, with the text for that, or another one.
fn good(
    provider: &str,
    reply: Result<FetchReply, FetchFault>,
    most: usize,
    unreached: &'static str,
) -> Result<FetchReply, Refusal> {
    let reply = reply.map_err(|_| refused(unreached))?;
    if reply.body.len() > most {
        return Err(refused(format!(
            "{provider} Error - the answer is too long"
        )));
    }
    if !(200..300).contains(&reply.status) {
        let status = reply.status;
        let error = error_of(&reply.body);
        return Err(refused(format!("{provider} Error - {status} {error}")));
    }
    Ok(reply)
}

/// The name of the error in an answer, if it is one (RFC 6749 §5.2).
fn error_of(body: &[u8]) -> String {
    let said: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let error = said.as_ref().and_then(|said| said.get("error"));
    let error = error.and_then(|error| error.as_str()).unwrap_or_default();
    plain(error, 64)
}

/// The plain letters of a foreign text, as many as this.
fn plain(text: &str, most: usize) -> String {
    let letters = text
        .chars()
        .filter(|it| matches!(it, ' '..='~') && !"\"\\<>".contains(*it));
    letters.take(most).collect()
}
