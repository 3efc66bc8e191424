//! The first byte of a value (RFC 8949 §3): three bits of its kind, and five that are its number or length if that is below
//! [`LONG`], and otherwise say how many bytes behind it are.

pub(super) const NUMBER: u8 = 0x00;
/// Of what is one below the negative of its number.
pub(super) const NEGATIVE: u8 = 0x20;
pub(super) const BYTES: u8 = 0x40;
pub(super) const TEXT: u8 = 0x60;
pub(super) const ARRAY: u8 = 0x80;
pub(super) const MAP: u8 = 0xA0;
pub(super) const TAG: u8 = 0xC0;
/// The bits of the kind.
pub(super) const KIND: u8 = 0xE0;

/// One byte; each that follows, twice as many, up to [`LONGEST`].
pub(super) const LONG: u8 = 24;
pub(super) const LONGEST: u8 = 27;

pub(super) const FALSE: u8 = 0xF4;
pub(super) const TRUE: u8 = 0xF5;
pub(super) const NULL: u8 = 0xF6;
pub(super) const UNDEFINED: u8 = 0xF7;
