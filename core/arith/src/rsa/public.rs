//! The public operation.

use crate::{
    bytes,
    montgomery::{Modulus, Room},
    rsa::BYTES,
    shape::{Backend, Native},
};

/// A modulus of 2,048 bits and a public exponent.
///
/// Preparing one costs a third of a use; it is a few hundred bytes without a pointer, and cloned as such.
#[derive(Clone, Debug)]
pub struct PublicKey<B: Backend = Native> {
    bytes: [u8; BYTES],
    modulus: Modulus<B::Product>,
    exponent: u64,
}

impl<B: Backend> PublicKey<B> {
    /// Prepares a modulus, big-endian, and an exponent.
    ///
    /// `None` where the modulus is even or has fewer than 2,048 bits, or the exponent is even or below 3.
    pub fn new(modulus: &[u8; BYTES], exponent: u64) -> Option<Self> {
        let odd = modulus[BYTES - 1] & 1 == 1 && exponent & 1 == 1;
        if !odd || modulus[0] < 0x80 || exponent < 3 {
            return None;
        }
        let [n] = bytes::read(modulus);
        Some(Self {
            bytes: *modulus,
            modulus: Modulus::new(&n, 8 * BYTES),
            exponent,
        })
    }

    /// The modulus, big-endian.
    pub fn modulus(&self) -> &[u8; BYTES] {
        &self.bytes
    }

    /// The public exponent.
    pub fn exponent(&self) -> u64 {
        self.exponent
    }

    /// The number raised to the public exponent (RFC 8017 §5.2.2); `None` where it is not below the modulus.
    ///
    /// The time depends on the exponent only.
    pub fn power(&self, number: &[u8; BYTES]) -> Option<[u8; BYTES]> {
        // Both are public, or about to be.
        if *number >= self.bytes {
            return None;
        }
        let mut room = Room::new();
        let kept = self.enter(number, &mut room);
        let power = self.modulus.public_power(&kept, self.exponent, &mut room);
        Some(self.leave(&power, &mut room))
    }

    /// The power of a number that is kept as Montgomery multiplication wants it.
    pub(super) fn kept_power(
        &self,
        number: &B::Product,
        room: &mut Room<B::Product>,
    ) -> B::Product {
        self.modulus.public_power(number, self.exponent, room)
    }

    /// The modulus, prepared.
    pub(super) fn arithmetic(&self) -> &Modulus<B::Product> {
        &self.modulus
    }

    /// A number as Montgomery multiplication wants it.
    pub(super) fn enter(&self, number: &[u8; BYTES], room: &mut Room<B::Product>) -> B::Product {
        let [mut kept] = bytes::read(number);
        self.modulus.mul(&mut kept, &self.modulus.square, room);
        kept
    }

    /// A number as bytes, below the modulus.
    pub(super) fn leave(&self, kept: &B::Product, room: &mut Room<B::Product>) -> [u8; BYTES] {
        let mut number = [0; BYTES];
        bytes::write(&[self.modulus.leave(kept, room)], &mut number);
        number
    }
}
