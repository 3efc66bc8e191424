//! Temporary passwords: drawn, sent, sent again, outdated.

use std::time::Duration;

use serde_json::{Value, json};
use userpool_ports::{Medium, Purpose};

use crate::admin::story::{PASSWORD, Story, list};

const DAY: Duration = Duration::from_secs(24 * 3_600);
const EMAIL: &str = "jane@example.com";
const PHONE: &str = "+12065550100";

/// The temporary password in the newest invitation.
fn invited(story: &Story) -> String {
    story.world.mailbox.code_to(EMAIL).expect("an invitation")
}

fn jane() -> Value {
    json!({ "Username": "jane", "UserAttributes": list(&[("email", EMAIL)]) })
}

fn again(name: &str) -> Value {
    json!({ "Username": name, "MessageAction": "RESEND" })
}

#[test]
fn an_invited_user_signs_in_and_chooses_a_password() {
    let story = Story::of(json!({}));
    story.ok("AdminCreateUser", jane());
    let temporary = invited(&story);

    let challenge = story.sign_in("jane", &temporary).expect("a challenge");
    let reply = story.choose_password("jane", &challenge, PASSWORD);

    assert!(reply["AuthenticationResult"]["AccessToken"].is_string());
    assert_eq!(story.shown("jane")["UserStatus"], "CONFIRMED");
    assert!(story.sign_in("jane", &temporary).is_err());
    assert!(story.sign_in("jane", PASSWORD).is_ok());
}

#[test]
fn an_invitation_tells_name_and_password() {
    let story = Story::of(json!({}));
    story.ok("AdminCreateUser", jane());

    let messages = story.world.mailbox.messages();
    let [message] = messages.as_slice() else {
        panic!("one message");
    };
    assert_eq!(message.purpose, Purpose::AdminCreateUser);
    assert_eq!(
        (message.medium, message.destination.as_str()),
        (Medium::Email, EMAIL)
    );
    assert_eq!(message.user, "jane");
    assert_eq!(message.subject.as_deref(), Some("Your temporary password"));
    let text = format!(
        "Your username is jane and temporary password is {}. ",
        message.code
    );
    assert_eq!(message.body, text);
}

#[test]
fn where_names_are_addresses_the_invitation_tells_the_address() {
    let story = Story::of(json!({ "UsernameAttributes": ["email"] }));
    let reply = story.ok("AdminCreateUser", json!({ "Username": EMAIL }));

    let messages = story.world.mailbox.messages();
    assert!(
        messages[0]
            .body
            .starts_with("Your username is jane@example.com and ")
    );
    assert_eq!(json!(messages[0].user), reply["User"]["Username"]);
    assert!(story.sign_in(EMAIL, &messages[0].code).is_ok());
}

#[test]
fn invitations_go_where_they_are_asked_to_and_the_user_can_be_reached() {
    let both = [("email", EMAIL), ("phone_number", PHONE)];
    for (given, mediums, sent) in [
        (&both[..], json!(null), &[PHONE][..]),
        (&both[..1], json!(null), &[EMAIL]),
        (&both[..1], json!([]), &[EMAIL]),
        (&both[..], json!(["EMAIL"]), &[EMAIL]),
        (&both[..], json!(["EMAIL", "SMS"]), &[PHONE, EMAIL]),
        (&both[..1], json!(["SMS"]), &[]),
        (&[], json!(null), &[]),
    ] {
        let story = Story::of(json!({}));
        story.ok(
            "AdminCreateUser",
            json!({
                "Username": "jane",
                "UserAttributes": list(given),
                "DesiredDeliveryMediums": mediums,
            }),
        );
        assert_eq!(story.destinations(), sent, "{given:?} {mediums}");
    }
}

#[test]
fn a_suppressed_invitation_is_not_sent() {
    let story = Story::of(json!({}));
    let mut body = jane();
    body["MessageAction"] = json!("SUPPRESS");
    body["TemporaryPassword"] = json!("Temporary-1");

    story.ok("AdminCreateUser", body);

    assert!(story.destinations().is_empty());
    assert!(story.sign_in("jane", "Temporary-1").is_ok());
}

#[test]
fn drawn_passwords_fit_the_policy_and_differ() {
    let story = Story::of(json!({
        "Policies": { "PasswordPolicy": {
            "MinimumLength": 20,
            "RequireUppercase": true,
            "RequireLowercase": true,
            "RequireNumbers": true,
            "RequireSymbols": true,
        } },
    }));
    let mut drawn = Vec::new();
    for count in 0..20 {
        let address = format!("{count}@example.com");
        story.ok(
            "AdminCreateUser",
            json!({
                "Username": count.to_string(),
                "UserAttributes": list(&[("email", &address)]),
            }),
        );
        drawn.push(
            story
                .world
                .mailbox
                .code_to(&address)
                .expect("an invitation"),
        );
    }
    for password in &drawn {
        assert_eq!(password.len(), 20);
        for class in [
            |letter: char| letter.is_ascii_uppercase(),
            |letter: char| letter.is_ascii_lowercase(),
            |letter: char| letter.is_ascii_digit(),
            |letter: char| letter.is_ascii_punctuation(),
        ] {
            assert!(password.contains(class), "{password}");
        }
    }
    drawn.sort();
    drawn.dedup();
    assert_eq!(drawn.len(), 20);
}

