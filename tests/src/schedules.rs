//! Two requests in every order of their store steps, and one request with every mishap of its store.

use std::collections::BTreeMap;

use userpool_ports::{Timestamp, memory::MemoryStore};

use crate::player::{End, Mishap, Player, Request};

/// The most interleavings of one pair that are walked; more is a sign that a case is too long.
const MOST: usize = 20_000;

/// What can be compared between two runs whose random draws differ: how both ended, and how many records of
/// each kind the store holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// How the two ended: `Ok`, or the error's name.
    pub ends: (String, String),
    /// Records by the first byte of their key.
    pub kinds: BTreeMap<u8, usize>,
}

/// Walks two requests through every interleaving of their store steps.
///
/// Each end must equal that of one of the two serial orders; gives how many interleavings there were.
///
/// # Panics
/// An interleaving ended as no serial order does.
pub fn every_interleaving(base: &MemoryStore, now: Timestamp, requests: [&Request; 2]) -> usize {
    let serial = [walk(base, now, requests, &[true; 64]).0, walk(base, now, requests, &[false; 64]).0];
    let mut choices: Vec<bool> = Vec::new();
    let mut walked = 0;
    loop {
        let (sight, taken) = walk(base, now, requests, &choices);
        walked += 1;
        assert!(
            serial.contains(&sight),
            "{} beside {}: {taken:?} ended as {sight:?}, one after the other as {serial:?}",
            requests[0].operation.name,
            requests[1].operation.name,
        );
        assert!(walked < MOST, "more than {MOST} interleavings");
        // The next sequence of choices: the last free `true` becomes `false`.
        choices = taken;
        loop {
            match choices.pop() {
                None => return walked,
                Some(true) => {
                    choices.push(false);
                    break;
                }
                Some(false) => {}
            }
        }
    }
}

/// Walks one interleaving: `true` steps the first. Beyond the given choices the first goes before the second.
/// Gives the end and the choices that were free.
fn walk(
    base: &MemoryStore,
    now: Timestamp,
    requests: [&Request; 2],
    choices: &[bool],
) -> (Sight, Vec<bool>) {
    let mut store = base.clone();
    let mut players = [Player::new(requests[0], now, "first"), Player::new(requests[1], now, "second")];
    let mut taken = Vec::new();
    loop {
        let [first, second] = &mut players;
        match (first.end(), second.end()) {
            (Some(one), Some(two)) => {
                return (Sight { ends: (name(&one), name(&two)), kinds: kinds(&store) }, taken);
            }
            (None, Some(_)) => first.store_step(&mut store, None),
            (Some(_), None) => second.store_step(&mut store, None),
            (None, None) => {
                let choice = choices.get(taken.len()).copied().unwrap_or(true);
                taken.push(choice);
                if choice { first } else { second }.store_step(&mut store, None);
            }
        }
    }
}

/// Runs a request once for every store step and mishap, with the mishap at that step.
///
/// After each: nothing landed, or as much as the undisturbed run lands after one of its commits; an answer of
/// success only where everything landed; and the same request again meets no half state. Gives how many runs
/// there were.
///
/// # Panics
/// One of these does not hold.
pub fn every_mishap(base: &MemoryStore, now: Timestamp, request: &Request) -> usize {
    let name_of = request.operation.name;
    // The undisturbed run, and what stands in the store after each of its commits.
    let mut store = base.clone();
    let mut player = Player::new(request, now, "mishap");
    let mut whole = vec![kinds(&store)];
    let mut steps = 0;
    while player.end().is_none() {
        let commits = player.is_about_to_commit();
        player.store_step(&mut store, None);
        steps += 1;
        if commits {
            whole.push(kinds(&store));
        }
    }
    let undisturbed = player.end().expect("an end");
    let complete = kinds(&store);

    let mut runs = 0;
    for mishap in Mishap::ALL {
        for at in 0..steps {
            let mut store = base.clone();
            let mut player = Player::new(request, now, "mishap");
            let mut step = 0;
            while player.end().is_none() {
                player.store_step(&mut store, (step == at).then_some(mishap));
                step += 1;
            }
            runs += 1;
            let after = kinds(&store);
            assert!(whole.contains(&after), "{name_of}: {mishap:?} at step {at} left a half state {after:?}");
            let end = player.end().expect("an end");
            if end.is_ok() {
                assert!(
                    after == complete || settles_only(&after, &complete),
                    "{name_of}: {mishap:?} at step {at} told success, but not everything landed"
                );
                assert_eq!(end, undisturbed, "{name_of}: {mishap:?} at step {at} changed the answer");
            } else if mishap != Mishap::Fault && end.as_ref().is_err_and(|(name, _)| name == "InternalErrorException")
            {
                // An unknown outcome is settled by asking again; only a failing read remains a fault.
                assert!(at < steps, "{name_of}: an unknown outcome became a fault");
            }
            let again = Player::new(request, now, "again").finish(&mut store);
            assert!(
                !again.as_ref().is_err_and(|(name, _)| name == "InternalErrorException"),
                "{name_of}: {mishap:?} at step {at}, then again: {again:?}"
            );
        }
    }
    runs
}

/// Whether two states differ only in sealed copies of messages that were handed over.
fn settles_only(after: &BTreeMap<u8, usize>, complete: &BTreeMap<u8, usize>) -> bool {
    let without = |kinds: &BTreeMap<u8, usize>| {
        let mut kinds = kinds.clone();
        kinds.remove(&b'M');
        kinds
    };
    without(after) == without(complete)
}

fn name(end: &End) -> String {
    match end {
        Ok(_) => "Ok".into(),
        Err((name, _)) => name.clone(),
    }
}

fn kinds(store: &MemoryStore) -> BTreeMap<u8, usize> {
    let mut kinds = BTreeMap::new();
    for (key, _) in store.iter() {
        *kinds.entry(key.as_bytes()[0]).or_default() += 1;
    }
    kinds
}
