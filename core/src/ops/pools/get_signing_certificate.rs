//! GetSigningCertificate, and the certificates of a pool.

use alloc::{string::String, sync::Arc, vec, vec::Vec};
use core::time::Duration;

use userpool_crypto::{base64, calendar::Civil, rs256::key_id, secret::SecretBytes};
use userpool_ports::Timestamp;
use userpool_wire::idp::{GetSigningCertificateRequest, GetSigningCertificateResponse};

use crate::{
    engine::{Cx, Done, Fault, Held, KeyName, Run, Work, worker},
    model::{certificate::Certificate, keys, pool::Pool, signing},
    ops::parties,
};

/// How long a certificate is good for: ten years, as the service's.
const LIFE: Duration = Duration::from_secs(10 * 365 * 86_400);

/// Tells the certificate with which a pool signs requests to identity providers; it is made when first asked for.
///
/// Refusals: unknown pool.
///
/// # Errors
/// The refusal above; stops the run until the certificate is made.
pub(crate) fn get_signing_certificate(
    cx: &mut Cx<'_>,
    req: &GetSigningCertificateRequest,
) -> Run<GetSigningCertificateResponse> {
    let pool_id = &req.user_pool_id;
    let key = keys::certificate(pool_id);
    cx.want([&keys::pool(pool_id), &key])?;
    let pool = parties::pool(cx, pool_id)?;
    let held = certificate(cx, &pool, Use::Signing)?;
    Ok(GetSigningCertificateResponse {
        certificate: Some(base64::encode(&held.der)),
    })
}

/// What a certificate is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// The pool signs requests.
    Signing,
    /// Providers encrypt assertions.
    Encryption,
}

/// A certificate of a pool, made where there is none yet.
///
/// # Errors
/// Stops the run until it is made.
pub(crate) fn certificate(
    cx: &mut Cx<'_>,
    pool: &Held<Pool>,
    purpose: Use,
) -> Run<Arc<Certificate>> {
    let key = match purpose {
        Use::Signing => keys::certificate(&pool.id),
        Use::Encryption => keys::encryption_certificate(&pool.id),
    };
    if let Some(held) = cx.get::<Certificate>(&key)? {
        return Ok(held.value().clone());
    }
    let made = cx.once(|cx| make(cx, &pool.id).map(Arc::new))?;
    cx.check(pool);
    cx.insert(&key, &*made);
    Ok(made)
}

fn make(cx: &mut Cx<'_>, pool: &str) -> Run<Certificate> {
    let unsigned = cx.once(|cx| unsigned(cx, pool).map(Arc::new))?;
    let Unsigned { kid, sealed, body } = &*unsigned;
    let blinding = SecretBytes::new(cx.random::<32>("blinding/certificate").to_vec());
    let done = cx.work(Work::Sign {
        key: KeyName {
            pool: pool.into(),
            kid: kid.clone(),
        },
        sealed: Arc::from(sealed.as_slice()),
        message: body.clone(),
        blinding,
    })?;
    let Done::Signature(signature) = done else {
        return Err(Fault::new("a signature").into());
    };
    let der = sequence(&[body.clone(), algorithm(), bits(&signature)]);
    Ok(Certificate {
        sealed: sealed.clone(),
        der,
        made: cx.now(),
    })
}

/// A new key pair, and what it is to sign.
struct Unsigned {
    kid: String,
    sealed: Vec<u8>,
    body: Vec<u8>,
}

fn unsigned(cx: &mut Cx<'_>, pool: &str) -> Run<Unsigned> {
    let seed = SecretBytes::new(cx.random::<32>("key of the certificate").to_vec());
    let Done::KeyPair { pkcs8, modulus } = cx.work(Work::GenerateKey { seed })? else {
        return Err(Fault::new("a key pair").into());
    };
    let kid = key_id(&modulus, &worker::EXPONENT);
    let sealed = cx.seal(
        signing::PURPOSE,
        pool,
        &keys::signing_keys(pool),
        &signing::field(&kid),
        pkcs8.expose(),
    );
    let serial: [u8; 16] = cx.random("serial number");
    let body = body(pool, &modulus, serial, cx.now());
    Ok(Unsigned { kid, sealed, body })
}

/// `TBSCertificate` of version 1 (RFC 5280 §4.1): it names the pool, and nobody else vouches for it.
fn body(pool: &str, modulus: &[u8], serial: [u8; 16], now: Timestamp) -> Vec<u8> {
    let key = sequence(&[integer(modulus), integer(&worker::EXPONENT)]);
    let plain = sequence(&[tlv(0x06, RSA_ENCRYPTION), tlv(0x05, &[])]);
    let validity = sequence(&[time(now), time(now.after(LIFE))]);
    // A serial number is positive and not zero.
    let mut serial = serial;
    serial[0] = serial[0] & 0x7F | 0x40;
    sequence(&[
        integer(&serial),
        algorithm(),
        name(pool),
        validity,
        name(pool),
        sequence(&[plain, bits(&key)]),
    ])
}

/// `sha256WithRSAEncryption` (RFC 4055 §5) and `rsaEncryption` (RFC 3279 §2.3.1).
const SHA256_WITH_RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B];
const RSA_ENCRYPTION: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
/// The attribute `commonName` (RFC 5280 appendix A.1).
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];

fn algorithm() -> Vec<u8> {
    sequence(&[tlv(0x06, SHA256_WITH_RSA), tlv(0x05, &[])])
}

fn name(text: &str) -> Vec<u8> {
    let attribute = sequence(&[tlv(0x06, COMMON_NAME), tlv(0x0C, text.as_bytes())]);
    sequence(&[tlv(0x31, &attribute)])
}

/// `UTCTime` until 2049, and `GeneralizedTime` after it (RFC 5280 §4.1.2.5).
fn time(at: Timestamp) -> Vec<u8> {
    let time = Civil::from_unix(at.secs());
    let rest = alloc::format!(
        "{:02}{:02}{:02}{:02}{:02}Z",
        time.month,
        time.day,
        time.hour,
        time.minute,
        time.second
    );
    if (1950..2050).contains(&time.year) {
        let text = alloc::format!("{:02}{rest}", time.year % 100);
        tlv(0x17, text.as_bytes())
    } else {
        let text = alloc::format!("{:04}{rest}", time.year);
        tlv(0x18, text.as_bytes())
    }
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

fn bits(bytes: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[0], bytes].concat())
}

/// A number that is not negative.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let bytes = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    match bytes.first() {
        Some(0x80..) | None => tlv(0x02, &[&[0], bytes].concat()),
        Some(_) => tlv(0x02, bytes),
    }
}

/// A value behind its tag and length (X.690 §8.1).
fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len().to_be_bytes();
    let length = &length[length.iter().take_while(|byte| **byte == 0).count()..];
    let mut out = vec![tag];
    match (value.len(), length) {
        (..0x80, _) => out.push(value.len() as u8),
        (_, length) => {
            out.push(0x80 | length.len() as u8);
            out.extend_from_slice(length);
        }
    }
    out.extend_from_slice(value);
    out
}
