//! The sealed copy of a message that is on its way.

use alloc::{format, string::String, vec::Vec};
use core::time::Duration;

use userpool_ports::{
    FetchRequest, HookCall, Key, Medium, Message, Purpose, Reach, Timestamp, log_delivery,
};

use super::{
    cx::Cx,
    record::Record,
    stop::{Fault, Run},
};
use crate::{
    cbor::{self, Cbor},
    model::keys,
};

/// The triggers that send in a pool's stead, by what they send.
const SENDERS: [&str; 2] = ["CustomEmailSender", "CustomSMSSender"];

/// What goes out once a decision has landed.
#[derive(Clone)]
pub(crate) enum Parcel {
    /// A message for the courier.
    Message(Message),
    /// The event of a function that sends in the pool's stead.
    Event(Event),
    /// An event of a log.
    Log(LogEvent),
}

/// An event of a log of a pool.
#[derive(Clone)]
pub(crate) struct LogEvent {
    /// Names it for ever.
    pub id: [u8; 16],
    pub pool: String,
    /// The ARN of where it goes.
    pub destination: String,
    /// The event, JSON text.
    pub text: String,
}

impl LogEvent {
    /// How it leaves the engine.
    pub fn request(self) -> FetchRequest {
        FetchRequest {
            method: "POST",
            url: format!("{}{}", log_delivery::SCHEME, self.destination),
            headers: Vec::new(),
            body: self.text.into_bytes(),
            reach: Reach::Operator,
        }
    }
}

/// The event of a function that sends in a pool's stead.
#[derive(Clone)]
pub(crate) struct Event {
    /// Names it for ever.
    pub id: [u8; 16],
    pub pool: String,
    pub call: HookCall,
}

impl From<Message> for Parcel {
    fn from(message: Message) -> Self {
        Self::Message(message)
    }
}

impl Parcel {
    fn id(&self) -> &[u8; 16] {
        match self {
            Self::Message(message) => &message.id,
            Self::Event(event) => &event.id,
            Self::Log(event) => &event.id,
        }
    }

    fn pool(&self) -> &str {
        match self {
            Self::Message(message) => &message.pool,
            Self::Event(event) => &event.pool,
            Self::Log(event) => &event.pool,
        }
    }
}

/// A parcel in the commit that caused it, sealed as a whole; it ends with the code that it carries.
///
/// Who sends it moves `next_try` forward in a commit before it does, and has it to itself until then.
#[derive(Clone, Cbor, Debug)]
#[cbor(map)]
pub struct Outgoing {
    #[n(0)]
    pool: String,
    #[cbor(n(1), bytes)]
    sealed: Vec<u8>,
    #[n(2)]
    until: Timestamp,
    #[n(3)]
    next_try: Timestamp,
    #[n(4)]
    tries: u8,
    /// Whether nobody tried to send it when it was written.
    #[cbor(n(5), default)]
    was_left: bool,
}

impl Record for Outgoing {
    const KIND: &'static str = "an outgoing message";
}

/// The parcel as it is sealed. Of an event there are the medium, the function, and the event as the body.
#[derive(Default, Cbor)]
#[cbor(map)]
struct Letter {
    #[n(0)]
    id: [u8; 16],
    #[n(1)]
    user: String,
    #[n(2)]
    destination: String,
    #[n(3)]
    sms: bool,
    #[n(4)]
    purpose: u8,
    #[n(5)]
    code: String,
    #[n(6)]
    subject: Option<String>,
    #[n(7)]
    body: String,
    #[n(8)]
    function: Option<String>,
    /// Whether it is an event of a log: then there are the destination and, as the body, the event.
    #[cbor(n(9), default)]
    is_log: bool,
}

