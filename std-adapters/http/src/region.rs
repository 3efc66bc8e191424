//! For which region a request is that nobody signed: the address that it came to says so.
//!
//! | address | region |
//! |---|---|
//! | `http://cognito-idp.eu-west-1.example.com/`, as the service's own | that in the name of the host |
//! | `http://127.0.0.1:9229/eu-west-1` | the path |
//! | any other | none: the pool's primary answers |
//!
//! A client chooses the region by the endpoint that it is given. The name of a host is nobody's secret and nobody's right:
//! a replica serves less than the primary, and nothing that the primary does not.

use axum::http::header::HOST;
use axum::http::request::Parts;

/// What the host of the service's own endpoints begins with.
const SERVICE: &str = "cognito-idp.";
/// The longest name of a region.
const MAX: usize = 32;

/// Whether a path is the name of a region: words and at last a number, as in `eu-west-1`.
pub(crate) fn is_path(path: &str) -> bool {
    let mut parts: Vec<&str> = path.trim_matches('/').split('-').collect();
    let number = parts.pop().unwrap_or_default();
    let is =
        |text: &str, fits: fn(&u8) -> bool| !text.is_empty() && text.bytes().all(|it| fits(&it));
    path.len() <= MAX + 2
        && parts.len() >= 2
        && parts.iter().all(|word| is(word, u8::is_ascii_lowercase))
        && is(number, u8::is_ascii_digit)
}

/// The region that the address of a request names.
pub(crate) fn of(parts: &Parts) -> Option<String> {
    let path = parts.uri.path().trim_matches('/');
    let host = parts.headers.get(HOST).and_then(|it| it.to_str().ok());
    // HTTP/2 has the host in `:authority`.
    let host = host.or_else(|| parts.uri.host());
    named(path, host.unwrap_or(""))
}

fn named(path: &str, host: &str) -> Option<String> {
    let of_host = host
        .strip_prefix(SERVICE)
        .and_then(|it| it.split('.').next());
    let region = if path.is_empty() { of_host? } else { path };
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let fits = (1..=MAX).contains(&region.len()) && region.bytes().all(is_name);
    fits.then(|| region.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{is_path, named};

    #[test]
    fn a_path_is_a_region_or_none() {
        for path in ["/eu-west-1", "/us-gov-west-1/", "/ap-southeast-12"] {
            assert!(is_path(path), "{path}");
        }
        for path in [
            "/",
            "/other",
            "/metrics",
            "/eu-west",
            "/eu-1",
            "/a/b-c-1",
            "/EU-WEST-1",
            "/eu--1",
            "/-west-1",
        ] {
            assert!(!is_path(path), "{path}");
        }
    }

    #[test]
    fn the_address_names_the_region() {
        for (path, host, region) in [
            ("", "cognito-idp.eu-west-1.amazonaws.com", Some("eu-west-1")),
            (
                "",
                "cognito-idp.eu-west-1.localhost:9229",
                Some("eu-west-1"),
            ),
            ("us-east-2", "127.0.0.1:9229", Some("us-east-2")),
            (
                "us-east-2",
                "cognito-idp.eu-west-1.localhost",
                Some("us-east-2"),
            ),
            ("", "127.0.0.1:9229", None),
            ("", "cognito-idp.", None),
            ("a/b", "", None),
            ("%20", "", None),
        ] {
            assert_eq!(named(path, host).as_deref(), region, "{path} {host}");
        }
    }
}
