//! Levels of authentication: sign-ins that have to reach one, from nothing or from an access token.

use serde_json::{Value, json};
use userpool_crypto::base64;
use userpool_tests::{
    pool::PASSWORD,
    scene::{PHONE, Scene, text},
};

use super::{begin, begun, has_tokens, jane, password, proven, refused};

const OUT_OF_REACH: &str =
    "NotAuthorizedException: User has no factors for any of the requested authentication levels.";

/// Jane of a pool that has second factors and asks nobody for one; she has signed in by password.
fn signed_in() -> Scene {
    let mut scene = jane();
    scene.factors("OPTIONAL");
    by_password(&mut scene);
    scene
}

/// Signs Jane in by password; the facts are the tokens.
fn by_password(scene: &mut Scene) {
    let reply = begun(scene, password());
    keep(scene, &reply);
}

fn keep(scene: &mut Scene, reply: &Value) {
    let tokens = &reply["AuthenticationResult"];
    for (fact, member) in [
        ("access", "AccessToken"),
        ("id", "IdToken"),
        ("refresh", "RefreshToken"),
    ] {
        scene.facts.insert(fact, text(&tokens[member]));
    }
}

/// Parameters with a level to reach.
fn target(levels: &str, mut parameters: Value) -> Value {
    parameters["TARGET_ACR_VALUES"] = json!(levels);
    parameters
}

/// Parameters with the access token of the scene too.
fn from_token(scene: &Scene, levels: &str, parameters: Value) -> Value {
    let mut parameters = target(levels, parameters);
    parameters["ACCESS_TOKEN"] = json!(scene.fact("access"));
    parameters
}

/// What both tokens of an answer tell of the sign-in: the same.
#[track_caller]
fn told(reply: &Value) -> Value {
    has_tokens(reply);
    let of = |member: &str| {
        let token = text(&reply["AuthenticationResult"][member]);
        let part = token.split('.').nth(1).expect("claims");
        let claims = base64::decode_url(part).expect("base64url");
        let claims: Value = serde_json::from_slice(&claims).expect("JSON");
        json!({"acr": claims["acr"], "amr": claims["amr"]})
    };
    assert_eq!(of("IdToken"), of("AccessToken"));
    of("IdToken")
}

#[track_caller]
fn refusal(scene: &Scene, parameters: Value) -> String {
    scene.refusal("InitiateAuth", &begin(scene, "jane", parameters), "")
}

fn code(scene: &Scene) -> Value {
    json!({"SOFTWARE_TOKEN_MFA_CODE": scene.totp(0)})
}

#[test]
fn a_sign_in_with_a_level_tells_the_one_it_has_and_refreshing_keeps_it() {
    let mut scene = signed_in();
    let nothing = json!({"acr": null, "amr": null});
    assert_eq!(told(&begun(&scene, password())), nothing);
    let reply = begun(&scene, target("urn:cognito:loa:1", password()));
    let level = json!({"acr": "urn:cognito:loa:1", "amr": ["pwd"]});
    assert_eq!(told(&reply), level);
    keep(&mut scene, &reply);
    let body = json!({"ClientId": scene.client, "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": {"REFRESH_TOKEN": scene.fact("refresh")}});
    scene.advance(60);
    assert_eq!(told(&scene.call("InitiateAuth", body)), level);
}

#[test]
fn the_highest_level_takes_a_password_and_an_authenticator_app_that_nobody_switched_on() {
    let mut scene = signed_in();
    scene.software_token();
    scene.phone("jane");
    let reply = begun(&scene, target("urn:cognito:loa:4", password()));
    assert_eq!(reply["ChallengeName"], "SOFTWARE_TOKEN_MFA");
    let reply = scene.answered(&reply, "jane", code(&scene));
    let level = json!({"acr": "urn:cognito:loa:4", "amr": ["pwd", "otp", "mfa"]});
    assert_eq!(told(&reply), level);
}

#[test]
fn a_password_proven_by_srp_leads_on_to_the_level() {
    let mut scene = signed_in();
    scene.software_token();
    let reply = proven(&scene, |a| {
        let wish = json!({"PREFERRED_CHALLENGE": "PASSWORD_SRP", "SRP_A": a});
        begun(&scene, target("urn:cognito:loa:4", wish))
    });
    assert_eq!(reply["ChallengeName"], "SOFTWARE_TOKEN_MFA");
    let reply = scene.answered(&reply, "jane", code(&scene));
    assert_eq!(told(&reply)["acr"], "urn:cognito:loa:4");
}

