//! Commits a second by many clients at once, of the store and of bare clients, by statements and by the function.
//!
//! Each batch puts two values of 1 KiB over entries of its client's own. Batches are made, and the versions that they
//! replace are read, before the time begins. All write to the same tables.
//!
//! A bare client goes on in the thread that has its answer, and so does the store's client in what the store calls. One
//! that is woken in a thread of its own, as event loops are, is measured beside: being woken twice is no work of the store's.

use std::{
    array,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
    vec,
};

use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
};
use userpool_bench_openssl::{
    clock,
    table::{Side, bar, median, note},
};
use userpool_ports::{Batch, Change, Expect, Key, Outcome, Storage, Timestamp, Write};
use userpool_postgres::{Commits, PostgresStore};
use userpool_tests::postgres::{Schema, Server};

use crate::{CLIENTS, bare::Bare};

const VALUE: [u8; 1_024] = [7; 1_024];
/// Entries of each client; the first half and the second are written in pairs.
const KEYS_OF_EACH: u64 = 256;
const COMMITS_OF_EACH: u64 = 50;
const ROUNDS: u64 = 31;

/// Measures; tells which bars held.
pub(crate) fn run() -> Vec<bool> {
    let place = Place::new();
    let mut rounds = Vec::new();
    for number in 0..=ROUNDS {
        let mut round = [Rate::default(); WHO.len()];
        // By turns, so that nobody always inherits the same one's pages and queue.
        for turn in 0..WHO.len() {
            let who = (number as usize + turn) % WHO.len();
            round[who] = place.rate(WHO[who], number);
        }
        // The first round warms up.
        if number > 0 {
            rounds.push(round);
        }
    }
    report(&rounds)
}

/// Who commits, and how.
#[derive(Clone, Copy)]
enum Who {
    Bare(Commits),
    Store(Commits),
    /// The store, whose client is woken in another thread.
    Woken(Commits),
}

/// In the order of a round's rates.
const WHO: [Who; 6] = [
    Who::Bare(Commits::Statements),
    Who::Store(Commits::Statements),
    Who::Woken(Commits::Statements),
    Who::Bare(Commits::Function),
    Who::Store(Commits::Function),
    Who::Woken(Commits::Function),
];

/// Commits a second, and the processor time that this process spent on each.
#[derive(Clone, Copy, Default)]
struct Rate {
    a_second: f64,
    spent: Duration,
}

fn report(rounds: &[[Rate; WHO.len()]]) -> Vec<bool> {
    let names = [
        "bare clients, by statements",
        "the store, by statements",
        "the same, woken in another thread",
        "bare clients, by the function",
        "the store, by the function",
        "the same, woken in another thread",
    ];
    for (at, name) in names.into_iter().enumerate() {
        let rate = median(rounds.iter().map(|round| round[at].a_second));
        let spent = median(rounds.iter().map(|round| round[at].spent.as_secs_f64()));
        let spent = spent * 1e6;
        note(
            name,
            &format!("{rate:>14.0} a second, {spent:.1} us of processor time each"),
        );
    }
    let share = |store: usize, bare: usize| {
        let shares = rounds
            .iter()
            .map(|round| round[store].a_second / round[bare].a_second);
        median(shares)
    };
    for (name, of_woken) in [
        ("woken, by statements, share of bare clients'", share(2, 0)),
        (
            "woken, by the function, share of bare clients'",
            share(5, 3),
        ),
    ] {
        note(name, &format!("{of_woken:>14.3}"));
    }
    let held = |name, share| bar(name, share, 0.9, Side::AtLeast);
    vec![
        held(
            "16 clients by statements, share of bare clients'",
            share(1, 0),
        ),
        held(
            "16 clients by the function, share of bare clients'",
            share(4, 3),
        ),
    ]
}

/// Filled tables, and all who write to them. The server is last to go.
struct Place {
    by_statements: Arc<PostgresStore>,
    by_function: Arc<PostgresStore>,
    bare: Vec<Arc<Bare>>,
    runtime: Runtime,
    batches: AtomicU64,
    _schema: Schema,
    _server: Server,
}

impl Place {
    fn new() -> Self {
        let server = Server::start(&["fsync=on"]);
        let schema = Schema::on(&server, "commits=function");
        let open = |commits| {
            let options = schema.options().connections(CLIENTS).commits(commits);
            Arc::new(PostgresStore::open(options).expect("the store opens"))
        };
        let by_function = open(Commits::Function);
        let by_statements = open(Commits::Statements);
        // One thread, as the store has where there are few processors: more make so little work no faster.
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let bare = runtime.block_on(async {
            let mut all = Vec::new();
            for _ in 0..CLIENTS {
                let bare = Bare::connect(schema.port(), schema.name()).await;
                all.push(Arc::new(bare.expect("a connection")));
            }
            all
        });
        let place = Self {
            by_statements,
            by_function,
            bare,
            runtime,
            batches: AtomicU64::new(0),
            _schema: schema,
            _server: server,
        };
        place.fill();
        place
    }

