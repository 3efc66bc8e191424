//! The languages of the pages.

use serde_json::json;

use super::story;

const TAGS: [&str; 12] = [
    "de", "en", "es", "fr", "id", "it", "ja", "ko", "nl", "pt-BR", "zh-CN", "zh-TW",
];

#[test]
fn a_page_speaks_the_language_of_the_request_and_keeps_it() {
    for tag in TAGS {
        let mut story = story();
        let query = format!("{}&lang={tag}", story.query());
        let page = story.open(&query);
        assert!(
            page.body
                .contains(&format!("<html lang=\"{tag}\" dir=\"ltr\">")),
            "{}",
            page.body
        );
        let (action, _) = page.form(0);
        assert!(action.ends_with(&format!("&lang={tag}")), "{action}");
        let query = story.query();
        let page = story.open(&query);
        assert!(
            page.body.contains(&format!("<html lang=\"{tag}\"")),
            "{}",
            page.body
        );
    }
}

#[test]
fn a_page_speaks_a_language_that_the_browser_asks_for() {
    let mut story = story();
    let path = story.at(&format!("/login?{}", story.query()));
    let page = story.browser.get_in("tlh, fr-CA;q=0.9, en;q=0.5", &path);
    assert!(
        page.body.contains("<title>Se connecter</title>"),
        "{}",
        page.body
    );
    // Nobody chose it, so nothing keeps it.
    let page = story.browser.get(&path);
    assert!(
        page.body.contains("<title>Sign in</title>"),
        "{}",
        page.body
    );
}

#[test]
fn what_is_refused_is_told_in_the_language_of_the_page() {
    let mut story = story();
    let query = format!("{}&lang=de", story.query());
    let page = story.sign_in(&query, "Wrong-horse-9");
    assert_eq!(page.status, 400);
    assert!(
        page.body.contains("Benutzername oder Passwort ist falsch."),
        "{}",
        page.body
    );
    let path = story.at("/login?client_id=nobody&lang=de");
    let page = story.browser.get(&path);
    assert!(
        page.body.contains(
            "<p class=\"error\" role=\"alert\" lang=\"en\">There is no such app client here."
        ),
        "{}",
        page.body
    );
}

#[test]
fn terms_are_those_of_the_language_of_the_page() {
    let mut story = story();
    for name in ["terms-of-use", "privacy-policy"] {
        let body = json!({"UserPoolId": story.scene.pool, "ClientId": story.client, "TermsName": name,
            "TermsSource": "LINK", "Enforcement": "NONE",
            "Links": {"cognito:default": "https://example.com/all", "cognito:german": "https://example.com/de"}});
        story.scene.call("CreateTerms", body);
    }
    for (tag, address) in [
        ("de", "https://example.com/de"),
        ("nl", "https://example.com/all"),
    ] {
        let path = story.at(&format!("/signup?{}&lang={tag}", story.query()));
        let page = story.browser.get(&path);
        assert_eq!(page.body.matches(address).count(), 2, "{}", page.body);
    }
}

#[test]
fn an_unknown_language_changes_nothing() {
    let mut story = story();
    let query = format!("{}&lang=%22%3E%3Cscript%3E", story.query());
    let page = story.open(&query);
    assert!(page.body.contains("<html lang=\"en\""), "{}", page.body);
    assert!(
        !page.headers.iter().any(|(name, value)| name == "set-cookie"
            && value.to_str().expect("a text").contains("-lang-"))
    );
}
