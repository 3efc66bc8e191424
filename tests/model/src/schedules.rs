//! Several requests in every order of their store steps, and one request with every mishap.
//!
//! The functions of the pool and the courier answer in between. Orders that meet in the same state are walked on from
//! there once.

use std::{
    collections::{BTreeMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use userpool_ports::{Key, Timestamp, memory::MemoryStore};
use userpool_tests::chance::Chance;

use crate::{
    act::{Act, At},
    engine::{
        World,
        play::{Ended, Mishap, Play},
    },
    told::Told,
};

/// The most states of some requests that are walked; more is a sign that a case is too long.
const MOST: usize = 50_000;

/// What can be seen of an end: what each was told, and what is shown afterwards.
type Sight = (Vec<Told>, Vec<Told>);

/// Walks every pair of these acts through every interleaving: all pairs where `USERPOOL_SCHEDULES=all`, else a part of
/// them by chance. Prints how many there were and how long it took.
///
/// # Panics
///
/// If a pair ends as no serial order does; the message has every such pair.
pub fn walk_pairs(world: &mut World, acts: &[Act], looks: &[Act]) {
    let begun = std::time::Instant::now();
    let all = std::env::var("USERPOOL_SCHEDULES").is_ok_and(|which| which == "all");
    let mut chance = Chance::new(acts.len() as u64);
    let (mut pairs, mut states, mut odd) = (0, 0, Vec::new());
    for (at, one) in acts.iter().enumerate() {
        for other in &acts[at..] {
            if !all && !chance.happens(1, 8) {
                continue;
            }
            pairs += 1;
            match every_interleaving(world, &[one, other], looks) {
                Ok(walked) => states += walked,
                Err(text) => odd.push(text),
            }
        }
    }
    let minutes = begun.elapsed().as_secs_f64() / 60.0;
    println!("{pairs} pairs, {states} states, {minutes:.1} minutes");
    assert!(
        odd.is_empty(),
        "{} of {pairs} pairs:\n{}",
        odd.len(),
        odd.join("\n")
    );
}

/// Walks some acts through every interleaving of their store steps, from the world as it is; how many states there
/// were. The world is left as it was.
///
/// # Errors
/// An interleaving ended as no serial order does.
///
/// # Panics
/// There are more states than any such case should have.
pub fn every_interleaving(
    world: &mut World,
    acts: &[&Act],
    looks: &[Act],
) -> Result<usize, String> {
    let base = world.store.records();
    let mut walk = Walk {
        world,
        acts,
        looks,
        base,
    };
    let serial: Vec<Sight> = orders(acts.len())
        .iter()
        .map(|order| walk.serial(order))
        .collect();
    let mut seen = HashSet::new();
    let mut frontier: Vec<Vec<usize>> = vec![Vec::new()];
    let mut odd = None;
    while let Some(choices) = frontier.pop() {
        let plays = walk.replay(&choices);
        if !seen.insert(walk.state(&plays)) {
            continue;
        }
        assert!(seen.len() < MOST, "more than {MOST} states");
        let going: Vec<usize> = (0..plays.len())
            .filter(|it| plays[*it].ended().is_none())
            .collect();
        if going.is_empty() {
            let sight = walk.sight(&plays);
            if !serial.iter().any(|serial| fits(serial, &sight, &plays)) {
                odd = Some(format!(
                    "{acts:?}: {choices:?} ended as {sight:?}, one after the other as {serial:?}"
                ));
                break;
            }
        }
        frontier.extend(
            going
                .into_iter()
                .map(|next| [choices.as_slice(), &[next]].concat()),
        );
    }
    walk.restore();
    odd.map_or(Ok(seen.len()), Err)
}

/// Whether an end is that of a serial order. Where a request is refused in both and nothing of it landed, the reason may
/// be one of a moment in between: that makes no difference to anybody else.
fn fits(serial: &Sight, sight: &Sight, plays: &[Play]) -> bool {
    let told = serial.0.iter().zip(&sight.0).zip(plays);
    let same = |((serial, told), play): ((&Told, &Told), &Play)| {
        serial == told || (serial.is_err() && told.is_err() && play.landed == 0)
    };
    serial.1 == sight.1 && told.into_iter().all(same)
}

struct Walk<'a> {
    world: &'a mut World,
    acts: &'a [&'a Act],
    looks: &'a [Act],
    base: MemoryStore,
}

impl Walk<'_> {
    fn restore(&mut self) {
        self.world.store.set_to(&self.base);
    }

    /// The requests at their beginning, each with a chance of its own.
    fn begin(&mut self) -> Vec<Play> {
        self.restore();
        let requests = self.world.requests;
        let begin = |act: &&Act| {
            self.world
                .begin_act(act)
                .expect("an act whose needs are known")
        };
        let mut plays: Vec<Play> = self.acts.iter().map(begin).collect();
        self.world.requests = requests;
        for play in &mut plays {
            play.go(self.world, 0, None);
        }
        plays
    }

    fn replay(&mut self, choices: &[usize]) -> Vec<Play> {
        let mut plays = self.begin();
        for choice in choices {
            let steps = plays[*choice].steps() + 1;
            plays[*choice].go(self.world, steps, None);
        }
        plays
    }

    fn serial(&mut self, order: &[usize]) -> Sight {
        let mut plays = self.begin();
        for index in order {
            plays[*index].go(self.world, usize::MAX, None);
        }
        self.sight(&plays)
    }

    fn state(&mut self, plays: &[Play]) -> u64 {
        let mut hasher = DefaultHasher::new();
        for play in plays {
            play.seen.hash(&mut hasher);
        }
        for (key, entry) in self.world.store.records().iter() {
            (key, entry.version).hash(&mut hasher);
        }
        hasher.finish()
    }

    fn sight(&mut self, plays: &[Play]) -> Sight {
        let known = self.world.known.clone();
        let mut told = Vec::new();
        for (index, play) in plays.iter().enumerate() {
            let ended = play.ended().expect("an end");
            let at = At::MAX - 1 - index as At;
            let mut own = self.world.learn(at, self.acts[index], play, &ended);
            if let Ok(text) = &mut own {
                *text = text.replace(&format!("#{at}"), "#new");
                // Whether an alias is still the user's is read a moment after the user.
                if matches!(self.acts[index], Act::AdminGetUser(_)) {
                    *text = text.replace("_verified=true", "_verified=false");
                }
            }
            told.push(own);
        }
        let mut shown = Vec::new();
        for look in self.looks {
            let Some(mut play) = self.world.begin_act(look) else {
                continue;
            };
            let ended = play.finish(self.world, None);
            shown.push(self.world.learn(At::MAX, look, &play, &ended));
        }
        self.world.known = known;
        (told, shown)
    }
}

