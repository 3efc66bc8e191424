//! Folders of a test's own, removed when the test is over.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// A new folder for files that a test writes, on the disk that the build uses.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes a folder whose name begins with `name`.
    ///
    /// # Panics
    /// The build's folder cannot be written.
    #[must_use]
    pub fn new(name: &str) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = Self::base().join(format!("{name}-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).expect("the build's folder can be written");
        Self(folder)
    }

    /// Where the folder is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The folder of the running program: a test's, an example's or a benchmark's.
    fn base() -> PathBuf {
        let program = std::env::current_exe().expect("the program knows where it is");
        program
            .parent()
            .expect("a program is in a folder")
            .join("folders")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Files may close later than their test ends; a folder left over harms nobody.
        let _: io::Result<()> = fs::remove_dir_all(&self.0);
    }
}
