//! `userpool export` and `userpool import`: a pool to a file, and into another store.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use userpool::Engine;
use userpool::moving::{ExportKey, Moved, Progress};

use crate::failure::Failure;
use crate::folder::{DataFolder, private};
use crate::options::{Options, Resolved, StoreKind};
use crate::progress::{Bar, grouped};
use crate::{run, stores};

const COMMENT: &str = "\
# The key of an export: the secrets in the file are sealed under it.
# Whoever has both has the pool; keep them apart, and delete them when the pool has moved.
";

/// Write a user pool or an identity pool, with all that belongs to it, to a file: settings, clients, users with their
/// passwords, factors, passkeys and groups, and the keys that sign tokens.
///
/// No server may have the store open. Secrets in the file are sealed under the key file; names and addresses are not.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Export {
    /// The id of the pool
    #[arg(value_name = "POOL")]
    pool: String,
    /// The file to write; it must not be there yet
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// The file of the key that secrets are sealed under; it is made where there is none
    #[arg(long, value_name = "FILE")]
    key_file: PathBuf,
}

/// Put the pool of an export into the store, under its own id; an import that broke off goes on where it was when it is
/// run again.
///
/// No server may have the store open. Afterwards users sign in as before; refresh tokens stay good where
/// USERPOOL_ROOT_KEYS has the root keys of the other store as further ones.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    /// The file that `userpool export` wrote
    #[arg(long, value_name = "FILE", required_unless_present = "discard")]
    file: Option<PathBuf>,
    /// The file of its key
    #[arg(long, value_name = "FILE", required_unless_present = "discard")]
    key_file: Option<PathBuf>,
    /// Give up the import of this pool that broke off, and remove what has arrived
    #[arg(long, value_name = "POOL", conflicts_with_all = ["file", "key_file"])]
    discard: Option<String>,
}

impl Export {
    /// Writes the file.
    ///
    /// # Errors
    /// There is no such store or pool, or the file cannot be written.
    pub(crate) fn run(self, options: Options) -> Result<(), Failure> {
        let settings = options.resolve(|name| std::env::var(name).ok())?;
        let engine = open(&settings, Missing::Refused)?;
        if self.file.exists() {
            return Err(named(&self.file, &"it is there already"));
        }
        let had_key = self.key_file.exists();
        let key = match had_key {
            true => read_key(&self.key_file)?,
            false => make_key(&self.key_file)?,
        };
        let unfinished = beside(&self.file);
        let moved = self.write(&engine, &key, &unfinished);
        if moved.is_err() {
            // Half a file is of no use, nor is its key; that one cannot be removed is no reason of its own.
            let _ = std::fs::remove_file(&unfinished);
            if !had_key {
                let _ = std::fs::remove_file(&self.key_file);
            }
        }
        let moved = moved?;
        std::fs::rename(&unfinished, &self.file).map_err(|it| named(&self.file, &it))?;
        say("exported", &moved);
        println!(
            "the file   {}\nits key    {}\n\nTo put it into another store:\n  \
             userpool --data FOLDER import --file {} --key-file {}",
            self.file.display(),
            self.key_file.display(),
            self.file.display(),
            self.key_file.display()
        );
        Ok(())
    }

    fn write(&self, engine: &Engine, key: &ExportKey, path: &Path) -> Result<Moved, Failure> {
        let mut options = OpenOptions::new();
        private(options.write(true).create(true).truncate(true));
        let file = options.open(path).map_err(|it| named(path, &it))?;
        let mut out = BufWriter::with_capacity(1 << 20, file);
        let mut bar = Bar::begin("export");
        let moved = engine.export_pool_blocking(&self.pool, key, &mut out, |at| {
            bar.show(at.done, at.of, || passed(&at));
        });
        bar.end();
        let moved = moved.map_err(|it| Failure::new(it.to_string()))?;
        let file = out.into_inner().map_err(|it| named(path, &it))?;
        file.sync_all().map_err(|it| named(path, &it))?;
        Ok(moved)
    }
}

impl Import {
    /// Reads the file into the store.
    ///
    /// # Errors
    /// The file is no whole export, the store has the pool already, or the store failed.
    pub(crate) fn run(self, options: Options) -> Result<(), Failure> {
        let settings = options.resolve(|name| std::env::var(name).ok())?;
        if let Some(pool) = &self.discard {
            let engine = open(&settings, Missing::Refused)?;
            let discarded = engine.discard_import_blocking(pool);
            discarded.map_err(|it| Failure::new(it.to_string()))?;
            println!("removed what had arrived of the pool {pool}");
            return Ok(());
        }
        let (Some(file), Some(key)) = (self.file, self.key_file) else {
            return Err(Failure::new("import: --file and --key-file are missing"));
        };
        let key = read_key(&key)?;
        let mut opened = File::open(&file).map_err(|it| named(&file, &it))?;
        let engine = open(&settings, Missing::Made)?;
        let mut bar = Bar::begin("import");
        let moved = engine.import_pool_blocking(&key, &mut opened, |at| {
            bar.show(at.done, at.of, || passed(&at));
        });
        bar.end();
        say("imported", &moved.map_err(|it| named(&file, &it))?);
        Ok(())
    }
}

/// What to do where there is no store yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// It is an error.
    Refused,
    /// One is made.
    Made,
}

/// An engine over the store that the settings name, which nobody else has open.
///
/// # Errors
/// The store cannot be opened, or its keys are not at hand.
pub(crate) fn open(settings: &Resolved, missing: Missing) -> Result<Engine, Failure> {
    let kept = settings.data.join(stores::FILE);
    match &settings.store {
        StoreKind::Memory => {
            return Err(Failure::new(
                "a store in memory keeps nothing: give --store",
            ));
        }
        StoreKind::Redb if missing == Missing::Refused && !kept.exists() => {
            return Err(named(
                &kept,
                &"there is no such store; --data names its folder",
            ));
        }
        StoreKind::Redb | StoreKind::Postgres(_) => {}
    }
    let folder = DataFolder::open(&settings.data)?;
    let base_url = settings.base_url(settings.listen);
    let engine = run::over_store(settings, &folder, base_url, |keys, store| {
        Engine::builder(store, keys)
    })?
    .open();
    let engine = engine.map_err(|it| Failure::new(format!("the engine does not start: {it}")))?;
    run::prove(&engine)?;
    Ok(engine)
}

fn read_key(path: &Path) -> Result<ExportKey, Failure> {
    let text = std::fs::read_to_string(path).map_err(|it| named(path, &it))?;
    ExportKey::parse(&text)
        .ok_or_else(|| named(path, &"not a line of `id:key` with 32 bytes in base64"))
}

fn make_key(path: &Path) -> Result<ExportKey, Failure> {
    let key = ExportKey::draw();
    let text = format!("{COMMENT}{}\n", key.text().expose());
    let write = || {
        let mut options = OpenOptions::new();
        let mut file = private(options.write(true).create_new(true)).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|it| named(path, &it))?;
    Ok(key)
}

/// Where a file is written until it is whole.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

fn passed(at: &Progress) -> String {
    format!(
        "{} records, {} users",
        grouped(at.records),
        grouped(at.users)
    )
}

fn say(what: &str, moved: &Moved) {
    println!(
        "{what} the pool {} ({}): {} users, {} records",
        moved.pool,
        moved.name,
        grouped(moved.users),
        grouped(moved.records)
    );
}

pub(crate) fn named(path: &Path, cause: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!("{}: {cause}", path.display()))
}
