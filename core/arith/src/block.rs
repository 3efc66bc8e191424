//! The innermost polynomials, multiplied limb by limb.
//!
//! Where a column is two machine words, row by row: one limb of one factor with all limbs of the other, added to columns
//! in memory. That is four instructions a product (load, multiply, add, add with carry), and no count of carries. Where a
//! column is one word, column by column: the sum stays in a register, and a product is two loads, a multiplication and an
//! addition. WebAssembly in particular gains from what is not written.

#![expect(
    clippy::needless_range_loop,
    reason = "limbs and columns go by the same index"
)]

use core::hint::black_box;

use zeroize::Zeroize;

use crate::{
    montgomery::Modulus,
    poly::{LimbOf, Poly},
    word::Word,
};

/// `L` limbs of `BITS` bits.
///
/// A column of a product of numbers is below `L * 2^(2 BITS)`, and twice that with what a reduction adds.
#[derive(Clone, Copy, Debug)]
pub struct Block<W: Word, const L: usize, const BITS: u32>(pub [W::Limb; L]);

/// A block needs no room.
#[derive(Clone, Copy)]
pub struct NoScratch;

impl Zeroize for NoScratch {
    fn zeroize(&mut self) {}
}

/// Repeats a statement for each row below the number of limbs. The first rows are written out, so that the compiler
/// knows how long each is.
macro_rules! each_row {
    ($limbs:expr, $row:ident => $body:block) => {
        each_row!(@ $limbs, $row, $body, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
    };
    (@ $limbs:expr, $row:ident, $body:block, $($at:literal)*) => {
        $(if $at < $limbs {
            let $row = $at;
            $body
        })*
        for $row in 17..$limbs {
            $body
        }
    };
}

/// Repeats a statement for each column below a number of them, written out.
macro_rules! each_column {
    ($columns:expr, $column:ident => $body:block) => {
        each_column!(@ $columns, $column, $body,
            0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27)
    };
    (@ $columns:expr, $column:ident, $body:block, $($at:literal)*) => {
        $(if $at < $columns {
            let $column: usize = $at;
            $body
        })*
        for $column in 28..$columns {
            $body
        }
    };
}

impl<W: Word, const L: usize, const BITS: u32> Zeroize for Block<W, L, BITS> {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl<W: Word, const L: usize, const BITS: u32> Poly for Block<W, L, BITS> {
    type Word = W;
    type Columns = [W::Column; L];
    type Scratch = NoScratch;
    const BITS: u32 = BITS;
    const LIMBS: usize = L;
    const ZERO: Self = Self([W::ZERO_LIMB; L]);
    const NO_COLUMNS: [W::Column; L] = [W::ZERO_COLUMN; L];
    const NO_SCRATCH: NoScratch = NoScratch;

    #[inline(never)]
    fn product(&self, other: &Self, out: &mut [Self::Columns; 2], _: &mut NoScratch) {
        let out = out.as_flattened_mut();
        if W::BY_COLUMNS {
            each_column!(2 * L, column => {
                out[column] = self.add_column(other, column, W::ZERO_COLUMN);
            });
            return;
        }
        for (column, &right) in out.iter_mut().zip(&other.0) {
            *column = W::product(self.0[0], right);
        }
        for row in 1..L {
            let left = self.0[row];
            let out: &mut [W::Column; L] = (&mut out[row..row + L]).try_into().expect("L columns");
            for at in 0..L - 1 {
                out[at] = W::add(out[at], W::product(left, other.0[at]));
            }
            out[L - 1] = W::product(left, other.0[L - 1]);
        }
        out[2 * L - 1] = W::ZERO_COLUMN;
    }

    #[inline(never)]
    fn add_product(&self, other: &Self, out: &mut [Self::Columns; 2], _: &mut NoScratch) {
        if W::BY_COLUMNS {
            let mut product = [Self::NO_COLUMNS; 2];
            self.product(other, &mut product, &mut NoScratch);
            Self::add_columns(&mut out[0], &product[0]);
            Self::add_columns(&mut out[1], &product[1]);
            product.zeroize();
            return;
        }
        let out = out.as_flattened_mut();
        for row in 0..L {
            let left = self.0[row];
            let out: &mut [W::Column; L] = (&mut out[row..row + L]).try_into().expect("L columns");
            for at in 0..L {
                out[at] = W::add(out[at], W::product(left, other.0[at]));
            }
        }
    }

    #[inline(never)]
    fn square(&self, out: &mut [Self::Columns; 2], _: &mut NoScratch) {
        if W::BY_COLUMNS {
            let columns = out.as_flattened_mut();
            each_column!(2 * L, column => {
                let first = column.saturating_sub(L - 1);
                let mut sum = W::ZERO_COLUMN;
                for at in first..column.div_ceil(2) {
                    sum = W::add(sum, W::product(self.0[at], self.0[column - at]));
                }
                sum = W::add(sum, sum);
                if column.is_multiple_of(2) && column < 2 * L - 1 {
                    sum = W::add(sum, W::product(self.0[column / 2], self.0[column / 2]));
                }
                columns[column] = sum;
            });
            return;
        }
        let mut out = out;
        each_row!(L, row => {
            let columns = out.as_flattened_mut();
            let left = self.0[row];
            let square = W::product(left, left);
            let first = row == 0 || row == L - 1;
            columns[2 * row] = if first { square } else { W::add(columns[2 * row], square) };
            let twice = W::add_limbs(left, left);
            for at in row + 1..L {
                let product = W::product(twice, self.0[at]);
                let first = row == 0 || at == L - 1;
                columns[row + at] = if first { product } else { W::add(columns[row + at], product) };
            }
            // Rows stay apart: merged, their columns would be moved between registers and the stack.
            out = black_box(out);
        });
        out[1][L - 1] = W::ZERO_COLUMN;
    }

    #[inline(never)]
    fn add_low_product(&self, other: &Self, out: &mut Self::Columns, _: &mut NoScratch) {
        if W::BY_COLUMNS {
            each_column!(L, column => {
                out[column] = self.add_column(other, column, out[column]);
            });
            return;
        }
        let mut out = out;
        each_row!(L, row => {
            let left = self.0[row];
            for at in 0..L - row {
                out[row + at] = W::add(out[row + at], W::product(left, other.0[at]));
            }
            out = black_box(out);
        });
    }

    #[inline(never)]
    fn cyclic_product(&self, other: &Self, out: &mut Self::Columns, _: &mut NoScratch) {
        self.wrapped_product(&[other.0, other.0], out);
    }

    #[inline(never)]
    fn negacyclic_product(&self, other: &Self, out: &mut Self::Columns, _: &mut NoScratch) {
        self.wrapped_product(&[Self::ZERO.minus(other).0, other.0], out);
    }

    #[inline(never)]
    fn reduce(
        &mut self,
        modulus: &Modulus<Self>,
        t: &mut [Self::Columns; 2],
        _: &mut Self::Columns,
        _: &mut NoScratch,
    ) {
        // Each digit of the quotient makes the lowest column that is left a multiple of 2^BITS. A digit is computed one
        // row before its products are added, and kept in the column that it emptied: adding starts at once in each row,
        // and the chain from digit to digit goes on meanwhile.
        let (inverse, n) = (modulus.inverse.0[0], &modulus.n.0);
        let mut t = t;
        let mut digit = W::low_product(t[0][0], inverse, BITS);
        each_row!(L, row => {
            let window = &mut t.as_flattened_mut()[row..][..L];
            let carry = W::shift(W::add(window[0], W::product(digit, n[0])), BITS);
            let lowest = W::add(window[1], W::add(carry, W::product(digit, n[1])));
            let next = W::low_product(lowest, inverse, BITS);
            window[1] = lowest;
            window[0] = W::column(next);
            // Without this the compiler would move the chain behind the row, where everything waits for it.
            t = black_box(t);
            let window = &mut t.as_flattened_mut()[row..][..L];
            for at in 2..L {
                window[at] = W::add(window[at], W::product(digit, n[at]));
            }
            digit = next;
        });
        self.carry([&t[1]], W::ZERO_COLUMN);
    }

    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn plus(&self, other: &Self) -> Self {
        let mut sum = *self;
        for (left, right) in sum.0.iter_mut().zip(&other.0) {
            *left = W::add_limbs(*left, *right);
        }
        sum
    }

    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn minus(&self, other: &Self) -> Self {
        let mut difference = *self;
        for (left, right) in difference.0.iter_mut().zip(&other.0) {
            *left = W::sub_limbs(*left, *right);
        }
        difference
    }

    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn add_masked(&mut self, other: &Self, mask: i8) {
        for (left, right) in self.0.iter_mut().zip(&other.0) {
            *left = W::add_limbs(*left, W::masked(*right, mask));
        }
    }

    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn carry<const N: usize>(
        &mut self,
        columns: [&Self::Columns; N],
        mut carry: W::Column,
    ) -> W::Column {
        for at in 0..L {
            for columns in columns {
                carry = W::add(carry, columns[at]);
            }
            self.0[at] = W::column_bits(carry, BITS);
            carry = W::shift(carry, BITS);
        }
        carry
    }

    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn carry_apart(&mut self, columns: &Self::Columns) -> W::Column {
        self.carry([columns], W::ZERO_COLUMN)
    }

    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn carry_limbs(&mut self, mut carry: W::Limb) -> W::Limb {
        for limb in &mut self.0 {
            let sum = W::add_limbs(*limb, carry);
            *limb = W::low_bits(sum, BITS);
            carry = W::shift_limb(sum, BITS);
        }
        carry
    }

    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn to_columns(&self) -> Self::Columns {
        self.0.map(W::column)
    }

    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn add_columns(left: &mut Self::Columns, right: &Self::Columns) {
        for (left, right) in left.iter_mut().zip(right) {
            *left = W::add(*left, *right);
        }
    }

    // With the products l of the lower halves, u of the upper ones and s of the sums, each in two parts, the middle of
    // a product is m = s - l - u.

    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn join([first, low, high, last]: [&mut Self::Columns; 4], sums: [&Self::Columns; 2]) {
        // low = l1 + m0, high = u0 + m1: both have l1 - u0 in them.
        for at in 0..L {
            let shared = W::sub(low[at], high[at]);
            low[at] = W::add(W::sub(sums[0][at], first[at]), shared);
            high[at] = W::sub(W::sub(sums[1][at], last[at]), shared);
        }
    }

    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn join_negacyclic(
        [low, high]: [&mut Self::Columns; 2],
        upper: [&Self::Columns; 2],
        sums: [&Self::Columns; 2],
    ) {
        // low = l0 - u0 - m1, high = l1 - u1 + m0.
        for at in 0..L {
            let (l0, l1, u0, u1) = (low[at], high[at], upper[0][at], upper[1][at]);
            low[at] = W::sub(W::add(W::sub(l0, u0), W::add(l1, u1)), sums[1][at]);
            high[at] = W::sub(W::add(W::sub(l1, u1), sums[0][at]), W::add(l0, u0));
        }
    }

    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn join_cyclic(
        [low, high]: [&mut Self::Columns; 2],
        upper: [&Self::Columns; 2],
        sums: [&Self::Columns; 2],
    ) {
        // low = l0 + u0 + m1, high = l1 + u1 + m0.
        for at in 0..L {
            let (l0, l1, u0, u1) = (low[at], high[at], upper[0][at], upper[1][at]);
            let difference = W::sub(W::add(l0, u0), W::add(l1, u1));
            low[at] = W::add(sums[1][at], difference);
            high[at] = W::sub(sums[0][at], difference);
        }
    }

    #[cfg_attr(feature = "small", inline(never))]
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn merge([low, high]: [&mut Self::Columns; 2]) {
        for at in 0..L {
            let (cyclic, negacyclic) = (low[at], high[at]);
            low[at] = W::half(W::add(cyclic, negacyclic));
            high[at] = W::half(W::sub(cyclic, negacyclic));
        }
    }

    #[inline(always)]
    fn limb(&self, at: usize) -> LimbOf<Self> {
        self.0[at]
    }

    #[inline(always)]
    fn limb_mut(&mut self, at: usize) -> &mut LimbOf<Self> {
        &mut self.0[at]
    }
}

impl<W: Word, const L: usize, const BITS: u32> Block<W, L, BITS> {
    /// A column of the product, added to another.
    #[inline(always)]
    fn add_column(&self, other: &Self, column: usize, mut sum: W::Column) -> W::Column {
        for at in column.saturating_sub(L - 1)..L.min(column + 1) {
            sum = W::add(sum, W::product(self.0[at], other.0[column - at]));
        }
        sum
    }

    /// Row by row, each row reading the limbs of the other factor from where they wrap around.
    #[inline(always)]
    fn wrapped_product(&self, other: &[[W::Limb; L]; 2], out: &mut [W::Column; L]) {
        let other = other.as_flattened();
        for (column, &right) in out.iter_mut().zip(&other[L..]) {
            *column = W::product(self.0[0], right);
        }
        for row in 1..L {
            let left = self.0[row];
            let window: &[W::Limb; L] = (&other[L - row..2 * L - row]).try_into().expect("L limbs");
            for at in 0..L {
                out[at] = W::add(out[at], W::product(left, window[at]));
            }
        }
    }
}
