//! ListUsers: filters, pages, attributes to get.

use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::story::{Story, list};

/// The names of the users of one page.
fn names(page: &Value) -> Vec<&str> {
    let users = page["Users"].as_array().expect("users");
    let mut names: Vec<&str> = users
        .iter()
        .map(|user| user["Username"].as_str().expect("a name"))
        .collect();
    names.sort_unstable();
    names
}

fn three() -> Story {
    let story = Story::of(json!({ "UsernameConfiguration": { "CaseSensitive": true } }));
    for (name, attributes) in [
        (
            "Jane",
            &[
                ("email", "Jane@Example.com"),
                ("given_name", "Jane \"JJ\" \\o/"),
            ][..],
        ),
        (
            "jim",
            &[
                ("email", "jim@example.com"),
                ("given_name", "Jim"),
                ("phone_number", "+12065550100"),
            ],
        ),
        (
            "john",
            &[
                ("family_name", "Doe"),
                ("name", "John Doe"),
                ("preferred_username", "JD"),
            ],
        ),
    ] {
        let body = json!({ "Username": name, "UserAttributes": list(attributes), "MessageAction": "SUPPRESS" });
        story.ok("AdminCreateUser", body);
    }
    story.ok(
        "AdminSetUserPassword",
        json!({ "Username": "jim", "Password": "Correct-horse-9", "Permanent": true }),
    );
    story.ok("AdminDisableUser", json!({ "Username": "john" }));
    story
}

#[test]
fn filters_find_users_by_what_they_are_now() {
    let story = three();
    for (filter, found) in [
        ("", &["Jane", "jim", "john"][..]),
        ("username = \"Jane\"", &["Jane"]),
        ("username = \"jane\"", &[]),
        ("username ^= \"j\"", &["jim", "john"]),
        ("email = \"jane@example.com\"", &["Jane"]),
        ("email ^= \"J\"", &["Jane", "jim"]),
        ("email=\"jim@example\"", &[]),
        ("phone_number ^= \"+1\"", &["jim"]),
        ("name = \"john doe\"", &["john"]),
        ("given_name = \"jane \\\"JJ\\\" \\\\o/\"", &["Jane"]),
        ("family_name ^= \"\"", &["john"]),
        ("preferred_username = \"jd\"", &["john"]),
        ("cognito:user_status = \"CONFIRMED\"", &["jim"]),
        (
            "cognito:user_status = \"force_change_password\"",
            &["Jane", "john"],
        ),
        ("status = \"Enabled\"", &["Jane", "jim"]),
        ("status = \"Disabled\"", &["john"]),
        ("status = \"disabled\"", &[]),
        ("sub = \"nobody\"", &[]),
        ("sub ^= \"\"", &["Jane", "jim", "john"]),
    ] {
        let page = story.ok("ListUsers", json!({ "Filter": filter }));
        assert_eq!(names(&page), found, "{filter}");
        assert_eq!(page["PaginationToken"], Value::Null, "{filter}");
    }
    let sub = story.attribute("jim", "sub");
    let sub = sub.as_str().expect("an id");
    for (operator, length) in [("=", 36), ("^=", 36), ("^=", 9), ("^=", 7)] {
        let filter = format!("sub {operator} \"{}\"", &sub[..length]);
        let page = story.ok("ListUsers", json!({ "Filter": filter }));
        assert_eq!(names(&page), ["jim"], "{filter}");
    }
}

#[test]
fn changed_and_deleted_users_are_found_no_more() {
    let story = three();
    let by_name = json!({ "Filter": "given_name = \"Jim\"" });
    let update = json!({ "Username": "jim", "UserAttributes": list(&[("given_name", "James")]) });
    story.ok("AdminUpdateUserAttributes", update);
    assert!(names(&story.ok("ListUsers", by_name)).is_empty());
    let page = story.ok("ListUsers", json!({ "Filter": "given_name ^= \"ja\"" }));
    assert_eq!(names(&page), ["Jane", "jim"]);

    story.ok("AdminDeleteUser", json!({ "Username": "jim" }));

    let page = story.ok("ListUsers", json!({ "Filter": "given_name ^= \"ja\"" }));
    assert_eq!(names(&page), ["Jane"]);
    assert_eq!(names(&story.ok("ListUsers", json!({}))), ["Jane", "john"]);
}

