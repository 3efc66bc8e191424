//! A service of an embedder behind credentials of an identity pool.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use axum::{
    Extension, Router,
    body::{Body, Bytes},
    http::{HeaderMap, Request, StatusCode, request::Parts},
    routing::{get, put},
};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use userpool::{
    SecretText,
    credentials::Principal,
    policy::{Policy, Verdict},
};
use userpool_crypto::{
    digest::{hmac_sha256, sha256},
    integer::hex,
    sigv4::{self, Credentials},
};
use userpool_http::{
    Limits, SigV4Layer,
    sigv4::{RolePolicies, invoke},
};
use userpool_tests::scene::text;

use crate::identity_pools::{GUEST_ROLE, Story, USER_ROLE};

const HOST: &str = "api.example.com";

async fn who(Extension(caller): Extension<Principal>) -> String {
    format!("{} {}", caller.identity(), caller.role())
}

async fn keep(Extension(_): Extension<Principal>, headers: HeaderMap, body: Bytes) -> String {
    let header = |name: &str| {
        headers
            .get(name)
            .map_or("none", |it| it.to_str().unwrap())
            .to_owned()
    };
    format!(
        "{} {} {} {}",
        String::from_utf8_lossy(&body),
        header("content-length"),
        header("content-encoding"),
        header("x-amz-decoded-content-length"),
    )
}

fn layer(story: &Story, service: &'static str) -> SigV4Layer {
    let mut limits = Limits::default();
    limits.body = 1_000;
    SigV4Layer::new(story.scene.world.engine.credentials(), service)
        .region("us-east-1")
        .limits(limits)
        .clock(story.scene.world.clock.clone())
}

fn app(layer: SigV4Layer) -> Router {
    let things = get(who).put(keep);
    let app = Router::new().route("/things", things);
    app.route("/others", put(keep)).layer(layer)
}

/// What GetCredentialsForIdentity gave out.
struct Given {
    id: String,
    secret: SecretText,
    token: String,
}

fn given(reply: &Value) -> Given {
    let given = &reply["Credentials"];
    Given {
        id: text(&given["AccessKeyId"]),
        secret: SecretText::new(text(&given["SecretKey"])),
        token: text(&given["SessionToken"]),
    }
}

fn signed(
    story: &Story,
    given: &Given,
    service: &str,
    method: &str,
    path: &str,
    body: &'static str,
) -> Request<Body> {
    let headers = [("host", HOST), ("x-amz-security-token", &*given.token)];
    let request = sigv4::Request {
        method,
        path,
        query: "",
        headers: &headers,
        body: body.as_bytes(),
    };
    let credentials = Credentials {
        access_key_id: &given.id,
        secret: &given.secret,
        region: "us-east-1",
        service,
    };
    let made = sigv4::sign(&request, &credentials, story.scene.now().secs());
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", HOST)
        .header("x-amz-security-token", &given.token)
        .header("x-amz-date", made.date)
        .header("authorization", made.authorization)
        .body(Body::from(body))
        .unwrap()
}

/// Status, headers and body of an answer.
fn send(app: &Router, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let answer = app.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        (parts.status, parts.headers, body)
    })
}

/// Status and name of a denial.
fn denied(app: &Router, request: Request<Body>) -> (u16, String) {
    let (status, headers, body) = send(app, request);
    let name = headers["x-amzn-errortype"].to_str().unwrap();
    let name = name.trim_end_matches(':').to_owned();
    let told: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(told["__type"], name);
    (status.as_u16(), name)
}

#[test]
fn a_handler_gets_the_caller_and_what_they_signed() {
    let story = Story::new();
    let id = story.id(None);
    let given = given(&story.credentials(&id, None));
    let app = app(layer(&story, "execute-api"));
    let request = signed(&story, &given, "execute-api", "GET", "/things", "");
    let (status, _, body) = send(&app, request);
    assert_eq!((status.as_u16(), body), (200, format!("{id} {GUEST_ROLE}")));
    let request = signed(&story, &given, "execute-api", "PUT", "/things", "abc");
    assert_eq!(send(&app, request).2, "abc none none none");
    // Under a nested router the path is the one that was sent.
    let nested = Router::new().nest("/v1", app);
    let request = signed(&story, &given, "execute-api", "GET", "/v1/things", "");
    assert_eq!(send(&nested, request).0, 200);
}

