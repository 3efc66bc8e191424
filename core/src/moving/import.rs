//! The records of a pool put into a store, a piece at a time.

use alloc::{borrow::ToOwned, boxed::Box, format, string::String, vec::Vec};

use userpool_crypto::sealed::RootKeys;
use userpool_ports::Key;

use super::{kinds::belongs, seals::resealed};
use crate::{
    engine::{Cx, Held, Output, Program, Raw, Refusal, RefusalKind, Run},
    model::{
        arrival::Arrival,
        job::{Job, Task},
        keys,
    },
    ops::identity_pools,
};

/// How much of an export is in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Landed {
    /// How many of its records.
    pub records: u64,
}

/// Begins the import of an export, or finds how far it came; the output is a [`Landed`].
///
/// Refusals, in this order: another export of the pool whose import has not ended, one that is being removed again, a
/// pool of the id.
#[must_use]
pub fn begin_import(pool: &str, export: [u8; 16]) -> Program {
    let pool = pool.to_owned();
    Box::new(move |cx| begin(cx, &pool, export).map(|landed| Box::new(landed) as Output))
}

/// Puts the records that follow the first `at` ones of an export into the store; the output is a [`Landed`]. What is
/// sealed in them under the keys of the export is sealed under those of the store. Records that are there already, because
/// a commit landed whose answer was lost, are passed.
///
/// Refusals, in this order: an import that has not begun, records that do not follow, a record that is not one of the
/// pool, one that the store has from somebody else.
#[must_use]
pub fn import_piece(
    pool: &str,
    export: [u8; 16],
    at: u64,
    records: Vec<Raw>,
    from: &RootKeys,
) -> Program {
    let (pool, from) = (pool.to_owned(), from.clone());
    Box::new(move |cx| {
        put(cx, &pool, export, (at, &records), &from).map(|landed| Box::new(landed) as Output)
    })
}

/// Ends an import whose records are all there; the output is `()`.
///
/// Refusals, in this order: an import that has not begun, records that are missing.
#[must_use]
pub fn end_import(pool: &str, export: [u8; 16], records: u64) -> Program {
    let pool = pool.to_owned();
    Box::new(move |cx| end(cx, &pool, export, records).map(|()| Box::new(()) as Output))
}

/// Gives up an import that broke off: what is there is removed again by the engine's upkeep. The output is `()`.
///
/// Refusals, in this order: no import that has not ended, a pool that has arrived.
#[must_use]
pub fn discard_import(pool: &str) -> Program {
    let pool = pool.to_owned();
    Box::new(move |cx| discard(cx, &pool).map(|()| Box::new(()) as Output))
}

/// Whether nothing is left of an import that was given up; the output is a `bool`.
#[must_use]
pub fn is_discarded(pool: &str) -> Program {
    let key = keys::arrival(pool);
    Box::new(move |cx| {
        let arrival = cx.get::<Arrival>(&key)?;
        Ok(Box::new(arrival.is_none()) as Output)
    })
}

fn begin(cx: &mut Cx<'_>, pool: &str, export: [u8; 16]) -> Run<Landed> {
    let (key, root) = (keys::arrival(pool), root(pool));
    cx.want([&key, &root])?;
    if let Some(arrival) = cx.get::<Arrival>(&key)? {
        check_same(pool, &arrival, export)?;
        return Ok(Landed {
            records: arrival.records,
        });
    }
    if cx.any(&root)?.is_some() {
        let text = format!("This store has a pool {pool} already.");
        return Err(refuse(text).into());
    }
    let arrival = Arrival {
        export,
        records: 0,
        discarded: false,
    };
    cx.insert(&key, &arrival);
    Ok(Landed { records: 0 })
}

