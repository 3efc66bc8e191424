//! Sign-ins by identity providers of SAML.

use std::sync::{Arc, Mutex};

use userpool_ports::{Fetch, FetchFault, FetchReply, FetchRequest, Reach};
use userpool_tests::saml::{self, Asked, Response};

use super::*;

pub(super) fn saml_partner(more: Value) -> Value {
    let mut details = json!({"MetadataFile": saml::metadata()});
    for (name, value) in more.as_object().expect("details") {
        details[name] = value.clone();
    }
    json!({"ProviderName": "Partner", "ProviderType": "SAML", "ProviderDetails": details,
        "AttributeMapping": {"email": "mail", "name": "cn"}})
}

fn saml_story(more: Value) -> Story {
    story_of(json!({}), saml_partner(more), json!(["Partner"]), None)
}

impl Story {
    /// What the provider answers to whom a browser was sent there for.
    pub(super) fn answer(&self, asked: &Asked, name: &str) -> Response {
        Response {
            answers: Some(asked.own("ID").into()),
            ..self.unasked(name)
        }
    }

    fn unasked(&self, name: &str) -> Response {
        Response {
            id: format!("_{name}"),
            answers: None,
            service: format!("urn:amazon:cognito:sp:{}", self.scene.pool),
            address: format!(
                "http://127.0.0.1:9229/{}/saml2/idpresponse",
                self.scene.pool
            ),
            name: name.into(),
            attributes: vec![("mail".into(), vec![format!("{name}@example.com")])],
            now: self.scene.now().secs(),
        }
    }

    /// Sends a form as a page of the provider does: without cookies.
    pub(super) fn post(&mut self, response: &str, state: &str) -> Page {
        let cookies = std::mem::take(&mut self.browser.cookies);
        let fields = [("SAMLResponse", response), ("RelayState", state)];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let path = self.at("/saml2/idpresponse");
        let page = self
            .browser
            .post(&path, &fields, Some("https://idp.example.org"));
        self.browser.cookies.extend(cookies);
        page
    }

    /// Follows the redirect after a form.
    pub(super) fn come_again(&mut self, page: &Page) -> Page {
        assert_eq!(page.status, 303, "{}", page.body);
        let path = self.at(&format!("/saml2/{}", page.location));
        self.browser.get(&path)
    }

    fn asked(&mut self) -> Asked {
        self.browser
            .cookies
            .retain(|name, _| !name.contains("session"));
        Asked::of(&self.away("").location)
    }

    fn error(&mut self, response: &str, state: &str) -> String {
        let page = self.post(response, state);
        let page = self.come_again(&page);
        assert!(
            page.location.starts_with(BACK),
            "{} {}",
            page.location,
            page.body
        );
        assert_eq!(page.parameter("error"), "server_error");
        page.parameter("error_description")
    }
}

#[test]
fn a_response_of_saml_makes_an_account_and_signs_it_in() {
    let mut story = saml_story(json!({}));
    let sent = story.away("");
    assert!(
        sent.location
            .starts_with("https://idp.example.org/sso?SAMLRequest=")
    );
    assert!(!sent.location.contains("Signature="));
    let asked = Asked::of(&sent.location);
    let address = format!(
        "http://127.0.0.1:9229/{}/saml2/idpresponse",
        story.scene.pool
    );
    assert_eq!(asked.own("AssertionConsumerServiceURL"), address);
    let mut answer = story.answer(&asked, "jane");
    answer
        .attributes
        .push(("cn".into(), vec!["Jane".into(), "Doe, J".into()]));
    let page = story.post(&answer.form(), &asked.state);
    let back = story.come_again(&page);
    let id = claims(&story.tokens(&back)["id_token"]);
    assert_eq!(id["cognito:username"], "Partner_jane");
    assert_eq!(id["email"], "jane@example.com");
    assert_eq!(id["name"], "[Jane,Doe%2C+J]");
    let identity = &id["identities"][0];
    assert_eq!(identity["providerType"], "SAML");
    assert_eq!(identity["issuer"], saml::ENTITY);

    let asked = story.asked();
    let mut answer = story.answer(&asked, "jane");
    answer.id = "_second".into();
    let page = story.post(&answer.form(), &asked.state);
    let back = story.come_again(&page);
    assert_eq!(claims(&story.tokens(&back)["id_token"])["sub"], id["sub"]);
}

