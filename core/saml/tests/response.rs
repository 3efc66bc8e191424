//! What responses have to fit, one rule after the other.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod provider;

use provider::{
    ADDRESS, ENTITY, LONG, NOW, OTHER, PROVIDER, assertion, document, expected, judge, metadata,
    response, signed, signed_after, signed_whole,
};
use userpool_crypto::base64;
use userpool_saml::{
    Refused,
    metadata::Metadata,
    response::{Asked, Expected, check},
};

fn replaced(from: &str, to: &str) -> String {
    signed_after(|text| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    })
}

#[test]
fn a_signed_assertion_says_who_signed_in() {
    for xml in [signed(), signed_whole()] {
        let found = judge(&xml).unwrap();
        assert_eq!(found.assertion, "_a1");
        assert_eq!(found.name.value, "ada@example.org");
        let format = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
        assert_eq!(found.name.format.as_deref(), Some(format));
        assert_eq!(found.session.as_deref(), Some("_s1"));
        // The conditions end first; a minute more for clocks that differ.
        assert_eq!(found.ends, NOW + 240 + 60);
        let attributes = [
            ("mail".to_owned(), vec!["ada@example.org".to_owned()]),
            (
                "groups".to_owned(),
                vec!["staff".to_owned(), "R&D".to_owned()],
            ),
        ];
        assert_eq!(found.attributes, attributes);
    }
}

#[test]
fn responses_of_another_library_are_understood() {
    for xml in [
        include_str!("vectors/assertion-sha256.xml"),
        include_str!("vectors/response-sha256.xml"),
        include_str!("vectors/both-sha512.xml"),
        include_str!("vectors/long-key-sha384.xml"),
    ] {
        let provider = Metadata::parse(&document(&[OTHER, LONG, PROVIDER]), NOW).unwrap();
        let found = check(&expected(&provider), &base64::encode(xml.as_bytes())).unwrap();
        assert_eq!(found.name.value, "ada@example.org");
        assert_eq!(found.attributes[1].1, ["R&D <all>", "a & b\n"]);
        refuse_changed(
            &provider,
            xml,
            "<AttributeValue>R&amp;D",
            "<AttributeValue>R&amp;E",
        );
    }
    // Made with samlify 2.13 for Node: both signed, with declarations that are not used.
    let (provider, xml) = (metadata(), include_str!("vectors/samlify.xml"));
    let found = judge(xml).unwrap();
    assert_eq!(found.name.value, "ada@example.org");
    assert_eq!(
        found.attributes,
        [("mail".to_owned(), vec!["ada@example.org".to_owned()])]
    );
    refuse_changed(
        &provider,
        xml,
        "SessionIndex=\"_s1\"",
        "SessionIndex=\"_s2\"",
    );
}

fn refuse_changed(provider: &Metadata, xml: &str, from: &str, to: &str) {
    let changed = xml.replace(from, to);
    assert_ne!(changed, xml);
    let end = check(&expected(provider), &base64::encode(changed.as_bytes()));
    assert_eq!(end, Err(Refused::Signature));
}

#[test]
fn line_breaks_in_base64_do_not_matter() {
    let text = base64::encode(signed().as_bytes());
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(76)
        .map(|line| str::from_utf8(line).unwrap())
        .collect();
    assert!(check(&expected(&metadata()), &lines.join("\r\n")).is_ok());
}

#[test]
fn a_failure_is_refused() {
    let failed = signed().replace(":Success", ":Responder");
    assert_eq!(judge(&failed), Err(Refused::Status));
}

#[test]
fn what_has_no_signature_is_refused() {
    assert_eq!(judge(&response(&assertion())), Err(Refused::Unsigned));
}

#[test]
fn a_response_of_another_provider_is_refused() {
    let other = "https://other.example.org";
    assert_eq!(judge(&replaced(ENTITY, other)), Err(Refused::Issuer));
    assert_eq!(
        judge(&signed().replacen(ENTITY, other, 1)),
        Err(Refused::Issuer)
    );
}

#[test]
fn a_response_to_another_address_is_refused() {
    let other = "https://other.example.org/saml2/idpresponse";
    assert_eq!(judge(&replaced(ADDRESS, other)), Err(Refused::Recipient));
    assert_eq!(
        judge(&replaced(&format!(" Recipient=\"{ADDRESS}\""), "")),
        Err(Refused::Recipient)
    );
    assert_eq!(
        judge(&signed().replacen(ADDRESS, other, 1)),
        Err(Refused::Destination)
    );
}

#[test]
fn a_response_for_another_service_is_refused() {
    for audience in [
        "urn:amazon:cognito:sp:us-east-1_Other",
        "",
        "urn:amazon:cognito:sp:us-east-1_Example2",
    ] {
        let end = judge(&replaced(provider::SERVICE, audience));
        assert_eq!(end, Err(Refused::Audience), "{audience}");
    }
    let restriction = format!(
        "<saml:AudienceRestriction><saml:Audience>{}</saml:Audience></saml:AudienceRestriction>",
        provider::SERVICE
    );
    assert_eq!(judge(&replaced(&restriction, "")), Err(Refused::Audience));
    // Every restriction holds; one audience of each is enough.
    let other = restriction.replace(provider::SERVICE, "urn:other");
    let both = format!("{restriction}{other}");
    assert_eq!(
        judge(&replaced(&restriction, &both)),
        Err(Refused::Audience)
    );
    let two = restriction.replacen(
        "<saml:Audience>",
        "<saml:Audience>urn:other</saml:Audience><saml:Audience>",
        1,
    );
    assert!(judge(&replaced(&restriction, &two)).is_ok());
}

