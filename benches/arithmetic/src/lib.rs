//! The pieces of arithmetic that signing in consists of, with fixed numbers, from bytes to bytes.
//!
//! Each is a function that is never inlined, so that a profile can tell what it cost. They need the two crates below the
//! engine only, so that they are built in a minute.

pub mod welch;

use core::fmt;

use userpool_arith::group::{BYTES, Element, POWERS_BYTES, Powers};
use userpool_crypto::digest::sha256;
use userpool_crypto::rs256::{Blinding, PublicKey, SigningKey};

/// A key of RSA with 2,048 bits for benches alone, in PKCS#8: `openssl genpkey` made it.
pub const RSA_KEY: &[u8] = include_bytes!("../rsa.der");

/// What is signed: about as long as what a token signs.
pub const MESSAGE: [u8; 700] = [b'e'; 700];

/// Signatures that one blinding pair serves: a mean over so many counts its making once.
pub const SIGNATURES_OF_A_PAIR: usize = 64;

/// Fixed numbers, and what is computed with them.
pub struct Kernels {
    /// An element of the group, big-endian.
    pub base: [u8; BYTES],
    /// An exponent of 256 bits, big-endian.
    pub exponent: [u8; 32],
    public_exponent: [u8; 32],
    verifier: [u8; BYTES],
    kept: [u8; POWERS_BYTES],
    multiplier: Element,
    key: SigningKey,
    blinding: Blinding,
    signature: [u8; 256],
}

impl fmt::Debug for Kernels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kernels(..)")
    }
}

impl Default for Kernels {
    fn default() -> Self {
        Self::new()
    }
}

impl Kernels {
    /// Prepares everything.
    ///
    /// # Panics
    ///
    /// Never: the key is a key.
    #[must_use]
    pub fn new() -> Self {
        let base = element(b"base");
        let verifier = element(b"verifier");
        let key = SigningKey::from_pkcs8(RSA_KEY).expect("the key of the benches is a key");
        let signature = key.sign(&MESSAGE, &[1; 32]).expect("the machine computes");
        let mut multiplier = [0; BYTES];
        multiplier[BYTES - 32..].copy_from_slice(&sha256(&[b"multiplier"]));
        Self {
            base,
            exponent: sha256(&[b"exponent"]),
            public_exponent: sha256(&[b"scrambler"]),
            verifier,
            kept: Powers::of(&Element::<userpool_arith::Native>::from_bytes(&verifier)).to_bytes(),
            multiplier: Element::from_bytes(&multiplier),
            key,
            blinding: Blinding::default(),
            signature,
        }
    }

    /// The public half of the key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        self.key.public()
    }

    /// A power with a secret exponent of 256 bits.
    #[inline(never)]
    #[must_use]
    pub fn power(&self) -> [u8; BYTES] {
        Element::<userpool_arith::Native>::from_bytes(&self.base)
            .power(&self.exponent)
            .to_bytes()
    }

    /// A power of the generator with a secret exponent of 256 bits.
    #[inline(never)]
    #[must_use]
    pub fn comb(&self) -> [u8; BYTES] {
        Element::<userpool_arith::Native>::generator_power(&self.exponent).to_bytes()
    }

    /// What the server computes first: `B = k v + g^b`.
    #[inline(never)]
    #[must_use]
    pub fn public_value(&self) -> [u8; BYTES] {
        self.multiplier
            .times(&Element::from_bytes(&self.verifier))
            .plus(&Element::generator_power(&self.exponent))
            .to_bytes()
    }

    /// What the server computes last: `S = (A v^u)^b`.
    #[inline(never)]
    #[must_use]
    pub fn shared(&self) -> [u8; BYTES] {
        let verifier = Element::from_bytes(&self.verifier);
        self.raised(&verifier.public_power(&self.public_exponent))
    }

    /// The same with stored powers of the verifier.
    #[inline(never)]
    #[must_use]
    pub fn shared_by_stored_powers(&self) -> [u8; BYTES] {
        let verifier = Element::from_bytes(&self.verifier);
        let powers = Powers::from_bytes(&verifier, &self.kept);
        self.raised(&powers.public_power(&self.public_exponent))
    }

    /// A signature: hidden, computed, checked.
    ///
    /// # Panics
    ///
    /// If the machine computes wrongly.
    #[inline(never)]
    pub fn sign(&mut self) -> [u8; 256] {
        self.key
            .sign_with(&MESSAGE, &mut self.blinding, &[2; 32])
            .expect("the machine computes")
    }

    /// The check of a signature.
    #[inline(never)]
    #[must_use]
    pub fn verify(&self) -> bool {
        self.key.public().verify(&MESSAGE, &self.signature)
    }

    fn raised(&self, masked: &Element) -> [u8; BYTES] {
        Element::from_bytes(&self.base)
            .times(masked)
            .power(&self.exponent)
            .to_bytes()
    }
}

/// An integer below the prime of the group that a label names.
#[must_use]
pub fn element(label: &[u8]) -> [u8; BYTES] {
    let mut integer = [0; BYTES];
    for (at, part) in integer.as_chunks_mut::<32>().0.iter_mut().enumerate() {
        *part = sha256(&[label, &[at as u8]]);
    }
    // The prime begins with 64 ones.
    integer[0] &= 0x7f;
    integer
}
