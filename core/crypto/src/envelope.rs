//! Messages in the format of the AWS Encryption SDK: what its clients decrypt with a wrapping key of their own.
//!
//! Version 2 of the message format, under the suite `0478`: AES-256-GCM with a key commitment, without a signature. The
//! header is
//!
//! ```text
//! 02 | 0478 | message id, 32 | context | count of data keys, each provider, info, key | 02 | frame length, 4
//!    | commitment, 32 | tag over all of this, 16
//! ```
//!
//! and the body frames of at most 4,096 bytes, the last of them marked. With the data key K, the message id M and
//! HKDF-SHA-512:
//!
//! ```text
//! key = HKDF(K, salt M, info 0478 | "DERIVEKEY")        commitment = HKDF(K, salt M, info "COMMITKEY")
//! ```
//!
//! After the AWS Encryption SDK Specification: `data-format/message-header.md`, `message-body.md`,
//! `framework/algorithm-suites.md`, and `framework/raw-aes-keyring.md` for [`wrap`]. Checked on a message of the Python
//! client. Only encryption is here: who reads such messages has a client.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use aes_gcm::aead::{AeadInOut, KeyInit, inout::InOutBuf};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use hkdf::Hkdf;
use sha2::Sha512;
use zeroize::Zeroizing;

use crate::secret::SecretArray;

/// The version of the format.
const VERSION: u8 = 2;
/// AES-256-GCM, HKDF-SHA-512, key commitment.
const SUITE: [u8; 2] = [0x04, 0x78];
/// The body is in frames.
const FRAMED: u8 = 2;
/// The most bytes of a frame.
const FRAME: usize = 4_096;
/// What stands before the number of the last frame.
const LAST: [u8; 4] = [0xFF; 4];
const NONCE: usize = 12;
const TAG: usize = 16;
/// What data keys that a raw key wrapped are said to come from.
pub const NAMESPACE: &str = "userpool";

/// What is authenticated with a message, and told with it: names and values, in the order of the names.
pub type Context<'a> = [(&'a str, &'a str)];

/// A data key as a message carries it: wrapped, with what its owner needs to unwrap it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// Who can unwrap it, for example `aws-kms`.
    pub provider: String,
    /// Under which key, and how.
    pub info: Vec<u8>,
    /// The key, encrypted.
    pub key: Vec<u8>,
}

/// A data key, plain and wrapped.
#[derive(Clone)]
pub struct DataKey {
    /// The key.
    pub plain: SecretArray<32>,
    /// The same as a message carries it.
    pub wrapped: WrappedKey,
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(..)")
    }
}

/// Wraps a data key under a raw AES-256 key, for a Raw AES keyring of the namespace [`NAMESPACE`] and this key name.
///
/// The nonce must never recur under one wrapping key.
pub fn wrap(
    plain: SecretArray<32>,
    (name, wrapping): (&str, &SecretArray<32>),
    nonce: [u8; NONCE],
    context: &Context<'_>,
) -> DataKey {
    let mut info = name.as_bytes().to_vec();
    info.extend_from_slice(&length(TAG * 8));
    info.extend_from_slice(&length(NONCE));
    info.extend_from_slice(&nonce);
    let key = sealed(wrapping.expose(), nonce, &told(context), plain.expose());
    DataKey {
        wrapped: WrappedKey {
            provider: NAMESPACE.into(),
            info,
            key,
        },
        plain,
    }
}

/// A message that holds a text under a data key; its id must never recur under one data key.
pub fn encrypt(key: &DataKey, id: [u8; 32], context: &Context<'_>, plain: &[u8]) -> Vec<u8> {
    let derived = Hkdf::<Sha512>::new(Some(&id), key.plain.expose());
    let mut sealing = Zeroizing::new([0; 32]);
    let mut commitment = [0; 32];
    for (info, out) in [
        (&[&SUITE[..], b"DERIVEKEY"][..], &mut *sealing),
        (&[&b"COMMITKEY"[..]][..], &mut commitment),
    ] {
        derived
            .expand_multi_info(info, out)
            .expect("32 bytes are no more than HKDF gives");
    }

    let wrapped = &key.wrapped;
    let context = told(context);
    let mut message = Vec::new();
    message.push(VERSION);
    message.extend_from_slice(&SUITE);
    message.extend_from_slice(&id);
    counted(&mut message, &context);
    message.extend_from_slice(&1_u16.to_be_bytes());
    for part in [wrapped.provider.as_bytes(), &wrapped.info, &wrapped.key] {
        counted(&mut message, part);
    }
    message.push(FRAMED);
    message.extend_from_slice(&length(FRAME));
    message.extend_from_slice(&commitment);
    let tag = sealed(&sealing, [0; NONCE], &message, &[]);
    message.extend_from_slice(&tag);

    let frames = plain.len().div_ceil(FRAME).max(1);
    for number in 1..=frames {
        let from = (number - 1) * FRAME;
        let content = &plain[from..plain.len().min(from + FRAME)];
        let mut nonce = [0; NONCE];
        nonce[NONCE - 4..].copy_from_slice(&length(number));
        let kind = if number == frames {
            message.extend_from_slice(&LAST);
            "AWSKMSEncryptionClient Final Frame"
        } else {
            "AWSKMSEncryptionClient Frame"
        };
        message.extend_from_slice(&length(number));
        message.extend_from_slice(&nonce);
        if number == frames {
            message.extend_from_slice(&length(content.len()));
        }
        let mut associated = id.to_vec();
        associated.extend_from_slice(kind.as_bytes());
        associated.extend_from_slice(&length(number));
        associated.extend_from_slice(&(content.len() as u64).to_be_bytes());
        message.extend_from_slice(&sealed(&sealing, nonce, &associated, content));
    }
    message
}

