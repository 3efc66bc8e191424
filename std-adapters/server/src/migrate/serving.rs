//! The serving side of a migration: a socket in the data folder, at which another process copies the store.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use tokio::sync::Notify;
use userpool_ports::{Key, PageRequest, Storage, StoreFault};

use super::mark::Mark;
use super::talk::{self, Answer, Ask, Found, Kept};
use super::tap::{Copying, Tap};

/// The name of the socket in the data folder.
pub(crate) const SOCKET: &str = "migrate.sock";
/// How many changed keys are told at once.
const KEYS: usize = 10_000;

/// The socket, which is gone from the folder when this is dropped.
#[derive(Debug)]
pub(crate) struct Socket(PathBuf);

impl Drop for Socket {
    fn drop(&mut self) {
        // A socket that is left over is removed by the next start.
        let _ = fs::remove_file(&self.0);
    }
}

/// Lets other processes copy the store that is served; `left` is told once it lives somewhere else. Where there can be no socket of
/// that name, the server goes on without.
pub(crate) fn listen<S>(path: &Path, tap: &Tap<S>, left: &Arc<Notify>) -> Option<Socket>
where
    S: Storage + Send + Sync + 'static,
{
    match bind(path, tap.clone(), Arc::clone(left)) {
        Ok(()) => Some(Socket(path.to_owned())),
        Err(error) => {
            let path = path.display();
            tracing::warn!(%error, "{path} cannot be listened on: the store can only move while no server has it open");
            None
        }
    }
}

fn bind<S>(path: &Path, tap: Tap<S>, left: Arc<Notify>) -> io::Result<()>
where
    S: Storage + Send + Sync + 'static,
{
    // Whoever has the store open is the only one who serves it: a socket that is there is left over.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = talk::at(path, |path| {
        let listener = UnixListener::bind(path)?;
        // Whoever connects may stop the server for good.
        fs::set_permissions(path, Permissions::from_mode(0o600))?;
        Ok(listener)
    })?;
    thread::Builder::new()
        .name("userpool-migrate".to_owned())
        .spawn(move || {
            for stream in listener.incoming().flatten() {
                if serve(stream, &tap) {
                    left.notify_one();
                }
            }
        })?;
    Ok(())
}

/// Answers one process until it is gone; tells whether the store lives somewhere else now.
pub(crate) fn serve<S: Storage>(mut stream: UnixStream, tap: &Tap<S>) -> bool {
    let mut copying = None;
    while let Ok(ask) = talk::receive::<Ask>(&mut stream) {
        let leaves = matches!(ask, Ask::Leave);
        let answer = match (ask, &copying) {
            (Ask::Begin { talk }, None) => begin(tap, talk).map(|begun| {
                copying = Some(begun);
                Answer::Done
            }),
            (ask, Some(copying)) => answer(copying, ask),
            (_, None) => Err(StoreFault::new("it has to begin first")),
        };
        let done = answer.is_ok();
        if leaves
            && done
            && let Some(copying) = copying.take()
        {
            copying.leave();
            // Whether it hears that or not: the mark is in the store.
            let _ = talk::send(&mut stream, &Answer::Done);
            return true;
        }
        let answer = answer.unwrap_or_else(|fault| Answer::Refused(fault.to_string()));
        if talk::send(&mut stream, &answer).is_err() {
            break;
        }
    }
    false
}

fn begin<S: Storage>(tap: &Tap<S>, talk: u32) -> Result<Copying<S>, StoreFault> {
    if talk != talk::TALK {
        return Err(StoreFault::new(
            "the server is of another version; migrate with the program that serves",
        ));
    }
    let copying = tap.copy()?;
    tracing::info!("another process copies the store");
    Ok(copying)
}

fn answer<S: Storage>(copying: &Copying<S>, ask: Ask) -> Result<Answer, StoreFault> {
    let key = |bytes| Key::new(Vec::from(bytes));
    Ok(match ask {
        Ask::Begin { .. } => return Err(StoreFault::new("it has begun already")),
        Ask::Page { after, limit } => {
            let request = PageRequest {
                prefix: Key::new([]),
                after: after.map(key),
                limit: usize::try_from(limit).unwrap_or(usize::MAX),
            };
            let page = copying.store().page(&request)?;
            Answer::Page(page.into_iter().map(Found::of).collect())
        }
        Ask::Load { keys } => {
            let keys: Vec<Key> = keys.into_iter().map(key).collect();
            let entries = copying.store().load(&keys)?.into_iter();
            Answer::Entries(entries.map(|entry| entry.map(Kept::of)).collect())
        }
        Ask::Changed => {
            let changed = copying.changed(KEYS)?;
            Answer::Keys(changed.iter().map(talk::bytes).collect())
        }
        Ask::Hold => {
            copying.hold()?;
            Answer::Done
        }
        Ask::Leave => {
            Mark::Moved.set(copying.store())?;
            tracing::warn!("the store has moved: this server stops, and will not serve it again");
            Answer::Done
        }
    })
}
