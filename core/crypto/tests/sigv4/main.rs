//! SigV4 against published values (`suite`, `chunked`), and against everything changed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod chunked;
mod suite;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use userpool_crypto::secret::SecretText;
use userpool_crypto::sigv4::{
    Authorization, Credentials, Expectation, Payloads, Request, SigV4Error, Signed, WINDOW_SECONDS,
    sign, verify,
};

const NOW: i64 = 1_440_938_160;
const HOST: (&str, &str) = ("Host", "example.amazonaws.com");
const DATE: (&str, &str) = ("X-Amz-Date", "20150830T123600Z");

#[test]
fn a_session_token_is_signed_like_any_header() {
    let headers = [HOST, ("X-Amz-Security-Token", "token")];
    let signed = sign(&call(&headers), &credentials(&secret()), NOW);
    assert!(
        signed
            .authorization
            .contains("SignedHeaders=host;x-amz-date;x-amz-security-token,")
    );
}

#[test]
fn a_request_is_good_for_five_minutes() {
    let (headers, signed) = signed_call();
    for (now, expected) in [
        (NOW - WINDOW_SECONDS - 1, Some("SignatureNotYetCurrent")),
        (NOW - WINDOW_SECONDS, None),
        (NOW + WINDOW_SECONDS, None),
        (NOW + WINDOW_SECONDS + 1, Some("SignatureExpired")),
    ] {
        let verdict = check(&signed.authorization, &call(&headers), now);
        match expected {
            None => assert_eq!(verdict, Ok(())),
            Some(name) => assert!(format!("{verdict:?}").contains(name), "{verdict:?}"),
        }
    }
}

#[test]
fn every_changed_part_of_a_request_is_refused() {
    let (headers, signed) = signed_call();
    let good = call(&headers);
    assert_eq!(check(&signed.authorization, &good, NOW), Ok(()));
    for changed in [
        Request {
            method: "GET",
            ..good
        },
        Request {
            method: "post",
            ..good
        },
        Request { path: "/x", ..good },
        Request {
            query: "a=1",
            ..good
        },
        Request {
            body: b"{} ",
            ..good
        },
        Request { body: b"", ..good },
    ] {
        assert_eq!(
            check(&signed.authorization, &changed, NOW),
            Err(SigV4Error::InvalidSignature)
        );
    }
}

#[test]
fn every_changed_absent_or_doubled_header_is_refused() {
    let (headers, signed) = signed_call();
    for at in 0..headers.len() {
        let mut changed = headers.clone();
        changed[at].1 = "20150830T123601Z";
        assert!(
            check(&signed.authorization, &call(&changed), NOW).is_err(),
            "changed {}",
            headers[at].0
        );
        let mut absent = headers.clone();
        absent.remove(at);
        assert!(
            check(&signed.authorization, &call(&absent), NOW).is_err(),
            "absent {}",
            headers[at].0
        );
        let mut doubled = headers.clone();
        doubled.push(headers[at]);
        assert!(
            check(&signed.authorization, &call(&doubled), NOW).is_err(),
            "doubled {}",
            headers[at].0
        );
    }
}

#[test]
fn an_unsigned_amazon_header_is_refused_and_any_other_is_not() {
    let (mut headers, signed) = signed_call();
    headers.push(("User-Agent", "anything"));
    assert_eq!(check(&signed.authorization, &call(&headers), NOW), Ok(()));
    headers.push(("X-Amz-User-Agent", "anything"));
    assert_eq!(
        check(&signed.authorization, &call(&headers), NOW),
        Err(SigV4Error::UnsignedHeader("x-amz-user-agent".into()))
    );
}

#[test]
fn headers_that_must_be_signed_are_asked_for() {
    for (left_out, message) in [
        (
            "Host",
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        ),
        (
            "X-Amz-Target",
            "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.",
        ),
    ] {
        let unsigned: Vec<_> = plain()
            .into_iter()
            .filter(|(name, _)| *name != left_out)
            .collect();
        let signed = sign(&call(&unsigned), &credentials(&secret()), NOW);
        let mut headers = plain();
        headers.push(DATE);
        let error = check(&signed.authorization, &call(&headers), NOW).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(error.error_type(), "InvalidSignatureException");
    }
}

