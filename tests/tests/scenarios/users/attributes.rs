//! Attributes changed and removed.

use userpool::wire::idp::{
    CreateUserPoolClientRequest, CreateUserPoolRequest, SchemaAttributeType, VerifiedAttributeType,
};
use userpool_tests::{
    pool::{PASSWORD, stage, stage_with},
    world::world,
};

use crate::users::own::{NEXT, Own, is};

#[test]
fn a_user_changes_attributes_and_sees_them_changed() {
    let stage = stage(&world());
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");

    let sent = jane.update(&[("name", "Jane"), ("locale", "en")]);

    assert!(sent.expect("a change").is_empty());
    assert_eq!(jane.get("name").as_deref(), Some("Jane"));
    assert_eq!(jane.get("locale").as_deref(), Some("en"));
    assert_eq!(jane.get("email_verified").as_deref(), Some("true"));
}

#[test]
fn an_empty_value_removes() {
    let stage = stage(&world());
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    jane.update(&[("name", "Jane")]).expect("a change");

    jane.update(&[("name", "")]).expect("a removal");

    assert_eq!(jane.get("name"), None);
}

#[test]
fn attributes_outside_the_schema_are_refused() {
    let stage = stage(&world());
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");

    is(
        jane.update(&[("custom:team", "blue")]),
        (
            "InvalidParameterException",
            "user.custom:team: Attribute does not exist in the schema.\n",
        ),
    );
    is(
        jane.delete_attributes(&["custom:team", "name"]),
        (
            "InvalidParameterException",
            "Invalid user attributes: user.custom:team: Attribute does not exist in the schema.\n",
        ),
    );
}

#[test]
fn a_client_writes_only_what_it_may() {
    const UNAUTHORIZED: (&str, &str) = (
        "NotAuthorizedException",
        "A client attempted to write unauthorized attribute",
    );
    let client = CreateUserPoolClientRequest {
        write_attributes: Some(vec!["email".into(), "name".into()]),
        ..Default::default()
    };
    let stage = stage_with(&world(), verifying(), client);
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");

    is(jane.update(&[("locale", "en")]), UNAUTHORIZED);
    is(jane.update(&[("email_verified", "true")]), UNAUTHORIZED);
    is(jane.update(&[("sub", "me")]), UNAUTHORIZED);
    is(jane.delete_attributes(&["locale"]), UNAUTHORIZED);
    is(jane.delete_attributes(&["email_verified"]), UNAUTHORIZED);
    assert!(jane.update(&[("name", "Jane")]).is_ok());
}

#[test]
fn what_may_not_change_stays() {
    let fixed = SchemaAttributeType {
        name: Some("given_name".into()),
        mutable: Some(false),
        ..Default::default()
    };
    let needed = SchemaAttributeType {
        name: Some("email".into()),
        required: Some(true),
        mutable: Some(true),
        ..Default::default()
    };
    let pool = CreateUserPoolRequest {
        schema: Some(vec![fixed, needed]),
        ..verifying()
    };
    let stage = stage_with(&world(), pool, CreateUserPoolClientRequest::default());
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    let immutable = (
        "InvalidParameterException",
        "user.given_name: Attribute cannot be updated.\n",
    );

    is(jane.update(&[("given_name", "Jane")]), immutable);
    is(jane.delete_attributes(&["given_name"]), immutable);
    for result in [
        jane.update(&[("email", "")]).map(drop),
        jane.delete_attributes(&["email"]),
    ] {
        is(
            result,
            (
                "InvalidParameterException",
                "user.email: Attribute cannot be deleted, it is required.\n",
            ),
        );
    }
}

#[test]
fn values_have_their_form() {
    let stage = stage(&world());
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");

    for (name, value, text) in [
        ("email", "nobody", "Invalid email address format."),
        ("phone_number", "0123", "Invalid phone number format."),
    ] {
        is(
            jane.update(&[("name", "Jane"), (name, value)]),
            ("InvalidParameterException", text),
        );
    }
    for no_day in ["yesterday!", "1990-02-30"] {
        is(
            jane.update(&[("name", "Jane"), ("birthdate", no_day)]),
            (
                "InvalidParameterException",
                "Attributes did not conform to the schema: birthdate: Birthdate must be of the form YYYY-MM-DD\n",
            ),
        );
    }
    assert_eq!(jane.get("name"), None, "a refused change changes nothing");
}

#[test]
fn a_removed_attribute_is_gone_and_may_be_removed_again() {
    let stage = stage(&world());
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    jane.update(&[("name", "Jane")]).expect("a change");

    jane.delete_attributes(&["name"]).expect("a removal");

    assert_eq!(jane.get("name"), None);
    assert!(jane.delete_attributes(&["name"]).is_ok());
}

#[test]
fn a_bad_token_changes_nothing() {
    let stage = stage(&world());
    stage.user("jane");
    let gone = Own::sign_in(&stage, "jane");
    gone.sign_out().expect("a sign-out");

    for result in [
        gone.update(&[("name", "Jane")]).map(drop),
        gone.delete_attributes(&["email"]),
        gone.send_code("email").map(drop),
        gone.verify("email", "123456"),
        gone.change_password(Some(PASSWORD), NEXT),
        gone.delete(),
    ] {
        is(
            result,
            ("NotAuthorizedException", "Access Token has been revoked"),
        );
    }
    assert_eq!(Own::sign_in(&stage, "jane").get("name"), None);
}

fn verifying() -> CreateUserPoolRequest {
    CreateUserPoolRequest {
        pool_name: "stage".into(),
        auto_verified_attributes: Some(vec![VerifiedAttributeType::Email]),
        ..Default::default()
    }
}
