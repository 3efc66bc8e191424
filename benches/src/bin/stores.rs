//! The embedded store beside bare redb, many writers beside one, and reads while others sync.
//!
//! Every figure is a ratio within one run: each round measures all variants one after another, on the same disk
//! and with the same durability, and the median over the rounds counts. Both sides put two values of 1 KiB
//! over existing keys. The files are in the build's folder; on a file system without real syncs the
//! bars are harder, because a commit is then nothing but work.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use redb::{Database, Durability, TableDefinition};
use userpool_ports::{Batch, Change, Expect, Key, Outcome, Storage, Timestamp, Write};
use userpool_redb::RedbStore;

const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("bare");
const KEYS: u64 = 20_000;
const VALUE: [u8; 1_024] = [7; 1_024];
const ROUNDS: usize = 31;
const COMMITS: u64 = 40;
const WRITERS: u64 = 32;
const COMMITS_OF_EACH: u64 = 20;
const READS: u64 = 4_000;

fn main() -> ExitCode {
    let folder = Folder::new();
    let mut bare = Bare::open(&folder.0.join("bare.redb"));
    let store = Filled::open(&folder.0.join("store.redb"));
    let mut rounds = Vec::new();
    for number in 0..=ROUNDS {
        // By turns, so that neither side always inherits the other's pages and queue.
        let (of_bare, of_one) = match number % 2 {
            0 => (bare.rate(), store.rate_of_one()),
            _ => {
                let of_one = store.rate_of_one();
                (bare.rate(), of_one)
            }
        };
        let round = Round {
            bare: of_bare,
            one: of_one,
            many: store.rate_of_many(),
            reads: store.reads(false),
            reads_beside_writers: store.reads(true),
        };
        // The first round warms up.
        if number > 0 {
            rounds.push(round);
        }
    }
    report(&rounds)
}

struct Round {
    bare: f64,
    one: f64,
    many: f64,
    reads: Reads,
    reads_beside_writers: Reads,
}

struct Reads {
    median: f64,
    p99: f64,
}

fn report(rounds: &[Round]) -> ExitCode {
    let of = |figure: fn(&Round) -> f64| median(rounds.iter().map(figure));
    let millis = |rate: f64| format!("{rate:>14.0} a second, {:.3} ms", 1_000.0 / rate);
    note("bare redb, one writer", &millis(of(|round| round.bare)));
    note("the store, one writer", &millis(of(|round| round.one)));
    note(
        "the store, 32 writers",
        &format!("{:>14.0} a second", of(|round| round.many)),
    );
    let micros = |name, figure: fn(&Round) -> &Reads| {
        let figures = rounds.iter().map(figure);
        let at_median = median(figures.clone().map(|reads| reads.median)) * 1e6;
        let at_p99 = median(figures.map(|reads| reads.p99)) * 1e6;
        note(
            name,
            &format!("{at_median:>14.1} us at the median, {at_p99:.1} us at 99 %"),
        );
    };
    micros("a read alone", |round| &round.reads);
    micros("a read beside two writers", |round| {
        &round.reads_beside_writers
    });
    let held = [
        bar(
            "one writer, rate as a share of bare redb's",
            of(|round| round.one / round.bare),
            0.9,
            AtLeast,
        ),
        bar(
            "32 writers, rate as a multiple of one's",
            of(|round| round.many / round.one),
            3.0,
            AtLeast,
        ),
        bar(
            "median read beside writers, as a share of a commit",
            of(|round| round.reads_beside_writers.median * round.one),
            0.1,
            AtMost,
        ),
    ];
    let missed = held.iter().filter(|held| !**held).count();
    println!("{} passed, {missed} failed", held.len() - missed);
    ExitCode::from(u8::from(missed > 0))
}

use Side::{AtLeast, AtMost};

enum Side {
    AtLeast,
    AtMost,
}

fn bar(name: &str, figure: f64, limit: f64, side: Side) -> bool {
    let (holds, sign) = match side {
        AtLeast => (figure >= limit, ">="),
        AtMost => (figure <= limit, "<="),
    };
    let verdict = if holds { "ok" } else { "MISSED" };
    println!("bar  {name:<52} {figure:>14.3} {sign} {limit:>10.3} x      {verdict}");
    holds
}

fn note(name: &str, text: &str) {
    println!("     {name:<52} {text}");
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    quantile(figures.collect(), 0.5)
}

fn quantile(mut figures: Vec<f64>, share: f64) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[((figures.len() - 1) as f64 * share) as usize]
}

/// A key out of the space, the `number`th in an order without locality.
fn key_bytes(number: u64) -> [u8; 24] {
    let number = number.wrapping_mul(7_919) % KEYS;
    let mut bytes = [0; 24];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
    bytes[8..16].copy_from_slice(&number.to_be_bytes());
    bytes
}

struct Bare {
    database: Database,
    number: u64,
}

impl Bare {
    fn open(path: &Path) -> Self {
        let database = Database::create(path).expect("redb makes a file");
        let mut bare = Self {
            database,
            number: 0,
        };
        for first in (0..KEYS).step_by(50) {
            let keys: Vec<_> = (first..first + 50).map(key_bytes).collect();
            bare.put(&keys);
        }
        bare
    }

