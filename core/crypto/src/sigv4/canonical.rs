//! The canonical form of a request.

use alloc::string::String;
use alloc::vec::Vec;

use crate::digest::sha256;
use crate::integer::hex;

/// The parameter with the signature of a presigned address.
pub(super) const QUERY_SIGNATURE: &str = "X-Amz-Signature";

/// A request as it was received.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method.
    pub method: &'a str,
    /// The path as it stands in the request line.
    pub path: &'a str,
    /// The query as it stands in the request line, without its question mark.
    pub query: &'a str,
    /// Names, in any case, and values of the headers. HTTP/2's `:authority` belongs here as `host`.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: &'a [u8],
}

impl Request<'_> {
    /// The one value of a header; none if it is absent, or there more than once.
    pub(super) fn single(&self, name: &str) -> Option<&str> {
        let mut values = self.values(name);
        values.next().filter(|_| values.next().is_none())
    }

    /// The one value of a parameter of the query; none if it is absent, or there more than once.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let mut values = self.parameters().filter(|(known, _)| known == name);
        let (_, value) = values.next().filter(|_| values.next().is_none())?;
        String::from_utf8(decoded(value)).ok()
    }

    /// Whether the query has a parameter.
    pub(super) fn has_parameter(&self, name: &str) -> bool {
        self.parameters().any(|(known, _)| known == name)
    }

    /// The decoded names of the query's parameters with their values as they stand.
    fn parameters(&self) -> impl Iterator<Item = (String, &str)> {
        let parameters = self.query.split('&').filter(|part| !part.is_empty());
        parameters.map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (String::from_utf8_lossy(&decoded(name)).into_owned(), value)
        })
    }

    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }
}

/// The hash of the canonical request over the named headers, or nothing where one of them is absent.
///
/// The names are in lower case and sorted.
pub(super) fn canonical_hash<S: AsRef<str>>(
    request: &Request<'_>,
    signed_headers: &[S],
    path: PathForm,
    payload: &str,
) -> Option<[u8; 32]> {
    let mut text = String::new();
    text.push_str(request.method);
    text.push('\n');
    match path {
        PathForm::Ordinary => push_path(&mut text, request.path),
        PathForm::Objects => push_object_path(&mut text, request.path),
    }
    text.push('\n');
    push_query(&mut text, request.query);
    text.push('\n');
    for (at, name) in signed_headers.iter().enumerate() {
        debug_assert!(at == 0 || signed_headers[at - 1].as_ref() < name.as_ref());
        let name = name.as_ref();
        text.push_str(name);
        text.push(':');
        let mut values = request.values(name);
        push_trimmed(&mut text, values.next()?);
        for value in values {
            text.push(',');
            push_trimmed(&mut text, value);
        }
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&list(signed_headers));
    text.push('\n');
    text.push_str(payload);
    Some(sha256(&[text.as_bytes()]))
}

/// The names of the signed headers as one text.
pub(super) fn list<S: AsRef<str>>(signed_headers: &[S]) -> String {
    let names: Vec<&str> = signed_headers.iter().map(AsRef::as_ref).collect();
    names.join(";")
}

/// How a service writes paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PathForm {
    /// Normalised, and encoded once more.
    Ordinary,
    /// As S3 does: the names of objects stay as they are, and are encoded once.
    Objects,
}

impl PathForm {
    /// The form of a service's paths.
    pub(super) fn of(service: &str) -> Self {
        match service {
            "s3" => Self::Objects,
            _ => Self::Ordinary,
        }
    }
}

/// The path with every segment as it is, in its one encoding.
fn push_object_path(text: &mut String, path: &str) {
    if !path.starts_with('/') {
        text.push('/');
    }
    for (at, segment) in path.split('/').enumerate() {
        if at > 0 {
            text.push('/');
        }
        push_encoded(text, &decoded(segment));
    }
}

/// The path without empty and dot segments, each segment encoded once more.
fn push_path(text: &mut String, path: &str) {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            name => segments.push(name),
        }
    }
    for segment in &segments {
        text.push('/');
        push_encoded(text, segment.as_bytes());
    }
    let ends_open = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    if segments.is_empty() || ends_open {
        text.push('/');
    }
}

