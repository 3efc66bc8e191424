//! Codes in text messages and e-mails as second factors.

use serde_json::{Value, json};
use userpool_ports::{Medium, Purpose};
use userpool_tests::scene::{PHONE, Scene, address};

use crate::mfa::{has_tokens, jane, on, shown};

fn verified(scene: &Scene, flag: &str) -> Value {
    let user = scene.admin("AdminGetUser", "jane");
    let attributes = user["UserAttributes"]
        .as_array()
        .expect("attributes")
        .clone();
    let found = attributes
        .into_iter()
        .find(|attribute| attribute["Name"] == flag);
    found.map_or(Value::Null, |attribute| attribute["Value"].clone())
}

#[test]
fn a_code_in_a_text_message_lets_the_user_in_and_verifies_the_number() {
    let scene = jane("OPTIONAL");
    scene.prefer("jane", on("SMSMfaSettings"));
    assert_eq!(verified(&scene, "phone_number_verified"), "false");

    let challenge = scene.challenge("jane");

    assert_eq!(challenge["ChallengeName"], "SMS_MFA");
    assert_eq!(
        challenge["ChallengeParameters"],
        json!({"CODE_DELIVERY_DELIVERY_MEDIUM": "SMS", "CODE_DELIVERY_DESTINATION": "+*******0100",
            "USER_ID_FOR_SRP": "jane"})
    );
    let message = scene.world.mailbox.messages().pop().expect("a message");
    assert_eq!(
        (message.medium, message.purpose),
        (Medium::Sms, Purpose::Authentication)
    );
    assert_eq!(message.destination, PHONE);
    assert_eq!(
        message.body,
        format!("Your authentication code is {}. ", message.code)
    );
    let code = json!({"SMS_MFA_CODE": message.code});
    has_tokens(&scene.answered(&challenge, "jane", code));
    assert_eq!(verified(&scene, "phone_number_verified"), "true");
}

#[test]
fn a_code_in_an_e_mail_reads_as_the_pool_says() {
    let scene = jane("OPTIONAL");
    let body = json!({"UserPoolId": scene.pool, "MfaConfiguration": "OPTIONAL",
        "EmailMfaConfiguration": {"Message": "It is <b>{####}</b>.", "Subject": "Your code"}});
    scene.call("SetUserPoolMfaConfig", body);
    scene.prefer("jane", on("EmailMfaSettings"));

    let challenge = scene.challenge("jane");

    assert_eq!(challenge["ChallengeName"], "EMAIL_OTP");
    assert_eq!(
        challenge["ChallengeParameters"],
        json!({"CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL", "CODE_DELIVERY_DESTINATION": "j***@e***"})
    );
    let message = scene.world.mailbox.messages().pop().expect("a message");
    assert_eq!(message.destination, address("jane"));
    assert_eq!(message.subject.as_deref(), Some("Your code"));
    assert_eq!(message.body, format!("It is <b>{}</b>.", message.code));
    let code = json!({"EMAIL_OTP_CODE": message.code});
    has_tokens(&scene.answered(&challenge, "jane", code));
}

#[test]
fn a_pool_that_asks_everybody_sends_codes_to_an_address_that_nobody_switched_on() {
    let scene = Scene::with_pool_of(json!({"MfaConfiguration": "ON"}));
    scene.user("jane");
    scene.phone("jane");

    let challenge = scene.challenge("jane");

    assert_eq!(challenge["ChallengeName"], "SMS_MFA");
    let code = scene.world.mailbox.code_to(PHONE).expect("a code");
    has_tokens(&scene.answered(&challenge, "jane", json!({"SMS_MFA_CODE": code})));
    assert_eq!(shown(&scene, "jane"), (json!(null), json!(null)));
}

#[test]
fn a_code_is_good_for_its_own_sign_in_alone() {
    let scene = jane("OPTIONAL");
    scene.prefer("jane", on("EmailMfaSettings"));
    let first = scene.challenge("jane");
    let code = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    let second = scene.challenge("jane");

    let body = scene.answer(&second, "jane", code.clone());
    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &body, "AX"),
        "CodeMismatchException: Invalid code or auth state for the user."
    );
    has_tokens(&scene.answered(&first, "jane", code.clone()));
    let body = scene.answer(&first, "jane", code);
    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &body, ""),
        "NotAuthorizedException: Invalid session for the user, session can only be used once."
    );
}

#[test]
fn a_code_dies_with_the_address_it_went_to_and_with_its_session() {
    let scene = jane("OPTIONAL");
    scene.prefer("jane", on("SMSMfaSettings"));
    let challenge = scene.challenge("jane");
    let code = scene.world.mailbox.code_to(PHONE).expect("a code");
    let body = scene.answer(&challenge, "jane", json!({"SMS_MFA_CODE": code}));

    let other = scene.copy();
    other.advance(180);
    assert_eq!(
        other.refusal("RespondToAuthChallenge", &body, ""),
        "NotAuthorizedException: Invalid session for the user, session is expired."
    );
    let change = json!({"UserPoolId": scene.pool, "Username": "jane",
        "UserAttributes": [{"Name": "phone_number", "Value": "+12065550199"}]});
    scene.call("AdminUpdateUserAttributes", change);
    assert_eq!(
        scene.refusal("RespondToAuthChallenge", &body, ""),
        "ExpiredCodeException: Invalid code provided, please request a code again."
    );
}

#[test]
fn a_second_factor_by_e_mail_does_not_reset_the_password() {
    let scene = jane("OPTIONAL");
    scene.prefer("jane", on("EmailMfaSettings"));
    let forgot = json!({"ClientId": scene.client, "Username": "jane"});

    assert_eq!(
        scene.refusal("ForgotPassword", &forgot, ""),
        "InvalidParameterException: Cannot reset password for the user as there is no \
         registered/verified email or phone_number"
    );
    scene.prefer("jane", json!({"EmailMfaSettings": {"Enabled": false}}));
    scene.call("ForgotPassword", forgot);
}

#[test]
fn the_older_settings_switch_text_messages() {
    let mut scene = jane("OPTIONAL");
    scene.sign_in("jane");
    let options = json!([{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}]);
    let set = |options: &Value| {
        let body = json!({"AccessToken": scene.fact("access"), "MFAOptions": options});
        scene.call("SetUserSettings", body);
    };

    set(&options);
    assert_eq!(scene.admin("AdminGetUser", "jane")["MFAOptions"], options);
    let user = scene.call("GetUser", json!({"AccessToken": scene.fact("access")}));
    assert_eq!(user["MFAOptions"], options);
    assert_eq!(user["UserMFASettingList"], json!(["SMS_MFA"]));
    assert_eq!(scene.challenge("jane")["ChallengeName"], "SMS_MFA");

    set(&json!([]));
    assert_eq!(shown(&scene, "jane"), (json!(null), json!(null)));
    scene.sign_in("jane");
}
