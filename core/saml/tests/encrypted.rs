//! Assertions that are encrypted for this service.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod provider;

use provider::{OTHER, PROVIDER, Signing, assertion, expected, metadata, pem, response};
use userpool_crypto::base64;
use userpool_saml::{
    Refused,
    response::{SignedIn, check, check_encrypted, wrapped_key},
};

/// Made with the libraries `cryptography` and `lxml` for Python, for the key of `other.pem`.
const FROM_ELSEWHERE: [&str; 5] = [
    include_str!("vectors/encrypted-aes256.xml"),
    include_str!("vectors/encrypted-aes128.xml"),
    include_str!("vectors/encrypted-signed-around.xml"),
    include_str!("vectors/encrypted-cbc256-both.xml"),
    include_str!("vectors/encrypted-cbc128-signed-around.xml"),
];

/// Checks an encrypted response as the holder of a private key.
fn judge(xml: &str, file: &str) -> Result<SignedIn, Refused> {
    let form = base64::encode(xml.as_bytes());
    let wrapped = wrapped_key(&form)?.ok_or(Refused::Assertions)?;
    let key = wrapped
        .open(&pem(file, "PRIVATE KEY"), &[9; 32])
        .ok_or(Refused::Decryption)?;
    check_encrypted(&expected(&metadata()), &form, &key)
}

#[test]
fn encrypted_assertions_of_another_library_are_understood() {
    for xml in FROM_ELSEWHERE {
        let found = judge(xml, OTHER).unwrap();
        assert_eq!(found.name.value, "ada@example.org");
        assert_eq!(found.assertion, "_a1");
    }
}

#[test]
fn an_encrypted_assertion_is_refused_where_none_may_come() {
    let form = base64::encode(FROM_ELSEWHERE[0].as_bytes());
    assert_eq!(
        check(&expected(&metadata()), &form),
        Err(Refused::Encrypted)
    );
    let plain = base64::encode(response(&Signing::default().sign(&assertion())).as_bytes());
    assert_eq!(wrapped_key(&plain), Ok(None));
}

#[test]
fn another_key_opens_nothing() {
    for xml in FROM_ELSEWHERE {
        assert_eq!(judge(xml, PROVIDER), Err(Refused::Decryption));
    }
}

#[test]
fn changed_ciphertext_is_refused() {
    for (number, xml) in FROM_ELSEWHERE.into_iter().enumerate() {
        for (at, _) in xml.match_indices("CipherValue>") {
            let place = at + "CipherValue>".len() + 20;
            if place + 1 > xml.len() || !xml.is_char_boundary(place) {
                continue;
            }
            let mut bytes = xml.to_owned().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let Ok(changed) = String::from_utf8(bytes) else {
                continue;
            };
            let end = judge(&changed, OTHER);
            assert!(end.is_err() || changed == xml, "{number}: {end:?}");
        }
    }
}

#[test]
fn what_authenticates_nothing_is_opened_inside_of_a_signature_alone() {
    let inside = include_str!("vectors/encrypted-cbc256-signed-inside.xml");
    assert_eq!(judge(inside, OTHER), Err(Refused::Algorithm));
    // Whatever an attacker changes, nobody looks at the padding.
    let around = include_str!("vectors/encrypted-cbc256-both.xml");
    let from = around.rfind("</e:CipherValue>").unwrap();
    let ciphertext = around[..from].rfind("CipherValue>").unwrap() + "CipherValue>".len();
    for at in (ciphertext..from).step_by(97) {
        let mut bytes = around.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert_eq!(judge(&changed, OTHER), Err(Refused::Signature), "{at}");
    }
}

#[test]
fn encryption_alone_proves_nothing() {
    let unsigned = include_str!("vectors/encrypted-unsigned.xml");
    assert_eq!(judge(unsigned, OTHER), Err(Refused::Unsigned));
}

#[test]
fn weak_encryption_is_refused() {
    let xml = FROM_ELSEWHERE[0];
    for (from, to) in [
        (
            "http://www.w3.org/2009/xmlenc11#aes256-gcm",
            "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
        ),
        (
            "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
            "http://www.w3.org/2001/04/xmlenc#rsa-1_5",
        ),
    ] {
        assert!(xml.contains(from));
        assert_eq!(
            judge(&xml.replace(from, to), OTHER),
            Err(Refused::Algorithm)
        );
    }
}
