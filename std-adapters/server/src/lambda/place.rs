//! Where a function is invoked: the endpoint, and the path that names the function there.

use std::fmt::Write;

use crate::outbound::Endpoint;

/// The interface's path.
const FUNCTIONS: &str = "/2015-03-31/functions/";

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
        let (name, qualifier) = if is_service(endpoint) {
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

/// Whether it is the service itself, which knows functions by their whole ARNs, other accounts' too.
fn is_service(endpoint: &Endpoint) -> bool {
    [".amazonaws.com", ".amazonaws.com.cn"]
        .iter()
        .any(|it| endpoint.host.ends_with(it))
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
