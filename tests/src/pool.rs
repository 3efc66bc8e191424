//! A pool with a client, ready for a story, and its users' side of SRP.

use std::collections::BTreeMap;

use userpool::{
    Failure,
    wire::idp::{
        AttributeType, AuthFlowType, AuthenticationResultType, ChallengeNameType,
        ConfirmSignUpRequest, CreateUserPoolClientRequest, CreateUserPoolRequest,
        ExplicitAuthFlowsType, InitiateAuthRequest, InitiateAuthResponse,
        RespondToAuthChallengeRequest, RespondToAuthChallengeResponse, SignUpRequest,
        VerifiedAttributeType,
    },
};
use userpool_crypto::{
    base64,
    srp::{self, ClientSecret, ServerPublic},
};

use crate::world::World;

/// A password that fits the default policy.
pub const PASSWORD: &str = "Correct-horse-9";

/// A pool and an app client in a world.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The world around.
    pub world: World,
    /// The pool's id.
    pub pool: String,
    /// The client's id.
    pub client: String,
}

/// A pool that verifies e-mail addresses by itself, and a client that may sign in in every way.
pub fn stage(world: &World) -> Stage {
    let request = CreateUserPoolRequest {
        pool_name: "stage".into(),
        auto_verified_attributes: Some(vec![VerifiedAttributeType::Email]),
        ..Default::default()
    };
    stage_with(world, request, CreateUserPoolClientRequest::default())
}

/// A pool and a client as asked for; name, pool and flows of the client are filled in.
pub fn stage_with(
    world: &World,
    pool: CreateUserPoolRequest,
    client: CreateUserPoolClientRequest,
) -> Stage {
    let pool = world
        .engine
        .call_blocking(pool)
        .expect("a pool")
        .user_pool
        .expect("its description");
    let pool = pool.id.expect("its id");
    let flows = client.explicit_auth_flows.clone().unwrap_or_else(|| {
        vec![
            ExplicitAuthFlowsType::AllowUserSrpAuth,
            ExplicitAuthFlowsType::AllowUserPasswordAuth,
            ExplicitAuthFlowsType::AllowAdminUserPasswordAuth,
            ExplicitAuthFlowsType::AllowRefreshTokenAuth,
        ]
    });
    let request = CreateUserPoolClientRequest {
        user_pool_id: pool.clone(),
        client_name: "stage".into(),
        explicit_auth_flows: Some(flows),
        ..client
    };
    let client = world.engine.call_blocking(request).expect("a client");
    let client = client
        .user_pool_client
        .and_then(|client| client.client_id)
        .expect("its id");
    Stage {
        world: world.clone(),
        pool,
        client: client.to_string(),
    }
}

impl Stage {
    /// Signs a user up with an e-mail address.
    ///
    /// # Errors
    /// The service's.
    pub fn sign_up(&self, username: &str, password: &str, email: &str) -> Result<String, Failure> {
        let request = SignUpRequest {
            client_id: self.client.clone().into(),
            username: username.to_owned().into(),
            password: Some(password.to_owned().into()),
            user_attributes: Some(vec![attribute("email", email)]),
            ..Default::default()
        };
        self.world
            .engine
            .call_blocking(request)
            .map(|reply| reply.user_sub)
    }

    /// Confirms a user with a code.
    ///
    /// # Errors
    /// The service's.
    pub fn confirm(&self, username: &str, code: &str) -> Result<(), Failure> {
        let request = ConfirmSignUpRequest {
            client_id: self.client.clone().into(),
            username: username.to_owned().into(),
            confirmation_code: code.to_owned().into(),
            ..Default::default()
        };
        self.world.engine.call_blocking(request).map(drop)
    }

    /// A confirmed user with the usual password.
    pub fn user(&self, username: &str) -> String {
        let email = format!("{username}@example.com");
        let sub = self.sign_up(username, PASSWORD, &email).expect("a sign-up");
        let code = self.world.mailbox.code_to(&email).expect("a code");
        self.confirm(username, &code).expect("a confirmation");
        sub
    }

    /// Begins a flow.
    ///
    /// # Errors
    /// The service's.
    pub fn initiate(
        &self,
        flow: AuthFlowType,
        parameters: &[(&str, &str)],
    ) -> Result<InitiateAuthResponse, Failure> {
        self.world.engine.call_blocking(InitiateAuthRequest {
            auth_flow: flow,
            client_id: self.client.clone().into(),
            auth_parameters: Some(map(parameters).into()),
            ..Default::default()
        })
    }

    /// Answers a challenge.
    ///
    /// # Errors
    /// The service's.
    pub fn respond(
        &self,
        challenge: ChallengeNameType,
        session: Option<&str>,
        responses: &[(&str, &str)],
    ) -> Result<RespondToAuthChallengeResponse, Failure> {
        self.world
            .engine
            .call_blocking(RespondToAuthChallengeRequest {
                client_id: self.client.clone().into(),
                challenge_name: challenge,
                session: session.map(|session| session.to_owned().into()),
                challenge_responses: Some(map(responses).into()),
                ..Default::default()
            })
    }

