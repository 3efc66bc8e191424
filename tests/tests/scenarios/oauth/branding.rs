//! Managed login branding on the pages.

use serde_json::{Value, json};
use userpool_crypto::base64;

use super::{Story, story};

const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";

fn brand(story: &Story, settings: &Value, assets: &Value) -> Value {
    let body = json!({"UserPoolId": story.scene.pool, "ClientId": story.client, "Settings": settings, "Assets": assets});
    let made = story.scene.call("CreateManagedLoginBranding", body);
    made["ManagedLoginBranding"].clone()
}

/// The address of the branding that a page refers to.
fn address(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("href=\"assets/brand/")?;
    let (path, _) = rest.split_once("/style.css\"")?;
    Some(format!("/assets/brand/{path}"))
}

fn login(story: &mut Story, place: &str) -> String {
    let path = format!("/{place}/login?{}", story.query());
    story.browser.get(&path).body
}

#[test]
fn a_branding_changes_the_pages_at_once() {
    let mut story = story();
    let pool = story.scene.pool.clone();
    assert_eq!(address(&login(&mut story, &pool)), None);
    let settings = json!({
        "categories": {"global": {"colorSchemeMode": "LIGHT"}, "later": true},
        "componentClasses": {"buttons": {"borderRadius": 16.0}},
        "components": {
            "form": {"borderRadius": 0, "logo": {"enabled": true, "location": "START"}},
            "pageBackground": {"lightMode": {"color": "fff8f0ff"}},
            "primaryButton": {"lightMode": {"defaults": {"backgroundColor": "7c2d12ff", "textColor": "ffffffff"}}},
        },
    });
    let assets = json!([
        {"Category": "FORM_LOGO", "ColorMode": "DYNAMIC", "Extension": "SVG", "Bytes": base64::encode(SVG.as_bytes())},
        {"Category": "PAGE_BACKGROUND", "ColorMode": "LIGHT", "Extension": "PNG", "Bytes": "iVBORw0KGgo="},
        {"Category": "FAVICON_ICO", "ColorMode": "LIGHT", "Extension": "ICO", "Bytes": "AAABAA=="}]);
    let made = brand(&story, &settings, &assets);
    assert_eq!(made["Settings"], settings);
    let page = login(&mut story, &pool);
    let base = address(&page).expect("a branding");
    let path = story.at(&format!("{base}/style.css"));
    let style = story.browser.get(&path);
    assert_eq!(style.headers["content-type"], "text/css; charset=utf-8");
    for part in [
        "color-scheme: light;",
        "--page: #fff8f0ff;",
        "--button: #7c2d12ff;",
        "--on-button: #ffffffff;",
        "--card-radius: 0px;",
        "--button-radius: 16px;",
        ".mark.in { display: block; background-position: left; }",
        "body { background-image: url(light/page-background); }",
    ] {
        assert!(style.body.contains(part), "{part} in {}", style.body);
    }
    assert!(
        !style.body.contains("prefers-color-scheme"),
        "{}",
        style.body
    );
    for (name, media_type) in [
        ("page-background", "image/png"),
        ("form-logo", "image/svg+xml"),
        ("favicon", "image/x-icon"),
    ] {
        let path = story.at(&format!("{base}/light/{name}"));
        let image = story.browser.get(&path);
        assert_eq!(
            (image.status, &image.headers["content-type"]),
            (200, &media_type.parse().expect("a type"))
        );
        // Opened by itself, a picture runs nothing.
        let policy = image.headers["content-security-policy"]
            .to_str()
            .expect("a text");
        assert!(
            policy.contains("default-src 'none'") && policy.ends_with("sandbox"),
            "{policy}"
        );
        assert_eq!(image.headers["x-content-type-options"], "nosniff");
    }

    story.scene.advance(1);
    let change = json!({"UserPoolId": pool, "ManagedLoginBrandingId": made["ManagedLoginBrandingId"],
        "Settings": {"components": {"pageBackground": {"lightMode": {"color": "00ff00ff"}}}}});
    story.scene.call("UpdateManagedLoginBranding", change);
    let changed = address(&login(&mut story, &pool)).expect("a branding");
    assert_ne!(changed, base);
    let path = story.at(&format!("{changed}/style.css"));
    let style = story.browser.get(&path).body;
    assert!(
        style.contains("--page: #00ff00ff;") && style.contains("--button: #7c2d12ff;"),
        "{style}"
    );
}

#[test]
fn classic_pages_have_the_customization_and_managed_login_the_branding() {
    let mut story = story();
    let pool = story.scene.pool.clone();
    let domain = json!({"UserPoolId": pool, "Domain": "shop", "ManagedLoginVersion": 1});
    story.scene.call("CreateUserPoolDomain", domain.clone());
    let css = ".submitButton-customizable { background: #c00 }";
    story.scene.call(
        "SetUICustomization",
        json!({"UserPoolId": pool, "CSS": css}),
    );
    brand(&story, &json!({}), &json!([]));
    let seen = |story: &mut Story, place: &str| {
        let page = login(story, place);
        (
            page.contains("assets/custom/"),
            page.contains("assets/brand/"),
        )
    };
    assert_eq!(seen(&mut story, "shop"), (true, false));
    assert_eq!(seen(&mut story, &pool), (false, true));
    let mut managed = domain;
    managed["ManagedLoginVersion"] = json!(2);
    story.scene.call("UpdateUserPoolDomain", managed);
    assert_eq!(seen(&mut story, "shop"), (false, true));
}

#[test]
fn there_are_no_images_but_those_of_the_branding() {
    let mut story = story();
    brand(&story, &json!({}), &json!([]));
    let client = story.client.clone();
    for path in [
        format!("/assets/brand/{client}/1/light/form-logo"),
        format!("/assets/brand/{client}/1/light/nothing"),
        format!("/assets/brand/{client}/1/blue/favicon"),
        "/assets/brand/nobody/1/light/favicon".to_owned(),
        "/assets/brand/nobody/1/style.css".to_owned(),
    ] {
        let path = story.at(&path);
        assert_eq!(story.browser.get(&path).status, 404, "{path}");
    }
}
