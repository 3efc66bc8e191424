//! What the authenticator says of a ceremony: authenticator data (§6.1).

use minicbor::{Decoder, data::Type};

use crate::{
    Invalid,
    key::PublicKey,
    party::{Expected, UserVerification},
};

/// The longest credential id (§6.5.1).
pub const MAX_CREDENTIAL_ID: usize = 1_023;

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKUP_STATE: u8 = 0x10;
const ATTESTED: u8 = 0x40;
const EXTENSIONS: u8 = 0x80;

/// The flags of authenticator data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags(u8);

impl Flags {
    /// Whether the user was verified, by a PIN or a biometric.
    #[must_use]
    pub const fn user_verified(self) -> bool {
        self.0 & USER_VERIFIED != 0
    }

    /// Whether the credential may ever be on more than one device; it never changes.
    #[must_use]
    pub const fn backup_eligible(self) -> bool {
        self.0 & BACKUP_ELIGIBLE != 0
    }

    /// Whether the credential is on more than one device now, or backed up.
    #[must_use]
    pub const fn backed_up(self) -> bool {
        self.0 & BACKUP_STATE != 0
    }
}

/// Authenticator data taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuthenticatorData<'a> {
    party: &'a [u8; 32],
    pub flags: Flags,
    pub counter: u32,
    pub attested: Option<Attested<'a>>,
}

/// A new credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attested<'a> {
    pub aaguid: [u8; 16],
    pub id: &'a [u8],
    pub key: PublicKey,
}

impl<'a> AuthenticatorData<'a> {
    /// Takes authenticator data apart; nothing may be left over.
    ///
    /// # Errors
    /// Refuses what is malformed, and a key that is not accepted.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Invalid> {
        let malformed = Invalid::AuthenticatorData;
        let (party, rest) = bytes.split_first_chunk::<32>().ok_or(malformed)?;
        let (flags, rest) = rest.split_first().ok_or(malformed)?;
        let (counter, mut rest) = rest.split_first_chunk::<4>().ok_or(malformed)?;
        let mut attested = None;
        if flags & ATTESTED != 0 {
            let (found, after) = Attested::parse(rest)?;
            attested = Some(found);
            rest = after;
        }
        if flags & EXTENSIONS != 0 {
            rest = skip_map(rest).ok_or(malformed)?;
        }
        if !rest.is_empty() {
            return Err(malformed);
        }
        Ok(Self {
            party,
            flags: Flags(*flags),
            counter: u32::from_be_bytes(*counter),
            attested,
        })
    }

    /// Checks relying party, user presence, user verification and backup flags, in this order (§7.1 steps 13 to 18,
    /// §7.2 steps 16 to 19).
    ///
    /// # Errors
    /// Refuses what does not fit.
    pub fn check(&self, expected: &Expected<'_>) -> Result<(), Invalid> {
        if *self.party != expected.party.hash() {
            return Err(Invalid::RelyingParty);
        }
        let Flags(flags) = self.flags;
        if flags & USER_PRESENT == 0 {
            return Err(Invalid::UserPresence);
        }
        match expected.verification {
            UserVerification::Required if !self.flags.user_verified() => {
                return Err(Invalid::UserVerification);
            }
            UserVerification::Required | UserVerification::Preferred => {}
        }
        if self.flags.backed_up() && !self.flags.backup_eligible() {
            return Err(Invalid::Backup);
        }
        Ok(())
    }
}

impl<'a> Attested<'a> {
    /// Attested credential data (§6.5.1), and what follows it.
    fn parse(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Invalid> {
        let malformed = Invalid::AuthenticatorData;
        let (aaguid, rest) = bytes.split_first_chunk::<16>().ok_or(malformed)?;
        let (length, rest) = rest.split_first_chunk::<2>().ok_or(malformed)?;
        let length = usize::from(u16::from_be_bytes(*length));
        if length == 0 || length > MAX_CREDENTIAL_ID {
            return Err(malformed);
        }
        let (id, rest) = rest.split_at_checked(length).ok_or(malformed)?;
        let (key, rest) = PublicKey::read(rest)?;
        let aaguid = *aaguid;
        Ok((Self { aaguid, id, key }, rest))
    }
}

/// What follows a CBOR map whose keys are texts; `None` where there is none.
fn skip_map(bytes: &[u8]) -> Option<&[u8]> {
    let mut decoder = Decoder::new(bytes);
    let entries = decoder.map().ok()??;
    for _ in 0..entries {
        if decoder.datatype().ok()? != Type::String {
            return None;
        }
        decoder.skip().ok()?;
        decoder.skip().ok()?;
    }
    bytes.get(decoder.position()..)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn data(flags: u8, rest: &[u8]) -> Vec<u8> {
        [&[1; 32][..], &[flags], &[0, 0, 1, 2], rest].concat()
    }

    #[test]
    fn data_without_a_credential_has_thirty_seven_bytes() {
        let bytes = data(USER_PRESENT | BACKUP_ELIGIBLE, b"");
        let parsed = AuthenticatorData::parse(&bytes).unwrap();
        assert_eq!(parsed.counter, 258);
        assert!(parsed.flags.backup_eligible() && !parsed.flags.user_verified());
        for length in 0..bytes.len() {
            let cut = AuthenticatorData::parse(&bytes[..length]);
            assert_eq!(cut, Err(Invalid::AuthenticatorData), "{length}");
        }
        let longer = data(USER_PRESENT, b"\0");
        let end = AuthenticatorData::parse(&longer);
        assert_eq!(end, Err(Invalid::AuthenticatorData));
    }

    #[test]
    fn extensions_are_a_map_with_names_and_nothing_follows_it() {
        let good: [&[u8]; 3] = [b"\xA0", b"\xA1\x61a\xF5", b"\xA1\x61a\xA1\x01\x82\x02\x03"];
        for rest in good {
            assert!(AuthenticatorData::parse(&data(0x81, rest)).is_ok());
        }
        let bad: [&[u8]; 8] = [
            b"",
            b"\x80",
            b"\xA0\xA0",
            b"\xA1\x01\xF5",
            b"\xA1\x61a",
            b"\xBF\x61a\xF5\xFF",
            b"\xA1\x61a\x9B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
            b"\xBB\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
        ];
        for rest in bad {
            let bytes = data(0x81, rest);
            let end = AuthenticatorData::parse(&bytes);
            assert_eq!(end, Err(Invalid::AuthenticatorData), "{rest:x?}");
        }
    }

    #[test]
    fn a_credential_id_has_one_to_so_many_bytes() {
        for length in [0_u16, 1_024, u16::MAX] {
            let rest = [&[0; 16][..], &length.to_be_bytes(), &[0; 1_100]].concat();
            let bytes = data(0x41, &rest);
            let end = AuthenticatorData::parse(&bytes);
            assert_eq!(end, Err(Invalid::AuthenticatorData), "{length}");
        }
    }
}
