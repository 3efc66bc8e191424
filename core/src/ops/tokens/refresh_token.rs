//! The text of a refresh token: a sealed reference to a grant and one of its generations.
//!
//! It has the outline of an encrypted JWT (RFC 7516 §7.1, five parts of base64url) because that is what
//! clients expect to carry; they never look inside. The parts are a header, the name of the sealing key, the
//! nonce, the ciphertext and the tag. The nonce follows from the content, so that one generation has one text as
//! long as the root key stays: whoever asks again after a lost reply gets the very same token.

use alloc::{format, string::String, vec::Vec};

use userpool_crypto::{
    base64,
    digest::sha256,
    sealed::{Context, RootKeys},
};
use userpool_ports::Timestamp;

use crate::{
    cbor::{self, Cbor},
    model::sub::Sub,
};

/// `{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}`: where samples of the service begin like this, so do ours.
const HEADER: &str = "eyJjdHkiOiJKV1QiLCJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiUlNBLU9BRVAifQ";
/// The longest text that is looked at.
const MAX_TEXT: usize = 2_048;
const PURPOSE: &str = "refresh token";
const NONCE: usize = 12;
const TAG: usize = 16;

/// What a refresh token refers to.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(array)]
pub(super) struct Reference {
    /// The user.
    #[n(0)]
    pub sub: Sub,
    /// The grant.
    #[n(1)]
    pub grant: [u8; 16],
    /// The generation.
    #[n(2)]
    pub generation: u32,
    /// The app client.
    #[n(3)]
    pub client: String,
    /// When it runs out, for telling so after the grant is gone.
    #[n(4)]
    pub expires: Timestamp,
}

impl Reference {
    /// The text of the token, for clients of this pool.
    pub fn seal(&self, pool: &str, root_keys: &RootKeys) -> String {
        let plain = cbor::write(self, Vec::with_capacity(96));
        let digest = sha256(&[PURPOSE.as_bytes(), &plain]);
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&digest[..NONCE]);
        let sealed = root_keys.seal(context(pool), nonce, &plain);
        let name_end = sealed.len().min(2 + usize::from(sealed[1]));
        let (name, rest) = sealed.split_at(name_end);
        let (nonce, rest) = rest.split_at(NONCE);
        let (ciphertext, tag) = rest.split_at(rest.len() - TAG);
        let [name, nonce, ciphertext, tag] = [name, nonce, ciphertext, tag].map(base64::encode_url);
        format!("{HEADER}.{name}.{nonce}.{ciphertext}.{tag}")
    }

    /// What a text refers to; `None` where it is no refresh token of this pool.
    pub fn open(text: &str, pool: &str, root_keys: &RootKeys) -> Option<Self> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let mut parts = text.split('.');
        if parts.next() != Some(HEADER) {
            return None;
        }
        let mut sealed = Vec::with_capacity(text.len());
        for _ in 0..4 {
            sealed.extend(base64::decode_url(parts.next()?)?);
        }
        if parts.next().is_some() {
            return None;
        }
        let plain = root_keys.open(context(pool), &sealed).ok()?;
        let reference = cbor::read(plain.expose()).ok()?;
        Some(reference)
    }
}

/// Whether a text has the outline of a signed token, as ID and access tokens have.
pub(super) fn is_signed_token(text: &str) -> bool {
    text.split('.').count() == 3
}

fn context(pool: &str) -> Context<'_> {
    Context {
        purpose: PURPOSE,
        scope: pool.as_bytes(),
        associated: &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_written_the_same() {
        cbor::tests::kept::written_the_same::<Reference>("Reference");
    }
}
