//! Documents of real libraries, changed at random: nothing panics, and what is still accepted says what it said before.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod provider;

use proptest::{prelude::*, sample::Index};
use provider::{LONG, NOW, OTHER, PROVIDER, document, expected};
use userpool_crypto::base64;
use userpool_saml::{
    metadata::Metadata,
    redirect::{Direction, Incoming, Received},
    response::check,
    sign_out,
};

const RESPONSES: [&str; 4] = [
    include_str!("vectors/assertion-sha256.xml"),
    include_str!("vectors/response-sha256.xml"),
    include_str!("vectors/both-sha512.xml"),
    include_str!("vectors/long-key-sha384.xml"),
];

/// What happens to a document at a place.
#[derive(Clone, Debug)]
enum Change {
    /// A byte becomes this one.
    Byte(u8),
    /// As many bytes are gone.
    Gone(usize),
    /// As many bytes come from elsewhere.
    Copied(Index, usize),
    /// This is put there.
    Put(&'static str),
}

fn change() -> impl Strategy<Value = Change> {
    let bytes = prop::sample::select(b"<>/\"'=& \0aAzZ09#:-!?\xFF".to_vec());
    let texts = prop::sample::select(vec![
        "<!---->",
        "<?a b?>",
        "<![CDATA[a]]>",
        "&#0;",
        "&amp;",
        " ID=\"_a1\"",
        " xmlns=\"urn:x\"",
        "<!DOCTYPE a [<!ENTITY b \"c\">]>",
        "</saml:Assertion>",
    ]);
    prop_oneof![
        bytes.prop_map(Change::Byte),
        (1_usize..200).prop_map(Change::Gone),
        (any::<Index>(), 1_usize..400).prop_map(|(from, length)| Change::Copied(from, length)),
        texts.prop_map(Change::Put),
    ]
}

fn changed(text: &str, changes: &[(Index, Change)]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (at, change) in changes {
        let at = at.index(bytes.len());
        match change {
            Change::Byte(byte) => bytes[at] = *byte,
            // One byte stays, so that there is a place for the next change.
            Change::Gone(length) => drop(bytes.drain(at..(bytes.len() - 1).min(at + length))),
            Change::Copied(from, length) => {
                let from = from.index(bytes.len());
                let end = bytes.len().min(from + length);
                let part = bytes[from..end].to_vec();
                bytes.splice(at..at, part);
            }
            Change::Put(text) => drop(bytes.splice(at..at, text.bytes())),
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_response_that_was_changed_says_nothing_else(
        which in 0..RESPONSES.len(),
        changes in prop::collection::vec((any::<Index>(), change()), 1..4),
    ) {
        let provider = Metadata::parse(&document(&[OTHER, LONG, PROVIDER]), NOW).unwrap();
        let before = check(&expected(&provider), &base64::encode(RESPONSES[which].as_bytes())).unwrap();
        let after = check(&expected(&provider), &base64::encode(&changed(RESPONSES[which], &changes)));
        if let Ok(after) = after {
            prop_assert_eq!(after, before);
        }
    }

    #[test]
    fn metadata_and_requests_that_were_changed_are_read_or_refused(
        changes in prop::collection::vec((any::<Index>(), change()), 1..6),
    ) {
        let bytes = changed(&document(&[PROVIDER]), &changes);
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(read) = Metadata::parse(&text, NOW) {
            prop_assert!(read.sign_in.starts_with("http") && !read.certificates.is_empty());
        }
        let provider = provider::metadata();
        let bytes = changed(RESPONSES[0], &changes);
        let form = base64::encode(&bytes);
        let asked = sign_out::Expected { provider: &provider, address: provider::ADDRESS, now: NOW };
        prop_assert!(sign_out::check(&asked, Received::Form(&form)).is_err());
        let query = format!("SAMLRequest={}", String::from_utf8_lossy(&bytes));
        prop_assert!(Incoming::parse(&query, Direction::Request).is_err());
    }
}
