//! A file put into a store.

use std::io::{BufReader, Read, Seek, SeekFrom};

use userpool_core::{
    engine::Raw,
    model::keys,
    moving::{self, AT_ONCE, AT_ONCE_BYTES, Landed},
};

use super::{
    ExportKey, Moved, NotMoved, Progress,
    format::{Head, Reader},
};
use crate::Engine;

impl Engine {
    /// Puts the pool of an export into the store, under its own id; `told` hears of each piece.
    ///
    /// The file is read twice: before anything is written it is found to be whole and unchanged. The pool can be used once
    /// all of it is there. An import that broke off goes on where it was when it is run again with the same file.
    ///
    /// # Errors
    /// The file is not a whole export, or is sealed under another key; the store has a pool, an app client or a domain of
    /// the same name already, or another export of the pool has begun to arrive; or the file or the store failed.
    pub fn import_pool_blocking(
        &self,
        key: &ExportKey,
        file: &mut (impl Read + Seek),
        mut told: impl FnMut(Progress),
    ) -> Result<Moved, NotMoved> {
        let from = file.stream_position()?;
        let whole = check(key, file)?;
        file.seek(SeekFrom::Start(from))?;
        let (mut reader, head) = Reader::begin(BufReader::new(file), key)?;
        let export = head.export()?;
        let landed: Landed = self.run_blocking(moving::begin_import(&head.pool, export))?;
        let ring = key.ring();
        let mut progress = Progress {
            of: whole.bytes,
            ..Progress::default()
        };
        let (mut piece, mut bytes) = (Vec::with_capacity(AT_ONCE), 0);
        loop {
            let next = reader.next()?;
            let size = next.as_ref().map_or(0, size);
            let is_full = piece.len() == AT_ONCE || bytes + size > AT_ONCE_BYTES;
            if !piece.is_empty() && (is_full || next.is_none()) {
                let ahead = u64::from(next.is_some());
                let at = reader.records() - ahead - piece.len() as u64;
                let full = std::mem::take(&mut piece);
                let put = moving::import_piece(&head.pool, export, at, full, &ring);
                let _: Landed = self.run_blocking(put)?;
                bytes = 0;
                progress.done = reader.bytes();
                progress.records = reader.records() - ahead;
                told(progress);
            }
            let Some(record) = next else { break };
            progress.users += u64::from(keys::kind(&record.key) == Some(b'H'));
            // What is here already was counted by the import that broke off.
            if reader.records() > landed.records {
                piece.push(record);
                bytes += size;
            }
        }
        let end = moving::end_import(&head.pool, export, reader.records());
        self.run_blocking::<()>(end)?;
        Ok(Moved {
            pool: head.pool,
            name: head.name,
            records: reader.records(),
            users: progress.users,
        })
    }

    /// Gives up the import of a pool that broke off, and removes what of it is here.
    ///
    /// # Errors
    /// No import of the pool has begun, or the pool has arrived; or the store failed.
    pub fn discard_import_blocking(&self, pool: &str) -> Result<(), NotMoved> {
        self.run_blocking::<()>(moving::discard_import(pool))?;
        while !self.run_blocking::<bool>(moving::is_discarded(pool))? {
            self.maintain_blocking()?;
        }
        Ok(())
    }
}

/// What a whole file is.
struct Whole {
    bytes: u64,
}

/// Reads a file to its end.
fn check(key: &ExportKey, file: &mut impl Read) -> Result<Whole, NotMoved> {
    let (mut reader, head): (_, Head) = Reader::begin(BufReader::new(file), key)?;
    head.export()?;
    while reader.next()?.is_some() {}
    Ok(Whole {
        bytes: reader.bytes(),
    })
}

fn size(record: &Raw) -> usize {
    record.key.as_bytes().len() + record.value.len()
}