#[test]
fn whoever_signed_nothing_or_something_else_is_told_why() {
    let story = Story::new();
    let given = given(&story.credentials(&story.id(None), None));
    let app = app(layer(&story, "execute-api"));
    let get = || signed(&story, &given, "execute-api", "GET", "/things", "");
    let denial = |change: &dyn Fn(&mut Request<Body>)| {
        let mut request = get();
        change(&mut request);
        denied(&app, request)
    };
    let header = |name: &'static str, value: &'static str| {
        move |request: &mut Request<Body>| {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
    };
    let remove = |name: &'static str| {
        move |request: &mut Request<Body>| {
            request.headers_mut().remove(name);
        }
    };
    assert_eq!(
        denial(&remove("authorization")),
        (401, "MissingAuthenticationTokenException".into())
    );
    assert_eq!(
        denial(&header("authorization", "Bearer x")),
        (403, "IncompleteSignatureException".into())
    );
    assert_eq!(
        denial(&remove("x-amz-security-token")),
        (403, "UnrecognizedClientException".into())
    );
    assert_eq!(
        denial(&header("x-amz-security-token", "x")),
        (403, "UnrecognizedClientException".into())
    );
    let invalid = (403, String::from("InvalidSignatureException"));
    assert_eq!(denial(&header("host", "other.example.com")), invalid);
    assert_eq!(denial(&header("x-amz-meta", "more")), invalid);
    assert_eq!(
        denial(&|it| *it.method_mut() = "PUT".parse().unwrap()),
        invalid
    );
    assert_eq!(
        denial(&|it| *it.uri_mut() = "/things?a=b".parse().unwrap()),
        invalid
    );
    assert_eq!(denial(&|it| *it.body_mut() = Body::from("more")), invalid);
    let elsewhere = signed(&story, &given, "s3", "GET", "/things", "");
    assert_eq!(denied(&app, elsewhere), invalid);
    let old = get();
    story.scene.advance(301);
    assert_eq!(denied(&app, old), invalid);
    story.scene.advance(3_600);
    let late = signed(&story, &given, "execute-api", "GET", "/things", "");
    assert_eq!(denied(&app, late), (403, "ExpiredTokenException".into()));
}

#[test]
fn a_body_is_bounded() {
    let story = Story::new();
    let given = given(&story.credentials(&story.id(None), None));
    let app = app(layer(&story, "execute-api"));
    let long = "a".repeat(1_001).leak();
    let request = signed(&story, &given, "execute-api", "PUT", "/things", long);
    assert_eq!(
        denied(&app, request),
        (413, "SerializationException".into())
    );
}

#[test]
fn policies_of_the_role_say_what_the_caller_may() {
    let story = Story::new();
    let policy = |text: &str| Policy::parse(text).unwrap();
    let allow = policy(
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "execute-api:Invoke",
            "Resource": "arn:aws:execute-api:us-east-1:000000000000:api/prod/GET/*"}}"#,
    );
    let deny = policy(
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "arn:*/PUT/*",
            "Condition": {"ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "cognito-idp.*"}}}}"#,
    );
    let roles = RolePolicies::new(invoke("us-east-1", "000000000000", "api", "prod"))
        .role(USER_ROLE, [allow, deny]);
    let app = app(layer(&story, "execute-api").authorise(roles));
    let logins = story.logins();
    let user = given(&story.credentials(&story.id(Some(&logins)), Some(&logins)));
    let get = signed(&story, &user, "execute-api", "GET", "/things", "");
    assert_eq!(send(&app, get).0, 200);
    let put = signed(&story, &user, "execute-api", "PUT", "/things", "");
    let (status, _, body) = send(&app, put);
    assert_eq!(status, 403);
    assert!(body.ends_with(
        r#""message":"User: arn:aws:sts::000000000000:assumed-role/user/CognitoIdentityCredentials is not authorized to access this resource with an explicit deny"}"#
    ), "{body}");
    // A role without policies may do nothing.
    let guest = given(&story.credentials(&story.id(None), None));
    let get = signed(&story, &guest, "execute-api", "GET", "/things", "");
    assert_eq!(denied(&app, get), (403, "AccessDeniedException".into()));
}

