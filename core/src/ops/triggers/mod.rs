//! Triggers: the functions that a pool configures, asked at their points of an operation.
//!
//! A file a trigger: the exact event, and the reading of the response. Who is asked, and how, is the host's matter
//! (the port `Hooks`). A trigger that a pool does not configure costs nothing and changes nothing.
//!
//! An answer counts for exactly the event that it answered: when a lost race changes the event, the trigger is
//! asked again. So a function may be asked more than once for what then happens once.
//!
//! | what happens | the client is told |
//! |---|---|
//! | the function refuses | `UserLambdaValidationException` with the function's own text |
//! | the function cannot be reached, or takes too long | `UnexpectedLambdaException` |
//! | the answer is not of the trigger's form | `InvalidLambdaResponseException` |

use alloc::{
    borrow::ToOwned,
    collections::BTreeMap,
    format,
    string::{String, ToString},
    sync::Arc,
};

use serde_json::{Map, Value};
use userpool_ports::{HookCall, HookFault};

use super::{
    parties::{Party, Said},
    pools::replicas,
};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    few,
    model::{pool::Pool, user::Head},
};

pub(crate) mod authentication;
pub(crate) mod custom_challenge;
pub(crate) mod custom_message;
pub(crate) mod custom_sender;
pub(crate) mod inbound_federation;
pub(crate) mod post_confirmation;
pub(crate) mod pre_sign_up;
mod response;
pub(crate) mod token_generation;
pub(crate) mod user_migration;

pub(crate) use response::Response;

/// A JSON object.
pub(crate) type Object = Map<String, Value>;
/// What a client hands to the functions of a pool.
pub(crate) type Metadata = BTreeMap<String, String>;

/// The SDK of a caller that names none, and what stands before its name and version.
const SDK: &str = "aws-sdk-";
/// The client of a request that is about none.
const NO_CLIENT: &str = "CLIENT_ID_NOT_APPLICABLE";

/// A trigger that an operation asks at a certain point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trigger {
    /// Makes a custom challenge.
    CreateAuthChallenge,
    /// Sends e-mail in the pool's stead.
    CustomEmailSender,
    /// Writes a message.
    CustomMessage,
    /// Sends text messages in the pool's stead.
    CustomSmsSender,
    /// Says what comes next in a sign-in by custom challenges.
    DefineAuthChallenge,
    /// When an identity provider says who somebody is.
    InboundFederation,
    /// After a sign-in, before its tokens.
    PostAuthentication,
    /// After an account was confirmed.
    PostConfirmation,
    /// Before a password is judged.
    PreAuthentication,
    /// Before a sign-up is kept.
    PreSignUp,
    /// Before tokens are signed.
    PreTokenGeneration,
    /// When a name is unknown.
    UserMigration,
    /// Judges the answer to a custom challenge.
    VerifyAuthChallengeResponse,
}

impl Trigger {
    /// The name in `LambdaConfig`.
    const fn name(self) -> &'static str {
        match self {
            Self::CreateAuthChallenge => "CreateAuthChallenge",
            Self::CustomEmailSender => "CustomEmailSender",
            Self::CustomMessage => "CustomMessage",
            Self::CustomSmsSender => "CustomSMSSender",
            Self::DefineAuthChallenge => "DefineAuthChallenge",
            Self::InboundFederation => "InboundFederation",
            Self::PostAuthentication => "PostAuthentication",
            Self::PostConfirmation => "PostConfirmation",
            Self::PreAuthentication => "PreAuthentication",
            Self::PreSignUp => "PreSignUp",
            Self::PreTokenGeneration => "PreTokenGeneration",
            Self::UserMigration => "UserMigration",
            Self::VerifyAuthChallengeResponse => "VerifyAuthChallengeResponse",
        }
    }

    /// Whether a pool configures it.
    pub fn is_set(self, pool: &Pool) -> bool {
        pool.rules.triggers.contains_key(self.name())
    }

    /// The refusal where the function could not do its part.
    fn failed(self, why: &str) -> Refusal {
        let text = format!("{} invocation failed due to error {why}.", self.name());
        Refusal::new(RefusalKind::UnexpectedLambda, text)
    }
}

/// What every event of a request says: whose pool, whose name, which client, and what the client handed over.
#[derive(Clone, Copy)]
pub(crate) struct About<'a> {
    pub pool: &'a Pool,
    /// The app client; `None` for administrators' requests without one.
    pub client: Option<&'a str>,
    /// The stored name of the user, or what was typed where there is none.
    pub username: &'a str,
    /// `ClientMetadata` of the request.
    pub metadata: Option<&'a Metadata>,
}

