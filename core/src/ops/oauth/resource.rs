//! The API that an access token is for, as a request names it (RFC 8707 §2).

use super::error::{Error, ErrorKind};

/// The longest name of an API.
const MAX: usize = 2_048;
/// Schemes that lead into a browser and to no API.
const NO_API: [&str; 5] = ["about", "blob", "data", "file", "javascript"];

/// Checks the name of an API: an `https` address, one of `http` on the own machine, or a scheme of an application's own;
/// absolute, and without a fragment.
///
/// # Errors
/// `invalid_target`.
pub(super) fn check(named: &str) -> Result<(), Error> {
    let plain = named
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&byte));
    let fits = match named.split_once(':') {
        Some((scheme, rest)) if plain && named.len() <= MAX => {
            let scheme = scheme.to_ascii_lowercase();
            match scheme.as_str() {
                "https" => host(rest).is_some_and(|host| !host.is_empty()),
                "http" => host(rest) == Some("localhost"),
                own => is_scheme(own) && !NO_API.contains(&own) && !rest.is_empty(),
            }
        }
        _ => false,
    };
    if fits {
        return Ok(());
    }
    let text = "resource must be an https address, one of http://localhost, or of an application's own scheme.";
    Err(Error::new(ErrorKind::InvalidTarget, text))
}

/// The host of an address, where it names nobody who asks.
fn host(rest: &str) -> Option<&str> {
    let authority = rest.strip_prefix("//")?.split(['/', '?']).next()?;
    let host = authority
        .split_once(':')
        .map_or(authority, |(host, _)| host);
    (!authority.contains('@')).then_some(host)
}

/// RFC 3986 §3.1.
fn is_scheme(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_has_an_address_and_no_fragment() {
        for good in [
            "https://api.example.com",
            "https://api.example.com:8443/orders?of=eu",
            "http://localhost:3000/api",
            "my-app://api",
            "urn:example:api",
        ] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "api.example.com",
            "https://",
            "https:api",
            "http://api.example.com",
            "http://localhost@api.example.com",
            "https://user@api.example.com",
            "https://api.example.com/#part",
            "https://api.example.com/a b",
            "javascript:alert(1)",
            "data:text/html,x",
            "1app://api",
            "app:",
        ] {
            let refused = check(bad).expect_err(bad);
            assert_eq!(refused.kind, ErrorKind::InvalidTarget, "{bad}");
        }
    }
}
