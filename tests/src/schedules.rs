//! Two requests in every order of their store steps, and one request with every mishap of its store.

use std::{
    collections::{BTreeMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use userpool_core::model::keys;
use userpool_ports::{Key, Timestamp, memory::MemoryStore};

use crate::{
    player::{End, Mishap, Player, Request},
    replay::ReplayStore,
};

/// The most states of one pair that are walked; more is a sign that a case is too long.
const MOST: usize = 20_000;

/// The requests whose answers are compared as they are.
const TOLD: [&str; 2] = ["AdminGetUser", "a sign-in elsewhere"];

/// What can be compared between two runs whose random draws differ: how both ended, how many records of each kind
/// the store holds, and what it counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// How the two ended: `Ok`, or the error's name; of some what they told.
    pub ends: (String, String),
    /// Records by the first byte of their key.
    pub kinds: BTreeMap<Option<u8>, usize>,
    /// The attempts of users and of names that nobody has.
    pub attempts: Vec<Arc<[u8]>>,
}

/// Walks two requests through every interleaving of their store steps.
///
/// Interleavings that meet in the same state (both have seen the same, and the store is the same) are walked on
/// from there once. Each end must equal that of one of the two serial orders; gives how many states there were.
///
/// # Panics
/// An interleaving ended as no serial order does.
pub fn every_interleaving(base: &MemoryStore, now: Timestamp, requests: [&Request; 2]) -> usize {
    let names = requests.map(|request| request.operation.name);
    let begin = |index: usize| Player::new(requests[index], now, ["first", "second"][index]);
    every_order(base, names, &begin)
}

/// Walks a request, and a piece of what the engine does on its own, as [`every_interleaving`] does.
///
/// # Panics
/// An interleaving ended as no serial order does.
pub fn every_interleaving_with_upkeep(
    base: &MemoryStore,
    now: Timestamp,
    request: &Request,
) -> usize {
    let names = [request.operation.name, "upkeep"];
    let begin = |index: usize| match index {
        0 => Player::new(request, now, "first"),
        _ => Player::upkeep(now, "second"),
    };
    every_order(base, names, &begin)
}

/// Walks two programs, as [`every_interleaving`] does two requests; begins either by its number.
///
/// # Panics
/// An interleaving ended as no serial order does.
pub fn every_order(base: &MemoryStore, names: [&str; 2], begin: &dyn Fn(usize) -> Player) -> usize {
    let mut pair = Pair {
        store: ReplayStore::new(),
        players: [begin(0), begin(1)],
    };
    let serial = [true, false].map(|first| {
        pair.begin(base, begin);
        while pair.step(first) {}
        pair.sight(names)
    });
    let mut seen = HashSet::new();
    let mut frontier: Vec<Vec<bool>> = vec![Vec::new()];
    while let Some(choices) = frontier.pop() {
        pair.begin(base, begin);
        for choice in &choices {
            pair.step(*choice);
        }
        if !seen.insert(pair.state()) {
            continue;
        }
        assert!(seen.len() < MOST, "more than {MOST} states");
        match pair.players.each_ref().map(|player| player.end().is_none()) {
            [false, false] => {
                let sight = pair.sight(names);
                assert!(
                    serial.contains(&sight),
                    "{} beside {}: {choices:?} ended as {sight:?}, one after the other as {serial:?}",
                    names[0],
                    names[1],
                );
            }
            [first, second] => {
                frontier.extend(first.then(|| [choices.as_slice(), &[true]].concat()));
                frontier.extend(second.then(|| [choices.as_slice(), &[false]].concat()));
            }
        }
    }
    seen.len()
}

/// Two requests on their way over one store.
struct Pair {
    store: ReplayStore,
    players: [Player; 2],
}

impl Pair {
    /// Both at their beginning, over these records.
    fn begin(&mut self, base: &MemoryStore, begin: &dyn Fn(usize) -> Player) {
        self.store.set_to(base);
        self.players = [begin(0), begin(1)];
    }

    /// Steps the first or the second, or the other where that one has ended; whether there was a step to take.
    fn step(&mut self, first: bool) -> bool {
        let order = if first { [0, 1] } else { [1, 0] };
        for index in order {
            if self.players[index].end().is_none() {
                self.players[index].store_step(&mut self.store, None);
                return true;
            }
        }
        false
    }

    fn state(&mut self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for player in &self.players {
            player.seen().hash(&mut hasher);
        }
        for (key, entry) in self.store.records().iter() {
            (key, entry.version).hash(&mut hasher);
        }
        hasher.finish()
    }

    fn sight(&mut self, names: [&str; 2]) -> Sight {
        let records = self.store.records();
        let end = |index: usize| {
            let end = self.players[index].end().expect("an end");
            match end {
                Ok(shown) if TOLD.contains(&names[index]) => shown,
                end => name(&end),
            }
        };
        Sight {
            ends: (end(0), end(1)),
            kinds: kinds(&records),
            attempts: attempts(&records),
        }
    }
}

/// Runs a request once for every store step and mishap, with the mishap at that step.
///
/// After each: nothing landed, or what the undisturbed run lands after one of its commits; the same answer as
/// undisturbed only where everything landed, and no other but an internal error; and the same request again meets
/// no half state. Gives how many runs there were.
///
/// # Panics
/// One of these does not hold.
pub fn every_mishap(base: &MemoryStore, now: Timestamp, request: &Request) -> usize {
    let name_of = request.operation.name;
    // The undisturbed run, and what stands in the store after each of its commits.
    let mut store = ReplayStore::holding(base);
    let mut player = Player::new(request, now, "mishap");
    let mut whole = vec![contents(base)];
    let mut commits = Vec::new();
    while player.end().is_none() {
        commits.push(player.is_about_to_commit());
        player.store_step(&mut store, None);
        if commits.last() == Some(&true) {
            whole.push(contents(&store.records()));
        }
    }
    let undisturbed = player.end().expect("an end");
    let complete = contents(&store.records());

    let mut runs = 0;
    for mishap in Mishap::ALL {
        for (at, commit) in commits.iter().enumerate() {
            store.set_to(base);
            let mut player = Player::new(request, now, "mishap");
            let mut step = 0;
            while player.end().is_none() {
                player.store_step(&mut store, (step == at).then_some(mishap));
                step += 1;
            }
            runs += 1;
            let records = store.records();
            let after = contents(&records);
            assert!(
                whole.contains(&after),
                "{name_of}: {mishap:?} at step {at} left a half state {:?}",
                kinds(&records)
            );
            let end = player.end().expect("an end");
            let faulted = end
                .as_ref()
                .is_err_and(|(name, _)| name == "InternalErrorException");
            // An unknown outcome is settled by asking again; only what failed remains a fault.
            let settled = mishap != Mishap::Fault && *commit;
            assert!(
                !faulted || !settled,
                "{name_of}: {mishap:?} at step {at} became a fault"
            );
            if !faulted {
                assert_eq!(
                    end, undisturbed,
                    "{name_of}: {mishap:?} at step {at} changed the answer"
                );
                assert!(
                    after == complete || settles_only(&after, &complete),
                    "{name_of}: {mishap:?} at step {at} told the end, but not everything landed"
                );
            }
            let again = Player::new(request, now, "again").finish(&mut store);
            assert!(
                !again
                    .as_ref()
                    .is_err_and(|(name, _)| name == "InternalErrorException"),
                "{name_of}: {mishap:?} at step {at}, then again: {again:?}"
            );
        }
    }
    runs
}

/// Whether two states differ only in sealed copies of messages that were handed over.
fn settles_only(after: &Contents, complete: &Contents) -> bool {
    without_messages(after) == without_messages(complete)
}

/// A state but for the sealed copies of messages.
pub(crate) fn without_messages(contents: &Contents) -> Contents {
    let mut contents = contents.clone();
    contents.retain(|key, _| keys::kind(key) != Some(b'M'));
    contents
}

pub(crate) fn name(end: &End) -> String {
    match end {
        Ok(_) => "Ok".into(),
        Err((name, _)) => name.clone(),
    }
}

/// Every record with its value and end. One request alone draws the same in every run.
pub(crate) type Contents = BTreeMap<Key, (Arc<[u8]>, Option<Timestamp>)>;

pub(crate) fn contents(store: &MemoryStore) -> Contents {
    let records = store.iter();
    records
        .map(|(key, entry)| (key.clone(), (entry.value.clone(), entry.expires)))
        .collect()
}

/// The records of attempts, in the order of their values: the ids in their keys may be drawn.
fn attempts(store: &MemoryStore) -> Vec<Arc<[u8]>> {
    let counting = |key: &Key| matches!(keys::kind(key), Some(b'A' | b'F'));
    let records = store.iter().filter(|(key, _)| counting(key));
    let mut values: Vec<Arc<[u8]>> = records.map(|(_, entry)| entry.value.clone()).collect();
    values.sort_unstable();
    values
}

fn kinds(store: &MemoryStore) -> BTreeMap<Option<u8>, usize> {
    let mut kinds = BTreeMap::new();
    for (key, _) in store.iter() {
        *kinds.entry(keys::kind(key)).or_default() += 1;
    }
    kinds
}
