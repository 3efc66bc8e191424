//! Secrets in a record, sealed anew.

use alloc::{format, string::String, vec::Vec};

use userpool_crypto::sealed::{Context, RootKeys};
use userpool_ports::Key;

use super::kinds::{Fate, fate};
use crate::{
    engine::{Bytes, Cx, Fault, Raw, Refusal, RefusalKind, Run, cx::place},
    model::keys,
};

/// A secret in a record: where it is bound to, and its sealed form.
pub(super) struct Secret {
    pub purpose: &'static str,
    pub place: Key,
    pub field: String,
    pub sealed: Vec<u8>,
}

/// A record of a pool with its secrets sealed under other keys; `None` of one that does not move.
///
/// # Errors
/// A fault if it cannot be read or one of its secrets cannot be opened.
pub(super) fn resealed(
    cx: &mut Cx<'_>,
    pool: &str,
    record: &Raw,
    from: &RootKeys,
    to: &RootKeys,
) -> Run<Option<Raw>> {
    let fate = keys::kind(&record.key).and_then(fate);
    let Some(Fate::Moves(read)) = fate else {
        return match fate {
            Some(_) => Ok(None),
            None => Err(Fault::new("a record of a kind that no pool has").into()),
        };
    };
    let secrets = read(pool, &record.key, &record.value)?;
    sealed_anew(cx, pool, record, &secrets, (from, to)).map(Some)
}

/// The record with these secrets of it, opened under the first keys, sealed under the second.
///
/// # Errors
/// A fault if one of the secrets cannot be opened.
pub(super) fn sealed_anew(
    cx: &mut Cx<'_>,
    pool: &str,
    record: &Raw,
    secrets: &[Secret],
    (from, to): (&RootKeys, &RootKeys),
) -> Run<Raw> {
    if secrets.is_empty() {
        return Ok(record.clone());
    }
    let mut value = record.value.to_vec();
    for secret in secrets {
        let associated = place(&secret.place, &secret.field);
        let context = Context {
            purpose: secret.purpose,
            scope: pool.as_bytes(),
            associated: &associated,
        };
        let opened = from
            .open(context, &secret.sealed)
            .map_err(|cause| unopened(pool, &cause))?;
        let label = format!(
            "nonce/moving/{}/{}/{}",
            secret.purpose,
            secret.field,
            record.key.as_bytes().escape_ascii()
        );
        let sealed = to.seal(context, cx.random(&label), opened.expose());
        value = replaced(&value, &secret.sealed, &sealed)
            .ok_or_else(|| Fault::new("a sealed value in a record"))?;
    }
    Ok(Raw {
        value: Bytes(value.into()),
        ..record.clone()
    })
}

/// Said without what it holds: which key is missing is all that an administrator needs.
fn unopened(pool: &str, cause: &userpool_crypto::sealed::Unsealable) -> Refusal {
    let text = format!("A secret of the pool {pool} cannot be opened: it is {cause}.");
    Refusal::new(RefusalKind::InvalidParameter, text)
}

/// CBOR in which one byte string stands for another. The record is not decoded for it, so that fields which this version
/// does not know stay.
fn replaced(cbor: &[u8], old: &[u8], new: &[u8]) -> Option<Vec<u8>> {
    let (old, new) = (byte_string(old)?, byte_string(new)?);
    let at = cbor
        .windows(old.len())
        .position(|window| window == old.as_slice())?;
    Some([&cbor[..at], &new, &cbor[at + old.len()..]].concat())
}

/// Bytes behind their head (RFC 8949 §3).
fn byte_string(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len() + 5);
    minicbor::Encoder::new(&mut out).bytes(bytes).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use alloc::{collections::BTreeMap, vec};

    use super::*;

    #[test]
    fn what_stands_around_a_secret_stays() {
        let mut record: BTreeMap<u8, minicbor::bytes::ByteVec> = BTreeMap::new();
        for length in [1, 23, 24, 255, 256, 1_200] {
            record.insert(0, vec![1; 3].into());
            record.insert(1, vec![7; 40].into());
            record.insert(9, vec![2; 300].into());
            let before = minicbor::to_vec(&record).unwrap();
            let after = replaced(&before, &[7; 40], &vec![8; length]).unwrap();
            record.insert(1, vec![8; length].into());
            assert_eq!(after, minicbor::to_vec(&record).unwrap(), "{length}");
        }
        assert_eq!(replaced(&[0xA0], &[7; 40], &[8]), None);
    }
}
