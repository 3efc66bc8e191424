//! Pools and app clients page by page: order, sizes, and tokens that serve their own list alone. And tags.

use std::time::Duration;

use crate::api::{ok, pool, refused};
use serde_json::{Value, json};
use userpool_tests::world::world;

#[test]
fn pools_are_listed_page_by_page_in_the_order_of_their_ids() {
    let world = world();
    let mut made: Vec<String> = (0..7).map(|_| pool(&world.engine, json!({}))).collect();
    made.sort();
    let mut told = Vec::new();
    let mut sizes = Vec::new();
    let mut request = json!({ "MaxResults": 3 });
    loop {
        let answer = ok(&world.engine, "ListUserPools", request.clone());
        let items = answer["UserPools"].as_array().unwrap();
        sizes.push(items.len());
        told.extend(
            items
                .iter()
                .map(|item| item["Id"].as_str().unwrap().to_owned()),
        );
        match answer.get("NextToken") {
            Some(token) => request["NextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(told, made);
    assert_eq!(sizes, [3, 3, 1]);
    let answer = ok(&world.engine, "ListUserPools", json!({ "MaxResults": 1 }));
    assert_eq!(
        answer["UserPools"],
        json!([{
            "Id": made[0],
            "Name": "demo",
            "LambdaConfig": {},
            "LastModifiedDate": 1_767_225_600,
            "CreationDate": 1_767_225_600,
        }])
    );
}

#[test]
fn a_full_last_page_has_no_token() {
    let world = world();
    for _ in 0..4 {
        pool(&world.engine, json!({}));
    }
    let first = ok(&world.engine, "ListUserPools", json!({ "MaxResults": 2 }));
    let second = ok(
        &world.engine,
        "ListUserPools",
        json!({ "MaxResults": 2, "NextToken": first["NextToken"] }),
    );
    assert_eq!(second["UserPools"].as_array().unwrap().len(), 2);
    assert_eq!(second.get("NextToken"), None);
}

#[test]
fn a_token_serves_its_own_list_alone_and_for_an_hour() {
    let world = world();
    let first = pool(&world.engine, json!({}));
    let second = pool(&world.engine, json!({}));
    for _ in 0..2 {
        for id in [&first, &second] {
            ok(
                &world.engine,
                "CreateUserPoolClient",
                json!({ "UserPoolId": id, "ClientName": "web" }),
            );
        }
    }
    let refusal = "InvalidParameterException: Invalid pagination token given.";
    let pools = ok(&world.engine, "ListUserPools", json!({ "MaxResults": 1 }))["NextToken"].clone();
    let list =
        |id: &str, token: &Value| json!({ "UserPoolId": id, "MaxResults": 1, "NextToken": token });
    assert_eq!(
        refused(&world.engine, "ListUserPoolClients", list(&first, &pools)),
        refusal
    );
    let clients = ok(
        &world.engine,
        "ListUserPoolClients",
        json!({ "UserPoolId": first, "MaxResults": 1 }),
    )["NextToken"]
        .clone();
    assert_eq!(
        refused(
            &world.engine,
            "ListUserPoolClients",
            list(&second, &clients)
        ),
        refusal
    );
    let mut typed = list(&first, &clients);
    typed["ClientType"] = json!("REGULAR");
    assert_eq!(
        refused(&world.engine, "ListUserPoolClients", typed),
        refusal
    );
    for made_up in ["x", "AAAA", "bm8", "!"] {
        let body = json!({ "MaxResults": 1, "NextToken": made_up });
        assert_eq!(refused(&world.engine, "ListUserPools", body), refusal);
    }
    world.clock.advance(Duration::from_secs(3_600));
    ok(&world.engine, "ListUserPoolClients", list(&first, &clients));
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(
        refused(&world.engine, "ListUserPoolClients", list(&first, &clients)),
        refusal
    );
}

#[test]
fn the_size_of_a_page_is_asked_for_within_its_bounds() {
    let world = world();
    for body in [
        json!({}),
        json!({ "MaxResults": 0 }),
        json!({ "MaxResults": 61 }),
    ] {
        let refusal = refused(&world.engine, "ListUserPools", body);
        assert!(
            refusal.starts_with("InvalidParameterException: 1 validation error"),
            "{refusal}"
        );
    }
}
#[test]
fn tags_come_and_go_by_the_arn() {
    let world = world();
    let id = pool(
        &world.engine,
        json!({ "UserPoolTags": { "a": "1", "b": "2" } }),
    );
    let arn = format!("arn:aws:cognito-idp:us-east-1:000000000000:userpool/{id}");
    ok(
        &world.engine,
        "TagResource",
        json!({ "ResourceArn": arn, "Tags": { "b": "3", "c": "4" } }),
    );
    ok(
        &world.engine,
        "UntagResource",
        json!({ "ResourceArn": arn, "TagKeys": ["a", "z"] }),
    );
    let expected = json!({ "b": "3", "c": "4" });
    let listed = ok(
        &world.engine,
        "ListTagsForResource",
        json!({ "ResourceArn": arn }),
    );
    assert_eq!(listed, json!({ "Tags": expected }));
    let described = ok(
        &world.engine,
        "DescribeUserPool",
        json!({ "UserPoolId": id }),
    );
    assert_eq!(described["UserPool"]["UserPoolTags"], expected);

    let foreign = format!("arn:aws:cognito-idp:us-east-1:999999999999:userpool/{id}");
    assert_eq!(
        refused(
            &world.engine,
            "ListTagsForResource",
            json!({ "ResourceArn": foreign })
        ),
        format!("ResourceNotFoundException: User pool {id} does not exist.")
    );
    let other = "arn:aws:cognito-identity:us-east-1:000000000000:identitypool/x";
    assert_eq!(
        refused(
            &world.engine,
            "UntagResource",
            json!({ "ResourceArn": other, "TagKeys": [] })
        ),
        "InvalidParameterException: ResourceArn is not the ARN of a user pool."
    );
    let many: serde_json::Map<_, _> = (0..49).map(|n| (format!("k{n}"), json!("v"))).collect();
    assert_eq!(
        refused(
            &world.engine,
            "TagResource",
            json!({ "ResourceArn": arn, "Tags": many })
        ),
        "InvalidParameterException: A user pool can have at most 50 tags."
    );
}
