//! From a pattern to a deterministic automaton, so that matching reads each character once and never goes back.

use std::collections::{BTreeMap, BTreeSet};

use crate::charset::{Charset, Symbols};
use crate::pattern::{Pattern, Tree};

/// A table-driven automaton; state 0 refuses for good, state 1 is the start.
pub struct Automaton {
    /// The class of each symbol.
    pub classes: Vec<u8>,
    /// The next state, by state and class.
    pub next: Vec<Vec<u8>>,
    /// Whether a value may end in a state.
    pub accepting: Vec<bool>,
}

/// A state of the automaton: the places reached in the graph, and whether the last character forbids an end.
type Places = (BTreeSet<usize>, bool);

impl Automaton {
    pub fn of(pattern: &Pattern, symbols: &Symbols) -> Self {
        let mut graph = Graph::default();
        let end = graph.place();
        let start = graph.add(&pattern.tree, end);
        let edges: Vec<Vec<bool>> = graph.sets.iter().map(|set| symbols.in_set(set)).collect();
        let forbidden = pattern.not_after.as_ref().map(|set| symbols.in_set(set));

        // Symbols that no edge tells apart share a class.
        let told_apart = |symbol: usize| {
            let by_edges: Vec<bool> = edges.iter().map(|edge| edge[symbol]).collect();
            (by_edges, forbidden.as_ref().is_some_and(|set| set[symbol]))
        };
        let mut kinds = BTreeMap::new();
        let mut samples = Vec::new();
        let mut classes = Vec::new();
        for symbol in 0..symbols.count() {
            let class = *kinds.entry(told_apart(symbol)).or_insert(samples.len());
            if class == samples.len() {
                samples.push(symbol);
            }
            classes.push(u8::try_from(class).expect("there are few classes"));
        }

        let mut states: Vec<Places> =
            vec![(BTreeSet::new(), false), (graph.closed([start]), false)];
        let mut automaton = Self {
            classes,
            next: Vec::new(),
            accepting: Vec::new(),
        };
        let mut at = 0;
        while at < states.len() {
            let (places, forbids) = states[at].clone();
            automaton.accepting.push(places.contains(&end) && !forbids);
            let mut row = Vec::new();
            for sample in &samples {
                let ahead = graph.closed(
                    graph
                        .steps(&places)
                        .filter(|(set, _)| edges[*set][*sample])
                        .map(|(_, to)| to),
                );
                let forbids =
                    forbidden.as_ref().is_some_and(|set| set[*sample]) && !ahead.is_empty();
                let state = (ahead, forbids);
                let number = states
                    .iter()
                    .position(|it| *it == state)
                    .unwrap_or(states.len());
                if number == states.len() {
                    states.push(state);
                }
                row.push(u8::try_from(number).expect("there are few states"));
            }
            automaton.next.push(row);
            at += 1;
        }
        automaton
    }
}

/// A graph of places; edges are taken for nothing or for a character of a set.
#[derive(Default)]
struct Graph {
    free: Vec<Vec<usize>>,
    step: Vec<Option<(usize, usize)>>,
    sets: Vec<Charset>,
}

impl Graph {
    fn place(&mut self) -> usize {
        self.free.push(Vec::new());
        self.step.push(None);
        self.free.len() - 1
    }

    /// Adds a tree that leads to `then`, and gives the place where it starts.
    fn add(&mut self, tree: &Tree, then: usize) -> usize {
        match tree {
            Tree::One(set) => {
                let at = self.place();
                let number = self
                    .sets
                    .iter()
                    .position(|it| it == set)
                    .unwrap_or(self.sets.len());
                if number == self.sets.len() {
                    self.sets.push(set.clone());
                }
                self.step[at] = Some((number, then));
                at
            }
            Tree::All(items) => items
                .iter()
                .rev()
                .fold(then, |then, item| self.add(item, then)),
            Tree::Any(branches) => {
                let starts: Vec<usize> = branches
                    .iter()
                    .map(|branch| self.add(branch, then))
                    .collect();
                let at = self.place();
                self.free[at] = starts;
                at
            }
            Tree::Repeat(tree, least, most) => {
                let mut at = match most {
                    Some(most) => (*least..*most).fold(then, |next, _| {
                        let once = self.add(tree, next);
                        let at = self.place();
                        self.free[at] = vec![once, then];
                        at
                    }),
                    None => {
                        let again = self.place();
                        let once = self.add(tree, again);
                        self.free[again] = vec![once, then];
                        again
                    }
                };
                for _ in 0..*least {
                    at = self.add(tree, at);
                }
                at
            }
        }
    }

    fn steps(&self, places: &BTreeSet<usize>) -> impl Iterator<Item = (usize, usize)> {
        places.iter().filter_map(|place| self.step[*place])
    }

    /// These places and all that are reached from them for nothing; places without a step only if they end.
    fn closed(&self, from: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<usize> = from.into_iter().collect();
        while let Some(place) = open.pop() {
            if seen.insert(place) {
                open.extend(&self.free[place]);
            }
        }
        // Places that only lead on say nothing about the future.
        seen.retain(|place| self.free[*place].is_empty());
        seen
    }
}
