//! What a number is here: a polynomial, whose value at `2^BITS` is the number.

use zeroize::Zeroize;

use crate::{montgomery::Modulus, word::Word};

/// The limb of a polynomial.
pub type LimbOf<P> = <<P as Poly>::Word as Word>::Limb;
/// A column of a polynomial's product.
pub type ColumnOf<P> = <<P as Poly>::Word as Word>::Column;

/// A polynomial of `n` limbs, and its products.
///
/// Products are columns, one a coefficient, right modulo the column's power of two. They are written to a place that
/// the caller gives: what it held before counts for nothing, except where a method's name begins with `add`.
pub trait Poly: Copy + Zeroize + Send + Sync + 'static {
    /// How limbs and columns are held.
    type Word: Word;
    /// `n` columns.
    type Columns: Copy + Zeroize + Send + Sync + 'static;
    /// Room for products of parts.
    type Scratch: Copy + Zeroize + Send + Sync + 'static;
    /// How many bits a limb has.
    const BITS: u32;
    /// How many limbs there are.
    const LIMBS: usize;
    /// All limbs zero.
    const ZERO: Self;
    /// All columns zero.
    const NO_COLUMNS: Self::Columns;
    /// Fresh room.
    const NO_SCRATCH: Self::Scratch;

    /// The product, `2n` columns.
    fn product(&self, other: &Self, out: &mut [Self::Columns; 2], scratch: &mut Self::Scratch);
    /// The product, `2n` columns, added to what is there.
    fn add_product(&self, other: &Self, out: &mut [Self::Columns; 2], scratch: &mut Self::Scratch);
    /// The square, `2n` columns.
    fn square(&self, out: &mut [Self::Columns; 2], scratch: &mut Self::Scratch);
    /// The lower `n` columns of the product, added to what is there.
    fn add_low_product(&self, other: &Self, out: &mut Self::Columns, scratch: &mut Self::Scratch);
    /// The product modulo `X^n - 1`.
    fn cyclic_product(&self, other: &Self, out: &mut Self::Columns, scratch: &mut Self::Scratch);
    /// The product modulo `X^n + 1`.
    fn negacyclic_product(
        &self,
        other: &Self,
        out: &mut Self::Columns,
        scratch: &mut Self::Scratch,
    );
    /// Becomes `t / R` modulo `n`, where `R = 2^(BITS * LIMBS)`: `(t + q n) / R` for a `q` below `R`.
    ///
    /// Limbs come out in `0..2^BITS`, the second up to `2^10` above.
    fn reduce(
        &mut self,
        modulus: &Modulus<Self>,
        t: &mut [Self::Columns; 2],
        room: &mut Self::Columns,
        scratch: &mut Self::Scratch,
    );

    /// Limb by limb, the sum.
    fn plus(&self, other: &Self) -> Self;
    /// Limb by limb, the difference.
    fn minus(&self, other: &Self) -> Self;
    /// Adds the other polynomial where the mask is -1, nothing where it is 0.
    fn add_masked(&mut self, other: &Self, mask: i8);
    /// Reads limbs from sums of columns, lowest first, passing on what is beyond [`BITS`](Self::BITS); returns the
    /// last carry.
    fn carry<const N: usize>(
        &mut self,
        columns: [&Self::Columns; N],
        carry: ColumnOf<Self>,
    ) -> ColumnOf<Self>;
    /// Reads limbs from columns, modulo `R`, each block beginning anew.
    ///
    /// A processor need not wait for one block before it begins the next. What a block passes on is
    /// [absorbed](Self::absorb) by the first limbs of the next: the second limb of a block may come out up to `2^10`
    /// above `2^BITS`, and the number a bit above `R`.
    fn carry_apart(&mut self, columns: &Self::Columns) -> ColumnOf<Self>;
    /// Adds a carry to the first limb, and what leaves that to the second.
    #[inline(always)]
    fn absorb(&mut self, carry: ColumnOf<Self>) {
        let first = Self::Word::add(Self::Word::column(self.limb(0)), carry);
        *self.limb_mut(0) = Self::Word::column_bits(first, Self::BITS);
        let second = Self::Word::column_bits(Self::Word::shift(first, Self::BITS), Self::BITS);
        *self.limb_mut(1) = Self::Word::add_limbs(self.limb(1), second);
    }
    /// Passes on what a limb, which may be negative, has beyond [`BITS`](Self::BITS); returns the last carry.
    fn carry_limbs(&mut self, carry: LimbOf<Self>) -> LimbOf<Self>;
    /// The limbs as columns.
    fn to_columns(&self) -> Self::Columns;
    /// Column by column, the sum.
    fn add_columns(left: &mut Self::Columns, right: &Self::Columns);

    /// Turns products of halves into the product of two pairs of this kind.
    ///
    /// `out` is four parts: the product of the lower halves and that of the upper halves, to which the middle is added;
    /// `sums` is the product of the sums of the halves.
    fn join(out: [&mut Self::Columns; 4], sums: [&Self::Columns; 2]);
    /// Turns products of halves into the product modulo `X^2n + 1`; `out` is the product of the lower halves.
    fn join_negacyclic(
        out: [&mut Self::Columns; 2],
        upper: [&Self::Columns; 2],
        sums: [&Self::Columns; 2],
    );
    /// Turns products of halves into the product modulo `X^2n - 1`; `out` is the product of the lower halves.
    fn join_cyclic(
        out: [&mut Self::Columns; 2],
        upper: [&Self::Columns; 2],
        sums: [&Self::Columns; 2],
    );
    /// Turns products modulo `X^n - 1` and modulo `X^n + 1` into the product modulo `X^2n - 1`.
    fn merge(out: [&mut Self::Columns; 2]);

    /// The limb at a place, which is no secret.
    fn limb(&self, at: usize) -> LimbOf<Self>;
    /// The limb at a place, which is no secret, to write.
    fn limb_mut(&mut self, at: usize) -> &mut LimbOf<Self>;
}
