//! Requests in addresses, and the answers to requests for a sign-out.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod provider;

use provider::{ENTITY, NOW, OTHER, PROVIDER, Signing, insert, metadata, pem};
use userpool_crypto::{base64, rs256::SigningKey};
use userpool_saml::{
    Refused,
    logout::{self, Expected, SignOut},
    redirect::{Direction, Incoming, Outgoing},
    request::SignIn,
    response::Name,
};

const SLO: &str = "https://sp.example.org/saml2/logout";
const KEYS: &str = "RelayState with <all> & sundry=?#+%/é";

fn sign(file: &str, text: &str) -> Vec<u8> {
    let key = SigningKey::from_pkcs8(&pem(file, "PRIVATE KEY")).unwrap();
    key.sign(text.as_bytes(), &[7; 32]).unwrap().to_vec()
}

fn answer() -> String {
    format!(
        r#"<samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" Destination="{SLO}" ID="_l1" InResponseTo="_asked" IssueInstant="2026-01-02T03:04:05Z" Version="2.0"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{ENTITY}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"></samlp:StatusCode></samlp:Status></samlp:LogoutResponse>"#
    )
}

fn query(address: &str) -> &str {
    address.split_once('?').unwrap().1
}

fn judge(query: &str) -> Result<(), Refused> {
    let provider = metadata();
    let message = Incoming::parse(query, Direction::Response)?;
    logout::check_redirect(&expected(&provider), &message)
}

fn expected(provider: &userpool_saml::metadata::Metadata) -> Expected<'_> {
    Expected {
        provider,
        address: SLO,
        request: "_asked",
        now: NOW,
    }
}

/// The query of an answer, signed.
fn signed(xml: &str, file: &str) -> String {
    let outgoing = Outgoing::new(SLO, Direction::Response, xml, Some(KEYS));
    let address = outgoing.signed(&sign(file, &outgoing.to_sign()));
    query(&address).to_owned()
}