#[test]
fn an_invitation_sent_again_has_a_new_password_and_the_old_one_dies() {
    let story = Story::of(json!({}));
    story.ok("AdminCreateUser", jane());
    let first = invited(&story);
    let challenge = story.sign_in("jane", &first).expect("a challenge");

    let reply = story.ok("AdminCreateUser", again("jane"));

    assert_eq!(reply["User"]["Attributes"][1]["Value"], EMAIL);
    assert_eq!(reply["User"]["UserStatus"], "FORCE_CHANGE_PASSWORD");
    let second = invited(&story);
    assert_ne!(first, second);
    assert_eq!(
        story.sign_in("jane", &first).expect_err("dead"),
        "NotAuthorizedException: Incorrect username or password."
    );
    let answer = json!({
        "ClientId": story.client,
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": challenge["Session"],
        "ChallengeResponses": { "USERNAME": "jane", "NEW_PASSWORD": PASSWORD },
    });
    let refusal = story
        .client_call("RespondToAuthChallenge", answer)
        .expect_err("dead");
    assert!(
        refusal.starts_with("NotAuthorizedException: Invalid session for the user"),
        "{refusal}"
    );
    assert!(story.sign_in("jane", &second).is_ok());
}

#[test]
fn only_who_never_signed_in_is_invited_again() {
    let story = Story::of(json!({}));
    story.user("jane", &[("email", EMAIL)]);

    assert_eq!(
        story.refused("AdminCreateUser", again("jane")),
        "UnsupportedUserStateException: Resend not possible. CONFIRMED status is not FORCE_CHANGE_PASSWORD"
    );
    assert_eq!(
        story.refused("AdminCreateUser", again("john")),
        "UserNotFoundException: User does not exist."
    );
    assert!(story.destinations().is_empty());
}

#[test]
fn a_temporary_password_lives_as_long_as_the_policy_says() {
    let story = Story::of(json!({
        "Policies": { "PasswordPolicy": { "TemporaryPasswordValidityDays": 2 } },
    }));
    story.ok("AdminCreateUser", jane());
    story.world.clock.advance(DAY * 2);

    assert_eq!(
        story
            .sign_in("jane", &invited(&story))
            .expect_err("outdated"),
        "NotAuthorizedException: Temporary password has expired and must be reset by an administrator."
    );
    story.ok("AdminCreateUser", again("jane"));
    assert!(story.sign_in("jane", &invited(&story)).is_ok());
}

/// Signs in with the temporary password and answers with a new one and these attributes.
fn choose(story: &Story, name: &str, attributes: &[(&str, &str)]) -> Result<Value, String> {
    let challenge = story.sign_in(name, "Temporary-1").expect("a challenge");
    let mut responses = json!({ "USERNAME": name, "NEW_PASSWORD": PASSWORD });
    for (attribute, value) in attributes {
        responses[format!("userAttributes.{attribute}")] = json!(value);
    }
    let answer = json!({
        "ClientId": story.client,
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": challenge["Session"],
        "ChallengeResponses": responses,
    });
    story.client_call("RespondToAuthChallenge", answer)
}

/// Makes a user with these attributes and a temporary password.
fn temporary(story: &Story, name: &str, attributes: &[(&str, &str)]) {
    let body = json!({
        "Username": name,
        "TemporaryPassword": "Temporary-1",
        "UserAttributes": list(attributes),
        "MessageAction": "SUPPRESS",
    });
    story.ok("AdminCreateUser", body);
}

#[test]
fn an_address_changed_at_the_first_sign_in_takes_its_name_along() {
    let story = Story::of(json!({ "UsernameAttributes": ["email"] }));
    temporary(&story, EMAIL, &[]);
    story.user("john@example.com", &[]);

    let taken = choose(&story, EMAIL, &[("email", "john@example.com")]);
    assert_eq!(
        taken.expect_err("taken"),
        "AliasExistsException: An account with the given email already exists."
    );
    choose(&story, EMAIL, &[("email", "jane@example.org")]).expect("a sign-in");

    assert!(story.sign_in("jane@example.org", PASSWORD).is_ok());
    assert!(story.sign_in(EMAIL, PASSWORD).is_err());
}

#[test]
fn an_alias_that_is_verified_no_more_is_given_up_at_the_first_sign_in() {
    let story = Story::of(json!({ "AliasAttributes": ["email"] }));
    temporary(
        &story,
        "jane",
        &[("email", EMAIL), ("email_verified", "true")],
    );

    choose(&story, "jane", &[("email", "jane@example.org")]).expect("a sign-in");

    assert_eq!(story.attribute("jane", "email_verified"), "false");
    let refusal = story.refused("AdminGetUser", json!({ "Username": EMAIL }));
    assert_eq!(refusal, "UserNotFoundException: User does not exist.");
}

#[test]
fn what_may_not_change_stays_at_the_first_sign_in() {
    let story = Story::of(json!({ "Schema": [{ "Name": "nickname", "Mutable": false }] }));
    temporary(&story, "jane", &[("nickname", "jj")]);

    let refusal = choose(&story, "jane", &[("nickname", "jane")]);
    assert_eq!(
        refusal.expect_err("fixed"),
        "InvalidParameterException: user.nickname: Attribute cannot be updated.\n"
    );
    assert!(choose(&story, "jane", &[]).is_ok());
}
