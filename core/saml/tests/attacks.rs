//! What has broken other service providers: wrapped signatures, split texts, foreign keys, confused algorithms.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod provider;

use provider::{
    OTHER, PROVIDER, Signing, assertion, insert, judge, pem, response, signed, signed_after,
    signed_whole,
};
use userpool_crypto::{base64, digest::hmac_sha256};
use userpool_saml::Refused;

/// The assertion that an attacker would like to be believed.
fn evil(id: &str) -> String {
    assertion()
        .replace("ada@example.org", "root@example.org")
        .replace("\"_a1\"", &format!("\"{id}\""))
}

fn signature() -> String {
    Signing::default().of(&assertion())
}

/// The eight variants of Somorovsky et al., "On Breaking SAML: Be Whoever You Want to Be" (USENIX Security 2012), as
/// the tools that try them number them.
#[test]
fn no_wrapped_signature_is_accepted() {
    let whole = response(&assertion());
    let of_whole = Signing {
        uri: "#_r1",
        ..Signing::default()
    }
    .of(&whole);
    let evil_whole = response(&evil("_a2")).replace("\"_r1\"", "\"_r2\"");
    let within = |signature: &str, text: &str| {
        signature.replace("</ds:Signature>", &format!("{text}</ds:Signature>"))
    };
    let object = |text: &str| format!("<ds:Object>{text}</ds:Object>");
    let extensions = |text: &str| format!("<samlp:Extensions>{text}</samlp:Extensions>");
    let good = Signing::default().sign(&assertion());

    for (variant, end, xml) in [
        (
            1,
            Refused::Assertions,
            insert(&evil_whole, &within(&of_whole, &whole)),
        ),
        (
            2,
            Refused::Assertions,
            insert(&evil_whole, &format!("{whole}{of_whole}")),
        ),
        (
            3,
            Refused::Assertions,
            response(&format!("{}{good}", evil("_a2"))),
        ),
        (
            4,
            Refused::Assertions,
            response(&insert(&evil("_a2"), &good)),
        ),
        (
            5,
            Refused::Assertions,
            response(&format!(
                "{}{}",
                insert(&evil("_a2"), &signature()),
                assertion()
            )),
        ),
        (
            6,
            Refused::Assertions,
            response(&insert(&evil("_a2"), &within(&signature(), &assertion()))),
        ),
        (
            7,
            Refused::DuplicateId,
            insert(&response(&good), &extensions(&evil("_a1"))),
        ),
        (
            8,
            Refused::Assertions,
            response(&insert(
                &evil("_a2"),
                &within(&signature(), &object(&assertion())),
            )),
        ),
        // The same with one assertion where it belongs, and the signed one where only its id leads.
        (
            9,
            Refused::Assertions,
            insert(
                &response(&insert(&evil("_a2"), &signature())),
                &extensions(&assertion()),
            ),
        ),
        (
            10,
            Refused::Assertions,
            insert(&response(&evil("_a2")), &extensions(&good)),
        ),
        (
            11,
            Refused::Signature,
            response(&insert(&evil("_a1"), &signature())),
        ),
        (
            12,
            Refused::Signature,
            insert(&response(&evil("_a2")), &signature()),
        ),
        (
            13,
            Refused::Assertions,
            response(&insert(
                &evil("_a2"),
                &format!("<saml:Advice>{good}</saml:Advice>"),
            )),
        ),
        (
            14,
            Refused::Assertions,
            response(&good).replace(
                "</samlp:Response>",
                &format!("{}</samlp:Response>", evil("_a2")),
            ),
        ),
    ] {
        assert_eq!(judge(&xml), Err(end), "{variant}");
    }
}

#[test]
fn an_assertion_of_another_namespace_beside_the_signed_one_is_refused() {
    let evil = evil("_a2").replace("urn:oasis:names:tc:SAML:2.0:assertion", "urn:other");
    let xml = signed().replace("</samlp:Response>", &format!("{evil}</samlp:Response>"));
    assert_eq!(judge(&xml), Err(Refused::Assertions));
}

