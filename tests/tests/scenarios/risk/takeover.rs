//! What follows from unusual sign-ins.

use serde_json::{Value, json};
use userpool_tests::{
    pool::PASSWORD,
    scene::{Scene, text},
};

use super::{AWAY, HOME, STRANGER, at_home, configure, every_level, jane, newest, sign_in_from};

const TOO_UNUSUAL: &str = "NotAuthorizedException: Unable to login because of security reasons.";

#[track_caller]
fn refused(scene: &Scene, place: (&str, &str)) -> String {
    let end = sign_in_from(scene, place, PASSWORD);
    end.expect_err("a refusal").to_string()
}

fn risk(scene: &Scene) -> Value {
    newest(scene)["EventRisk"].clone()
}

#[test]
fn a_pool_that_only_looks_lets_everybody_in_and_keeps_what_it_saw() {
    let scene = jane("AUDIT");
    configure(&scene, every_level("BLOCK", false));
    at_home(&scene);
    assert_eq!(risk(&scene), json!({"RiskDecision": "NoRisk"}));
    sign_in_from(&scene, AWAY, PASSWORD).expect("tokens");
    let takeover = |level: &str| json!({"RiskDecision": "AccountTakeover", "RiskLevel": level});
    assert_eq!(risk(&scene), takeover("Low"));
    sign_in_from(&scene, STRANGER, PASSWORD).expect("tokens");
    assert_eq!(risk(&scene), takeover("Medium"));
    for _ in 0..3 {
        sign_in_from(&scene, HOME, "Wrong-horse-7").expect_err("a wrong password");
    }
    sign_in_from(&scene, ("2001:db8::1", "another/1"), PASSWORD).expect("tokens");
    assert_eq!(risk(&scene), takeover("High"));
}

#[test]
fn each_level_has_its_own_consequence() {
    let scene = jane("ENFORCED");
    let action = |action: &str| json!({"EventAction": action, "Notify": false});
    configure(
        &scene,
        json!({"AccountTakeoverRiskConfiguration": {"Actions": {
            "LowAction": action("NO_ACTION"), "MediumAction": action("BLOCK")}}}),
    );
    at_home(&scene);
    sign_in_from(&scene, AWAY, PASSWORD).expect("tokens");
    assert_eq!(refused(&scene, STRANGER), TOO_UNUSUAL);
    let event = newest(&scene);
    assert_eq!(event["EventResponse"], "Fail");
    assert_eq!(
        event["EventRisk"],
        json!({"RiskDecision": "Block", "RiskLevel": "Medium"})
    );
    assert_eq!(
        refused(&scene, STRANGER),
        TOO_UNUSUAL,
        "it did not become familiar"
    );
    at_home(&scene);
}

#[test]
fn a_sign_in_by_srp_is_blocked_as_well() {
    let scene = jane("ENFORCED");
    configure(&scene, every_level("BLOCK", false));
    at_home(&scene);
    let refused = scene
        .stage()
        .srp_sign_in("jane", PASSWORD)
        .expect_err("nothing is known of it");
    assert_eq!(refused.to_string(), TOO_UNUSUAL);
}

#[test]
fn a_second_factor_that_is_switched_off_is_asked_for_where_a_risk_demands_it() {
    let mut scene = jane("ENFORCED");
    scene.factors("OPTIONAL");
    scene.sign_in("jane");
    scene.software_token();
    scene.prefer(
        "jane",
        json!({"SoftwareTokenMfaSettings": {"Enabled": false}}),
    );
    configure(&scene, every_level("MFA_IF_CONFIGURED", false));
    scene.advance(60);
    let choice = sign_in_from(&scene, STRANGER, PASSWORD).expect("a challenge");
    assert_eq!(choice["ChallengeName"], "SELECT_MFA_TYPE", "{choice}");
    let chosen = json!({"ANSWER": "SOFTWARE_TOKEN_MFA"});
    let challenge = scene.answered(&choice, "jane", chosen);
    assert_eq!(challenge["ChallengeName"], "SOFTWARE_TOKEN_MFA");
    assert_eq!(newest(&scene)["EventResponse"], "InProgress");
    let code = json!({"SOFTWARE_TOKEN_MFA_CODE": scene.totp(0)});
    let body = scene.answer(&challenge, "jane", code);
    let reply = scene
        .call_from(STRANGER, "RespondToAuthChallenge", &body)
        .expect("tokens");
    assert!(reply["AuthenticationResult"].is_object());
    let again = sign_in_from(&scene, STRANGER, PASSWORD).expect("tokens");
    assert!(
        again["AuthenticationResult"].is_object(),
        "it is familiar now"
    );
}

#[test]
fn who_has_no_second_factor_is_let_in_or_not_as_the_pool_wants() {
    let scene = jane("ENFORCED");
    scene.factors("OPTIONAL");
    let email = json!([{"Name": "email", "Value": ""}]);
    let body = json!({"UserPoolId": scene.pool, "Username": "jane", "UserAttributes": email});
    scene.call("AdminUpdateUserAttributes", body);
    at_home(&scene);
    configure(&scene, every_level("MFA_REQUIRED", false));
    assert_eq!(refused(&scene, STRANGER), TOO_UNUSUAL);
    configure(&scene, every_level("MFA_IF_CONFIGURED", false));
    sign_in_from(&scene, STRANGER, PASSWORD).expect("tokens");
}

