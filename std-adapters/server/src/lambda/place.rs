//! Where a function is invoked: the endpoint, and the path that names the function there.

use std::fmt::Write;

/// The interface's path.
const FUNCTIONS: &str = "/2015-03-31/functions/";

/// Who serves functions.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub tls: bool,
    pub host: String,
    pub port: u16,
    /// Host and port as the `Host` header tells them.
    pub authority: String,
}

impl Endpoint {
    /// The endpoint of a URL without a path.
    pub(super) fn parse(url: &str) -> Option<Self> {
        let (tls, rest) = match url.strip_prefix("https://") {
            Some(rest) => (true, rest),
            None => (false, url.strip_prefix("http://")?),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#', '@', ' ']) {
            return None;
        }
        let usual = if tls { 443 } else { 80 };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                (host, port.parse().ok()?)
            }
            _ => (authority, usual),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        (!host.is_empty()).then(|| Self {
            tls,
            host: host.to_owned(),
            port,
            authority: authority.to_owned(),
        })
    }

    pub(super) fn is_local(&self) -> bool {
        let address = self.host.parse::<std::net::IpAddr>();
        self.host == "localhost" || address.is_ok_and(|it| it.is_loopback())
    }

    /// Whether it is the service itself, which knows functions by their whole ARNs, other accounts' too.
    fn is_service(&self) -> bool {
        [".amazonaws.com", ".amazonaws.com.cn"]
            .iter()
            .any(|it| self.host.ends_with(it))
    }
}

/// Where a function is invoked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub path: String,
    pub query: String,
    pub region: String,
}

impl Place {
    /// The place of a function: the service is told the whole ARN; any other endpoint the name, and the version or
    /// alias as `Qualifier`, which is what emulators know.
    pub(super) fn of(function: &str, endpoint: &Endpoint, region: &str) -> Self {
        // arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]
        let parts: Vec<&str> = function.splitn(8, ':').collect();
        let (name, qualifier, region) = match parts.as_slice() {
            ["arn", _, "lambda", region, _, "function", name, rest @ ..] => {
                (*name, rest.first().copied(), *region)
            }
            _ => (function, None, region),
        };
        let (name, qualifier) = if endpoint.is_service() {
            (function, None)
        } else {
            (name, qualifier)
        };
        Self {
            path: format!("{FUNCTIONS}{}/invocations", encoded(name)),
            query: qualifier
                .map(|it| format!("Qualifier={}", encoded(it)))
                .unwrap_or_default(),
            region: region.to_owned(),
        }
    }

    /// Path and query.
    pub(super) fn target(&self) -> String {
        if self.query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.query)
        }
    }
}

/// Everything but letters, digits and `-._~` as `%XX` (RFC 3986 §2.3).
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_url_without_a_path() {
        let of = |url| Endpoint::parse(url).map(|it| (it.tls, it.host, it.port));
        assert_eq!(
            of("http://localhost:3001/"),
            Some((false, "localhost".into(), 3001))
        );
        assert_eq!(
            of("https://lambda.eu-west-1.amazonaws.com"),
            Some((true, "lambda.eu-west-1.amazonaws.com".into(), 443))
        );
        assert_eq!(of("http://[::1]:9"), Some((false, "::1".into(), 9)));
        for bad in [
            "localhost:3001",
            "http://",
            "http://a/b",
            "http://u@a",
            "ftp://a",
        ] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_service_is_told_the_arn_and_others_the_name() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:pre-sign-up:live";
        let place = |url| {
            let endpoint = Endpoint::parse(url).expect("an endpoint");
            Place::of(arn, &endpoint, "us-east-1")
        };
        let here = place("http://localhost:3001");
        assert_eq!(
            here.target(),
            "/2015-03-31/functions/pre-sign-up/invocations?Qualifier=live"
        );
        assert_eq!(here.region, "eu-west-1");
        let there = place("https://lambda.eu-west-1.amazonaws.com");
        assert_eq!(
            there.target(),
            "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Apre-sign-up%3Alive/invocations"
        );
    }
}