#[test]
fn a_request_for_a_sign_in_is_one_address() {
    let request = SignIn {
        id: "_abc",
        now: NOW,
        service: "urn:amazon:cognito:sp:us-east-1_Example",
        answer_to: "https://sp.example.org/saml2/idpresponse?a=\"b\"&c",
        endpoint: "https://idp.example.org/sso?tenant=1",
        again: false,
    };
    let outgoing = request.outgoing(KEYS);
    let address = outgoing.unsigned();
    let rest = address
        .strip_prefix("https://idp.example.org/sso?tenant=1&SAMLRequest=")
        .unwrap();
    let (packed, state) = rest.split_once("&RelayState=").unwrap();
    assert_eq!(
        state,
        "RelayState%20with%20%3Call%3E%20%26%20sundry%3D%3F%23%2B%25%2F%C3%A9"
    );
    assert!(
        packed
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'%')
    );
    let signed = outgoing.signed(&[1, 2, 3]);
    let algorithm = "&SigAlg=http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23rsa-sha256";
    assert_eq!(signed, format!("{address}{algorithm}&Signature=AQID"));
    assert!(signed.contains(&outgoing.to_sign()));

    let message = Incoming::parse(query(&address), Direction::Request).unwrap();
    assert_eq!(message.state.as_deref(), Some(KEYS));
    let expected = concat!(
        r#"<saml2p:AuthnRequest xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" "#,
        r#"AssertionConsumerServiceURL="https://sp.example.org/saml2/idpresponse?a=&quot;b&quot;&amp;c" "#,
        r#"Destination="https://idp.example.org/sso?tenant=1" ID="_abc" IssueInstant="2026-01-02T03:04:05Z" "#,
        r#"ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Version="2.0">"#,
        r#"<saml2:Issuer xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">"#,
        r#"urn:amazon:cognito:sp:us-east-1_Example</saml2:Issuer></saml2p:AuthnRequest>"#,
    );
    assert_eq!(message.xml(), expected);
    let again = SignIn {
        again: true,
        ..request
    }
    .outgoing("s")
    .unsigned();
    let message = Incoming::parse(query(&again), Direction::Request).unwrap();
    assert!(message.xml().contains(r#" ForceAuthn="true" "#));
}

#[test]
fn a_request_for_a_sign_out_names_the_user_and_the_session() {
    let name = Name {
        value: "a<b>@example.org".into(),
        format: Some("urn:f".into()),
        qualifier: Some("q\"".into()),
        service_qualifier: None,
    };
    let request = SignOut {
        id: "_abc",
        now: NOW,
        service: "urn:sp",
        endpoint: "https://idp.example.org/slo",
        name: &name,
        session: Some("_s&1"),
    };
    let address = request.outgoing("s").unsigned();
    let message = Incoming::parse(query(&address), Direction::Request).unwrap();
    let expected = concat!(
        r#"<saml2p:LogoutRequest xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" "#,
        r#"xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" Destination="https://idp.example.org/slo" ID="_abc" "#,
        r#"IssueInstant="2026-01-02T03:04:05Z" NotOnOrAfter="2026-01-02T03:09:05Z" Version="2.0">"#,
        r#"<saml2:Issuer>urn:sp</saml2:Issuer><saml2:NameID Format="urn:f" NameQualifier="q&quot;">a&lt;b&gt;@example.org"#,
        r#"</saml2:NameID><saml2p:SessionIndex>_s&amp;1</saml2p:SessionIndex></saml2p:LogoutRequest>"#,
    );
    assert_eq!(message.xml(), expected);
}

#[test]
fn a_signed_answer_ends_a_sign_out() {
    assert_eq!(judge(&signed(&answer(), PROVIDER)), Ok(()));
    let provider = metadata();
    let inside = insert(
        &answer(),
        &Signing {
            uri: "#_l1",
            ..Signing::default()
        }
        .of(&answer()),
    );
    let form = base64::encode(inside.as_bytes());
    assert_eq!(logout::check_form(&expected(&provider), &form), Ok(()));
}

#[test]
fn an_answer_has_to_be_signed_as_it_was_sent() {
    assert_eq!(judge(&signed(&answer(), OTHER)), Err(Refused::Signature));
    let query = signed(&answer(), PROVIDER);
    let (unsigned, _) = query.split_once("&SigAlg=").unwrap();
    assert_eq!(judge(unsigned), Err(Refused::Unsigned));
    assert_eq!(
        judge(&query.replace("sundry", "Sundry")),
        Err(Refused::Signature)
    );
    assert_eq!(judge(&query.replace("%20", "+")), Err(Refused::Signature));
    assert_eq!(
        judge(&query.replace("rsa-sha256", "rsa-sha1")),
        Err(Refused::Algorithm)
    );
    let (without, _) = query.split_once("&Signature=").unwrap();
    assert_eq!(judge(without), Err(Refused::Malformed));
    assert_eq!(
        judge(&format!("{query}&RelayState=other")),
        Err(Refused::Malformed)
    );
    assert_eq!(
        judge(&query.replace("SAMLResponse", "SAMLRequest")),
        Err(Refused::Malformed)
    );
    let provider = metadata();
    let form = base64::encode(answer().as_bytes());
    assert_eq!(
        logout::check_form(&expected(&provider), &form),
        Err(Refused::Unsigned)
    );
}

#[test]
fn an_answer_has_to_fit_the_request() {
    for (from, to, end) in [
        ("_asked", "_other", Refused::InResponseTo),
        (ENTITY, "https://other.example.org", Refused::Issuer),
        (SLO, "https://other.example.org", Refused::Destination),
        (":Success", ":Responder", Refused::Status),
        ("T03:04:05Z", "T02:04:05Z", Refused::Expired),
        ("T03:04:05Z", "T03:06:05Z", Refused::NotYetValid),
        ("LogoutResponse", "LogoutRequest", Refused::Malformed),
        ("\"2.0\"", "\"1.1\"", Refused::Version),
    ] {
        assert_eq!(
            judge(&signed(&answer().replace(from, to), PROVIDER)),
            Err(end),
            "{from}"
        );
    }
}

#[test]
fn a_message_that_unpacks_into_too_much_is_refused() {
    let bomb = Outgoing::new(SLO, Direction::Response, &" ".repeat(80_000), None).unsigned();
    assert_eq!(judge(query(&bomb)), Err(Refused::TooLarge));
    for query in [
        "",
        "SAMLResponse=",
        "SAMLResponse=%",
        "SAMLResponse=%FF",
        "SAMLResponse=AAAA",
        "SAMLResponse=a=b",
    ] {
        assert!(judge(query).is_err(), "{query}");
    }
    assert_eq!(
        judge(&format!("SAMLResponse={}", "A".repeat(400_000))),
        Err(Refused::TooLarge)
    );
}
