//! The values of AWS's public test suite and of the S3 API reference.

use serde_json::Value;
use userpool_crypto::digest::sha256;
use userpool_crypto::integer::hex;
use userpool_crypto::secret::SecretText;
use userpool_crypto::sigv4::{
    Authorization, Credentials, Expectation, Payloads, Request, SigV4Error, sign, verify,
};

/// The values, with where they come from.
pub fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../../tests/vectors/sigv4.json")).unwrap()
}

/// A text of a vector; nothing where it has none.
pub fn text<'v>(vector: &'v Value, name: &str) -> &'v str {
    vector[name].as_str().unwrap_or_default()
}

/// Names and values of headers.
pub fn headers(list: &Value) -> Vec<(&str, &str)> {
    let list = list.as_array().into_iter().flatten();
    list.map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
        .collect()
}

/// The `Authorization` header of a vector.
pub fn authorization(group: &Value, case: &Value) -> String {
    let scope = text(case, "string_to_sign").lines().nth(2).unwrap();
    let names = text(case, "canonical_request").lines().rev().nth(1);
    format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={}, Signature={}",
        text(group, "access_key_id"),
        names.unwrap(),
        text(case, "signature")
    )
}

/// What the signatures of a group must fit.
pub fn expectation(group: &Value, payloads: Payloads) -> Expectation<'_> {
    Expectation {
        service: text(group, "service"),
        region: Some(text(group, "region")),
        signed_headers: &["host"],
        payloads,
        now: group["now"].as_i64().unwrap(),
    }
}

fn cases(vectors: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    ["suite", "s3"].into_iter().flat_map(|group| {
        let group = &vectors[group];
        let cases = group["cases"].as_array().unwrap().iter();
        cases.map(move |case| (group, case))
    })
}

#[test]
fn published_requests_get_their_signatures_and_are_accepted_with_them() {
    let vectors = vectors();
    assert_eq!(cases(&vectors).count(), 35);
    for (group, case) in cases(&vectors) {
        let name = text(case, "name");
        let (canonical, signed) = (
            text(case, "canonical_request"),
            text(case, "string_to_sign"),
        );
        assert_eq!(
            signed.lines().nth(3),
            Some(&*hex(&sha256(&[canonical.as_bytes()]))),
            "{name}"
        );

        let headers = headers(&case["headers"]);
        let secret = SecretText::new(text(group, "secret").into());
        let request = Request {
            method: text(case, "method"),
            path: text(case, "path"),
            query: text(case, "query"),
            headers: &headers,
            body: text(case, "body").as_bytes(),
        };
        let credentials = Credentials {
            access_key_id: text(group, "access_key_id"),
            secret: &secret,
            region: text(group, "region"),
            service: text(group, "service"),
        };
        let made = sign(&request, &credentials, group["now"].as_i64().unwrap());
        assert_eq!(made.authorization, authorization(group, case), "{name}");
        assert_eq!(made.date, text(group, "date"));

        let headers = [&headers[..], &[("X-Amz-Date", &*made.date)]].concat();
        let received = Request {
            headers: &headers,
            ..request
        };
        let parsed = Authorization::parse(&made.authorization).unwrap();
        let expected = expectation(group, Payloads::Covered);
        let end = verify(&parsed, &received, &secret, &expected);
        assert_eq!(end, Ok(()), "{name}");
    }
}

#[test]
fn a_session_token_that_was_added_after_signing_is_refused() {
    let vectors = vectors();
    let find = |name: &str| cases(&vectors).find(|(_, case)| text(case, "name") == name);
    let (group, case) = find("post-sts-header-after").unwrap();
    let mut headers = [headers(&case["headers"]), headers(&case["unsigned"])].concat();
    headers.push(("X-Amz-Date", text(group, "date")));
    let request = Request {
        method: "POST",
        path: "/",
        query: "",
        headers: &headers,
        body: b"",
    };
    let parsed = Authorization::parse(&authorization(group, case)).unwrap();
    let secret = SecretText::new(text(group, "secret").into());
    let end = verify(
        &parsed,
        &request,
        &secret,
        &expectation(group, Payloads::Covered),
    );
    let unsigned = SigV4Error::UnsignedHeader("x-amz-security-token".into());
    assert_eq!(end, Err(unsigned));
}

#[test]
fn the_presigned_address_of_the_reference_is_accepted() {
    let vectors = vectors();
    let group = &vectors["s3"];
    let case = &group["presigned"];
    let query = format!(
        "{}&X-Amz-Signature={}",
        text(case, "query"),
        text(case, "signature")
    );
    let headers = headers(&case["headers"]);
    let request = Request {
        method: text(case, "method"),
        path: text(case, "path"),
        query: &query,
        headers: &headers,
        body: b"",
    };
    let secret = SecretText::new(text(group, "secret").into());
    let expected = expectation(group, Payloads::DangerMayBeUncovered);
    let parsed = Authorization::of(&request).unwrap();
    assert_eq!(verify(&parsed, &request, &secret, &expected), Ok(()));
}
