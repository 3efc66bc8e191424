//! A new credential: the registration ceremony (§7.1).

use alloc::vec::Vec;

use userpool_crypto::digest::sha256;

use crate::{
    Invalid,
    attestation::{Attestation, AttestationObject},
    authenticator_data::{AuthenticatorData, Flags},
    client_data::{self, Ceremony},
    key::PublicKey,
    party::Expected,
    unproven::Unproven,
};

/// What a browser answers to `navigator.credentials.create()`, decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response<'a> {
    /// `rawId`.
    pub credential_id: &'a [u8],
    /// `response.clientDataJSON`.
    pub client_data: &'a [u8],
    /// `response.attestationObject`.
    pub attestation_object: &'a [u8],
}

/// A credential that was registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// Its id. The caller makes sure that nobody has it yet (§7.1 step 26).
    pub credential_id: Vec<u8>,
    /// Its public key.
    pub key: PublicKey,
    /// Its signature counter.
    pub counter: u32,
    /// Whether the user was verified, and how it may be backed up.
    pub flags: Flags,
    /// The model of the authenticator, so it is claimed.
    pub aaguid: [u8; 16],
    /// What is known of the authenticator.
    pub attestation: Attestation,
}

/// Checks a registration, all but the signature of self attestation.
///
/// Refusals, in this order: client data (malformed, type, challenge, origin, embedding), attestation object,
/// authenticator data, key, relying party, user presence, user verification, backup flags, no credential, another
/// id than was sent, attestation statement.
///
/// # Errors
/// The refusals above.
pub fn check(
    expected: &Expected<'_>,
    response: &Response<'_>,
) -> Result<Unproven<Registered>, Invalid> {
    client_data::check(expected, Ceremony::Create, response.client_data)?;
    let object = AttestationObject::parse(response.attestation_object)?;
    let data = AuthenticatorData::parse(object.authenticator_data)?;
    data.check(expected)?;
    let attested = data.attested.ok_or(Invalid::AuthenticatorData)?;
    if attested.id != response.credential_id {
        return Err(Invalid::CredentialId);
    }
    let message = || {
        let hash = sha256(&[response.client_data]);
        [object.authenticator_data, &hash].concat()
    };
    let (attestation, signed) = object.judge(&attested.key, message)?;
    let registered = Registered {
        credential_id: attested.id.to_vec(),
        key: attested.key,
        counter: data.counter,
        flags: data.flags,
        aaguid: attested.aaguid,
        attestation,
    };
    Ok(Unproven::new(registered, signed))
}
