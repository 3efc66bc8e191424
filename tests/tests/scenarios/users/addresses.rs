//! Addresses changed and verified: flags, codes, and changes that wait for their code.

use std::time::Duration;

use userpool::wire::idp::{
    DeliveryMediumType, UserAttributeUpdateSettingsType, VerifiedAttributeType,
};
use userpool_tests::pool::{PASSWORD, Stage};

use crate::users::own::{
    DEAD, LIMIT, MISMATCH, NEXT, Own, TRIGGER, code_to, is, other_than, pool, refused, set_triggers,
};

const OLD: &str = "jane@example.com";
const NEW: &str = "jane@example.org";
const PHONE: &str = "+12065550100";
const HOUR: Duration = Duration::from_secs(3_600);

fn waiting_pool() -> Stage {
    pool(|request| {
        request.user_attribute_update_settings = Some(UserAttributeUpdateSettingsType {
            attributes_require_verification_before_update: Some(vec![VerifiedAttributeType::Email]),
        });
    })
}

#[test]
fn a_new_address_is_unverified_until_its_code_comes_back() {
    let stage = pool(|_| {});
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");

    let sent = jane.update(&[("email", NEW)]).expect("a change");

    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].destination.as_deref(), Some("j***@e***"));
    assert_eq!(sent[0].delivery_medium, Some(DeliveryMediumType::Email));
    assert_eq!(sent[0].attribute_name.as_deref(), Some("email"));
    assert_eq!(jane.get("email").as_deref(), Some(NEW));
    assert_eq!(jane.get("email_verified").as_deref(), Some("false"));
    let code = code_to(&stage.world, NEW);
    jane.verify("email", &code).expect("a verification");
    assert_eq!(jane.get("email_verified").as_deref(), Some("true"));
}

#[test]
fn two_new_addresses_get_a_code_each() {
    let stage = pool(|_| {});
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");

    let sent = jane
        .update(&[("phone_number", PHONE), ("email", NEW)])
        .expect("a change");

    assert_eq!(sent.len(), 2);
    for (name, address) in [("email", NEW), ("phone_number", PHONE)] {
        let code = code_to(&stage.world, address);
        jane.verify(name, &code).expect("a verification");
    }
    assert_eq!(jane.get("phone_number_verified").as_deref(), Some("true"));
}

#[test]
fn an_address_that_stays_the_same_stays_verified() {
    let stage = pool(|_| {});
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    let before = stage.world.mailbox.messages().len();

    let sent = jane.update(&[("email", OLD)]).expect("no change");

    assert!(sent.is_empty());
    assert_eq!(jane.get("email_verified").as_deref(), Some("true"));
    assert_eq!(stage.world.mailbox.messages().len(), before);
}

#[test]
fn a_pool_that_verifies_nothing_by_itself_sends_a_code_on_request() {
    let stage = pool(|request| {
        request.auto_verified_attributes = Some(vec![VerifiedAttributeType::Email]);
    });
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    let sent = jane.update(&[("phone_number", PHONE)]).expect("a change");
    assert!(sent.is_empty());

    let delivery = jane.send_code("phone_number").expect("a code");

    assert_eq!(delivery.destination.as_deref(), Some("+*******0100"));
    assert_eq!(delivery.delivery_medium, Some(DeliveryMediumType::Sms));
    jane.verify("phone_number", &code_to(&stage.world, PHONE))
        .expect("a verification");
    assert_eq!(jane.get("phone_number_verified").as_deref(), Some("true"));
}

#[test]
fn only_addresses_that_the_user_has_get_codes() {
    let stage = pool(|_| {});
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");

    for name in ["name", "phone_number"] {
        assert_eq!(refused(jane.send_code(name)).0, "InvalidParameterException");
    }
    assert_eq!(
        refused(jane.verify("name", "123456")).0,
        "InvalidParameterException"
    );
    is(jane.verify("phone_number", "123456"), DEAD);
}

#[test]
fn a_code_counts_once() {
    let stage = pool(|_| {});
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    jane.send_code("email").expect("a code");
    let code = code_to(&stage.world, OLD);
    jane.verify("email", &code).expect("a verification");

    is(jane.verify("email", &code), DEAD);
}

#[test]
fn a_new_code_makes_the_older_one_useless() {
    let stage = pool(|_| {});
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    jane.send_code("email").expect("a code");
    let older = code_to(&stage.world, OLD);
    jane.send_code("email").expect("another code");
    let newer = code_to(&stage.world, OLD);
    assert_ne!(older, newer);

    is(jane.verify("email", &older), MISMATCH);

    assert!(jane.verify("email", &newer).is_ok());
}

#[test]
fn a_code_to_the_address_before_verifies_nothing() {
    let stage = pool(|request| {
        request.auto_verified_attributes = Some(vec![VerifiedAttributeType::Email]);
    });
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    jane.update(&[("phone_number", PHONE)]).expect("a change");
    jane.send_code("phone_number").expect("a code");
    let code = code_to(&stage.world, PHONE);
    jane.update(&[("phone_number", "+12065550199")])
        .expect("another change");

    is(jane.verify("phone_number", &code), DEAD);
    assert_eq!(jane.get("phone_number_verified").as_deref(), Some("false"));
    jane.delete_attributes(&["phone_number"])
        .expect("a removal");
    is(jane.verify("phone_number", &code), DEAD);
    assert_eq!(jane.get("phone_number_verified"), None);
}

