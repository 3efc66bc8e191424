//! Passwords that are known from breaches.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use userpool::{breached::BreachList, ports::BreachedPasswords};
use userpool_ports::FetchFault;
use userpool_tests::{
    pool::PASSWORD,
    scene::{Scene, address},
};

use super::{HOME, configure, jane, newest, sign_in_from};

const OTHER: &str = "Another-horse-9";
const REFUSED: &str =
    "InvalidPasswordException: Provided password cannot be used for security reasons.";

fn rule(action: &str, filter: Option<Value>) -> Value {
    let mut rule = json!({"Actions": {"EventAction": action}});
    if let Some(filter) = filter {
        rule["EventFilter"] = filter;
    }
    json!({"CompromisedCredentialsRiskConfiguration": rule})
}

#[test]
fn a_breached_password_is_no_new_password() {
    let mut scene = jane("ENFORCED");
    configure(
        &scene,
        rule("BLOCK", Some(json!(["PASSWORD_CHANGE", "SIGN_UP"]))),
    );
    scene.sign_in("jane");
    scene.breach(BreachList::of([OTHER]));
    let sign_up = json!({"ClientId": scene.client, "Username": "john", "Password": OTHER,
        "UserAttributes": [{"Name": "email", "Value": address("john")}]});
    assert_eq!(scene.refusal("SignUp", &sign_up, ""), REFUSED);
    let change = json!({"AccessToken": scene.fact("access"), "PreviousPassword": PASSWORD,
        "ProposedPassword": OTHER});
    assert_eq!(scene.refusal("ChangePassword", &change, ""), REFUSED);
    let user = json!({"ClientId": scene.client, "Username": "jane"});
    scene.call("ForgotPassword", user);
    let mut reset = json!({"ClientId": scene.client, "Username": "jane", "Password": OTHER,
        "ConfirmationCode": scene.code_of("jane")});
    assert_eq!(scene.refusal("ConfirmForgotPassword", &reset, ""), REFUSED);
    reset["Password"] = json!("Quite-another-horse-9");
    scene.call("ConfirmForgotPassword", reset);
}

#[test]
fn who_signs_in_with_a_breached_password_needs_another_one() {
    let mut scene = jane("ENFORCED");
    configure(&scene, rule("BLOCK", None));
    scene.breach(BreachList::of([PASSWORD]));
    let refused = sign_in_from(&scene, HOME, PASSWORD).expect_err("a breached password");
    assert_eq!(
        refused.to_string(),
        "PasswordResetRequiredException: Password reset required for the user"
    );
    let user = scene.admin("AdminGetUser", "jane");
    assert_eq!(user["UserStatus"], "RESET_REQUIRED");
    let event = newest(&scene);
    assert_eq!(event["EventResponse"], "Fail");
    assert_eq!(event["EventRisk"]["CompromisedCredentialsDetected"], true);
    let reset = json!({"ClientId": scene.client, "Username": "jane"});
    scene.call("ForgotPassword", reset);
    let reset = json!({"ClientId": scene.client, "Username": "jane", "Password": OTHER,
        "ConfirmationCode": scene.code_of("jane")});
    scene.call("ConfirmForgotPassword", reset);
    sign_in_from(&scene, HOME, OTHER).expect("tokens");
    let risk = newest(&scene)["EventRisk"].clone();
    assert_eq!(risk["CompromisedCredentialsDetected"], false);
}

#[test]
fn a_breached_password_is_noted_where_nothing_shall_follow() {
    for (mode, action, filter) in [
        ("AUDIT", "BLOCK", None),
        ("ENFORCED", "NO_ACTION", None),
        ("ENFORCED", "BLOCK", Some(json!(["SIGN_UP"]))),
    ] {
        let mut scene = jane(mode);
        let noted = filter.is_none();
        configure(&scene, rule(action, filter));
        scene.breach(BreachList::of([PASSWORD]));
        sign_in_from(&scene, HOME, PASSWORD).expect("tokens");
        let risk = newest(&scene)["EventRisk"].clone();
        let detected = &risk["CompromisedCredentialsDetected"];
        assert_eq!(detected.as_bool(), noted.then_some(true), "{mode} {action}");
    }
}

/// Notes what it is asked, and never knows.
#[derive(Clone, Default)]
struct Deaf(Arc<Mutex<Vec<String>>>);

impl BreachedPasswords for Deaf {
    fn range(&self, prefix: &str) -> Result<String, FetchFault> {
        self.0.lock().expect("no panic").push(prefix.into());
        Err(FetchFault("nobody is there".into()))
    }
}

#[test]
fn a_list_that_cannot_be_reached_keeps_nobody_out_and_learned_five_digits() {
    let mut scene = jane("ENFORCED");
    configure(&scene, rule("BLOCK", None));
    let deaf = Deaf::default();
    scene.breach(deaf.clone());
    sign_in_from(&scene, HOME, PASSWORD).expect("tokens");
    let risk = newest(&scene)["EventRisk"].clone();
    assert_eq!(
        risk,
        json!({"RiskDecision": "NoRisk"}),
        "nothing was found out"
    );
    let hash = userpool_crypto::digest::sha1_hex(PASSWORD.as_bytes());
    assert_eq!(*deaf.0.lock().expect("no panic"), [&hash.expose()[..5]]);
    sign_in_from(&scene, HOME, "Wrong-horse-7").expect_err("a wrong password");
    assert_eq!(
        deaf.0.lock().expect("no panic").len(),
        1,
        "guesses are nobody's matter"
    );
}

#[test]
fn a_pool_that_does_not_want_to_know_asks_nobody() {
    let mut scene = Scene::with_pool();
    let deaf = Deaf::default();
    scene.breach(deaf.clone());
    scene.user("jane");
    sign_in_from(&scene, HOME, PASSWORD).expect("tokens");
    assert!(deaf.0.lock().expect("no panic").is_empty());
}
