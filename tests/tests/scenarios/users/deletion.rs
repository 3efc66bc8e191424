//! Users who delete themselves.

use userpool::wire::idp::{AliasAttributeType, UsernameAttributeType};
use userpool_tests::pool::PASSWORD;

use crate::users::own::{NEXT, Own, code_to, forgot, is, named_by, pool, refused, reset};

const EMAIL: &str = "jane@example.com";

#[test]
fn a_user_who_is_gone_can_do_nothing_more() {
    let stage = pool(|_| {});
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");

    jane.delete().expect("a deletion");

    let gone = ("UserNotFoundException", "User does not exist.");
    is(jane.shown(), gone);
    is(jane.delete(), gone);
    is(stage.password_sign_in("jane", PASSWORD), gone);
    assert_eq!(refused(forgot(&stage, "jane")).0, "UserNotFoundException");
}

#[test]
fn a_new_user_of_the_same_name_gets_nothing_of_the_old_one() {
    let stage = pool(|request| {
        request.username_attributes = Some(vec![UsernameAttributeType::Email]);
    });
    named_by(&stage, EMAIL);
    let old = Own::sign_in(&stage, EMAIL);
    let sub = old.get("sub");
    forgot(&stage, EMAIL).expect("a code");
    let code = code_to(&stage.world, EMAIL);
    let client = stage.srp_begin(EMAIL).expect("a challenge");
    old.delete().expect("a deletion");

    named_by(&stage, EMAIL);

    let new = Own::sign_in(&stage, EMAIL);
    assert_ne!(new.get("sub"), sub);
    assert!(old.shown().is_err(), "the old token");
    assert!(reset(&stage, EMAIL, &code, NEXT).is_err(), "the old code");
    assert!(
        stage.srp_respond(&client.answer(PASSWORD)).is_err(),
        "the old sign-in"
    );
    assert!(new.shown().is_ok());
}

#[test]
fn names_and_aliases_of_a_deleted_user_are_free() {
    let stage = pool(|request| {
        request.alias_attributes = Some(vec![
            AliasAttributeType::Email,
            AliasAttributeType::PreferredUsername,
        ]);
    });
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    jane.update(&[("preferred_username", "captain")])
        .expect("a change");
    jane.delete().expect("a deletion");

    stage.user("jane");

    let jane = Own::sign_in(&stage, EMAIL);
    assert_eq!(jane.get("preferred_username"), None);
    assert!(jane.update(&[("preferred_username", "captain")]).is_ok());
}
