//! `CustomMessage`: asked for the words of a message, with placeholders where the code and the name go.
//!
//! The host's own courier sends every message of this engine, so that e-mail may be written whatever
//! `EmailSendingAccount` says.

use alloc::{collections::BTreeMap, format, string::String};

use serde_json::Value;
use userpool_ports::{Medium, Purpose};

use super::{About, Event, Response, Trigger, ask, attributes, members, response::invalid};
use crate::{
    engine::{Cx, Refusal, Run},
    model::user::{AliasKind, Head},
    ops::messages,
};

/// Where the code goes.
const CODE: &str = "{####}";
/// Where a link with the code goes.
const LINK: &str = "{##Click Here##}";
/// Where the name goes.
const NAME: &str = "{username}";
/// The most characters of a text message, and of a subject.
const SHORT: usize = 140;
/// The most characters of an e-mail.
const LONG: usize = 20_000;

/// The words of a message that a function wrote; those that are missing are the pool's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    pub body: Option<String>,
    /// E-mail only.
    pub subject: Option<String>,
}

/// Asks for the words of a message to an address. The failure is given, not returned: where a client hides who
/// exists, it must not show that there was somebody to write to.
///
/// # Errors
/// Stops the run until the trigger answered.
pub(crate) fn words(
    cx: &mut Cx<'_>,
    about: About<'_>,
    head: &Head,
    told: &BTreeMap<String, String>,
    (why, contact): (Purpose, AliasKind),
) -> Run<Result<Words, Refusal>> {
    let medium = messages::medium(contact);
    let sender = match medium {
        Medium::Email => Trigger::CustomEmailSender,
        Medium::Sms => Trigger::CustomSmsSender,
    };
    if sender.is_set(about.pool) {
        // A sender gets the code encrypted under a key in the service's key management, which is not here.
        let why = "custom senders are not supported by this version of userpool";
        return Ok(Err(sender.failed(why)));
    }
    let invites = why == Purpose::AdminCreateUser;
    let event = || Event {
        version: "1",
        source: format!("CustomMessage_{}", why.as_str()),
        request: members([
            ("userAttributes", attributes(head, told).into()),
            ("codeParameter", CODE.into()),
            ("linkParameter", LINK.into()),
            (
                "usernameParameter",
                if invites { NAME.into() } else { Value::Null },
            ),
        ]),
        response: members([
            ("smsMessage", Value::Null),
            ("emailMessage", Value::Null),
            ("emailSubject", Value::Null),
        ]),
    };
    let answer = ask(cx, about, Trigger::CustomMessage, event)?;
    Ok(answer.and_then(|response| {
        response.map_or_else(
            || Ok(Words::default()),
            |response| Words::read(&response, medium, invites),
        )
    }))
}

impl Words {
    fn read(response: &Response, medium: Medium, invites: bool) -> Result<Self, Refusal> {
        let (name, most) = match medium {
            Medium::Email => ("emailMessage", LONG),
            Medium::Sms => ("smsMessage", SHORT),
        };
        let body = response.text(name)?;
        if let Some(body) = body {
            if body.chars().count() > most {
                return Err(invalid(&format!("{name} is too long")));
            }
            if !has_code(body) {
                return Err(invalid(&format!("{name} has no code parameter")));
            }
            if invites && !body.contains(NAME) {
                return Err(invalid(&format!("{name} has no username parameter")));
            }
        }
        let subject = match medium {
            Medium::Email => response.text("emailSubject")?,
            Medium::Sms => None,
        };
        if subject.is_some_and(|it| it.chars().count() > SHORT || it.contains(char::is_control)) {
            return Err(invalid(
                "emailSubject is too long or has more than one line",
            ));
        }
        Ok(Self {
            body: body.map(Into::into),
            subject: subject.map(Into::into),
        })
    }
}

/// Whether a text has a place for the code: by itself, or as a link.
fn has_code(text: &str) -> bool {
    let link = || {
        let start = text.find("{##")?;
        text[start..].find("##}")
    };
    text.contains(CODE) || link().is_some()
}
