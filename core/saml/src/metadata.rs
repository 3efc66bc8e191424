//! Metadata of identity providers (saml-metadata-2.0-os §2).

use alloc::{string::String, vec::Vec};

use roxmltree::Node;

use crate::{
    Refused,
    certificate::Key,
    time,
    xml::{
        self,
        namespace::{METADATA, PROTOCOL, SIGNATURE},
    },
};

/// The longest metadata that is looked at, in bytes.
pub const MAX: usize = 512 * 1_024;
/// The longest name of a provider (saml-metadata-2.0-os §2.2.1), and the longest address.
const TEXT: usize = 1_024;
/// How many keys a provider may have.
const KEYS: usize = 16;

const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";

/// What is known of an identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Its name: the issuer of its messages.
    pub entity_id: String,
    /// Where browsers are sent for a sign-in.
    pub sign_in: String,
    /// Whether they are sent there by the POST binding, as there is no address of the redirect binding.
    pub posts: bool,
    /// Where browsers are sent for a sign-out, by the redirect binding.
    pub sign_out: Option<String>,
    /// Where answers to requests for a sign-out are sent, by the redirect binding, if elsewhere.
    pub sign_out_answer: Option<String>,
    /// The certificates of the keys that it signs with, DER. There is at least one.
    pub certificates: Vec<Vec<u8>>,
    /// Whether it wants requests to be signed.
    pub wants_signed: bool,
    /// When the metadata ends, in seconds since 1970 began.
    pub ends: Option<i64>,
}

impl Metadata {
    /// Reads a document about one identity provider.
    ///
    /// A signature of the document is not looked at: whoever gives the document to the caller vouches for it.
    ///
    /// # Errors
    /// It is malformed, over, not about exactly one identity provider of SAML 2.0, or lacks its name, an address for
    /// sign-ins, or a certificate whose key may be used.
    pub fn parse(text: &str, now: i64) -> Result<Self, Refused> {
        let document = xml::parse(text, MAX)?;
        let root = document.root_element();
        let mut entities = root
            .descendants()
            .filter(|node| xml::is(*node, METADATA, "EntityDescriptor"))
            .filter_map(|node| Some((node, role(node)?)));
        let (Some((entity, role)), None) = (entities.next(), entities.next()) else {
            return Err(Refused::Metadata);
        };
        let entity_id = entity.attribute("entityID").unwrap_or_default();
        if entity_id.is_empty() || entity_id.len() > TEXT {
            return Err(Refused::Metadata);
        }
        let mut ends = None;
        for node in [root, entity, role] {
            if let Some(text) = node.attribute("validUntil") {
                let until = time::read(text)?;
                ends = Some(ends.map_or(until, |ends: i64| ends.min(until)));
            }
        }
        if ends.is_some_and(|ends| ends <= now) {
            return Err(Refused::Expired);
        }
        let redirected = address(role, "SingleSignOnService", REDIRECT, "Location")?;
        let posts = redirected.is_none();
        let sign_in = match redirected {
            Some(address) => address,
            None => {
                address(role, "SingleSignOnService", POST, "Location")?.ok_or(Refused::Metadata)?
            }
        };
        let sign_out = |member| address(role, "SingleLogoutService", REDIRECT, member);
        Ok(Self {
            entity_id: entity_id.into(),
            sign_in,
            posts,
            sign_out: sign_out("Location")?,
            sign_out_answer: sign_out("ResponseLocation")?,
            certificates: certificates(role)?,
            wants_signed: matches!(
                role.attribute("WantAuthnRequestsSigned"),
                Some("true" | "1")
            ),
            ends,
        })
    }

    /// The keys of the certificates.
    pub(crate) fn keys(&self) -> Result<Vec<Key>, Refused> {
        self.certificates.iter().map(|der| Key::of(der)).collect()
    }
}

/// What an entity is as an identity provider of this protocol.
fn role<'a, 'i: 'a>(entity: Node<'a, 'i>) -> Option<Node<'a, 'i>> {
    xml::children(entity, METADATA, "IDPSSODescriptor").find(|role| {
        let protocols = role.attribute("protocolSupportEnumeration");
        let mut protocols = protocols.unwrap_or_default().split_ascii_whitespace();
        protocols.any(|protocol| protocol == PROTOCOL)
    })
}

/// An address of a service by a binding.
fn address(
    role: Node<'_, '_>,
    service: &str,
    binding: &str,
    member: &str,
) -> Result<Option<String>, Refused> {
    let found = xml::children(role, METADATA, service)
        .find(|node| node.attribute("Binding") == Some(binding));
    let Some(node) = found else {
        return Ok(None);
    };
    let address = match node.attribute(member) {
        None if member != "Location" => return Ok(None),
        address => address.unwrap_or_default().trim(),
    };
    let is_http = ["https://", "http://"].iter().any(|scheme| {
        address
            .strip_prefix(scheme)
            .is_some_and(|rest| !rest.is_empty())
    });
    let is_plain = address.bytes().all(|byte| byte.is_ascii_graphic()) && !address.contains('#');
    if !is_http || !is_plain || address.len() > TEXT {
        return Err(Refused::Metadata);
    }
    Ok(Some(address.into()))
}

/// The certificates of the keys that the provider signs with. One whose key cannot be used is left out.
fn certificates(role: Node<'_, '_>) -> Result<Vec<Vec<u8>>, Refused> {
    let mut out: Vec<Vec<u8>> = Vec::new();
    let signing = xml::children(role, METADATA, "KeyDescriptor")
        .filter(|key| matches!(key.attribute("use"), None | Some("signing")));
    let certificates = signing
        .flat_map(|key| xml::children(key, SIGNATURE, "KeyInfo"))
        .flat_map(|info| xml::children(info, SIGNATURE, "X509Data"))
        .flat_map(|data| xml::children(data, SIGNATURE, "X509Certificate"));
    for node in certificates {
        let der = xml::base64(node)?;
        if Key::of(&der).is_ok() && !out.contains(&der) {
            out.push(der);
        }
    }
    match out.len() {
        0 => Err(Refused::Certificate),
        1..=KEYS => Ok(out),
        _ => Err(Refused::TooLarge),
    }
}