impl Letter {
    fn of(parcel: &Parcel) -> Self {
        match parcel {
            Parcel::Message(message) => Self {
                id: message.id,
                user: message.user.clone(),
                destination: message.destination.clone(),
                sms: message.medium == Medium::Sms,
                purpose: PURPOSES
                    .iter()
                    .position(|purpose| *purpose == message.purpose)
                    .unwrap_or_default() as u8,
                code: message.code.clone(),
                subject: message.subject.clone(),
                body: message.body.clone(),
                function: None,
                is_log: false,
            },
            Parcel::Log(event) => Self {
                id: event.id,
                destination: event.destination.clone(),
                body: event.text.clone(),
                is_log: true,
                ..Self::default()
            },
            Parcel::Event(event) => Self {
                id: event.id,
                sms: event.call.trigger == SENDERS[1],
                body: event.call.event.clone(),
                function: Some(event.call.function.clone()),
                ..Self::default()
            },
        }
    }

    fn parcel(self, pool: &str) -> Parcel {
        if let Some(function) = self.function {
            return Parcel::Event(Event {
                id: self.id,
                pool: pool.into(),
                call: HookCall {
                    trigger: SENDERS[usize::from(self.sms)],
                    function,
                    event: self.body,
                },
            });
        }
        if self.is_log {
            return Parcel::Log(LogEvent {
                id: self.id,
                pool: pool.into(),
                destination: self.destination,
                text: self.body,
            });
        }
        Parcel::Message(Message {
            id: self.id,
            pool: pool.into(),
            user: self.user,
            destination: self.destination,
            medium: if self.sms { Medium::Sms } else { Medium::Email },
            purpose: PURPOSES
                .get(usize::from(self.purpose))
                .copied()
                .unwrap_or(Purpose::SignUp),
            code: self.code,
            subject: self.subject,
            body: self.body,
        })
    }
}

const PURPOSES: [Purpose; 8] = [
    Purpose::SignUp,
    Purpose::ResendCode,
    Purpose::ForgotPassword,
    Purpose::UpdateUserAttribute,
    Purpose::VerifyUserAttribute,
    Purpose::AdminCreateUser,
    Purpose::Authentication,
    Purpose::AccountTakeOverNotification,
];

/// The record of a parcel that is about to be sent, and its key.
///
/// # Errors
/// A fault if the parcel cannot be encoded.
pub(crate) fn outgoing(cx: &mut Cx<'_>, parcel: &Parcel, until: Timestamp) -> Run<(Key, Outgoing)> {
    let key = keys::outgoing(parcel.id());
    let plain = cbor::write(&Letter::of(parcel), Vec::new());
    let sealed = cx.seal("outbox", parcel.pool(), &key, "letter", &plain);
    Ok((
        key,
        Outgoing {
            pool: parcel.pool().into(),
            sealed,
            until,
            next_try: cx.now().after(pause(0)),
            tries: 0,
            was_left: false,
        },
    ))
}

/// How long a try has, by the number of tries before it: half a minute, doubled up to sixteen minutes.
fn pause(tries: u8) -> Duration {
    Duration::from_secs(30 << tries.min(5))
}

impl Outgoing {
    /// The same, to be sent by whoever looks next.
    pub(crate) fn at_once(self, now: Timestamp) -> Self {
        Self {
            next_try: now,
            was_left: true,
            ..self
        }
    }

    /// Whether it is time for another try.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.next_try <= now
    }

    /// Whether it was not taken when it was tried, or whoever tried it died.
    pub(crate) fn has_failed(&self) -> bool {
        self.tries > 0 || !self.was_left
    }

    /// When the message ends.
    pub(crate) fn until(&self) -> Timestamp {
        self.until
    }

    /// The record of a message that is being tried once more.
    pub(crate) fn tried(&self, now: Timestamp) -> Self {
        let tries = self.tries.saturating_add(1);
        Self {
            tries,
            next_try: now.after(pause(tries)),
            ..self.clone()
        }
    }

    /// The parcel again, for another try.
    ///
    /// # Errors
    /// A fault if the copy cannot be opened.
    pub(crate) fn open(&self, cx: &mut Cx<'_>, key: &Key) -> Run<Parcel> {
        let plain = cx.open("outbox", &self.pool, key, "letter", &self.sealed)?;
        let letter: Letter =
            cbor::read(plain.expose()).map_err(|_| Fault::new("an outgoing message"))?;
        Ok(letter.parcel(&self.pool))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_written_the_same() {
        cbor::tests::kept::written_the_same::<Letter>("Letter");
    }
}
