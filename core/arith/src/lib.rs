//! The two shapes of big numbers that signing in needs, at the processor's limit: powers modulo the 3072-bit prime of
//! SRP, and RSA with 2,048 bits.
//!
//! No branch, no place in memory and no division depends on a secret. Nothing is allocated, and `unsafe` is forbidden:
//! what makes this fast is the method, in safe Rust. This page is the method; a reader who follows it through
//! [`group`] and [`rsa`] needs nothing else.
//!
//! # Limbs and columns
//!
//! A number is a polynomial: its limbs are the coefficients, and its value at `2^60` is the number (or at `2^61`, `2^58`,
//! `2^28`: each [shape](Backend) has its own). A limb leaves bits of its machine word unused, and that is the point. A
//! column of a product, `c_k = sum of a_i b_(k-i)`, then fits 128 bits with all its summands, so that a summand costs
//! a multiplication, an addition and an addition with carry; nobody counts carries. Limbs take what is beyond their
//! bits from columns once a product is complete.
//!
//! Up to there all is arithmetic of polynomials over the integers modulo `2^128`, with signs as they come. Only what is
//! read at the end has to lie in range, and that is a matter of counting summands: the `shape` module has the table,
//! and tests hold it.
//!
//! # Products
//!
//! Two polynomials of 52 limbs are multiplied by halves, twice: of `(a + b X)(c + d X)` the middle is
//! `(a + b)(c + d) - a c - b d` (Karatsuba and Ofman, 1962). Over wrapping columns this needs no care for carries and
//! signs, which is what makes it costly elsewhere. What remains are nine products of 13 limbs, limb by limb.
//!
//! # Reduction
//!
//! Montgomery (1985): to divide a product `t` by `R = 2^3120` modulo `n`, add the multiple `q n` whose sum with `t` ends
//! in zeros, `q = -t / n` modulo `R`; what is above the zeros is the result. As `R` is `2^48` times as large as `n`,
//! results are hardly larger than `n`, and nothing is ever subtracted between one product and the next.
//!
//! - `q` is the lower half of the product of `t`'s lower half with the constant `-1/n` modulo `R`. Half a product of
//!   halves of halves is a triangle, and the triangle's square is again a product by halves.
//! - `q n` is needed only above the zeros, and there a product that wraps around is enough: modulo `X^52 - 1`, where
//!   upper columns fall on lower ones. As `R` is 1 modulo `R - 1`, and the result is far below `R - 1`, the result is
//!   `t + q n` modulo `R - 1`: the upper columns added to the lower ones, and the last carry to the first limb.
//! - `X^52 - 1 = (X^26 - 1)(X^26 + 1)`: modulo each factor the polynomials have half as many limbs, and the two products
//!   are put together by a sum, a difference and a shift. The first factor is split once more. A product of 13 limbs is
//!   the unit: splitting costs 5, where the upper half by itself costs 9, and the reduction as a whole 12.2, where a
//!   reduction limb by limb costs 16.
//!
//! Modulo a prime of 1,024 bits the 17 limbs are too few for this, and the reduction goes limb by limb: each digit of `q`
//! makes one column vanish.
//!
//! # Powers
//!
//! | what | how | operations |
//! |---|---|---|
//! | secret base and exponent of 256 bits | windows of 4 bits; all 16 entries are read for each | 259 squarings, 70 products |
//! | the generator, secret exponent | four combs of 6 rows with 64 products, all of one read for each column (Lim and Lee, 1994) | 10, 42 |
//! | the same with [`Narrow`] limbs, where memory is short | one such comb | 42, 42 |
//! | the same without a comb, where the code itself must be short | four rows of 64 bits, their products made of three powers; the fourth is doubling | 63, 67 |
//! | secret base, public exponent | sliding windows of 4 bits | 257, 59 |
//! | the same with three stored powers of the base | four exponents of 64 bits at once (Straus, 1964) | 64, 71 |
//! | modulo a prime of RSA, secret exponent of 1,024 bits | windows of 5 bits | 1,035, 219 |
//!
//! # Two ways to hold numbers
//!
//! [`Wide`] has limbs of 58 to 61 bits and columns of 128, for processors that multiply 64 bits by 64. [`Narrow`] has limbs
//! of 28 bits and columns of 64, for wasm32 and processors of 32 bits. [`Native`] is one of them. Both are the same code
//! over other words and other numbers of limbs, and tests run both on any machine.
//!
//! # Secrets in memory
//!
//! [`group::Element`], private keys and blinding pairs are wiped on drop, and so is the room that products are computed
//! in. Copies that the compiler makes on the stack are beyond what safe code can wipe.

#![no_std]
#![forbid(unsafe_code)]

mod block;
mod bytes;
mod constants;
pub mod group;
mod montgomery;
mod pair;
mod poly;
pub mod rsa;
mod shape;
#[cfg(test)]
mod tests;
mod word;

pub use shape::{Backend, Narrow, Native, Wide};