#[test]
fn an_access_token_needs_what_is_missing_alone() {
    let mut scene = signed_in();
    scene.software_token();
    let step_up = from_token(&scene, "urn:cognito:loa:4", json!({}));
    let reply = begun(&scene, step_up);
    assert_eq!(reply["ChallengeName"], "SOFTWARE_TOKEN_MFA");
    let wrong = json!({"SOFTWARE_TOKEN_MFA_CODE": scene.wrong_totp()});
    assert_eq!(
        refused(&scene, &reply, wrong, "XA"),
        "CodeMismatchException: Invalid code received for user"
    );
    let old = scene.fact("access").to_owned();
    let reply = scene.answered(&reply, "jane", code(&scene));
    let level = json!({"acr": "urn:cognito:loa:4", "amr": ["pwd", "otp", "mfa"]});
    assert_eq!(told(&reply), level);
    keep(&mut scene, &reply);
    assert_ne!(scene.fact("access"), old);
    assert_eq!(
        refusal(&scene, from_token(&scene, "urn:cognito:loa:3", json!({}))),
        "InvalidParameterException: The access token has the requested authentication level already."
    );
}

#[test]
fn a_code_that_was_shown_before_counts_beside_the_password() {
    let mut scene = signed_in();
    let reply = begun(&scene, json!({"PREFERRED_CHALLENGE": "EMAIL_OTP"}));
    let code = json!({"EMAIL_OTP_CODE": scene.code_of("jane")});
    let reply = scene.answered(&reply, "jane", code);
    keep(&mut scene, &reply);
    let reply = begun(&scene, from_token(&scene, "urn:cognito:loa:3", json!({})));
    assert_eq!(
        reply["AvailableChallenges"],
        json!(["PASSWORD_SRP", "PASSWORD"])
    );
    let choice = json!({"ANSWER": "PASSWORD", "PASSWORD": PASSWORD});
    let reply = scene.answered(&reply, "jane", choice);
    let level = json!({"acr": "urn:cognito:loa:3", "amr": ["pwd", "email_otp", "mfa"]});
    assert_eq!(told(&reply), level);
}

#[test]
fn a_token_of_a_sign_in_too_long_ago_counts_nothing() {
    let mut scene = signed_in();
    scene.software_token();
    scene.advance(100);
    let aged = |age: &str| {
        let aged = json!({"MAX_AGE": age});
        begun(&scene, from_token(&scene, "urn:cognito:loa:4", aged))
    };
    assert_eq!(aged("500")["ChallengeName"], "SOFTWARE_TOKEN_MFA");
    let reply = aged("50");
    assert_eq!(reply["ChallengeName"], "SELECT_CHALLENGE");
    assert_eq!(
        reply["AvailableChallenges"],
        json!(["PASSWORD_SRP", "PASSWORD"])
    );
}

#[test]
fn the_first_level_of_the_list_that_is_in_reach_is_the_one() {
    let mut scene = signed_in();
    let list = "urn:cognito:loa:4 urn:of:nobody urn:cognito:loa:1";
    let reply = begun(&scene, target(list, password()));
    assert_eq!(told(&reply)["acr"], "urn:cognito:loa:1");
    scene.software_token();
    let reply = begun(&scene, target(list, password()));
    assert_eq!(reply["ChallengeName"], "SOFTWARE_TOKEN_MFA");
    // Level 3 by any second factor: the user chooses among those that she has.
    scene.phone("jane");
    let reply = begun(&scene, target("urn:cognito:loa:3", password()));
    assert_eq!(reply["ChallengeName"], "SELECT_MFA_TYPE");
    let reply = scene.answered(&reply, "jane", json!({"ANSWER": "SMS_MFA"}));
    let message = scene.world.mailbox.messages().pop().expect("a message");
    assert_eq!(message.destination, PHONE);
    let reply = scene.answered(&reply, "jane", json!({"SMS_MFA_CODE": message.code}));
    let level = json!({"acr": "urn:cognito:loa:3", "amr": ["pwd", "sms", "mfa"]});
    assert_eq!(told(&reply), level);
}

#[test]
fn a_second_factor_that_is_due_is_asked_for_below_the_level_too() {
    let mut scene = signed_in();
    scene.software_token();
    scene.prefer(
        "jane",
        json!({"SoftwareTokenMfaSettings": {"Enabled": true}}),
    );
    let reply = begun(&scene, target("urn:cognito:loa:1", password()));
    assert_eq!(reply["ChallengeName"], "SOFTWARE_TOKEN_MFA");
    let reply = scene.answered(&reply, "jane", code(&scene));
    assert_eq!(told(&reply)["acr"], "urn:cognito:loa:4");
}

#[test]
fn codes_are_offered_where_they_reach_the_level() {
    let scene = signed_in();
    let offered = |levels: &str| {
        let reply = begun(&scene, target(levels, json!({})));
        reply["AvailableChallenges"].clone()
    };
    let all = json!(["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP"]);
    assert_eq!(offered("urn:cognito:loa:1"), all);
    assert_eq!(offered("urn:cognito:loa:2"), all);
    // The code of an e-mail is a second factor here too.
    assert_eq!(
        offered("urn:cognito:loa:3"),
        json!(["PASSWORD_SRP", "PASSWORD"])
    );
    assert_eq!(
        refusal(&scene, target("urn:cognito:loa:4", password())),
        OUT_OF_REACH
    );
}