#[test]
fn a_request_is_signed_by_the_pool_where_the_provider_is_set_so() {
    let mut story = saml_story(json!({"RequestSigningAlgorithm": "rsa-sha256"}));
    let pool = story.scene.pool.clone();
    let sent = story.away("");
    let body = json!({"UserPoolId": pool});
    let certificate = text(&story.scene.call("GetSigningCertificate", body)["Certificate"]);
    let der = userpool_crypto::base64::decode(&certificate).expect("base64");
    let modulus = userpool_saml::modulus(&der).expect("a key");
    let key = userpool_crypto::rs256::PublicKey::new(&modulus, &[1, 0, 1]).expect("a key");
    let (_, query) = sent.location.split_once('?').expect("a query");
    let (signed, signature) = query.split_once("&Signature=").expect("a signature");
    let plain = signature
        .replace("%2B", "+")
        .replace("%2F", "/")
        .replace("%3D", "=");
    let signature = userpool_crypto::base64::decode(&plain).expect("base64");
    assert!(key.verify(signed.as_bytes(), &signature));
}

#[test]
fn a_response_is_taken_once_and_in_the_browser_that_asked() {
    let mut story = saml_story(json!({}));
    let asked = story.asked();
    let form = story.answer(&asked, "jane").form();
    let page = story.post(&form, &asked.state);
    let again = story.post(&form, &asked.state);
    assert_eq!(again.status, 400, "{}", again.location);

    let mut other = Browser::of(&story.scene);
    let path = story.at(&format!("/saml2/{}", page.location));
    assert_eq!(other.get(&path).status, 400, "another browser");
    let back = story.come_again(&page);
    story.tokens(&back);
    assert_eq!(story.browser.get(&path).status, 400, "again");

    // The same assertion for another request, and the request without one.
    let asked = story.asked();
    let error = story.error(&form, &asked.state);
    assert!(error.contains("does not answer the request"), "{error}");
    let asked = story.asked();
    let path = story.at(&format!("/saml2/idpresponse?state={}", asked.state));
    assert_eq!(story.browser.get(&path).status, 400);
    assert_eq!(story.post(&form, "nobody's").status, 400);
    assert_eq!(story.post("", &asked.state).status, 400);
}

/// What is wrong with a response.
type Change = fn(&mut Response);

#[test]
fn a_response_that_does_not_fit_signs_nobody_in() {
    let mut story = saml_story(json!({}));
    let pool = story.scene.pool.clone();
    let cases: [(&str, Change); 5] = [
        ("not for this audience", |it| {
            it.service = "urn:other".into()
        }),
        ("for another address", |it| {
            it.address = "https://other.example/".into()
        }),
        ("does not answer", |it| it.answers = Some("_other".into())),
        ("does not answer", |it| it.answers = None),
        ("too old", |it| it.now -= 1_000),
    ];
    for (why, change) in cases {
        let asked = story.asked();
        let mut answer = story.answer(&asked, "jane");
        change(&mut answer);
        let error = story.error(&answer.form(), &asked.state);
        assert!(
            error.starts_with("Invalid SAML response received: "),
            "{error}"
        );
        assert!(error.contains(why), "{why}: {error}");
    }
    let asked = story.asked();
    let form = story.answer(&asked, "jane").form();
    let xml = userpool_crypto::base64::decode(&form).expect("base64");
    let xml = String::from_utf8(xml)
        .expect("a text")
        .replace(">jane<", ">root<");
    let error = story.error(
        &userpool_crypto::base64::encode(xml.as_bytes()),
        &asked.state,
    );
    assert_eq!(
        error,
        "Invalid SAML response received: SAML Assertion signature is invalid. "
    );
    let asked = story.asked();
    story.scene.advance(301);
    let form = story.answer(&asked, "jane").form();
    assert_eq!(story.post(&form, &asked.state).status, 400, "too late");
    let users = story.scene.call("ListUsers", json!({"UserPoolId": pool}));
    assert_eq!(users["Users"], json!([]));
}

