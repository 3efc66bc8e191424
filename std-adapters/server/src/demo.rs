//! The demonstration page under `/demo`: sign-up and sign-in to look at and to try.
//!
//! The page holds WebAssembly, which `wasm/demo/build` makes and this server does not need: it is served
//! from the folder that `--demo` names, and without one `/demo` says how to build it. Both are for
//! development: they are there on loopback only.
//!
//! With the page come a pool of its own and the codes that are sent, so that whoever looks at it can
//! confirm a sign-up. The codes go to the page alone: a request for them carries a header that other
//! origins cannot send, because nothing answers the leave that their browser asks for; and names a host of
//! loopback, so that no name made to point here reaches them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path as PathOf, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{Redirect, Response};
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;
use userpool::Engine;

use crate::declared::{self, Pool};
use crate::failure::Failure;

/// The pool that the page signs up to; the page knows it by these ids.
const POOL: &str = "us-east-1_Demo00001";
const POOLS: &str = r#"
[[pools]]
id = "us-east-1_Demo00001"
settings = { PoolName = "demo", AutoVerifiedAttributes = ["email"] }

[[pools.clients]]
id = "1demo2client3"
settings = { ClientName = "demo", ExplicitAuthFlows = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] }
"#;

/// What only the page itself sends.
const OWN: &str = "x-userpool-demo";
/// How much of the newest messages the page is told.
const NEWEST: u64 = 64 * 1_024;
/// The largest file of the page.
const LARGEST: u64 = 16 * 1_024 * 1_024;

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; \
     img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

const HOW_TO: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>userpool: the demonstration page</title>
<h1>The demonstration page is not built</h1>
<p>It holds WebAssembly, which the server does not need. In the folder of the sources, with Node and the target
<code>wasm32-unknown-unknown</code> of Rust:</p>
<pre>wasm/demo/build
cargo run --release -- --demo target/demo</pre>
<p>Then it is here, and signs up and in against this server or against an engine inside the page.</p>
"#;

/// The page's files, read once.
struct Demo {
    files: BTreeMap<String, Bytes>,
    messages: Option<PathBuf>,
}

/// What is under `/demo`: the page in this folder, or how to build it.
///
/// # Errors
/// The folder cannot be read, or holds no page.
pub(crate) fn router(folder: Option<&Path>, messages: Option<&Path>) -> Result<Router, Failure> {
    let Some(folder) = folder else {
        return Ok(Router::new().route("/demo", get(async || answer("index.html", HOW_TO.into()))));
    };
    let named = |it: &dyn std::fmt::Display| {
        Failure::new(format!("the page in {}: {it}", folder.display()))
    };
    let mut files = BTreeMap::new();
    read(folder, "", &mut files).map_err(|it| named(&it))?;
    if !files.contains_key("index.html") {
        return Err(named(&"there is no index.html; wasm/demo/build makes one"));
    }
    let demo = Demo {
        files,
        messages: messages.map(Path::to_owned),
    };
    Ok(Router::new()
        .route("/demo", get(async || Redirect::temporary("/demo/")))
        .route("/demo/", get(index))
        .route("/demo/messages", get(newest))
        .route("/demo/{*file}", get(file))
        .with_state(Arc::new(demo)))
}

/// Makes the pool of the page, where second factors are allowed.
///
/// # Errors
/// The engine refuses it.
pub(crate) async fn make(engine: &Engine) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Declared {
        pools: Vec<Pool>,
    }
    let declared: Declared = toml::from_str(POOLS).map_err(|it| Failure::new(it.to_string()))?;
    declared::make(engine, &declared.pools).await?;
    let factors = json!({
        "UserPoolId": POOL,
        "MfaConfiguration": "OPTIONAL",
        "SoftwareTokenMfaConfiguration": { "Enabled": true },
    });
    let made = declared::call(engine, "SetUserPoolMfaConfig", &factors).await;
    made.map(|_| ()).map_err(|it| Failure::new(it.to_string()))
}

/// Every file of a folder and of those in it, by its path below the first.
fn read(folder: &Path, below: &str, files: &mut BTreeMap<String, Bytes>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        let kind = entry.metadata()?;
        if kind.is_dir() {
            read(&entry.path(), &format!("{name}/"), files)?;
        } else if kind.is_file() && kind.len() <= LARGEST {
            files.insert(name, std::fs::read(entry.path())?.into());
        }
    }
    Ok(())
}

async fn index(State(demo): State<Arc<Demo>>) -> Response {
    found(&demo, "index.html")
}

async fn file(State(demo): State<Arc<Demo>>, PathOf(name): PathOf<String>) -> Response {
    found(&demo, &name)
}

fn found(demo: &Demo, name: &str) -> Response {
    match demo.files.get(name) {
        Some(bytes) => answer(name, bytes.clone().into()),
        None => refused(StatusCode::NOT_FOUND),
    }
}

