//! Polynomials of two halves: products by three products of halves, reduction by a product that wraps around.

use zeroize::Zeroize;

use crate::{
    montgomery::Modulus,
    poly::{ColumnOf, LimbOf, Poly},
    word::Word,
};

/// A polynomial in two halves, the lower first.
///
/// With `SPLIT`, a product modulo `X^2n - 1` is made from those modulo `X^n - 1` and `X^n + 1`, which costs one product
/// of halves less, and is exact where twice each of its columns fits a column. Without, it is a product by halves.
#[derive(Clone, Copy, Debug)]
pub struct Pair<P, const SPLIT: bool = true>(pub [P; 2]);

/// Room for the products of a [`Pair`]'s parts.
#[derive(Clone, Copy)]
pub struct Scratch<P: Poly> {
    /// The product of the sums of the halves.
    sums: [P::Columns; 2],
    /// The product of the upper halves, where the result has no room for it.
    upper: [P::Columns; 2],
    inner: P::Scratch,
}

impl<P: Poly> Zeroize for Scratch<P> {
    fn zeroize(&mut self) {
        self.sums.zeroize();
        self.upper.zeroize();
        self.inner.zeroize();
    }
}

impl<P: Poly, const SPLIT: bool> Zeroize for Pair<P, SPLIT> {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl<P: Poly, const SPLIT: bool> Poly for Pair<P, SPLIT> {
    type Word = P::Word;
    type Columns = [P::Columns; 2];
    type Scratch = Scratch<P>;
    const BITS: u32 = P::BITS;
    const LIMBS: usize = 2 * P::LIMBS;
    const ZERO: Self = Self([P::ZERO; 2]);
    const NO_COLUMNS: Self::Columns = [P::NO_COLUMNS; 2];
    const NO_SCRATCH: Self::Scratch = Scratch {
        sums: [P::NO_COLUMNS; 2],
        upper: [P::NO_COLUMNS; 2],
        inner: P::NO_SCRATCH,
    };

    #[inline(never)]
    fn product(&self, other: &Self, out: &mut [Self::Columns; 2], scratch: &mut Self::Scratch) {
        let Scratch { sums, inner, .. } = scratch;
        let ([a, b], [c, d]) = (&self.0, &other.0);
        a.product(c, &mut out[0], inner);
        b.product(d, &mut out[1], inner);
        a.plus(b).product(&c.plus(d), sums, inner);
        let [[first, low], [high, last]] = out;
        P::join([first, low, high, last], sums.each_ref());
    }

    #[inline(never)]
    fn add_product(&self, other: &Self, out: &mut [Self::Columns; 2], scratch: &mut Self::Scratch) {
        let mut product = [Self::NO_COLUMNS; 2];
        self.product(other, &mut product, scratch);
        Self::add_columns(&mut out[0], &product[0]);
        Self::add_columns(&mut out[1], &product[1]);
        product.zeroize();
    }

    #[inline(never)]
    fn square(&self, out: &mut [Self::Columns; 2], scratch: &mut Self::Scratch) {
        let Scratch { sums, inner, .. } = scratch;
        let [a, b] = &self.0;
        a.square(&mut out[0], inner);
        b.square(&mut out[1], inner);
        a.plus(b).square(sums, inner);
        let [[first, low], [high, last]] = out;
        P::join([first, low, high, last], sums.each_ref());
    }

    #[inline(never)]
    fn add_low_product(&self, other: &Self, out: &mut Self::Columns, scratch: &mut Self::Scratch) {
        let inner = &mut scratch.inner;
        let ([a, b], [c, d]) = (&self.0, &other.0);
        a.add_product(c, out, inner);
        a.add_low_product(d, &mut out[1], inner);
        b.add_low_product(c, &mut out[1], inner);
    }

    #[inline(never)]
    fn cyclic_product(&self, other: &Self, out: &mut Self::Columns, scratch: &mut Self::Scratch) {
        let Scratch { sums, upper, inner } = scratch;
        let ([a, b], [c, d]) = (&self.0, &other.0);
        if SPLIT {
            // Modulo X^n - 1 the upper half joins the lower one, modulo X^n + 1 it leaves it.
            a.plus(b).cyclic_product(&c.plus(d), &mut out[0], inner);
            a.minus(b)
                .negacyclic_product(&c.minus(d), &mut out[1], inner);
            P::merge(out.each_mut());
        } else {
            a.product(c, out, inner);
            b.product(d, upper, inner);
            a.plus(b).product(&c.plus(d), sums, inner);
            P::join_cyclic(out.each_mut(), upper.each_ref(), sums.each_ref());
        }
    }

    #[inline(never)]
    fn negacyclic_product(
        &self,
        other: &Self,
        out: &mut Self::Columns,
        scratch: &mut Self::Scratch,
    ) {
        let Scratch { sums, upper, inner } = scratch;
        let ([a, b], [c, d]) = (&self.0, &other.0);
        a.product(c, out, inner);
        b.product(d, upper, inner);
        a.plus(b).product(&c.plus(d), sums, inner);
        P::join_negacyclic(out.each_mut(), upper.each_ref(), sums.each_ref());
    }