    fn fill(&self) {
        for client in 0..CLIENTS as u64 {
            for first in (0..KEYS_OF_EACH).step_by(64) {
                let keys = (first..first + 64).map(|number| key(client, number));
                let batch = self.batch(keys.map(|key| put(key, Expect::Absent)).collect());
                let end = self.by_statements.commit(&batch);
                assert_eq!(end, Ok(Outcome::Committed));
            }
        }
    }

    /// The rate of one round.
    fn rate(&self, who: Who, round: u64) -> Rate {
        let batches: Vec<_> = (0..CLIENTS as u64)
            .map(|client| self.batches_of(client, round))
            .collect();
        let (began, before) = (Instant::now(), clock::process());
        self.runtime.block_on(async {
            let clients: Vec<_> = batches
                .into_iter()
                .zip(&self.bare)
                .map(|(batches, bare)| match who {
                    Who::Bare(how) => tokio::spawn(commit_bare(bare.clone(), how, batches)),
                    Who::Store(how) => tokio::spawn(commit(self.store(how).clone(), batches)),
                    Who::Woken(how) => tokio::spawn(commit_woken(self.store(how).clone(), batches)),
                })
                .collect();
            for client in clients {
                client.await.expect("every commit landed");
            }
        });
        let commits = CLIENTS as u32 * COMMITS_OF_EACH as u32;
        Rate {
            a_second: f64::from(commits) / began.elapsed().as_secs_f64(),
            spent: clock::process().saturating_sub(before) / commits,
        }
    }

    fn store(&self, how: Commits) -> &Arc<PostgresStore> {
        match how {
            Commits::Statements => &self.by_statements,
            Commits::Function => &self.by_function,
        }
    }

    /// What a client commits in one round: pairs of entries, none of them twice.
    fn batches_of(&self, client: u64, round: u64) -> Vec<Batch> {
        let half = KEYS_OF_EACH / 2;
        let pairs = (0..COMMITS_OF_EACH).map(|number| {
            let number = (round * COMMITS_OF_EACH + number) % half;
            [key(client, number), key(client, number + half)]
        });
        let keys: Vec<Key> = pairs.flatten().collect();
        let found = self.by_statements.load(&keys).expect("the store reads");
        let mut writes = keys.into_iter().zip(found).map(|(key, entry)| {
            let version = entry.expect("the key was filled").version;
            put(key, Expect::At(version))
        });
        (0..COMMITS_OF_EACH)
            .map(|_| self.batch(writes.by_ref().take(2).collect()))
            .collect()
    }

    fn batch(&self, writes: Vec<Write>) -> Batch {
        let number = self.batches.fetch_add(1, Ordering::Relaxed);
        let mut token = [0; 16];
        token[..8].copy_from_slice(&number.wrapping_mul(0xD6E8_FEB8_6659_FD93).to_be_bytes());
        token[8..].copy_from_slice(&number.to_be_bytes());
        Batch {
            token,
            now: Timestamp::from_millis(1_700_000_000_000 + number as i64),
            writes,
        }
    }
}

async fn commit(store: Arc<PostgresStore>, batches: Vec<Batch>) {
    let (tell, told) = oneshot::channel();
    commit_next(store, batches.into_iter(), tell);
    told.await.expect("every commit landed");
}

/// Commits one after the other, each where the end of the last is told.
fn commit_next(
    store: Arc<PostgresStore>,
    mut left: vec::IntoIter<Batch>,
    tell: oneshot::Sender<()>,
) {
    let Some(batch) = left.next() else {
        // Whoever began it waits for this.
        let _ = tell.send(());
        return;
    };
    let next = store.clone();
    let landed = move |end| {
        assert_eq!(end, Ok(Outcome::Committed));
        commit_next(next, left, tell);
    };
    store.submit(batch, Box::new(landed));
}

async fn commit_woken(store: Arc<PostgresStore>, batches: Vec<Batch>) {
    for batch in batches {
        let (tell, told) = oneshot::channel();
        store.submit(batch, Box::new(move |end| drop(tell.send(end))));
        let end = told.await.expect("an end is told");
        assert_eq!(end, Ok(Outcome::Committed));
    }
}

async fn commit_bare(bare: Arc<Bare>, how: Commits, batches: Vec<Batch>) {
    for batch in batches {
        let end = match how {
            Commits::Statements => bare.by_statements(&batch).await,
            Commits::Function => bare.by_function(&batch).await,
        };
        end.expect("the server commits");
    }
}

/// A key of a client's own, in an order without locality between clients.
fn key(client: u64, number: u64) -> Key {
    let mut bytes = [0; 24];
    let parts: [u64; 3] = array::from_fn(|at| match at {
        0 => client.wrapping_mul(0x9E37_79B9_7F4A_7C15),
        1 => client,
        _ => number,
    });
    for (into, part) in bytes.chunks_exact_mut(8).zip(parts) {
        into.copy_from_slice(&part.to_be_bytes());
    }
    Key::new(bytes)
}

fn put(key: Key, expect: Expect) -> Write {
    Write {
        key,
        expect,
        change: Change::Put {
            value: VALUE.into(),
            expires: None,
        },
    }
}
