//! Which account, where somebody has signed in.

use userpool_tests::pool::PASSWORD;

use super::{BACK, Page, Story, story};

fn authorize(story: &mut Story, more: &str) -> Page {
    let path = story.at(&format!("/oauth2/authorize?{}{more}", story.query()));
    story.browser.get(&path)
}

#[test]
fn who_has_signed_in_goes_on_or_signs_in_as_somebody_else() {
    let mut story = story();
    story.code();
    let sent = authorize(&mut story, "&prompt=select_account");
    let (_, rest) = sent
        .location
        .split_once("../")
        .expect("a page of the place");
    assert!(rest.starts_with("choose?"), "{rest}");
    let path = story.at(&format!("/{rest}"));
    let page = story.browser.get(&path);
    assert!(
        page.body.contains("Continue as jane") && page.body.contains("href=\"login?"),
        "{}",
        page.body
    );
    let base = story.at("/");
    let back = story.browser.send(&base, &page, &[]);
    assert!(back.location.starts_with(BACK), "{}", back.body);
    let code = back.parameter("code");
    assert_eq!(story.exchange(&code).status, 200);

    story.scene.user("john");
    let path = story.at(&format!("/login?{}&prompt=select_account", story.query()));
    let page = story.browser.get(&path);
    let fields = [("username", "john"), ("password", PASSWORD)];
    let back = story.browser.send(&base, &page, &fields);
    assert!(back.location.starts_with(BACK), "{}", back.body);
}

#[test]
fn there_is_nothing_to_choose_where_nobody_has_signed_in_or_a_sign_in_is_demanded() {
    let mut story = story();
    assert!(
        authorize(&mut story, "&prompt=select_account")
            .location
            .starts_with("../login?")
    );
    story.code();
    let both = authorize(&mut story, "&prompt=login+select_account");
    assert!(both.location.starts_with("../login?"), "{}", both.location);
    assert!(
        authorize(&mut story, "&prompt=none")
            .location
            .contains("code=")
    );
    assert!(authorize(&mut story, "").location.contains("code="));
    story.scene.advance(3_600);
    assert!(
        authorize(&mut story, "&prompt=select_account")
            .location
            .starts_with("../login?")
    );
}

#[test]
fn a_choice_is_made_on_the_page_alone() {
    let mut story = story();
    story.code();
    let path = story.at(&format!("/choose?{}&prompt=select_account", story.query()));
    let page = story.browser.get(&path);
    let (action, fields) = page.form(0);
    let path = story.at(&format!("/{action}"));
    let foreign = story
        .browser
        .post(&path, &fields, Some("https://elsewhere.example"));
    assert_eq!(foreign.status, 403);
    // The session is over by the time of the choice.
    story.scene.advance(3_600);
    let late = story
        .browser
        .post(&path, &fields, Some(super::browser::ORIGIN));
    assert!(late.location.starts_with("login?"), "{}", late.location);
    story
        .browser
        .cookies
        .retain(|name, _| !name.contains("session"));
    let path = story.at(&format!("/choose?{}", story.query()));
    assert!(story.browser.get(&path).location.starts_with("login?"));
}