#[test]
fn a_condition_that_is_not_understood_is_refused() {
    let known = replaced(
        "<saml:AudienceRestriction>",
        "<saml:OneTimeUse></saml:OneTimeUse><saml:AudienceRestriction>",
    );
    assert!(judge(&known).is_ok());
    let unknown = replaced(
        "<saml:AudienceRestriction>",
        "<saml:Condition></saml:Condition><saml:AudienceRestriction>",
    );
    assert_eq!(judge(&unknown), Err(Refused::Condition));
}

#[test]
fn a_response_to_another_request_is_refused() {
    assert_eq!(
        judge(&replaced("\"_asked\"", "\"_other\"")),
        Err(Refused::InResponseTo)
    );
    assert_eq!(
        judge(&replaced(" InResponseTo=\"_asked\"", "")),
        Err(Refused::InResponseTo)
    );
    let outer = signed().replacen("\"_asked\"", "\"_other\"", 1);
    assert_eq!(judge(&outer), Err(Refused::InResponseTo));
}

#[test]
fn a_response_is_good_for_its_time_alone() {
    let provider = metadata();
    let at = |now| {
        let expected = Expected {
            now,
            ..expected(&provider)
        };
        check(&expected, &base64::encode(signed().as_bytes()))
    };
    assert_eq!(at(NOW - 121), Err(Refused::NotYetValid));
    assert!(at(NOW - 120).is_ok());
    assert!(at(NOW + 299).is_ok());
    assert_eq!(at(NOW + 300), Err(Refused::Expired));
    assert_eq!(at(i64::MIN), Err(Refused::NotYetValid));
    assert_eq!(at(i64::MAX), Err(Refused::Expired));
    let endless = replaced(" NotOnOrAfter=\"2026-01-02T03:09:05Z\"", "");
    assert_eq!(judge(&endless), Err(Refused::Confirmation));
    let ended = replaced(
        "SessionIndex=\"_s1\"",
        "SessionIndex=\"_s1\" SessionNotOnOrAfter=\"2026-01-02T03:03:05Z\"",
    );
    assert_eq!(judge(&ended), Err(Refused::Expired));
}

#[test]
fn a_response_nobody_asked_for_is_taken_where_it_may_come_and_is_young() {
    let provider = metadata();
    let at = |now, xml: &str| {
        let asked = Asked::Nothing { at_most: 360 };
        let expected = Expected {
            now,
            asked,
            ..expected(&provider)
        };
        check(&expected, &base64::encode(xml.as_bytes()))
    };
    let unasked = signed_after(|text| {
        text.replace(" InResponseTo=\"_asked\"", "")
            .replace("03:09:05Z", "09:09:05Z")
            .replace("03:08:05Z", "09:08:05Z")
    });
    let unasked = unasked.replace(" InResponseTo=\"_asked\"", "");
    assert!(at(NOW, &unasked).is_ok());
    assert!(at(NOW + 360, &unasked).is_ok());
    assert_eq!(at(NOW + 361, &unasked), Err(Refused::Expired));
    assert_eq!(at(NOW - 61, &unasked), Err(Refused::NotYetValid));
    assert_eq!(at(NOW, &signed()), Err(Refused::InResponseTo));
    assert_eq!(judge(&unasked), Err(Refused::InResponseTo));
}

#[test]
fn a_name_that_cannot_be_used_is_refused() {
    for name in [
        "",
        " ada",
        "ada ",
        "ada\u{1F600}",
        "a\u{7F}da",
        "<b></b>ada",
    ] {
        let end = judge(&signed_after(|text| {
            text.replacen(">ada@example.org<", &format!(">{name}<"), 1)
        }));
        let kind = if name.starts_with('<') {
            Refused::Malformed
        } else {
            Refused::NameId
        };
        assert_eq!(end, Err(kind), "{name:?}");
    }
    let long = "a".repeat(2_049);
    let end = judge(&signed_after(|text| {
        text.replacen("ada@example.org", &long, 1)
    }));
    assert_eq!(end, Err(Refused::NameId));
    let three = signed_after(|text| text.replacen("ada@example.org", "ääda€", 1));
    assert_eq!(judge(&three).unwrap().name.value, "ääda€");
}

#[test]
fn only_bearers_sign_in() {
    let end = judge(&replaced("cm:bearer", "cm:holder-of-key"));
    assert_eq!(end, Err(Refused::Confirmation));
    let end = judge(&signed_after(|text| {
        let (before, rest) = text.split_once("<saml:AuthnStatement").unwrap();
        format!(
            "{before}{}",
            rest.split_once("</saml:AuthnStatement>").unwrap().1
        )
    }));
    assert_eq!(end, Err(Refused::Statement));
}

#[test]
fn other_versions_are_refused() {
    assert_eq!(
        judge(&replaced("Version=\"2.0\"", "Version=\"1.1\"")),
        Err(Refused::Version)
    );
    let outer = signed().replacen("Version=\"2.0\"", "Version=\"1.1\"", 1);
    assert_eq!(judge(&outer), Err(Refused::Version));
}