    fn put(&mut self, keys: &[[u8; 24]]) {
        let mut transaction = self.database.begin_write().expect("redb writes");
        transaction
            .set_durability(Durability::Immediate)
            .expect("there is no savepoint");
        transaction.set_two_phase_commit(true);
        let mut table = transaction.open_table(TABLE).expect("redb writes");
        for key in keys {
            table.insert(&key[..], &VALUE[..]).expect("redb writes");
        }
        drop(table);
        transaction.commit().expect("redb commits");
    }

    fn rate(&mut self) -> f64 {
        let start = Instant::now();
        for _ in 0..COMMITS {
            let keys = [key_bytes(self.number), key_bytes(self.number + KEYS / 2)];
            self.put(&keys);
            self.number += 1;
        }
        COMMITS as f64 / start.elapsed().as_secs_f64()
    }
}

struct Filled {
    store: RedbStore,
    number: AtomicU64,
}

impl Filled {
    fn open(path: &Path) -> Self {
        let filled = Self {
            store: RedbStore::open(path).expect("the store opens"),
            number: AtomicU64::new(0),
        };
        for first in (0..KEYS).step_by(50) {
            let mut writes: Vec<_> = (first..first + 50)
                .map(|number| write(Key::new(key_bytes(number)), Expect::Absent))
                .collect();
            writes.sort_by(|one, other| one.key.cmp(&other.key));
            filled.land(&filled.batch(writes));
        }
        filled
    }

    fn batch(&self, writes: Vec<Write>) -> Batch {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let mut token = [0; 16];
        token[..8].copy_from_slice(&number.wrapping_mul(0xD6E8_FEB8_6659_FD93).to_be_bytes());
        token[8..].copy_from_slice(&number.to_be_bytes());
        Batch {
            token,
            now: Timestamp::from_millis(1_700_000_000_000 + number as i64),
            writes,
        }
    }

    /// Two puts over entries as they are now.
    fn next(&self, number: u64) -> Batch {
        let mut keys = [number, number + KEYS / 2].map(|number| Key::new(key_bytes(number)));
        keys.sort();
        let found = self.store.load(&keys).expect("the store reads");
        let writes = keys.into_iter().zip(found).map(|(key, entry)| {
            let version = entry.expect("the key was filled").version;
            write(key, Expect::At(version))
        });
        self.batch(writes.collect())
    }

    fn land(&self, batch: &Batch) {
        let outcome = self.store.commit(batch).expect("the store commits");
        assert_eq!(outcome, Outcome::Committed);
    }

    /// Commits alone; making the batches is not counted, as it is not for bare redb.
    fn rate_of_one(&self) -> f64 {
        let mut spent = Duration::ZERO;
        for _ in 0..COMMITS {
            let batch = self.next(self.number.load(Ordering::Relaxed));
            let start = Instant::now();
            self.land(&batch);
            spent += start.elapsed();
        }
        COMMITS as f64 / spent.as_secs_f64()
    }

    /// Commits of 32 threads on keys apart, with the making of their batches.
    fn rate_of_many(&self) -> f64 {
        let start = Instant::now();
        thread::scope(|scope| {
            for writer in 0..WRITERS {
                scope.spawn(move || {
                    for step in 0..COMMITS_OF_EACH {
                        self.land(&self.next(writer * COMMITS_OF_EACH + step));
                    }
                });
            }
        });
        (WRITERS * COMMITS_OF_EACH) as f64 / start.elapsed().as_secs_f64()
    }

    /// How long single loads take, alone or while two threads commit all the time.
    fn reads(&self, beside_writers: bool) -> Reads {
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            if beside_writers {
                for writer in 0..2 {
                    let done = &done;
                    scope.spawn(move || {
                        let mut step = 0;
                        while !done.load(Ordering::Relaxed) {
                            self.land(&self.next(writer * KEYS / 4 + step));
                            step += 1;
                        }
                    });
                }
            }
            let times: Vec<f64> = (0..READS)
                .map(|number| {
                    let key = Key::new(key_bytes(number));
                    let start = Instant::now();
                    let found = self.store.load(std::slice::from_ref(&key));
                    let time = start.elapsed().as_secs_f64();
                    assert!(found.expect("the store reads")[0].is_some());
                    time
                })
                .collect();
            done.store(true, Ordering::Relaxed);
            Reads {
                median: quantile(times.clone(), 0.5),
                p99: quantile(times, 0.99),
            }
        })
    }
}

fn write(key: Key, expect: Expect) -> Write {
    Write {
        key,
        expect,
        change: Change::Put {
            value: VALUE.into(),
            expires: None,
        },
    }
}

/// A folder beside the program, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let program = std::env::current_exe().expect("the program knows where it is");
        let folder = program.with_file_name(format!("stores-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("the build's folder can be written");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(fault) = fs::remove_dir_all(&self.0) {
            eprintln!("{}: {fault}", self.0.display());
        }
    }
}