fn put(
    cx: &mut Cx<'_>,
    pool: &str,
    export: [u8; 16],
    (at, records): (u64, &[Raw]),
    from: &RootKeys,
) -> Run<Landed> {
    let key = keys::arrival(pool);
    cx.want(records.iter().map(|record| &record.key).chain([&key]))?;
    let arrival = found(cx, pool, export)?;
    let after = at.saturating_add(records.len() as u64);
    if arrival.records == after {
        return Ok(Landed { records: after });
    }
    if arrival.records != at {
        let text = format!(
            "The import of the pool {pool} is at its record {}, not at {at}.",
            arrival.records
        );
        return Err(refuse(text).into());
    }
    for record in records {
        if !belongs(pool, &record.key, &record.value)? {
            return Err(foreign(pool, &record.key).into());
        }
        // One that has ended while the export lay about need not come.
        if record.expires.is_some_and(|expires| expires <= cx.now()) {
            continue;
        }
        if cx.raw(&record.key)?.is_some() {
            return Err(taken(&record.key).into());
        }
        let to = &cx.environment().root_keys;
        let record = resealed(cx, pool, record, from, to)?;
        cx.insert_raw(&record.ok_or_else(|| foreign(pool, &key))?);
    }
    let next = Arrival {
        records: after,
        ..Arrival::clone(&arrival)
    };
    cx.update(&arrival, &next);
    Ok(Landed { records: after })
}

fn end(cx: &mut Cx<'_>, pool: &str, export: [u8; 16], records: u64) -> Run<()> {
    let arrival = found(cx, pool, export)?;
    if arrival.records != records || cx.any(&root(pool))?.is_none() {
        let text = format!("The import of the pool {pool} is not at its end.");
        return Err(refuse(text).into());
    }
    cx.remove(&arrival);
    Ok(())
}

fn discard(cx: &mut Cx<'_>, pool: &str) -> Run<()> {
    let (key, root) = (keys::arrival(pool), root(pool));
    cx.want([&key, &root])?;
    let arrival = cx.get::<Arrival>(&key)?.ok_or_else(|| no_import(pool))?;
    if cx.any(&root)?.is_some() {
        let text = format!(
            "The pool {pool} has arrived but for its domains and jobs: go on with the import, and then delete the pool."
        );
        return Err(refuse(text).into());
    }
    if arrival.discarded {
        return Ok(());
    }
    let next = Arrival {
        discarded: true,
        ..Arrival::clone(&arrival)
    };
    cx.update(&arrival, &next);
    // Nobody can have used what is there, so that nothing has to be waited for.
    let job = Job {
        begins: cx.now(),
        task: Task::DeletePool {
            pool: pool.into(),
            at: Default::default(),
        },
    };
    let id = cx.random("job id");
    cx.insert(&keys::job(&id), &job);
    Ok(())
}

fn found(cx: &mut Cx<'_>, pool: &str, export: [u8; 16]) -> Run<Held<Arrival>> {
    let arrival = cx.get::<Arrival>(&keys::arrival(pool))?;
    let arrival = arrival.ok_or_else(|| no_import(pool))?;
    check_same(pool, &arrival, export)?;
    Ok(arrival)
}

fn check_same(pool: &str, arrival: &Arrival, export: [u8; 16]) -> Result<(), Refusal> {
    if arrival.export != export {
        return Err(refuse(format!(
            "The import of another export of the pool {pool} has begun and not ended."
        )));
    }
    if arrival.discarded {
        return Err(refuse(format!(
            "The import of the pool {pool} was given up, and what had arrived is being removed."
        )));
    }
    Ok(())
}

fn root(pool: &str) -> Key {
    match identity_pools::is_one(pool) {
        true => keys::identity_pool(pool),
        false => keys::pool(pool),
    }
}

fn no_import(pool: &str) -> Refusal {
    let text = format!("No import of the pool {pool} has begun.");
    Refusal::new(RefusalKind::ResourceNotFound, text)
}

/// A record that somebody else has: an app client or a domain is found by its name, whichever pool it is of.
fn taken(key: &Key) -> Refusal {
    let bytes = key.as_bytes();
    let name = String::from_utf8_lossy(bytes.get(1..).unwrap_or_default());
    refuse(match bytes.first() {
        Some(b'C') => format!("This store has an app client {name} already."),
        Some(b'n') => format!("This store has a domain {name} already."),
        _ => format!("This store has a record already that the export holds: {key:?}."),
    })
}

fn foreign(pool: &str, key: &Key) -> Refusal {
    refuse(format!(
        "The export holds a record that is not one of the pool {pool}: {key:?}."
    ))
}

fn refuse(text: String) -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, text)
}