impl<'a> About<'a> {
    /// A request of a client about a user of this name.
    pub fn of(party: &'a Party, username: &'a str) -> Self {
        Self {
            pool: &party.pool,
            client: Some(&party.client.id),
            username,
            metadata: match &party.said {
                Said::Metadata(metadata) => Some(metadata),
                Said::Nothing | Said::Validation(_) => None,
            },
        }
    }

    /// A request of an administrator about a user of this name.
    pub fn administrators(
        pool: &'a Pool,
        username: &'a str,
        metadata: Option<&'a Metadata>,
    ) -> Self {
        Self {
            pool,
            client: None,
            username,
            metadata,
        }
    }

    /// The same, with what the client handed over in this request.
    pub fn saying(self, metadata: Option<&'a Metadata>) -> Self {
        Self { metadata, ..self }
    }
}

/// What is said in an event of one trigger.
pub(crate) struct Event {
    /// The version of the event's form.
    pub version: &'static str,
    /// Why the trigger is asked, for example `PreSignUp_SignUp`.
    pub source: String,
    pub request: Object,
    /// The response as the function finds it.
    pub response: Object,
}

/// Asks a trigger, if the pool configures it. Its failure is given, not returned: some points must not show it.
///
/// # Errors
/// Stops the run until the trigger answered.
pub(crate) fn ask(
    cx: &mut Cx<'_>,
    about: About<'_>,
    trigger: Trigger,
    event: impl FnOnce() -> Event,
) -> Run<Result<Option<Response>, Refusal>> {
    let Some(function) = about.pool.rules.triggers.get(trigger.name()) else {
        return Ok(Ok(None));
    };
    cx.once(|cx| {
        let call = cx.once(|cx| {
            Ok(Arc::new(HookCall {
                trigger: trigger.name(),
                function: function.clone(),
                event: told(cx, about, event()).to_string(),
            }))
        })?;
        Ok(match cx.ask(HookCall::clone(&call))? {
            Ok(answer) => Response::read(&answer.0).map(Some),
            Err(HookFault::Refused(said)) => {
                let text = format!("{} failed with error {said}.", trigger.name());
                Err(Refusal::new(RefusalKind::UserLambdaValidation, text))
            }
            Err(HookFault::Unreachable(why)) => Err(trigger.failed(&why)),
        })
    })
}

/// An event as JSON.
fn told(cx: &Cx<'_>, about: About<'_>, event: Event) -> Value {
    let mut request = event.request;
    if let Some(metadata) = about.metadata {
        request.insert("clientMetadata".into(), object(metadata).into());
    }
    serde_json::json!({
        "version": event.version,
        "triggerSource": event.source,
        "region": replicas::seen_from(cx, about.pool),
        "userPoolId": about.pool.id,
        "userName": about.username,
        "callerContext": {
            "awsSdkVersion": sdk(cx.caller().user_agent.as_deref()),
            "clientId": about.client.unwrap_or(NO_CLIENT),
        },
        "request": request,
        "response": event.response,
    })
}

/// The SDK that a user agent names.
fn sdk(agent: Option<&str>) -> String {
    let mut products = agent.unwrap_or_default().split_ascii_whitespace();
    let named = products.find_map(|product| {
        let (name, version) = product.split_once('/')?;
        name.starts_with(SDK).then(|| format!("{name}-{version}"))
    });
    named.unwrap_or_else(|| format!("{SDK}unknown-unknown"))
}

/// The attributes of a user as events tell them: all as they count, the id and the status.
pub(crate) fn attributes(head: &Head, effective: &BTreeMap<String, String>) -> Object {
    let mut told = object(effective);
    told.insert("sub".into(), head.sub.to_string().into());
    told.insert("cognito:user_status".into(), head.status.as_str().into());
    told
}

fn object(map: &BTreeMap<String, String>) -> Object {
    few::gather(
        map.iter()
            .map(|(name, value)| (name.clone(), Value::from(value.as_str()))),
    )
}

/// An object of these members.
fn members<const N: usize>(members: [(&str, Value); N]) -> Object {
    few::gather(
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdk_is_what_the_user_agent_names() {
        for (agent, told) in [
            (None, "aws-sdk-unknown-unknown"),
            (Some("curl/8.0"), "aws-sdk-unknown-unknown"),
            (
                Some("aws-sdk-js/3.620.0 ua/2.0 os/linux"),
                "aws-sdk-js-3.620.0",
            ),
        ] {
            assert_eq!(sdk(agent), told);
        }
    }
}
