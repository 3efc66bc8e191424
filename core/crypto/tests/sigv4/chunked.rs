//! Bodies in chunks: those of the S3 API reference, and everything changed in them.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value;
use userpool_crypto::secret::SecretText;
use userpool_crypto::sigv4::{
    Authorization, Expectation, Payloads, Request, SigV4Error, verify, verify_body,
};

use crate::suite::{authorization, expectation, headers, text, vectors};

/// Who botocore 1.43.11 says signed a request whose chunks nobody signed.
const UNSIGNED: &str = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
    SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length, \
    Signature=e1cdf49c787e287d2073c8eea2b96aadc56e42104f036b02a5cda8fdcd3b25fe";

/// The body of a vector: chunks of the letter `a`, and trailers.
fn body(case: &Value) -> Vec<u8> {
    let mut body = Vec::new();
    for chunk in case["chunks"].as_array().unwrap() {
        let length = chunk["a"].as_u64().unwrap() as usize;
        let signature = text(chunk, "signature");
        body.extend(format!("{length:x};chunk-signature={signature}\r\n").bytes());
        body.extend(vec![b'a'; length]);
        if length > 0 {
            body.extend(b"\r\n");
        }
    }
    for trailer in case["trailers"].as_array().unwrap() {
        body.extend(format!("{}\r\n", trailer.as_str().unwrap()).bytes());
    }
    if let Some(signature) = case["trailer_signature"].as_str() {
        body.extend(format!("x-amz-trailer-signature:{signature}\r\n").bytes());
    }
    body.extend(b"\r\n");
    body
}

fn check(group: &Value, case: &Value, body: &[u8]) -> Result<Vec<u8>, SigV4Error> {
    let mut headers = headers(&case["headers"]);
    headers.push(("x-amz-date", text(group, "date")));
    let request = Request {
        method: text(case, "method"),
        path: text(case, "path"),
        query: "",
        headers: &headers,
        body,
    };
    let parsed = Authorization::parse(&authorization(group, case)).unwrap();
    let secret = SecretText::new(text(group, "secret").into());
    let expected = expectation(group, Payloads::Covered);
    // Who does not look at chunks does not take them for covered.
    assert_eq!(
        verify(&parsed, &request, &secret, &expected),
        Err(SigV4Error::InvalidSignature)
    );
    verify_body(&parsed, &request, &secret, &expected).map(Into::into)
}

fn chunked(vectors: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    let group = &vectors["s3"];
    let cases = group["chunked"].as_array().unwrap().iter();
    cases.map(move |case| (group, case))
}

#[test]
fn the_chunks_of_the_reference_are_put_together() {
    let vectors = vectors();
    for (group, case) in chunked(&vectors) {
        let end = check(group, case, &body(case));
        assert_eq!(end, Ok(vec![b'a'; 66_560]), "{}", text(case, "name"));
    }
    let (group, case) = chunked(&vectors).next().unwrap();
    assert_eq!(body(case).len(), 66_824);
    // The empty line after the last chunk may be missing.
    let whole = body(case);
    assert!(check(group, case, &whole[..whole.len() - 2]).is_ok());
}

#[test]
fn a_body_that_is_not_the_chunks_that_were_signed_is_refused() {
    let vectors = vectors();
    for (group, case) in chunked(&vectors) {
        let whole = body(case);
        let first = whole.iter().position(|byte| *byte == b'\r').unwrap() + 2;
        let second = first + 65_536 + 2;
        let last = second
            + whole[second..]
                .iter()
                .position(|byte| *byte == b'\r')
                .unwrap()
            + 2
            + 1_026;
        let mut swapped = whole[second..last].to_vec();
        swapped.extend(&whole[..second]);
        swapped.extend(&whole[last..]);
        let mut doubled = whole[..last].to_vec();
        doubled.extend(&whole[second..]);
        let mut without_second = whole[..second].to_vec();
        without_second.extend(&whole[last..]);
        let more = [&whole[..], b"a"].concat();
        let nothing = b"".to_vec();
        let unsigned = b"0\r\n\r\n".to_vec();
        let without_last = whole[..last].to_vec();
        for (name, changed) in [
            ("swapped", swapped),
            ("doubled", doubled),
            ("without the second", without_second),
            ("without the last", without_last),
            ("more", more),
            ("nothing", nothing),
            ("unsigned", unsigned),
        ] {
            assert!(check(group, case, &changed).is_err(), "{name}");
        }
        // Letters of every line and of the bytes.
        let lines = (0..first)
            .chain(second - 3..second + 90)
            .chain(last..whole.len() - 2);
        for at in lines.chain([first, first + 40_000, second + 500]) {
            let mut changed = whole.clone();
            changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
            assert!(check(group, case, &changed).is_err(), "letter {at}");
        }
    }
}

#[test]
fn a_length_that_is_not_told_is_refused() {
    let vectors = vectors();
    let (group, case) = chunked(&vectors).next().unwrap();
    let mut other = case.clone();
    other["headers"] = Value::Array(
        case["headers"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|pair| pair[0] != "x-amz-decoded-content-length")
            .cloned()
            .collect(),
    );
    assert_eq!(
        check(group, &other, &body(case)),
        Err(SigV4Error::InvalidSignature)
    );
}

#[test]
fn chunks_that_nobody_signed_are_put_together_where_that_is_said() {
    let headers = [
        ("host", "example.amazonaws.com"),
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("x-amz-decoded-content-length", "5"),
    ];
    let secret = crate::secret();
    let check = |payloads, body: &[u8]| {
        let mut sent = headers.to_vec();
        sent.push(crate::DATE);
        let parsed = Authorization::parse(UNSIGNED).unwrap();
        let expected = Expectation {
            payloads,
            ..crate::expectation(crate::NOW)
        };
        let request = Request {
            method: "PUT",
            path: "/",
            query: "",
            headers: &sent,
            body,
        };
        verify_body(&parsed, &request, &secret, &expected).map(Vec::from)
    };
    let body = b"2\r\nab\r\n3\r\ncde\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
    assert_eq!(
        check(Payloads::DangerMayBeUncovered, body),
        Ok(b"abcde".to_vec())
    );
    assert_eq!(
        check(Payloads::Covered, body),
        Err(SigV4Error::InvalidSignature)
    );
    for wrong in [
        &b"2\r\nab\r\n0\r\n\r\n"[..],
        b"5\r\nabcde\r\n",
        b"5\r\nabcde0\r\n\r\n",
        b"5\r\nabcd\r\n0\r\n\r\n",
        b"+5\r\nabcde\r\n0\r\n\r\n",
        b"5;x=y\r\nabcde\r\n0\r\n\r\n",
        b"5\r\nabcde\r\n0\r\n\r\n\r\n",
        b"5\r\nabcde\r\n0\r\nx-amz-trailer-signature:00\r\n\r\n",
        b"ffffffffffffffff\r\nabcde\r\n0\r\n\r\n",
        b"ffffffffffffffffff\r\nabcde\r\n0\r\n\r\n",
        b"\r\nabcde\r\n0\r\n\r\n",
        b"",
    ] {
        let end = check(Payloads::DangerMayBeUncovered, wrong);
        assert!(
            matches!(end, Err(SigV4Error::IncompleteSignature(_))),
            "{wrong:?} {end:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_body_makes_the_check_panic(body in "([0-9a-f;:]|chunk-signature=|\r\n|x-amz-trailer-signature:){0,30}") {
        let vectors = vectors();
        for (group, case) in chunked(&vectors) {
            prop_assert!(check(group, case, body.as_bytes()).is_err());
        }
    }
}
