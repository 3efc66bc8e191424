//! The embedded store keeps the contract, on files and across openings.

use std::ops::Deref;

use userpool_redb::RedbStore;
use userpool_tests::{contract::openings::Place, folder::Folder};

userpool_store_contract::storage_contract!(in_a_new_folder);
userpool_store_contract::storage_contract_across_threads!(in_a_new_folder);
userpool_store_contract::storage_contract_across_openings!(Home::new);

/// A folder in which the store is opened.
struct Home(Folder);

impl Home {
    fn new() -> Self {
        Self(Folder::new("store-redb"))
    }
}

impl Place for Home {
    type Store = RedbStore;

    fn open(&self) -> RedbStore {
        RedbStore::open(self.0.path().join("store.redb")).expect("the store opens")
    }
}

/// A store, and the folder that goes when the store has gone.
struct Housed {
    store: RedbStore,
    _home: Home,
}

impl Deref for Housed {
    type Target = RedbStore;

    fn deref(&self) -> &RedbStore {
        &self.store
    }
}

fn in_a_new_folder() -> Housed {
    let home = Home::new();
    Housed {
        store: home.open(),
        _home: home,
    }
}
