//! Eight characters in one number, a byte each: how text is read and written without a branch or an index that
//! depends on it.
//!
//! The first character is the highest byte. Where bytes stay below 128, what is added to each never reaches the next.

/// A one in each byte.
pub(crate) const ONES: u64 = 0x0101_0101_0101_0101;
/// The highest bit of each byte.
pub(crate) const HIGH: u64 = ONES << 7;

/// The bytes without their highest bits.
pub(crate) const fn low(bytes: u64) -> u64 {
    bytes & !HIGH
}

/// A one in each byte that lies between two others, both included; all bytes are below 128.
pub(crate) const fn between(bytes: u64, first: u8, last: u8) -> u64 {
    ((reach(bytes, first) ^ reach(bytes, last + 1)) & HIGH) >> 7
}

/// A one in each byte that is as large as another or larger; all bytes are below 128.
pub(crate) const fn from(bytes: u64, first: u8) -> u64 {
    (reach(bytes, first) & HIGH) >> 7
}

/// The highest bit of each byte that is as large as another or larger, beside other bits.
const fn reach(bytes: u64, first: u8) -> u64 {
    bytes + ONES * (128 - first as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_is_compared_by_itself() {
        for first in 1..=127 {
            for last in first..127 {
                let bytes = [0, first - 1, first, last, last + 1, 127, first, 0];
                let within = bytes.map(|byte| u8::from((first..=last).contains(&byte)));
                let reached = bytes.map(|byte| u8::from(byte >= first));
                let bytes = u64::from_be_bytes(bytes);
                assert_eq!(between(bytes, first, last).to_be_bytes(), within);
                assert_eq!(from(bytes, first).to_be_bytes(), reached);
            }
        }
    }
}
