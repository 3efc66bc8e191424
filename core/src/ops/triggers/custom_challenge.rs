//! `DefineAuthChallenge`, `CreateAuthChallenge` and `VerifyAuthChallengeResponse`: the functions that lead a sign-in by
//! custom challenges.

use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    sync::Arc,
};

use serde_json::Value;

use super::{
    About, Event, Object, Response, Trigger, ask, members,
    response::{invalid, wrong_type},
};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::chain::Answered,
};

/// The challenge that functions make.
const CUSTOM: &str = "CUSTOM_CHALLENGE";
/// The challenge that functions lead to where the sign-in began with SRP.
pub(crate) const PROOF: &str = "PASSWORD_VERIFIER";

/// Who signs in, and what has been answered so far.
#[derive(Clone, Copy)]
pub(crate) struct Course<'a> {
    pub about: About<'a>,
    /// The attributes of the user; none where nobody has the name.
    pub told: &'a Object,
    /// Whether nobody has the name.
    pub nobody: bool,
    pub answered: &'a [Answered],
}

/// What comes next in a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A custom challenge.
    Challenge,
    /// The proof of the password.
    Proof,
    /// The end: it failed.
    Fail,
    /// The end: the user is who it says.
    Issue,
}

/// A challenge that a function made.
#[derive(Debug, Default)]
pub(crate) struct Challenge {
    /// What the client is told.
    pub public: BTreeMap<String, String>,
    /// What the function that judges is told, JSON text.
    pub private: String,
    /// What the functions are told of it later.
    pub metadata: Option<String>,
}

impl Course<'_> {
    fn request(&self) -> Object {
        members([
            ("userAttributes", self.told.clone().into()),
            ("userNotFound", self.nobody.into()),
        ])
    }

    fn session(&self) -> Value {
        let entries = self.answered.iter().map(|answered| {
            serde_json::json!({
                "challengeName": answered.name.as_deref().unwrap_or(CUSTOM),
                "challengeResult": answered.right,
                "challengeMetadata": answered.metadata,
            })
        });
        entries.collect()
    }

    fn ask(
        &self,
        cx: &mut Cx<'_>,
        trigger: Trigger,
        request: Object,
        response: Object,
    ) -> Run<Response> {
        let event = || Event {
            version: "1",
            source: [trigger.name(), "_Authentication"].concat(),
            request,
            response,
        };
        ask(cx, self.about, trigger, event)??.ok_or_else(|| not_configured().into())
    }

    /// Asks what comes next. Failing wins over tokens, and these over a challenge.
    ///
    /// # Errors
    /// Refuses where the trigger does or is missing; stops the run until it answered.
    pub fn define(&self, cx: &mut Cx<'_>) -> Run<Next> {
        let mut request = self.request();
        request.insert("session".into(), self.session());
        let response = members([
            ("challengeName", Value::Null),
            ("issueTokens", Value::Null),
            ("failAuthentication", Value::Null),
        ]);
        let response = self.ask(cx, Trigger::DefineAuthChallenge, request, response)?;
        if response.flag("failAuthentication")? {
            return Ok(Next::Fail);
        }
        if response.flag("issueTokens")? {
            return Ok(Next::Issue);
        }
        match response.text("challengeName")? {
            Some(CUSTOM) => Ok(Next::Challenge),
            Some(PROOF) => Ok(Next::Proof),
            Some(_) => Err(invalid(
                "challengeName is neither CUSTOM_CHALLENGE nor PASSWORD_VERIFIER",
            )
            .into()),
            None => Err(invalid("neither a challenge nor an end").into()),
        }
    }

    /// Asks for a challenge.
    ///
    /// # Errors
    /// Refuses where the trigger does or is missing; stops the run until it answered.
    pub fn create(&self, cx: &mut Cx<'_>) -> Run<Arc<Challenge>> {
        let mut request = self.request();
        request.insert("session".into(), self.session());
        request.insert("challengeName".into(), CUSTOM.into());
        let response = members([
            ("publicChallengeParameters", Value::Null),
            ("privateChallengeParameters", Value::Null),
            ("challengeMetadata", Value::Null),
        ]);
        let response = self.ask(cx, Trigger::CreateAuthChallenge, request, response)?;
        cx.once(|_| Ok(Arc::new(Challenge::read(&response)?)))
    }

    /// Asks whether an answer is right.
    ///
    /// # Errors
    /// Refuses where the trigger does or is missing; stops the run until it answered.
    pub fn verify(&self, cx: &mut Cx<'_>, private: &str, answer: &str) -> Run<bool> {
        let private = serde_json::from_str(private).unwrap_or(Value::Null);
        let mut request = self.request();
        request.insert("privateChallengeParameters".into(), private);
        request.insert("challengeAnswer".into(), answer.into());
        let response = members([("answerCorrect", Value::Null)]);
        let trigger = Trigger::VerifyAuthChallengeResponse;
        let response = self.ask(cx, trigger, request, response)?;
        Ok(response.flag("answerCorrect")?)
    }
}

impl Challenge {
    fn read(response: &Response) -> Result<Self, Refusal> {
        Ok(Self {
            public: texts(response, "publicChallengeParameters")?,
            private: serde_json::json!(texts(response, "privateChallengeParameters")?).to_string(),
            metadata: response.text("challengeMetadata")?.map(Into::into),
        })
    }
}

fn texts(response: &Response, name: &str) -> Result<BTreeMap<String, String>, Refusal> {
    let mut texts = BTreeMap::new();
    for (name, value) in response.object(name)?.into_iter().flatten() {
        let text = value.as_str().ok_or_else(|| wrong_type(name))?;
        texts.insert(name.clone(), text.into());
    }
    Ok(texts)
}

/// The refusal of a proof of the password where none is due.
pub(crate) fn no_proof() -> Refusal {
    invalid("PASSWORD_VERIFIER follows SRP_A alone")
}

/// The refusal where a function of a custom challenge is missing.
pub(crate) fn not_configured() -> Refusal {
    Refusal::new(
        RefusalKind::InvalidParameter,
        "Custom auth lambda trigger is not configured for the user pool.",
    )
}
