//! An identity provider of SAML: its metadata, and responses that it signs.
//!
//! What it signs is written in canonical form by hand, so that it needs nothing of what is tested.

use std::sync::OnceLock;

use aes_gcm::{
    Aes256Gcm,
    aead::{Aead, KeyInit},
};
use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
use rsa::{BoxedUint, PublicKey, sha2::Sha256};
use userpool_crypto::{base64, calendar::Civil, digest::sha256, rs256::SigningKey};
use userpool_saml::redirect::{Direction, Incoming, Outgoing};

/// A key and its certificate, made for tests.
const PEM: &str = include_str!("../../core/saml/tests/vectors/provider.pem");
/// The provider's name.
pub const ENTITY: &str = "https://idp.example.org/metadata";

const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";

/// The provider's metadata.
#[must_use]
pub fn metadata() -> String {
    let certificate = base64::encode(&part("CERTIFICATE"));
    let redirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
    format!(
        concat!(
            r#"<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}">"#,
            r#"<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">"#,
            r#"<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="{ds}"><ds:X509Data><ds:X509Certificate>{certificate}"#,
            r#"</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"#,
            r#"<md:SingleLogoutService Binding="{redirect}" Location="https://idp.example.org/slo"/>"#,
            r#"<md:SingleSignOnService Binding="{redirect}" Location="https://idp.example.org/sso"/>"#,
            r#"</md:IDPSSODescriptor></md:EntityDescriptor>"#,
        ),
        entity = ENTITY,
        ds = SIGNATURE,
        certificate = certificate,
        redirect = redirect,
    )
}

/// A request for a sign-in or sign-out that came in an address.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Its document.
    pub xml: String,
    /// The state that it wants back.
    pub state: String,
}

impl Asked {
    /// Reads it.
    ///
    /// # Panics
    /// There is none.
    #[must_use]
    pub fn of(address: &str) -> Self {
        let (_, query) = address.split_once('?').expect("a query");
        let message = Incoming::parse(query, Direction::Request).expect("a request");
        Self {
            xml: message.xml().into(),
            state: message.state.expect("a state"),
        }
    }

    /// The value of an attribute of its root.
    ///
    /// # Panics
    /// There is none.
    #[must_use]
    pub fn own(&self, name: &str) -> &str {
        let (_, rest) = self
            .xml
            .split_once(&format!(" {name}=\""))
            .expect("an attribute");
        rest.split('"').next().expect("a value")
    }
}

/// What a response says.
#[derive(Clone, Debug)]
pub struct Response {
    /// The id of the assertion.
    pub id: String,
    /// The request that it answers.
    pub answers: Option<String>,
    /// For whom it is.
    pub service: String,
    /// Where it is sent.
    pub address: String,
    /// Who signed in.
    pub name: String,
    /// What is said of the user.
    pub attributes: Vec<(String, Vec<String>)>,
    /// When it is made, in seconds since 1970 began.
    pub now: i64,
}

impl Response {
    /// The response in base64, its assertion signed.
    #[must_use]
    pub fn form(&self) -> String {
        let assertion = self.assertion();
        let signed = assertion.replacen(
            "</saml:Issuer>",
            &format!("</saml:Issuer>{}", signature(&assertion, &self.id)),
            1,
        );
        let xml = format!(
            concat!(
                r#"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r{id}"{answers} IssueInstant="{now}""#,
                r#" Version="2.0"><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>"#,
                r#"</samlp:Status>{signed}</samlp:Response>"#,
            ),
            id = self.id,
            answers = self.answers(),
            now = moment(self.now),
            signed = signed,
        );
        base64::encode(xml.as_bytes())
    }

    /// The response in base64, its assertion signed and then encrypted for a certificate.
    ///
    /// # Panics
    /// The certificate has no key of RSA.
    #[must_use]
    pub fn encrypted_form(&self, certificate: &[u8]) -> String {
        let plain = base64::decode(&self.form()).expect("base64");
        let plain = String::from_utf8(plain).expect("a text");
        let at = plain.find("<saml:Assertion").expect("an assertion");
        let end = "</saml:Assertion>";
        let until = plain.find(end).expect("its end") + end.len();
        let encrypted = encrypted(&plain.as_bytes()[at..until], certificate);
        base64::encode(format!("{}{encrypted}{}", &plain[..at], &plain[until..]).as_bytes())
    }