#[test]
fn a_code_to_one_address_does_not_verify_the_other() {
    let stage = pool(|_| {});
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    jane.update(&[("email", NEW), ("phone_number", PHONE)])
        .expect("a change");
    let (email, phone) = (code_to(&stage.world, NEW), code_to(&stage.world, PHONE));
    assert_ne!(email, phone);

    is(jane.verify("email", &phone), MISMATCH);
    is(jane.verify("phone_number", &email), MISMATCH);
}

#[test]
fn a_code_of_another_user_verifies_nothing() {
    let stage = pool(|_| {});
    stage.user("jane");
    stage.user("john");
    let (jane, john) = (Own::sign_in(&stage, "jane"), Own::sign_in(&stage, "john"));
    jane.send_code("email").expect("a code");
    let code = code_to(&stage.world, OLD);

    is(john.verify("email", &code), DEAD);
}

#[test]
fn a_code_lives_a_day() {
    let stage = pool(|_| {});
    stage.user("jane");
    Own::sign_in(&stage, "jane")
        .send_code("email")
        .expect("a code");
    let code = code_to(&stage.world, OLD);
    stage
        .world
        .clock
        .advance(24 * HOUR - Duration::from_millis(1));
    let jane = Own::sign_in(&stage, "jane");
    is(jane.verify("email", &other_than(&code)), MISMATCH);

    stage.world.clock.advance(Duration::from_millis(1));

    is(jane.verify("email", &code), DEAD);
}

#[test]
fn fifteen_guesses_an_hour_are_all() {
    let stage = pool(|_| {});
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    jane.send_code("email").expect("a code");
    let code = code_to(&stage.world, OLD);
    for _ in 0..15 {
        is(jane.verify("email", &other_than(&code)), MISMATCH);
    }

    is(jane.verify("email", &code), LIMIT);

    stage.world.clock.advance(HOUR);
    let jane = Own::sign_in(&stage, "jane");
    assert!(jane.verify("email", &code).is_ok());
}

#[test]
fn five_codes_an_hour_are_all() {
    let stage = pool(|_| {});
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    for _ in 0..5 {
        jane.send_code("email").expect("a code");
    }
    let sent = stage.world.mailbox.messages().len();

    is(jane.send_code("email"), LIMIT);

    assert_eq!(stage.world.mailbox.messages().len(), sent);
}

#[test]
fn codes_die_with_the_password() {
    let stage = pool(|_| {});
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    jane.send_code("email").expect("a code");
    let code = code_to(&stage.world, OLD);

    jane.change_password(Some(PASSWORD), NEXT)
        .expect("a change");

    is(jane.verify("email", &code), DEAD);
}

#[test]
fn where_the_pool_says_so_the_old_address_stays_in_force_until_the_code_comes_back() {
    let stage = waiting_pool();
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");

    let sent = jane.update(&[("email", NEW)]).expect("a change");

    assert_eq!(sent[0].destination.as_deref(), Some("j***@e***"));
    assert_eq!(jane.get("email").as_deref(), Some(OLD));
    assert_eq!(jane.get("email_verified").as_deref(), Some("true"));
    let code = code_to(&stage.world, NEW);
    jane.verify("email", &code).expect("a verification");
    assert_eq!(jane.get("email").as_deref(), Some(NEW));
    assert_eq!(jane.get("email_verified").as_deref(), Some("true"));
}

#[test]
fn an_address_that_waits_gets_the_code_that_is_asked_for() {
    let stage = waiting_pool();
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    jane.update(&[("email", NEW)]).expect("a change");
    let first = code_to(&stage.world, NEW);

    jane.send_code("email").expect("a code");

    let second = code_to(&stage.world, NEW);
    assert_ne!(first, second);
    jane.verify("email", &second).expect("a verification");
    assert_eq!(jane.get("email").as_deref(), Some(NEW));
}

#[test]
fn going_back_to_the_old_address_ends_the_wait() {
    let stage = waiting_pool();
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    jane.update(&[("email", NEW)]).expect("a change");
    let code = code_to(&stage.world, NEW);

    jane.update(&[("email", OLD)]).expect("a change back");

    is(jane.verify("email", &code), DEAD);
    assert_eq!(jane.get("email").as_deref(), Some(OLD));
    assert_eq!(jane.get("email_verified").as_deref(), Some("true"));
}

#[test]
fn of_two_addresses_that_wait_the_last_one_counts() {
    let stage = waiting_pool();
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    jane.update(&[("email", NEW)]).expect("a change");
    let first = code_to(&stage.world, NEW);
    jane.update(&[("email", "jane@example.net")])
        .expect("another");

    is(jane.verify("email", &first), MISMATCH);

    let last = code_to(&stage.world, "jane@example.net");
    jane.verify("email", &last).expect("a verification");
    assert_eq!(jane.get("email").as_deref(), Some("jane@example.net"));
}

#[test]
fn a_message_trigger_that_cannot_be_asked_refuses_before_anything_changes() {
    let stage = pool(|_| {});
    stage.user("jane");
    let jane = Own::sign_in(&stage, "jane");
    set_triggers(&stage, |triggers| {
        triggers.custom_message = Some(TRIGGER.into());
    });

    for result in [
        jane.update(&[("email", NEW)]).map(drop),
        jane.send_code("email").map(drop),
    ] {
        assert_eq!(refused(result).0, "UnexpectedLambdaException");
    }
    assert_eq!(jane.get("email").as_deref(), Some(OLD));
    assert!(
        jane.update(&[("name", "Jane")]).is_ok(),
        "no message, no trigger"
    );
}
