//! The path under which clients reach the server, where its base URL has one.

use axum::Router;

/// What is served at the root and under the path of a base URL, which a proxy in front may have taken off: a signature is of
/// the path that its client sent, so that a proxy that hands on signed requests leaves it.
pub(crate) fn serve(base_url: &str, api: Router) -> Router {
    let router = Router::new();
    let router = match of(base_url) {
        Some(path) => router.nest_service(path, api.clone()),
        None => router,
    };
    router.fallback_service(api)
}

/// Whether a router has words for the path of a base URL: no patterns, and no empty segments.
pub(crate) fn is_plain(base_url: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%/".contains(&byte);
    of(base_url).is_none_or(|path| path.bytes().all(is_letter) && !path.contains("//"))
}

/// The path of a URL that does not end in a slash, from its first slash.
fn of(base_url: &str) -> Option<&str> {
    let (_, rest) = base_url.split_once("://")?;
    rest.find('/').and_then(|at| rest.get(at..))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::OriginalUri;
    use axum::http::{Request, Uri};
    use axum::response::Response;
    use tower::ServiceExt;

    use super::*;

    fn api() -> Router {
        let told =
            |OriginalUri(sent): OriginalUri, at: Uri| async move { format!("{sent} is {at}") };
        Router::new().fallback(told)
    }

    async fn ask(router: Router, path: &str) -> String {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let reply: Response = router.oneshot(request).await.unwrap();
        let bytes = axum::body::to_bytes(reply.into_body(), 1_024).await;
        String::from_utf8(bytes.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn what_is_at_the_root_is_also_under_the_path_of_the_base_url() {
        let router = serve("https://example.com/a/b", api());
        for (path, at) in [
            ("/a/b", "/"),
            ("/a/b/", "/"),
            ("/a/b/pool/login?x=1", "/pool/login?x=1"),
            ("/pool/login", "/pool/login"),
            ("/a/bc", "/a/bc"),
        ] {
            let told = ask(router.clone(), path).await;
            assert_eq!(told, format!("{path} is {at}"));
        }
        let router = serve("https://example.com", api());
        assert_eq!(ask(router, "/a").await, "/a is /a");
    }

    #[test]
    fn a_path_with_a_pattern_is_not_plain() {
        for plain in ["http://a", "http://a/b", "https://a:1/b.c/d-e_f~%20"] {
            assert!(is_plain(plain), "{plain}");
        }
        for other in [
            "http://a/{b}",
            "http://a/*b",
            "http://a/:b",
            "http://a/b//c",
            "http://a//b",
        ] {
            assert!(!is_plain(other), "{other}");
        }
    }
}
