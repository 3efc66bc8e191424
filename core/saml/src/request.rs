//! Requests for a sign-in (saml-core-2.0-os §3.4.1, saml-profiles-2.0-os §4.1.4.1).

use alloc::{format, string::String};

use crate::{
    post,
    redirect::{Direction, Outgoing},
    time,
    xml::{
        escape,
        namespace::{ASSERTION, PROTOCOL},
    },
};

/// A request for a sign-in.
#[derive(Clone, Copy, Debug)]
pub struct SignIn<'a> {
    /// Its id: a letter or `_`, then letters, digits, `-`, `_` and `.`; at least 128 bits of it are random (§1.3.4).
    pub id: &'a str,
    /// Now, in seconds since 1970 began.
    pub now: i64,
    /// Who asks: the name of this service.
    pub service: &'a str,
    /// Where the response is to be sent.
    pub answer_to: &'a str,
    /// Where the request is sent: the provider's address for sign-ins.
    pub endpoint: &'a str,
    /// Whether the provider has to ask the user again, even if it knows who it is.
    pub again: bool,
}

impl SignIn<'_> {
    /// The request in an address, with the state that comes back with the response.
    #[must_use]
    pub fn outgoing(&self, state: &str) -> Outgoing {
        Outgoing::new(self.endpoint, Direction::Request, &self.xml(), Some(state))
    }

    /// The request in a form.
    ///
    /// # Panics
    /// Its members are no text of XML.
    #[must_use]
    pub fn posted(&self) -> post::Outgoing {
        post::Outgoing::new(&self.xml(), self.id)
    }

    fn xml(&self) -> String {
        let again = if self.again {
            r#" ForceAuthn="true""#
        } else {
            ""
        };
        format!(
            concat!(
                r#"<saml2p:AuthnRequest xmlns:saml2p="{protocol}" AssertionConsumerServiceURL="{answer_to}""#,
                r#" Destination="{endpoint}"{again} ID="{id}" IssueInstant="{now}""#,
                r#" ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Version="2.0">"#,
                r#"<saml2:Issuer xmlns:saml2="{assertion}">{service}</saml2:Issuer></saml2p:AuthnRequest>"#,
            ),
            protocol = PROTOCOL,
            assertion = ASSERTION,
            answer_to = escape(self.answer_to),
            endpoint = escape(self.endpoint),
            again = again,
            id = escape(self.id),
            now = time::write(self.now),
            service = escape(self.service),
        )
    }
}
