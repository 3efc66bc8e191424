//! How the classic pages look.

use serde_json::{Value, json};
use userpool_core::model::keys;
use userpool_tests::scene::Scene;

/// The first bytes of a PNG.
const PNG: &str = "iVBORw0KGgo=";

fn with_domain() -> Scene {
    let scene = Scene::with_pool();
    scene.call(
        "CreateUserPoolDomain",
        json!({"UserPoolId": scene.pool, "Domain": "shop"}),
    );
    scene
}

fn get(scene: &Scene, client: &str) -> Value {
    let body = json!({"UserPoolId": scene.pool, "ClientId": client});
    scene.call("GetUICustomization", body)["UICustomization"].clone()
}

#[test]
fn a_setting_for_all_counts_until_a_client_has_its_own() {
    let scene = with_domain();
    let none = get(&scene, &scene.client);
    assert_eq!(
        none,
        json!({"UserPoolId": scene.pool, "ClientId": scene.client})
    );
    let red = ".label-customizable { color: red }";
    let green = ".label-customizable { color: green }";
    scene.call(
        "SetUICustomization",
        json!({"UserPoolId": scene.pool, "CSS": red}),
    );
    assert_eq!(get(&scene, "ALL")["CSS"], red);
    assert_eq!(get(&scene, &scene.client)["CSS"], red);
    assert_eq!(get(&scene, &scene.client)["ClientId"], "ALL");
    let own =
        json!({"UserPoolId": scene.pool, "ClientId": scene.client, "CSS": green, "ImageFile": PNG});
    let set = scene.call("SetUICustomization", own)["UICustomization"].clone();
    assert_eq!(set, get(&scene, &scene.client));
    assert_eq!(set["CSS"], green);
    let version = set["CSSVersion"].as_str().expect("a version");
    assert_eq!(version.len(), 14);
    assert!(
        set["ImageUrl"]
            .as_str()
            .expect("an address")
            .contains(version)
    );
    assert_eq!(get(&scene, &scene.hiding)["CSS"], red);

    let cleared = json!({"UserPoolId": scene.pool, "ClientId": scene.client});
    scene.call("SetUICustomization", cleared);
    assert_eq!(get(&scene, &scene.client)["CSS"], red);
}

#[test]
fn an_image_goes_when_another_takes_its_place_and_with_its_client() {
    let scene = with_domain();
    let parts = || {
        let records = scene.records();
        records
            .iter()
            .filter(|(key, _)| keys::kind(key) == Some(b'b'))
            .count()
    };
    let set = || {
        let body = json!({"UserPoolId": scene.pool, "ClientId": scene.client, "ImageFile": PNG});
        scene.call("SetUICustomization", body);
    };
    set();
    set();
    assert_eq!(parts(), 1);
    let body = json!({"UserPoolId": scene.pool, "ClientId": scene.client});
    scene.call("DeleteUserPoolClient", body);
    assert_eq!(parts(), 0);
}

#[test]
fn pages_look_like_something_only_where_there_are_pages() {
    let scene = Scene::with_pool();
    let body = json!({"UserPoolId": scene.pool, "CSS": ".label-customizable { color: red }"});
    assert_eq!(
        scene.refusal("SetUICustomization", &body, ""),
        "InvalidParameterException: There has to be an existing domain associated with this user pool"
    );
}