/// Ciphertext and tag.
fn sealed(key: &[u8; 32], nonce: [u8; NONCE], associated: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut out = plain.to_vec();
    let tag = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
        .encrypt_inout_detached(
            &Nonce::from(nonce),
            associated,
            InOutBuf::from(out.as_mut_slice()),
        )
        .expect("what is sealed here is far shorter than the cipher allows");
    out.extend_from_slice(&tag);
    out
}

/// A context as bytes; nothing where it is empty.
fn told(context: &Context<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if !context.is_empty() {
        bytes.extend_from_slice(&short(context.len()));
    }
    for (name, value) in context {
        counted(&mut bytes, name.as_bytes());
        counted(&mut bytes, value.as_bytes());
    }
    bytes
}

/// Bytes behind their number.
fn counted(into: &mut Vec<u8>, bytes: &[u8]) {
    into.extend_from_slice(&short(bytes.len()));
    into.extend_from_slice(bytes);
}

fn short(length: usize) -> [u8; 2] {
    u16::try_from(length)
        .expect("names, keys and contexts are shorter than 64 KiB")
        .to_be_bytes()
}

fn length(length: usize) -> [u8; 4] {
    u32::try_from(length)
        .expect("messages are shorter than 4 GiB")
        .to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{digest::sha256, integer::hex};

    fn counting<const N: usize>(from: u8) -> [u8; N] {
        let mut bytes = [0; N];
        for (byte, value) in bytes.iter_mut().zip(from..) {
            *byte = value;
        }
        bytes
    }

    fn message(context: &Context<'_>, plain: &[u8]) -> Vec<u8> {
        let wrapping = SecretArray::new(counting(0));
        let key = SecretArray::new(counting(0x10));
        let key = wrap(key, ("first", &wrapping), counting(0x20), context);
        encrypt(&key, counting(0x30), context, plain)
    }

    #[test]
    fn a_message_is_that_of_the_python_client_under_the_same_draws() {
        let context = [("userpool-id", "us-east-1_Example01")];
        assert_eq!(
            hex(&message(&context, b"123456")),
            "020478303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f00240001000b757365\
             72706f6f6c2d6964001375732d656173742d315f4578616d706c6530310001000875736572706f6f6c001966\
             69727374000000800000000c202122232425262728292a2b0030c22bb463788d0c19026558d5dd05eae6f068\
             cebfa3a545c944df463965a770269c55141f07f1bf36a33a5d7c1b3fab9202000010006e03769f1ecbc06d65\
             b3ee4bc59999c27bcd6e180dc5b3edfe05c8786a181b9a34e7e0da9dbc933206143f936e65524dffffffff00\
             00000100000000000000000000000100000006eeb54fe763e6c8ede12d7403098bb6da51635d251370"
        );
    }

    #[test]
    fn so_is_a_long_message_without_a_context() {
        let long = message(&[], &[b'x'; 5_000]);
        assert_eq!(long.len(), 5_251);
        assert_eq!(
            hex(&sha256(&[&long])),
            "ee62df10cab23bb30a9f81816ea3150fe102e76561e357775de6dd2e8d1ea9e7"
        );
    }

    #[test]
    fn a_data_key_is_not_shown() {
        let wrapping = SecretArray::new([7; 32]);
        let key = wrap(SecretArray::new([8; 32]), ("k", &wrapping), [0; 12], &[]);
        assert_eq!(alloc::format!("{key:?}"), "DataKey(..)");
    }
}
