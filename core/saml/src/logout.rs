//! Single logout (saml-core-2.0-os §3.7, saml-profiles-2.0-os §4.4): asked of a provider, and answered by it.

use alloc::{format, string::String};

use crate::{
    Refused,
    metadata::Metadata,
    redirect::{Direction, Incoming, MAX, Outgoing},
    response::{Name, check_issuer, check_status, check_version, moment},
    signature, time,
    time::SKEW,
    xml::{
        self, escape,
        namespace::{ASSERTION, PROTOCOL},
    },
};

/// How long a request for a sign-out is good, in seconds.
pub(crate) const LIFE: i64 = 300;

/// A request for a sign-out. It is always signed.
#[derive(Clone, Copy, Debug)]
pub struct SignOut<'a> {
    /// Its id, as that of a request for a sign-in.
    pub id: &'a str,
    /// Now, in seconds since 1970 began.
    pub now: i64,
    /// Who asks: the name of this service.
    pub service: &'a str,
    /// Where the request is sent: the provider's address for sign-outs.
    pub endpoint: &'a str,
    /// Who signs out, as the provider named the user.
    pub name: &'a Name,
    /// The session at the provider.
    pub session: Option<&'a str>,
}

impl SignOut<'_> {
    /// The request in an address, with the state that comes back with the response.
    #[must_use]
    pub fn outgoing(&self, state: &str) -> Outgoing {
        Outgoing::new(self.endpoint, Direction::Request, &self.xml(), Some(state))
    }

    fn xml(&self) -> String {
        let own = |name: &str, value: &Option<String>| {
            let value = value.as_deref();
            value.map_or(String::new(), |value| {
                format!(r#" {name}="{}""#, escape(value))
            })
        };
        let session = self.session.map_or(String::new(), |session| {
            let session = escape(session);
            format!("<saml2p:SessionIndex>{session}</saml2p:SessionIndex>")
        });
        format!(
            concat!(
                r#"<saml2p:LogoutRequest xmlns:saml2p="{protocol}" xmlns:saml2="{assertion}""#,
                r#" Destination="{endpoint}" ID="{id}" IssueInstant="{now}" NotOnOrAfter="{ends}" Version="2.0">"#,
                r#"<saml2:Issuer>{service}</saml2:Issuer>"#,
                r#"<saml2:NameID{format}{qualifier}{service_qualifier}>{name}</saml2:NameID>{session}"#,
                r#"</saml2p:LogoutRequest>"#,
            ),
            protocol = PROTOCOL,
            assertion = ASSERTION,
            endpoint = escape(self.endpoint),
            id = escape(self.id),
            now = time::write(self.now),
            ends = time::write(self.now.saturating_add(LIFE)),
            service = escape(self.service),
            format = own("Format", &self.name.format),
            qualifier = own("NameQualifier", &self.name.qualifier),
            service_qualifier = own("SPNameQualifier", &self.name.service_qualifier),
            name = escape(&self.name.value),
            session = session,
        )
    }
}

/// What an answer to a request for a sign-out has to fit.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The provider that it has to come from.
    pub provider: &'a Metadata,
    /// Where it has to have been sent: the address that it came to.
    pub address: &'a str,
    /// The id of the request.
    pub request: &'a str,
    /// Now, in seconds since 1970 began.
    pub now: i64,
}

/// Checks an answer that came in an address.
///
/// # Errors
/// It is malformed, unsigned or wrongly signed, of others, for others, too old, or the provider says that it failed.
pub fn check_redirect(expected: &Expected<'_>, message: &Incoming) -> Result<(), Refused> {
    let is_signed = message.is_signed(&expected.provider.keys()?)?;
    check(expected, message.xml(), is_signed)
}

/// Checks an answer that came in a form, as its parameter `SAMLResponse` holds it.
///
/// # Errors
/// As [`check_redirect`].
pub fn check_form(expected: &Expected<'_>, form: &str) -> Result<(), Refused> {
    if form.len() > crate::response::MAX {
        return Err(Refused::TooLarge);
    }
    let bytes = xml::decode(form).ok_or(Refused::Malformed)?;
    let text = core::str::from_utf8(&bytes).map_err(|_| Refused::Malformed)?;
    check(expected, text, false)
}

fn check(expected: &Expected<'_>, text: &str, is_signed: bool) -> Result<(), Refused> {
    let document = xml::parse(text, MAX)?;
    let response = document.root_element();
    if !xml::is(response, PROTOCOL, "LogoutResponse") {
        return Err(Refused::Malformed);
    }
    check_version(response)?;
    let [inside] = signature::check(&document, [response], &expected.provider.keys()?)?;
    if !is_signed && !inside {
        return Err(Refused::Unsigned);
    }
    let destination = response.attribute("Destination");
    if destination.is_some_and(|destination| destination != expected.address) {
        return Err(Refused::Destination);
    }
    check_issuer(xml::one(response, ASSERTION, "Issuer")?, expected.provider)?;
    if response.attribute("InResponseTo") != Some(expected.request) {
        return Err(Refused::InResponseTo);
    }
    let made = moment(response, "IssueInstant")?.ok_or(Refused::Malformed)?;
    if expected.now.saturating_sub(made) > LIFE + SKEW {
        return Err(Refused::Expired);
    }
    if made.saturating_sub(expected.now) > SKEW {
        return Err(Refused::NotYetValid);
    }
    check_status(response)
}
