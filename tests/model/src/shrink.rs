//! Histories lived through, and disagreements made small.

use userpool_crypto::sealed::RootKeys;
use userpool_tests::chance::Chance;

use crate::{
    act::{Act, At, Typed},
    choose,
    engine::worker::ClientSide,
    history::{Event, Life},
    report::Report,
    rules::{GROUPS, Rules},
};

/// How many events a history has.
pub const LENGTH: usize = 120;
/// One history in so many has the real arithmetic.
pub const REAL_IN: u64 = 100;

/// What histories have in common.
#[derive(Debug)]
pub struct Player {
    client: ClientSide,
    root_keys: RootKeys,
}

/// A history that model and engine disagree about.
#[derive(Debug)]
pub struct Disagreement {
    /// The seed of the history.
    pub seed: u64,
    /// The settings of the pool.
    pub rules: Rules,
    /// The events, as few as show it.
    pub events: Vec<Event>,
    /// What was expected and what happened.
    pub text: String,
}

impl std::fmt::Display for Disagreement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "history {}: {:?}", self.seed, self.rules)?;
        for event in &self.events {
            write!(f, "  {:>3} {:?}", event.at, event.act)?;
            if let Some(mishap) = event.mishap {
                write!(f, " with {mishap:?}")?;
            }
            if let Some(beside) = &event.beside {
                write!(
                    f,
                    " and after {} steps {} {:?}",
                    beside.after, beside.at, beside.act
                )?;
            }
            writeln!(f)?;
        }
        write!(f, "{}", self.text)
    }
}

impl Default for Player {
    fn default() -> Self {
        Self {
            client: ClientSide::new(),
            root_keys: crate::engine::root_keys(),
        }
    }
}

impl Player {
    /// A life at its beginning.
    #[must_use]
    pub fn begin(&self, rules: &Rules, seed: u64, real: bool) -> Life {
        Life::new(rules, seed, real, &self.client, &self.root_keys)
    }

    /// Lives through the history of a seed.
    ///
    /// # Errors
    /// The disagreement, made small.
    pub fn history(&self, seed: u64, number: u64) -> Result<Report, Box<Disagreement>> {
        let mut chance = Chance::new(seed);
        let rules = Rules::drawn(&mut chance);
        let real = number % REAL_IN == REAL_IN - 1;
        let mut life = self.begin(&rules, seed, real);
        let mut events: Vec<Event> = Vec::new();
        let before = choose::crowd(&rules);
        for index in 0..before.len() + LENGTH {
            let at = 2 * index as At + 1;
            let mut event = match before.get(index) {
                Some(act) => Event {
                    at,
                    act: act.clone(),
                    mishap: None,
                    beside: None,
                },
                None => choose::event(&life.pools[0], at, &mut chance),
            };
            if life.is_open() {
                event.mishap = None;
            }
            events.push(event);
            if let Err(text) = life.live(&events[index]) {
                return Err(Box::new(self.small(seed, rules, real, events, text)));
            }
        }
        for act in last_looks(&life) {
            let at = events.last().map_or(1, |event| event.at + 2);
            events.push(Event {
                at,
                act,
                mishap: None,
                beside: None,
            });
            if let Err(text) = life.live(&events[events.len() - 1]) {
                return Err(Box::new(self.small(seed, rules, real, events, text)));
            }
        }
        life.report.histories = 1;
        life.report.real = u64::from(real);
        Ok(life.report)
    }

    /// Leaves out of a history what is not needed for a disagreement.
    fn small(
        &self,
        seed: u64,
        rules: Rules,
        real: bool,
        events: Vec<Event>,
        text: String,
    ) -> Disagreement {
        let fails = |events: &[Event]| {
            let mut life = self.begin(&rules, seed, real);
            events.iter().find_map(|event| life.live(event).err())
        };
        let (mut events, mut text) = (events, text);
        let mut size = events.len() / 2;
        while size > 0 {
            let mut from = 0;
            while from < events.len() {
                let mut fewer = events.clone();
                fewer.drain(from..(from + size).min(fewer.len()));
                match fails(&fewer) {
                    Some(found) => (events, text) = (fewer, found),
                    None => from += size,
                }
            }
            size /= 2;
        }
        Disagreement {
            seed,
            rules,
            events,
            text,
        }
    }
}

/// What is looked at in the end: everything that can be seen.
fn last_looks(life: &Life) -> Vec<Act> {
    let pool = &life.pools[0];
    let mut looks = vec![Act::ListUsers];
    looks.extend(
        pool.users
            .keys()
            .map(|at| Act::AdminGetUser(Typed::Id(*at))),
    );
    looks.extend(
        pool.users
            .keys()
            .map(|at| Act::ListGroupsForUser(Typed::Id(*at))),
    );
    looks.extend(GROUPS.map(Act::ListUsersInGroup));
    looks
}