#[test]
fn a_comment_or_an_instruction_in_a_name_cuts_nothing_off() {
    let xml = signed_after(|text| {
        text.replacen(">ada@example.org<", ">ada@example.org.evil.example<", 1)
    });
    let split = xml.replacen(">ada@example.org.evil", ">ada@example.org<!-- -->.evil", 1);
    assert_ne!(split, xml);
    // Canonicalization drops the comment, so that the signature holds: the name is the whole one.
    assert_eq!(
        judge(&split).unwrap().name.value,
        "ada@example.org.evil.example"
    );
    let split = xml.replacen(">ada@example.org.evil", ">ada@example.org<?cut ?>.evil", 1);
    assert_eq!(judge(&split), Err(Refused::Signature));
    let split = xml.replacen(
        ">ada@example.org.evil",
        "><![CDATA[ada@example.org]]>.evil",
        1,
    );
    assert_eq!(
        judge(&split).unwrap().name.value,
        "ada@example.org.evil.example"
    );
    let audience = signed().replacen(">urn:amazon", "><!-- -->urn:ama<!-- -->zon", 1);
    assert!(judge(&audience).is_ok());
}

#[test]
fn document_types_and_entities_are_refused() {
    for prolog in [
        "<!DOCTYPE r>",
        "<!DOCTYPE r [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>",
        "<!DOCTYPE r [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>",
        "<!DOCTYPE r SYSTEM 'http://127.0.0.1/evil.dtd'>",
        "<!DOCTYPE r [<!ATTLIST saml:Assertion ID ID #IMPLIED>]>",
    ] {
        assert_eq!(
            judge(&format!("{prolog}{}", signed())),
            Err(Refused::Malformed),
            "{prolog}"
        );
    }
    let xml = signed().replacen("ada@example.org", "&e;", 1);
    assert_eq!(judge(&xml), Err(Refused::Malformed));
}

#[test]
fn an_id_that_comes_twice_is_refused() {
    for attribute in ["ID", "Id", "id", "xml:id"] {
        let xml = signed().replacen(
            "<samlp:Status>",
            &format!("<samlp:Status {attribute}=\"_a1\">"),
            1,
        );
        assert_eq!(judge(&xml), Err(Refused::DuplicateId), "{attribute}");
    }
}

