//! Resource servers and their scopes.

use serde_json::{Value, json};
use userpool_tests::scene::Scene;

fn server(scene: &Scene, identifier: &str, scopes: &[&str]) -> Value {
    let scopes: Vec<Value> = scopes
        .iter()
        .map(|name| json!({"ScopeName": name, "ScopeDescription": format!("May {name}")}))
        .collect();
    let body = json!({"UserPoolId": scene.pool, "Identifier": identifier, "Name": "API", "Scopes": scopes});
    scene.call("CreateResourceServer", body)["ResourceServer"].clone()
}

#[test]
fn a_resource_server_is_made_shown_changed_listed_and_deleted() {
    let scene = Scene::with_pool();
    let id = "https://api.example.com/v1";
    let made = server(&scene, id, &["read", "write"]);
    assert_eq!(
        made,
        json!({"UserPoolId": scene.pool, "Identifier": id, "Name": "API", "Scopes": [
            {"ScopeName": "read", "ScopeDescription": "May read"},
            {"ScopeName": "write", "ScopeDescription": "May write"}]})
    );
    let named = json!({"UserPoolId": scene.pool, "Identifier": id});
    assert_eq!(
        scene.call("DescribeResourceServer", named.clone())["ResourceServer"],
        made
    );

    let changed = json!({"UserPoolId": scene.pool, "Identifier": id, "Name": "Other"});
    let changed = scene.call("UpdateResourceServer", changed)["ResourceServer"].clone();
    assert_eq!(changed["Name"], "Other");
    assert_eq!(changed["Scopes"], json!([]));

    for index in 0..4 {
        server(&scene, &format!("api-{index}"), &[]);
    }
    let mut body = json!({"UserPoolId": scene.pool, "MaxResults": 2});
    let mut found = Vec::new();
    loop {
        let page = scene.call("ListResourceServers", body.clone());
        let servers = page["ResourceServers"].as_array().expect("a list").clone();
        found.extend(
            servers
                .iter()
                .map(|it| it["Identifier"].as_str().expect("an id").to_owned()),
        );
        match page.get("NextToken") {
            Some(token) => body["NextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(found, ["api-0", "api-1", "api-2", "api-3", id]);

    assert_eq!(
        scene.call("DeleteResourceServer", named.clone()),
        Value::Null
    );
    assert_eq!(
        scene.refusal("DescribeResourceServer", &named, ""),
        format!("ResourceNotFoundException: Resource server {id} does not exist.")
    );
}

#[test]
fn a_client_may_have_the_scopes_that_resource_servers_have_and_no_others() {
    let scene = Scene::with_pool();
    server(&scene, "https://api.example.com/v1", &["read"]);
    let client = |scopes: Value| {
        let body = json!({"UserPoolId": scene.pool, "ClientName": "machine", "GenerateSecret": true,
            "AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthFlowsUserPoolClient": true,
            "AllowedOAuthScopes": scopes});
        scene
            .try_call("CreateUserPoolClient", &body)
            .map_err(|error| error.message)
    };
    let read = "https://api.example.com/v1/read";
    let made = client(json!([read, "openid"])).expect("a client");
    for unknown in [
        "https://api.example.com/v1/write",
        "https://api.example.com/read",
        "read",
    ] {
        assert_eq!(
            client(json!([read, unknown])),
            Err(format!("Invalid scope requested: {unknown}"))
        );
    }
    // A client keeps the scope when its resource server goes, until its settings are written again.
    let named = json!({"UserPoolId": scene.pool, "Identifier": "https://api.example.com/v1"});
    scene.call("DeleteResourceServer", named);
    let id = &made["UserPoolClient"]["ClientId"];
    let named = json!({"UserPoolId": scene.pool, "ClientId": id});
    let kept = scene.call("DescribeUserPoolClient", named);
    assert_eq!(
        kept["UserPoolClient"]["AllowedOAuthScopes"],
        json!([read, "openid"])
    );
    let again = json!({"UserPoolId": scene.pool, "ClientId": id, "AllowedOAuthScopes": [read]});
    scene.refusal("UpdateUserPoolClient", &again, "");
}
