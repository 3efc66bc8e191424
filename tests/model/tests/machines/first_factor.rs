//! The first factors that a user chooses, and the device that ends a sign-in.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use userpool_tests::{
    authenticator::Credential,
    device::ClientDevice,
    passkeys,
    pool::{PASSWORD, SrpClient},
    scene::{PHONE, Scene, address, text},
};

pub fn walk(state: &str, event: &str) -> Option<String> {
    let mut asked = Asked::begin(state);
    match event {
        "a right answer" => return Some(asked.right()),
        "a wrong answer" => asked.wrong(1),
        "a fifth wrong answer" => asked.wrong(5),
        "its time ends" => asked.scene.advance(180),
        "the password changes" => {
            let body = json!({"UserPoolId": asked.scene.pool, "Username": "jane",
                "Password": asked.new_password(), "Permanent": true});
            asked.scene.call("AdminSetUserPassword", body);
        }
        "a global sign-out" => drop(asked.scene.admin("AdminUserGlobalSignOut", "jane")),
        other => panic!("no event {other}"),
    }
    // A challenge that a right answer still leads on from is the same as before.
    Some(if asked.right() == "over" {
        "over".into()
    } else {
        state.into()
    })
}

/// A user who is asked for something.
struct Asked {
    scene: Scene,
    state: String,
    /// The reply that asks.
    challenge: Value,
    password: &'static str,
    credential: Credential,
    srp: Option<SrpClient>,
    device: Option<ClientDevice>,
}

impl Asked {
    fn begin(state: &str) -> Self {
        let credential = passkeys::credential(7);
        let mut asked = Self {
            scene: passkeys::jane(&credential),
            state: state.into(),
            challenge: Value::Null,
            password: PASSWORD,
            credential,
            srp: None,
            device: None,
        };
        let body = json!({"UserPoolId": asked.scene.pool, "Username": "jane",
            "UserAttributes": [{"Name": "phone_number", "Value": PHONE},
                {"Name": "phone_number_verified", "Value": "true"}]});
        asked.scene.call("AdminUpdateUserAttributes", body);
        asked.prepare();
        let told = asked.challenge["ChallengeName"].as_str();
        assert!(
            told.is_none_or(|told| state.starts_with(told)),
            "{state}: {told:?}"
        );
        asked
    }

    fn prepare(&mut self) {
        match self.state.clone().as_str() {
            "a confirmation" => {
                self.scene.admin("AdminDeleteUser", "jane");
                let body = json!({"ClientId": self.scene.client, "Username": "jane", "Password": PASSWORD,
                    "UserAttributes": [{"Name": "email", "Value": address("jane")}]});
                let session = self.scene.call("SignUp", body)["Session"].clone();
                let body = json!({"ClientId": self.scene.client, "Username": "jane",
                    "ConfirmationCode": self.scene.code_of("jane"), "Session": session});
                self.challenge = self.scene.call("ConfirmSignUp", body);
            }
            "PASSWORD_VERIFIER" => {
                let asked = self.preferring("PASSWORD_SRP");
                self.begin_srp(&asked);
            }
            "DEVICE_SRP_AUTH" | "DEVICE_PASSWORD_VERIFIER" => {
                self.scene.track_devices();
                let device = self.scene.confirmed_device("jane");
                self.challenge = self.scene.password("jane", &json!(device.key));
                if self.state == "DEVICE_PASSWORD_VERIFIER" {
                    let responses = device.begin("jane");
                    self.challenge = self.scene.answered(&self.challenge, "jane", responses);
                }
                self.device = Some(device);
            }
            "SELECT_CHALLENGE" => self.challenge = self.preferring("none"),
            factor => self.challenge = self.preferring(factor),
        }
    }

    fn preferring(&self, factor: &str) -> Value {
        let given = json!({"USERNAME": "jane", "PREFERRED_CHALLENGE": factor});
        let body = json!({"ClientId": self.scene.client, "AuthFlow": "USER_AUTH", "AuthParameters": given});
        self.scene.call("InitiateAuth", body)
    }

    fn begin_srp(&mut self, asked: &Value) {
        let (scene, mut reply) = (&self.scene, Value::Null);
        let client = scene.stage().srp_client(|a_public| {
            reply = scene.answered(asked, "jane", json!({"SRP_A": a_public}));
            let parameters = reply["ChallengeParameters"].as_object();
            let parameters = parameters.expect("parameters").iter();
            parameters
                .map(|(name, value)| (name.clone(), text(value)))
                .collect::<BTreeMap<_, _>>()
        });
        (self.srp, self.challenge) = (Some(client), reply);
    }