#[test]
fn a_listed_user_looks_like_a_made_one() {
    let story = Story::of(json!({}));
    let made = story.ok(
        "AdminCreateUser",
        json!({
            "Username": "jane",
            "UserAttributes": list(&[("email", "jane@example.com"), ("name", "Jane")]),
        }),
    );

    let page = story.ok("ListUsers", json!({}));
    assert_eq!(page, json!({ "Users": [made["User"]] }));
}

#[test]
fn only_the_attributes_asked_for_are_shown() {
    let story = three();
    let get = |names: Value| {
        let body = json!({ "Filter": "username = \"jim\"", "AttributesToGet": names });
        story.ok("ListUsers", body)["Users"][0]["Attributes"].clone()
    };
    assert_eq!(
        get(json!(["email", "name"])),
        list(&[("email", "jim@example.com")])
    );
    assert_eq!(get(json!(["sub"])).as_array().map(Vec::len), Some(1));
    assert_eq!(get(json!([])).as_array().map(Vec::len), Some(4));
    let refusal = story.refused(
        "ListUsers",
        json!({ "AttributesToGet": ["email", "custom:x"] }),
    );
    assert_eq!(
        refusal,
        "InvalidParameterException: Invalid user attributes: user.custom:x: Attribute does not exist in the schema.\n"
    );
}

#[test]
fn a_filter_that_cannot_be_read_is_refused() {
    let story = Story::of(json!({}));
    for (filter, text) in [
        ("email", "Error while parsing filter"),
        ("email = 'x'", "Error while parsing filter"),
        (
            "custom:team = \"x\"",
            "Invalid search attribute: custom:team",
        ),
    ] {
        let refusal = story.refused("ListUsers", json!({ "Filter": filter }));
        assert_eq!(refusal, format!("InvalidParameterException: {text}"));
    }
}

#[test]
fn pages_follow_each_other_by_tokens_of_their_own_list() {
    let story = three();
    let first = story.ok("ListUsers", json!({ "Limit": 2 }));
    assert_eq!(names(&first).len(), 2);
    let token = &first["PaginationToken"];

    let second = story.ok("ListUsers", json!({ "Limit": 1, "PaginationToken": token }));

    assert_eq!(second["PaginationToken"], Value::Null);
    let mut all = [names(&first), names(&second)].concat();
    all.sort_unstable();
    assert_eq!(all, ["Jane", "jim", "john"]);
    let refusal = "InvalidParameterException: Invalid pagination token given.";
    let other = json!({ "PaginationToken": token, "Filter": "status = \"Enabled\"" });
    assert_eq!(story.refused("ListUsers", other), refusal);
    let foreign = json!({ "PaginationToken": "x" });
    assert_eq!(story.refused("ListUsers", foreign), refusal);
    story.world.clock.advance(Duration::from_millis(3_600_001));
    let late = json!({ "PaginationToken": token });
    assert_eq!(story.refused("ListUsers", late), refusal);
}

#[test]
fn a_page_holds_at_most_sixty_users() {
    let story = Story::of(json!({}));
    for count in 0..61 {
        story.ok("AdminCreateUser", json!({ "Username": count.to_string() }));
    }
    for body in [json!({}), json!({ "Limit": 0 }), json!({ "Limit": 60 })] {
        let page = story.ok("ListUsers", body);
        assert_eq!(names(&page).len(), 60);
        let rest = story.ok(
            "ListUsers",
            json!({ "PaginationToken": page["PaginationToken"] }),
        );
        assert_eq!(names(&rest).len(), 1);
    }
    let refusal = story.refused("ListUsers", json!({ "Limit": 61 }));
    assert!(
        refusal.starts_with("InvalidParameterException: 1 validation error detected: "),
        "{refusal}"
    );
}
