//! Second factors that a risk demands, whatever came first; and what is noted of sign-ins that end otherwise.

use serde_json::{Value, json};
use userpool_tests::{pool::PASSWORD, scene::Scene};

use super::{STRANGER, at_home, configure, events, every_level, jane, newest, sign_in_from};

/// Jane is familiar with one place, and needs a second factor anywhere else.
fn demanding(settings: Value) -> Scene {
    let mut all = json!({"UserPoolTier": "PLUS",
        "UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}});
    for (member, value) in settings.as_object().expect("an object") {
        all[member] = value.clone();
    }
    let scene = Scene::with_pool_of(all);
    scene.user("jane");
    scene.factors("OPTIONAL");
    at_home(&scene);
    configure(&scene, every_level("MFA_REQUIRED", false));
    scene
}

fn temporary(scene: &Scene) {
    let body = json!({"UserPoolId": scene.pool, "Username": "jane", "Password": PASSWORD,
        "Permanent": false});
    scene.call("AdminSetUserPassword", body);
}

#[test]
fn a_new_password_does_not_stand_in_for_the_factor_that_a_risk_demands() {
    let scene = demanding(json!({}));
    temporary(&scene);
    let asked = sign_in_from(&scene, STRANGER, PASSWORD).expect("a challenge");
    assert_eq!(asked["ChallengeName"], "NEW_PASSWORD_REQUIRED");
    let given = json!({"NEW_PASSWORD": "Another-horse-8"});
    let asked = scene.answered(&asked, "jane", given);
    assert_eq!(asked["ChallengeName"], "EMAIL_OTP", "{asked}");
    let code = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    let reply = scene.answered(&asked, "jane", code);
    assert!(reply["AuthenticationResult"].is_object());
    assert_eq!(newest(&scene)["EventResponse"], "Pass");
}

#[test]
fn who_can_show_no_factor_is_not_asked_for_a_new_password_either() {
    let scene = demanding(json!({}));
    let email = json!([{"Name": "email", "Value": ""}]);
    let body = json!({"UserPoolId": scene.pool, "Username": "jane", "UserAttributes": email});
    scene.call("AdminUpdateUserAttributes", body);
    temporary(&scene);
    let refused = sign_in_from(&scene, STRANGER, PASSWORD).expect_err("too unusual");
    assert_eq!(
        refused.to_string(),
        "NotAuthorizedException: Unable to login because of security reasons."
    );
    assert_eq!(newest(&scene)["EventRisk"]["RiskDecision"], "Block");
}

#[test]
fn a_code_as_the_first_factor_is_not_the_second_that_a_risk_demands() {
    let factors = json!({"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]});
    let mut scene = demanding(json!({"Policies": {"SignInPolicy": factors}}));
    configure(&scene, json!({}));
    scene.sign_in("jane");
    scene.software_token();
    let off = json!({"SoftwareTokenMfaSettings": {"Enabled": false}});
    scene.prefer("jane", off);
    configure(&scene, every_level("MFA_REQUIRED", false));
    scene.client = scene.client_of(json!({"ExplicitAuthFlows": ["ALLOW_USER_AUTH"]}));
    let body = json!({"ClientId": scene.client, "AuthFlow": "USER_AUTH",
        "AuthParameters": {"USERNAME": "jane", "PREFERRED_CHALLENGE": "EMAIL_OTP"}});
    let asked = scene.call("InitiateAuth", body);
    assert_eq!(asked["ChallengeName"], "EMAIL_OTP", "{asked}");
    let code = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    let answer = scene.answer(&asked, "jane", code);
    let reply = scene.call_from(STRANGER, "RespondToAuthChallenge", &answer);
    let reply = reply.expect("a challenge");
    assert_eq!(reply["ChallengeName"], "SELECT_MFA_TYPE", "{reply}");
}

#[test]
fn a_sign_in_that_cannot_have_its_second_factor_is_noted() {
    let scene = jane("AUDIT");
    at_home(&scene);
    let body = json!({"UserPoolId": scene.pool, "MfaConfiguration": "ON",
        "SmsMfaConfiguration": {}});
    scene.call("SetUserPoolMfaConfig", body);
    let before = events(&scene).len();
    let refused = sign_in_from(&scene, STRANGER, PASSWORD).expect_err("no phone");
    let refused = refused.to_string();
    assert!(refused.starts_with("MFAMethodNotFound"), "{refused}");
    assert_eq!(events(&scene).len(), before + 1);
    assert_eq!(newest(&scene)["EventResponse"], "Fail");
}

#[test]
fn a_pool_that_watches_custom_challenges_alone_notes_no_other_sign_in() {
    let scene = Scene::with_pool_of(json!({"UserPoolTier": "PLUS",
        "UserPoolAddOns": {"AdvancedSecurityMode": "OFF",
            "AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "AUDIT"}}}));
    scene.user("jane");
    scene.factors("OPTIONAL");
    scene.prefer("jane", json!({"EmailMfaSettings": {"Enabled": true}}));
    let asked = sign_in_from(&scene, STRANGER, PASSWORD).expect("a challenge");
    let code = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    let reply = scene.answered(&asked, "jane", code);
    assert!(reply["AuthenticationResult"].is_object());
    assert_eq!(events(&scene), Vec::<Value>::new());
}
