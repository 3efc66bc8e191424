//! Lists page by page.

use serde_json::json;
use userpool_tests::scene::{Scene, address};

use super::{call, group, join, pages, refused};

#[test]
fn groups_come_in_the_order_of_their_names_each_once() {
    let scene = Scene::with_pool();
    let long = "x".repeat(128);
    let names = ["a", "ab", "admins", "b", "Ω", long.as_str(), "z"];
    for name in names {
        group(&scene, name);
    }
    let mut sorted: Vec<&str> = names.to_vec();
    sorted.sort_unstable();
    for limit in [1, 2, 3, 60] {
        let listed = pages(
            &scene,
            "ListGroups",
            json!({ "Limit": limit }),
            "Groups",
            "GroupName",
        );
        assert_eq!(listed, sorted, "{limit}");
    }
    let whole = call(&scene, "ListGroups", json!({}));
    assert_eq!(whole["Groups"].as_array().map(Vec::len), Some(names.len()));
    assert_eq!(whole.get("NextToken"), None);
}

#[test]
fn a_page_has_sixty_where_no_size_is_asked_for() {
    let scene = Scene::with_pool();
    for index in 0..61 {
        group(&scene, &format!("group-{index:02}"));
    }
    for body in [json!({}), json!({ "Limit": 0 }), json!({ "Limit": 60 })] {
        let page = call(&scene, "ListGroups", body);
        assert_eq!(page["Groups"].as_array().map(Vec::len), Some(60));
        assert!(page["NextToken"].is_string());
    }
}

#[test]
fn members_are_shown_as_users_are_listed() {
    let scene = Scene::with_pool_of(json!({ "AliasAttributes": ["email"] }));
    scene.user("jane");
    group(&scene, "staff");
    join(&scene, "jane", "staff");
    let listed = call(&scene, "ListUsersInGroup", json!({ "GroupName": "staff" }));
    let all = call(&scene, "ListUsers", json!({}));
    assert_eq!(listed["Users"], all["Users"]);
    assert_eq!(listed["Users"][0]["Username"], "jane");
    let attributes = listed["Users"][0]["Attributes"].as_array().expect("a list");
    assert!(attributes.contains(&json!({ "Name": "email", "Value": address("jane") })));
}

#[test]
fn every_member_comes_once_whatever_the_size_of_a_page() {
    let scene = Scene::with_pool();
    group(&scene, "staff");
    let mut names: Vec<String> = (0..7).map(|index| format!("user-{index}")).collect();
    for name in &names {
        scene.user(name);
        join(&scene, name, "staff");
    }
    names.sort();
    for limit in [1, 3, 7, 60] {
        let body = json!({ "GroupName": "staff", "Limit": limit });
        let mut listed = pages(&scene, "ListUsersInGroup", body, "Users", "Username");
        listed.sort();
        assert_eq!(listed, names, "{limit}");
    }
}

#[test]
fn a_token_is_good_for_its_own_list_alone() {
    let scene = Scene::with_pool();
    for user in ["jane", "joe"] {
        scene.user(user);
    }
    for name in ["a", "b"] {
        group(&scene, name);
        join(&scene, "jane", name);
        join(&scene, "joe", name);
    }
    let lists = [
        ("ListGroups", json!({ "Limit": 1 })),
        (
            "AdminListGroupsForUser",
            json!({ "Limit": 1, "Username": "jane" }),
        ),
        (
            "AdminListGroupsForUser",
            json!({ "Limit": 1, "Username": "joe" }),
        ),
        ("ListUsersInGroup", json!({ "Limit": 1, "GroupName": "a" })),
        ("ListUsersInGroup", json!({ "Limit": 1, "GroupName": "b" })),
    ];
    let token = |(operation, body): &(&str, serde_json::Value)| {
        call(&scene, operation, body.clone())["NextToken"].clone()
    };
    for (given, list) in lists.iter().enumerate() {
        let token = token(list);
        for (asked, (operation, body)) in lists.iter().enumerate() {
            let mut body = body.clone();
            body["NextToken"] = token.clone();
            if given == asked {
                let last = call(&scene, operation, body);
                assert_eq!(last.get("NextToken"), None, "{operation}");
            } else {
                assert_eq!(
                    refused(&scene, operation, body),
                    "InvalidParameterException: Invalid pagination token given.",
                    "{operation}"
                );
            }
        }
    }
}