/// The newest messages, one JSON object a line; the first line may be cut.
async fn newest(State(demo): State<Arc<Demo>>, headers: HeaderMap) -> Response {
    if !headers.contains_key(OWN) || !is_loopback(&headers) {
        return refused(StatusCode::FORBIDDEN);
    }
    let Some(path) = demo.messages.clone() else {
        return refused(StatusCode::NOT_FOUND);
    };
    let tail = tokio::task::spawn_blocking(move || tail(&path)).await;
    match tail {
        Ok(Ok(bytes)) => answer("messages.jsonl", bytes.into()),
        _ => refused(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn tail(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(NEWEST)))?;
    let mut bytes = Vec::new();
    file.take(NEWEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether a request names a host that is this machine.
fn is_loopback(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|it| it.to_str().ok());
    let uri = host.and_then(|it| it.parse::<Uri>().ok());
    uri.as_ref().and_then(Uri::host).is_some_and(|host| {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || bare.parse().is_ok_and(|it: IpAddr| it.is_loopback())
    })
}

fn answer(name: &str, body: Body) -> Response {
    let kind = match name.rsplit_once('.').map(|it| it.1) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        _ => "text/plain; charset=utf-8",
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn refused(status: StatusCode) -> Response {
    let mut response = answer("", Body::empty());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use tower::Service as _;
    use userpool::testing::world;

    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("userpool-{name}-{}", std::process::id()));
            std::fs::create_dir_all(path.join("page/js")).unwrap();
            std::fs::write(path.join("page/index.html"), "<title>page</title>").unwrap();
            std::fs::write(path.join("page/js/a.wasm"), b"\0asm").unwrap();
            std::fs::write(path.join("messages.jsonl"), "{\"code\":\"123456\"}\n").unwrap();
            Self(path)
        }

        fn router(&self) -> Router {
            let messages = self.0.join("messages.jsonl");
            router(Some(&self.0.join("page")), Some(&messages)).unwrap()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    async fn ask(
        router: &mut Router,
        path: &str,
        headers: &[(&str, &str)],
    ) -> (u16, String, String) {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = router
            .call(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let status = response.status().as_u16();
        let kind = response
            .headers()
            .get(CONTENT_TYPE)
            .map(|it| it.to_str().unwrap().to_owned());
        let body = axum::body::to_bytes(response.into_body(), 1 << 20)
            .await
            .unwrap();
        (
            status,
            kind.unwrap_or_default(),
            String::from_utf8(body.to_vec()).unwrap(),
        )
    }

    #[tokio::test]
    async fn the_files_of_the_folder_are_served_and_no_others() {
        let folder = Folder::new("demo-files");
        let mut router = folder.router();
        let html = "text/html; charset=utf-8".to_owned();
        assert_eq!(
            ask(&mut router, "/demo/", &[]).await,
            (200, html, "<title>page</title>".into())
        );
        let (status, kind, _) = ask(&mut router, "/demo/js/a.wasm", &[]).await;
        assert_eq!((status, kind.as_str()), (200, "application/wasm"));
        for other in [
            "/demo/../messages.jsonl",
            "/demo/%2e%2e/messages.jsonl",
            "/demo/js",
            "/demo/b",
        ] {
            assert_eq!(ask(&mut router, other, &[]).await.0, 404, "{other}");
        }
    }

    #[tokio::test]
    async fn codes_are_told_to_the_page_alone() {
        let folder = Folder::new("demo-codes");
        let mut router = folder.router();
        let own = ("x-userpool-demo", "1");
        for (host, status) in [
            ("127.0.0.1:9229", 200),
            ("[::1]:9229", 200),
            ("localhost", 200),
            ("evil.example", 403),
            ("127.0.0.1.evil.example:80", 403),
        ] {
            let told = ask(&mut router, "/demo/messages", &[own, ("host", host)]).await;
            assert_eq!(told.0, status, "{host}");
            assert_eq!(told.2.contains("123456"), status == 200);
        }
        let bare = ask(&mut router, "/demo/messages", &[("host", "localhost")]).await;
        assert_eq!((bare.0, bare.2.as_str()), (403, ""));
    }

    #[tokio::test]
    async fn without_a_folder_it_says_how_to_build_the_page() {
        let mut router = router(None, None).unwrap();
        let (status, _, text) = ask(&mut router, "/demo", &[]).await;
        assert!(status == 200 && text.contains("wasm/demo/build"));
    }

    #[test]
    fn a_folder_without_a_page_is_told() {
        let folder = Folder::new("demo-none");
        let refusal = router(Some(&folder.0.join("page/js")), None).unwrap_err();
        assert!(refusal.to_string().contains("no index.html"));
    }

    #[tokio::test]
    async fn the_pool_of_the_page_is_made_once_and_lets_second_factors_be_set_up() {
        let engine = world().engine;
        make(&engine).await.unwrap();
        make(&engine).await.unwrap();
        let asked = json!({ "UserPoolId": POOL });
        let config = declared::call(&engine, "GetUserPoolMfaConfig", &asked)
            .await
            .unwrap();
        assert_eq!(config["SoftwareTokenMfaConfiguration"]["Enabled"], true);
    }
}
