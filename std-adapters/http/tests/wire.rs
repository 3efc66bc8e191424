//! Headers and bodies of the protocol, byte for byte.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::num::NonZeroU32;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Method, Request, StatusCode};
use axum::routing::get;
use http_body_util::channel::Channel;
use tower::ServiceExt;
use userpool_http::rates::Rates;
use userpool_http::{Api, Limits, Outcome, PeerAddress, TrustedProxies, router};

use support::{POOL, SIGNED, Stub, UNSIGNED, call, failing, ok, send, send_to};

mod support;

#[tokio::test]
async fn a_success_is_the_engines_body_as_aws_json() {
    let stub = Stub::answering(Ok(b"{\"Session\":\"s\"}".to_vec()));
    let reply = send_to(&stub, call(UNSIGNED, "{\"AuthFlow\":\"x\"}")).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.body, "{\"Session\":\"s\"}");
    assert_eq!(reply.header("content-type"), "application/x-amz-json-1.1");
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("x-amzn-requestid").len(), 36);
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    assert_eq!(
        reply.header("access-control-expose-headers"),
        "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"
    );
    assert!(!reply.headers.contains_key("set-cookie"));
    assert!(
        !reply
            .headers
            .contains_key("access-control-allow-credentials")
    );
    let seen = stub.only_call();
    assert_eq!(seen.operation, "InitiateAuth");
    assert_eq!(seen.body, b"{\"AuthFlow\":\"x\"}");
    assert_eq!(seen.caller.region, None);
    assert_eq!(seen.caller.administrator, None);
}

#[tokio::test]
async fn an_operation_without_output_has_an_empty_body() {
    let stub = Stub::answering(Ok(Vec::new()));
    let target = "AWSCognitoIdentityProviderService.DeleteUser";
    let reply = send_to(&stub, call(target, "{}")).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.body, "");
}

#[tokio::test]
async fn an_error_is_named_in_body_and_headers() {
    let stub = failing(
        "NotAuthorizedException",
        "Incorrect username or password.",
        400,
    );
    let reply = send_to(&stub, call(UNSIGNED, "{}")).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        reply.body,
        "{\"__type\":\"NotAuthorizedException\",\"message\":\"Incorrect username or password.\"}"
    );
    assert_eq!(reply.header("x-amzn-errortype"), "NotAuthorizedException:");
    assert_eq!(
        reply.header("x-amzn-errormessage"),
        "Incorrect username or password."
    );
    assert_eq!(reply.header("content-type"), "application/x-amz-json-1.1");
    assert_eq!(reply.header("x-amzn-requestid").len(), 36);
}

#[tokio::test]
async fn the_cause_of_a_fault_stays_inside() {
    let reply = send_to(
        &failing("InternalErrorException", "e", 500),
        call(UNSIGNED, "{}"),
    )
    .await;
    assert_eq!(reply.error(), "InternalErrorException");
    assert!(!format!("{reply:?}").contains("a secret of the house"));
}

#[tokio::test]
async fn the_status_is_the_errors() {
    for status in [400, 401, 500] {
        let reply = send_to(&failing("X", "y", status), call(UNSIGNED, "{}")).await;
        assert_eq!(reply.status, status);
    }
}

