//! The data folder and the private files in it.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The folder that holds the store, the keys and the messages; only its owner may enter it.
#[derive(Debug)]
pub(crate) struct DataFolder(PathBuf);

impl DataFolder {
    /// Opens the folder, making it with mode 0700 where it is missing.
    ///
    /// # Errors
    /// It cannot be made.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(path)
            .map_err(|it| Failure::new(format!("the data folder {}: {it}", path.display())))?;
        Ok(Self(path.to_owned()))
    }

    /// The path of a file in the folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The text of a file in the folder, or nothing where there is no such file.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub(crate) fn read(&self, name: &str) -> Result<Option<String>, Failure> {
        match std::fs::read_to_string(self.file(name)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(name, &error)),
        }
    }

    /// Keeps a new private file; it is there whole, or not at all.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn keep(&self, name: &str, text: &str) -> Result<(), Failure> {
        let unfinished = self.file(&format!("{name}.new"));
        let write = || {
            // What a start that was cut short left behind.
            match std::fs::remove_file(&unfinished) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file =
                private(OpenOptions::new().write(true).create_new(true)).open(&unfinished)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&unfinished, self.file(name))?;
            File::open(&self.0)?.sync_all()
        };
        write().map_err(|it| self.failed(name, &it))
    }

    fn failed(&self, name: &str, cause: &io::Error) -> Failure {
        Failure::new(format!("{}: {cause}", self.file(name).display()))
    }
}

/// Options for a file that only its owner may read.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}
