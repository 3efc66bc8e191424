//! The embedded store keeps the contract, on files and across openings.

use std::{
    fs, io,
    ops::Deref,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use userpool_redb::RedbStore;
use userpool_tests::contract::openings::Place;

userpool_tests::storage_contract!(in_a_new_folder);
userpool_tests::storage_contract_across_threads!(in_a_new_folder);
userpool_tests::storage_contract_across_openings!(Folder::new);

/// A folder of its own under the build's folder, removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("store-redb-{}-{number}", std::process::id());
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).expect("the build's folder can be written");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Closing on Windows may lag behind; a folder left over harms nobody.
        let _: io::Result<()> = fs::remove_dir_all(&self.0);
    }
}

impl Place for Folder {
    type Store = RedbStore;

    fn open(&self) -> RedbStore {
        RedbStore::open(self.0.join("store.redb")).expect("the store opens")
    }
}

/// A store, and the folder that goes when the store has gone.
struct Housed {
    store: RedbStore,
    _folder: Folder,
}

impl Deref for Housed {
    type Target = RedbStore;

    fn deref(&self) -> &RedbStore {
        &self.store
    }
}

fn in_a_new_folder() -> Housed {
    let folder = Folder::new();
    Housed {
        store: folder.open(),
        _folder: folder,
    }
}