#[test]
fn a_provider_begins_a_sign_in_only_where_it_may_and_once() {
    let mut story = saml_story(json!({"IDPInit": "true"}));
    let state = story.query("&identity_provider=Partner");
    let form = story.unasked("jane").form();
    let back = story.post(&form, &state);
    let id = claims(&story.tokens(&back)["id_token"]);
    assert_eq!(id["cognito:username"], "Partner_jane");
    let again = story.post(&form, &state);
    assert!(
        again
            .parameter("error_description")
            .contains("used already")
    );

    let mut old = story.unasked("joe");
    old.now -= 200;
    story.scene.advance(200);
    let back = story.post(&old.form(), &state);
    assert!(back.parameter("error_description").contains("too old"));
    let asked = story.asked();
    let form = story.answer(&asked, "joe").form();
    let back = story.post(&form, &state);
    assert!(
        back.parameter("error_description")
            .contains("does not answer")
    );

    let init = saml_partner(json!({"IDPInit": "true"}));
    let mut story = story_of(json!({}), init, json!(["COGNITO", "Partner"]), None);
    let state = story.query("&identity_provider=Partner");
    let form = story.unasked("jane").form();
    assert_eq!(
        story.post(&form, &state).status,
        400,
        "a client with users of the pool"
    );

    let mut story = saml_story(json!({}));
    let state = story.query("&identity_provider=Partner");
    let form = story.unasked("jane").form();
    assert_eq!(story.post(&form, &state).status, 400);
}

#[test]
fn the_details_of_a_provider_show_what_its_metadata_says() {
    let story = saml_story(json!({"EncryptedResponses": "true", "IDPSignout": "true"}));
    let named = json!({"UserPoolId": story.scene.pool, "ProviderName": "Partner"});
    let told = story.scene.call("DescribeIdentityProvider", named.clone());
    let details = &told["IdentityProvider"]["ProviderDetails"];
    assert_eq!(
        details["SSORedirectBindingURI"],
        "https://idp.example.org/sso"
    );
    assert_eq!(
        details["SLORedirectBindingURI"],
        "https://idp.example.org/slo"
    );
    let certificate = text(&details["ActiveEncryptionCertificate"]);
    let again = story.scene.call("DescribeIdentityProvider", named.clone());
    assert_eq!(again["IdentityProvider"]["ProviderDetails"], *details);
    let signing = story.scene.call(
        "GetSigningCertificate",
        json!({"UserPoolId": story.scene.pool}),
    );
    assert_ne!(text(&signing["Certificate"]), certificate);
    // What was shown may be sent back.
    let mut change = named;
    change["ProviderDetails"] = details.clone();
    let changed = story.scene.call("UpdateIdentityProvider", change);
    assert_eq!(changed["IdentityProvider"]["ProviderDetails"], *details);
}

#[test]
fn a_sign_out_is_told_to_the_provider_and_goes_on_when_it_has_answered() {
    let mut story = saml_story(json!({"IDPSignout": "true"}));
    let update = json!({"UserPoolId": story.scene.pool, "ClientId": story.client, "LogoutURLs": [BACK],
        "CallbackURLs": [BACK], "AllowedOAuthFlows": ["code"], "AllowedOAuthFlowsUserPoolClient": true,
        "AllowedOAuthScopes": ["openid"], "SupportedIdentityProviders": ["Partner"]});
    story.scene.call("UpdateUserPoolClient", update);
    let mut left = |in_form: bool, signed: bool| {
        let asked = story.asked();
        let mut answer = story.answer(&asked, "jane");
        answer.id = format!("_{in_form}{signed}");
        let page = story.post(&answer.form(), &asked.state);
        let back = story.come_again(&page);
        assert!(back.location.contains("code="), "{}", back.location);
        let query = format!(
            "client_id={}&logout_uri=https%3A%2F%2Fapp.example.com%2Fback",
            story.client
        );
        let path = story.at(&format!("/logout?{query}"));
        let page = story.browser.get(&path);
        assert!(
            page.location
                .starts_with("https://idp.example.org/slo?SAMLRequest="),
            "{}",
            page.location
        );
        assert!(page.location.contains("&Signature="));
        let request = Asked::of(&page.location);
        assert!(
            request.xml.contains(">jane</saml2:NameID>"),
            "{}",
            request.xml
        );
        assert!(
            request
                .xml
                .contains(&format!("<saml2p:SessionIndex>_s_{in_form}{signed}<"))
        );
        assert!(
            !story
                .browser
                .cookies
                .keys()
                .any(|name| name.contains("session"))
        );

        let address = format!("http://127.0.0.1:9229/{}/saml2/logout", story.scene.pool);
        let answer = saml::SignedOut {
            answers: request.own("ID").into(),
            address,
            now: story.scene.now().secs(),
        };
        if in_form {
            let form = if signed {
                answer.form()
            } else {
                answer.unsigned_form()
            };
            let fields = [("SAMLResponse", form), ("RelayState", request.state)];
            let fields = fields.map(|(name, value)| (name.to_owned(), value));
            let path = story.at("/saml2/logout");
            story
                .browser
                .post(&path, &fields, Some("https://idp.example.org"))
        } else {
            let query = answer.query(&request.state, signed);
            let path = story.at(&format!("/saml2/logout?{query}"));
            let page = story.browser.get(&path);
            assert_eq!(story.browser.get(&path).status, 400, "once");
            page
        }
    };
    for in_form in [true, false] {
        assert_eq!(left(in_form, true).location, BACK);
        assert_eq!(left(in_form, false).status, 400);
    }
}

