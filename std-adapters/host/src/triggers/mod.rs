//! Triggers as closures: what a pool's `LambdaConfig` would have a function do, done in this process.
//!
//! A closure gets the [`Event`] and gives its answer, or refuses with a text that the client is told. It may be asked more
//! than once for what then happens once, and it may call the engine. The engine is given the closures by
//! [`Builder::hooks`](crate::Builder::hooks), and **a pool asks those that its `LambdaConfig` names a function for**; which
//! function that is does not matter here, as long as it has the form of one.
//!
//! ```
//! use userpool::triggers::{SignUpWish, TokensWish, Triggers};
//! use userpool::wire::idp::{
//!     CreateUserPoolClientRequest, CreateUserPoolRequest, LambdaConfigType, PreTokenGenerationLambdaVersionType,
//!     PreTokenGenerationVersionConfigType, SignUpRequest,
//! };
//! use userpool::{Engine, Memory};
//! # use userpool::RootKeys;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let keys: RootKeys = "1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".parse()?;
//! let triggers = Triggers::new()
//!     .pre_sign_up(|event| match event.request.user_attributes.get("email") {
//!         Some(email) if email.ends_with("@example.com") => Ok(SignUpWish::default()),
//!         _ => Err("Only our own people may sign up".into()),
//!     })
//!     .pre_token_generation(|_| {
//!         let mut wish = TokensWish::default();
//!         wish.scopes.add.push("photos/read".into());
//!         wish.access.add.insert("tenant".into(), "example".into());
//!         Ok(wish)
//!     });
//! let engine = Engine::builder(Memory::new(), keys).hooks(triggers).open()?;
//!
//! let here = "arn:aws:lambda:us-east-1:000000000000:function:here";
//! let before_tokens = PreTokenGenerationVersionConfigType {
//!     // The second form of the event: with the first nothing is said of access tokens.
//!     lambda_version: PreTokenGenerationLambdaVersionType::V2_0,
//!     lambda_arn: here.into(),
//! };
//! let settings = CreateUserPoolRequest {
//!     pool_name: "people".into(),
//!     lambda_config: Some(LambdaConfigType {
//!         pre_sign_up: Some(here.into()),
//!         pre_token_generation_config: Some(before_tokens),
//!         ..Default::default()
//!     }),
//!     ..Default::default()
//! };
//! let pool = "us-east-1_AbCdEf123";
//! engine.declare_user_pool_blocking(pool, &settings)?;
//! # let web = CreateUserPoolClientRequest { user_pool_id: pool.into(), client_name: "web".into(), ..Default::default() };
//! # engine.declare_user_pool_client_blocking("1example23456789", &web)?;
//!
//! let stranger = SignUpRequest {
//!     client_id: "1example23456789".into(),
//!     username: "eve".into(),
//!     password: Some("Correct-horse-7".into()),
//!     ..Default::default()
//! };
//! let refused = engine.call_blocking(stranger).unwrap_err();
//! assert!(refused.to_string().contains("Only our own people may sign up"));
//! # Ok(())
//! # }
//! ```

mod answer;
mod event;

use std::{collections::BTreeMap, fmt};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use userpool_ports::{HookAnswer, HookCall, HookFault, Hooks};

pub use answer::{
    Challenge, ClaimsWish, GroupsWish, MessageWish, MigratedUser, NextStep, ScopesWish, SignUpWish,
    TokensWish,
};
pub use event::{
    AnsweredChallenge, CallerContext, CreateRequest, DefineRequest, Event, FederationRequest,
    GroupConfiguration, MessageRequest, MigrationRequest, PostAuthenticationRequest,
    PostConfirmationRequest, PreAuthenticationRequest, SenderRequest, SignUpRequest, TokensRequest,
    VerifyRequest,
};

/// A refusal by a closure; the client is told the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(String);

