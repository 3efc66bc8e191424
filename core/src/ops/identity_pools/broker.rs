//! Credentials of a security token service, for the token of an identity (AWS STS, `AssumeRoleWithWebIdentity`).

use alloc::{
    format,
    string::{String, ToString},
    sync::Arc,
};

use roxmltree::{Document, Node, ParsingOptions};
use userpool_ports::{FetchFault, FetchReply, FetchRequest, Reach};
use userpool_wire::{Timestamp as WireTimestamp, identity::Credentials};

use super::roles::unconfigured;
use crate::{
    engine::{Broker, Cx, Refusal, RefusalKind, Run},
    ops::oauth::parameters::append,
};

/// The name of the session, as the service has it.
const SESSION: &str = "CognitoIdentityCredentials";
/// The longest answer that is read, and how many nodes it may have.
const MAX: usize = 64 * 1_024;
const MAX_NODES: u32 = 256;
/// Errors by which a service asks for patience.
const BUSY: [&str; 4] = [
    "RequestLimitExceeded",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
];

/// What the service gives for a token.
///
/// Refusals: of a service that has too much to do, that does not answer or not as it must; else that the role cannot be
/// assumed with tokens of this pool.
///
/// # Errors
/// The refusals above; stops the run until the service has answered.
pub(super) fn credentials(
    cx: &mut Cx<'_>,
    broker: &Broker,
    role: &str,
    token: &str,
) -> Run<Credentials> {
    let request = cx.once(|_| Ok(Arc::new(request(broker, role, token))))?;
    let reply = cx.fetch(FetchRequest::clone(&request))?;
    Ok(read(reply)?)
}

fn request(broker: &Broker, role: &str, token: &str) -> FetchRequest {
    let mut form = String::new();
    for (name, value) in [
        ("Action", "AssumeRoleWithWebIdentity"),
        ("Version", "2011-06-15"),
        ("RoleArn", role),
        ("RoleSessionName", SESSION),
        ("WebIdentityToken", token),
    ] {
        append(&mut form, name, value);
    }
    FetchRequest {
        method: "POST",
        url: format!("{}/", broker.endpoint.trim_end_matches('/')),
        headers: [
            ("accept".into(), "text/xml".into()),
            (
                "content-type".into(),
                "application/x-www-form-urlencoded".into(),
            ),
        ]
        .into(),
        body: form.into_bytes(),
        reach: Reach::Operator,
    }
}

fn read(reply: Result<FetchReply, FetchFault>) -> Result<Credentials, Refusal> {
    let reply = reply.map_err(|_| silent())?;
    if reply.body.len() > MAX {
        return Err(silent());
    }
    let text = core::str::from_utf8(&reply.body).map_err(|_| silent())?;
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options).map_err(|_| silent())?;
    let root = document.root_element();
    if reply.status == 200 {
        return given(root).ok_or_else(silent);
    }
    let code = element(root, "Error").and_then(|error| value(error, "Code"));
    Err(match (reply.status, code.as_deref()) {
        (_, Some(code)) if BUSY.contains(&code) => Refusal::new(
            RefusalKind::TooManyRequests,
            "The security token service has too much to do.",
        ),
        (_, Some("IDPCommunicationError") | None) | (500.., _) => silent(),
        (_, Some(_)) => unconfigured(),
    })
}

/// The credentials in an answer.
fn given(root: Node<'_, '_>) -> Option<Credentials> {
    let result = element(root, "AssumeRoleWithWebIdentityResult")?;
    let credentials = element(result, "Credentials")?;
    let ends = userpool_saml::moment(&value(credentials, "Expiration")?).ok()?;
    Some(Credentials {
        access_key_id: Some(value(credentials, "AccessKeyId")?),
        secret_key: Some(value(credentials, "SecretAccessKey")?.into()),
        session_token: Some(value(credentials, "SessionToken")?.into()),
        expiration: Some(WireTimestamp::from_millis(ends.saturating_mul(1_000))),
    })
}

/// An element within another, whatever its namespace: services that speak the protocol differ in it.
fn element<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children()
        .find(|it| it.is_element() && it.tag_name().name() == name)
}

fn value(node: Node<'_, '_>, name: &str) -> Option<String> {
    let text = element(node, name)?.text()?.trim();
    (!text.is_empty()).then(|| text.to_string())
}

fn silent() -> Refusal {
    Refusal::new(
        RefusalKind::ExternalService,
        "The security token service did not answer as it must.",
    )
}
