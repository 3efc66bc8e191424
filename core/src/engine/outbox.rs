//! The sealed copy of a message that is on its way.

use alloc::{string::String, vec::Vec};
use core::time::Duration;

use minicbor::{Decode, Encode};
use userpool_ports::{Key, Medium, Message, Purpose, Timestamp};

use super::{
    cx::Cx,
    record::Record,
    stop::{Fault, Run},
};
use crate::model::{keys, stamp};

/// A message in the commit that caused it, sealed as a whole; it ends with the code that it carries.
///
/// Who sends it moves `next_try` forward in a commit before it does, and has it to itself until then.
#[derive(Clone, Encode, Decode, Debug)]
#[cbor(map)]
pub struct Outgoing {
    #[n(0)]
    pool: String,
    #[cbor(n(1), with = "minicbor::bytes")]
    sealed: Vec<u8>,
    #[cbor(n(2), with = "stamp")]
    until: Timestamp,
    #[cbor(n(3), with = "stamp")]
    next_try: Timestamp,
    #[n(4)]
    tries: u8,
}

impl Record for Outgoing {
    const KIND: &'static str = "an outgoing message";
}

/// The message as it is sealed.
#[derive(Encode, Decode)]
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

/// The record of a message that is about to be sent, and its key.
///
/// # Errors
/// A fault if the message cannot be encoded.
pub(crate) fn outgoing(
    cx: &mut Cx<'_>,
    message: &Message,
    until: Timestamp,
) -> Run<(Key, Outgoing)> {
    let key = keys::outgoing(&message.id);
    let purpose = PURPOSES
        .iter()
        .position(|purpose| *purpose == message.purpose);
    let letter = Letter {
        id: message.id,
        user: message.user.clone(),
        destination: message.destination.clone(),
        sms: message.medium == Medium::Sms,
        purpose: purpose.unwrap_or_default() as u8,
        code: message.code.clone(),
        subject: message.subject.clone(),
        body: message.body.clone(),
    };
    let plain = minicbor::to_vec(&letter).map_err(|_| Fault::new("sealing a message"))?;
    let sealed = cx.seal("outbox", &message.pool, &key, "letter", &plain);
    Ok((
        key,
        Outgoing {
            pool: message.pool.clone(),
            sealed,
            until,
            next_try: cx.now().after(pause(0)),
            tries: 0,
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
            ..self
        }
    }

    /// Whether it is time for another try.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.next_try <= now
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

    /// The message again, for another try.
    ///
    /// # Errors
    /// A fault if the copy cannot be opened.
    pub(crate) fn open(&self, cx: &mut Cx<'_>, key: &Key) -> Run<Message> {
        let plain = cx.open("outbox", &self.pool, key, "letter", &self.sealed)?;
        let letter: Letter =
            minicbor::decode(plain.expose()).map_err(|_| Fault::new("an outgoing message"))?;
        Ok(Message {
            id: letter.id,
            pool: self.pool.clone(),
            user: letter.user,
            destination: letter.destination,
            medium: if letter.sms {
                Medium::Sms
            } else {
                Medium::Email
            },
            purpose: PURPOSES
                .get(usize::from(letter.purpose))
                .copied()
                .unwrap_or(Purpose::SignUp),
            code: letter.code,
            subject: letter.subject,
            body: letter.body,
        })
    }
}