#[test]
fn some_networks_are_barred_and_in_some_nothing_is_unusual() {
    let scene = jane("ENFORCED");
    let mut configuration = every_level("BLOCK", false);
    configuration["RiskExceptionConfiguration"] = json!({
        "BlockedIPRangeList": ["192.0.2.128/25"], "SkippedIPRangeList": ["203.0.113.0/24"]});
    configure(&scene, configuration);
    at_home(&scene);
    assert_eq!(refused(&scene, ("192.0.2.200", "home/1")), TOO_UNUSUAL);
    assert_eq!(
        risk(&scene),
        json!({"RiskDecision": "Block", "RiskLevel": "High"})
    );
    sign_in_from(&scene, STRANGER, PASSWORD).expect("tokens");
    assert_eq!(risk(&scene), json!({"RiskDecision": "NoRisk"}));
}

#[test]
fn an_app_client_has_its_own_configuration_or_that_of_the_pool() {
    let scene = jane("ENFORCED");
    configure(&scene, every_level("BLOCK", false));
    at_home(&scene);
    let mut own = every_level("NO_ACTION", false);
    own["ClientId"] = json!(scene.client);
    configure(&scene, own.clone());
    sign_in_from(&scene, AWAY, PASSWORD).expect("tokens");
    let only = json!({"ClientId": scene.client});
    let cleared = configure(&scene, only);
    assert_eq!(
        cleared["RiskConfiguration"],
        json!({"UserPoolId": scene.pool, "ClientId": scene.client})
    );
    assert_eq!(refused(&scene, STRANGER), TOO_UNUSUAL);
}

#[test]
fn what_was_set_is_told() {
    let scene = jane("ENFORCED");
    let configuration = json!({
        "CompromisedCredentialsRiskConfiguration": {"EventFilter": ["SIGN_IN", "SIGN_UP"],
            "Actions": {"EventAction": "BLOCK"}},
        "AccountTakeoverRiskConfiguration": {
            "NotifyConfiguration": {"From": "a@example.com", "ReplyTo": "b@example.com",
                "SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/example.com",
                "BlockEmail": {"Subject": "s", "HtmlBody": "<p>html", "TextBody": "a text"},
                "NoActionEmail": {"Subject": "s", "TextBody": "a text"},
                "MfaEmail": {"Subject": "s", "HtmlBody": "<p>html"}},
            "Actions": {"LowAction": {"Notify": true, "EventAction": "NO_ACTION"},
                "MediumAction": {"Notify": false, "EventAction": "MFA_IF_CONFIGURED"},
                "HighAction": {"Notify": true, "EventAction": "MFA_REQUIRED"}}},
        "RiskExceptionConfiguration": {"BlockedIPRangeList": ["192.0.2.0/24"],
            "SkippedIPRangeList": ["2001:db8::/32"]},
    });
    let set = configure(&scene, configuration.clone());
    let named = json!({"UserPoolId": scene.pool});
    let told = scene.call("DescribeRiskConfiguration", named.clone());
    assert_eq!(told, set);
    let shown = &told["RiskConfiguration"];
    for (member, value) in configuration.as_object().expect("an object") {
        assert_eq!(&shown[member], value, "{member}");
    }
    assert!(shown["LastModifiedDate"].is_number());
    configure(&scene, json!({}));
    let told = scene.call("DescribeRiskConfiguration", named.clone());
    assert_eq!(told["RiskConfiguration"], named);
}

#[test]
fn a_client_says_where_its_user_is_only_where_it_is_believed() {
    let scene = jane("AUDIT");
    let secret = json!({"GenerateSecret": true, "EnablePropagateAdditionalUserContextData": true});
    let trusted = scene.client_of(secret);
    let described = scene.call(
        "DescribeUserPoolClient",
        json!({"UserPoolId": scene.pool, "ClientId": trusted}),
    );
    let secret = text(&described["UserPoolClient"]["ClientSecret"]);
    let proof =
        userpool_crypto::digest::hmac_sha256(secret.as_bytes(), &[b"jane", trusted.as_bytes()]);
    let proof = userpool_crypto::base64::encode(&proof);
    for (client, hash, address) in [
        (&scene.client, None, "192.0.2.7"),
        (&trusted, Some(proof), "198.51.100.77"),
    ] {
        let mut body = json!({"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "jane", "PASSWORD": PASSWORD},
            "UserContextData": {"IpAddress": "198.51.100.77"}});
        if let Some(hash) = hash {
            body["AuthParameters"]["SECRET_HASH"] = json!(hash);
        }
        scene
            .call_from(HOME, "InitiateAuth", &body)
            .expect("tokens");
        assert_eq!(newest(&scene)["EventContextData"]["IpAddress"], address);
    }
}

#[test]
fn an_administrator_s_server_says_where_the_user_is() {
    let scene = jane("AUDIT");
    let body = json!({"UserPoolId": scene.pool, "ClientId": scene.client,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "jane", "PASSWORD": PASSWORD},
        "ContextData": {"IpAddress": "198.51.100.77", "ServerName": "s", "ServerPath": "/",
            "HttpHeaders": [{"headerName": "User-Agent", "headerValue": "phone/1"}]}});
    scene
        .call_from(HOME, "AdminInitiateAuth", &body)
        .expect("tokens");
    assert_eq!(
        newest(&scene)["EventContextData"],
        json!({"IpAddress": "198.51.100.77", "DeviceName": "phone/1"})
    );
}
