//! The client's side of remembered devices: a secret drawn, enrolled, proven.

use serde_json::{Value, json};
use userpool_crypto::{
    base64,
    integer::parse_hex,
    srp::{self, ClientSecret, DeviceEnrolment, ServerPublic},
};

use crate::scene::{Scene, text};

/// When proofs say they are made.
const MADE: i64 = 1_767_225_600;

/// A device as its client knows it.
#[derive(Clone, Debug)]
pub struct ClientDevice {
    /// Its key.
    pub key: String,
    /// Its group key.
    pub group: String,
    /// Its secret; the client draws it.
    pub password: String,
    config: Value,
    secret: ClientSecret,
}

impl ClientDevice {
    /// A device from the `NewDeviceMetadata` of a reply.
    ///
    /// # Panics
    /// The reply has none.
    pub fn of(reply: &Value) -> Self {
        let metadata = &reply["AuthenticationResult"]["NewDeviceMetadata"];
        let key = text(&metadata["DeviceKey"]);
        let group = text(&metadata["DeviceGroupKey"]);
        let made = DeviceEnrolment::new(&group, &key, &[9; 40], &[0x80; 16]);
        Self {
            password: made.password.expose().to_owned(),
            config: json!({"PasswordVerifier": made.password_verifier, "Salt": made.salt}),
            secret: ClientSecret::new(&[0xA5; 32]).expect("a secret"),
            key,
            group,
        }
    }

    /// The request that confirms it.
    pub fn confirmation(&self, access: &str) -> Value {
        json!({"AccessToken": access, "DeviceKey": self.key, "DeviceName": "laptop",
            "DeviceSecretVerifierConfig": self.config})
    }

    /// The responses to `DEVICE_SRP_AUTH`.
    pub fn begin(&self, user: &str) -> Value {
        let public = srp::client_public(&self.secret);
        json!({"USERNAME": user, "DEVICE_KEY": self.key, "SRP_A": public.to_hex()})
    }

    /// The responses to `DEVICE_PASSWORD_VERIFIER`.
    ///
    /// # Panics
    /// The challenge lacks something.
    pub fn prove(&self, challenge: &Value) -> Value {
        let asked = &challenge["ChallengeParameters"];
        let salt = parse_hex(&text(&asked["SALT"]), 64).expect("a salt");
        let x = srp::private_key(&self.group, &self.key, self.password.as_bytes(), &salt);
        let b = ServerPublic::parse(&text(&asked["SRP_B"])).expect("a public value");
        let public = srp::client_public(&self.secret);
        let key = srp::client_key(&self.secret, &public, &b, &x).expect("a key");
        let block = text(&asked["SECRET_BLOCK"]);
        let bytes = base64::decode(&block).expect("a block");
        let timestamp = srp::format_timestamp(MADE);
        let claim = srp::claim(key.expose(), &self.group, &self.key, &bytes, &timestamp);
        json!({"USERNAME": asked["USERNAME"], "DEVICE_KEY": self.key,
            "PASSWORD_CLAIM_SECRET_BLOCK": block,
            "PASSWORD_CLAIM_SIGNATURE": base64::encode(&claim), "TIMESTAMP": timestamp})
    }
}

impl Scene {
    /// Begins to track the devices of the pool's users; a remembered one stands in for second factors.
    pub fn track_devices(&self) {
        self.track_devices_as(json!({"ChallengeRequiredOnNewDevice": true}));
    }

    /// Begins to track the devices of the pool's users, as the setting says. Everything else of the pool but the
    /// verified addresses and the second factors is as it was made.
    pub fn track_devices_as(&self, setting: Value) {
        let body = json!({"UserPoolId": self.pool});
        let shown = self.call("DescribeUserPool", body);
        let body = json!({"UserPoolId": self.pool, "AutoVerifiedAttributes": ["email"],
            "MfaConfiguration": shown["UserPool"]["MfaConfiguration"],
            "DeviceConfiguration": setting});
        self.call("UpdateUserPool", body);
    }

    /// Signs a user in and confirms the device that is made; the facts are as after [`Scene::sign_in`].
    ///
    /// # Panics
    /// The pool tracks no devices, or the user needs a second factor.
    pub fn confirmed_device(&mut self, name: &str) -> ClientDevice {
        let reply = self.password(name, &Value::Null);
        let device = ClientDevice::of(&reply);
        self.keep(&reply);
        let body = device.confirmation(self.fact("access"));
        self.call("ConfirmDevice", body);
        device
    }

    /// Signs a user in by password, from a device if one is given.
    #[track_caller]
    pub fn password(&self, name: &str, device: &Value) -> Value {
        self.call("InitiateAuth", self.password_body(name, device))
    }

    /// The request of [`Scene::password`].
    pub fn password_body(&self, name: &str, device: &Value) -> Value {
        json!({"ClientId": self.client, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": name, "PASSWORD": crate::pool::PASSWORD,
                "DEVICE_KEY": device}})
    }

    /// Keeps the tokens of a reply as the facts `access`, `id` and `refresh`.
    pub fn keep(&mut self, reply: &Value) {
        let result = &reply["AuthenticationResult"];
        for (fact, member) in [
            ("access", "AccessToken"),
            ("id", "IdToken"),
            ("refresh", "RefreshToken"),
        ] {
            self.facts.insert(fact, text(&result[member]));
        }
    }

    /// Has a device answer both of its challenges, with their Sessions; the reply with the tokens.
    #[track_caller]
    pub fn proven(&self, challenge: &Value, name: &str, device: &ClientDevice) -> Value {
        assert_eq!(challenge["ChallengeName"], "DEVICE_SRP_AUTH", "{challenge}");
        let asked = self.answered(challenge, name, device.begin(name));
        assert_eq!(asked["ChallengeName"], "DEVICE_PASSWORD_VERIFIER");
        self.answered(&asked, name, device.prove(&asked))
    }
}
