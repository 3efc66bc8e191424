//! The innermost polynomials, multiplied limb by limb.
//!
//! Where a column is two machine words, by two rows at a time: the products of two limbs of one factor that fall on the
//! same column are added up, and their sum is added to the column in memory. That is five or six instructions a product,
//! without a count of carries. One row at a time takes four, and nearly twice as long on a processor that is slow to add
//! to memory with a carry. The compiler is kept from holding the other factor in registers, which it has too few of:
//! each row reads it from a place of its own, for all that the compiler knows.
//!
//! Where a column is one word, column by column: the sum stays in a register, and a product is two loads, a multiplication
//! and an addition. WebAssembly in particular gains from what is not written.

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

/// Where a row is cut in two for the compiler: of a longer one it takes the last columns into registers before it adds to
/// them, an instruction more for each.
const HALF_A_ROW: usize = 7;

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

/// Repeats a statement for every other row that has one after it, below the number of limbs. The first are written out,
/// so that the compiler knows how long each is.
macro_rules! each_two_rows {
    ($limbs:expr, $row:ident => $body:block) => {
        each_two_rows!(@ $limbs, $row, $body, 0 2 4 6 8 10 12 14)
    };
    (@ $limbs:expr, $row:ident, $body:block, $($at:literal)*) => {
        $(if $at + 1 < $limbs {
            let $row: usize = $at;
            $body
        })*
        for $row in (16..$limbs - 1).step_by(2) {
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
        for row in (1..L).step_by(2) {
            let ([x, y], [right, next]) = self.two_rows(row, &other.0);
            let (mut out, rest) = out[row..].split_first_chunk_mut::<L>().expect("L columns");
            W::add_to(&mut out[0], W::product(x, right[0]));
            each_column!(L - 1, at => {
                if at == HALF_A_ROW {
                    out = black_box(out);
                }
                if at > 0 {
                    let sum = W::add(W::product(x, right[at]), W::product(y, next[at - 1]));
                    W::add_to(&mut out[at], sum);
                }
            });
            out[L - 1] = W::add(W::product(x, right[L - 1]), W::product(y, next[L - 2]));
            rest[0] = W::product(y, next[L - 1]);
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
        for at in 0..L {
            W::add_to(&mut out[at], W::product(self.0[0], other.0[at]));
        }
        for row in (1..L).step_by(2) {
            let ([x, y], [right, next]) = self.two_rows(row, &other.0);
            let (mut out, rest) = out[row..].split_first_chunk_mut::<L>().expect("L columns");
            W::add_to(&mut out[0], W::product(x, right[0]));
            each_column!(L, at => {
                if at == HALF_A_ROW {
                    out = black_box(out);
                }
                if at > 0 {
                    let sum = W::add(W::product(x, right[at]), W::product(y, next[at - 1]));
                    W::add_to(&mut out[at], sum);
                }
            });
            W::add_to(&mut rest[0], W::product(y, next[L - 1]));
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
        const {
            assert!(
                W::BY_COLUMNS || L % 2 == 1,
                "one row is by itself, and all others in twos"
            )
        };
        let mut out = out;
        each_two_rows!(L, row => {
            let columns = out.as_flattened_mut();
            let (x, y) = (self.0[row], self.0[row + 1]);
            let (x_twice, y_twice) = (W::add_limbs(x, x), W::add_limbs(y, y));
            let mut put = |at: usize, sum| match row == 0 || at == L - 1 {
                true => columns[row + at] = sum,
                false => columns[row + at] = W::add(columns[row + at], sum),
            };
            put(row, W::product(x, x));
            put(row + 1, W::product(x_twice, y));
            put(row + 2, W::add(W::product(x_twice, self.0[row + 2]), W::product(y, y)));
            for at in row + 3..L {
                let sum = W::add(W::product(x_twice, self.0[at]), W::product(y_twice, self.0[at - 1]));
                put(at, sum);
            }
            columns[row + L] = W::product(y_twice, self.0[L - 1]);
            // Rows stay apart: merged, their columns would be moved between registers and the stack.
            out = black_box(out);
        });
        out[1][L - 2] = W::product(self.0[L - 1], self.0[L - 1]);
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
        each_two_rows!(L, row => {
            let ([x, y], [right, next]) = self.two_rows(row, &other.0);
            out[row] = W::add(out[row], W::product(x, right[0]));
            for at in 1..L - row {
                let sum = W::add(W::product(x, right[at]), W::product(y, next[at - 1]));
                out[row + at] = W::add(out[row + at], sum);
            }
            out = black_box(out);
        });
        out[L - 1] = W::add(out[L - 1], W::product(self.0[L - 1], other.0[0]));
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
        // Each digit of the quotient makes the lowest column that is left a multiple of 2^BITS. The first digit of two rows
        // is computed before their products are added, and kept in a column that was emptied: adding starts at once, and
        // the chain from digit to digit goes on meanwhile.
        const { assert!(L % 2 == 1, "one row is by itself, and all others in twos") };
        let (inverse, n) = (modulus.inverse.0[0], &modulus.n.0);
        let mut t = t;
        let mut digit = W::low_product(t[0][0], inverse, BITS);
        each_two_rows!(L, row => {
            let window = &mut t.as_flattened_mut()[row..];
            let carry = W::shift(W::add(window[0], W::product(digit, n[0])), BITS);
            let lowest = W::add(window[1], W::add(carry, W::product(digit, n[1])));
            let next = W::low_product(lowest, inverse, BITS);
            let carry = W::shift(W::add(lowest, W::product(next, n[0])), BITS);
            let sum = W::add(W::product(digit, n[2]), W::product(next, n[1]));
            let lowest = W::add(window[2], W::add(carry, sum));
            let following = W::low_product(lowest, inverse, BITS);
            window[2] = lowest;
            window[1] = W::column(following);
            // Without this the compiler would move the chain behind the rows, where everything waits for it.
            t = black_box(t);
            let [n, below] = [black_box(n), black_box(n)];
            each_column!(L, at => {
                if at == HALF_A_ROW + 3 {
                    t = black_box(t);
                }
                if at > 2 {
                    let sum = W::add(W::product(digit, n[at]), W::product(next, below[at - 1]));
                    let column = &mut t.as_flattened_mut()[row + at];
                    *column = W::add(*column, sum);
                }
            });
            let last = &mut t.as_flattened_mut()[row + L];
            *last = W::add(*last, W::product(next, n[L - 1]));
            digit = following;
        });
        let window = &mut t.as_flattened_mut()[L - 1..];
        let carry = W::shift(W::add(window[0], W::product(digit, n[0])), BITS);
        window[1] = W::add(window[1], W::add(carry, W::product(digit, n[1])));
        for at in 2..L {
            window[at] = W::add(window[at], W::product(digit, n[at]));
        }
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
            // The columns first: what waits for the carry is one addition.
            let sum = columns
                .map(|columns| columns[at])
                .into_iter()
                .reduce(W::add);
            carry = W::add(carry, sum.unwrap_or(W::ZERO_COLUMN));
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
    /// The limbs of two rows, and the other factor for each of them.
    #[inline(always)]
    fn two_rows<'a, T: ?Sized>(&self, row: usize, other: &'a T) -> ([W::Limb; 2], [&'a T; 2]) {
        const {
            assert!(
                W::BY_COLUMNS || L % 2 == 1,
                "one row is by itself, and all others in twos"
            )
        };
        let limbs = [self.0[row], self.0[row + 1]];
        (limbs, [black_box(other), black_box(other)])
    }

    /// A column of the product, added to another.
    #[inline(always)]
    fn add_column(&self, other: &Self, column: usize, mut sum: W::Column) -> W::Column {
        for at in column.saturating_sub(L - 1)..L.min(column + 1) {
            sum = W::add(sum, W::product(self.0[at], other.0[column - at]));
        }
        sum
    }

    /// Each row reads the limbs of the other factor from where they wrap around.
    #[inline(always)]
    fn wrapped_product(&self, other: &[[W::Limb; L]; 2], out: &mut [W::Column; L]) {
        if W::BY_COLUMNS {
            let other = other.as_flattened();
            for column in 0..L {
                let products = (0..L).map(|row| W::product(self.0[row], other[L + column - row]));
                out[column] = products.fold(W::ZERO_COLUMN, W::add);
            }
            return;
        }
        for (column, &right) in out.iter_mut().zip(&other[1]) {
            *column = W::product(self.0[0], right);
        }
        let mut out = out;
        for row in (1..L).step_by(2) {
            let ([x, y], [right, next]) = self.two_rows(row, other);
            let (right, next) = (right.as_flattened(), next.as_flattened());
            let right: &[W::Limb; L] = right[L - row..].first_chunk().expect("L limbs");
            let next: &[W::Limb; L] = next[L - row - 1..].first_chunk().expect("L limbs");
            each_column!(L, at => {
                if at == HALF_A_ROW {
                    out = black_box(out);
                }
                let sum = W::add(W::product(x, right[at]), W::product(y, next[at]));
                W::add_to(&mut out[at], sum);
            });
            out = black_box(out);
        }
    }
}
