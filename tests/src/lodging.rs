//! Stores in PostgreSQL that tests use one after the other: emptied, not made anew, since making tables takes longer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, NoTls};
use userpool_postgres::PostgresStore;

use crate::{
    contract::openings::Place,
    postgres::{Schema, Server},
};

/// Stores that nobody uses.
static VACANT: Mutex<Vec<Rooms>> = Mutex::new(Vec::new());

/// A store in PostgreSQL, empty when it is taken. Others have it afterwards.
#[derive(Debug)]
pub struct Lodging(Option<Rooms>);

#[derive(Debug)]
struct Rooms {
    store: PostgresStore,
    schema: Schema,
    words: &'static str,
}

impl Lodging {
    /// Takes one that is vacant, or makes one, with these words in its URL.
    ///
    /// # Panics
    /// PostgreSQL is missing, or does not work.
    pub fn take(words: &'static str) -> Self {
        let found = {
            let mut vacant = locked(&VACANT);
            let place = vacant.iter().position(|rooms| rooms.words == words);
            place.map(|place| vacant.swap_remove(place))
        };
        if let Some(rooms) = &found {
            let name = rooms.schema.name();
            // Of few rows: emptying whole tables makes files.
            Cleaner::run(&format!(
                "DELETE FROM \"{name}\".entry; DELETE FROM \"{name}\".token"
            ));
        }
        Self(Some(found.unwrap_or_else(|| {
            let schema = Schema::new(words);
            Rooms {
                store: schema.open(),
                schema,
                words,
            }
        })))
    }

    /// The store.
    ///
    /// # Panics
    /// Never: it is there until this is dropped.
    pub fn store(&self) -> &PostgresStore {
        let rooms = self.0.as_ref();
        &rooms.expect("it is there until this is dropped").store
    }
}

impl Drop for Lodging {
    fn drop(&mut self) {
        // Nobody cleans here: this may be one of the store's own threads.
        locked(&VACANT).extend(self.0.take());
    }
}

/// A bare client that stays connected.
struct Cleaner {
    runtime: Runtime,
    client: Client,
}

impl Cleaner {
    fn run(statements: &str) {
        static CLEANER: Mutex<Option<Cleaner>> = Mutex::new(None);
        let mut cleaner = locked(&CLEANER);
        let Self { runtime, client } = cleaner.get_or_insert_with(Self::connect);
        let end = runtime.block_on(client.batch_execute(statements));
        end.expect("the tables are emptied");
    }

    fn connect() -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("threads start");
        let port = Server::shared().port();
        let words = format!("host=127.0.0.1 port={port} user=postgres dbname=postgres");
        let (client, connection) = runtime
            .block_on(tokio_postgres::connect(&words, NoTls))
            .expect("the server lets the tests in");
        runtime.spawn(connection);
        Self { runtime, client }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Whatever panicked left it whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
