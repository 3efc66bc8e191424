//! E-mails to the owner of an account about an unusual sign-in.
//!
//! They go to the verified address alone, or to the function that sends the pool's e-mail in its stead, and are left to
//! the outbox: no sign-in waits for one, or fails with one.
//! In the text stand `{username}`, `{ip-address}`, `{city}`, `{country}`, `{login-time}`, `{device-name}`,
//! `{event-id}` and `{feedback-token}`. Nobody here knows cities and countries, and there are no pages yet to which a
//! one-click link could lead: those places stay empty.

use alloc::{
    format,
    string::{String, ToString},
};

use userpool_crypto::calendar::Civil;
use userpool_ports::{Medium, Message, Purpose};

use super::feedback;
use crate::{
    engine::{Cx, Run},
    model::{
        activity::AuthEvent,
        risk::{Mail, Notices},
        sub::uuid_text,
        user::{AliasKind, Head, Profile},
    },
    ops::{
        directory, messages,
        parties::Party,
        triggers::{About, Object, custom_sender},
        user_type,
    },
};

/// What an e-mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A sign-in that was refused.
    Blocked,
    /// A sign-in that went on.
    Passed,
    /// A sign-in that needed a second factor.
    Asked,
}

impl Kind {
    const fn subject(self) -> &'static str {
        match self {
            Self::Blocked => "Blocked sign-in attempt",
            Self::Passed => "New sign-in",
            Self::Asked => "New sign-in attempt",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Blocked => {
                "We blocked an unusual sign-in to your account {username} at {login-time} from {device-name}, address {ip-address}. Its password was right: if it was not you, change your password."
            }
            Self::Passed => {
                "There was an unusual sign-in to your account {username} at {login-time} from {device-name}, address {ip-address}. If it was not you, change your password."
            }
            Self::Asked => {
                "There was an unusual sign-in to your account {username} at {login-time} from {device-name}, address {ip-address}, and we asked for a second factor. Its password was right: if it was not you, change your password."
            }
        }
    }

    /// What was done, as a rule for risks calls it.
    const fn action(self) -> &'static str {
        match self {
            Self::Blocked => "BLOCK",
            Self::Passed => "NO_ACTION",
            Self::Asked => "MFA_REQUIRED",
        }
    }

    fn mail(self, notices: &Notices) -> Option<&Mail> {
        match self {
            Self::Blocked => notices.blocked.as_ref(),
            Self::Passed => notices.passed.as_ref(),
            Self::Asked => notices.asked.as_ref(),
        }
    }
}

/// Tells a user of a sign-in, if there is a verified address.
///
/// # Errors
/// Stops the run until the aliases of the user are there.
pub(super) fn send(
    cx: &mut Cx<'_>,
    party: &Party,
    (head, profile): (&Head, &Profile),
    notices: &Notices,
    (kind, event): (Kind, &AuthEvent),
) -> Run<()> {
    cx.once(|cx| {
        let attributes = user_type::effective(cx, &party.pool, &head.sub, profile)?;
        let verified = attributes.get(directory::flag(AliasKind::Email));
        let Some(address) = attributes
            .get(AliasKind::Email.attribute())
            .filter(|_| verified.is_some_and(|flag| flag == "true"))
        else {
            return Ok(());
        };
        let token = feedback::token(cx, &party.pool.id, &head.sub, &event.id);
        let ends = cx.now().after(feedback::LIFE);
        let about = About::of(party, &head.username);
        if let Some(news) = custom_sender::news(cx, about, || facts(head, event, kind, &token)) {
            return cx.post(&news, ends);
        }
        let mail = kind.mail(notices);
        let subject = mail.map_or(kind.subject(), |mail| mail.subject.as_str());
        let body = match mail {
            Some(Mail {
                html: Some(html), ..
            }) => html.clone(),
            Some(Mail {
                text: Some(text), ..
            }) => messages::escape(text),
            _ => kind.text().to_string(),
        };
        let told = Told {
            head,
            event,
            token: &token,
        };
        let message = Message {
            id: cx.random("message/notice"),
            pool: party.pool.id.clone(),
            user: head.username.clone(),
            destination: address.clone(),
            medium: Medium::Email,
            purpose: Purpose::AccountTakeOverNotification,
            code: String::new(),
            subject: Some(told.fill(subject, str::to_string)),
            body: told.fill(&body, messages::escape),
        };
        cx.post(&message.into(), ends)
    })
}

/// What the pool's own sender is told in place of attributes, by the service's names.
fn facts(head: &Head, event: &AuthEvent, kind: Kind, token: &str) -> Object {
    let mut facts = Object::new();
    let mut add = |name: &str, value: &str| facts.insert(name.into(), value.into());
    add("EVENT_ID", &uuid_text(&event.id));
    add("USER_NAME", &head.username);
    add("IP_ADDRESS", event.address.as_deref().unwrap_or_default());
    add("ACCOUNT_TAKE_OVER_ACTION", kind.action());
    add("ONE_CLICK_LINK_VALID", "");
    add("ONE_CLICK_LINK_INVALID", "");
    add("LOGIN_TIME", &time(event.at.secs()));
    add("FEEDBACK_TOKEN", token);
    if let Some(device) = &event.device_name {
        add("DEVICE_NAME", device);
    }
    facts
}

/// What an e-mail tells.
struct Told<'a> {
    head: &'a Head,
    event: &'a AuthEvent,
    token: &'a str,
}

impl Told<'_> {
    fn fill(&self, template: &str, written: impl Fn(&str) -> String) -> String {
        let event = self.event;
        let unknown = "unknown";
        let values = [
            ("{username}", self.head.username.clone()),
            (
                "{ip-address}",
                event.address.clone().unwrap_or_else(|| unknown.into()),
            ),
            (
                "{device-name}",
                event.device_name.clone().unwrap_or_else(|| unknown.into()),
            ),
            ("{login-time}", time(event.at.secs())),
            ("{event-id}", uuid_text(&event.id)),
            ("{feedback-token}", self.token.into()),
            ("{city}", String::new()),
            ("{country}", String::new()),
            ("{one-click-link-valid}", String::new()),
            ("{one-click-link-invalid}", String::new()),
        ];
        // One pass from left to right: what is filled in is never looked into.
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some(at) = rest.find('{') {
            filled.push_str(&rest[..at]);
            rest = &rest[at..];
            match values.iter().find(|(name, _)| rest.starts_with(name)) {
                Some((name, value)) => {
                    filled.push_str(&written(value));
                    rest = &rest[name.len()..];
                }
                None => {
                    filled.push('{');
                    rest = &rest[1..];
                }
            }
        }
        filled.push_str(rest);
        filled
    }
}

/// A moment as `2026-01-31 12:00:00 UTC`.
fn time(secs: i64) -> String {
    let it = Civil::from_unix(secs);
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC",
        it.year, it.month, it.day, it.hour, it.minute, it.second
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_date() {
        assert_eq!(time(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(time(1_709_164_800), "2024-02-29 00:00:00 UTC");
    }
}