/// The parameters of the query, sorted by name and value, in their one encoding.
fn push_query(text: &mut String, query: &str) {
    let mut parameters: Vec<String> = query
        .split('&')
        .filter(|parameter| !parameter.is_empty())
        .map(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let mut encoded = String::new();
            push_encoded(&mut encoded, &decoded(name));
            encoded.push('=');
            push_encoded(&mut encoded, &decoded(value));
            encoded
        })
        .filter(|parameter| !is_signature(parameter))
        .collect();
    // '=' sorts after '-', '.' and digits, which names may contain: compare the parts.
    parameters.sort_by(|left, right| left.split('=').cmp(right.split('=')));
    text.push_str(&parameters.join("&"));
}

/// Whether a parameter is the signature itself, which signs all others.
fn is_signature(parameter: &str) -> bool {
    parameter
        .strip_prefix(QUERY_SIGNATURE)
        .is_some_and(|rest| rest.starts_with('='))
}

/// The value without spaces at its ends, and with single ones within.
fn push_trimmed(text: &mut String, value: &str) {
    let mut words = value
        .split(|letter: char| letter.is_ascii_whitespace())
        .filter(|word| !word.is_empty());
    if let Some(first) = words.next() {
        text.push_str(first);
    }
    for word in words {
        text.push(' ');
        text.push_str(word);
    }
}

/// Everything but letters, digits and `-._~` as `%XX` (RFC 3986 §2.3).
fn push_encoded(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            text.push('%');
            text.push_str(&hex(&[*byte]).to_ascii_uppercase());
        }
    }
}

/// The bytes that `%XX` stand for; a `%` that is not followed by two digits stands for itself.
fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let escaped = match (first, tail) {
            (b'%', [high, low, after @ ..]) => digit(*high)
                .zip(digit(*low))
                .map(|(high, low)| (high << 4 | low, after)),
            _ => None,
        };
        match escaped {
            Some((byte, after)) => {
                bytes.push(byte);
                rest = after;
            }
            None => bytes.push(*first),
        }
    }
    bytes
}

fn digit(letter: u8) -> Option<u8> {
    char::from(letter).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(path: &str) -> String {
        let mut text = String::new();
        push_path(&mut text, path);
        text
    }

    fn query(query: &str) -> String {
        let mut text = String::new();
        push_query(&mut text, query);
        text
    }

    #[test]
    fn a_path_is_normalised_and_encoded() {
        for (given, expected) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("/./", "/"),
            ("/example/..", "/"),
            ("/example1/example2/../..", "/"),
            ("/../..", "/"),
            ("/./example", "/example"),
            ("//example//", "/example/"),
            ("/a/b/..", "/a/"),
            ("/example space/", "/example%20space/"),
            ("/example%20space", "/example%2520space"),
            ("/\u{1234}", "/%E1%88%B4"),
        ] {
            assert_eq!(path(given), expected, "{given}");
        }
    }

    #[test]
    fn a_query_is_sorted_and_encoded_once() {
        for (given, expected) in [
            ("", ""),
            ("Param2=value2&Param1=value1", "Param1=value1&Param2=value2"),
            ("Param1=value2&Param1=Value1", "Param1=Value1&Param1=value2"),
            ("a-b=1&a=2", "a=2&a-b=1"),
            ("flag", "flag="),
            ("&&a=1&", "a=1"),
            ("a=%7e%41%2F", "a=~A%2F"),
            ("a=b=c", "a=b%3Dc"),
            ("a=x+y", "a=x%2By"),
            ("a=100%&b=%zz", "a=100%25&b=%25zz"),
            ("\u{1234}=bar", "%E1%88%B4=bar"),
        ] {
            assert_eq!(query(given), expected, "{given}");
        }
    }

    #[test]
    fn a_value_is_trimmed_within_and_without() {
        let mut text = String::new();
        push_trimmed(&mut text, "  \"a   b   c\"\t ");
        assert_eq!(text, "\"a b c\"");
    }

    #[test]
    fn a_signed_header_must_be_there() {
        let request = Request {
            method: "GET",
            path: "/",
            query: "",
            headers: &[("Host", "h")],
            body: b"",
        };
        assert!(canonical_hash(&request, &["host"], PathForm::Ordinary, "").is_some());
        assert!(
            canonical_hash(&request, &["host", "x-amz-date"], PathForm::Ordinary, "").is_none()
        );
    }
}
