//! RSA with moduli of 2,048 bits: the operations of RFC 8017 §5 on numbers; paddings are left to others.
//!
//! The private operation takes the Chinese way (§5.1.2): two powers modulo primes of half the size. It is guarded twice.
//! The base is multiplied by a power that nobody knows before, and the result by what undoes it after (Kocher, 1996), so
//! that no caller chooses what the secret exponents are applied to. And the result is raised to the public exponent
//! before it is handed out, since one wrong result would give the primes away (Boneh, DeMillo and Lipton, 1997).

mod blinding;
mod crt;
#[cfg(test)]
mod faults;
mod private;
mod public;

pub use blinding::{Blinding, CHANCE_BYTES};
pub use private::{Fault, InvalidKey, Numbers, PrivateKey};
pub use public::PublicKey;

/// How many bytes a number modulo the modulus has.
pub const BYTES: usize = 256;
/// How many bytes a prime has.
pub const PRIME_BYTES: usize = 128;
