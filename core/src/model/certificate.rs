//! The certificates of a pool for identity providers of SAML: the one with which it signs its requests, and the one for
//! which they encrypt assertions.

use alloc::vec::Vec;

use userpool_ports::Timestamp;

use crate::{cbor::Cbor, engine::Record};

/// A key pair and its certificate.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Certificate {
    /// The private key, PKCS #8 DER, sealed as a signing key of the pool is, under the name of the key.
    #[cbor(n(0), bytes)]
    pub sealed: Vec<u8>,
    /// The certificate, DER (RFC 5280 §4.1).
    #[cbor(n(1), bytes)]
    pub der: Vec<u8>,
    /// When it was made.
    #[n(2)]
    pub made: Timestamp,
}

impl Record for Certificate {
    const KIND: &'static str = "the certificate of a pool";
    const IS_SETTING: bool = true;
}
