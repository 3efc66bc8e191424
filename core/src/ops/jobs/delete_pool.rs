//! The job that empties a deleted pool.

use alloc::vec::Vec;

use userpool_ports::{Key, storage::MAX_WRITES};

use crate::{
    engine::{Cx, Held, Run},
    model::{
        client::{Client, ListedClient},
        job::{Job, Sweep, Task},
        keys,
        pool::Pool,
        pooled_identity::PooledIdentity,
    },
};

/// The byte of the list of a pool's app clients, whose own records lie elsewhere.
const CLIENTS: u8 = b'c';
/// The byte of the list of an identity pool's identities, whose own records lie elsewhere.
const IDENTITIES: u8 = b'e';

/// Removes the next page of records, passing kinds that have none, and at the end the pool and the job.
///
/// # Errors
/// Stops the run until the records are there.
pub(super) fn step(cx: &mut Cx<'_>, job: &Held<Job>, pool: &str, at: &Sweep) -> Run<()> {
    let mut at = at.clone();
    while let Some(kind) = at.kind() {
        let (found, more) = match kind {
            CLIENTS => clients(cx, pool, &at)?,
            IDENTITIES => identities(cx, pool, &at)?,
            kind => records(cx, kind, pool, &at)?,
        };
        at = at.next(found, more.as_ref());
        if found {
            go_on(cx, job, pool, at);
            return Ok(());
        }
    }
    if at.found {
        go_on(cx, job, pool, Sweep::default());
        return Ok(());
    }
    finish(cx, job, pool)
}

/// Removes records of one kind; the job itself is one more write of the batch.
fn records(cx: &mut Cx<'_>, kind: u8, pool: &str, at: &Sweep) -> Run<(bool, Option<Key>)> {
    let prefix = keys::of_pool(kind, pool);
    let (records, more) = cx.page_of_any(&prefix, at.after().as_ref(), MAX_WRITES - 1)?;
    for record in &records {
        cx.remove(record);
    }
    Ok((!records.is_empty(), more))
}

/// Removes app clients, two records each.
fn clients(cx: &mut Cx<'_>, pool: &str, at: &Sweep) -> Run<(bool, Option<Key>)> {
    let limit = (MAX_WRITES - 1) / 2;
    let prefix = keys::clients_of_pool(pool);
    let (listed, more) = cx.page::<ListedClient>(&prefix, at.after().as_ref(), limit)?;
    let own: Vec<Key> = listed
        .iter()
        .map(|client| keys::client(&client.id))
        .collect();
    cx.want(&own)?;
    for key in &own {
        // An import that was given up may have listed a client that another pool has.
        let client = cx.get::<Client>(key)?;
        if let Some(client) = client.filter(|client| client.pool == pool) {
            cx.remove(&client);
        }
    }
    for client in &listed {
        cx.remove(client);
    }
    Ok((!listed.is_empty(), more))
}

/// Removes identities, two records each.
fn identities(cx: &mut Cx<'_>, pool: &str, at: &Sweep) -> Run<(bool, Option<Key>)> {
    let limit = (MAX_WRITES - 1) / 2;
    let prefix = keys::listed_identities(pool);
    let (listed, more) = cx.page_of_any(&prefix, at.after().as_ref(), limit)?;
    let own = listed
        .iter()
        .filter_map(|held| keys::identity_in(held.key()));
    let own: Vec<Key> = own.map(|id| keys::pooled_identity(&id)).collect();
    cx.want(&own)?;
    for key in &own {
        let identity = cx.get::<PooledIdentity>(key)?;
        if let Some(identity) = identity.filter(|identity| identity.pool == pool) {
            cx.remove(&identity);
        }
    }
    for entry in &listed {
        cx.remove(entry);
    }
    Ok((!listed.is_empty(), more))
}

fn go_on(cx: &mut Cx<'_>, job: &Held<Job>, pool: &str, at: Sweep) {
    let pool = pool.into();
    super::go_on(cx, job, Task::DeletePool { pool, at });
}

fn finish(cx: &mut Cx<'_>, job: &Held<Job>, pool: &str) -> Run<()> {
    if let Some(pool) = cx.get::<Pool>(&keys::pool(pool))? {
        cx.remove(&pool);
    }
    cx.remove(job);
    Ok(())
}