#[test]
fn a_body_that_is_not_signed_is_refused() {
    for claimed in ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", ""] {
        let mut headers = plain();
        headers.push(("X-Amz-Content-Sha256", claimed));
        let signed = sign(&call(&headers), &credentials(&secret()), NOW);
        headers.push(DATE);
        assert_eq!(
            check(&signed.authorization, &call(&headers), NOW),
            Err(SigV4Error::InvalidSignature)
        );
    }
    let mut headers = plain();
    headers.push((
        "X-Amz-Content-Sha256",
        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    ));
    let signed = sign(&call(&headers), &credentials(&secret()), NOW);
    headers.push(DATE);
    assert_eq!(check(&signed.authorization, &call(&headers), NOW), Ok(()));
}

#[test]
fn a_credential_of_another_scope_is_refused() {
    let (headers, signed) = signed_call();
    let request = call(&headers);
    for (from, to, text) in [
        (
            "/service/",
            "/other/",
            "Credential should be scoped to correct service: 'service'.",
        ),
        (
            "/20150830/",
            "/20150831/",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
             '20150831' != '20150830', from '20150830T123600Z'.",
        ),
    ] {
        let error = check(&signed.authorization.replace(from, to), &request, NOW).unwrap_err();
        assert_eq!(error.to_string(), text);
    }
    let elsewhere = signed.authorization.replace("us-east-1", "eu-west-1");
    assert_eq!(
        check(&elsewhere, &request, NOW),
        Err(SigV4Error::InvalidSignature)
    );
}

#[test]
fn a_date_of_another_form_is_refused() {
    let (headers, signed) = signed_call();
    for date in [
        "",
        "2015-08-30T12:36:00Z",
        "Sun, 30 Aug 2015 12:36:00 GMT",
        "20150830T123600",
    ] {
        let mut changed = headers.clone();
        changed.retain(|(name, _)| *name != DATE.0);
        changed.push((DATE.0, date));
        let error = check(&signed.authorization, &call(&changed), NOW).unwrap_err();
        assert_eq!(error.error_type(), "IncompleteSignatureException");
    }
}

#[test]
fn another_secret_does_not_verify() {
    let (headers, signed) = signed_call();
    let authorization = Authorization::parse(&signed.authorization).unwrap();
    for wrong in ["", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEz"] {
        let verdict = verify(
            &authorization,
            &call(&headers),
            &SecretText::new(wrong.into()),
            &expectation(NOW),
        );
        assert_eq!(verdict, Err(SigV4Error::InvalidSignature));
    }
}

#[test]
fn every_changed_letter_of_the_authorization_is_refused() {
    let (headers, signed) = signed_call();
    let request = call(&headers);
    let text = signed.authorization;
    let id = text.find("AKIDEXAMPLE").unwrap();
    for at in 0..text.len() {
        let mut changed = text.clone().into_bytes();
        changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
        let changed = String::from_utf8(changed).unwrap();
        let verdict = check(&changed, &request, NOW);
        // The name of the key is not signed: it chooses the secret, here the same one in any case.
        let names_another_key = (id..id + 11).contains(&at);
        assert_eq!(verdict.is_ok(), names_another_key, "letter {at}: {changed}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_a_client_signs_verifies(
        path in "/[ -~]{0,20}",
        query in "[ -~&=%]{0,30}",
        value in "[ -~]{0,20}",
        body in prop::collection::vec(any::<u8>(), 0..40),
        changed in any::<prop::sample::Index>(),
    ) {
        let headers = [HOST, ("X-Amz-Target", "T"), ("My-Header", &value), DATE];
        let request = Request { method: "POST", path: &path, query: &query, headers: &headers[..3], body: &body };
        let signed = sign(&request, &credentials(&secret()), NOW);
        let received = Request { headers: &headers, ..request };
        prop_assert_eq!(check(&signed.authorization, &received, NOW), Ok(()));
        if !body.is_empty() {
            let mut other = body.clone();
            other[changed.index(body.len())] ^= 1;
            let received = Request { body: &other, ..received };
            prop_assert!(check(&signed.authorization, &received, NOW).is_err());
        }
    }

    #[test]
    fn no_request_makes_the_check_panic(
        name in "[A-Za-z-]{1,12}",
        value in "[ -~]{0,20}",
        path in ".{0,20}",
        query in ".{0,20}",
        day in ".{0,12}",
    ) {
        let text = format!(
            "AWS4-HMAC-SHA256 Credential=A/{day}/r/service/aws4_request, SignedHeaders=host;x-amz-date, Signature={}",
            "0".repeat(64)
        );
        if let Ok(authorization) = Authorization::parse(&text) {
            let headers = [HOST, DATE, (&*name, &*value)];
            let request = Request { method: "GET", path: &path, query: &query, headers: &headers, body: b"" };
            prop_assert!(verify(&authorization, &request, &secret(), &expectation(NOW)).is_err());
        }
    }
}

fn secret() -> SecretText {
    SecretText::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into())
}

