//! `UserMigration`: asked for a user whom the pool does not know.

use alloc::{collections::BTreeMap, string::String, sync::Arc};

use serde_json::Value;

use super::{
    About, Event, Object, Response, Trigger, ask as ask_trigger, authentication, members,
    response::{invalid, wrong_type},
};
use crate::{
    engine::{Cx, Refusal, Run},
    ops::parties::Party,
};

/// A user as a function knows them.
#[derive(Debug)]
pub(crate) struct Newcomer {
    /// The stored name, where it is not what was typed.
    pub username: Option<String>,
    pub attributes: BTreeMap<String, String>,
    /// Whether the user goes on with the password that was typed; else it must be reset first.
    pub confirmed: bool,
    /// Whether aliases are taken from those who have them.
    pub force_aliases: bool,
    /// Whether codes in text messages are the user's second factor.
    pub text_messages: bool,
}

/// Asks for a user who signs in with a password; `None` where the function does not know the user either.
///
/// # Errors
/// Stops the run until the trigger answered.
pub(crate) fn sign_in(
    cx: &mut Cx<'_>,
    party: &Party,
    typed: &str,
    password: &str,
) -> Run<Result<Option<Arc<Newcomer>>, Refusal>> {
    let source = "UserMigration_Authentication";
    ask(cx, About::of(party, typed), source, || {
        let mut request = members([("password", password.into())]);
        request.extend(authentication::validation(party));
        request
    })
}

/// Asks for a user who forgot the password.
///
/// # Errors
/// Stops the run until the trigger answered.
pub(crate) fn forgot_password(
    cx: &mut Cx<'_>,
    about: About<'_>,
) -> Run<Result<Option<Arc<Newcomer>>, Refusal>> {
    ask(cx, about, "UserMigration_ForgotPassword", Object::new)
}

fn ask(
    cx: &mut Cx<'_>,
    about: About<'_>,
    source: &str,
    request: impl FnOnce() -> Object,
) -> Run<Result<Option<Arc<Newcomer>>, Refusal>> {
    let event = || Event {
        version: "1",
        source: source.into(),
        request: request(),
        response: members([
            ("userAttributes", Value::Null),
            ("forceAliasCreation", Value::Null),
            ("enableSMSMFA", Value::Null),
            ("finalUserStatus", Value::Null),
            ("messageAction", Value::Null),
            ("desiredDeliveryMediums", Value::Null),
        ]),
    };
    let answer = ask_trigger(cx, about, Trigger::UserMigration, event)?;
    cx.once(|_| {
        Ok(answer.and_then(|response| {
            let read = response.map(|response| Newcomer::read(&response));
            Ok(read.transpose()?.flatten().map(Arc::new))
        }))
    })
}

impl Newcomer {
    fn read(response: &Response) -> Result<Option<Self>, Refusal> {
        let Some(given) = response
            .object("userAttributes")?
            .filter(|it| !it.is_empty())
        else {
            return Ok(None);
        };
        let mut attributes = BTreeMap::new();
        for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
            let value = value.as_str().ok_or_else(|| wrong_type(name))?;
            attributes.insert(name.clone(), value.into());
        }
        let confirmed = match response.text("finalUserStatus")? {
            Some("CONFIRMED") => true,
            None | Some("RESET_REQUIRED") => false,
            Some(_) => return Err(invalid("finalUserStatus")),
        };
        if !matches!(
            response.text("messageAction")?,
            None | Some("SUPPRESS" | "RESEND")
        ) {
            return Err(invalid("messageAction"));
        }
        response.texts("desiredDeliveryMediums")?;
        Ok(Some(Self {
            username: attributes.remove("username"),
            confirmed,
            force_aliases: response.flag("forceAliasCreation")?,
            text_messages: response.flag("enableSMSMFA")?,
            attributes,
        }))
    }
}