    fn answers(&self) -> String {
        let answers = self.answers.as_ref();
        answers.map_or(String::new(), |id| format!(r#" InResponseTo="{id}""#))
    }

    fn assertion(&self) -> String {
        let attributes: String = self
            .attributes
            .iter()
            .map(|(name, values)| {
                let values: String = values
                    .iter()
                    .map(|value| format!("<saml:AttributeValue>{value}</saml:AttributeValue>"))
                    .collect();
                format!(r#"<saml:Attribute Name="{name}">{values}</saml:Attribute>"#)
            })
            .collect();
        let (now, ends) = (moment(self.now), moment(self.now + 300));
        format!(
            concat!(
                r#"<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{id}" IssueInstant="{now}""#,
                r#" Version="2.0"><saml:Issuer>{entity}</saml:Issuer><saml:Subject><saml:NameID>{name}</saml:NameID>"#,
                r#"<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData"#,
                r#"{answers} NotOnOrAfter="{ends}" Recipient="{address}"></saml:SubjectConfirmationData>"#,
                r#"</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{now}" NotOnOrAfter="{ends}">"#,
                r#"<saml:AudienceRestriction><saml:Audience>{service}</saml:Audience></saml:AudienceRestriction>"#,
                r#"</saml:Conditions><saml:AuthnStatement AuthnInstant="{now}" SessionIndex="_s{id}"></saml:AuthnStatement>"#,
                r#"<saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>"#,
            ),
            id = self.id,
            now = now,
            entity = ENTITY,
            name = self.name,
            answers = self.answers(),
            ends = ends,
            address = self.address,
            service = self.service,
            attributes = attributes,
        )
    }
}

/// An encrypted assertion: AES-256-GCM under a key that RSA-OAEP wraps.
fn encrypted(plain: &[u8], certificate: &[u8]) -> String {
    let (key, nonce) = ([4; 32], [5; 12]);
    let cipher = Aes256Gcm::new_from_slice(&key).expect("a key of this length");
    let sealed = cipher.encrypt(&nonce.into(), plain).expect("a short text");
    let modulus = userpool_saml::modulus(certificate).expect("a key of RSA");
    let number =
        |bytes: &[u8]| BoxedUint::from_be_slice(bytes, (bytes.len() * 8) as u32).expect("a number");
    let public = PublicKey::new(number(&modulus), number(&[1, 0, 1])).expect("a key");
    let mut chance = ChaCha20Rng::from_seed([6; 32]);
    let wrapped = public.oaep_encrypt_with_rng::<Sha256, _>(&mut chance, &key);
    let value = |bytes: &[u8]| {
        let text = base64::encode(bytes);
        format!("<e:CipherData><e:CipherValue>{text}</e:CipherValue></e:CipherData>")
    };
    format!(
        concat!(
            r#"<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><e:EncryptedData"#,
            r#" xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptionMethod"#,
            r#" Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/><ds:KeyInfo xmlns:ds="{ds}"><e:EncryptedKey>"#,
            r#"<e:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#rsa-oaep"><ds:DigestMethod"#,
            r#" Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><m:MGF xmlns:m="http://www.w3.org/2009/xmlenc11#""#,
            r#" Algorithm="http://www.w3.org/2009/xmlenc11#mgf1sha256"/></e:EncryptionMethod>{wrapped}</e:EncryptedKey>"#,
            r#"</ds:KeyInfo>{sealed}</e:EncryptedData></saml:EncryptedAssertion>"#,
        ),
        ds = SIGNATURE,
        wrapped = value(&wrapped.expect("a wrapped key")),
        sealed = value(&[&nonce[..], &sealed].concat()),
    )
}

/// The signature of an element in canonical form.
fn signature(element: &str, id: &str) -> String {
    let digest = base64::encode(&sha256(&[element.as_bytes()]));
    let rest = format!(
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
    let text = format!(r#"<ds:SignedInfo xmlns:ds="{SIGNATURE}">{rest}"#);
    let value = base64::encode(&sign(text.as_bytes()));
    format!(
        r#"<ds:Signature xmlns:ds="{SIGNATURE}"><ds:SignedInfo>{rest}<ds:SignatureValue>{value}</ds:SignatureValue></ds:Signature>"#
    )
}

/// A message in base64, with its signature behind the issuer.
fn signed_form(xml: &str, id: &str) -> String {
    let (end, signature) = ("</saml:Issuer>", signature(xml, id));
    let signed = xml.replacen(end, &format!("{end}{signature}"), 1);
    base64::encode(signed.as_bytes())
}

/// A message in a query.
fn query(direction: Direction, xml: &str, state: &str, signed: bool) -> String {
    let outgoing = Outgoing::new("https://sp", direction, xml, Some(state));
    let address = match signed {
        true => outgoing.signed(&sign(outgoing.to_sign().as_bytes())),
        false => outgoing.unsigned(),
    };
    address.split_once('?').expect("a query").1.into()
}

/// Signs as the provider.
///
/// # Panics
/// The provider's key is none.
#[must_use]
pub fn sign(text: &[u8]) -> Vec<u8> {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    let key = KEY.get_or_init(|| SigningKey::from_pkcs8(&part("PRIVATE KEY")).expect("a key"));
    key.sign(text, &[7; 32]).expect("a signature").to_vec()
}

/// The bytes of a part of the file (RFC 7468).
fn part(label: &str) -> Vec<u8> {
    let (_, rest) = PEM
        .split_once(&format!("-----BEGIN {label}-----"))
        .expect("a part");
    let text: String = rest
        .split("-----")
        .next()
        .expect("a text")
        .split_whitespace()
        .collect();
    base64::decode(&text).expect("base64")
}

fn moment(seconds: i64) -> String {
    let at = Civil::from_unix(seconds);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        at.year, at.month, at.day, at.hour, at.minute, at.second
    )
}

/// The answer to a request for a sign-out.
#[derive(Clone, Debug)]
pub struct SignedOut {
    /// The request that it answers.
    pub answers: String,
    /// Where it is sent.
    pub address: String,
    /// When it is made, in seconds since 1970 began.
    pub now: i64,
}

impl SignedOut {
    /// The answer in base64, signed.
    #[must_use]
    pub fn form(&self) -> String {
        signed_form(&self.xml(), "_l")
    }

    /// The answer in base64, unsigned.
    #[must_use]
    pub fn unsigned_form(&self) -> String {
        base64::encode(self.xml().as_bytes())
    }

    /// The answer in a query.
    ///
    /// # Panics
    /// An address has no query.
    #[must_use]
    pub fn query(&self, state: &str, signed: bool) -> String {
        query(Direction::Response, &self.xml(), state, signed)
    }

    fn xml(&self) -> String {
        format!(
            concat!(
                r#"<samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" Destination="{address}""#,
                r#" ID="_l" InResponseTo="{answers}" IssueInstant="{now}" Version="2.0">"#,
                r#"<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{entity}</saml:Issuer><samlp:Status>"#,
                r#"<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"></samlp:StatusCode>"#,
                r#"</samlp:Status></samlp:LogoutResponse>"#,
            ),
            address = self.address,
            answers = self.answers,
            now = moment(self.now),
            entity = ENTITY,
        )
    }
}

/// A request of the provider that somebody signs out.
#[derive(Clone, Debug)]
pub struct SignOut {
    /// Its id.
    pub id: String,
    /// Where it is sent.
    pub address: String,
    /// Who signs out.
    pub name: String,
    /// The session, where one alone ends.
    pub session: Option<String>,
    /// When it is made, in seconds since 1970 began.
    pub now: i64,
}

impl SignOut {
    /// The request in base64, signed.
    #[must_use]
    pub fn form(&self) -> String {
        signed_form(&self.xml(), &self.id)
    }

    /// The request in base64, unsigned.
    #[must_use]
    pub fn unsigned_form(&self) -> String {
        base64::encode(self.xml().as_bytes())
    }

    /// The request in a query.
    ///
    /// # Panics
    /// An address has no query.
    #[must_use]
    pub fn query(&self, state: &str, signed: bool) -> String {
        query(Direction::Request, &self.xml(), state, signed)
    }

    fn xml(&self) -> String {
        let session = self.session.as_ref().map_or(String::new(), |session| {
            format!("<samlp:SessionIndex>{session}</samlp:SessionIndex>")
        });
        format!(
            concat!(
                r#"<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" Destination="{address}""#,
                r#" ID="{id}" IssueInstant="{now}" Version="2.0">"#,
                r#"<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{entity}</saml:Issuer>"#,
                r#"<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{name}</saml:NameID>{session}"#,
                r#"</samlp:LogoutRequest>"#,
            ),
            address = self.address,
            id = self.id,
            name = self.name,
            now = moment(self.now),
            entity = ENTITY,
            session = session,
        )
    }
}
