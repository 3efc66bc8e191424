//! The binding that carries messages in forms (saml-bindings-2.0-os §3.5): a message on its way, signed inside
//! (saml-core-2.0-os §5.4).

use alloc::{format, string::String};

use userpool_crypto::{base64, digest::sha256};

use crate::{
    canonical,
    redirect::MAX,
    xml::{self, namespace::SIGNATURE},
};

/// A message on its way into a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// In canonical form.
    xml: String,
    /// Where in it a signature stands: behind the issuer (saml-core-2.0-os §3.2.1).
    at: usize,
    /// `SignedInfo` without its beginning, which is another one in canonical form.
    info: String,
}

impl Outgoing {
    /// Packs a message of ours, whose id is this.
    ///
    /// # Panics
    /// It is no message with an issuer.
    pub(crate) fn new(xml: &str, id: &str) -> Self {
        let document = xml::parse(xml, MAX).expect("our own messages are XML");
        let xml = canonical::write(document.root_element(), None, &[]);
        let end = "</saml2:Issuer>";
        let at = xml.find(end).expect("our own messages name their issuer") + end.len();
        let digest = base64::encode(&sha256(&[xml.as_bytes()]));
        let info = format!(
            concat!(
                r#"<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:CanonicalizationMethod>"#,
                r#"<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod>"#,
                r##"<ds:Reference URI="#{id}"><ds:Transforms>"##,
                r#"<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform>"#,
                r#"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform></ds:Transforms>"#,
                r#"<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>"#,
                r#"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"#,
            ),
            id = id,
            digest = digest,
        );
        Self { xml, at, info }
    }

    /// The value of the parameter, unsigned.
    #[must_use]
    pub fn unsigned(&self) -> String {
        base64::encode(self.xml.as_bytes())
    }

    /// What is to be signed with RSA and SHA-256 (RSASSA-PKCS1-v1_5).
    #[must_use]
    pub fn to_sign(&self) -> String {
        format!(r#"<ds:SignedInfo xmlns:ds="{SIGNATURE}">{}"#, self.info)
    }

    /// The value of the parameter with the signature of what is to be signed, and the certificate of its key.
    #[must_use]
    pub fn signed(&self, signature: &[u8], certificate: &[u8]) -> String {
        let signature = format!(
            concat!(
                r#"<ds:Signature xmlns:ds="{ds}"><ds:SignedInfo>{info}<ds:SignatureValue>{value}</ds:SignatureValue>"#,
                r#"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"#,
                r#"</ds:Signature>"#,
            ),
            ds = SIGNATURE,
            info = self.info,
            value = base64::encode(signature),
            certificate = base64::encode(certificate),
        );
        let (before, after) = self.xml.split_at(self.at);
        base64::encode([before, &signature, after].concat().as_bytes())
    }
}
