//! Bodies in chunks, each with a signature that follows from the one before.
//!
//! ```text
//! body      = chunk* last
//! chunk     = hex(length) ";chunk-signature=" signature \r\n bytes \r\n
//! last      = "0;chunk-signature=" signature \r\n (trailer* "x-amz-trailer-signature:" signature \r\n)? \r\n
//! signed    = "AWS4-HMAC-SHA256-PAYLOAD" \n date \n scope \n signature before \n hex(H("")) \n hex(H(bytes))
//! trailers  = "AWS4-HMAC-SHA256-TRAILER" \n date \n scope \n signature before \n hex(H((name:value\n)*))
//! ```
//!
//! After "Signature calculations for the authorization header: Transferring payload in multiple chunks" and "… for trailing
//! headers" of the S3 API reference, checked on their values.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::str::from_utf8;

use super::authorization::digits;
use super::error::SigV4Error;
use crate::digest::{ct_eq, hmac_sha256, sha256};
use crate::integer::hex;
use crate::secret::SecretArray;

/// The longest line of lengths, signatures and trailers that is looked at.
const MAX_LINE: usize = 1_024;
/// The most trailers of a body.
const MAX_TRAILERS: usize = 16;
const TRAILER_SIGNATURE: &str = "x-amz-trailer-signature";

/// How a body is made of chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// Each chunk is signed.
    Signed,
    /// Each chunk is signed, and so are the trailers.
    SignedTrailers,
    /// Nothing is signed, and trailers follow.
    Unsigned,
}

impl Framing {
    /// What a client that sends chunks puts in the place of the body's hash.
    pub fn of(claimed: &str) -> Option<Self> {
        match claimed {
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => Some(Self::Signed),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => Some(Self::SignedTrailers),
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Some(Self::Unsigned),
            _ => None,
        }
    }
}

/// What the next signature follows from.
pub(super) struct Chain<'a> {
    pub key: &'a SecretArray<32>,
    pub date: &'a str,
    pub scope: &'a str,
    /// The signature before; first that of the request.
    pub last: [u8; 32],
}

impl Chain<'_> {
    /// Goes on to a signature, which must be that of the chunk.
    fn follow(&mut self, chunk: &[u8], claimed: &str) -> Result<(), SigV4Error> {
        let nothing = sha256(&[]);
        self.step("PAYLOAD", &[nothing, sha256(&[chunk])], claimed)
    }

    fn step(&mut self, of: &str, hashes: &[[u8; 32]], claimed: &str) -> Result<(), SigV4Error> {
        let (date, scope, last) = (self.date, self.scope, hex(&self.last));
        let mut text = format!("AWS4-HMAC-SHA256-{of}\n{date}\n{scope}\n{last}");
        for hash in hashes {
            text.push('\n');
            text.push_str(&hex(hash));
        }
        let claimed = digits(claimed).ok_or(SigV4Error::InvalidSignature)?;
        self.last = hmac_sha256(self.key.expose(), &[text.as_bytes()]);
        match ct_eq(&self.last, &claimed) {
            true => Ok(()),
            false => Err(SigV4Error::InvalidSignature),
        }
    }
}

/// What the chunks of a body hold, each checked where it is signed.
pub(super) fn unframe(
    framing: Framing,
    mut chain: Chain<'_>,
    body: &[u8],
) -> Result<Vec<u8>, SigV4Error> {
    let mut held = Vec::with_capacity(body.len());
    let mut rest = body;
    loop {
        let (head, after) = line(rest).ok_or_else(broken)?;
        let (length, signature) = match framing {
            Framing::Unsigned => (head, None),
            Framing::Signed | Framing::SignedTrailers => {
                let (length, signature) =
                    head.split_once(";chunk-signature=").ok_or_else(broken)?;
                (length, Some(signature))
            }
        };
        let length = parse_length(length).ok_or_else(broken)?;
        let (chunk, after) = after.split_at_checked(length).ok_or_else(broken)?;
        if let Some(signature) = signature {
            chain.follow(chunk, signature)?;
        }
        if length == 0 {
            rest = after;
            break;
        }
        held.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n").ok_or_else(broken)?;
    }
    let trailers = Trailers::read(rest).ok_or_else(broken)?;
    match (framing, trailers.signature) {
        (Framing::SignedTrailers, Some(signature)) => {
            chain.step("TRAILER", &[sha256(&[trailers.text.as_bytes()])], signature)?;
        }
        (Framing::Signed, None) if trailers.text.is_empty() => {}
        (Framing::Unsigned, None) => {}
        (Framing::Signed | Framing::SignedTrailers | Framing::Unsigned, _) => return Err(broken()),
    }
    Ok(held)
}

/// What follows the last chunk.
struct Trailers<'b> {
    /// Names and values as they are signed.
    text: String,
    signature: Option<&'b str>,
}

impl<'b> Trailers<'b> {
    /// Reads lines up to the end, or to an empty one that is the end.
    fn read(mut rest: &'b [u8]) -> Option<Self> {
        let mut read = Self {
            text: String::new(),
            signature: None,
        };
        for _ in 0..MAX_TRAILERS {
            if rest.is_empty() || rest == b"\r\n" {
                return Some(read);
            }
            let (trailer, after) = line(rest)?;
            let (name, value) = trailer.split_once(':')?;
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
            if read.signature.is_some() {
                return None;
            }
            if name == TRAILER_SIGNATURE {
                read.signature = Some(value);
            } else {
                read.text.push_str(&format!("{name}:{value}\n"));
            }
            rest = after;
        }
        None
    }
}

/// The text up to the end of a line, and what follows it.
fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let window = bytes.get(..MAX_LINE).unwrap_or(bytes);
    let end = window.windows(2).position(|pair| pair == b"\r\n")?;
    let text = from_utf8(&bytes[..end]).ok()?;
    Some((text, &bytes[end + 2..]))
}

/// A length in hexadecimal digits, without signs or spaces.
fn parse_length(text: &str) -> Option<usize> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digits
        .then(|| usize::from_str_radix(text, 16).ok())
        .flatten()
}

fn broken() -> SigV4Error {
    SigV4Error::IncompleteSignature("The body is not made of chunks as it says.".into())
}
