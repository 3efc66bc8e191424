//! AdminUpdateUserAttributes and AdminDeleteUserAttributes.

use serde_json::{Value, json};

use crate::admin::story::{PASSWORD, Story, list};

const OLD: &str = "jane@example.com";
const NEW: &str = "jane@example.org";

fn change(name: &str, attributes: &[(&str, &str)]) -> Value {
    json!({ "Username": name, "UserAttributes": list(attributes) })
}

fn delete(names: &[&str]) -> Value {
    json!({ "Username": "jane", "UserAttributeNames": names })
}

#[test]
fn attributes_are_set_changed_and_removed_by_an_empty_value() {
    let story = Story::of(json!({}));
    story.user("jane", &[("name", "Jane"), ("nickname", "jj")]);
    let before = story.shown("jane")["UserLastModifiedDate"].clone();
    story
        .world
        .clock
        .advance(std::time::Duration::from_millis(1_500));

    let update = change(
        "jane",
        &[("name", "Jane Doe"), ("nickname", ""), ("locale", "en")],
    );
    let reply = story.ok("AdminUpdateUserAttributes", update);

    assert_eq!(reply, json!({}));
    let shown = story.shown("jane");
    assert_eq!(
        shown["UserAttributes"].as_array().map(|list| &list[1..]),
        Some(
            &[
                json!({ "Name": "locale", "Value": "en" }),
                json!({ "Name": "name", "Value": "Jane Doe" }),
            ][..]
        )
    );
    assert_eq!(before, 1_767_225_600);
    assert_eq!(shown["UserLastModifiedDate"], 1_767_225_601.5);
}

#[test]
fn a_change_against_the_schema_changes_nothing() {
    let story = Story::of(json!({
        "Schema": [
            { "Name": "given_name", "Required": true },
            { "Name": "team", "AttributeDataType": "String", "Mutable": false },
        ],
    }));
    story.user("jane", &[("given_name", "Jane"), ("custom:team", "red")]);
    for (attribute, text) in [
        (
            ("custom:x", "1"),
            "user.custom:x: Attribute does not exist in the schema.\n",
        ),
        (
            ("custom:team", "blue"),
            "user.custom:team: Attribute cannot be updated.\n",
        ),
        (("sub", "1"), "user.sub: Attribute cannot be updated.\n"),
        (
            ("given_name", ""),
            "user.given_name: Attribute cannot be deleted, it is required.\n",
        ),
        (("email", "jane"), "Invalid email address format."),
        (
            ("email_verified", "true"),
            "Email is required to verify/un-verify an email",
        ),
        (
            ("phone_number_verified", "true"),
            "Phone Number is required to verify/un-verify a phone number",
        ),
    ] {
        let update = change("jane", &[("name", "Jane"), attribute]);
        let refusal = story.refused("AdminUpdateUserAttributes", update);
        assert_eq!(refusal, format!("InvalidParameterException: {text}"));
    }
    assert_eq!(story.attribute("jane", "name"), Value::Null);
    assert_eq!(story.attribute("jane", "custom:team"), "red");
}

#[test]
fn deleting_attributes_tells_of_every_unknown_one() {
    let story = Story::of(json!({ "Schema": [{ "Name": "given_name", "Required": true }] }));
    story.user("jane", &[("given_name", "Jane"), ("name", "Jane")]);
    assert_eq!(
        story.refused(
            "AdminDeleteUserAttributes",
            delete(&["custom:x", "name", "custom:y"])
        ),
        "InvalidParameterException: Invalid user attributes: \
         user.custom:x: Attribute does not exist in the schema.\n\
         user.custom:y: Attribute does not exist in the schema.\n"
    );
    assert!(
        story
            .refused("AdminDeleteUserAttributes", delete(&["given_name"]))
            .contains("required")
    );
    assert_eq!(story.attribute("jane", "name"), "Jane");

    let reply = story.ok("AdminDeleteUserAttributes", delete(&["name", "nickname"]));

    assert_eq!(reply, json!({}));
    assert_eq!(story.attribute("jane", "name"), Value::Null);
}

#[test]
fn a_changed_address_is_unverified_and_gets_a_code_where_the_pool_verifies() {
    for (settings, sent) in [
        (json!({}), false),
        (json!({ "AutoVerifiedAttributes": ["email"] }), true),
    ] {
        let story = Story::of(settings);
        story.user("jane", &[("email", OLD), ("email_verified", "true")]);

        story.ok(
            "AdminUpdateUserAttributes",
            change("jane", &[("email", NEW)]),
        );

        assert_eq!(story.attribute("jane", "email"), NEW);
        assert_eq!(story.attribute("jane", "email_verified"), "false");
        assert_eq!(!story.destinations().is_empty(), sent);
        let Some(code) = story.world.mailbox.code_to(NEW) else {
            continue;
        };
        let tokens = story.sign_in("jane", PASSWORD).expect("a sign-in");
        let verify = json!({
            "AccessToken": tokens["AuthenticationResult"]["AccessToken"],
            "AttributeName": "email",
            "Code": code,
        });
        story
            .client_call("VerifyUserAttribute", verify)
            .expect("the right code");
        assert_eq!(story.attribute("jane", "email_verified"), "true");
    }
}

