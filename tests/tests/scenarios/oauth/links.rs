//! Sign-ups that a link in an e-mail confirms (`CONFIRM_WITH_LINK`).

use serde_json::{Value, json};
use userpool_tests::{
    pool::PASSWORD,
    scene::{address, text},
};

use super::{BACK, Story, story_of};

/// A pool whose e-mails bring links.
fn story(template: Value) -> Story {
    let mut texts = json!({"DefaultEmailOption": "CONFIRM_WITH_LINK"});
    for (name, text) in template.as_object().expect("texts") {
        texts[name] = text.clone();
    }
    story_of(
        json!({"AutoVerifiedAttributes": ["email"], "VerificationMessageTemplate": texts}),
        json!({"GenerateSecret": true}),
    )
}

/// Signs a user up at the API of a client without a secret; the e-mail.
fn sign_up(story: &Story, name: &str) -> userpool::ports::Message {
    let body = json!({"ClientId": story.scene.client, "Username": name, "Password": PASSWORD,
        "UserAttributes": [{"Name": "email", "Value": address(name)}]});
    story.scene.call("SignUp", body);
    let messages = story.scene.world.mailbox.messages();
    messages.last().expect("an e-mail").clone()
}

/// The address of the link in an e-mail, below that of the server.
fn link(body: &str) -> String {
    let from = body.split("href=\"").nth(1).expect("a link");
    let address = from.split('"').next().expect("an end");
    let address = address.replace("&amp;", "&");
    let path = address.strip_prefix("http://127.0.0.1:9229");
    path.expect("the address of the server").to_owned()
}

fn status(story: &Story, name: &str) -> String {
    text(&story.scene.admin("AdminGetUser", name)["UserStatus"])
}

#[test]
fn a_link_confirms_a_sign_up_once() {
    let mut story = story(json!({}));
    let mail = sign_up(&story, "ada&co");
    assert_eq!(mail.subject.as_deref(), Some("Your verification link"));
    assert!(
        mail.body
            .starts_with("Please click the link below to verify your email address. <a href=\"")
            && mail.body.ends_with("\">Verify Email</a> "),
        "{}",
        mail.body
    );
    let path = link(&mail.body);
    let page = story.browser.get(&path);
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("Your account is confirmed."));
    assert_eq!(status(&story, "ada&co"), "CONFIRMED");
    let again = story.browser.get(&path);
    assert_eq!(again.status, 400);
    assert!(
        again
            .body
            .contains("User cannot be confirmed. Current status is CONFIRMED"),
        "{}",
        again.body
    );
}

#[test]
fn the_texts_are_the_pools_and_the_browser_goes_on_to_the_client_alone() {
    let mut story = story(
        json!({"EmailMessageByLink": "Hello {username}, {##go on##}",
        "EmailSubjectByLink": "Go on"}),
    );
    let query = story.query();
    let form = story.at(&format!("/signup?{query}"));
    let page = story.browser.get(&form);
    let fields = [
        ("username", "ada"),
        ("password", PASSWORD),
        ("attribute.email", "ada@example.com"),
    ];
    let path = story.at("/");
    let sent = story.browser.send(&path, &page, &fields);
    assert_eq!(sent.status, 200, "{}", sent.body);
    let messages = story.scene.world.mailbox.messages();
    let mail = messages.last().expect("an e-mail");
    assert_eq!(mail.subject.as_deref(), Some("Go on"));
    assert!(
        mail.body.starts_with("Hello ada, <a href="),
        "{}",
        mail.body
    );

    let path = link(&mail.body);
    let wrong = path.replace(&mail.code, "000000");
    assert_eq!(story.browser.get(&wrong).status, 400);
    assert_eq!(status(&story, "ada"), "UNCONFIRMED");
    let stranger = path.replace(&story.client, "1example23456789");
    assert_eq!(story.browser.get(&stranger).status, 400);
    let back = story.browser.get(&format!(
        "{path}&redirect_uri=https%3A%2F%2Fapp.example.com%2Fback"
    ));
    assert_eq!(back.status, 302, "{}", back.body);
    assert_eq!(back.location, BACK);
    assert_eq!(status(&story, "ada"), "CONFIRMED");

    let mail = sign_up(&story, "bob");
    let elsewhere = format!(
        "{}&redirect_uri=https%3A%2F%2Fevil.example%2F",
        link(&mail.body)
    );
    assert_eq!(story.browser.get(&elsewhere).status, 200);
}

#[test]
fn other_messages_bring_codes() {
    let story = story(json!({}));
    let body = json!({"ClientId": story.scene.client, "Username": "jane"});
    story.scene.call("ForgotPassword", body);
    let messages = story.scene.world.mailbox.messages();
    let mail = messages.last().expect("an e-mail");
    assert_eq!(
        mail.body,
        format!("Your verification code is {}. ", mail.code)
    );
}