#[test]
fn an_encrypted_assertion_is_opened_by_the_pool_where_it_may_come() {
    let mut story = saml_story(json!({"EncryptedResponses": "true"}));
    let named = json!({"UserPoolId": story.scene.pool, "ProviderName": "Partner"});
    let told = story.scene.call("DescribeIdentityProvider", named);
    let details = &told["IdentityProvider"]["ProviderDetails"];
    let certificate = text(&details["ActiveEncryptionCertificate"]);
    let certificate = userpool_crypto::base64::decode(&certificate).expect("base64");
    let asked = story.asked();
    let form = story.answer(&asked, "jane").encrypted_form(&certificate);
    let page = story.post(&form, &asked.state);
    let back = story.come_again(&page);
    let id = claims(&story.tokens(&back)["id_token"]);
    assert_eq!(id["cognito:username"], "Partner_jane");

    // For another key, and plain.
    let asked = story.asked();
    let signing = story.scene.call(
        "GetSigningCertificate",
        json!({"UserPoolId": story.scene.pool}),
    );
    let other = userpool_crypto::base64::decode(&text(&signing["Certificate"])).expect("base64");
    let form = story.answer(&asked, "joe").encrypted_form(&other);
    let error = story.error(&form, &asked.state);
    assert!(error.contains("cannot be decrypted"), "{error}");
    let asked = story.asked();
    let form = story.answer(&asked, "joe").form();
    let page = story.post(&form, &asked.state);
    let back = story.come_again(&page);
    story.tokens(&back);

    let mut story = saml_story(json!({}));
    let asked = story.asked();
    let form = story.answer(&asked, "jane").encrypted_form(&certificate);
    let error = story.error(&form, &asked.state);
    assert!(error.contains("is encrypted"), "{error}");
}

/// A page with metadata, which can be taken away.
#[derive(Clone, Default)]
struct Metadata(Arc<Mutex<(usize, bool)>>);

impl Fetch for Metadata {
    fn fetch(&self, request: &FetchRequest) -> Result<FetchReply, FetchFault> {
        assert_eq!(request.url, "https://idp.example.org/metadata");
        assert_eq!(request.reach, Reach::Public);
        let mut state = self.0.lock().expect("nobody panics");
        state.0 += 1;
        let (status, body) = match state.1 {
            true => (404, String::new()),
            false => (200, saml::metadata()),
        };
        Ok(FetchReply {
            status,
            body: body.into_bytes(),
        })
    }
}

#[test]
fn metadata_is_fetched_again_after_six_hours_and_stays_where_it_cannot_be_had() {
    let mut story = saml_story(json!({}));
    let there = Metadata::default();
    story.scene.surround(there.clone(), None);
    story.browser = Browser::of(&story.scene);
    let change = json!({"UserPoolId": story.scene.pool, "ProviderName": "Partner",
        "ProviderDetails": {"MetadataURL": "https://idp.example.org/metadata"}});
    story.scene.call("UpdateIdentityProvider", change.clone());
    let fetched = || there.0.lock().expect("nobody panics").0;
    assert_eq!(fetched(), 1);
    story.asked();
    assert_eq!(fetched(), 1);
    story.scene.advance(6 * 3_600);
    for _ in 0..2 {
        story.asked();
        assert_eq!(fetched(), 2);
    }
    story.scene.advance(6 * 3_600);
    there.0.lock().expect("nobody panics").1 = true;
    let asked = story.asked();
    assert_eq!(fetched(), 3);
    let form = story.answer(&asked, "jane").form();
    let page = story.post(&form, &asked.state);
    let back = story.come_again(&page);
    story.tokens(&back);
    let refused = story.scene.refusal("UpdateIdentityProvider", &change, "");
    assert!(refused.contains("Error retrieving metadata"), "{refused}");
}
