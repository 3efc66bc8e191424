//! What the roles of callers let them do.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::request::Parts;
use userpool::credentials::Principal;
use userpool::policy::{Policy, Verdict};

use crate::signed::sent_uri;

/// Says whether a caller may do what a request asks for.
pub trait Authorise: Send + Sync + 'static {
    /// The verdict on a request whose signature was right.
    fn verdict(&self, principal: &Principal, request: &Parts) -> Verdict;
}

impl<F: Fn(&Principal, &Parts) -> Verdict + Send + Sync + 'static> Authorise for F {
    fn verdict(&self, principal: &Principal, request: &Parts) -> Verdict {
        self(principal, request)
    }
}

/// What a request asks for, in the words of policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The action, as `service:Name`.
    pub action: String,
    /// The resource, an ARN.
    pub resource: String,
}

/// What tells of a request what it asks for.
type Ask = dyn Fn(&Parts) -> Option<Asked> + Send + Sync;

/// The policies of roles, and what requests ask for. A role that is not among them may do nothing.
#[derive(Clone)]
pub struct RolePolicies {
    policies: BTreeMap<String, Vec<Policy>>,
    asked: Arc<Ask>,
}

impl RolePolicies {
    /// Begins without a role, with what tells action and resource of a request: [`invoke`], or a closure of your own, which
    /// takes the path from [`decoded_path`]. A request for which it tells nothing is not allowed.
    pub fn new(asked: impl Fn(&Parts) -> Option<Asked> + Send + Sync + 'static) -> Self {
        Self {
            policies: BTreeMap::new(),
            asked: Arc::new(asked),
        }
    }

    /// Adds policies of a role, by its ARN.
    #[must_use]
    pub fn role(
        mut self,
        arn: impl Into<String>,
        policies: impl IntoIterator<Item = Policy>,
    ) -> Self {
        self.policies
            .entry(arn.into())
            .or_default()
            .extend(policies);
        self
    }
}

impl Authorise for RolePolicies {
    fn verdict(&self, principal: &Principal, request: &Parts) -> Verdict {
        let Some(policies) = self.policies.get(principal.role()) else {
            return Verdict::NotAllowed;
        };
        let Some(Asked { action, resource }) = (self.asked)(request) else {
            return Verdict::NotAllowed;
        };
        principal.may(policies, &action, &resource)
    }
}

impl std::fmt::Debug for RolePolicies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RolePolicies")
            .field("roles", &self.policies.keys())
            .finish_non_exhaustive()
    }
}

/// What policies of an API ask: `execute-api:Invoke` on `arn:aws:execute-api:<region>:<account>:<api>/<stage>/<METHOD>/<path>`,
/// with the path of [`decoded_path`].
pub fn invoke(
    region: &str,
    account: &str,
    api: &str,
    stage: &str,
) -> impl Fn(&Parts) -> Option<Asked> + Send + Sync + 'static {
    let front = format!("arn:aws:execute-api:{region}:{account}:{api}/{stage}");
    move |request| {
        Some(Asked {
            action: "execute-api:Invoke".into(),
            resource: format!("{front}/{}{}", request.method, decoded_path(request)?),
        })
    }
}

/// The path that the client sent, decoded once, as handlers see its parts.
///
/// Nothing where a policy and a handler could read it in two ways: an encoded slash or percent sign, segments that are empty
/// (but for the last), `.` or `..`, control characters, and what is not UTF-8.
#[must_use]
pub fn decoded_path(request: &Parts) -> Option<String> {
    let (_, segments) = sent_uri(request).path().split_once('/')?;
    let mut path = String::new();
    let mut segments = segments.split('/').peekable();
    while let Some(segment) = segments.next() {
        let segment = decoded(segment)?;
        let is_last = segments.peek().is_none();
        if matches!(&*segment, "." | "..") || segment.is_empty() && !is_last {
            return None;
        }
        path.push('/');
        path.push_str(&segment);
    }
    Some(path)
}

fn decoded(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = tail.split_at_checked(2)?;
        let digits = std::str::from_utf8(digits).ok()?;
        let is_digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let byte = u8::from_str_radix(digits, 16).ok().filter(|_| is_digits)?;
        if matches!(byte, b'/' | b'%') {
            return None;
        }
        bytes.push(byte);
        rest = after;
    }
    let text = String::from_utf8(bytes).ok()?;
    (!text.contains(char::is_control)).then_some(text)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn a_path_is_decoded_once_or_not_at_all() {
        let path = |path: &str| {
            let (parts, ()) = Request::get(path).body(()).unwrap().into_parts();
            decoded_path(&parts)
        };
        for (sent, read) in [
            ("/", Some("/")),
            ("/a/b", Some("/a/b")),
            ("/a/", Some("/a/")),
            (
                "/us-east-1%3Aab/caf%C3%A9?x=%2F",
                Some("/us-east-1:ab/caf\u{e9}"),
            ),
            ("/a//b", None),
            ("//a", None),
            ("/a/../b", None),
            ("/a/%2e%2E", None),
            ("/a%2Fb", None),
            ("/a%252F", None),
            ("/a%0Ab", None),
            ("/a%", None),
            ("/a%+1", None),
            ("/a%FF", None),
        ] {
            assert_eq!(path(sent).as_deref(), read, "{sent}");
        }
    }
}
