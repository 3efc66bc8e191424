//! SigV4 against the values of the public test suite of AWS, and against everything changed.

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

struct Case {
    name: &'static str,
    method: &'static str,
    path: &'static str,
    query: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static [u8],
    signature: &'static str,
}

const GET: Case = Case {
    name: "get-vanilla",
    method: "GET",
    path: "/",
    query: "",
    headers: &[HOST],
    body: b"",
    signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
};

const SUITE: &[Case] = &[
    GET,
    Case {
        name: "get-vanilla-query-order-key-case",
        query: "Param2=value2&Param1=value1",
        signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ..GET
    },
    Case {
        name: "get-vanilla-empty-query-key",
        query: "Param1=value1",
        signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
        ..GET
    },
    Case {
        name: "get-vanilla-query-unreserved",
        query: "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        signature: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
        ..GET
    },
    Case {
        name: "get-vanilla-utf8-query",
        query: "\u{1234}=bar",
        signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
        ..GET
    },
    Case {
        name: "get-unreserved",
        path: "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
        ..GET
    },
    Case {
        name: "get-utf8",
        path: "/\u{1234}",
        signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
        ..GET
    },
    Case {
        name: "get-space",
        path: "/example space/",
        signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
        ..GET
    },
    Case {
        name: "get-slash",
        path: "//",
        ..GET
    },
    Case {
        name: "get-relative-relative",
        path: "/example1/example2/../..",
        ..GET
    },
    Case {
        name: "get-relative",
        path: "/example/..",
        ..GET
    },
    Case {
        name: "get-slash-dot-slash",
        path: "/./",
        ..GET
    },
    Case {
        name: "get-slash-pointless-dot",
        path: "/./example",
        signature: "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5",
        ..GET
    },
    Case {
        name: "get-slashes",
        path: "//example//",
        signature: "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
        ..GET
    },
    Case {
        name: "get-header-key-duplicate",
        headers: &[
            HOST,
            ("My-Header1", "value2"),
            ("My-Header1", "value2"),
            ("My-Header1", "value1"),
        ],
        signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
        ..GET
    },
    Case {
        name: "get-header-value-order",
        headers: &[
            HOST,
            ("My-Header1", "value4"),
            ("My-Header1", "value1"),
            ("My-Header1", "value3"),
            ("My-Header1", "value2"),
        ],
        signature: "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
        ..GET
    },
    Case {
        name: "get-header-value-trim",
        headers: &[
            HOST,
            ("My-Header1", " value1"),
            ("My-Header2", " \"a   b   c\""),
        ],
        signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        ..GET
    },
    Case {
        name: "post-vanilla",
        method: "POST",
        signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ..GET
    },
    Case {
        name: "post-vanilla-query",
        method: "POST",
        query: "Param1=value1",
        signature: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
        ..GET
    },
    Case {
        name: "post-header-key-sort",
        method: "POST",
        headers: &[HOST, ("My-Header1", "value1")],
        signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
        ..GET
    },
    Case {
        name: "post-header-value-case",
        method: "POST",
        headers: &[HOST, ("My-Header1", "VALUE1")],
        signature: "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
        ..GET
    },
    Case {
        name: "post-x-www-form-urlencoded",
        method: "POST",
        headers: &[("Content-Type", "application/x-www-form-urlencoded"), HOST],
        body: b"Param1=value1",
        signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ..GET
    },
    Case {
        name: "post-x-www-form-urlencoded-parameters",
        method: "POST",
        headers: &[
            (
                "Content-Type",
                "application/x-www-form-urlencoded; charset=utf8",
            ),
            HOST,
        ],
        body: b"Param1=value1",
        signature: "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
        ..GET
    },
];

#[test]
fn the_values_of_the_public_suite_are_computed_and_accepted() {
    for case in SUITE {
        let request = case.request(case.headers);
        let signed = sign(&request, &credentials(&secret()), NOW);
        assert!(
            signed.authorization.ends_with(case.signature),
            "{}: {}",
            case.name,
            signed.authorization
        );
        let headers = [case.headers, &[DATE]].concat();
        let received = case.request(&headers);
        let authorization = Authorization::parse(&signed.authorization).unwrap();
        assert_eq!(
            verify(&authorization, &received, &secret(), &expectation(NOW)),
            Ok(()),
            "{}",
            case.name
        );
    }
}

#[test]
fn a_session_token_is_signed_like_any_header() {
    let headers = [HOST, ("X-Amz-Security-Token", "token")];
    let signed = sign(&GET.request(&headers), &credentials(&secret()), NOW);
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

impl Case {
    fn request<'a>(&'a self, headers: &'a [(&'a str, &'a str)]) -> Request<'a> {
        Request {
            method: self.method,
            path: self.path,
            query: self.query,
            headers,
            body: self.body,
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
