//! Users of a list that ListUsers of another directory told: who they were there they are here, but for their passwords.

use serde_json::{Value, json};
use userpool::moving::{Listed, NotMoved};
use userpool_tests::{pool::PASSWORD, scene::Scene};

const JANE: &str = "34c84488-e0e1-40ae-92ee-991ad1a898c8";
const GOOGLE: &str = "44c84488-e0e1-40ae-92ee-991ad1a898c8";

fn list() -> Value {
    let identities = r#"[{"userId":"117","providerName":"Google","providerType":"Google","issuer":null,"primary":"true","dateCreated":"1642699117273"}]"#;
    json!({"Users": [
        {"Username": "jane", "Attributes": [
            {"Name": "sub", "Value": JANE},
            {"Name": "email", "Value": "jane@example.com"},
            {"Name": "email_verified", "Value": "true"},
            {"Name": "phone_number", "Value": "+12065550100"}],
         "UserCreateDate": "2021-02-03T09:47:58.123000+00:00",
         "UserLastModifiedDate": "2021-02-04T09:47:58.123000+00:00",
         "Enabled": true, "UserStatus": "CONFIRMED",
         "MFAOptions": [{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}]},
        {"Username": "Google_117", "Attributes": [
            {"Name": "sub", "Value": GOOGLE},
            {"Name": "identities", "Value": identities},
            {"Name": "cognito:user_status", "Value": "EXTERNAL_PROVIDER"}],
         "UserCreateDate": 1_612_345_678.123, "UserLastModifiedDate": 1_612_345_678.123,
         "Enabled": false, "UserStatus": "EXTERNAL_PROVIDER"},
        {"Username": "nobody", "Attributes": [], "Enabled": true, "UserStatus": "CONFIRMED"},
    ]})
}

fn import(scene: &Scene, list: &Value) -> Result<(Listed, Vec<String>), NotMoved> {
    let (mut refused, text) = (Vec::new(), list.to_string());
    let engine = &scene.world.engine;
    let end = engine.import_listed_users_blocking(&scene.pool, text.as_bytes(), |_, why| {
        refused.extend(why.map(ToOwned::to_owned));
    });
    Ok((end?, refused))
}

#[test]
fn users_keep_what_a_list_tells_of_them() {
    let scene = Scene::with_pool();
    let (end, refused) = import(&scene, &list()).expect("an import");
    assert_eq!((end.made, end.there, end.refused), (2, 0, 1));
    assert_eq!(refused, ["The user has no sub."]);
    let jane = scene.admin("AdminGetUser", "jane");
    assert_eq!(
        jane["UserAttributes"][0],
        json!({"Name": "sub", "Value": JANE})
    );
    assert_eq!(jane["UserStatus"], "RESET_REQUIRED");
    assert_eq!(jane["UserCreateDate"], json!(1_612_345_678.123));
    assert_eq!(jane["UserLastModifiedDate"], json!(1_612_432_078.123));
    assert_eq!(jane["MFAOptions"][0]["DeliveryMedium"], "SMS");
    let google = scene.admin("AdminGetUser", "Google_117");
    assert_eq!(google["UserStatus"], "EXTERNAL_PROVIDER");
    assert_eq!(google["Enabled"], false);
    let attributes = google["UserAttributes"].as_array().expect("attributes");
    let identities = attributes.iter().find(|it| it["Name"] == "identities");
    let identities = identities
        .and_then(|it| it["Value"].as_str())
        .expect("identities");
    assert!(
        identities.contains(r#""userId":"117","providerName":"Google""#),
        "{identities}"
    );
    let filter = json!({"UserPoolId": scene.pool, "Filter": "email = \"jane@example.com\""});
    let found = scene.call("ListUsers", filter);
    assert_eq!(found["Users"][0]["Username"], "jane");
    let pool = scene.call("DescribeUserPool", json!({"UserPoolId": scene.pool}));
    assert_eq!(pool["UserPool"]["EstimatedNumberOfUsers"], 2);
}

#[test]
fn who_had_a_password_sets_a_new_one() {
    let scene = Scene::with_pool();
    import(&scene, &list()).expect("an import");
    scene.call(
        "ForgotPassword",
        json!({"ClientId": scene.client, "Username": "jane"}),
    );
    let body = json!({"ClientId": scene.client, "Username": "jane", "Password": PASSWORD,
        "ConfirmationCode": scene.code_of("jane")});
    scene.call("ConfirmForgotPassword", body);
    let tokens = scene
        .stage()
        .srp_sign_in("jane", PASSWORD)
        .expect("a sign-in");
    assert!(tokens.authentication_result.is_some() || tokens.session.is_some());
}

#[test]
fn a_list_may_be_read_again_and_takes_nothing_from_others() {
    let scene = Scene::with_pool();
    import(&scene, &list()).expect("an import");
    let before = scene.records();
    let (end, _) = import(&scene, &list()).expect("an import");
    assert_eq!((end.made, end.there, end.refused), (0, 2, 1));
    let mut other = list();
    other["Users"][0]["Attributes"][0]["Value"] = json!("54c84488-e0e1-40ae-92ee-991ad1a898c8");
    other["Users"][1]["Attributes"][0]["Value"] = json!("64c84488-e0e1-40ae-92ee-991ad1a898c8");
    other["Users"][1]["Username"] = json!("Google_118");
    let (end, refused) = import(&scene, &other).expect("an import");
    assert_eq!((end.made, end.refused), (0, 3));
    assert_eq!(refused[1], "The identity is already linked to a user.");
    let after = scene.records();
    assert!(userpool_tests::scene::changed_kinds(&before, &after).is_empty());
}

#[test]
fn users_of_a_list_join_a_group() {
    let scene = Scene::with_pool();
    import(&scene, &list()).expect("an import");
    let staff = json!({"Users": [list()["Users"][0], list()["Users"][2]]}).to_string();
    let mut refused = 0;
    let engine = &scene.world.engine;
    for _ in 0..2 {
        let joined =
            engine.join_listed_users_blocking(&scene.pool, "staff", staff.as_bytes(), |_| {
                refused += 1
            });
        assert_eq!(joined.expect("a group"), 1);
    }
    assert_eq!(refused, 2);
    let groups = scene.admin("AdminListGroupsForUser", "jane");
    assert_eq!(groups["Groups"][0]["GroupName"], "staff");
}

#[test]
fn what_is_no_list_is_told() {
    let scene = Scene::with_pool();
    let told = |list: Value| import(&scene, &list).expect_err("no list").to_string();
    assert!(told(json!({"Groups": []})).starts_with("the list cannot be read: "));
    let engine = &scene.world.engine;
    let text = list().to_string();
    let end = engine.import_listed_users_blocking("us-east-1_nobody", text.as_bytes(), |_, _| {});
    let why = end.expect_err("no pool").to_string();
    assert_eq!(why, "User pool us-east-1_nobody does not exist.");
}
