//! What a base is hidden with.

use core::fmt;

use zeroize::Zeroize;

use crate::{
    montgomery::Room,
    rsa::{BYTES, Fault, PrivateKey, crt::NoTap},
    shape::{Backend, Native},
};

/// How many random bytes a pair is made from.
pub const CHANCE_BYTES: usize = BYTES;

/// How many results a pair hides.
const USES: u8 = 64;

/// A pair `(r^e, 1/r)` of secrets: what hides a base, and what uncovers its power.
///
/// Making one costs about as much as a private operation. Each use squares both, so that no two bases are hidden alike,
/// and after some uses it is [`spent`](Self::is_spent). A pair belongs to one key and to one user at a time.
#[derive(Clone)]
pub struct Blinding<B: Backend = Native> {
    hides: B::Product,
    uncovers: B::Product,
    left: u8,
}

impl<B: Backend> Blinding<B> {
    /// Makes a pair from fresh random bytes.
    ///
    /// # Errors
    ///
    /// If the machine computed wrongly. Bytes that share a prime with the modulus lead here too, and happen to nobody.
    pub fn new(key: &PrivateKey<B>, chance: &[u8; CHANCE_BYTES]) -> Result<Self, Fault> {
        // Below 2^2047 and so below n: 1/r is drawn, and r computed from it.
        let mut inverse = *chance;
        inverse[0] &= 0x7f;
        let mut r = key.crt.power(&inverse, &key.crt.inverting(), &mut NoTap);
        let mut room = Room::new();
        let uncovers = key.public.enter(&inverse, &mut room);
        let kept = key.public.enter(&r, &mut room);
        let hides = key.public.kept_power(&kept, &mut room);
        let mut product = uncovers;
        key.public.arithmetic().mul(&mut product, &kept, &mut room);
        let mut one = [0; BYTES];
        one[BYTES - 1] = 1;
        let right = key.public.leave(&product, &mut room) == one;
        inverse.zeroize();
        r.zeroize();
        if right {
            Ok(Self {
                hides,
                uncovers,
                left: USES,
            })
        } else {
            Err(Fault)
        }
    }

    /// Whether another pair has to be made.
    pub fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// What hides the next base and uncovers its power; the pair is renewed.
    pub(super) fn next(
        &mut self,
        key: &PrivateKey<B>,
        room: &mut Room<B::Product>,
    ) -> [B::Product; 2] {
        let pair = [self.hides, self.uncovers];
        key.public.arithmetic().sqr(&mut self.hides, room);
        key.public.arithmetic().sqr(&mut self.uncovers, room);
        self.left = self.left.saturating_sub(1);
        pair
    }
}

impl<B: Backend> Drop for Blinding<B> {
    fn drop(&mut self) {
        self.hides.zeroize();
        self.uncovers.zeroize();
    }
}

impl<B: Backend> fmt::Debug for Blinding<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blinding(..)")
    }
}
