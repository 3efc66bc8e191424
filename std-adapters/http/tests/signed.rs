//! Signed calls: what passes, and every way in which one does not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Request, StatusCode, Version};
use userpool_crypto::secret::SecretText;
use userpool_crypto::sigv4;
use userpool_http::{AdminPair, Api, router};
use userpool_ports::{Clock, Timestamp};

use support::{Reply, SIGNED, Stub, UNSIGNED, call, ok, send};

mod support;

const NOW: i64 = 1_440_938_160;
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const MISMATCH: &str = "The request signature we calculated does not match the signature you \
    provided. Check your AWS Secret Access Key and signing method. Consult the service \
    documentation for details.";

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(NOW)
    }
}

/// How a request is signed; the default is right in every respect.
#[derive(Clone)]
struct Signing {
    id: &'static str,
    secret: &'static str,
    region: &'static str,
    service: &'static str,
    at: i64,
    target: &'static str,
    body: &'static [u8],
    path: &'static str,
    query: &'static str,
    unsigned: &'static [&'static str],
}

const RIGHT: Signing = Signing {
    id: "AKID",
    secret: SECRET,
    region: "eu-west-1",
    service: "cognito-idp",
    at: NOW,
    target: SIGNED,
    body: b"{\"MaxResults\":10}",
    path: "/",
    query: "",
    unsigned: &[],
};

impl Signing {
    fn request(&self) -> Request<Body> {
        let mut request = call(self.target, Bytes::from_static(self.body));
        let uri = match self.query {
            "" => self.path.to_owned(),
            query => format!("{}?{query}", self.path),
        };
        *request.uri_mut() = uri.parse().unwrap();
        let headers: Vec<(String, String)> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .filter(|(name, _)| !self.unsigned.contains(&name.as_str()))
            .collect();
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let secret = SecretText::new(self.secret.into());
        let signed = sigv4::sign(
            &sigv4::Request {
                method: "POST",
                path: self.path,
                query: self.query,
                headers: &headers,
                body: self.body,
            },
            &sigv4::Credentials {
                access_key_id: self.id,
                secret: &secret,
                region: self.region,
                service: self.service,
            },
            self.at,
        );
        let added = request.headers_mut();
        added.insert("x-amz-date", signed.date.parse().unwrap());
        added.insert("authorization", signed.authorization.parse().unwrap());
        request
    }
}

fn api(stub: &Stub) -> Router {
    router(
        Api::new(stub.clone())
            .credentials(AdminPair::new("AKID", SECRET))
            .clock(Fixed),
    )
}

async fn refused(request: Request<Body>) -> Reply {
    let stub = ok();
    let reply = send(api(&stub), request).await;
    stub.was_not_called();
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert_eq!(reply.header("x-amzn-requestid").len(), 36);
    reply
}

#[tokio::test]
async fn a_signed_call_reaches_the_engine_with_its_region() {
    let stub = ok();
    let reply = send(api(&stub), RIGHT.request()).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let seen = stub.only_call();
    assert_eq!(seen.operation, "ListUserPools");
    assert_eq!(seen.caller.region.as_deref(), Some("eu-west-1"));
    assert_eq!(seen.caller.administrator.as_deref(), Some("AKID"));
}

#[tokio::test]
async fn identity_pools_have_a_service_of_their_own() {
    let target = "AWSCognitoIdentityService.ListIdentityPools";
    let right = Signing {
        service: "cognito-identity",
        target,
        ..RIGHT
    };
    assert_eq!(
        send(api(&ok()), right.request()).await.status,
        StatusCode::OK
    );
    let reply = refused(Signing { target, ..RIGHT }.request()).await;
    assert_eq!(reply.error(), "InvalidSignatureException");
    assert_eq!(
        reply.message(),
        "Credential should be scoped to correct service: 'cognito-identity'."
    );
}

#[tokio::test]
async fn a_call_without_a_signature_misses_its_token() {
    let reply = refused(call(SIGNED, "{}")).await;
    assert_eq!(reply.error(), "MissingAuthenticationTokenException");
    assert_eq!(reply.message(), "Missing Authentication Token");
}

#[tokio::test]
async fn a_presigned_call_misses_its_token() {
    let mut request = RIGHT.request();
    request.headers_mut().remove("authorization");
    let query = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID&X-Amz-Signature=00";
    *request.uri_mut() = query.parse().unwrap();
    assert_eq!(
        refused(request).await.error(),
        "MissingAuthenticationTokenException"
    );
}

#[tokio::test]
async fn an_authorization_of_another_kind_is_incomplete() {
    for value in [
        "Bearer abc",
        "AWS4-HMAC-SHA256 Credential=AKID",
        "Basic QQ==",
    ] {
        let mut request = RIGHT.request();
        request
            .headers_mut()
            .insert("authorization", HeaderValue::from_static(value));
        assert_eq!(
            refused(request).await.error(),
            "IncompleteSignatureException",
            "{value}"
        );
    }
    let mut twice = RIGHT.request();
    twice
        .headers_mut()
        .append("authorization", HeaderValue::from_static("Bearer abc"));
    assert_eq!(refused(twice).await.error(), "IncompleteSignatureException");
}

#[tokio::test]
async fn an_unknown_key_and_a_session_token_are_unrecognized() {
    let unknown = Signing {
        id: "OTHER",
        ..RIGHT
    }
    .request();
    let mut temporary = RIGHT.request();
    temporary
        .headers_mut()
        .insert("x-amz-security-token", HeaderValue::from_static("t"));
    for request in [unknown, temporary] {
        let reply = refused(request).await;
        assert_eq!(reply.error(), "UnrecognizedClientException");
        assert_eq!(
            reply.message(),
            "The security token included in the request is invalid."
        );
    }
}

