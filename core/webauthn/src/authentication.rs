//! The use of a credential: the authentication ceremony (§7.2).

use userpool_crypto::digest::sha256;

use crate::{
    Invalid,
    authenticator_data::{AuthenticatorData, Flags},
    client_data::{self, Ceremony},
    key::PublicKey,
    party::Expected,
    unproven::{Signed, Unproven},
};

/// What a browser answers to `navigator.credentials.get()`, decoded.
///
/// `rawId` chose the [`Credential`]; that `response.userHandle` names its owner is for the caller to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assertion<'a> {
    /// `response.clientDataJSON`.
    pub client_data: &'a [u8],
    /// `response.authenticatorData`.
    pub authenticator_data: &'a [u8],
    /// `response.signature`.
    pub signature: &'a [u8],
}

/// What was kept of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credential<'a> {
    /// Its public key, in COSE form.
    pub key: &'a [u8],
    /// The signature counter of its last use.
    pub counter: u32,
    /// Whether it may be backed up, which never changes.
    pub backup_eligible: bool,
}

/// A credential that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asserted {
    /// Its signature counter now, to be kept.
    pub counter: u32,
    /// Whether the user was verified, and whether it is backed up now.
    pub flags: Flags,
}

/// Checks an assertion, all but its signature.
///
/// Refusals, in this order: client data (malformed, type, challenge, origin, embedding), authenticator data, relying
/// party, user presence, user verification, backup flags (against each other, against the credential), a new
/// credential where none belongs, the key as it was kept. A counter that did not rise is told inside: it says
/// something of the authenticator only once the signature holds.
///
/// # Errors
/// The refusals above.
pub fn check(
    expected: &Expected<'_>,
    credential: &Credential<'_>,
    assertion: &Assertion<'_>,
) -> Result<Unproven<Result<Asserted, Invalid>>, Invalid> {
    client_data::check(expected, Ceremony::Get, assertion.client_data)?;
    let data = AuthenticatorData::parse(assertion.authenticator_data)?;
    data.check(expected)?;
    if data.flags.backup_eligible() != credential.backup_eligible {
        return Err(Invalid::Backup);
    }
    if data.attested.is_some() {
        return Err(Invalid::AuthenticatorData);
    }
    let hash = sha256(&[assertion.client_data]);
    let signed = Signed {
        key: PublicKey::parse(credential.key)?,
        message: [assertion.authenticator_data, &hash].concat(),
        signature: assertion.signature.into(),
    };
    let (counter, flags) = (data.counter, data.flags);
    // §7.2 step 22: 0 throughout is an authenticator that does not count.
    let rises = counter > credential.counter || (counter == 0 && credential.counter == 0);
    let asserted = if rises {
        Ok(Asserted { counter, flags })
    } else {
        Err(Invalid::Counter)
    };
    Ok(Unproven::new(asserted, Some(signed)))
}

/// Checks an assertion and its signature.
///
/// # Errors
/// The refusals of [`check`], then a wrong signature, then a counter that did not rise.
pub fn verify(
    expected: &Expected<'_>,
    credential: &Credential<'_>,
    assertion: &Assertion<'_>,
) -> Result<Asserted, Invalid> {
    check(expected, credential, assertion)?.verify()?
}
