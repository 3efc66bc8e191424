//! Deleting a large pool: how long steps take from the first to the last, and what others feel of it.

use std::{
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use userpool_tests::directory::{Directory, Own, making, questions};

/// How long others sign in beside a deletion, and how long without one, again and again.
const WINDOW: Duration = Duration::from_secs(2);
const WINDOWS: usize = 12;
/// Into how many parts the rest of the deletion is divided for its figures.
const ROUNDS_OF_PART: usize = 5_000;

/// Deletes the pool of a store.
///
/// # Panics
/// The engine does not answer with success.
pub fn delete(file: &Path) {
    let store = super::open(file);
    let place = super::place(file);
    let directory = Directory::open(store.clone(), "delete", Own);
    let other = making::pool(&directory);
    let directory = directory.about(&other.pool, &other.client);
    let user = json!({"UserPoolId": other.pool, "Username": "ada"});
    let with = |more: Value| merged(&user, &more);
    let _ = directory.call(
        "AdminCreateUser",
        &with(json!({"MessageAction": "SUPPRESS"})),
    );
    let _ = directory.call(
        "AdminSetUserPassword",
        &with(json!({"Password": making::PASSWORD, "Permanent": true})),
    );
    sign_in(&directory);

    // It may have begun.
    let named = json!({"UserPoolId": place.pool});
    let described = directory.try_call("DescribeUserPool", &named);
    if described.is_ok() {
        let _ = directory.call("DeleteUserPool", &named);
    }
    directory.clock.advance(Duration::from_secs(240));

    let deletion = Deletion::new(&directory);
    beside(&deletion, &directory);
    let before = store.reads();
    let (mut parts, mut rounds) = (Vec::new(), 0);
    let began = Instant::now();
    let mut more = true;
    while more {
        let mut times = Vec::with_capacity(ROUNDS_OF_PART);
        while more && times.len() < ROUNDS_OF_PART {
            let began = Instant::now();
            more = deletion.round();
            times.push(began.elapsed().as_secs_f64());
        }
        rounds += times.len();
        parts.push(json!([
            quantile(&mut times, 0.5),
            quantile(&mut times, 0.99)
        ]));
    }
    let reads = store.reads() - before;
    super::print(&json!({
        "rounds": rounds, "seconds": began.elapsed().as_secs_f64(), "parts": parts, "writes": reads.writes,
        "largest": store.largest(), "bytes": super::bytes(file), "peak": super::peak(std::process::id()),
    }));
}

/// Sign-ins alone and beside the deletion, by turns.
fn beside(deletion: &Deletion<'_>, directory: &Directory) {
    let goes_on = AtomicBool::new(true);
    let may = Mutex::new(());
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    thread::scope(|scope| {
        let held = may.lock().expect("nobody panics with it");
        scope.spawn(|| {
            while goes_on.load(Ordering::SeqCst) {
                let _turn = may.lock().expect("nobody panics with it");
                if !deletion.round() {
                    return;
                }
            }
        });
        let mut held = Some(held);
        for _ in 0..WINDOWS {
            alone.push(sign_ins(directory));
            drop(held.take());
            beside.push(sign_ins(directory));
            // Who deletes takes the turn again and again; it is had when a round has ended.
            held = Some(may.lock().expect("nobody panics with it"));
        }
        goes_on.store(false, Ordering::SeqCst);
    });
    let rates = |windows: &[Vec<f64>]| -> Vec<f64> {
        let rate = |times: &Vec<f64>| times.len() as f64 / times.iter().sum::<f64>();
        windows.iter().map(rate).collect()
    };
    let mut ratios: Vec<f64> = rates(&beside)
        .iter()
        .zip(rates(&alone))
        .map(|(beside, alone)| beside / alone)
        .collect();
    let quantiles = |windows: Vec<Vec<f64>>| {
        let mut times: Vec<f64> = windows.into_iter().flatten().collect();
        json!([quantile(&mut times, 0.5), quantile(&mut times, 0.99)])
    };
    super::print(&json!({
        "ratio": quantile(&mut ratios, 0.5), "alone": quantiles(alone), "beside": quantiles(beside),
    }));
}

/// How long each sign-in of a window took.
fn sign_ins(directory: &Directory) -> Vec<f64> {
    let began = Instant::now();
    let mut times = Vec::new();
    while began.elapsed() < WINDOW {
        let began = Instant::now();
        sign_in(directory);
        times.push(began.elapsed().as_secs_f64());
    }
    times
}

fn sign_in(directory: &Directory) {
    let begun = directory.call("InitiateAuth", &questions::first_step(directory, "ada"));
    let body = questions::second_step(directory, &begun);
    let ended = directory.call("RespondToAuthChallenge", &body);
    assert!(ended["AuthenticationResult"]["IdToken"].is_string());
}

/// The upkeep of a server, which deletes.
struct Deletion<'d> {
    directory: &'d Directory,
    /// Up to when the engine's clock has moved.
    moved: Mutex<Instant>,
}

impl<'d> Deletion<'d> {
    fn new(directory: &'d Directory) -> Self {
        Self {
            directory,
            moved: Mutex::new(Instant::now()),
        }
    }

    /// One round; whether there is more to do.
    fn round(&self) -> bool {
        let mut moved = self.moved.lock().expect("nobody panics with it");
        let millis = moved.elapsed().as_millis() as u64;
        *moved += Duration::from_millis(millis);
        self.directory.clock.advance(Duration::from_millis(millis));
        self.directory.engine.maintain_blocking().expect("upkeep")
    }
}

fn merged(one: &Value, other: &Value) -> Value {
    let mut merged = one.clone();
    for (name, value) in other.as_object().expect("an object") {
        merged[name] = value.clone();
    }
    merged
}

fn quantile(figures: &mut [f64], share: f64) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[((figures.len() - 1) as f64 * share) as usize]
}
