//! Sessions of users: settings, tracking, lists, and ending single ones.
//!
//! A session is a sign-in by which tokens were given out; its id is the id of the grant in another spelling. Pools
//! keep a list of them where they are told to (`UserSessionTracking`), from then on. Sessions of login pages (`sso`)
//! do not exist in this version, so that linked ones are none.

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

/// The id of a session, from that of its grant.
fn id(grant: &[u8; 16]) -> String {
    let mut number = u128::from_be_bytes(*grant);
    let mut digits = [b'0'; DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit = match (number % 36) as u8 {
            value @ 0..10 => b'0' + value,
            value => b'a' + value - 10,
        };
        number /= 36;
    }
    digits.iter().fold(TOKEN.into(), |mut id: String, digit| {
        id.push(char::from(*digit));
        id
    })
}

/// The id of the grant of a session; `None` where no grant has it.
fn grant(id: &str) -> Option<[u8; 16]> {
    let digits = id.strip_prefix(TOKEN)?;
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
    Some(number.to_be_bytes())
}

/// The refusal of a session that the user does not have.
fn unknown() -> Refusal {
    Refusal::new(RefusalKind::ResourceNotFound, "Session does not exist.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_that_of_one_grant() {
        for bytes in [[0; 16], [0xFF; 16], [7; 16]] {
            let id = id(&bytes);
            assert_eq!(id.len(), 28, "{id}");
            assert_eq!(grant(&id), Some(bytes));
        }
        for text in [
            "tknzzzzzzzzzzzzzzzzzzzzzzzzz",
            "sso0000000000000000000000000",
            "tkn0",
            "",
        ] {
            assert_eq!(grant(text), None, "{text}");
        }
    }
}
