//! What is read of metadata, and which metadata is refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod provider;

use provider::{ENTITY, LONG, NOW, OTHER, PROVIDER, document, pem};
use userpool_crypto::base64;
use userpool_saml::{Refused, metadata::Metadata};

fn parse(text: &str) -> Result<Metadata, Refused> {
    Metadata::parse(text, NOW)
}

fn replaced(from: &str, to: &str) -> Result<Metadata, Refused> {
    let text = document(&[PROVIDER]);
    assert!(text.contains(from), "{from}");
    parse(&text.replace(from, to))
}

#[test]
fn metadata_says_who_where_and_with_which_keys() {
    let found = parse(&document(&[PROVIDER, LONG, PROVIDER])).unwrap();
    assert_eq!(found.entity_id, ENTITY);
    assert_eq!(found.sign_in, "https://idp.example.org/sso?a=b");
    assert_eq!(
        found.sign_out.as_deref(),
        Some("https://idp.example.org/slo")
    );
    assert!(found.wants_signed);
    assert_eq!(found.ends, None);
    let keys = [PROVIDER, LONG].map(|file| pem(file, "CERTIFICATE"));
    assert_eq!(found.certificates, keys);
}

#[test]
fn a_group_of_entities_has_one_identity_provider() {
    let (_, entity) = document(&[PROVIDER])
        .split_once("?>")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let group = |inner: &str| {
        format!(
            r#"<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">{inner}</md:EntitiesDescriptor>"#
        )
    };
    let service = r#"<md:EntityDescriptor entityID="https://sp.example.org"><md:SPSSODescriptor/></md:EntityDescriptor>"#;
    assert!(parse(&group(&format!("{service}{entity}"))).is_ok());
    assert_eq!(
        parse(&group(&format!("{entity}{entity}"))),
        Err(Refused::Metadata)
    );
    assert_eq!(parse(&group(service)), Err(Refused::Metadata));
}

#[test]
fn metadata_that_lacks_something_is_refused() {
    for (from, to, end) in [
        (ENTITY, "", Refused::Metadata),
        ("entityID", "entity", Refused::Metadata),
        ("IDPSSODescriptor", "SPSSODescriptor", Refused::Metadata),
        ("SAML:2.0:protocol", "SAML:1.1:protocol", Refused::Metadata),
        ("SingleSignOnService", "Other", Refused::Metadata),
        ("bindings:HTTP-", "bindings:SOAP-", Refused::Metadata),
        (
            "https://idp.example.org/sso",
            "javascript:alert(1)//",
            Refused::Metadata,
        ),
        (
            "https://idp.example.org/sso",
            "https://idp.example.org/s s&#10;o",
            Refused::Metadata,
        ),
        (
            "https://idp.example.org/slo",
            "ftp://idp.example.org",
            Refused::Metadata,
        ),
        (
            "use=\"signing\"",
            "use=\"encryption\"",
            Refused::Certificate,
        ),
        ("X509Certificate>", "X509SKI>", Refused::Certificate),
        ("md:EntityDescriptor>", "md:Entity>", Refused::Malformed),
        (
            "<?xml version=\"1.0\"?>",
            "<!DOCTYPE a>",
            Refused::Malformed,
        ),
    ] {
        assert_eq!(replaced(from, to).err(), Some(end), "{from}: {to}");
    }
    for text in ["", "<", "{}", "not found", "\u{0}"] {
        assert_eq!(parse(text).err(), Some(Refused::Malformed));
    }
    assert_eq!(parse(&" ".repeat(600_000)).err(), Some(Refused::TooLarge));
    let forms = replaced("bindings:HTTP-Redirect", "bindings:SOAP").unwrap();
    assert!(forms.posts && !parse(&document(&[PROVIDER])).unwrap().posts);
    assert_eq!(forms.sign_in, "https://idp.example.org/post");
    let (from, to) = (
        "slo\"",
        "slo\" ResponseLocation=\"https://idp.example.org/slr\"",
    );
    let answered = replaced(from, to).unwrap().sign_out_answer;
    assert_eq!(answered.as_deref(), Some("https://idp.example.org/slr"));
    let without = replaced("SingleLogoutService", "Other").unwrap();
    assert_eq!(without.sign_out, None);
}

#[test]
fn metadata_ends() {
    let until = |text: &str| replaced("entityID=", &format!("validUntil=\"{text}\" entityID="));
    assert_eq!(until("2026-01-02T03:04:05Z").err(), Some(Refused::Expired));
    assert_eq!(until("2026-01-02T03:04:06Z").unwrap().ends, Some(NOW + 1));
    assert_eq!(until("soon").err(), Some(Refused::Malformed));
}

/// A certificate cut or changed anywhere gives another key or none, and no panic.
#[test]
fn certificates_that_are_broken_have_no_key() {
    let right = base64::encode(&pem(OTHER, "CERTIFICATE"));
    let der = pem(OTHER, "CERTIFICATE");
    let with = |der: &[u8]| {
        let text = document(&[OTHER]).replace(&right, &base64::encode(der));
        parse(&text)
    };
    assert!(with(&der).is_ok());
    for length in 0..der.len() {
        assert_eq!(
            with(&der[..length]).err(),
            Some(Refused::Certificate),
            "{length}"
        );
    }
    for place in 0..der.len() {
        let mut changed = der.clone();
        changed[place] ^= 0xFF;
        let _ = with(&changed);
    }
}
