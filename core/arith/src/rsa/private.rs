//! The private operation, guarded.

use core::fmt;

use zeroize::Zeroize;

use crate::{
    montgomery::Room,
    rsa::{
        BYTES, Blinding, CHANCE_BYTES, PRIME_BYTES, PublicKey,
        crt::{Crt, Exponents, NoTap, Tap},
    },
    shape::{Backend, Native},
};

/// The numbers of a private key (RFC 8017 §3.2), big-endian.
#[derive(Clone, Copy)]
pub struct Numbers<'a> {
    /// The modulus, the product of the primes.
    pub modulus: &'a [u8; BYTES],
    /// The public exponent.
    pub exponent: u64,
    /// The private exponent.
    pub private_exponent: &'a [u8; BYTES],
    /// The first prime.
    pub p: &'a [u8; PRIME_BYTES],
    /// The second prime.
    pub q: &'a [u8; PRIME_BYTES],
    /// The private exponent modulo `p - 1`.
    pub exponent_p: &'a [u8; PRIME_BYTES],
    /// The private exponent modulo `q - 1`.
    pub exponent_q: &'a [u8; PRIME_BYTES],
}

impl fmt::Debug for Numbers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Numbers(..)")
    }
}

/// A private key of 2,048 bits and two primes of 1,024. Wiped on drop.
#[derive(Clone)]
pub struct PrivateKey<B: Backend = Native> {
    pub(super) public: PublicKey<B>,
    pub(super) crt: Crt<B>,
    exponents: Exponents,
    exponent: [u8; BYTES],
}

impl<B: Backend> PrivateKey<B> {
    /// Prepares a key.
    ///
    /// # Errors
    ///
    /// If the modulus has not 2,048 bits or a prime not 1,024, one of them or the public exponent is even, the modulus is
    /// not the product of the primes, or their exponents do not undo the public one for a number that is tried. The private
    /// exponent is not looked at: it serves where the primes failed, and what comes of it is checked.
    pub fn new(numbers: &Numbers<'_>) -> Result<Self, InvalidKey> {
        let public = PublicKey::new(numbers.modulus, numbers.exponent).ok_or(InvalidKey)?;
        for prime in [numbers.p, numbers.q] {
            if prime[0] < 0x80 || prime[PRIME_BYTES - 1] & 1 == 0 {
                return Err(InvalidKey);
            }
        }
        let key = Self {
            public,
            crt: Crt::new(numbers.p, numbers.q),
            exponents: Exponents {
                p: *numbers.exponent_p,
                q: *numbers.exponent_q,
            },
            exponent: *numbers.private_exponent,
        };
        // The power of 2 comes back only where the primes, their exponents and the modulus fit each other.
        let mut two = [0; BYTES];
        two[BYTES - 1] = 2;
        let mut root = key.crt.power(&two, &key.exponents, &mut NoTap);
        let fits = key.public.power(&root) == Some(two);
        root.zeroize();
        if fits { Ok(key) } else { Err(InvalidKey) }
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey<B> {
        &self.public
    }

    /// The number raised to the private exponent (RFC 8017 §5.2.1): what raised to the public exponent is the number.
    ///
    /// `blinding` is a pair of this key, or nothing where none is at hand; a new one is made from `chance`, which are
    /// fresh random bytes, where it is missing or spent. A result that the public exponent does not lead back from is
    /// not handed out: the pair is dropped, and the power is computed once more without the primes.
    ///
    /// # Errors
    ///
    /// If that result is wrong too, or the number is not below the modulus.
    pub fn power(
        &self,
        number: &[u8; BYTES],
        blinding: &mut Option<Blinding<B>>,
        chance: &[u8; CHANCE_BYTES],
    ) -> Result<[u8; BYTES], Fault> {
        self.tapped_power(number, blinding, chance, &mut NoTap)
    }

    pub(super) fn tapped_power(
        &self,
        number: &[u8; BYTES],
        blinding: &mut Option<Blinding<B>>,
        chance: &[u8; CHANCE_BYTES],
        tap: &mut impl Tap,
    ) -> Result<[u8; BYTES], Fault> {
        if let Ok(result) = self.short_way(number, blinding, chance, tap) {
            return Ok(result);
        }
        *blinding = None;
        let mut result = self.long_way(number);
        if self.public.power(&result) == Some(*number) {
            return Ok(result);
        }
        result.zeroize();
        Err(Fault)
    }

    /// The power by the primes, hidden and checked.
    pub(super) fn short_way(
        &self,
        number: &[u8; BYTES],
        blinding: &mut Option<Blinding<B>>,
        chance: &[u8; CHANCE_BYTES],
        tap: &mut impl Tap,
    ) -> Result<[u8; BYTES], Fault> {
        if blinding.as_ref().is_none_or(Blinding::is_spent) {
            *blinding = Some(Blinding::new(self, chance)?);
        }
        let Some(pair) = blinding else {
            return Err(Fault);
        };
        let mut room = Room::new();
        let [hides, uncovers] = pair.next(self, &mut room);
        let modulus = self.public.arithmetic();
        let mut base = self.public.enter(number, &mut room);
        modulus.mul(&mut base, &hides, &mut room);
        let mut hidden = self.public.leave(&base, &mut room);
        let mut power = self.crt.power(&hidden, &self.exponents, tap);
        let mut kept = self.public.enter(&power, &mut room);
        modulus.mul(&mut kept, &uncovers, &mut room);
        let back = self.public.kept_power(&kept, &mut room);
        let right = self.public.leave(&back, &mut room) == *number;
        let result = right
            .then(|| self.public.leave(&kept, &mut room))
            .ok_or(Fault);
        base.zeroize();
        hidden.zeroize();
        power.zeroize();
        kept.zeroize();
        result
    }

    /// The power without the primes.
    fn long_way(&self, number: &[u8; BYTES]) -> [u8; BYTES] {
        let mut room = Room::new();
        let base = self.public.enter(number, &mut room);
        let power = self
            .public
            .arithmetic()
            .power::<32>(&base, &self.exponent, &mut room);
        self.public.leave(&power, &mut room)
    }
}

impl<B: Backend> Drop for PrivateKey<B> {
    fn drop(&mut self) {
        self.exponent.zeroize();
    }
}

impl<B: Backend> fmt::Debug for PrivateKey<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}

/// Numbers do not make a private key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidKey;

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the numbers of a private key of 2,048 bits")
    }
}

impl core::error::Error for InvalidKey {}

/// The machine computed wrongly, and the result was withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault;

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a private power came out wrong and was withheld")
    }
}

impl core::error::Error for Fault {}
