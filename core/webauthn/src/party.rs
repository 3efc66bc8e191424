//! The relying party: whom credentials are for, and from which pages they may be used.

use userpool_crypto::digest::sha256;

/// Whom credentials are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelyingParty<'a> {
    /// The RP id, a domain: `example.org`.
    pub id: &'a str,
    /// The pages that may use its credentials.
    pub origins: Origins<'a>,
    /// Whether these pages may be embedded in those of others.
    pub embedding: Embedding<'a>,
}

/// The pages that may use a relying party's credentials (§13.4.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origins<'a> {
    /// `https` pages of the RP id and of its subdomains, at any port; `http` too where the id is `localhost`.
    OfId,
    /// Exactly these origins, as browsers write them, or as apps do (`android:apk-key-hash:…`).
    These(&'a [&'a str]),
}

/// Whether pages may use credentials while they are embedded in pages of other origins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Embedding<'a> {
    /// Never.
    Never,
    /// Only in pages of these origins; the browser has to say in which.
    In(&'a [&'a str]),
    /// In pages of any origin, whether the browser says in which or not.
    Anywhere,
}

/// Whether the authenticator has to verify the user, by a PIN or a biometric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserVerification {
    /// It has to.
    Required,
    /// It may leave it; what it did is reported.
    Preferred,
}

/// What a ceremony has to fit: what was asked for when it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected<'a> {
    /// Whom the credential is for.
    pub party: RelyingParty<'a>,
    /// The challenge that was sent, at least 16 random bytes.
    pub challenge: &'a [u8],
    /// Whether the user has to be verified.
    pub verification: UserVerification,
}

impl RelyingParty<'_> {
    /// What stands for the RP id in authenticator data.
    pub(crate) fn hash(&self) -> [u8; 32] {
        sha256(&[self.id.as_bytes()])
    }

    /// Whether a page of this origin may use the credentials.
    pub(crate) fn has_origin(&self, origin: &str) -> bool {
        match self.origins {
            Origins::OfId => is_of_id(origin, self.id),
            Origins::These(origins) => origins.contains(&origin),
        }
    }

    /// Whether a page may be embedded as the browser says: in another origin, and in which.
    pub(crate) fn allows_embedding(&self, is_cross_origin: bool, top: Option<&str>) -> bool {
        match (self.embedding, is_cross_origin, top) {
            (_, false, None) | (Embedding::Anywhere, true, _) => true,
            (Embedding::In(origins), true, Some(top)) => origins.contains(&top),
            (Embedding::In(_) | Embedding::Never | Embedding::Anywhere, _, _) => false,
        }
    }
}

/// Whether an origin, in the form of RFC 6454 §6.2, is a page of a domain or of a subdomain.
fn is_of_id(origin: &str, id: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else {
        return false;
    };
    let is_secure = scheme == "https" || (scheme == "http" && id == "localhost");
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let is_port = |port: &str| {
        let is_digits = port.bytes().all(|byte| byte.is_ascii_digit());
        is_digits && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
    };
    let is_host = host.split('.').all(is_label);
    let is_own = host
        .strip_suffix(id)
        .is_some_and(|sub| sub.is_empty() || sub.ends_with('.'));
    is_secure && port.is_none_or(is_port) && is_host && is_own && !id.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_the_id_and_its_subdomains_are_its_own() {
        for origin in [
            "https://example.org",
            "https://example.org:8443",
            "https://login.example.org",
            "https://a.b.example.org:1",
        ] {
            assert!(is_of_id(origin, "example.org"), "{origin}");
        }
        assert!(is_of_id("http://localhost:3000", "localhost"));
        assert!(is_of_id("https://localhost", "localhost"));
    }

    #[test]
    fn other_pages_are_not_its_own() {
        for origin in [
            "http://example.org",
            "https://example.org.",
            "https://example.org/",
            "https://example.org/x",
            "https://notexample.org",
            "https://example.com",
            "https://org",
            "https://example.org.evil.com",
            "https://evil.com#.example.org",
            "https://evil.com/.example.org",
            "https://user@example.org",
            "https://example.org:",
            "https://example.org:0",
            "https://example.org:99999",
            "https://example.org:+1",
            "https://EXAMPLE.org",
            "https://.example.org",
            "https://a..example.org",
            "https:///example.org",
            "https://",
            "https:example.org",
            "HTTPS://example.org",
            "android:apk-key-hash:example.org",
            "null",
            "",
        ] {
            assert!(!is_of_id(origin, "example.org"), "{origin}");
        }
        assert!(!is_of_id("http://localhost.example.org", "example.org"));
        assert!(!is_of_id("https://example.org", ""));
    }

    #[test]
    fn an_embedded_page_counts_only_where_it_may_be_embedded() {
        let party = |embedding| RelyingParty {
            id: "example.org",
            origins: Origins::OfId,
            embedding,
        };
        let never = party(Embedding::Never);
        let within = party(Embedding::In(&["https://shop.com"]));
        let anywhere = party(Embedding::Anywhere);
        for (cross, top, in_never, in_shop, in_any) in [
            (false, None, true, true, true),
            (true, None, false, false, true),
            (true, Some("https://shop.com"), false, true, true),
            (true, Some("https://evil.com"), false, false, true),
            (false, Some("https://shop.com"), false, false, false),
        ] {
            assert_eq!(anywhere.allows_embedding(cross, top), in_any, "{top:?}");
            assert_eq!(never.allows_embedding(cross, top), in_never, "{top:?}");
            assert_eq!(within.allows_embedding(cross, top), in_shop, "{top:?}");
        }
    }
}
