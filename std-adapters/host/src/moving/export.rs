//! A pool written to a file.

use std::io::Write;

use userpool_core::model::keys;
use userpool_core::moving::{self, Piece, Place, Setting};

use super::{
    ExportKey, Moved, NotMoved, Progress,
    format::{Head, Writer},
};
use crate::Engine;

impl Engine {
    /// Writes a pool with all that belongs to it, in the form of an export; `told` hears of each piece.
    ///
    /// The export is of one moment only while nothing writes to the pool: stop the servers of its store, or let nobody use
    /// the pool meanwhile. A file without its last line is refused by imports.
    ///
    /// # Errors
    /// No such pool, a secret under a root key that is not at hand, or the file or the store failed.
    pub fn export_pool_blocking(
        &self,
        pool: &str,
        key: &ExportKey,
        out: impl Write,
        mut told: impl FnMut(Progress),
    ) -> Result<Moved, NotMoved> {
        let setting: Setting = self.run_blocking(moving::begin_export(pool))?;
        let export = self.draw();
        let head = Head::new(export, pool, &setting.name, self.clock().now(), key);
        let mut writer = Writer::begin(out, key, &head)?;
        let mut progress = Progress {
            of: 3 * setting.users,
            ..Progress::default()
        };
        let (ring, mut at) = (key.ring(), Some(Place::default()));
        while let Some(place) = at {
            let piece: Piece = self.run_blocking(moving::export_piece(pool, place, &ring))?;
            for record in &piece.records {
                writer.record(record)?;
                progress.records += 1;
                let kind = keys::kind(&record.key);
                progress.done += u64::from(matches!(kind, Some(b'H' | b'U' | b'N')));
                progress.users += u64::from(kind == Some(b'H'));
            }
            progress.of = progress.of.max(progress.done);
            told(progress);
            at = piece.next;
        }
        Ok(Moved {
            pool: pool.into(),
            name: setting.name,
            records: writer.end()?,
            users: progress.users,
        })
    }

    /// Names an export.
    fn draw(&self) -> [u8; 16] {
        let seed = self.entropy().seed();
        let (id, _) = seed.split_at(16);
        id.try_into().unwrap_or_default()
    }
}
