//! The parameters of a request: of its query, or of a form.

use alloc::{string::String, vec::Vec};
use core::fmt;

use super::error::{Error, ErrorKind};

/// The most bytes of a parameter's value.
const MAX: usize = 16 * 1_024;

/// Parameters in the order of the request. `Debug` shows their names alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Parameters that were decoded.
    #[must_use]
    pub fn new(parameters: Vec<(String, String)>) -> Self {
        Self(parameters)
    }

    /// The value of a parameter; one without a value counts as absent (RFC 6749 §3.1).
    ///
    /// # Errors
    /// `invalid_request` where it is given twice, or is too long.
    pub fn one(&self, name: &str) -> Result<Option<&str>, Error> {
        self.one_of_at_most(name, MAX)
    }

    /// The value of a parameter that may have so many bytes.
    ///
    /// # Errors
    /// As [`one`](Self::one).
    pub(super) fn one_of_at_most(&self, name: &str, most: usize) -> Result<Option<&str>, Error> {
        let mut values = self.0.iter().filter(|(known, _)| known == name);
        let value = values.next().map(|(_, value)| value.as_str());
        if values.next().is_some() {
            return Err(Error::new(
                ErrorKind::InvalidRequest,
                "A parameter is repeated.",
            ));
        }
        if value.is_some_and(|value| value.len() > most) {
            return Err(Error::new(
                ErrorKind::InvalidRequest,
                "A parameter is too long.",
            ));
        }
        Ok(value.filter(|value| !value.is_empty()))
    }

    /// The first value of a parameter, for what only tells how to go on.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// These as a query.
    #[must_use]
    pub fn to_query(&self) -> String {
        let mut query = String::new();
        for (name, value) in &self.0 {
            append(&mut query, name, value);
        }
        query
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

/// Appends a pair to a query or fragment (`application/x-www-form-urlencoded`).
pub(crate) fn append(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    encode(query, name);
    query.push('=');
    encode(query, value);
}

fn encode(out: &mut String, text: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => {
                out.push('%');
                out.push(char::from(DIGITS[usize::from(byte >> 4)]));
                out.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
}

/// Parameters out of a query or form.
#[must_use]
pub fn parse(text: &str) -> Parameters {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    });
    Parameters(pairs.collect())
}

/// A name or value decoded; what is no text becomes replacement characters.
pub(super) fn decode(text: &str) -> String {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let pair = (digit(bytes.get(at + 1)), digit(bytes.get(at + 2)));
        match (byte, pair) {
            (b'%', (Some(high), Some(low))) => {
                // Two hexadecimal digits are a byte.
                out.push((high * 16 + low) as u8);
                at += 3;
                continue;
            }
            (b'+', _) => out.push(b' '),
            _ => out.push(*byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_as_browsers_write_it() {
        let read = parse("a=1&b=x+y%2Fz&c&d=%C3%A9&&e=%zz");
        let all: Vec<(&str, &str)> = read.iter().collect();
        assert_eq!(
            all,
            [
                ("a", "1"),
                ("b", "x y/z"),
                ("c", ""),
                ("d", "\u{e9}"),
                ("e", "%zz")
            ]
        );
        assert_eq!(parse(&read.to_query()), read);
    }

    #[test]
    fn a_parameter_counts_once_and_without_a_value_not_at_all() {
        let read = parse("a=1&a=2&b=&c=3");
        assert!(read.one("a").is_err());
        assert_eq!(read.one("b"), Ok(None));
        assert_eq!(read.one("c"), Ok(Some("3")));
        assert_eq!(read.one("d"), Ok(None));
    }
}