fn credentials(secret: &SecretText) -> Credentials<'_> {
    Credentials {
        access_key_id: "AKIDEXAMPLE",
        secret,
        region: "us-east-1",
        service: "service",
    }
}

fn expectation(now: i64) -> Expectation<'static> {
    Expectation {
        service: "service",
        region: None,
        signed_headers: &["host", "x-amz-date"],
        payloads: Payloads::Covered,
        now,
    }
}

/// The headers of a call before it is signed.
fn plain() -> Vec<(&'static str, &'static str)> {
    vec![
        HOST,
        ("Content-Type", "application/x-amz-json-1.1"),
        ("X-Amz-Target", "Service.ListUserPools"),
    ]
}

fn call<'a>(headers: &'a [(&'a str, &'a str)]) -> Request<'a> {
    Request {
        method: "POST",
        path: "/",
        query: "",
        headers,
        body: b"{}",
    }
}

/// A signed call: all its headers but the authorization, and that.
fn signed_call() -> (Vec<(&'static str, &'static str)>, Signed) {
    let mut headers = plain();
    let signed = sign(&call(&headers), &credentials(&secret()), NOW);
    headers.push(DATE);
    (headers, signed)
}

fn check(authorization: &str, request: &Request<'_>, now: i64) -> Result<(), SigV4Error> {
    let expected = Expectation {
        service: "service",
        region: None,
        signed_headers: &["host", "x-amz-date", "x-amz-target"],
        payloads: Payloads::Covered,
        now,
    };
    verify(
        &Authorization::parse(authorization)?,
        request,
        &secret(),
        &expected,
    )
}

/// The presigned address of the S3 user guide ("Authenticating Requests: Using Query Parameters").
const PRESIGNED: &str = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2F\
    us-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&\
    X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
/// The moment at which it was signed.
const PRESIGNED_AT: i64 = 1_369_353_600;

fn presigned(
    query: &str,
    more: &[(&str, &str)],
    payloads: Payloads,
    now: i64,
) -> Result<(), SigV4Error> {
    let mut headers = vec![("host", "examplebucket.s3.amazonaws.com")];
    headers.extend(more);
    let request = Request {
        method: "GET",
        path: "/test.txt",
        query,
        headers: &headers,
        body: b"",
    };
    let expected = Expectation {
        service: "s3",
        region: Some("us-east-1"),
        signed_headers: &["host"],
        payloads,
        now,
    };
    let secret = SecretText::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into());
    verify(&Authorization::of(&request)?, &request, &secret, &expected)
}

#[test]
fn the_presigned_address_of_the_guide_is_good_for_a_day() {
    let check = |now| presigned(PRESIGNED, &[], Payloads::DangerMayBeUncovered, now);
    for now in [-300, 0, 86_400] {
        assert_eq!(check(PRESIGNED_AT + now), Ok(()), "{now}");
    }
    assert!(matches!(
        check(PRESIGNED_AT + 86_401),
        Err(SigV4Error::SignatureExpired(_))
    ));
    assert!(matches!(
        check(PRESIGNED_AT - 301),
        Err(SigV4Error::SignatureNotYetCurrent(_))
    ));
}

#[test]
fn a_body_that_nobody_signed_passes_only_where_that_is_said() {
    let end = presigned(PRESIGNED, &[], Payloads::Covered, PRESIGNED_AT);
    assert_eq!(end, Err(SigV4Error::InvalidSignature));
}

