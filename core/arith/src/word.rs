//! The machine's side: what one limb is, what one column is, and how they multiply.
//!
//! A limb holds fewer bits than its type, so that sums and differences of a few limbs fit, with a sign. A column
//! holds a sum of products of limbs. All arithmetic wraps: two's complement makes products and sums of limbs with a
//! sign right modulo the column's power of two, and whoever reads a column says why it is exact there.

use core::fmt::Debug;

use zeroize::Zeroize;

/// One way to hold limbs and columns.
pub trait Word: Copy + Debug + Send + Sync + 'static {
    /// A limb, or a sum or difference of a few.
    type Limb: Copy + Debug + Eq + Zeroize + Send + Sync + 'static;
    /// A sum of products of limbs, modulo a power of two.
    type Column: Copy + Debug + Eq + Zeroize + Send + Sync + 'static;
    /// Whether products are computed column by column: a column is a single machine word, and its sum a register.
    const BY_COLUMNS: bool;
    /// The limb 0.
    const ZERO_LIMB: Self::Limb;
    /// The column 0.
    const ZERO_COLUMN: Self::Column;

    /// The product of two limbs.
    fn product(left: Self::Limb, right: Self::Limb) -> Self::Column;
    /// The sum of two columns.
    fn add(left: Self::Column, right: Self::Column) -> Self::Column;
    /// Adds to a column in memory a sum of products that is added up first: fewer instructions than [`add`](Self::add)
    /// makes of that, and about as much time.
    fn add_to(column: &mut Self::Column, sum: Self::Column);
    /// The difference of two columns.
    fn sub(left: Self::Column, right: Self::Column) -> Self::Column;
    /// Half of a column, which is even and not negative.
    fn half(column: Self::Column) -> Self::Column;
    /// The lowest bits of a column.
    fn column_bits(column: Self::Column, bits: u32) -> Self::Limb;
    /// A column, which is not negative, without its lowest bits.
    fn shift(column: Self::Column, bits: u32) -> Self::Column;
    /// The lowest bits of a column's product with a limb.
    fn low_product(column: Self::Column, limb: Self::Limb, bits: u32) -> Self::Limb;
    /// A limb as a column.
    fn column(limb: Self::Limb) -> Self::Column;

    /// The sum of two limbs.
    fn add_limbs(left: Self::Limb, right: Self::Limb) -> Self::Limb;
    /// The difference of two limbs.
    fn sub_limbs(left: Self::Limb, right: Self::Limb) -> Self::Limb;
    /// The limb where the mask is -1, zero where it is 0.
    fn masked(limb: Self::Limb, mask: i8) -> Self::Limb;
    /// The lowest bits of a limb.
    fn low_bits(limb: Self::Limb, bits: u32) -> Self::Limb;
    /// A limb, which may be negative, without its lowest bits: rounded down.
    fn shift_limb(limb: Self::Limb, bits: u32) -> Self::Limb;
    /// The bits of a limb, which is not negative.
    fn to_bits(limb: Self::Limb) -> u64;
    /// The limb of so many bits.
    fn from_bits(bits: u64) -> Self::Limb;
}

macro_rules! word {
    ($(#[$doc:meta])* $name:ident, $column:ty, $signed:ty, $by_columns:literal, $add_to:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl Word for $name {
            type Limb = i64;
            type Column = $column;
            const BY_COLUMNS: bool = $by_columns;
            const ZERO_LIMB: i64 = 0;
            const ZERO_COLUMN: $column = 0;

            #[inline(always)]
            fn product(left: i64, right: i64) -> $column {
                (left as $signed).wrapping_mul(right as $signed) as $column
            }

            #[inline(always)]
            fn add(left: $column, right: $column) -> $column {
                left.wrapping_add(right)
            }

            #[inline(always)]
            fn add_to(column: &mut $column, sum: $column) {
                *column = $add_to(*column, sum);
            }

            #[inline(always)]
            fn sub(left: $column, right: $column) -> $column {
                left.wrapping_sub(right)
            }

            #[inline(always)]
            fn half(column: $column) -> $column {
                column >> 1
            }

            #[inline(always)]
            fn column_bits(column: $column, bits: u32) -> i64 {
                (column as i64) & ((1 << bits) - 1)
            }

            #[inline(always)]
            fn shift(column: $column, bits: u32) -> $column {
                column >> bits
            }

            #[inline(always)]
            fn low_product(column: $column, limb: i64, bits: u32) -> i64 {
                (column as i64).wrapping_mul(limb) & ((1 << bits) - 1)
            }

            #[inline(always)]
            fn column(limb: i64) -> $column {
                limb as $signed as $column
            }

            #[inline(always)]
            fn add_limbs(left: i64, right: i64) -> i64 {
                left.wrapping_add(right)
            }

            #[inline(always)]
            fn sub_limbs(left: i64, right: i64) -> i64 {
                left.wrapping_sub(right)
            }

            #[inline(always)]
            fn masked(limb: i64, mask: i8) -> i64 {
                limb & i64::from(mask)
            }

            #[inline(always)]
            fn low_bits(limb: i64, bits: u32) -> i64 {
                limb & ((1 << bits) - 1)
            }

            #[inline(always)]
            fn shift_limb(limb: i64, bits: u32) -> i64 {
                limb >> bits
            }

            #[inline(always)]
            fn to_bits(limb: i64) -> u64 {
                limb as u64
            }

            #[inline(always)]
            fn from_bits(bits: u64) -> i64 {
                bits as i64
            }
        }
    };
}

word! {
    /// Columns of 128 bits, for limbs of up to 61: for processors that multiply 64 bits by 64.
    Wide, u128, i128, false, add_by_halves
}
word! {
    /// Columns of 64 bits, for limbs of up to 28: for wasm32, where no product is wider, and processors of 32 bits.
    Narrow, u64, i64, true, u64::wrapping_add
}

/// The sum of two numbers, half by half. The compiler does not see one addition in it: where it does, it adds the column
/// to one product and the other product to that, in registers, which takes two instructions more.
#[inline(always)]
fn add_by_halves(left: u128, right: u128) -> u128 {
    let (low, carry) = (left as u64).overflowing_add(right as u64);
    let high = ((left >> 64) as u64).wrapping_add((right >> 64) as u64);
    u128::from(high.wrapping_add(u64::from(carry))) << 64 | u128::from(low)
}
