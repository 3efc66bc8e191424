//! Sessions of users: settings, tracking, lists, and ending single ones.
//!
//! A session is a sign-in by which tokens were given out; its id is the id of the grant in another spelling. Pools
//! keep a list of them where they are told to (`UserSessionTracking`), from then on. A session of the login pages has an
//! id of its own kind; tokens that were given out in it are linked to it.

pub mod list;
pub mod revoke;
pub mod settings;
pub(crate) mod track;

use alloc::string::String;

use crate::engine::{Refusal, RefusalKind};

/// What stands before the id of a session of tokens.
const TOKEN: &str = "tkn";
/// 128 bits in base 36.
const DIGITS: usize = 25;

/// What stands before the id of a session of the login pages.
const PAGES: &str = "sso";

/// A session, by the id of its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    /// Of tokens: the id of their grant.
    Tokens([u8; 16]),
    /// Of the login pages.
    Pages([u8; 16]),
}

/// The id of a session.
fn id(session: Named) -> String {
    let (kind, bytes) = match session {
        Named::Tokens(grant) => (TOKEN, grant),
        Named::Pages(pages) => (PAGES, pages),
    };
    let mut number = u128::from_be_bytes(bytes);
    let mut digits = [b'0'; DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit = match (number % 36) as u8 {
            value @ 0..10 => b'0' + value,
            value => b'a' + value - 10,
        };
        number /= 36;
    }
    digits.iter().fold(kind.into(), |mut id: String, digit| {
        id.push(char::from(*digit));
        id
    })
}

/// The session of an id; `None` where no session can have it.
fn named(id: &str) -> Option<Named> {
    let (kind, digits): (fn([u8; 16]) -> Named, &str) = match id.strip_prefix(TOKEN) {
        Some(digits) => (Named::Tokens, digits),
        None => (Named::Pages, id.strip_prefix(PAGES)?),
    };
    if digits.len() != DIGITS {
        return None;
    }
    let mut number: u128 = 0;
    for digit in digits.bytes() {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'z' => digit - b'a' + 10,
            _ => return None,
        };
        number = number.checked_mul(36)?.checked_add(value.into())?;
    }
    Some(kind(number.to_be_bytes()))
}

/// The refusal of a session that the user does not have.
fn unknown() -> Refusal {
    Refusal::new(RefusalKind::ResourceNotFound, "Session does not exist.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_that_of_one_session() {
        for bytes in [[0; 16], [0xFF; 16], [7; 16]] {
            for session in [Named::Tokens(bytes), Named::Pages(bytes)] {
                let id = id(session);
                assert_eq!(id.len(), 28, "{id}");
                assert_eq!(named(&id), Some(session));
            }
        }
        for text in [
            "tknzzzzzzzzzzzzzzzzzzzzzzzzz",
            "sssofu00000000000000000000000",
            "tkn0",
            "",
        ] {
            assert_eq!(named(text), None, "{text}");
        }
    }
}
