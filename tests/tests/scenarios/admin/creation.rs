//! AdminCreateUser: names, attributes, aliases.

use serde_json::json;

use crate::admin::story::{PASSWORD, Story, attributes, list};

#[test]
fn a_user_is_shown_as_made_with_sub_first() {
    let story = Story::of(json!({}));

    let reply = story.ok(
        "AdminCreateUser",
        json!({
            "Username": "jane",
            "UserAttributes": list(&[("name", "Jane"), ("email", "jane@example.com")]),
        }),
    );

    let user = &reply["User"];
    let sub = user["Attributes"][0]["Value"].as_str().expect("a sub");
    assert_eq!(
        *user,
        json!({
            "Username": "jane",
            "Attributes": [
                { "Name": "sub", "Value": sub },
                { "Name": "email", "Value": "jane@example.com" },
                { "Name": "name", "Value": "Jane" },
            ],
            "UserCreateDate": 1_767_225_600,
            "UserLastModifiedDate": 1_767_225_600,
            "Enabled": true,
            "UserStatus": "FORCE_CHANGE_PASSWORD",
        })
    );
    let shown = story.shown("jane");
    assert_eq!(shown["UserAttributes"], user["Attributes"]);
    assert_eq!(shown["UserStatus"], user["UserStatus"]);
    assert_eq!(shown["UserCreateDate"], user["UserCreateDate"]);
    assert_eq!(story.shown(sub)["Username"], "jane");
}

#[test]
fn a_name_that_is_taken_is_refused() {
    let story = Story::of(json!({ "UsernameConfiguration": { "CaseSensitive": false } }));
    story.user("jane", &[]);

    let refusal = story.refused("AdminCreateUser", json!({ "Username": "JANE" }));

    assert_eq!(refusal, "UsernameExistsException: User already exists");
}

#[test]
fn attributes_follow_the_schema() {
    let story = Story::of(json!({}));
    for (given, text) in [
        (
            ("custom:team", "x"),
            "Attributes did not conform to the schema: Type for attribute {custom:team} could not be determined",
        ),
        (("email", "jane"), "Invalid email address format."),
        (("phone_number", "12"), "Invalid phone number format."),
        (
            ("email_verified", "true"),
            "Email is required to verify/un-verify an email",
        ),
        (
            ("phone_number_verified", "false"),
            "Phone Number is required to verify/un-verify a phone number",
        ),
    ] {
        let body = json!({ "Username": "jane", "UserAttributes": list(&[given]) });
        let refusal = story.refused("AdminCreateUser", body);
        assert_eq!(refusal, format!("InvalidParameterException: {text}"));
    }
    assert_eq!(
        story.refused("AdminGetUser", json!({ "Username": "jane" })),
        "UserNotFoundException: User does not exist."
    );
}

#[test]
fn required_attributes_may_wait_for_the_first_sign_in() {
    let story = Story::of(json!({ "Schema": [{ "Name": "given_name", "Required": true }] }));

    story.ok(
        "AdminCreateUser",
        json!({ "Username": "jane", "TemporaryPassword": "Temporary-1" }),
    );

    let challenge = story.sign_in("jane", "Temporary-1").expect("a challenge");
    let asked = &challenge["ChallengeParameters"]["requiredAttributes"];
    assert_eq!(*asked, json!("[\"userAttributes.given_name\"]"));
}

#[test]
fn a_password_against_the_policy_is_refused_in_words_of_its_own() {
    let story = Story::of(json!({}));

    let refusal = story.refused(
        "AdminCreateUser",
        json!({ "Username": "jane", "TemporaryPassword": "short" }),
    );

    assert_eq!(
        refusal,
        "InvalidPasswordException: Password did not conform with password policy: Password not long enough"
    );
}

#[test]
fn where_names_are_addresses_the_stored_name_is_the_sub() {
    let story = Story::of(json!({ "UsernameAttributes": ["email", "phone_number"] }));

    let reply = story.ok(
        "AdminCreateUser",
        json!({
            "Username": "jane@example.com",
            "UserAttributes": list(&[("phone_number", "+12065550100")]),
        }),
    );

    let user = &reply["User"];
    let given = attributes(&user["Attributes"]);
    assert_eq!(user["Username"], given["sub"]);
    assert_eq!(given["email"], "jane@example.com");
    for name in ["jane@example.com", "+12065550100"] {
        assert_eq!(story.shown(name)["Username"], given["sub"]);
    }
    for (name, phone, text) in [
        (
            "jane",
            "+12065550101",
            "InvalidParameterException: Username should be either an email or a phone number.",
        ),
        (
            "jane@example.com",
            "+12065550101",
            "UsernameExistsException: User already exists",
        ),
        (
            "john@example.com",
            "+12065550100",
            "UsernameExistsException: An account with the given phone_number already exists.",
        ),
    ] {
        let body = json!({ "Username": name, "UserAttributes": list(&[("phone_number", phone)]) });
        assert_eq!(story.refused("AdminCreateUser", body), text);
    }
}