    /// Another password, where one is judged: the challenge is what ends, not the answer that is wrong.
    fn new_password(&mut self) -> &'static str {
        self.password = "Another-horse-9";
        self.password
    }

    /// The state after a right answer; `over` where it was refused.
    fn right(&mut self) -> String {
        let responses = match self.state.as_str() {
            "SELECT_CHALLENGE" => json!({"ANSWER": "EMAIL_OTP"}),
            "PASSWORD" => json!({"PASSWORD": self.password}),
            "PASSWORD_SRP" => {
                let a_public = self.scene.stage().srp_client(|_| BTreeMap::new());
                json!({"SRP_A": a_public.public_value()})
            }
            "PASSWORD_VERIFIER" => self.proof(self.password),
            "EMAIL_OTP" => json!({"EMAIL_OTP_CODE": self.scene.code_of("jane")}),
            "SMS_OTP" => {
                let message = self.scene.world.mailbox.messages().pop();
                json!({"SMS_OTP_CODE": message.expect("a message").code})
            }
            "WEB_AUTHN" => passkeys::answer(&self.credential, &self.challenge),
            "DEVICE_SRP_AUTH" => self.device().begin("jane"),
            "DEVICE_PASSWORD_VERIFIER" => self.device().prove(&self.challenge),
            "a confirmation" => return self.after(self.signed_up()),
            other => panic!("no challenge {other}"),
        };
        self.after(self.answer(responses))
    }

    /// Answers wrongly, so many times.
    fn wrong(&mut self, times: usize) {
        for _ in 0..times {
            let responses = match self.state.as_str() {
                "SELECT_CHALLENGE" => json!({"ANSWER": "SMS_MFA"}),
                "PASSWORD" => json!({"PASSWORD": "Wrong-horse-7"}),
                "PASSWORD_SRP" => json!({"SRP_A": "00"}),
                "PASSWORD_VERIFIER" => self.proof("Wrong-horse-7"),
                "EMAIL_OTP" => json!({"EMAIL_OTP_CODE": "no code!"}),
                "SMS_OTP" => json!({"SMS_OTP_CODE": "no code!"}),
                "WEB_AUTHN" => passkeys::answer(&passkeys::credential(8), &self.challenge),
                "DEVICE_SRP_AUTH" => {
                    let mut responses = self.device().begin("jane");
                    responses["SRP_A"] = json!("00");
                    responses
                }
                "DEVICE_PASSWORD_VERIFIER" => {
                    let mut forged = self.device().clone();
                    forged.password = "another".into();
                    forged.prove(&self.challenge)
                }
                "a confirmation" => {
                    let body = json!({"ClientId": self.scene.client, "Username": "jane", "ConfirmationCode": "000000"});
                    assert!(self.scene.try_call("ConfirmSignUp", &body).is_err());
                    continue;
                }
                other => panic!("no challenge {other}"),
            };
            assert!(self.answer(responses).is_err());
        }
    }

    fn device(&self) -> &ClientDevice {
        self.device.as_ref().expect("a device")
    }

    fn proof(&self, password: &str) -> Value {
        let answer = self.srp.as_ref().expect("a client").answer(password);
        let members = answer
            .into_iter()
            .map(|(name, value)| (name.to_owned(), json!(value)));
        Value::Object(members.collect::<Map<_, _>>())
    }

    fn answer(&self, responses: Value) -> Result<Value, String> {
        let body = self.scene.answer(&self.challenge, "jane", responses);
        let answered = self.scene.try_call("RespondToAuthChallenge", &body);
        answered.map_err(|error| format!("{error:?}"))
    }

    fn signed_up(&self) -> Result<Value, String> {
        let body = json!({"ClientId": self.scene.client, "AuthFlow": "USER_AUTH",
            "AuthParameters": {"USERNAME": "jane"}, "Session": self.challenge["Session"]});
        let answered = self.scene.try_call("InitiateAuth", &body);
        answered.map_err(|error| format!("{error:?}"))
    }

    fn after(&self, told: Result<Value, String>) -> String {
        match told {
            Err(_) => "over".into(),
            Ok(reply) if reply["AuthenticationResult"].is_object() => "tokens".into(),
            Ok(reply) => text(&reply["ChallengeName"]),
        }
    }
}