#[tokio::test]
async fn another_secret_does_not_match() {
    let reply = refused(
        Signing {
            secret: "another",
            ..RIGHT
        }
        .request(),
    )
    .await;
    assert_eq!(reply.error(), "InvalidSignatureException");
    assert_eq!(reply.message(), MISMATCH);
}

#[tokio::test]
async fn what_was_changed_after_signing_does_not_match() {
    type Change = fn(&mut Request<Body>);
    let changes: [(&str, Change); 7] = [
        ("body", |it| *it.body_mut() = "{\"MaxResults\":11}".into()),
        ("body emptied", |it| *it.body_mut() = Body::empty()),
        ("target", |it| {
            let other = "AWSCognitoIdentityProviderService.DeleteUserPool";
            it.headers_mut()
                .insert("x-amz-target", HeaderValue::from_static(other));
        }),
        ("host", |it| {
            it.headers_mut()
                .insert("host", HeaderValue::from_static("elsewhere"));
        }),
        ("date", |it| {
            it.headers_mut()
                .insert("x-amz-date", HeaderValue::from_static("20150830T123601Z"));
        }),
        ("query", |it| *it.uri_mut() = "/?a=b".parse().unwrap()),
        ("region", |it| {
            let value = it.headers()["authorization"].to_str().unwrap().to_owned();
            let other = value.replace("eu-west-1", "us-east-1");
            it.headers_mut()
                .insert("authorization", other.parse().unwrap());
        }),
    ];
    for (what, change) in changes {
        let mut request = RIGHT.request();
        change(&mut request);
        let reply = refused(request).await;
        assert_eq!(reply.error(), "InvalidSignatureException", "{what}");
        assert_eq!(reply.message(), MISMATCH, "{what}");
    }
}

#[tokio::test]
async fn a_second_target_does_not_slip_past_the_signature() {
    let mut request = RIGHT.request();
    let other = "AWSCognitoIdentityProviderService.DeleteUserPool";
    request
        .headers_mut()
        .append("x-amz-target", HeaderValue::from_static(other));
    assert_eq!(refused(request).await.error(), "InvalidSignatureException");
}

#[tokio::test]
async fn the_body_is_never_left_unsigned() {
    let mut request = RIGHT.request();
    let unsigned = HeaderValue::from_static("UNSIGNED-PAYLOAD");
    request
        .headers_mut()
        .insert("x-amz-content-sha256", unsigned);
    assert_eq!(refused(request).await.error(), "InvalidSignatureException");
}

#[tokio::test]
async fn host_and_target_must_be_signed() {
    for (name, text) in [
        (
            "host",
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        ),
        (
            "x-amz-target",
            "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.",
        ),
    ] {
        let unsigned: &'static [&'static str] = match name {
            "host" => &["host"],
            _ => &["x-amz-target"],
        };
        let reply = refused(Signing { unsigned, ..RIGHT }.request()).await;
        assert_eq!(reply.error(), "InvalidSignatureException");
        assert_eq!(reply.message(), text);
    }
}

#[tokio::test]
async fn a_date_may_lie_five_minutes_off_and_no_more() {
    for at in [NOW - 300, NOW + 300] {
        let reply = send(api(&ok()), Signing { at, ..RIGHT }.request()).await;
        assert_eq!(reply.status, StatusCode::OK);
    }
    let late = refused(
        Signing {
            at: NOW - 301,
            ..RIGHT
        }
        .request(),
    )
    .await;
    assert_eq!(late.error(), "InvalidSignatureException");
    assert_eq!(
        late.message(),
        "Signature expired: 20150830T123059Z is now earlier than 20150830T123100Z \
         (20150830T123600Z - 5 min.)"
    );
    let early = refused(
        Signing {
            at: NOW + 301,
            ..RIGHT
        }
        .request(),
    )
    .await;
    assert_eq!(
        early.message(),
        "Signature not yet current: 20150830T124101Z is still later than 20150830T124100Z \
         (20150830T123600Z + 5 min.)"
    );
}

#[tokio::test]
async fn the_host_of_http_2_is_its_authority() {
    let mut request = RIGHT.request();
    request.headers_mut().remove("host");
    *request.version_mut() = Version::HTTP_2;
    *request.uri_mut() = "http://127.0.0.1:9229/".parse().unwrap();
    assert_eq!(send(api(&ok()), request).await.status, StatusCode::OK);
}

#[tokio::test]
async fn below_a_path_the_whole_path_is_signed() {
    let nested = Router::new().nest_service("/id", api(&ok()));
    let right = Signing {
        path: "/id/",
        ..RIGHT
    };
    assert_eq!(
        send(nested.clone(), right.request()).await.status,
        StatusCode::OK
    );
    let mut moved = RIGHT.request();
    *moved.uri_mut() = "/id/".parse().unwrap();
    assert_eq!(
        send(nested, moved).await.error(),
        "InvalidSignatureException"
    );
}

#[tokio::test]
async fn a_signature_on_an_unsigned_operation_is_not_looked_at() {
    let stub = ok();
    let request = Signing {
        target: UNSIGNED,
        secret: "another",
        ..RIGHT
    }
    .request();
    assert_eq!(send(api(&stub), request).await.status, StatusCode::OK);
    let caller = stub.only_call().caller;
    assert_eq!((caller.administrator, caller.region), (None, None));
}