#[test]
fn a_verified_address_is_an_alias_at_once_and_moves_only_by_force() {
    let story = Story::of(json!({ "AliasAttributes": ["email"] }));
    let verified = list(&[("email", "jane@example.com"), ("email_verified", "true")]);
    let create = |name: &str, force: bool| json!({ "Username": name, "UserAttributes": verified, "ForceAliasCreation": force });
    story.ok("AdminCreateUser", create("jane", false));
    assert_eq!(story.shown("jane@example.com")["Username"], "jane");

    assert_eq!(
        story.refused("AdminCreateUser", create("john", false)),
        "AliasExistsException: An account with the given email already exists."
    );
    story.ok("AdminCreateUser", create("john", true));

    assert_eq!(story.shown("jane@example.com")["Username"], "john");
    assert_eq!(story.attribute("john", "email_verified"), "true");
    assert_eq!(story.attribute("jane", "email_verified"), "false");
}

#[test]
fn an_unverified_address_is_no_alias() {
    let story = Story::of(json!({ "AliasAttributes": ["email", "preferred_username"] }));
    let unverified = list(&[("email", "jane@example.com"), ("preferred_username", "jj")]);
    for name in ["jane", "john"] {
        let attributes = match name {
            "jane" => unverified.clone(),
            _ => list(&[("email", "jane@example.com")]),
        };
        story.ok(
            "AdminCreateUser",
            json!({ "Username": name, "UserAttributes": attributes }),
        );
    }

    assert_eq!(
        story.refused("AdminGetUser", json!({ "Username": "jane@example.com" })),
        "UserNotFoundException: User does not exist."
    );
    assert_eq!(story.shown("jj")["Username"], "jane");
    let taken =
        json!({ "Username": "jim", "UserAttributes": list(&[("preferred_username", "jj")]) });
    assert_eq!(
        story.refused("AdminCreateUser", taken),
        "AliasExistsException: An account with the given preferred_username already exists."
    );
    assert_eq!(
        story.refused("AdminCreateUser", json!({ "Username": "jim@example.com" })),
        "InvalidParameterException: Username cannot be of email format, since user pool is configured for email alias."
    );
}

#[test]
fn without_passwords_a_user_is_confirmed_at_once() {
    let story = Story::of(json!({
        "Policies": { "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"] } },
    }));
    let attributes = list(&[("email", "jane@example.com")]);

    let without = story.ok(
        "AdminCreateUser",
        json!({ "Username": "jane", "UserAttributes": attributes }),
    );
    let with = story.ok(
        "AdminCreateUser",
        json!({ "Username": "john", "TemporaryPassword": "Temporary-1" }),
    );

    assert_eq!(without["User"]["UserStatus"], "CONFIRMED");
    assert_eq!(with["User"]["UserStatus"], "FORCE_CHANGE_PASSWORD");
    assert!(story.destinations().is_empty());
    assert!(story.sign_in("jane", "").is_err());
}

#[test]
fn a_pool_with_a_trigger_that_cannot_be_asked_makes_nobody() {
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    for trigger in ["PreSignUp", "CustomMessage"] {
        let story = Story::of(json!({ "LambdaConfig": { trigger: arn } }));
        let email = json!([{ "Name": "email", "Value": "jane@example.com" }]);
        let request = json!({ "Username": "jane", "UserAttributes": email });
        let refusal = story.refused("AdminCreateUser", request);
        assert!(
            refusal.starts_with("UnexpectedLambdaException: "),
            "{refusal}"
        );
        let refusal = story.refused("AdminGetUser", json!({ "Username": "jane" }));
        assert!(refusal.starts_with("UserNotFoundException: "), "{refusal}");
    }
}

#[test]
fn every_address_of_a_sign_up_is_a_name_where_names_are_addresses() {
    let story = Story::of(json!({ "UsernameAttributes": ["email", "phone_number"] }));
    let sign_up = |email: &str| {
        json!({
            "ClientId": story.client,
            "Username": email,
            "Password": PASSWORD,
            "UserAttributes": list(&[("phone_number", "+12065550100")]),
        })
    };
    let reply = story.client_call("SignUp", sign_up("jane@example.com"));
    let sub = &reply.expect("a sign-up")["UserSub"];
    assert_eq!(story.shown("+12065550100")["Username"], *sub);

    let refusal = story.client_call("SignUp", sign_up("john@example.com"));
    assert_eq!(
        refusal.expect_err("taken"),
        "UsernameExistsException: An account with the given phone_number already exists."
    );
}
