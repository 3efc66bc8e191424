//! Names that users sign in with: addresses, aliases, preferred user names.

use userpool::wire::idp::{
    AliasAttributeType, UserAttributeUpdateSettingsType, UsernameAttributeType,
    UsernameConfigurationType, VerifiedAttributeType,
};
use userpool_tests::pool::{PASSWORD, Stage};

use crate::users::own::{INCORRECT, Own, code_to, is, named_by, pool, refused};

const OLD: &str = "jane@example.com";
const NEW: &str = "jane@example.org";
const PHONE: &str = "+12065550100";
const TAKEN: (&str, &str) = (
    "AliasExistsException",
    "An account with the given email already exists.",
);

fn named_pool() -> Stage {
    pool(|request| {
        request.username_attributes = Some(vec![UsernameAttributeType::Email]);
        request.username_configuration = Some(UsernameConfigurationType {
            case_sensitive: false,
        });
    })
}

fn waiting_named_pool() -> Stage {
    pool(|request| {
        request.username_attributes = Some(vec![UsernameAttributeType::Email]);
        request.user_attribute_update_settings = Some(UserAttributeUpdateSettingsType {
            attributes_require_verification_before_update: Some(vec![VerifiedAttributeType::Email]),
        });
    })
}

fn alias_pool() -> Stage {
    pool(|request| {
        request.alias_attributes = Some(vec![
            AliasAttributeType::Email,
            AliasAttributeType::PhoneNumber,
            AliasAttributeType::PreferredUsername,
        ]);
    })
}

fn signs_in(stage: &Stage, name: &str) -> bool {
    stage.password_sign_in(name, PASSWORD).is_ok()
}

#[test]
fn an_address_that_is_the_name_moves_at_once() {
    let stage = named_pool();
    named_by(&stage, OLD);
    let jane = Own::sign_in(&stage, OLD);

    jane.update(&[("email", NEW)]).expect("a change");

    assert!(signs_in(&stage, NEW));
    assert!(!signs_in(&stage, OLD));
    named_by(&stage, OLD);
    assert_ne!(jane.get("sub"), Own::sign_in(&stage, OLD).get("sub"));
}

#[test]
fn an_address_of_somebody_else_is_refused_and_changes_nothing() {
    let stage = named_pool();
    named_by(&stage, OLD);
    named_by(&stage, NEW);
    let jane = Own::sign_in(&stage, OLD);

    is(jane.update(&[("email", NEW), ("name", "Jane")]), TAKEN);
    is(jane.update(&[("email", "JANE@example.org")]), TAKEN);

    assert_eq!(jane.get("email").as_deref(), Some(OLD));
    assert_eq!(jane.get("name"), None);
    assert!(signs_in(&stage, OLD) && signs_in(&stage, NEW));
}

#[test]
fn another_spelling_of_the_name_keeps_it() {
    let stage = named_pool();
    named_by(&stage, OLD);
    let jane = Own::sign_in(&stage, OLD);

    jane.update(&[("email", "Jane@Example.com")])
        .expect("a change");

    assert!(signs_in(&stage, OLD));
    assert_eq!(jane.get("email").as_deref(), Some("Jane@Example.com"));
    assert_eq!(jane.get("email_verified").as_deref(), Some("false"));
}

#[test]
fn the_last_name_cannot_be_removed() {
    let stage = named_pool();
    named_by(&stage, OLD);
    let jane = Own::sign_in(&stage, OLD);

    for result in [
        jane.delete_attributes(&["email"]),
        jane.update(&[("email", "")]).map(drop),
    ] {
        let (name, text) = refused(result);
        assert_eq!(name, "InvalidParameterException");
        assert_eq!(
            text,
            "user.email: Attribute cannot be deleted, the user signs in with it.\n"
        );
    }
    assert!(signs_in(&stage, OLD));
}

#[test]
fn a_name_that_waits_for_its_code_moves_with_it() {
    let stage = waiting_named_pool();
    named_by(&stage, OLD);
    let jane = Own::sign_in(&stage, OLD);
    jane.update(&[("email", NEW)]).expect("a change");
    assert!(signs_in(&stage, OLD));
    assert!(!signs_in(&stage, NEW));

    jane.verify("email", &code_to(&stage.world, NEW))
        .expect("a verification");

    assert!(signs_in(&stage, NEW));
    assert!(!signs_in(&stage, OLD));
}

