//! Sets of characters, and the groups that the sets of all patterns tell apart.

use std::collections::BTreeMap;

use regex_syntax::hir::{Class, HirKind};

/// A set of Unicode scalar values, as sorted ranges that do not touch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Charset(Vec<(u32, u32)>);

const LAST: u32 = char::MAX as u32;

impl Charset {
    pub fn of(ranges: &[(char, char)]) -> Self {
        Self::normal(
            ranges
                .iter()
                .map(|(low, high)| (u32::from(*low), u32::from(*high)))
                .collect(),
        )
    }

    /// The characters of a Unicode general category, by the first letter of its name.
    pub fn category(name: char) -> Self {
        let parsed = regex_syntax::parse(&format!(r"\p{{{name}}}")).expect("the category exists");
        let HirKind::Class(Class::Unicode(class)) = parsed.kind() else {
            panic!("{name} is a class of characters");
        };
        Self::of(
            &class
                .iter()
                .map(|it| (it.start(), it.end()))
                .collect::<Vec<_>>(),
        )
    }

    pub fn union(&self, other: &Self) -> Self {
        Self::normal([self.0.clone(), other.0.clone()].concat())
    }

    pub fn negated(&self) -> Self {
        let mut ranges = Vec::new();
        let mut next = 0;
        for (low, high) in &self.0 {
            if *low > next {
                ranges.push((next, low - 1));
            }
            next = high + 1;
        }
        if next <= LAST {
            ranges.push((next, LAST));
        }
        Self(ranges)
    }

    pub fn contains(&self, code: u32) -> bool {
        self.0
            .iter()
            .any(|(low, high)| (*low..=*high).contains(&code))
    }

    /// The only character of a set of one.
    pub fn single(&self) -> Option<char> {
        match self.0[..] {
            [(low, high)] if low == high => char::from_u32(low),
            _ => None,
        }
    }

    fn normal(mut ranges: Vec<(u32, u32)>) -> Self {
        ranges.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::new();
        for (low, high) in ranges {
            match merged.last_mut() {
                Some(last) if low <= last.1 + 1 => last.1 = last.1.max(high),
                _ => merged.push((low, high)),
            }
        }
        Self(merged)
    }
}

/// Characters that no pattern tells apart are one symbol: each ASCII character for itself, the others by group.
pub struct Symbols {
    /// Where each run of one group starts, above ASCII.
    pub runs: Vec<(u32, u8)>,
    /// A character of each group.
    samples: Vec<u32>,
}

const ASCII: u32 = 0x80;

impl Symbols {
    pub fn of(sets: &[Charset]) -> Self {
        let mut cuts: Vec<u32> = sets
            .iter()
            .flat_map(|it| &it.0)
            .flat_map(|(low, high)| [*low, high + 1])
            .collect();
        cuts.push(ASCII);
        cuts.retain(|it| (ASCII..=LAST).contains(it));
        cuts.sort_unstable();
        cuts.dedup();

        let mut groups = BTreeMap::new();
        let mut symbols = Self {
            runs: Vec::new(),
            samples: Vec::new(),
        };
        for cut in cuts {
            let told_apart: Vec<bool> = sets.iter().map(|set| set.contains(cut)).collect();
            let group = *groups.entry(told_apart).or_insert(symbols.samples.len());
            if group == symbols.samples.len() {
                symbols.samples.push(cut);
            }
            let group = u8::try_from(group).expect("there are few groups");
            if symbols.runs.last().is_none_or(|(_, last)| *last != group) {
                symbols.runs.push((cut, group));
            }
        }
        symbols
    }

    pub fn count(&self) -> usize {
        ASCII as usize + self.samples.len()
    }

    /// Which symbols are in a set.
    pub fn in_set(&self, set: &Charset) -> Vec<bool> {
        (0..ASCII)
            .chain(self.samples.iter().copied())
            .map(|code| set.contains(code))
            .collect()
    }
}
