//! Every operation that writes, over PostgreSQL, each of its commits cut off from its answer once.
//!
//! What a connection that breaks at `COMMIT` leaves open is settled by the token: the same batch is submitted again. In some of
//! the runs somebody else overwrites every record between the two, so that no version is what it was.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use userpool_ports::{Change, Expect, Key, Timestamp, Write, memory::MemoryStore};
use userpool_postgres::PostgresStore;
use userpool_tests::{
    contract::{
        batches::{batch, everything, land},
        openings::Place,
    },
    cutting::{Cut, Cutting},
    ledger::Row,
    postgres::{Schema, execute},
    scene::Scene,
};

/// What a store holds, but for the versions.
type Held = BTreeMap<Key, (Vec<u8>, Option<Timestamp>)>;

/// Where commits are cut, and whether somebody else writes meanwhile.
type How = (Cut, bool);

const BY_STATEMENTS: &[How] = &[(Cut::BeforeLanding, false), (Cut::AfterLanding, true)];
const BY_FUNCTION: &[How] = &[(Cut::AfterLanding, true)];

#[test]
fn every_commit_of_every_operation_is_settled() {
    let rows: Vec<Row> = super::chosen(super::rows())
        .into_iter()
        .filter(|row| !row.only_reads())
        .collect();
    let queue = Mutex::new(rows.iter());
    let wrong = Mutex::new(Vec::new());
    let cuts = Mutex::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let places = [
                    Database::new("commits=statements", BY_STATEMENTS),
                    Database::new("commits=function", BY_FUNCTION),
                ];
                loop {
                    let next = queue.lock().expect("no row panics").next();
                    let Some(row) = next else { break };
                    let why: Vec<String> = places.iter().flat_map(|it| it.settles(row)).collect();
                    wrong.lock().expect("no row panics").extend(why);
                }
                let of_both: usize = places.iter().map(|it| it.proxy.cuts()).sum();
                *cuts.lock().expect("no row panics") += of_both;
            });
        }
    });
    let wrong = wrong.into_inner().expect("no row panics");
    let cuts = cuts.into_inner().expect("no row panics");
    println!("{} operations, {cuts} commits cut", rows.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A schema, reached directly and by way of a proxy.
struct Database {
    own: PostgresStore,
    proxy: Cutting,
    hows: &'static [How],
    others_write: Arc<AtomicBool>,
    schema: Schema,
}

impl Database {
    fn new(words: &'static str, hows: &'static [How]) -> Self {
        let schema = Schema::new(words);
        let others_write = Arc::new(AtomicBool::new(false));
        let (port, name, writes) = (schema.port(), schema.name(), others_write.clone());
        let overwrite = format!("UPDATE \"{name}\".entry SET ver = nextval('\"{name}\".version')");
        let meanwhile = move || {
            if writes.load(Ordering::SeqCst) {
                execute(port, &overwrite).expect("the other one writes");
            }
        };
        Self {
            own: schema.open(),
            proxy: Cutting::before(port, Box::new(meanwhile)),
            hows,
            others_write,
            schema,
        }
    }

    /// Why not, for each way in which it does not.
    fn settles(&self, row: &Row) -> Vec<String> {
        let mut wrong = Vec::new();
        for (way, scene) in row.scenes() {
            for how in self.hows {
                if let Err(why) = self.ends_alike(row, &scene, *how) {
                    wrong.push(format!("{} {way} {how:?}: {why}", row.name()));
                }
            }
        }
        wrong
    }

    /// The request in memory, and over the database with its commits cut: the same end, and the same records.
    fn ends_alike(&self, row: &Row, scene: &Scene, (cut, others_write): How) -> Result<(), String> {
        let usual = scene.copy();
        let expected = row.send(&usual).map_err(|it| format!("in memory: {it}"))?;
        self.fill(&scene.records());
        let mut other = scene.copy();
        let store = PostgresStore::open(self.schema.options_at(self.proxy.port()));
        other.move_over(store.map_err(|it| it.to_string())?);
        let before = self.proxy.cuts();
        self.others_write.store(others_write, Ordering::SeqCst);
        self.proxy.cut(cut);
        let end = row.send(&other);
        self.proxy.cut(Cut::Nowhere);
        // What was submitted without waiting lands before the store has gone.
        drop(other);
        let end = end.map_err(|it| it.to_string())?;
        if end.is_null() != expected.is_null() {
            return Err(format!("answered {end} instead of {expected}"));
        }
        if self.proxy.cuts() == before {
            return Err("no commit was cut".into());
        }
        let (expected, mut found) = (of_memory(&usual.records()), of_database(&self.own));
        // That a message was handed over is noted without waiting, so that this may be cut after the answer: then the
        // message stands there still and goes out once more, as the outbox promises no less.
        let is_message = |key: &Key| key.as_bytes().first() == Some(&b'M');
        if !expected.keys().any(is_message) {
            found.retain(|key, _| !is_message(key));
        }
        let same = match others_write {
            // Whoever lost a race to the other one has drawn other ids.
            true => kinds(&expected) == kinds(&found),
            false => expected == found,
        };
        if same {
            return Ok(());
        }
        let (expected, found) = (kinds(&expected), kinds(&found));
        Err(format!("left {found:?} instead of {expected:?}"))
    }

    fn fill(&self, records: &MemoryStore) {
        let name = self.schema.name();
        let empty = format!("DELETE FROM \"{name}\".entry; DELETE FROM \"{name}\".token");
        execute(self.schema.port(), &empty).expect("it is emptied");
        let writes: Vec<Write> = records
            .iter()
            .map(|(key, entry)| Write {
                key: key.clone(),
                expect: Expect::Absent,
                change: Change::Put {
                    value: entry.value.clone(),
                    expires: entry.expires,
                },
            })
            .collect();
        for (number, writes) in (0..).zip(writes.chunks(16)) {
            land(&self.own, &batch(number, writes));
        }
    }
}

fn of_memory(records: &MemoryStore) -> Held {
    let held = |(key, entry): (&Key, &userpool_ports::Entry)| {
        (key.clone(), (entry.value.to_vec(), entry.expires))
    };
    records.iter().map(held).collect()
}

fn of_database(store: &PostgresStore) -> Held {
    let held = everything(store).into_iter();
    held.map(|(key, entry)| (key, (entry.value.to_vec(), entry.expires)))
        .collect()
}

/// How many records there are of each kind.
fn kinds(held: &Held) -> BTreeMap<char, usize> {
    let mut kinds = BTreeMap::new();
    for kind in held.keys().filter_map(|key| key.as_bytes().first()) {
        *kinds.entry(char::from(*kind)).or_default() += 1;
    }
    kinds
}