/// Every order of so many.
fn orders(many: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    for _ in 0..many {
        orders = orders
            .iter()
            .flat_map(|order: &Vec<usize>| {
                let free = (0..many).filter(|next| !order.contains(next));
                free.map(|next| [order.as_slice(), &[next]].concat())
                    .collect::<Vec<_>>()
            })
            .collect();
    }
    orders
}

/// Every record with its value and end.
type Contents = BTreeMap<Key, (Arc<[u8]>, Option<Timestamp>)>;

/// Runs an act once for each store step and mishap of the store, and once without courier, worker, functions and
/// list of breaches.
///
/// After each: what the undisturbed run lands after one of its commits, or nothing; and the same act again meets no
/// half state. How many runs there were. The world is left as it was.
///
/// # Errors
/// One of these does not hold.
///
/// # Panics
/// The act needs something that is not known.
pub fn every_mishap(world: &mut World, act: &Act) -> Result<usize, String> {
    let base = world.store.records();
    let requests = world.requests;
    let begin = |world: &mut World| {
        world.store.set_to(&base);
        world.requests = requests;
        let mut play = world.begin_act(act).expect("an act whose needs are known");
        play.go(world, 0, None);
        play
    };
    // The undisturbed run, and what stands in the store after each of its steps.
    let mut play = begin(world);
    let mut whole = vec![contents(&world.store.records())];
    while play.ended().is_none() {
        let steps = play.steps() + 1;
        play.go(world, steps, None);
        let now = contents(&world.store.records());
        if whole.last() != Some(&now) {
            whole.push(now);
        }
    }
    let (undisturbed, steps) = (play.ended().expect("an end"), play.steps());
    let mut mishaps = vec![Mishap::Courier, Mishap::Work, Mishap::Hook, Mishap::Fetch];
    for step in 0..steps {
        mishaps.extend([Mishap::Fault(step), Mishap::LandsFault(step)]);
        mishaps.extend([Mishap::LandsUnknown(step), Mishap::LostUnknown(step)]);
    }
    let mut runs = 0;
    let mut odd = None;
    for mishap in mishaps {
        world.store.set_to(&base);
        world.requests = requests;
        let mut play = world.begin_act(act).expect("an act whose needs are known");
        let ended = play.finish(world, Some(mishap));
        if !play.struck {
            continue;
        }
        runs += 1;
        let after = contents(&world.store.records());
        let is_whole = whole.iter().any(|whole| same(whole, &after))
            || [Mishap::Courier, Mishap::Fetch].contains(&mishap);
        let told = told_as_it_is(&ended, &undisturbed, mishap);
        let mut again = world.begin_act(act).expect("an act whose needs are known");
        let again = again.finish(world, None);
        let goes_on = !again
            .as_ref()
            .is_err_and(|(name, _)| name == "InternalErrorException");
        if !is_whole || !told || !goes_on {
            odd = Some(format!(
                "{act:?} with {mishap:?}: whole {is_whole}, told {ended:?} for {undisturbed:?}, then {again:?}"
            ));
            break;
        }
    }
    world.store.set_to(&base);
    odd.map_or(Ok(runs), Err)
}

/// Whether an end under a mishap is the undisturbed one, or tells that something failed.
fn told_as_it_is(ended: &Ended, undisturbed: &Ended, mishap: Mishap) -> bool {
    let failed = ended.as_ref().err().map_or("", |(name, _)| name.as_str());
    let settled = matches!(mishap, Mishap::LandsUnknown(_) | Mishap::LostUnknown(_));
    match failed {
        "InternalErrorException" => !settled && mishap != Mishap::Fetch,
        // Whatever cannot be looked up counts as unknown.
        _ if mishap == Mishap::Fetch => true,
        "CodeDeliveryFailureException" => mishap == Mishap::Courier,
        "UnexpectedLambdaException" => mishap == Mishap::Hook,
        _ => ended == undisturbed,
    }
}

/// Whether two states are the same but for sealed copies of messages.
fn same(one: &Contents, other: &Contents) -> bool {
    let without = |contents: &Contents| {
        let mut contents = contents.clone();
        contents.retain(|key, _| userpool_core::model::keys::kind(key) != Some(b'M'));
        contents
    };
    one == other || without(one) == without(other)
}

fn contents(store: &MemoryStore) -> Contents {
    let records = store.iter();
    records
        .map(|(key, entry)| (key.clone(), (entry.value.clone(), entry.expires)))
        .collect()
}
