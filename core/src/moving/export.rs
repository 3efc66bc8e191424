//! The records of a pool, a piece at a time.

use alloc::{borrow::ToOwned, boxed::Box, string::String, vec::Vec};

use userpool_crypto::sealed::RootKeys;
use userpool_ports::Key;

use super::{
    kinds::{Fate, fate, job_pool},
    seals::resealed,
};
use crate::{
    engine::{Cx, Output, Program, Raw, Refusal, RefusalKind, Run, record},
    model::{
        client::ListedClient,
        identity_pool::IdentityPool,
        job::{Job, Task},
        keys,
        pool::Pool,
    },
    ops::{identity_pools, pools::description, user_count},
};

/// How many records of the store are read for a piece.
const READ: usize = 64;

/// The pool that an export begins with.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// How many users it has, to show how far the export is.
    pub users: u64,
}

/// Where an export stands.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// How many of the stages are passed.
    stage: usize,
    /// The key of the stage to go on after.
    after: Option<Key>,
}

/// Some records of a pool.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The records, sealed for the export.
    pub records: Vec<Raw>,
    /// Where to go on; `None` at the end.
    pub next: Option<Place>,
}

/// What an export reads one after the other.
#[derive(Clone, Copy)]
enum Stage {
    /// The records of a kind that lie under the pool, and what they lead to elsewhere.
    Kind(u8),
    /// The pool itself, with its domains.
    Root,
    /// The jobs that are about the pool.
    Jobs,
}

impl Place {
    fn stage(&self) -> Option<Stage> {
        let kinds = keys::KINDS_OF_POOL.len();
        match self.stage.checked_sub(kinds) {
            None => keys::KINDS_OF_POOL
                .get(self.stage)
                .copied()
                .map(Stage::Kind),
            Some(0) => Some(Stage::Root),
            Some(1) => Some(Stage::Jobs),
            Some(_) => None,
        }
    }

    fn next(&self, more: Option<Key>) -> Self {
        Self {
            stage: self.stage + usize::from(more.is_none()),
            after: more,
        }
    }
}

/// Looks at the pool that is to be exported; the output is a [`Setting`].
///
/// Refusals: no such pool, or one that is being deleted.
#[must_use]
pub fn begin_export(pool: &str) -> Program {
    let pool = pool.to_owned();
    Box::new(move |cx| setting(cx, &pool).map(|setting| Box::new(setting) as Output))
}

/// The records of a pool at a place; the output is a [`Piece`]. What is sealed in them is sealed under the keys of the
/// export.
///
/// Refusals: those of [`begin_export`], and a secret under a root key that is not at hand.
#[must_use]
pub fn export_piece(pool: &str, at: Place, to: &RootKeys) -> Program {
    let (pool, to) = (pool.to_owned(), to.clone());
    Box::new(move |cx| piece(cx, &pool, &at, &to).map(|piece| Box::new(piece) as Output))
}

fn setting(cx: &mut Cx<'_>, pool: &str) -> Run<Setting> {
    if identity_pools::is_one(pool) {
        let held = cx.get::<IdentityPool>(&keys::identity_pool(pool))?;
        let held = held.ok_or_else(|| no_pool(pool))?;
        return Ok(Setting {
            name: held.name.clone(),
            users: 0,
        });
    }
    let held = cx.get::<Pool>(&keys::pool(pool))?;
    let held = held
        .filter(|held| !held.deleting)
        .ok_or_else(|| no_pool(pool))?;
    Ok(Setting {
        name: name_of(&held)?,
        users: user_count::total(cx, pool)?,
    })
}

/// The name stands in the description alone.
fn name_of(pool: &Pool) -> Run<String> {
    Ok(description::settings(pool)?.name.unwrap_or_default())
}

fn piece(cx: &mut Cx<'_>, pool: &str, at: &Place, to: &RootKeys) -> Run<Piece> {
    let Some(stage) = at.stage() else {
        return Ok(Piece {
            records: Vec::new(),
            next: None,
        });
    };
    let (found, more) = match stage {
        Stage::Kind(kind) => of_kind(cx, pool, kind, at)?,
        Stage::Root => (root(cx, pool)?, None),
        Stage::Jobs => jobs(cx, pool, at)?,
    };
    let mut records = Vec::with_capacity(found.len());
    for record in &found {
        let from = &cx.environment().root_keys;
        records.extend(resealed(cx, pool, record, from, to)?);
    }
    let next = at.next(more);
    Ok(Piece {
        records,
        next: next.stage().is_some().then_some(next),
    })
}

fn of_kind(cx: &mut Cx<'_>, pool: &str, kind: u8, at: &Place) -> Run<(Vec<Raw>, Option<Key>)> {
    if matches!(fate(kind), Some(Fate::Stays)) {
        return Ok((Vec::new(), None));
    }
    let prefix = keys::of_pool(kind, pool);
    let (mut found, more) = cx.raw_page(&prefix, at.after.as_ref(), READ)?;
    let mut own = Vec::new();
    for listed in &found {
        match kind {
            b'c' => {
                let listed = record::decode::<ListedClient>(&listed.value)?;
                own.push(keys::client(&listed.id));
            }
            b'e' => own.extend(keys::identity_in(&listed.key).map(|id| keys::pooled_identity(&id))),
            _ => break,
        }
    }
    found.extend(all(cx, &own)?);
    Ok((found, more))
}

fn root(cx: &mut Cx<'_>, pool: &str) -> Run<Vec<Raw>> {
    if identity_pools::is_one(pool) {
        setting(cx, pool)?;
        return all(cx, &[keys::identity_pool(pool)]);
    }
    let key = keys::pool(pool);
    let held = cx.get::<Pool>(&key)?;
    let held = held
        .filter(|held| !held.deleting)
        .ok_or_else(|| no_pool(pool))?;
    let domains = &held.rules.domains;
    let names = domains.prefix.iter().chain(&domains.custom);
    let own: Vec<Key> = [key]
        .into_iter()
        .chain(names.map(|name| keys::domain(name)))
        .collect();
    all(cx, &own)
}

/// The jobs of a pool lie among those of others.
fn jobs(cx: &mut Cx<'_>, pool: &str, at: &Place) -> Run<(Vec<Raw>, Option<Key>)> {
    let (found, more) = cx.raw_page(&keys::jobs(), at.after.as_ref(), READ)?;
    let mut own = Vec::new();
    for record in found {
        let job = record::decode::<Job>(&record.value)?;
        if job_pool(&job) == pool && !matches!(job.task, Task::DeletePool { .. }) {
            own.push(record);
        }
    }
    Ok((own, more))
}

fn all(cx: &mut Cx<'_>, own: &[Key]) -> Run<Vec<Raw>> {
    cx.want(own)?;
    let mut found = Vec::with_capacity(own.len());
    for key in own {
        found.extend(cx.raw(key)?);
    }
    Ok(found)
}

fn no_pool(pool: &str) -> Refusal {
    let text = alloc::format!("This store has no pool {pool}.");
    Refusal::new(RefusalKind::ResourceNotFound, text)
}
