//! Moments in records: Unix time in milliseconds, a CBOR integer.

use minicbor::{
    Decoder, Encoder,
    decode::Error as DecodeError,
    encode::{Error as EncodeError, Write},
};
use userpool_ports::Timestamp;

/// Writes a moment; for `#[cbor(with)]`.
pub fn encode<C, W: Write>(
    moment: &Timestamp,
    encoder: &mut Encoder<W>,
    _: &mut C,
) -> Result<(), EncodeError<W::Error>> {
    encoder.i64(moment.millis())?.ok()
}

/// Reads a moment; for `#[cbor(with)]`.
pub fn decode<C>(decoder: &mut Decoder<'_>, _: &mut C) -> Result<Timestamp, DecodeError> {
    Ok(Timestamp::from_millis(decoder.i64()?))
}
