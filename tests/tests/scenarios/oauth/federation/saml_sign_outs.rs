//! Sign-outs that a provider of SAML begins, and providers that take nothing but forms.

use userpool_crypto::base64;
use userpool_tests::saml::{self, Asked, Response, SignOut};

use super::{saml::saml_partner, *};

/// A provider that is told of sign-outs, and tells of them.
fn joined() -> Story {
    let provider = saml_partner(json!({"IDPSignout": "true"}));
    story_of(json!({}), provider, json!(["Partner"]), None)
}

impl Story {
    /// Signs somebody in; the session at the provider is `_s` and the id.
    fn sign_in_as(&mut self, name: &str, id: &str) {
        let asked = Asked::of(&self.away("").location);
        let response = Response {
            id: id.into(),
            ..self.answer(&asked, name)
        };
        let page = self.post(&response.form(), &asked.state);
        let back = self.come_again(&page);
        assert!(back.location.starts_with(BACK), "{}", back.location);
    }

    fn sign_out_of(&self, name: &str, id: &str) -> SignOut {
        SignOut {
            id: id.into(),
            address: format!("http://127.0.0.1:9229/{}/saml2/logout", self.scene.pool),
            name: name.into(),
            session: None,
            now: self.scene.now().secs(),
        }
    }

    /// Brings a request in an address.
    fn bring(&mut self, query: &str) -> Page {
        let path = self.at(&format!("/saml2/logout?{query}"));
        self.browser.get(&path)
    }

    /// Brings one in a form of another site, without cookies.
    fn bring_form(&mut self, request: &str) -> Page {
        let cookies = std::mem::take(&mut self.browser.cookies);
        let fields = [("SAMLRequest", request), ("RelayState", "r/1")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let path = self.at("/saml2/logout");
        let page = self
            .browser
            .post(&path, &fields, Some("https://idp.example.org"));
        self.browser.cookies.extend(cookies);
        page
    }

    /// Whether the browser is signed in.
    fn is_in(&mut self) -> bool {
        let path = self.at(&format!("/oauth2/authorize?{}", self.query("&prompt=none")));
        let back = self.browser.get(&path);
        !back.location.contains("login_required")
    }
}

#[test]
fn a_sign_out_that_the_provider_begins_ends_the_session_and_is_answered() {
    for in_form in [false, true] {
        let mut story = joined();
        story.sign_in_as("ada", "_1");
        assert!(story.is_in());
        let request = story.sign_out_of("ada", "_o1");
        let back = match in_form {
            true => story.bring_form(&request.form()),
            false => story.bring(&request.query("r/1", true)),
        };
        assert_eq!(back.status, 303, "{}", back.body);
        assert!(
            back.location
                .starts_with("https://idp.example.org/slo?SAMLResponse=")
        );
        assert_eq!(back.parameter("RelayState"), "r/1");
        assert!(back.location.contains("&Signature="));
        assert!(!story.is_in());
    }
}

#[test]
fn only_the_sessions_and_the_user_that_are_named_are_signed_out() {
    let mut story = joined();
    story.sign_in_as("ada", "_1");
    let others = SignOut {
        session: Some("_s_2".into()),
        ..story.sign_out_of("ada", "_o1")
    };
    assert_eq!(story.bring(&others.query("s", true)).status, 303);
    let bob = story.sign_out_of("bob", "_o2");
    assert_eq!(story.bring(&bob.query("s", true)).status, 303);
    assert!(story.is_in());
    let own = SignOut {
        session: Some("_s_1".into()),
        ..story.sign_out_of("ada", "_o3")
    };
    assert_eq!(story.bring(&own.query("s", true)).status, 303);
    assert!(!story.is_in());
}

#[test]
fn a_request_that_does_not_fit_signs_nobody_out() {
    let mut story = joined();
    story.sign_in_as("ada", "_1");
    let right = story.sign_out_of("ada", "_o1");
    let stale = SignOut {
        now: right.now - 361,
        ..right.clone()
    };
    let early = SignOut {
        now: right.now + 61,
        ..right.clone()
    };
    let elsewhere = SignOut {
        address: "https://other.example.com/saml2/logout".into(),
        ..right.clone()
    };
    let other = right
        .query("s", true)
        .replace("RelayState=s", "RelayState=t");
    for query in [
        right.query("s", false),
        stale.query("s", true),
        early.query("s", true),
        elsewhere.query("s", true),
        other,
        "SAMLRequest=AAAA".into(),
    ] {
        let page = story.bring(&query);
        assert_eq!(page.status, 400, "{query}");
    }
    let signed = base64::decode(&right.form()).expect("base64");
    let signed = String::from_utf8(signed).expect("a text");
    let changed = signed.replace(">ada<", ">adb<");
    for form in [
        right.unsigned_form(),
        base64::encode(changed.as_bytes()),
        "AAAA".into(),
    ] {
        assert_eq!(story.bring_form(&form).status, 400, "{form}");
    }
    assert!(story.is_in());
    assert_eq!(story.bring(&right.query("s", true)).status, 303);
    story.sign_in_as("ada", "_2");
    assert_eq!(story.bring(&right.query("s", true)).status, 400, "once");
    assert!(story.is_in());
}

#[test]
fn a_provider_that_is_not_told_of_sign_outs_begins_none() {
    let mut story = story_of(json!({}), saml_partner(json!({})), json!(["Partner"]), None);
    story.sign_in_as("ada", "_1");
    let request = story.sign_out_of("ada", "_o1");
    let page = story.bring(&request.query("s", true));
    assert_eq!(page.status, 400);
    assert!(
        page.body.contains("no such identity provider"),
        "{}",
        page.body
    );
    assert!(story.is_in());
}

#[test]
fn a_provider_that_takes_forms_alone_gets_one() {
    for signs in [false, true] {
        let metadata = saml::metadata().replace(
            "<md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\"",
            "<md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\"",
        );
        let more = match signs {
            true => json!({"MetadataFile": metadata, "RequestSigningAlgorithm": "rsa-sha256"}),
            false => json!({"MetadataFile": metadata}),
        };
        let mut story = story_of(json!({}), saml_partner(more), json!(["Partner"]), None);
        let path = story.at(&format!("/oauth2/authorize?{}", story.query("")));
        let page = story.browser.get(&path);
        assert_eq!(page.status, 200, "{}", page.body);
        let policy = page.headers["content-security-policy"]
            .to_str()
            .expect("a text");
        assert!(
            policy.contains("form-action 'self' https://idp.example.org;"),
            "{policy}"
        );
        let (action, fields) = page.form(0);
        assert_eq!(action, "https://idp.example.org/sso");
        let field = |name: &str| {
            let found = fields.iter().find(|(field, _)| field == name);
            found.expect("a field").1.clone()
        };
        let xml = base64::decode(&field("SAMLRequest")).expect("base64");
        let xml = String::from_utf8(xml).expect("a text");
        assert_eq!(xml.contains("<ds:SignatureValue>"), signs, "{xml}");
        let asked = Asked {
            xml,
            state: field("RelayState"),
        };
        let response = story.answer(&asked, "ada").form();
        let page = story.post(&response, &asked.state);
        let back = story.come_again(&page);
        let tokens = story.tokens(&back);
        assert_eq!(
            claims(&tokens["id_token"])["cognito:username"],
            "Partner_ada"
        );
    }
}
