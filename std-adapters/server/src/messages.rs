//! Messages for developers: printed on the terminal and appended to a file, codes and all.

use std::fs::{File, OpenOptions};
use std::io::{IsTerminal, Write, stdout};
use std::path::Path;
use std::sync::Mutex;

use serde::Serialize;
use userpool::SystemClock;
use userpool_crypto::calendar::Civil;
use userpool_ports::{Clock, Courier, CourierFault, Medium, Message, Timestamp};

use crate::failure::Failure;
use crate::folder::private;
use crate::smtp::Smtp;

/// Appends each message as one JSON line, flushed before the caller has its answer.
#[derive(Debug)]
pub(crate) struct MessageFile {
    file: Mutex<File>,
    on_terminal: bool,
}

impl MessageFile {
    /// Opens the file, making it with mode 0600 where it is missing.
    ///
    /// # Errors
    /// It cannot be opened.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let file = private(OpenOptions::new().append(true).create(true))
            .open(path)
            .map_err(|it| Failure::new(format!("{}: {it}", path.display())))?;
        Ok(Self {
            file: Mutex::new(file),
            on_terminal: stdout().is_terminal(),
        })
    }
}

impl Courier for MessageFile {
    fn deliver(&self, message: &Message) -> Result<(), CourierFault> {
        let line = line(message, SystemClock.now());
        let mut file = self.file.lock().unwrap_or_else(|it| it.into_inner());
        // One write, so that a reader never sees half a line.
        file.write_all(line.as_bytes())
            .map_err(|it| CourierFault(it.to_string()))?;
        if self.on_terminal {
            // A terminal that went away is no reason to fail: the file has the message.
            let _ = writeln!(
                stdout(),
                "{} to {} ({}, for {}): {}",
                message.medium.as_str(),
                message.destination.escape_debug(),
                message.purpose.as_str(),
                message.user.escape_debug(),
                message.code.escape_debug()
            );
        }
        Ok(())
    }
}

/// What a line says, in this order.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    pool: &'a str,
    user: &'a str,
    to: &'a str,
    medium: &'static str,
    purpose: &'static str,
    code: &'a str,
    message: &'a str,
}

/// The line of one message.
fn line(message: &Message, now: Timestamp) -> String {
    let line = Line {
        time: rfc_3339(now),
        pool: &message.pool,
        user: &message.user,
        to: &message.destination,
        medium: message.medium.as_str(),
        purpose: message.purpose.as_str(),
        code: &message.code,
        message: &message.body,
    };
    let mut text = serde_json::to_string(&line).expect("texts are always JSON");
    text.push('\n');
    text
}

/// A moment as RFC 3339 writes it, in UTC to the millisecond.
fn rfc_3339(moment: Timestamp) -> String {
    let it = Civil::from_unix(moment.secs());
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        it.year,
        it.month,
        it.day,
        it.hour,
        it.minute,
        it.second,
        moment.millis().rem_euclid(1_000)
    )
}

/// The ways that messages take: e-mail through the relay, everything into the file.
pub(crate) struct Couriers {
    /// The relay, where one is set up.
    pub smtp: Option<Smtp>,
    /// The file, where messages are kept.
    pub file: Option<MessageFile>,
}

impl Courier for Couriers {
    fn deliver(&self, message: &Message) -> Result<(), CourierFault> {
        let handed_over = self.hand_over(message);
        if let Err(fault) = &handed_over {
            // The caller is told no more than that it failed; whoever runs the server can act.
            tracing::warn!(
                pool = message.pool,
                medium = message.medium.as_str(),
                purpose = message.purpose.as_str(),
                %fault,
                "a message was not handed over"
            );
        }
        handed_over
    }
}

impl Couriers {
    fn hand_over(&self, message: &Message) -> Result<(), CourierFault> {
        let relay = self
            .smtp
            .as_ref()
            .filter(|_| message.medium == Medium::Email);
        if let Some(relay) = relay {
            relay.deliver(message)?;
        }
        match &self.file {
            Some(file) => file.deliver(message),
            None if relay.is_some() => Ok(()),
            None => Err(CourierFault(format!(
                "no way to send {} is set up",
                message.medium.as_str()
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use userpool_ports::Purpose;

    use super::*;

    fn message() -> Message {
        Message {
            id: [0; 16],
            pool: "us-east-1_AbCdEf123".into(),
            user: "jane\n\"doe\"".into(),
            destination: "jane@example.com".into(),
            medium: Medium::Email,
            purpose: Purpose::SignUp,
            code: "123456".into(),
            subject: None,
            body: "Your code is 123456".into(),
        }
    }

    #[test]
    fn without_a_way_to_send_every_message_fails() {
        let nowhere = Couriers {
            smtp: None,
            file: None,
        };
        assert!(nowhere.deliver(&message()).is_err());
    }

    #[test]
    fn a_message_is_one_line_of_json() {
        let line = line(&message(), Timestamp::from_millis(1_440_938_160_042));
        assert_eq!(line.matches('\n').count(), 1);
        assert!(line.starts_with("{\"time\":\"2015-08-30T12:36:00.042Z\",\"pool\":"));
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["time"], "2015-08-30T12:36:00.042Z");
        assert_eq!(read["user"], "jane\n\"doe\"");
        assert_eq!(read["to"], "jane@example.com");
        assert_eq!(read["medium"], "EMAIL");
        assert_eq!(read["purpose"], "SignUp");
        assert_eq!(read["code"], "123456");
        assert_eq!(read["message"], "Your code is 123456");
        assert_eq!(read["pool"], "us-east-1_AbCdEf123");
    }
}
