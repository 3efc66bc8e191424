//! Claims whose signature is still to be checked: slow arithmetic, which a caller may have done elsewhere.

use alloc::vec::Vec;

use crate::{Invalid, key::PublicKey};

/// A signature to be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The key that signed, so it is claimed.
    pub key: PublicKey,
    /// The signed bytes.
    pub message: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

impl Signed {
    /// Whether the signature holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.key.verify(&self.message, &self.signature)
    }
}

/// What follows if a signature holds. All else was checked.
#[derive(Clone, Debug)]
#[must_use = "nothing is proven until the signature is checked"]
pub struct Unproven<T> {
    claim: T,
    signed: Option<Signed>,
}

impl<T> Unproven<T> {
    pub(crate) fn new(claim: T, signed: Option<Signed>) -> Self {
        Self { claim, signed }
    }

    /// The signature to be checked; none for a registration that carries no signature of its own.
    #[must_use]
    pub fn signed(&self) -> Option<&Signed> {
        self.signed.as_ref()
    }

    /// Checks the signature here.
    ///
    /// # Errors
    /// [`Invalid::Signature`] if it does not hold.
    pub fn verify(self) -> Result<T, Invalid> {
        let holds = self.signed.as_ref().is_none_or(Signed::holds);
        self.danger_judged(holds)
    }

    /// Takes the verdict on [`Unproven::signed`] from somebody else, who is trusted to have checked it.
    ///
    /// # Errors
    /// [`Invalid::Signature`] if it does not hold.
    pub fn danger_judged(self, holds: bool) -> Result<T, Invalid> {
        if holds {
            Ok(self.claim)
        } else {
            Err(Invalid::Signature)
        }
    }
}