#[test]
fn an_address_that_is_said_to_be_verified_is_so_at_once() {
    let story = Story::of(json!({
        "AutoVerifiedAttributes": ["email"],
        "UserAttributeUpdateSettings": { "AttributesRequireVerificationBeforeUpdate": ["email"] },
    }));
    story.user("jane", &[("email", OLD), ("email_verified", "true")]);

    let update = change("jane", &[("email", NEW), ("email_verified", "true")]);
    story.ok("AdminUpdateUserAttributes", update);

    assert_eq!(story.attribute("jane", "email"), NEW);
    assert_eq!(story.attribute("jane", "email_verified"), "true");
    assert!(story.destinations().is_empty());
    // The same address again changes nothing.
    story.ok(
        "AdminUpdateUserAttributes",
        change("jane", &[("email", NEW)]),
    );
    assert_eq!(story.attribute("jane", "email_verified"), "true");
    assert!(story.destinations().is_empty());
}

#[test]
fn where_a_pool_verifies_before_it_updates_the_old_address_stays() {
    let story = Story::of(json!({
        "AutoVerifiedAttributes": ["email"],
        "UserAttributeUpdateSettings": { "AttributesRequireVerificationBeforeUpdate": ["email"] },
    }));
    story.user("jane", &[("email", OLD), ("email_verified", "true")]);

    story.ok(
        "AdminUpdateUserAttributes",
        change("jane", &[("email", NEW)]),
    );

    assert_eq!(story.attribute("jane", "email"), OLD);
    assert_eq!(story.attribute("jane", "email_verified"), "true");
    assert_eq!(story.destinations(), [NEW]);
}

#[test]
fn an_alias_comes_and_goes_with_its_flag() {
    let story = Story::of(json!({ "AliasAttributes": ["email"] }));
    story.user("jane", &[("email", OLD)]);
    story.user("john", &[("email", OLD)]);
    let flag = |name: &str, value: &str| change(name, &[("email_verified", value)]);
    let owner = || {
        story.client_call(
            "AdminGetUser",
            json!({ "UserPoolId": story.pool, "Username": OLD }),
        )
    };

    story.ok("AdminUpdateUserAttributes", flag("jane", "true"));
    assert_eq!(owner().expect("an owner")["Username"], "jane");
    assert_eq!(
        story.refused("AdminUpdateUserAttributes", flag("john", "true")),
        "AliasExistsException: An account with the given email already exists."
    );
    story.ok("AdminUpdateUserAttributes", flag("jane", "false"));
    assert!(owner().is_err());
    story.ok("AdminUpdateUserAttributes", flag("john", "true"));
    assert_eq!(owner().expect("an owner")["Username"], "john");
    story.ok(
        "AdminUpdateUserAttributes",
        change("john", &[("email", NEW)]),
    );
    assert!(owner().is_err());
    story.ok("AdminUpdateUserAttributes", flag("jane", "true"));
    story.ok("AdminDeleteUserAttributes", delete(&["email"]));
    assert!(owner().is_err());
    assert_eq!(story.attribute("jane", "email_verified"), Value::Null);
}

#[test]
fn a_flag_that_was_lost_to_another_user_cannot_be_set_again() {
    let story = Story::of(json!({ "AliasAttributes": ["email"] }));
    let verified = [("email", OLD), ("email_verified", "true")];
    story.user("jane", &verified);
    let mut taking = change("john", &verified);
    taking["ForceAliasCreation"] = json!(true);
    story.ok("AdminCreateUser", taking);
    assert_eq!(story.attribute("jane", "email_verified"), "false");

    let refusal = story.refused(
        "AdminUpdateUserAttributes",
        change("jane", &[("email_verified", "true")]),
    );
    assert_eq!(
        refusal,
        "AliasExistsException: An account with the given email already exists."
    );
    story.ok(
        "AdminUpdateUserAttributes",
        change("jane", &[("email", NEW)]),
    );

    let owner = json!({ "Username": OLD });
    assert_eq!(story.ok("AdminGetUser", owner)["Username"], "john");
}

#[test]
fn where_names_are_addresses_a_changed_one_is_the_new_name() {
    let story = Story::of(json!({ "UsernameAttributes": ["email"] }));
    story.user(OLD, &[]);
    story.user("john@example.com", &[]);
    assert_eq!(
        story.refused(
            "AdminUpdateUserAttributes",
            change(OLD, &[("email", "john@example.com")])
        ),
        "AliasExistsException: An account with the given email already exists."
    );

    story.ok("AdminUpdateUserAttributes", change(OLD, &[("email", NEW)]));

    assert!(story.sign_in(NEW, PASSWORD).is_ok());
    assert!(story.sign_in(OLD, PASSWORD).is_err());
    story.user(OLD, &[]);
    let refusal = story.refused("AdminUpdateUserAttributes", change(NEW, &[("email", "")]));
    assert!(
        refusal.starts_with("InvalidParameterException: user.email: "),
        "{refusal}"
    );
}