#[test]
fn a_pool_names_its_levels() {
    let scene = signed_in();
    let body = json!({"UserPoolId": scene.pool,
        "AcrConfiguration": {"Level1": {"AcrValue": "silver"}}});
    scene.call("UpdateUserPool", body);
    let reply = begun(&scene, target("silver", password()));
    assert_eq!(told(&reply)["acr"], "silver");
    assert_eq!(
        refusal(&scene, target("urn:cognito:loa:1 gold", password())),
        "InvalidParameterException: TARGET_ACR_VALUES has none of the user pool's authentication levels."
    );
}

#[test]
fn what_does_not_lead_to_a_level_is_refused() {
    let scene = signed_in();
    scene.user("joe");
    assert_eq!(
        refusal(&scene, json!({"ACCESS_TOKEN": scene.fact("access")})),
        "InvalidParameterException: Missing required parameter TARGET_ACR_VALUES"
    );
    for age in ["", "-1", "soon", "1.5"] {
        let aged = json!({"MAX_AGE": age});
        assert_eq!(
            refusal(&scene, target("urn:cognito:loa:1", aged)),
            "InvalidParameterException: MAX_AGE is not a number of seconds.",
            "{age}"
        );
    }
    let body = begin(
        &scene,
        "joe",
        from_token(&scene, "urn:cognito:loa:4", json!({})),
    );
    assert_eq!(
        scene.refusal("InitiateAuth", &body, ""),
        "NotAuthorizedException: The access token was not issued for the user."
    );
    let mut body = begin(
        &scene,
        "jane",
        from_token(&scene, "urn:cognito:loa:4", json!({})),
    );
    body["ClientId"] = json!(scene.hiding);
    assert_eq!(
        scene.refusal("InitiateAuth", &body, ""),
        "NotAuthorizedException: The access token was issued to another app client."
    );
    let forged = json!({"ACCESS_TOKEN": "x.y.z"});
    assert_eq!(
        refusal(&scene, target("urn:cognito:loa:4", forged)),
        "NotAuthorizedException: Invalid Access Token"
    );
    let step_up = from_token(&scene, "urn:cognito:loa:4", json!({}));
    let access = json!({"AccessToken": scene.fact("access")});
    scene.call("GlobalSignOut", access);
    assert_eq!(
        refusal(&scene, step_up),
        "NotAuthorizedException: Access Token has been revoked"
    );
}

#[test]
fn the_lowest_tier_has_no_levels() {
    let mut scene = Scene::with_pool();
    scene.client = scene.client_of(json!({"ExplicitAuthFlows": ["ALLOW_USER_AUTH"]}));
    scene.user("jane");
    let lower = json!({"UserPoolId": scene.pool, "UserPoolTier": "LITE"});
    scene.call("UpdateUserPool", lower);
    assert_eq!(
        refusal(&scene, target("urn:cognito:loa:1", password())),
        "FeatureUnavailableInTierException: The following features need to be disabled for the LITE pricing tier configured: Step-Up Authentication"
    );
}

#[test]
fn names_that_nobody_has_reach_levels_as_those_of_users_do() {
    let mut scene = signed_in();
    scene.client = scene.hiding.clone();
    let mut reached = [0; 4];
    for name in (0..60).map(|number| format!("nobody{number}")) {
        for level in 1..=4 {
            let parameters = target(&format!("urn:cognito:loa:{level}"), json!({}));
            let ask = || match scene
                .try_call("InitiateAuth", &begin(&scene, &name, parameters.clone()))
            {
                Ok(reply) => {
                    assert_eq!(reply["ChallengeName"], "SELECT_CHALLENGE");
                    Ok(reply["AvailableChallenges"].clone())
                }
                Err(error) => Err(error.to_string()),
            };
            let first = ask();
            assert_eq!(first, ask(), "the same each time");
            match first {
                Ok(_) => reached[level - 1] += 1,
                Err(error) => assert_eq!(error, OUT_OF_REACH),
            }
        }
    }
    let some = |count: &usize| (1..=60).contains(count);
    assert!(reached.iter().all(some), "{reached:?}");
    assert!(reached[3] < 60, "{reached:?}");
    // A token of somebody does not count for them, as it does not for another user.
    let body = begin(
        &scene,
        "nobody1",
        from_token(&scene, "urn:cognito:loa:1", json!({})),
    );
    assert_eq!(
        scene.refusal("InitiateAuth", &body, ""),
        "NotAuthorizedException: The access token was not issued for the user."
    );
}