#[test]
fn a_name_that_somebody_took_meanwhile_is_refused_with_the_right_code() {
    let stage = waiting_named_pool();
    named_by(&stage, OLD);
    let jane = Own::sign_in(&stage, OLD);
    jane.update(&[("email", NEW)]).expect("a change");
    let code = code_to(&stage.world, NEW);
    named_by(&stage, NEW);

    is(jane.verify("email", &code), TAKEN);

    assert_eq!(jane.get("email").as_deref(), Some(OLD));
    assert!(signs_in(&stage, OLD));
}

#[test]
fn a_verified_alias_goes_with_its_address_and_the_new_one_comes_with_its_code() {
    let stage = alias_pool();
    stage.user("jane");
    assert!(signs_in(&stage, OLD));
    let jane = Own::sign_in(&stage, "jane");

    jane.update(&[("email", NEW)]).expect("a change");

    assert!(!signs_in(&stage, OLD) && !signs_in(&stage, NEW));
    jane.verify("email", &code_to(&stage.world, NEW))
        .expect("a verification");
    assert!(signs_in(&stage, NEW) && !signs_in(&stage, OLD));
    jane.delete_attributes(&["email"]).expect("a removal");
    assert!(!signs_in(&stage, NEW) && signs_in(&stage, "jane"));
}

#[test]
fn an_alias_of_somebody_else_cannot_be_verified() {
    let stage = alias_pool();
    stage.user("jane");
    stage.user("john");
    let john = Own::sign_in(&stage, "john");
    john.update(&[("email", OLD)]).expect("a change");
    let code = code_to(&stage.world, OLD);

    is(john.verify("email", &code), TAKEN);

    assert_eq!(john.get("email_verified").as_deref(), Some("false"));
    let owner = Own::sign_in(&stage, OLD);
    assert_eq!(owner.get("sub"), Own::sign_in(&stage, "jane").get("sub"));
    assert_eq!(owner.get("email_verified").as_deref(), Some("true"));
}

#[test]
fn an_alias_that_was_given_up_is_free() {
    let stage = alias_pool();
    stage.user("jane");
    stage.user("john");
    Own::sign_in(&stage, "jane")
        .update(&[("email", NEW)])
        .expect("a change");
    let john = Own::sign_in(&stage, "john");
    john.update(&[("email", OLD)]).expect("a change");

    john.verify("email", &code_to(&stage.world, OLD))
        .expect("a verification");

    assert_eq!(Own::sign_in(&stage, OLD).get("sub"), john.get("sub"));
}

#[test]
fn a_phone_number_is_an_alias_once_it_is_verified() {
    let stage = alias_pool();
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    jane.update(&[("phone_number", PHONE)]).expect("a change");
    assert!(!signs_in(&stage, PHONE));

    jane.verify("phone_number", &code_to(&stage.world, PHONE))
        .expect("a verification");

    assert!(signs_in(&stage, PHONE));
}

#[test]
fn a_preferred_user_name_is_an_alias_at_once_and_for_one_user_alone() {
    let stage = alias_pool();
    stage.user("jane");
    stage.user("john");
    let (jane, john) = (Own::sign_in(&stage, "jane"), Own::sign_in(&stage, "john"));
    jane.update(&[("preferred_username", "captain")])
        .expect("a change");
    assert!(signs_in(&stage, "captain"));

    is(
        john.update(&[("preferred_username", "captain")]),
        (
            "AliasExistsException",
            "An account with the given preferred_username already exists.",
        ),
    );

    jane.update(&[("preferred_username", "admiral")])
        .expect("another change");
    assert!(signs_in(&stage, "admiral") && !signs_in(&stage, "captain"));
    john.update(&[("preferred_username", "captain")])
        .expect("a free name");
    jane.delete_attributes(&["preferred_username"])
        .expect("a removal");
    is(stage.password_sign_in("admiral", "Wrong-horse-9"), UNKNOWN);
    is(
        stage.password_sign_in("captain", "Wrong-horse-9"),
        INCORRECT,
    );
}

#[test]
fn a_preferred_user_name_does_not_look_like_an_address() {
    let stage = alias_pool();
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");

    for address in [NEW, PHONE] {
        let (name, _) = refused(jane.update(&[("preferred_username", address)]));
        assert_eq!(name, "InvalidParameterException");
    }
}

const UNKNOWN: (&str, &str) = ("UserNotFoundException", "User does not exist.");