#[test]
fn a_signature_by_another_key_is_refused_whatever_it_says_of_keys() {
    let certificate = base64::encode(&pem(OTHER, "CERTIFICATE"));
    let own = format!(
        "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    );
    for key_info in ["", &own] {
        let signing = Signing {
            file: OTHER,
            key_info,
            ..Signing::default()
        };
        let xml = response(&signing.sign(&assertion()));
        assert_eq!(judge(&xml), Err(Refused::Signature));
    }
    // And a right one is right, whatever it says.
    let signing = Signing {
        key_info: &own,
        ..Signing::default()
    };
    assert!(judge(&response(&signing.sign(&assertion()))).is_ok());
}

#[test]
fn the_key_of_the_provider_is_no_secret_that_signs() {
    let certificate = pem(PROVIDER, "CERTIFICATE");
    for method in [
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
    ] {
        let signing = Signing {
            method,
            ..Signing::default()
        };
        let element = assertion();
        let signature =
            signing.made_by(&element, |text| hmac_sha256(&certificate, &[text]).to_vec());
        assert_eq!(
            judge(&response(&insert(&element, &signature))),
            Err(Refused::Algorithm)
        );
    }
    let element = assertion();
    let signature =
        Signing::default().made_by(&element, |text| hmac_sha256(&certificate, &[text]).to_vec());
    assert_eq!(
        judge(&response(&insert(&element, &signature))),
        Err(Refused::Signature)
    );
}

#[test]
fn weak_and_unknown_algorithms_are_refused() {
    for method in [
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "none",
        "",
    ] {
        let signing = Signing {
            method,
            ..Signing::default()
        };
        assert_eq!(
            judge(&response(&signing.sign(&assertion()))),
            Err(Refused::Algorithm),
            "{method}"
        );
    }
    for digest_method in [
        "http://www.w3.org/2000/09/xmldsig#sha1",
        "http://www.w3.org/2001/04/xmldsig-more#md5",
        "",
    ] {
        let signing = Signing {
            digest_method,
            ..Signing::default()
        };
        assert_eq!(
            judge(&response(&signing.sign(&assertion()))),
            Err(Refused::Algorithm),
            "{digest_method}"
        );
    }
    for canonicalization in [
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "",
    ] {
        let signing = Signing {
            canonicalization,
            ..Signing::default()
        };
        assert_eq!(
            judge(&response(&signing.sign(&assertion()))),
            Err(Refused::Algorithm),
            "{canonicalization}"
        );
    }
}

#[test]
fn other_transforms_are_refused() {
    let (enveloped, exclusive) = (
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
    );
    for transforms in [
        &[][..],
        &[enveloped],
        &[exclusive],
        &[exclusive, enveloped],
        &[enveloped, exclusive, exclusive],
        &[enveloped, "http://www.w3.org/TR/1999/REC-xslt-19991116"],
        &["http://www.w3.org/TR/1999/REC-xpath-19991116", exclusive],
        &["http://www.w3.org/2000/09/xmldsig#base64", exclusive],
    ] {
        let signing = Signing {
            transforms,
            ..Signing::default()
        };
        assert_eq!(
            judge(&response(&signing.sign(&assertion()))),
            Err(Refused::Algorithm),
            "{transforms:?}"
        );
    }
}

#[test]
fn a_signature_of_something_else_is_refused() {
    for uri in [
        "",
        "#",
        "#_r1",
        "_a1",
        "#_A1",
        "#xpointer(id('_a1'))",
        "https://idp.example.org/a1",
    ] {
        let signing = Signing {
            uri,
            ..Signing::default()
        };
        assert_eq!(
            judge(&response(&signing.sign(&assertion()))),
            Err(Refused::Signature),
            "{uri}"
        );
    }
    let xml = signed();
    let (before, rest) = xml.split_once("<ds:Reference").unwrap();
    let (reference, after) = rest.split_once("</ds:Reference>").unwrap();
    let reference = format!("<ds:Reference{reference}</ds:Reference>");
    assert_eq!(
        judge(&format!("{before}{reference}{reference}{after}")),
        Err(Refused::Signature)
    );
    assert_eq!(judge(&format!("{before}{after}")), Err(Refused::Signature));
}

#[test]
fn a_second_signature_has_to_be_right_too() {
    let inner = Signing::default().sign(&assertion());
    let wrong = Signing {
        file: OTHER,
        uri: "#_r1",
        ..Signing::default()
    }
    .sign(&response(&inner));
    assert_eq!(judge(&wrong), Err(Refused::Signature));
    let right = Signing {
        uri: "#_r1",
        ..Signing::default()
    }
    .sign(&response(&inner));
    assert!(judge(&right).is_ok());
    let twice = signed().replacen(
        "<ds:Signature ",
        &format!("{}<ds:Signature ", signature()),
        1,
    );
    assert_eq!(judge(&twice), Err(Refused::Signature));
}

/// Every fifth byte: the rest takes long where nothing is optimised.
#[test]
fn no_single_byte_can_be_changed_so_that_something_else_is_believed() {
    for xml in [signed(), signed_whole()] {
        let meant = judge(&xml).unwrap();
        let mut accepted = 0;
        for place in (0..xml.len()).step_by(5) {
            let mut bytes = xml.clone().into_bytes();
            bytes[place] ^= 1 << (place % 7);
            let Ok(changed) = String::from_utf8(bytes) else {
                continue;
            };
            if let Ok(found) = judge(&changed) {
                assert_eq!(found, meant, "at {place}");
                accepted += 1;
            }
        }
        // What is around a signed assertion, and blanks, may differ.
        assert!(accepted < xml.len() / 20, "{accepted}");
    }
}

#[test]
fn no_cut_of_a_response_is_accepted_or_panics() {
    let xml = signed();
    for length in (0..xml.len()).step_by(5) {
        assert!(judge(&xml[..length]).is_err(), "{length}");
        assert!(judge(&xml[length..]).is_err() || length == 0, "{length}");
    }
}

#[test]
fn what_would_take_long_is_refused() {
    let bounded = |inner: String| {
        let xml = response(&inner);
        let xml: String = xml.chars().take(74_000).collect();
        judge(&xml).unwrap_err()
    };
    assert_eq!(
        judge(&response(&"x".repeat(80_000))),
        Err(Refused::TooLarge)
    );
    assert_eq!(
        bounded("<a>".repeat(100) + &"</a>".repeat(100)),
        Refused::TooLarge
    );
    assert_eq!(
        bounded((0..4_000).map(|n| format!("<a xmlns:n{n}='u'/>")).collect()),
        Refused::TooLarge
    );
    let attributes: String = (0..9_000).map(|n| format!(" a{n}=''")).collect();
    assert_eq!(bounded(format!("<a{attributes}/>")), Refused::TooLarge);
}
