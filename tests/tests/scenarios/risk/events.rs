//! What is kept of what a user does.

use serde_json::json;
use userpool_core::model::keys::kind;
use userpool_tests::{
    player::{self, Player},
    pool::PASSWORD,
    scene::Scene,
};

use super::{HOME, at_home, events, jane, newest, sign_in_from};

#[test]
fn a_sign_in_is_an_event_with_where_it_came_from() {
    let scene = jane("AUDIT");
    at_home(&scene);
    let event = newest(&scene);
    assert_eq!(event["EventType"], "SignIn");
    assert_eq!(event["EventResponse"], "Pass");
    assert_eq!(
        event["ChallengeResponses"],
        json!([{"ChallengeName": "Password", "ChallengeResponse": "Success"}])
    );
    assert_eq!(event["EventRisk"], json!({"RiskDecision": "NoRisk"}));
    assert_eq!(
        event["EventContextData"],
        json!({"IpAddress": "192.0.2.7", "DeviceName": "home/1"})
    );
    assert!(event["EventFeedback"].is_null());
}

#[test]
fn a_wrong_password_is_an_event_whoever_gave_it() {
    let scene = jane("AUDIT");
    sign_in_from(&scene, HOME, "Wrong-horse-7").expect_err("a wrong password");
    let event = newest(&scene);
    assert_eq!(event["EventResponse"], "Fail");
    assert_eq!(
        event["ChallengeResponses"],
        json!([{"ChallengeName": "Password", "ChallengeResponse": "Failure"}])
    );
}

#[test]
fn a_sign_in_by_srp_is_an_event_too() {
    let scene = jane("AUDIT");
    let before = events(&scene).len();
    scene.stage().srp_sign_in("jane", PASSWORD).expect("tokens");
    let wrong = scene.stage().srp_sign_in("jane", "Wrong-horse-7");
    wrong.expect_err("a wrong proof");
    let seen = events(&scene);
    assert_eq!(seen.len(), before + 2);
    assert_eq!(seen[0]["EventResponse"], "Fail");
    assert_eq!(seen[1]["EventResponse"], "Pass");
}

#[test]
fn the_rest_of_an_account_s_life_is_seen_as_well() {
    let mut scene = jane("AUDIT");
    let user = json!({"ClientId": scene.client, "Username": "jane"});
    scene.call("ForgotPassword", user.clone());
    let mut confirm = user.clone();
    confirm["Password"] = json!(PASSWORD);
    confirm["ConfirmationCode"] = json!("nocode");
    scene
        .try_call("ConfirmForgotPassword", &confirm)
        .expect_err("a wrong code");
    confirm["ConfirmationCode"] = json!(scene.code_of("jane"));
    scene.call("ConfirmForgotPassword", confirm);
    scene.sign_in("jane");
    let mut change = json!({"AccessToken": scene.fact("access"), "ProposedPassword": PASSWORD});
    change["PreviousPassword"] = json!("Wrong-horse-7");
    scene
        .try_call("ChangePassword", &change)
        .expect_err("a wrong password");
    change["PreviousPassword"] = json!(PASSWORD);
    scene.call("ChangePassword", change);
    let seen: Vec<_> = events(&scene)
        .iter()
        .rev()
        .map(|event| {
            let text = |member: &str| event[member].as_str().expect("a text").to_owned();
            text("EventType") + " " + &text("EventResponse")
        })
        .collect();
    assert_eq!(
        seen,
        [
            "SignUp Pass",
            "ForgotPassword InProgress",
            "ForgotPassword Fail",
            "ForgotPassword Pass",
            "SignIn Pass",
            "PasswordChange Fail",
            "PasswordChange Pass",
        ]
    );
    scene.sign_up("john");
    let john = json!({"ClientId": scene.client, "Username": "john"});
    scene.call("ResendConfirmationCode", john);
    let johns = scene.admin("AdminListUserAuthEvents", "john");
    assert_eq!(johns["AuthEvents"][0]["EventType"], "ResendCode");
}

