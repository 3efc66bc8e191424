//! What nobody may read in an error, in a log line or in the `Debug` of a step: known by short pieces of it.

use std::collections::HashSet;

use crate::rules::PASSWORDS;

/// The length of the piece by which a secret is known.
const PIECE: usize = 8;
/// How many hashes there are.
const MAYBE: usize = 1 << 13;
/// The length of a code.
const CODE: usize = 6;

/// Secrets that a history has brought forth.
#[derive(Clone)]
pub struct Secrets {
    /// Which pieces there may be, by a hash of each: most that are looked at are told by it alone.
    maybe: Box<[bool; MAYBE]>,
    pieces: HashSet<[u8; PIECE]>,
    codes: HashSet<[u8; CODE]>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

impl Default for Secrets {
    fn default() -> Self {
        let mut secrets = Self {
            maybe: Box::new([false; MAYBE]),
            pieces: HashSet::new(),
            codes: HashSet::new(),
        };
        for password in PASSWORDS {
            secrets.add(password);
        }
        secrets.add(crate::engine::hooks::RIGHT);
        secrets
    }
}

impl Secrets {
    /// One more secret: a password, token, Session or secret of a software token, known by its end; or a code.
    pub fn add(&mut self, secret: &str) {
        let bytes = secret.as_bytes();
        if let Some(piece) = bytes.last_chunk::<PIECE>() {
            self.maybe[hash(*piece)] = true;
            self.pieces.insert(*piece);
        } else if let Ok(code) = <[u8; CODE]>::try_from(bytes) {
            self.codes.insert(code);
        }
    }

    /// The secret that a text shows, if it shows one.
    #[must_use]
    pub fn shown_in<'t>(&self, text: &'t str) -> Option<&'t str> {
        let bytes = text.as_bytes();
        let piece = bytes.windows(PIECE).position(|window| {
            let piece = <&[u8; PIECE]>::try_from(window);
            piece.is_ok_and(|piece| self.maybe[hash(*piece)] && self.pieces.contains(piece))
        });
        if let Some(at) = piece {
            return text.get(at..at + PIECE);
        }
        // Whole words alone: the ids of users have digits enough for one to look like a code now and then.
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        let mut codes = words.filter(|word| word.len() == CODE);
        codes.find(|code| {
            <&[u8; CODE]>::try_from(code.as_bytes()).is_ok_and(|code| self.codes.contains(code))
        })
    }
}

fn hash(piece: [u8; PIECE]) -> usize {
    let mixed = u64::from_le_bytes(piece).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> (64 - 13)) as usize
}
