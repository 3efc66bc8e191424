//! `CustomMessage`: asked for the words of a message, with placeholders where the code and the name go.
//!
//! The host's own courier sends every message of this engine, so that e-mail may be written whatever
//! `EmailSendingAccount` says. Where a custom sender is set for the medium, it writes as it sends, and this trigger is
//! not asked.

use alloc::{collections::BTreeMap, format, string::String};

use serde_json::Value;
use userpool_ports::{Medium, Purpose};

use super::{
    About, Event, Response, Trigger, ask, attributes,
    custom_sender::{self, Sender},
    members,
    response::invalid,
};
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
#[derive(Clone, Default)]
pub(crate) struct Words {
    pub body: Option<String>,
    /// E-mail only.
    pub subject: Option<String>,
    /// The app client whose link the message has in place of a code.
    pub link_of: Option<String>,
    /// The function that sends the message, and writes it: then there are no other words.
    pub sender: Option<Sender>,
}

/// Asks for the words of a message to an address, or has all ready for the function that sends it. The failure is given, not returned: where a client hides who
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
    if let Some(sender) = custom_sender::of(cx, about, head, told, (why, medium))? {
        return Ok(sender.map(|sender| Words {
            sender: Some(sender),
            ..Words::default()
        }));
    }
    let link_of = about
        .client
        .filter(|_| messages::has_link(&about.pool.rules, medium, why))
        .map(String::from);
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
        let words = response.map_or_else(
            || Ok(Words::default()),
            |response| Words::read(&response, medium, invites),
        );
        words.map(|words| Words { link_of, ..words })
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
            ..Self::default()
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
