//! Requests that are none: deep or huge JSON, wrong types, operations that this version does not have.

use serde_json::{Value, json};
use userpool_tests::scene::Scene;
use userpool_wire::{OPERATIONS, Service};

fn scene() -> Scene {
    let scene = Scene::with_pool();
    scene.user("jane");
    scene
}

/// Sends a body as it is; the name of the refusal. Nothing changes.
#[track_caller]
fn refusal(scene: &Scene, operation: &str, body: &[u8]) -> String {
    let before = scene.records();
    let end = scene.send(operation, body.to_vec(), Some("admin"));
    let after = scene.records();
    assert!(
        before.iter().eq(after.iter()),
        "{operation} changed something"
    );
    end.expect_err("a refusal").name.into()
}

#[test]
fn what_is_no_object_is_refused_by_every_operation() {
    let scene = scene();
    let deep = "[".repeat(100_000);
    let deep_member = format!("{{\"x\":{}", "{\"x\":".repeat(100_000));
    let bodies: [&[u8]; 12] = [
        b"",
        b" ",
        b"{",
        b"[]",
        b"null",
        b"1",
        b"\"x\"",
        b"{}{}",
        b"{\"x\":}",
        b"\xFF\xFE{}",
        deep.as_bytes(),
        deep_member.as_bytes(),
    ];
    for (_, operation) in userpool::SUPPORTED {
        for body in bodies {
            let name = refusal(&scene, operation, body);
            assert_eq!(
                name,
                "SerializationException",
                "{operation} {:?}",
                body.get(..20)
            );
        }
    }
}

#[test]
fn a_huge_member_is_refused_or_passed_over() {
    let scene = scene();
    let members = [
        "Username",
        "ClientId",
        "UserPoolId",
        "AccessToken",
        "Session",
    ];
    let huge = "x".repeat(200_000);
    let large = &huge[..40_000];
    let all: Value = members
        .iter()
        .map(|member| (String::from(*member), json!(large)))
        .collect();
    for (at, (_, operation)) in userpool::SUPPORTED.iter().enumerate() {
        let one = members[at % members.len()];
        for body in [json!({one: huge}), all.clone()] {
            let before = scene.records();
            let end = scene.send(operation, body.to_string().into_bytes(), Some("admin"));
            // What does not have a member passes it over and misses its own; no operation here needs none.
            assert!(end.is_err(), "{operation} {one}");
            assert!(
                before.iter().eq(scene.records().iter()),
                "{operation} changed something"
            );
        }
    }
}

#[test]
fn a_huge_list_or_map_is_refused() {
    let scene = scene();
    let attributes: Vec<Value> = (0..50_000)
        .map(|at| json!({"Name": format!("custom:{at}"), "Value": "x"}))
        .collect();
    let sign_up = json!({"ClientId": scene.client, "Username": "joe", "Password": "Correct-horse-9",
        "UserAttributes": attributes});
    let name = refusal(&scene, "SignUp", sign_up.to_string().as_bytes());
    assert_eq!(name, "InvalidParameterException");

    let mut parameters = json!({"USERNAME": "jane"});
    for at in 0..50_000 {
        parameters[format!("P{at}")] = json!("x");
    }
    let sign_in = json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": parameters});
    let name = refusal(&scene, "InitiateAuth", sign_in.to_string().as_bytes());
    assert_eq!(name, "InvalidParameterException");
}

#[test]
fn names_and_passwords_of_odd_letters_are_refused_or_kept_as_they_are() {
    let scene = scene();
    for name in ["\u{0}", "a b", "\u{202E}x", "jane\n", "", "\u{FEFF}"] {
        let body = json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": name, "PASSWORD": "Correct-horse-9"}});
        let name = refusal(&scene, "InitiateAuth", body.to_string().as_bytes());
        assert_eq!(name, "UserNotFoundException");
    }
}

#[test]
fn an_operation_that_this_version_does_not_have_says_so() {
    let scene = scene();
    let mut refused = 0;
    for operation in OPERATIONS
        .iter()
        .filter(|operation| operation.service == Service::UserPools)
    {
        if userpool::SUPPORTED.contains(&(operation.service, operation.name)) {
            continue;
        }
        let error = scene
            .try_call(operation.name, &json!({}))
            .expect_err("a refusal");
        assert_eq!(error.name, "UnsupportedOperationException");
        assert_eq!(
            error.message,
            format!(
                "{} is not supported by this version of userpool.",
                operation.name
            )
        );
        refused += 1;
    }
    let supported = userpool::SUPPORTED.iter();
    let supported = supported.filter(|(service, _)| *service == Service::UserPools);
    assert_eq!(refused + supported.count(), 141);
}

#[test]
fn a_target_that_is_no_operation_is_found_nowhere() {
    for target in [
        "",
        "InitiateAuth",
        "AWSCognitoIdentityProviderService",
        "AWSCognitoIdentityProviderService.",
        "AWSCognitoIdentityProviderService.initiateauth",
        "AWSCognitoIdentityProviderService.InitiateAuth ",
        "AWSCognitoIdentityProviderService.InitiateAuth\0",
        "OtherService.InitiateAuth",
    ] {
        assert!(userpool_wire::find(target).is_none(), "{target}");
    }
}