#[tokio::test]
async fn a_text_cannot_break_out_of_body_or_headers() {
    let stub = failing("X", "a \"quote\"\r\nset-cookie: b=\u{e9}\u{0}", 400);
    let reply = send_to(&stub, call(UNSIGNED, "{}")).await;
    assert_eq!(reply.error(), "X");
    assert_eq!(reply.message(), "a \"quote\"\r\nset-cookie: b=\u{e9}\u{0}");
    assert_eq!(
        reply.header("x-amzn-errormessage"),
        "a \"quote\"  set-cookie: b=??"
    );
    assert!(!reply.headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn content_types_that_a_page_may_post_are_refused() {
    for content_type in [
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/x-amz-json-1.1",
        "application/x-amz-json-1.0",
        "text/plain; x=application/x-amz-json-1.1",
        "",
    ] {
        let stub = ok();
        let mut request = call(UNSIGNED, "{}");
        request
            .headers_mut()
            .insert("content-type", content_type.parse().unwrap());
        let reply = send_to(&stub, request).await;
        assert_eq!(
            reply.status,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "{content_type}"
        );
        assert_eq!(reply.error(), "SerializationException");
        stub.was_not_called();
    }
}

#[tokio::test]
async fn the_content_type_may_have_parameters_and_any_case() {
    for content_type in [
        "Application/X-AMZ-JSON-1.1",
        "application/x-amz-json-1.1; charset=utf-8",
    ] {
        let mut request = call(UNSIGNED, "{}");
        request
            .headers_mut()
            .insert("content-type", content_type.parse().unwrap());
        assert_eq!(
            send_to(&ok(), request).await.status,
            StatusCode::OK,
            "{content_type}"
        );
    }
}

#[tokio::test]
async fn an_unknown_or_missing_target_is_an_unknown_operation() {
    for target in [
        "AWSCognitoIdentityProviderService.Nothing",
        "AWSCognitoIdentityService.InitiateAuth",
        "DynamoDB_20120810.ListTables",
        "InitiateAuth",
        "",
    ] {
        let reply = send_to(&ok(), call(target, "{}")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{target}");
        assert_eq!(reply.error(), "UnknownOperationException", "{target}");
    }
    let mut request = call(UNSIGNED, "{}");
    request.headers_mut().remove("x-amz-target");
    assert_eq!(
        send_to(&ok(), request).await.error(),
        "UnknownOperationException"
    );
}

#[tokio::test]
async fn unsigned_operations_ignore_authorization_cookies_and_query() {
    for authorization in ["Bearer abc", "AWS4-HMAC-SHA256 Credential=forged", "\u{1}"] {
        let stub = ok();
        let mut request = call(UNSIGNED, "{}");
        let headers = request.headers_mut();
        if let Ok(value) = authorization.parse() {
            headers.insert("authorization", value);
        }
        headers.insert("cookie", "session=abc".parse().unwrap());
        *request.uri_mut() = "/?Action=DeleteUser&X-Amz-Signature=abc".parse().unwrap();
        assert_eq!(
            send_to(&stub, request).await.status,
            StatusCode::OK,
            "{authorization}"
        );
        assert_eq!(stub.only_call().caller.administrator, None);
    }
}

#[tokio::test]
async fn other_paths_and_methods_are_refused_in_the_same_form() {
    for (method, path, status) in [
        (Method::GET, "/", StatusCode::METHOD_NOT_ALLOWED),
        (Method::PUT, "/", StatusCode::METHOD_NOT_ALLOWED),
        (Method::POST, "/other", StatusCode::NOT_FOUND),
        (Method::GET, "/a/b/c", StatusCode::NOT_FOUND),
        (
            Method::POST,
            "/p/.well-known/jwks.json",
            StatusCode::METHOD_NOT_ALLOWED,
        ),
    ] {
        let mut request = call(UNSIGNED, "{}");
        *request.method_mut() = method.clone();
        *request.uri_mut() = path.parse().unwrap();
        let reply = send_to(&ok(), request).await;
        assert_eq!(reply.status, status, "{method} {path}");
        assert_eq!(reply.error(), "UnknownOperationException");
        assert_eq!(reply.header("x-amzn-requestid").len(), 36);
        assert_eq!(reply.header("access-control-allow-origin"), "*");
    }
}

#[tokio::test]
async fn a_preflight_allows_what_it_asks_for() {
    let asked = "content-type,x-amz-target,x-amz-user-agent,cache-control,authorization";
    for path in [
        "/",
        "/p/.well-known/jwks.json",
        "/p/.well-known/openid-configuration",
        "/oauth2/token",
        "/p/oauth2/token",
        "/p/oauth2/userInfo",
        "/p/oauth2/revoke",
        "/p/oauth2/register",
    ] {
        let request = Request::options(path)
            .header("origin", "http://localhost:3000")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", asked)
            .body(Body::empty())
            .unwrap();
        let reply = send_to(&ok(), request).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        assert_eq!(reply.header("access-control-allow-headers"), asked);
        assert_eq!(
            reply.header("access-control-allow-methods"),
            "GET, POST, OPTIONS"
        );
        assert_eq!(reply.header("access-control-max-age"), "86400");
        assert_eq!(reply.header("vary"), "Access-Control-Request-Headers");
        assert_eq!(reply.header("x-amzn-requestid").len(), 36);
        assert!(
            !reply
                .headers
                .contains_key("access-control-allow-credentials")
        );
    }
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_whether_announced_or_not() {
    let mut limits = Limits::default();
    limits.body = 100;
    let long = "x".repeat(101);
    let mut announced = call(UNSIGNED, "");
    announced
        .headers_mut()
        .insert("content-length", "101".parse().unwrap());
    let streamed = call(UNSIGNED, long);
    for request in [announced, streamed] {
        let stub = ok();
        let reply = send(router(Api::new(stub.clone()).limits(limits)), request).await;
        assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(reply.error(), "SerializationException");
        stub.was_not_called();
    }
    let fits = call(UNSIGNED, "x".repeat(100));
    assert_eq!(
        send(router(Api::new(ok()).limits(limits)), fits)
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test(start_paused = true)]
async fn more_calls_than_places_are_told_to_come_back() {
    let mut limits = Limits::default();
    limits.in_flight = 1;
    let stub = ok().taking(Duration::from_millis(200));
    let router = router(Api::new(stub).limits(limits));
    let (first, second) = tokio::join!(
        send(router.clone(), call(UNSIGNED, "{}")),
        send(router.clone(), call(UNSIGNED, "{}")),
    );
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(second.status, StatusCode::BAD_REQUEST);
    assert_eq!(second.error(), "TooManyRequestsException");
    assert_eq!(second.message(), "Rate exceeded");
    assert_eq!(
        send(router, call(UNSIGNED, "{}")).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn calls_beyond_a_rate_are_refused_before_the_engine_sees_them() {
    let stub = ok();
    let rates = Rates::new().per_client(NonZeroU32::MIN);
    let router = router(Api::new(stub.clone()).rates(rates));
    let of = |client: &str| call(UNSIGNED, format!(r#"{{"ClientId":"{client}"}}"#));
    let first = send(router.clone(), of("a")).await;
    assert_eq!(first.status, StatusCode::OK);
    stub.only_call();
    let second = send(router.clone(), of("a")).await;
    assert_eq!(second.status, StatusCode::BAD_REQUEST);
    assert_eq!(second.error(), "TooManyRequestsException");
    assert_eq!(second.message(), "Rate exceeded");
    stub.was_not_called();
    assert_eq!(send(router, of("b")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_is_not_called_invalid_because_its_request_came_too_soon() {
    let rates = Rates::new().per_address(NonZeroU32::MIN);
    let router = router(Api::new(ok()).rates(rates));
    let ask = || {
        let path = format!("/{POOL}/oauth2/userInfo");
        let request = Request::get(path).header("authorization", "Bearer token");
        let mut request = request.body(Body::empty()).unwrap();
        let peer = PeerAddress("10.1.2.3".parse().unwrap());
        request.extensions_mut().insert(peer);
        request
    };
    send(router.clone(), ask()).await;
    let second = send(router, ask()).await;
    assert_eq!(second.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(second.body, r#"{"error":"temporarily_unavailable"}"#);
    assert_eq!(second.header("www-authenticate"), "");
}

#[tokio::test]
async fn endpoints_and_pages_are_named_and_tell_what_became_of_a_request() {
    let router = router(Api::new(ok()));
    let form = "application/x-www-form-urlencoded";
    for (method, path, content, told, error) in [
        (
            "GET",
            format!("/{POOL}/oauth2/userInfo"),
            form,
            "/oauth2/userInfo",
            Some("InternalErrorException"),
        ),
        (
            "POST",
            format!("/{POOL}/oauth2/token"),
            form,
            "/oauth2/token",
            Some("InternalErrorException"),
        ),
        (
            "POST",
            "/oauth2/token".into(),
            "text/plain",
            "/oauth2/token",
            Some("invalid_request"),
        ),
        (
            "GET",
            format!("/{POOL}/login"),
            form,
            "/login",
            Some("InternalErrorException"),
        ),
        (
            "POST",
            format!("/{POOL}/login"),
            form,
            "/login",
            Some("refused"),
        ),
        (
            "GET",
            "/assets/login.css".into(),
            form,
            "/assets/login.css",
            None,
        ),
        (
            "GET",
            format!("/{POOL}/.well-known/jwks.json"),
            form,
            "/.well-known/jwks.json",
            None,
        ),
        (
            "GET",
            "/other/.well-known/jwks.json".into(),
            form,
            "/.well-known/jwks.json",
            Some("ResourceNotFoundException"),
        ),
    ] {
        let request = Request::builder().method(method).uri(&path);
        let request = request.header("content-type", content);
        let request = request.body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let outcome = response.extensions().get::<Outcome>().unwrap();
        assert_eq!((outcome.path, outcome.error), (Some(told), error), "{path}");
        assert_eq!(response.headers()["x-amzn-requestid"].len(), 36, "{path}");
        let is_page = !told.contains("oauth2") && !told.contains("well-known");
        let is_open = response
            .headers()
            .contains_key("access-control-allow-origin");
        assert_eq!(is_open, !is_page, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_takes_too_long_is_an_internal_error() {
    let mut limits = Limits::default();
    limits.answer_time = Duration::from_millis(10);
    let stub = ok().taking(Duration::from_secs(60));
    let reply = send(router(Api::new(stub).limits(limits)), call(UNSIGNED, "{}")).await;
    assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(reply.error(), "InternalErrorException");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_is_given_up() {
    let mut limits = Limits::default();
    limits.body_time = Duration::from_millis(10);
    let (_open, body) = Channel::<Bytes>::new(1);
    let request = call(UNSIGNED, Body::new(body));
    let reply = send(router(Api::new(ok()).limits(limits)), request).await;
    assert_eq!(reply.status, StatusCode::REQUEST_TIMEOUT);
}

#[tokio::test]
async fn any_bytes_reach_the_engine_as_they_are() {
    for body in [
        vec![0xFF; 4],
        b"[".repeat(100_000),
        Vec::new(),
        vec![b'x'; 1_048_576],
    ] {
        let stub = ok();
        assert_eq!(
            send_to(&stub, call(UNSIGNED, body.clone())).await.status,
            StatusCode::OK
        );
        assert_eq!(stub.only_call().body, body);
    }
}

#[tokio::test]
async fn the_documents_of_a_pool_may_be_read_by_any_page_and_kept_a_while() {
    for (name, body) in [
        ("jwks.json", "{\"keys\":[]}"),
        ("openid-configuration", "{\"issuer\":\"i\"}"),
    ] {
        let get = |pool: &str| {
            Request::get(format!("/{pool}/.well-known/{name}"))
                .body(Body::empty())
                .unwrap()
        };
        let reply = send_to(&ok(), get(POOL)).await;
        assert_eq!(reply.status, StatusCode::OK);
        assert_eq!(reply.body, body);
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(reply.header("cache-control"), "public, max-age=300");
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        let reply = send_to(&ok(), get("us-east-1_Nothing")).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND);
        assert_eq!(reply.error(), "ResourceNotFoundException");
        assert_eq!(reply.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn the_caller_is_known_by_address_and_agent() {
    let trusted: TrustedProxies = "10.0.0.0/8".parse().unwrap();
    let stub = ok();
    let mut request = call(UNSIGNED, "{}");
    request
        .headers_mut()
        .insert("x-forwarded-for", "192.0.2.7".parse().unwrap());
    request
        .headers_mut()
        .insert("user-agent", "Boto3/1.44".parse().unwrap());
    request
        .extensions_mut()
        .insert(PeerAddress("10.1.2.3".parse().unwrap()));
    send(
        router(Api::new(stub.clone()).trusted_proxies(trusted)),
        request,
    )
    .await;
    let caller = stub.only_call().caller;
    assert_eq!(caller.source, Some("192.0.2.7".parse().unwrap()));
    assert_eq!(caller.user_agent.as_deref(), Some("Boto3/1.44"));
}

#[tokio::test]
async fn the_router_serves_beside_and_below_an_applications_own_routes() {
    let hello = || Router::new().route("/hello", get(async || "hello"));
    let beside = hello().fallback_service(router(Api::new(ok())));
    let below = hello().nest_service("/id", router(Api::new(ok())));
    let get_hello = || Request::get("/hello").body(Body::empty()).unwrap();
    assert_eq!(send(beside.clone(), get_hello()).await.body, "hello");
    assert_eq!(send(below.clone(), get_hello()).await.body, "hello");
    assert_eq!(
        send(beside, call(UNSIGNED, "{}")).await.status,
        StatusCode::OK
    );
    let mut nested = call(UNSIGNED, "{}");
    *nested.uri_mut() = "/id".parse().unwrap();
    assert_eq!(send(below, nested).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_application_may_have_a_page_of_its_own_where_sdks_post_to() {
    let userpool = router(Api::new(ok()));
    let home = get(async || "home").fallback_service(userpool.clone());
    let app = Router::new().route("/", home).fallback_service(userpool);
    let get_home = Request::get("/").body(Body::empty()).unwrap();
    assert_eq!(send(app.clone(), get_home).await.body, "home");
    assert_eq!(
        send(app.clone(), call(UNSIGNED, "{}")).await.status,
        StatusCode::OK
    );
    let keys = Request::get(format!("/{POOL}/.well-known/jwks.json"));
    let reply = send(app, keys.body(Body::empty()).unwrap()).await;
    assert_eq!(reply.status, StatusCode::OK);
}

#[tokio::test]
async fn without_credentials_no_administrator_is_let_in() {
    let stub = ok();
    let reply = send_to(&stub, call(SIGNED, "{}")).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert_eq!(reply.error(), "MissingAuthenticationTokenException");
    assert_eq!(reply.message(), "Missing Authentication Token");
    stub.was_not_called();
}