#[test]
fn one_event_tells_of_all_steps_of_a_sign_in() {
    let mut scene = jane("AUDIT");
    scene.factors("OPTIONAL");
    scene.sign_in("jane");
    scene.software_token();
    scene.prefer(
        "jane",
        json!({"SoftwareTokenMfaSettings": {"Enabled": true}}),
    );
    scene.advance(60);
    let before = events(&scene).len();
    let challenge = scene.challenge("jane");
    let event = newest(&scene);
    assert_eq!(event["EventResponse"], "InProgress");
    let body = scene.answer(
        &challenge,
        "jane",
        json!({"SOFTWARE_TOKEN_MFA_CODE": scene.wrong_totp()}),
    );
    scene
        .try_call("RespondToAuthChallenge", &body)
        .expect_err("a wrong code");
    scene.answered(
        &challenge,
        "jane",
        json!({"SOFTWARE_TOKEN_MFA_CODE": scene.totp(0)}),
    );
    let seen = events(&scene);
    assert_eq!(seen.len(), before + 1);
    assert_eq!(seen[0]["EventId"], event["EventId"]);
    assert_eq!(seen[0]["EventResponse"], "Pass");
    assert_eq!(
        seen[0]["ChallengeResponses"],
        json!([
            {"ChallengeName": "Password", "ChallengeResponse": "Success"},
            {"ChallengeName": "Mfa", "ChallengeResponse": "Failure"},
            {"ChallengeName": "Mfa", "ChallengeResponse": "Success"},
        ])
    );
}

#[test]
fn the_newest_sixty_events_are_kept_and_told_page_by_page() {
    let scene = jane("AUDIT");
    for _ in 0..70 {
        at_home(&scene);
        scene.advance(1);
    }
    let all = events(&scene);
    assert_eq!(all.len(), 60);
    assert!(all.is_sorted_by(|a, b| a["CreationDate"].as_f64() > b["CreationDate"].as_f64()));
    let mut told = Vec::new();
    let mut body = json!({"UserPoolId": scene.pool, "Username": "jane", "MaxResults": 25});
    let mut sizes = Vec::new();
    loop {
        let page = scene.call("AdminListUserAuthEvents", body.clone());
        let events = page["AuthEvents"].as_array().expect("a list").clone();
        sizes.push(events.len());
        told.extend(events);
        if page["NextToken"].is_null() {
            break;
        }
        body["NextToken"] = page["NextToken"].clone();
    }
    assert_eq!(sizes, [25, 25, 10]);
    assert_eq!(told, all);
}

#[test]
fn a_sign_in_that_is_seen_takes_no_commit_more() {
    for mode in ["OFF", "AUDIT", "ENFORCED"] {
        let scene = jane(mode);
        at_home(&scene);
        let body = json!({"ClientId": scene.client, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "jane", "PASSWORD": PASSWORD}});
        let request = player::request("InitiateAuth", &body);
        let mut player = Player::new(&request, scene.now(), "a sign-in");
        player
            .finish(&mut scene.world.store.copy())
            .expect("tokens");
        assert_eq!(player.landed, 1, "{mode}");
    }
}

#[test]
fn a_pool_without_threat_protection_sees_nothing() {
    let scene = Scene::with_pool();
    scene.user("jane");
    let networks = json!({"BlockedIPRangeList": ["0.0.0.0/0"]});
    let body = json!({"UserPoolId": scene.pool, "RiskExceptionConfiguration": networks});
    let set = scene.call("SetRiskConfiguration", body);
    let told = scene.call(
        "DescribeRiskConfiguration",
        json!({"UserPoolId": scene.pool}),
    );
    assert_eq!(set, told);
    at_home(&scene);
    assert!(
        !scene
            .records()
            .iter()
            .any(|(key, _)| kind(key) == Some(b'E'))
    );
    let body = json!({"UserPoolId": scene.pool, "Username": "jane"});
    assert_eq!(
        scene.refusal("AdminListUserAuthEvents", &body, ""),
        "UserPoolAddOnNotEnabledException: User pool does not have the add-on AdvancedSecurityMode enabled."
    );
}

#[test]
fn a_deleted_user_leaves_no_events() {
    let scene = jane("AUDIT");
    at_home(&scene);
    scene.admin("AdminDeleteUser", "jane");
    assert!(
        !scene
            .records()
            .iter()
            .any(|(key, _)| kind(key) == Some(b'E'))
    );
}

#[test]
fn a_name_that_nobody_has_leaves_what_a_user_s_would() {
    let scene = jane("AUDIT");
    at_home(&scene);
    let changed = |name: &str| {
        let before = scene.records();
        let body = json!({"ClientId": scene.hiding, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": name, "PASSWORD": "Wrong-horse-7"}});
        scene
            .try_call("InitiateAuth", &body)
            .expect_err("a wrong password");
        userpool_tests::scene::changed_kinds(&before, &scene.records())
    };
    assert_eq!(changed("jane"), ['A', 'E'].into());
    assert_eq!(changed("nobody"), ['E', 'F'].into());
}
