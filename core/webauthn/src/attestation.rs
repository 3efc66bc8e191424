//! The attestation object (§6.5.4), and what its statement is good for.

use alloc::string::{String, ToString};

use minicbor::{Decoder, data::Type};

use crate::{Invalid, key::PublicKey, unproven::Signed};

/// The longest attestation object that is looked at.
pub const MAX_ATTESTATION_OBJECT: usize = 64 * 1_024;
/// The longest name of a format (§8.1).
const MAX_FORMAT: usize = 32;

/// What is known of the authenticator that made a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attestation {
    /// Nothing was said.
    None,
    /// The credential itself signed the registration: whoever registers has its private key.
    Own,
    /// A statement of this format, which was not looked at; it proves nothing.
    Unverified(String),
}

/// An attestation object taken apart.
pub(crate) struct AttestationObject<'a> {
    format: &'a str,
    statement: &'a [u8],
    pub authenticator_data: &'a [u8],
}

impl<'a> AttestationObject<'a> {
    /// Takes an attestation object apart: a map of exactly `fmt`, `attStmt` and `authData`, and nothing after it.
    ///
    /// # Errors
    /// Refuses what is malformed.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Invalid> {
        if bytes.len() > MAX_ATTESTATION_OBJECT {
            return Err(Invalid::Attestation);
        }
        Self::read(bytes).ok_or(Invalid::Attestation)
    }

    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut decoder = Decoder::new(bytes);
        let (mut format, mut statement, mut authenticator_data) = (None, None, None);
        // Three entries and three names, all found below: so none stands twice.
        if decoder.map().ok()? != Some(3) {
            return None;
        }
        for _ in 0..3 {
            match decoder.str().ok()? {
                "fmt" => format = Some(decoder.str().ok()?),
                "attStmt" => {
                    let begin = decoder.position();
                    if decoder.datatype().ok()? != Type::Map {
                        return None;
                    }
                    decoder.skip().ok()?;
                    statement = bytes.get(begin..decoder.position());
                }
                "authData" => authenticator_data = Some(decoder.bytes().ok()?),
                _ => return None,
            }
        }
        (decoder.position() == bytes.len()).then_some(())?;
        Some(Self {
            format: format.filter(|format| !format.is_empty() && format.len() <= MAX_FORMAT)?,
            statement: statement?,
            authenticator_data: authenticator_data?,
        })
    }

    /// What the statement says, and the signature that has to hold for it.
    ///
    /// # Errors
    /// Refuses `none` with a statement, and malformed self attestation.
    pub fn judge(
        &self,
        key: &PublicKey,
        message: impl FnOnce() -> alloc::vec::Vec<u8>,
    ) -> Result<(Attestation, Option<Signed>), Invalid> {
        match self.format {
            // §8.7: the statement is the empty map.
            "none" if self.statement == [0xA0] => Ok((Attestation::None, None)),
            "none" => Err(Invalid::Attestation),
            "packed" => match Packed::read(self.statement).ok_or(Invalid::Attestation)? {
                Packed::Certified => Ok((Attestation::Unverified("packed".into()), None)),
                Packed::Own { algorithm, .. } if algorithm != key.algorithm().number() => {
                    Err(Invalid::Attestation)
                }
                Packed::Own { signature, .. } => {
                    let signed = Signed {
                        key: key.clone(),
                        message: message(),
                        signature: signature.into(),
                    };
                    Ok((Attestation::Own, Some(signed)))
                }
            },
            other => Ok((Attestation::Unverified(other.to_string()), None)),
        }
    }
}

/// A statement of the format `packed` (§8.2).
enum Packed<'a> {
    /// By a key with certificates.
    Certified,
    /// By the credential itself.
    Own { algorithm: i64, signature: &'a [u8] },
}

impl<'a> Packed<'a> {
    fn read(statement: &'a [u8]) -> Option<Self> {
        let mut decoder = Decoder::new(statement);
        let entries = decoder.map().ok()??;
        let (mut algorithm, mut signature, mut is_certified) = (None, None, false);
        for _ in 0..entries {
            match decoder.str().ok()? {
                "alg" if algorithm.is_none() => algorithm = Some(decoder.i64().ok()?),
                "sig" if signature.is_none() => signature = Some(decoder.bytes().ok()?),
                "x5c" if !is_certified && decoder.datatype().ok()? == Type::Array => {
                    decoder.skip().ok()?;
                    is_certified = true;
                }
                _ => return None,
            }
        }
        let (algorithm, signature) = (algorithm?, signature?);
        Some(if is_certified {
            Self::Certified
        } else {
            Self::Own {
                algorithm,
                signature,
            }
        })
    }
}