    /// Signs in by `USER_PASSWORD_AUTH`.
    ///
    /// # Errors
    /// The service's.
    pub fn password_sign_in(
        &self,
        username: &str,
        password: &str,
    ) -> Result<InitiateAuthResponse, Failure> {
        self.initiate(
            AuthFlowType::UserPasswordAuth,
            &[("USERNAME", username), ("PASSWORD", password)],
        )
    }

    /// The tokens of a sign-in with the usual password.
    pub fn tokens(&self, username: &str) -> AuthenticationResultType {
        let reply = self
            .password_sign_in(username, PASSWORD)
            .expect("a sign-in");
        reply.authentication_result.expect("tokens")
    }

    /// Begins an SRP sign-in; what the client knows then.
    ///
    /// # Errors
    /// The service's.
    pub fn srp_begin(&self, username: &str) -> Result<SrpClient, Failure> {
        self.srp_begin_from(username, None)
    }

    /// As [`Stage::srp_begin`], from a device if one is given.
    ///
    /// # Errors
    /// The service's.
    pub fn srp_begin_from(
        &self,
        username: &str,
        device: Option<&str>,
    ) -> Result<SrpClient, Failure> {
        let mut refused = None;
        let client = self.srp_client(|a_public| {
            let mut parameters = vec![("USERNAME", username), ("SRP_A", a_public)];
            parameters.extend(device.map(|key| ("DEVICE_KEY", key)));
            match self.initiate(AuthFlowType::UserSrpAuth, &parameters) {
                Ok(reply) => reply.challenge_parameters.expect("parameters").into_inner(),
                Err(failure) => {
                    refused = Some(failure);
                    BTreeMap::new()
                }
            }
        });
        refused.map_or(Ok(client), Err)
    }

    /// The client's side of an SRP sign-in, with the parameters of the challenge that follows its `SRP_A`.
    ///
    /// # Panics
    /// Never: the secret is one.
    pub fn srp_client(
        &self,
        challenge: impl FnOnce(&str) -> BTreeMap<String, String>,
    ) -> SrpClient {
        let secret = ClientSecret::new(&[0x5A; 32]).expect("a secret");
        let public = srp::client_public(&secret);
        SrpClient {
            secret,
            pool_name: short_name(&self.pool),
            parameters: challenge(&public.to_hex()),
        }
    }

    /// Signs in by SRP.
    ///
    /// # Errors
    /// The service's.
    pub fn srp_sign_in(
        &self,
        username: &str,
        password: &str,
    ) -> Result<RespondToAuthChallengeResponse, Failure> {
        let client = self.srp_begin(username)?;
        self.srp_respond(&client.answer(password))
    }

    /// Sends an SRP proof.
    ///
    /// # Errors
    /// The service's.
    pub fn srp_respond(
        &self,
        answer: &[(&'static str, String)],
    ) -> Result<RespondToAuthChallengeResponse, Failure> {
        let answer: Vec<(&str, &str)> = answer
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        self.respond(ChallengeNameType::PasswordVerifier, None, &answer)
    }
}

/// The client's side of an SRP sign-in after the challenge.
#[derive(Debug)]
pub struct SrpClient {
    secret: ClientSecret,
    pool_name: String,
    /// The challenge's parameters.
    pub parameters: BTreeMap<String, String>,
}

impl SrpClient {
    /// The client's public value, in hexadecimal.
    pub fn public_value(&self) -> String {
        srp::client_public(&self.secret).to_hex()
    }

    /// The responses that prove a password.
    pub fn answer(&self, password: &str) -> Vec<(&'static str, String)> {
        let user = &self.parameters["USER_ID_FOR_SRP"];
        let salt =
            userpool_crypto::integer::parse_hex(&self.parameters["SALT"], 64).expect("a salt");
        let x = srp::private_key(&self.pool_name, user, password.as_bytes(), &salt);
        let b = ServerPublic::parse(&self.parameters["SRP_B"]).expect("a public value");
        let public = srp::client_public(&self.secret);
        let key = srp::client_key(&self.secret, &public, &b, &x).expect("a key");
        let block = base64::decode(&self.parameters["SECRET_BLOCK"]).expect("a block");
        let timestamp = srp::format_timestamp(1_767_225_600);
        let claim = srp::claim(key.expose(), &self.pool_name, user, &block, &timestamp);
        vec![
            ("USERNAME", user.clone()),
            (
                "PASSWORD_CLAIM_SECRET_BLOCK",
                self.parameters["SECRET_BLOCK"].clone(),
            ),
            ("PASSWORD_CLAIM_SIGNATURE", base64::encode(&claim)),
            ("TIMESTAMP", timestamp),
        ]
    }
}

/// An attribute of a request.
pub fn attribute(name: &str, value: &str) -> AttributeType {
    AttributeType {
        name: name.into(),
        value: Some(value.to_owned().into()),
    }
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn short_name(pool: &str) -> String {
    pool.split_once('_').map_or("", |(_, name)| name).to_owned()
}

/// Name and text of an error.
pub fn error<T: std::fmt::Debug>(result: Result<T, Failure>) -> (&'static str, String) {
    let failure = result.expect_err("a refusal");
    (failure.name(), failure.message())
}