    #[inline(never)]
    fn reduce(
        &mut self,
        modulus: &Modulus<Self>,
        t: &mut [Self::Columns; 2],
        room: &mut Self::Columns,
        scratch: &mut Self::Scratch,
    ) {
        // q = t * inverse modulo R, from the lower limbs of both.
        self.carry_apart(&t[0]);
        let ([a, b], [c, d]) = (&self.0, &modulus.inverse.0);
        a.product(c, room, &mut scratch.inner);
        a.add_low_product(d, &mut room[1], &mut scratch.inner);
        b.add_low_product(c, &mut room[1], &mut scratch.inner);
        self.carry_apart(room);
        // R is 1 modulo R - 1, and so (t + q n) / R is t + q n with its upper limbs added to its lower ones. With sums of
        // columns l and h for the lower and the upper ones, l = c R as the lower limbs vanish, and the result is h + c.
        // Carrying h + l = h + c R leaves h, as h is below R, and c, which comes around to the bottom.
        self.cyclic_product(&modulus.n, room, scratch);
        let around = self.carry([&t[0], &t[1], room], P::Word::ZERO_COLUMN);
        self.absorb(around);
    }

    #[inline(always)]
    fn plus(&self, other: &Self) -> Self {
        Self([self.0[0].plus(&other.0[0]), self.0[1].plus(&other.0[1])])
    }

    #[inline(always)]
    fn minus(&self, other: &Self) -> Self {
        Self([self.0[0].minus(&other.0[0]), self.0[1].minus(&other.0[1])])
    }

    #[inline(always)]
    fn add_masked(&mut self, other: &Self, mask: i8) {
        self.0[0].add_masked(&other.0[0], mask);
        self.0[1].add_masked(&other.0[1], mask);
    }

    #[inline(always)]
    fn carry<const N: usize>(
        &mut self,
        columns: [&Self::Columns; N],
        carry: ColumnOf<Self>,
    ) -> ColumnOf<Self> {
        let carry = self.0[0].carry(columns.map(|halves| &halves[0]), carry);
        self.0[1].carry(columns.map(|halves| &halves[1]), carry)
    }

    #[inline(always)]
    fn carry_apart(&mut self, columns: &Self::Columns) -> ColumnOf<Self> {
        let between = self.0[0].carry_apart(&columns[0]);
        let last = self.0[1].carry_apart(&columns[1]);
        self.0[1].absorb(between);
        last
    }

    #[inline(always)]
    fn carry_limbs(&mut self, carry: LimbOf<Self>) -> LimbOf<Self> {
        let carry = self.0[0].carry_limbs(carry);
        self.0[1].carry_limbs(carry)
    }

    #[inline(always)]
    fn to_columns(&self) -> Self::Columns {
        [self.0[0].to_columns(), self.0[1].to_columns()]
    }

    #[inline(always)]
    fn add_columns(left: &mut Self::Columns, right: &Self::Columns) {
        P::add_columns(&mut left[0], &right[0]);
        P::add_columns(&mut left[1], &right[1]);
    }

    #[inline(always)]
    fn join([first, low, high, last]: [&mut Self::Columns; 4], sums: [&Self::Columns; 2]) {
        for half in 0..2 {
            let out = [
                &mut first[half],
                &mut low[half],
                &mut high[half],
                &mut last[half],
            ];
            P::join(out, sums.map(|part| &part[half]));
        }
    }

    #[inline(always)]
    fn join_negacyclic(
        [low, high]: [&mut Self::Columns; 2],
        upper: [&Self::Columns; 2],
        sums: [&Self::Columns; 2],
    ) {
        for half in 0..2 {
            let out = [&mut low[half], &mut high[half]];
            P::join_negacyclic(
                out,
                upper.map(|part| &part[half]),
                sums.map(|part| &part[half]),
            );
        }
    }

    #[inline(always)]
    fn join_cyclic(
        [low, high]: [&mut Self::Columns; 2],
        upper: [&Self::Columns; 2],
        sums: [&Self::Columns; 2],
    ) {
        for half in 0..2 {
            let out = [&mut low[half], &mut high[half]];
            P::join_cyclic(
                out,
                upper.map(|part| &part[half]),
                sums.map(|part| &part[half]),
            );
        }
    }

    #[inline(always)]
    fn merge([low, high]: [&mut Self::Columns; 2]) {
        for half in 0..2 {
            P::merge([&mut low[half], &mut high[half]]);
        }
    }

    #[inline(always)]
    fn limb(&self, at: usize) -> LimbOf<Self> {
        self.0[at / P::LIMBS].limb(at % P::LIMBS)
    }

    #[inline(always)]
    fn limb_mut(&mut self, at: usize) -> &mut LimbOf<Self> {
        self.0[at / P::LIMBS].limb_mut(at % P::LIMBS)
    }
}
