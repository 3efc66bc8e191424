//! What is sealed under older root keys, sealed anew under the current one, a piece of the store at a time.
//!
//! The keys of secret blocks, which do not move with a pool, are among it: sign-ins go on under them for minutes.
//! Left as they are: challenges under way, messages on their way for a day at most, and what clients hold: refresh tokens,
//! cookies of login pages, credentials of identity pools.

use alloc::{boxed::Box, string::String, vec::Vec};

use userpool_ports::Key;

use super::{
    AT_ONCE_BYTES,
    kinds::{Fate, Read, fate},
    seals::{Secret, sealed_anew},
};
use crate::{
    engine::{Cx, Fault, Output, Program, Raw, Run, record},
    model::{block::BlockKeys, client::Client, keys},
    ops::sign_in::block::BLOCK_KEY,
};

/// How many records are read for a piece, and so written at most.
const READ: usize = 64;

/// A piece of the store whose secrets are under the current root key.
#[derive(Clone, Debug)]
pub struct Resealed {
    /// How many records were looked at.
    pub records: u64,
    /// How many of them had secrets under older keys.
    pub sealed: u64,
    /// The key to go on after; `None` at the end of the store.
    pub next: Option<Key>,
}

/// Seals what the records after a key have under older root keys anew; the output is a [`Resealed`].
///
/// A record that changes meanwhile is looked at again, and nothing else of it changes. Every process that shares the store
/// must have the current key as its own before: what it seals under an older one after this has passed stays so.
///
/// Refusals: a secret under a root key that is not at hand.
#[must_use]
pub fn reseal_piece(after: Option<Key>) -> Program {
    Box::new(move |cx| piece(cx, after.as_ref()).map(|piece| Box::new(piece) as Output))
}

fn piece(cx: &mut Cx<'_>, after: Option<&Key>) -> Run<Resealed> {
    let everything = Key::new([]);
    let (records, mut next) = cx.raw_page(&everything, after, READ)?;
    let (held, _) = cx.page_of_any(&everything, after, READ)?;
    let ring = &cx.environment().root_keys;
    let mut done = Resealed {
        records: 0,
        sealed: 0,
        next: None,
    };
    let mut bytes = 0;
    for record in &records {
        let secrets = secrets(record)?;
        if let Some((pool, secrets)) = secrets
            && secrets.iter().any(|it| ring.is_outdated(&it.sealed))
        {
            let anew = sealed_anew(cx, &pool, record, &secrets, (ring, ring))?;
            bytes += anew.key.as_bytes().len() + anew.value.len();
            if bytes > AT_ONCE_BYTES && done.sealed > 0 {
                break;
            }
            if let Some(held) = held.iter().find(|held| *held.key() == record.key) {
                cx.update_raw(held, &anew);
                done.sealed += 1;
            }
        }
        done.records += 1;
        done.next = Some(record.key.clone());
    }
    // Ended records at the end of the page are not among those looked at.
    if done.records == records.len() as u64 {
        done.next = next.take();
    }
    Ok(done)
}

/// The pool of a record and its secrets; `None` of one that has none, or is none of a pool's.
fn secrets(record: &Raw) -> Run<Option<(String, Vec<Secret>)>> {
    let read: Read = match keys::kind(&record.key) {
        Some(b'B') => block_keys,
        kind => match kind.and_then(fate) {
            Some(Fate::Moves(read)) => read,
            Some(Fate::Stays) | None => return Ok(None),
        },
    };
    let pool = match keys::pool_of(&record.key) {
        Some(pool) => pool.into(),
        None if record.key.as_bytes().starts_with(b"C") => {
            record::decode::<Client>(&record.value)?.pool
        }
        None => return Ok(None),
    };
    let secrets = read(&pool, &record.key, &record.value)?;
    Ok((!secrets.is_empty()).then_some((pool, secrets)))
}

fn block_keys(_: &str, key: &Key, value: &[u8]) -> Result<Vec<Secret>, Fault> {
    let keys = record::decode::<BlockKeys>(value)?.keys;
    let secrets = keys.into_iter().map(|it| Secret {
        purpose: BLOCK_KEY,
        place: key.clone(),
        field: it.id,
        sealed: it.sealed,
    });
    Ok(secrets.collect())
}