#[test]
fn a_closure_may_say_it() {
    let story = Story::new();
    let given = given(&story.credentials(&story.id(None), None));
    let guests = |caller: &Principal, request: &Parts| match caller.is_authenticated() {
        false if request.method == "GET" => Verdict::Allowed,
        _ => Verdict::NotAllowed,
    };
    let app = app(layer(&story, "execute-api").authorise(guests));
    for (method, expected) in [("GET", 200), ("PUT", 403)] {
        let request = signed(&story, &given, "execute-api", method, "/things", "");
        assert_eq!(send(&app, request).0, expected);
    }
}

#[test]
fn the_service_s3_is_answered_in_its_own_words() {
    let story = Story::new();
    let given = given(&story.credentials(&story.id(None), None));
    let app = app(layer(&story, "s3"));
    assert_eq!(
        send(&app, signed(&story, &given, "s3", "GET", "/things", "")).0,
        200
    );
    let mut request = signed(&story, &given, "s3", "GET", "/things", "");
    *request.uri_mut() = "/others".parse().unwrap();
    let (status, headers, body) = send(&app, request);
    assert_eq!(status, 403);
    assert_eq!(headers["content-type"], "application/xml");
    assert!(
        body.contains("<Error><Code>SignatureDoesNotMatch</Code><Message>The request"),
        "{body}"
    );
}

#[test]
fn a_body_in_signed_chunks_reaches_its_handler_without_them() {
    let story = Story::new();
    let given = given(&story.credentials(&story.id(None), None));
    let app = app(layer(&story, "s3"));
    let mut date = String::new();
    let request = |last: &str, date: &mut String| {
        let plain = sigv4::Request {
            method: "GET",
            path: "/",
            query: "",
            headers: &[],
            body: b"",
        };
        let credentials = Credentials {
            access_key_id: &given.id,
            secret: &given.secret,
            region: "us-east-1",
            service: "s3",
        };
        *date = sigv4::sign(&plain, &credentials, story.scene.now().secs()).date;
        chunked(&given, date, last)
    };
    let (status, _, body) = send(&app, request("def", &mut date));
    assert_eq!((status.as_u16(), &*body), (200, "abcdef 6 gzip none"));
    assert_eq!(send(&app, request("deg", &mut date)).0, 403);
}

/// A request whose chunks `abc` and `def` are signed, and which holds another second chunk.
fn chunked(given: &Given, date: &str, second: &str) -> Request<Body> {
    let scope = format!("{}/us-east-1/s3/aws4_request", &date[..8]);
    let mut key = Vec::from(format!("AWS4{}", given.secret.expose()));
    for part in [&date[..8], "us-east-1", "s3", "aws4_request"] {
        key = hmac_sha256(&key, &[part.as_bytes()]).to_vec();
    }
    let names = "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-security-token";
    let word = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    let canonical = format!(
        "PUT\n/things\n\ncontent-encoding:aws-chunked,gzip\nhost:{HOST}\nx-amz-content-sha256:{word}\nx-amz-date:{date}\n\
         x-amz-decoded-content-length:6\nx-amz-security-token:{}\n\n{names}\n{word}",
        given.token
    );
    let sign = |text: String| hex(&hmac_sha256(&key, &[text.as_bytes()]));
    let hash = |bytes: &[u8]| hex(&sha256(&[bytes]));
    let seed = sign(format!(
        "AWS4-HMAC-SHA256\n{date}\n{scope}\n{}",
        hash(canonical.as_bytes())
    ));
    let mut body = String::new();
    let mut last = seed.clone();
    for (of, sent) in [("abc", "abc"), ("def", second), ("", "")] {
        last = sign(format!(
            "AWS4-HMAC-SHA256-PAYLOAD\n{date}\n{scope}\n{last}\n{}\n{}",
            hash(b""),
            hash(of.as_bytes())
        ));
        body.push_str(&format!(
            "{:x};chunk-signature={last}\r\n{sent}\r\n",
            of.len()
        ));
    }
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={seed}",
        given.id
    );
    Request::builder()
        .method("PUT")
        .uri("/things")
        .header("host", HOST)
        .header("content-encoding", "aws-chunked,gzip")
        .header("x-amz-content-sha256", word)
        .header("x-amz-date", date)
        .header("x-amz-decoded-content-length", "6")
        .header("x-amz-security-token", &given.token)
        .header("authorization", authorization)
        .body(Body::from(body))
        .unwrap()
}
