//! RS256 against Wycheproof's signatures: right ones at the edges, and wrong ones that others let pass.

#![expect(
    clippy::unwrap_used,
    reason = "a test whose data is wrong may fail anywhere"
)]

use serde_json::Value;
use userpool_crypto::rs256::PublicKey;

#[test]
fn signatures_of_2048_bits_are_told_apart() {
    judge(include_str!("../../vectors/wycheproof_rsa_2048.json"), 259);
}

#[test]
fn signatures_of_4096_bits_are_told_apart() {
    judge(include_str!("../../vectors/wycheproof_rsa_4096.json"), 258);
}

/// Only what is valid verifies; "acceptable" ones break RFC 8017 too, and are refused.
fn judge(vectors: &str, expected: usize) {
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    let mut judged = 0;
    for group in vectors["groups"].as_array().unwrap() {
        let key = PublicKey::new(&bytes(group, "modulus"), &bytes(group, "exponent")).unwrap();
        for test in group["tests"].as_array().unwrap() {
            let verified = key.verify(&bytes(test, "msg"), &bytes(test, "sig"));
            let number = &test["tcId"];
            let comment = &test["comment"];
            assert_eq!(verified, test["result"] == "valid", "{number} {comment}");
            judged += 1;
        }
    }
    assert_eq!(judged, expected);
}

/// The bytes of a member in hexadecimal, with its zeros in front.
fn bytes(value: &Value, member: &str) -> Vec<u8> {
    let (pairs, rest) = value[member].as_str().unwrap().as_bytes().as_chunks::<2>();
    assert!(rest.is_empty());
    pairs
        .iter()
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
