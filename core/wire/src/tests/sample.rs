//! Values made from the constraint tables: what a shape accepts, by a seed.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use crate::generated::characters::RUNS;
use crate::generated::patterns::SYMBOLS;
use crate::pattern::Pattern;
use crate::rule::{Kind, Shape, Size};

/// A generator of numbers that gives the same ones for the same seed (xorshift64*).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % sides
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// A character that the automata take for this symbol.
    fn of_symbol(&mut self, symbol: usize) -> char {
        let ascii = u8::try_from(symbol).ok().filter(u8::is_ascii);
        if let Some(ascii) = ascii {
            return ascii.into();
        }
        let first = self.below(RUNS.len());
        let mut runs = RUNS[first..].iter().chain(&RUNS[..first]);
        let run = runs.find(|(_, group)| usize::from(*group) + 0x80 == symbol);
        char::from_u32(run.expect("every group has a run").0).unwrap_or('\u{E000}')
    }

    /// A character of any plane; often ASCII, often one where groups of characters meet.
    pub fn character(&mut self) -> char {
        let code = match self.below(4) {
            0 => self.below(0x11_0000) as u32,
            1 => RUNS[self.below(RUNS.len())].0 + self.below(2) as u32,
            2 => u32::from(*self.pick(b":_-.@{#}\\\n\r\t *azAZ09")),
            _ => self.below(0x80) as u32,
        };
        char::from_u32(code).unwrap_or('\u{FFFD}')
    }
}

/// A value that the shape accepts.
pub fn valid(shape: &Shape, dice: &mut Dice) -> Value {
    match &shape.kind {
        Kind::Structure(members) => {
            let mut object = Map::new();
            for member in *members {
                if member.required || dice.below(3) > 0 {
                    object.insert(member.name.into(), valid(member.shape, dice));
                }
            }
            Value::Object(object)
        }
        Kind::List { item, size } => (0..count(size, dice)).map(|_| valid(item, dice)).collect(),
        Kind::Map { key, value, size } => {
            let mut object = Map::new();
            let wanted = count(size, dice);
            while object.len() < wanted {
                let Value::String(key) = valid(key, dice) else {
                    panic!("keys are text");
                };
                object.insert(key, valid(value, dice));
            }
            Value::Object(object)
        }
        Kind::Text { size, pattern } => Value::String(text(size, *pattern, dice)),
        Kind::Words { words, .. } => Value::String((*dice.pick(words)).into()),
        Kind::Integer(range) | Kind::Long(range) => {
            let min = range.min.unwrap_or(-5);
            json!(min + dice.below((range.max.unwrap_or(1_000) - min + 1) as usize) as i64)
        }
        Kind::Boolean => json!(dice.below(2) == 0),
        Kind::Timestamp => match dice.below(2) {
            0 => json!(1_715_100_742 + dice.below(100_000)),
            _ => json!((1_715_100_742_000_u64 + dice.below(100_000) as u64) as f64 / 1_000.0),
        },
        Kind::Blob(_) => json!(["", "AA==", "aGVsbG8="][dice.below(3)]),
        Kind::Document => json!({ "any": [1, "thing", null, { "deep": dice.below(9) }] }),
    }
}

fn count(size: &Size, dice: &mut Dice) -> usize {
    let min = size.min.unwrap_or(0);
    min + dice.below(size.max.unwrap_or(3).min(min + 3) - min + 1)
}

fn text(size: &Size, pattern: Option<&Pattern>, dice: &mut Dice) -> String {
    let min = size.min.unwrap_or(0);
    let max = size.max.unwrap_or(usize::MAX).min(min + 40);
    loop {
        let wanted = min + dice.below((max - min).min(12) + 1);
        let text: String = match pattern {
            Some(pattern) => accepted(pattern, wanted, dice),
            None => (0..wanted).map(|_| dice.character()).collect(),
        };
        if (min..=max).contains(&text.encode_utf16().count()) {
            return text;
        }
    }
}

/// A text that a pattern accepts, of about so many characters.
pub fn accepted(pattern: &Pattern, wanted: usize, dice: &mut Dice) -> String {
    let distances = distances(pattern);
    let (mut state, mut text) = (1, String::new());
    for step in 0.. {
        let left = distances[state].expect("states that never end are not entered");
        if left == 0 && (step >= wanted || dice.below(16) == 0) {
            break;
        }
        // Past the wanted length only steps that lead to an end are taken.
        let leads_on =
            |next: usize| distances[next].is_some_and(|ahead| step < wanted || ahead < left);
        let takes = |symbol: &usize| {
            leads_on(
                pattern.next[state * pattern.width + usize::from(pattern.classes[*symbol])].into(),
            )
        };
        let first = dice.below(SYMBOLS);
        let Some(symbol) = (first..SYMBOLS).chain(0..first).find(takes) else {
            assert_eq!(left, 0, "only an end leads nowhere");
            break;
        };
        let character = dice.of_symbol(symbol);
        state = pattern.step(state, character);
        text.push(character);
    }
    text
}

/// How many characters each state is from an end; none for states that never end.
fn distances(pattern: &Pattern) -> Vec<Option<usize>> {
    let mut distances: Vec<Option<usize>> = pattern
        .accepting
        .iter()
        .map(|ends| ends.then_some(0))
        .collect();
    let mut open: VecDeque<usize> = (0..distances.len())
        .filter(|state| distances[*state].is_some())
        .collect();
    while let Some(to) = open.pop_front() {
        for from in 0..distances.len() {
            let row = &pattern.next[from * pattern.width..(from + 1) * pattern.width];
            if distances[from].is_none() && row.iter().any(|next| usize::from(*next) == to) {
                distances[from] = distances[to].map(|it| it + 1);
                open.push_back(from);
            }
        }
    }
    distances
}
