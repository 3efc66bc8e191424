//! Matching of the model's patterns by automata that the generator made.
//!
//! Each character of a value is looked at once, so that no value makes a match slow.

use crate::generated::characters::RUNS;
use crate::generated::patterns::SYMBOLS;

/// A pattern and its automaton; state 0 refuses for good, state 1 is the start.
pub struct Pattern {
    /// The pattern as the model has it.
    pub source: &'static str,
    /// The class of each symbol.
    pub classes: &'static [u8; SYMBOLS],
    /// How many classes there are.
    pub width: usize,
    /// The next state, by state and class.
    pub next: &'static [u8],
    /// Whether a value may end in a state.
    pub accepting: &'static [bool],
}

impl Pattern {
    /// Whether the pattern matches the whole text.
    pub fn matches(&self, text: &str) -> bool {
        let mut state = 1;
        if text.is_ascii() {
            // State 0 leads to itself alone: nothing has to be asked between two characters.
            for &byte in text.as_bytes() {
                let class = usize::from(self.classes[usize::from(byte)]);
                state = self.next[state * self.width + class].into();
            }
        } else {
            for character in text.chars() {
                state = self.step(state, character);
            }
        }
        self.accepting[state]
    }

    pub fn step(&self, state: usize, character: char) -> usize {
        let class = usize::from(self.classes[symbol(character)]);
        self.next[state * self.width + class].into()
    }
}

/// ASCII characters stand for themselves, the others for the group they are in.
fn symbol(character: char) -> usize {
    if character.is_ascii() {
        return character as usize;
    }
    let after = RUNS.partition_point(|(start, _)| *start <= character.into());
    0x80 + usize::from(RUNS[after - 1].1)
}