#[test]
fn a_presigned_address_that_was_changed_is_refused() {
    for (from, to) in [
        ("Expires=86400", "Expires=86401"),
        ("Expires=86400", "Expires=604801"),
        ("Expires=86400", "Expires=0"),
        ("T000000Z", "T000001Z"),
        ("us-east-1", "us-east-2"),
        ("SignedHeaders=host", "SignedHeaders=host%3Bx"),
        ("Signature=a", "Signature=b"),
        ("&X-Amz-Expires=86400", ""),
        (
            "X-Amz-Algorithm=AWS4-HMAC-SHA256",
            "X-Amz-Algorithm=AWS4-HMAC-SHA1",
        ),
        ("&X-Amz-Signature", "&more=1&X-Amz-Signature"),
        ("&X-Amz-Signature", "&X-Amz-Expires=86400&X-Amz-Signature"),
    ] {
        let query = PRESIGNED.replace(from, to);
        assert_ne!(query, PRESIGNED);
        let end = presigned(&query, &[], Payloads::DangerMayBeUncovered, PRESIGNED_AT);
        assert!(end.is_err(), "{to}");
    }
    let unsigned = [("x-amz-meta-a", "b")];
    let end = presigned(
        PRESIGNED,
        &unsigned,
        Payloads::DangerMayBeUncovered,
        PRESIGNED_AT,
    );
    assert_eq!(end, Err(SigV4Error::UnsignedHeader("x-amz-meta-a".into())));
    let both = [("authorization", "AWS4-HMAC-SHA256 x")];
    let end = presigned(
        PRESIGNED,
        &both,
        Payloads::DangerMayBeUncovered,
        PRESIGNED_AT,
    );
    assert!(matches!(end, Err(SigV4Error::IncompleteSignature(_))));
}

#[test]
fn a_scope_of_another_region_is_refused_where_one_is_demanded() {
    let (headers, signed) = signed_call();
    let authorization = Authorization::parse(&signed.authorization).unwrap();
    let check = |region| {
        let expected = Expectation {
            region,
            ..expectation(NOW)
        };
        verify(&authorization, &call(&headers), &secret(), &expected)
    };
    assert_eq!(check(Some("us-east-1")), Ok(()));
    assert!(matches!(
        check(Some("eu-west-1")),
        Err(SigV4Error::WrongScope(_))
    ));
}

#[test]
fn a_signature_in_the_query_beside_the_header_is_refused() {
    let (headers, signed) = signed_call();
    let request = Request {
        query: "X-Amz-Signature=x",
        ..call(&headers)
    };
    let end = check(&signed.authorization, &request, NOW);
    assert_eq!(end, Err(SigV4Error::InvalidSignature));
}

#[test]
fn bodies_in_chunks_and_unsigned_ones_are_taken_where_that_is_said() {
    for (name, signature, is_known) in [
        (
            "UNSIGNED-PAYLOAD",
            "05e1b307416f2cbcf15dd86269efd55537182ee4416101af58762e96bba470bb",
            true,
        ),
        (
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            "d5e447116d5f45350f5e3eb42efd50165483f2d5058c82af789d3909a926b332",
            true,
        ),
        (
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            "9bb255b37f6741464751d9d2e33b78616153ce6bf0ada8fde37e7e1731c0e763",
            true,
        ),
        (
            "SOMETHING-ELSE",
            "6443551b615422a0f74e1f0b23cf08ffbea3784dfd93753c9bd287921778db48",
            false,
        ),
    ] {
        let headers = [HOST, ("x-amz-content-sha256", name), DATE];
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={signature}"
        );
        let authorization = Authorization::parse(&authorization).unwrap();
        for payloads in [Payloads::Covered, Payloads::DangerMayBeUncovered] {
            let expected = Expectation {
                payloads,
                ..expectation(NOW)
            };
            let end = verify(&authorization, &call(&headers), &secret(), &expected);
            let passes = is_known && payloads == Payloads::DangerMayBeUncovered;
            assert_eq!(end.is_ok(), passes, "{name}: {end:?}");
        }
    }
}
