//! Moving from one store to another: everything is copied, then everything is compared.
//!
//! A mark in the target says that it is not whole yet, so that nobody serves it; the last commit takes the mark away. A
//! migration that was cut short is begun again: what is in the target already is compared and not written.
//!
//! The embedded store's file belongs to the process that serves it. While one does, the records come from there by a socket in
//! the data folder, and it tells which of them change meanwhile. What changed is copied until little is left; for the rest the server takes
//! no more commits, marks its store as moved, and stops.

#[cfg(unix)]
mod live;
mod mark;
#[cfg(unix)]
mod serving;
#[cfg(not(unix))]
#[path = "no_sockets.rs"]
mod serving;
#[cfg(unix)]
mod talk;
mod tap;
mod walk;

use std::path::Path;

use clap::Args;
use userpool_ports::{Storage, StoreFault, Version};
use userpool_redb::OpenFault;

use self::mark::Mark;
pub(crate) use self::mark::check_whole;
pub(crate) use self::serving::{SOCKET, Socket, listen};
pub(crate) use self::tap::Tap;
use self::walk::{compare, count};
use crate::failure::Failure;
use crate::folder::DataFolder;
use crate::options::{Resolved, StoreKind};
use crate::stores;

/// From where to where.
#[derive(Args, Clone, Debug)]
pub(crate) struct Migration {
    /// Store to copy: `redb` in the data folder, served meanwhile or not, `redb:FILE` or `postgres://…`, which nobody writes to
    #[arg(long, value_name = "STORE")]
    from: String,
    /// Store to copy into: empty, or of a migration that was cut short
    #[arg(long, value_name = "STORE")]
    to: String,
}

type Store = Box<dyn Storage>;

/// What is copied.
enum Source {
    /// A store that nobody else has open.
    Resting(Store),
    /// A store that a server has open.
    #[cfg(unix)]
    Live(live::Live),
}

/// Copies and checks.
///
/// # Errors
/// A store cannot be opened, read or written; the target is not empty; the two still differ at the end.
pub(crate) fn run(settings: &Resolved, migration: &Migration) -> Result<(), Failure> {
    let from = source(&migration.from, settings)?;
    let to = target(&migration.to, settings)?;
    match from {
        Source::Resting(from) => rest(&*from, &*to),
        #[cfg(unix)]
        Source::Live(from) => live::follow(&from, &*to),
    }
}

/// Copies a store that nobody writes to.
fn rest(from: &dyn Storage, to: &dyn Storage) -> Result<(), Failure> {
    match Mark::of(from).map_err(failed)? {
        // A migration of a live store ended before it could take the mark of the target away.
        Some((Mark::Moved, _)) if Mark::of(to).map_err(failed)?.is_some() => {}
        _ => check_whole(from)?,
    }
    let records = count(from).map_err(failed)?;
    let mark = mark(to)?;
    let copied = compare(from, to, ("copied", records), true).map_err(failed)?;
    let differ = compare(from, to, ("checked", records), false).map_err(failed)?;
    if differ > 0 {
        return Err(Failure::new(format!(
            "{differ} records differ: somebody wrote to one of the stores; begin again"
        )));
    }
    Mark::take(to, mark).map_err(failed)?;
    println!("{records} records are the same in both, {copied} of them copied now.");
    println!("Serve the new store with the root keys of the old one.");
    Ok(())
}

/// Opens what is copied.
fn source(text: &str, settings: &Resolved) -> Result<Source, Failure> {
    let embedded = |path: &Path| {
        if !path.exists() {
            return Err(Failure::new(format!("from: no {}", path.display())));
        }
        match userpool_redb::RedbStore::open(path) {
            Ok(store) => Ok(Source::Resting(Box::new(store))),
            Err(OpenFault::InUse) => served(path),
            Err(fault) => Err(stores::not_opened(path, &fault)),
        }
    };
    if let Some(path) = text.strip_prefix("redb:") {
        return embedded(Path::new(path));
    }
    match StoreKind::named(text, settings.store_password.as_ref())? {
        StoreKind::Redb => embedded(&settings.data.join(stores::FILE)),
        StoreKind::Postgres(options) if options.is_read_only() => Err(Failure::new(
            "from: a standby may lag behind; leave target_session_attrs out",
        )),
        StoreKind::Postgres(options) => Ok(Source::Resting(Box::new(stores::database(&options)?))),
        StoreKind::Memory => Err(Failure::new("from: nothing is kept in memory")),
    }
}

/// The store of the server that has a file open.
#[cfg(unix)]
fn served(path: &Path) -> Result<Source, Failure> {
    use std::os::unix::net::UnixStream;

    let socket = path.with_file_name(SOCKET);
    let stream = talk::at(&socket, |path| UnixStream::connect(path)).map_err(|it| {
        let store = stores::not_opened(path, &OpenFault::InUse);
        Failure::new(format!(
            "{store}, and {} does not answer: {it}",
            socket.display()
        ))
    })?;
    live::Live::begin(stream).map(Source::Live)
}

#[cfg(not(unix))]
fn served(path: &Path) -> Result<Source, Failure> {
    Err(stores::not_opened(path, &OpenFault::InUse))
}

/// Opens what is copied into.
fn target(text: &str, settings: &Resolved) -> Result<Store, Failure> {
    let embedded = |path: &Path| Ok(Box::new(stores::embedded(path)?) as Store);
    if let Some(path) = text.strip_prefix("redb:") {
        return embedded(Path::new(path));
    }
    match StoreKind::named(text, settings.store_password.as_ref())? {
        StoreKind::Redb => embedded(&DataFolder::open(&settings.data)?.file(stores::FILE)),
        StoreKind::Postgres(options) => Ok(Box::new(stores::database(&options)?)),
        StoreKind::Memory => Err(Failure::new("to: nothing is kept in memory")),
    }
}

/// Marks the target, unless it is marked; the version of the mark.
fn mark(to: &dyn Storage) -> Result<Version, Failure> {
    match Mark::of(to).map_err(failed)? {
        Some((Mark::Unfinished, version)) => return Ok(version),
        Some((Mark::Moved, _)) => check_whole(to)?,
        None => {}
    }
    if !walk::is_empty(to).map_err(failed)? {
        return Err(Failure::new("to: this store is not empty"));
    }
    Mark::Unfinished.set(to).map_err(failed)?;
    let set = Mark::of(to).map_err(failed)?;
    set.map(|(_, version)| version)
        .ok_or_else(|| Failure::new("to: the store does not keep what is written"))
}

fn failed(fault: StoreFault) -> Failure {
    Failure::new(fault.to_string())
}

#[cfg(all(test, unix))]
mod tests;
