//! An identity provider that says what it is told to say, and signs it as it should, or otherwise.
//!
//! Its documents are written in canonical form, by hand: what it signs does not depend on what is tested.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::sync::LazyLock;

use userpool_crypto::{base64, digest::sha256, rs256::SigningKey};
use userpool_saml::{
    Refused,
    metadata::Metadata,
    response::{Asked, Expected, SignedIn, check},
};

pub const NOW: i64 = 1_767_323_045;
pub const SERVICE: &str = "urn:amazon:cognito:sp:us-east-1_Example";
pub const ADDRESS: &str = "https://sp.example.org/saml2/idpresponse";
pub const ENTITY: &str = "https://idp.example.org/metadata";

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
pub const PROVIDER: &str = include_str!("../vectors/provider.pem");
pub const LONG: &str = include_str!("../vectors/long.pem");
pub const OTHER: &str = include_str!("../vectors/other.pem");

/// The bytes of a part of a PEM file (RFC 7468).
pub fn pem(file: &str, label: &str) -> Vec<u8> {
    let begin = format!("-----BEGIN {label}-----");
    let text = file.split_once(&begin).unwrap().1;
    let text = text.split_once("-----END").unwrap().0;
    base64::decode(&text.split_whitespace().collect::<String>()).unwrap()
}

/// The metadata of a provider with the certificates of these files.
pub fn document(files: &[&str]) -> String {
    let keys: String = files
        .iter()
        .map(|file| base64::encode(&pem(file, "CERTIFICATE")))
        .map(|certificate| {
            format!(
                r#"<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="{DS}"><ds:X509Data><ds:X509Certificate>
{certificate}
</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"#
            )
        })
        .collect();
    format!(
        r#"<?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{ENTITY}">
<md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{keys}
<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.org/slo"/>
<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.org/post"/>
<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.org/sso?a=b"/>
</md:IDPSSODescriptor></md:EntityDescriptor>"#
    )
}

pub fn metadata() -> Metadata {
    static METADATA: LazyLock<Metadata> =
        LazyLock::new(|| Metadata::parse(&document(&[PROVIDER]), NOW).unwrap());
    METADATA.clone()
}

/// What a response to the request `_asked` has to fit.
pub fn expected(provider: &Metadata) -> Expected<'_> {
    Expected {
        provider,
        service: SERVICE,
        address: ADDRESS,
        asked: Asked::Request("_asked"),
        now: NOW,
    }
}

/// Checks a response to the request `_asked`.
pub fn judge(xml: &str) -> Result<SignedIn, Refused> {
    check(&expected(&metadata()), &base64::encode(xml.as_bytes()))
}

pub fn assertion() -> String {
    r#"<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a1" IssueInstant="2026-01-02T03:04:05Z" Version="2.0"><saml:Issuer>https://idp.example.org/metadata</saml:Issuer><saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ada@example.org</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData InResponseTo="_asked" NotOnOrAfter="2026-01-02T03:09:05Z" Recipient="https://sp.example.org/saml2/idpresponse"></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="2026-01-02T03:03:05Z" NotOnOrAfter="2026-01-02T03:08:05Z"><saml:AudienceRestriction><saml:Audience>urn:amazon:cognito:sp:us-east-1_Example</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="2026-01-02T03:04:00Z" SessionIndex="_s1"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name="mail"><saml:AttributeValue>ada@example.org</saml:AttributeValue></saml:Attribute><saml:Attribute Name="groups"><saml:AttributeValue>staff</saml:AttributeValue><saml:AttributeValue>R&amp;D</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>"#.into()
}

/// A response around an assertion.
pub fn response(assertion: &str) -> String {
    format!(
        r#"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" Destination="https://sp.example.org/saml2/idpresponse" ID="_r1" InResponseTo="_asked" IssueInstant="2026-01-02T03:04:05Z" Version="2.0"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://idp.example.org/metadata</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"></samlp:StatusCode></samlp:Status>{assertion}</samlp:Response>"#
    )
}

/// How something is signed.
pub struct Signing<'a> {
    pub file: &'a str,
    pub uri: &'a str,
    pub method: &'a str,
    pub digest_method: &'a str,
    pub canonicalization: &'a str,
    pub transforms: &'a [&'a str],
    pub key_info: &'a str,
}

impl Default for Signing<'_> {
    fn default() -> Self {
        Self {
            file: PROVIDER,
            uri: "#_a1",
            method: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            digest_method: "http://www.w3.org/2001/04/xmlenc#sha256",
            canonicalization: "http://www.w3.org/2001/10/xml-exc-c14n#",
            transforms: &[
                "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
                "http://www.w3.org/2001/10/xml-exc-c14n#",
            ],
            key_info: "",
        }
    }
}

impl Signing<'_> {
    /// The signature of an element in canonical form.
    pub fn of(&self, element: &str) -> String {
        self.made_by(element, |text| {
            let key = SigningKey::from_pkcs8(&pem(self.file, "PRIVATE KEY")).unwrap();
            key.sign(text, &[7; 32]).unwrap().to_vec()
        })
    }

    pub fn made_by(&self, element: &str, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
        let transforms: String = self
            .transforms
            .iter()
            .map(|uri| format!(r#"<ds:Transform Algorithm="{uri}"></ds:Transform>"#))
            .collect();
        let rest = format!(
            concat!(
                r#"<ds:CanonicalizationMethod Algorithm="{}"></ds:CanonicalizationMethod>"#,
                r#"<ds:SignatureMethod Algorithm="{}"></ds:SignatureMethod><ds:Reference URI="{}">"#,
                r#"<ds:Transforms>{}</ds:Transforms><ds:DigestMethod Algorithm="{}"></ds:DigestMethod>"#,
                r#"<ds:DigestValue>{}</ds:DigestValue></ds:Reference></ds:SignedInfo>"#,
            ),
            self.canonicalization,
            self.method,
            self.uri,
            transforms,
            self.digest_method,
            base64::encode(&sha256(&[element.as_bytes()])),
        );
        let value = sign(format!(r#"<ds:SignedInfo xmlns:ds="{DS}">{rest}"#).as_bytes());
        let value = base64::encode(&value);
        let key_info = self.key_info;
        format!(
            r#"<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>{rest}<ds:SignatureValue>{value}</ds:SignatureValue>{key_info}</ds:Signature>"#
        )
    }

    /// The element with its signature after its issuer.
    pub fn sign(&self, element: &str) -> String {
        insert(element, &self.of(element))
    }
}

/// Puts a text after the first issuer of an element.
pub fn insert(element: &str, text: &str) -> String {
    element.replacen("</saml:Issuer>", &format!("</saml:Issuer>{text}"), 1)
}

/// A response with a signed assertion.
pub fn signed() -> String {
    signed_after(|assertion| assertion)
}

/// A response with an assertion that is changed before it is signed.
pub fn signed_after(change: impl FnOnce(String) -> String) -> String {
    response(&Signing::default().sign(&change(assertion())))
}

/// A response that is signed as a whole.
pub fn signed_whole() -> String {
    let signing = Signing {
        uri: "#_r1",
        ..Signing::default()
    };
    signing.sign(&response(&assertion()))
}
