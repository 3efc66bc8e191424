//! What a sign-in commits: one batch where the password is all, and one more for each further factor.

use serde_json::{Value, json};
use userpool_tests::{
    player::{Player, request},
    pool::PASSWORD,
    scene::Scene,
    store::Store,
};

use crate::mfa::{has_tokens, jane, on};

/// Requests over a copy of a scene's store, one after the other.
struct Counting<'a> {
    scene: &'a Scene,
    store: Store,
    commits: usize,
    code: String,
}

impl<'a> Counting<'a> {
    fn over(scene: &'a Scene) -> Self {
        Self {
            scene,
            store: scene.world.store.copy(),
            commits: 0,
            code: String::new(),
        }
    }

    #[track_caller]
    fn call(&mut self, operation: &str, body: &Value) -> Value {
        let seed = format!("{operation} {}", self.commits);
        let mut player = Player::new(&request(operation, body), self.scene.now(), &seed);
        let reply = player.finish(&mut self.store).expect("a success");
        self.commits += player.landed;
        if let Some(message) = player.messages.last() {
            self.code.clone_from(&message.code);
        }
        serde_json::from_str(&reply).expect("JSON")
    }

    #[track_caller]
    fn password(&mut self, device: &Value) -> Value {
        let body = self.scene.password_body("jane", device);
        self.call("InitiateAuth", &body)
    }

    #[track_caller]
    fn answered(&mut self, challenge: &Value, responses: Value) -> Value {
        let body = self.scene.answer(challenge, "jane", responses);
        self.call("RespondToAuthChallenge", &body)
    }

    /// Checks that this was a whole sign-in; how many batches it committed.
    #[track_caller]
    fn committed(&self, reply: &Value) -> usize {
        has_tokens(reply);
        self.commits
    }
}

#[test]
fn a_password_alone_commits_once() {
    let mut scene = jane("OFF");
    scene.sign_in("jane");
    let mut counting = Counting::over(&scene);
    let reply = counting.password(&Value::Null);
    assert_eq!(counting.committed(&reply), 1);
}

#[test]
fn a_software_token_commits_once_more() {
    let mut scene = jane("OPTIONAL");
    scene.sign_in("jane");
    scene.software_token();
    scene.prefer("jane", on("SoftwareTokenMfaSettings"));
    let mut counting = Counting::over(&scene);
    let asked = counting.password(&Value::Null);
    let code = json!({"SOFTWARE_TOKEN_MFA_CODE": scene.totp(0)});
    let reply = counting.answered(&asked, code);
    assert_eq!(counting.committed(&reply), 2);
}

#[test]
fn a_code_commits_once_more() {
    for (member, answer) in [
        ("EmailMfaSettings", "EMAIL_OTP_CODE"),
        ("SMSMfaSettings", "SMS_MFA_CODE"),
    ] {
        let mut scene = jane("OPTIONAL");
        scene.sign_in("jane");
        scene.prefer("jane", on(member));
        let mut counting = Counting::over(&scene);
        let asked = counting.password(&Value::Null);
        let code = json!({answer: counting.code});
        let reply = counting.answered(&asked, code);
        assert_eq!(counting.committed(&reply), 2, "{member}");
    }
}

#[test]
fn a_device_commits_once_more_for_both_of_its_challenges() {
    let mut scene = jane("OPTIONAL");
    scene.track_devices();
    let device = scene.confirmed_device("jane");
    // The keys that secret blocks are sealed under are the pool's, made now and then.
    let stage = scene.stage();
    stage.srp_sign_in("jane", PASSWORD).expect("a sign-in");
    scene.prefer("jane", on("EmailMfaSettings"));
    let mut counting = Counting::over(&scene);
    let asked = counting.password(&json!(device.key));
    let asked = counting.answered(&asked, device.begin("jane"));
    let reply = counting.answered(&asked, device.prove(&asked));
    assert_eq!(counting.committed(&reply), 2);
}