impl From<&str> for Refused {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Refused {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

type Served = Box<dyn Fn(Value) -> Result<Value, HookFault> + Send + Sync>;

/// Closures by the triggers that they serve.
#[derive(Default)]
pub struct Triggers(BTreeMap<&'static str, Served>);

impl fmt::Debug for Triggers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Triggers {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Before a new user is kept.
    #[must_use]
    pub fn pre_sign_up(
        self,
        closure: impl Fn(&Event<SignUpRequest>) -> Result<SignUpWish, Refused> + Send + Sync + 'static,
    ) -> Self {
        self.serving("PreSignUp", closure, |wish, _| wish.response())
    }

    /// When an identity provider says who somebody is: the claims that take the place of all that it said; `None` or
    /// none leave those. The provider's id of the user stays.
    #[must_use]
    pub fn inbound_federation(
        self,
        closure: impl Fn(&Event<FederationRequest>) -> Result<Option<Map<String, Value>>, Refused>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.serving(
            "InboundFederation",
            closure,
            |claims, _| serde_json::json!({ "userAttributesToMap": claims.unwrap_or_default() }),
        )
    }

    /// Once an account is confirmed, or a forgotten password replaced.
    #[must_use]
    pub fn post_confirmation(
        self,
        closure: impl Fn(&Event<PostConfirmationRequest>) -> Result<(), Refused> + Send + Sync + 'static,
    ) -> Self {
        self.serving("PostConfirmation", closure, |(), _| nothing())
    }

    /// Before a password is judged.
    #[must_use]
    pub fn pre_authentication(
        self,
        closure: impl Fn(&Event<PreAuthenticationRequest>) -> Result<(), Refused>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.serving("PreAuthentication", closure, |(), _| nothing())
    }

    /// After a sign-in, before its tokens.
    #[must_use]
    pub fn post_authentication(
        self,
        closure: impl Fn(&Event<PostAuthenticationRequest>) -> Result<(), Refused>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.serving("PostAuthentication", closure, |(), _| nothing())
    }

    /// Before tokens are signed.
    #[must_use]
    pub fn pre_token_generation(
        self,
        closure: impl Fn(&Event<TokensRequest>) -> Result<TokensWish, Refused> + Send + Sync + 'static,
    ) -> Self {
        self.serving("PreTokenGeneration", closure, |wish, version| {
            wish.response(version)
        })
    }

    /// For the words of a message.
    #[must_use]
    pub fn custom_message(
        self,
        closure: impl Fn(&Event<MessageRequest>) -> Result<MessageWish, Refused> + Send + Sync + 'static,
    ) -> Self {
        self.serving("CustomMessage", closure, |wish, _| wish.response())
    }

    /// Sends e-mail in the pool's stead. The closure gets codes and temporary passwords as they are: no key is needed,
    /// though the pool has to name one. Nobody hears what it answers; where it fails, it is asked again later, as long
    /// as the code lives.
    #[must_use]
    pub fn custom_email_sender(
        self,
        closure: impl Fn(&Event<SenderRequest>) -> Result<(), Refused> + Send + Sync + 'static,
    ) -> Self {
        self.serving("CustomEmailSender", closure, |(), _| nothing())
    }

    /// Sends text messages in the pool's stead, as [`Triggers::custom_email_sender`] sends e-mail.
    #[must_use]
    pub fn custom_sms_sender(
        self,
        closure: impl Fn(&Event<SenderRequest>) -> Result<(), Refused> + Send + Sync + 'static,
    ) -> Self {
        self.serving("CustomSMSSender", closure, |(), _| nothing())
    }

    /// For a user whom the pool does not know; `None` where the closure does not know the user either.
    #[must_use]
    pub fn user_migration(
        self,
        closure: impl Fn(&Event<MigrationRequest>) -> Result<Option<MigratedUser>, Refused>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.serving("UserMigration", closure, |user, _| {
            user.map_or_else(nothing, |user| user.response())
        })
    }

    /// For what comes next in a sign-in by custom challenges.
    #[must_use]
    pub fn define_auth_challenge(
        self,
        closure: impl Fn(&Event<DefineRequest>) -> Result<NextStep, Refused> + Send + Sync + 'static,
    ) -> Self {
        self.serving("DefineAuthChallenge", closure, |next, _| next.response())
    }

    /// For a custom challenge.
    #[must_use]
    pub fn create_auth_challenge(
        self,
        closure: impl Fn(&Event<CreateRequest>) -> Result<Challenge, Refused> + Send + Sync + 'static,
    ) -> Self {
        self.serving("CreateAuthChallenge", closure, |challenge, _| {
            challenge.response()
        })
    }

    /// Whether the answer to a custom challenge is right.
    #[must_use]
    pub fn verify_auth_challenge_response(
        self,
        closure: impl Fn(&Event<VerifyRequest>) -> Result<bool, Refused> + Send + Sync + 'static,
    ) -> Self {
        self.serving(
            "VerifyAuthChallengeResponse",
            closure,
            |right, _| serde_json::json!({ "answerCorrect": right }),
        )
    }

    fn serving<R: DeserializeOwned, A>(
        mut self,
        trigger: &'static str,
        closure: impl Fn(&Event<R>) -> Result<A, Refused> + Send + Sync + 'static,
        response: impl Fn(A, &str) -> Value + Send + Sync + 'static,
    ) -> Self {
        let served = move |mut event: Value| {
            let typed: Event<R> = serde_json::from_value(event.clone())
                .map_err(|_| HookFault::Unreachable("the event is of another form".into()))?;
            let answer = closure(&typed).map_err(|refused| HookFault::Refused(refused.0))?;
            event["response"] = response(answer, &typed.version);
            Ok(event)
        };
        self.0.insert(trigger, Box::new(served));
        self
    }
}

impl Hooks for Triggers {
    fn stays_here(&self, trigger: &str) -> bool {
        self.0.contains_key(trigger)
    }

    fn ask(&self, call: &HookCall) -> Result<HookAnswer, HookFault> {
        let unserved = || HookFault::Unreachable("no closure serves the trigger".into());
        let served = self.0.get(call.trigger).ok_or_else(unserved)?;
        let event = serde_json::from_str(&call.event)
            .map_err(|_| HookFault::Unreachable("the event is no JSON".into()))?;
        served(event).map(|event| HookAnswer(event.to_string()))
    }
}

/// A response that says nothing.
fn nothing() -> Value {
    Value::Object(Map::new())
}
