//! Sign-outs that a provider begins (saml-core-2.0-os §3.7, saml-profiles-2.0-os §4.4.3.2): its request checked, and
//! answered.

use alloc::{format, string::String, vec::Vec};

use roxmltree::Node;

use crate::{
    Refused,
    logout::LIFE,
    metadata::Metadata,
    redirect::{Direction, MAX, Outgoing, Received},
    response::{Name, check_issuer, check_version, moment, name_in},
    signature,
    time::{self, SKEW},
    xml::{
        self, escape,
        namespace::{ASSERTION, PROTOCOL},
    },
};

/// The longest name of a session.
const SESSION: usize = 1_024;
/// How many sessions a request may name.
const SESSIONS: usize = 64;

/// What a request has to fit.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The provider that it has to come from.
    pub provider: &'a Metadata,
    /// Where it has to have been sent: the address that it came to.
    pub address: &'a str,
    /// Now, in seconds since 1970 began.
    pub now: i64,
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedOut {
    /// Its id, which the answer names.
    pub id: String,
    /// Who signs out.
    pub name: Name,
    /// The sessions that end; where there is none, all of the user.
    pub sessions: Vec<String>,
    /// When it ends, in seconds since 1970 began.
    pub ends: i64,
}

/// Who says that it sent a request. Nothing of it is checked: it says whose keys to look for.
///
/// # Errors
/// It is malformed or too large.
pub fn issuer(request: Received<'_>) -> Result<String, Refused> {
    let text = request.text()?;
    let document = xml::parse(&text, MAX)?;
    xml::trimmed(xml::one(root(&document)?, ASSERTION, "Issuer")?)
}

/// Checks a request.
///
/// Refused, in this order: what is too large or malformed, of another version, a wrong signature, nothing signed, another
/// or no destination, another issuer, one that is too old, over, or of times to come, no name or an encrypted one.
///
/// # Errors
/// The refusals above.
pub fn check(expected: &Expected<'_>, request: Received<'_>) -> Result<SignedOut, Refused> {
    let text = request.text()?;
    let document = xml::parse(&text, MAX)?;
    let root = root(&document)?;
    check_version(root)?;
    let keys = expected.provider.keys()?;
    let around = match request {
        Received::Form(_) => false,
        Received::Address(message) => message.is_signed(&keys)?,
    };
    let [inside] = signature::check(&document, [root], &keys)?;
    if !around && !inside {
        return Err(Refused::Unsigned);
    }
    // What is signed says where it goes (saml-bindings-2.0-os §3.4.5.2 and §3.5.5.2).
    if root.attribute("Destination") != Some(expected.address) {
        return Err(Refused::Destination);
    }
    check_issuer(xml::one(root, ASSERTION, "Issuer")?, expected.provider)?;
    let ends = check_times(root, expected.now)?;
    let mut sessions = Vec::new();
    for node in xml::children(root, PROTOCOL, "SessionIndex") {
        let session = xml::trimmed(node)?;
        if session.len() > SESSION || sessions.len() == SESSIONS {
            return Err(Refused::TooLarge);
        }
        sessions.push(session);
    }
    Ok(SignedOut {
        id: root.attribute("ID").unwrap_or_default().into(),
        name: name_in(root)?,
        sessions,
        ends,
    })
}

fn root<'a, 'i>(document: &'a roxmltree::Document<'i>) -> Result<Node<'a, 'i>, Refused> {
    let root = document.root_element();
    match xml::is(root, PROTOCOL, "LogoutRequest") {
        true => Ok(root),
        false => Err(Refused::Malformed),
    }
}

/// When a request ends that is of now.
fn check_times(root: Node<'_, '_>, now: i64) -> Result<i64, Refused> {
    let made = moment(root, "IssueInstant")?.ok_or(Refused::Malformed)?;
    let last = made.saturating_add(LIFE);
    let ends = moment(root, "NotOnOrAfter")?.map_or(last, |ends| ends.min(last));
    if now >= ends.saturating_add(SKEW) {
        return Err(Refused::Expired);
    }
    if made.saturating_sub(now) > SKEW {
        return Err(Refused::NotYetValid);
    }
    Ok(ends.saturating_add(SKEW))
}

impl Received<'_> {
    fn text(&self) -> Result<String, Refused> {
        match self {
            Self::Address(message) => Ok(message.xml().into()),
            Self::Form(form) => {
                if form.len() > crate::response::MAX {
                    return Err(Refused::TooLarge);
                }
                let bytes = xml::decode(form).ok_or(Refused::Malformed)?;
                String::from_utf8(bytes).map_err(|_| Refused::Malformed)
            }
        }
    }
}

/// The answer to a request: all of this service's sessions have ended. It is always signed.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// Its id.
    pub id: &'a str,
    /// Now, in seconds since 1970 began.
    pub now: i64,
    /// Who answers: the name of this service.
    pub service: &'a str,
    /// Where the answer is sent.
    pub endpoint: &'a str,
    /// The id of the request.
    pub request: &'a str,
}

impl Answer<'_> {
    /// The answer in an address, with the state that came with the request.
    #[must_use]
    pub fn outgoing(&self, state: Option<&str>) -> Outgoing {
        Outgoing::new(self.endpoint, Direction::Response, &self.xml(), state)
    }

    fn xml(&self) -> String {
        format!(
            concat!(
                r#"<saml2p:LogoutResponse xmlns:saml2p="{protocol}" Destination="{endpoint}" ID="{id}""#,
                r#" InResponseTo="{request}" IssueInstant="{now}" Version="2.0">"#,
                r#"<saml2:Issuer xmlns:saml2="{assertion}">{service}</saml2:Issuer><saml2p:Status><saml2p:StatusCode"#,
                r#" Value="urn:oasis:names:tc:SAML:2.0:status:Success"></saml2p:StatusCode></saml2p:Status>"#,
                r#"</saml2p:LogoutResponse>"#,
            ),
            protocol = PROTOCOL,
            assertion = ASSERTION,
            endpoint = escape(self.endpoint),
            id = escape(self.id),
            request = escape(self.request),
            now = time::write(self.now),
            service = escape(self.service),
        )
    }
}
