//! E-mail through a relay: one SMTP session a message, behind TLS.

mod dialogue;
mod letter;

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use serde::Deserialize;
use userpool::SystemClock;
use userpool_ports::{Clock, Courier, CourierFault, Medium, Message};

use self::dialogue::Dialogue;
use self::letter::{is_address, letter};
use crate::failure::Failure;
use crate::options::Hidden;
use crate::tls;

/// How long a connection, and each answer of the relay, may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a session with the relay is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SmtpTls {
    /// Begun in plain text and encrypted before anything is said (RFC 3207).
    #[default]
    Starttls,
    /// Encrypted from the first byte (RFC 8314).
    Implicit,
    /// Not at all: for a relay on the same machine.
    None,
}

/// The settings of a relay.
#[derive(Debug)]
pub(crate) struct SmtpSettings {
    /// `host` or `host:port`.
    pub relay: String,
    /// How the session is protected.
    pub tls: SmtpTls,
    /// The address that letters come from.
    pub from: String,
    /// The account at the relay, with its password.
    pub account: Option<(String, Hidden)>,
}

/// Sends e-mail through a relay; takes no text messages.
pub(crate) struct Smtp {
    host: String,
    port: u16,
    from: String,
    account: Option<(String, Hidden)>,
    tls: SmtpTls,
    config: Option<(Arc<ClientConfig>, ServerName<'static>)>,
}

impl Smtp {
    /// Makes ready to send.
    ///
    /// # Errors
    /// The settings make no sense, or there are no certificates of authorities to trust.
    pub(crate) fn new(settings: &SmtpSettings) -> Result<Self, Failure> {
        let (host, port) = split(&settings.relay, settings.tls)
            .ok_or_else(|| Failure::new("smtp-relay must be a host, or a host and a port"))?;
        if !is_address(&settings.from) {
            return Err(Failure::new(
                "smtp-from must be an address such as no-reply@example.com",
            ));
        }
        let config = match settings.tls {
            SmtpTls::None if is_local(&host) => None,
            SmtpTls::None => {
                return Err(Failure::new(
                    "smtp-tls may be `none` for a relay on this machine only",
                ));
            }
            SmtpTls::Starttls | SmtpTls::Implicit => {
                let name = ServerName::try_from(host.clone())
                    .map_err(|_| Failure::new("smtp-relay does not name a host"))?;
                Some((tls::client()?, name))
            }
        };
        Ok(Self {
            host,
            port,
            from: settings.from.clone(),
            account: settings.account.clone(),
            tls: settings.tls,
            config,
        })
    }

    fn send(&self, message: &Message) -> io::Result<()> {
        let stream = connect(&self.host, self.port)?;
        let caller = match stream.local_addr()?.ip() {
            IpAddr::V4(address) => format!("[{address}]"),
            IpAddr::V6(address) => format!("[IPv6:{address}]"),
        };
        let Some((config, name)) = &self.config else {
            let mut dialogue = Dialogue::new(stream);
            dialogue.greeting()?;
            return self.hand_over(dialogue, &caller, message);
        };
        let connection =
            ClientConnection::new(Arc::clone(config), name.clone()).map_err(io::Error::other)?;
        if self.tls == SmtpTls::Implicit {
            let mut dialogue = Dialogue::new(StreamOwned::new(connection, stream));
            dialogue.greeting()?;
            return self.hand_over(dialogue, &caller, message);
        }
        let mut dialogue = Dialogue::new(stream);
        dialogue.greeting()?;
        if !dialogue.hello(&caller)?.offers("STARTTLS") {
            return Err(io::Error::other("the relay offers no TLS"));
        }
        let stream = dialogue.start_tls()?;
        let dialogue = Dialogue::new(StreamOwned::new(connection, stream));
        self.hand_over(dialogue, &caller, message)
    }

    fn hand_over<S: Read + Write>(
        &self,
        mut dialogue: Dialogue<S>,
        caller: &str,
        message: &Message,
    ) -> io::Result<()> {
        dialogue.hello(caller)?;
        if let Some((user, password)) = &self.account {
            dialogue.authenticate(user, password.expose())?;
        }
        let letter = letter(&self.from, message, SystemClock.now());
        dialogue.send(&self.from, &message.destination, &letter)?;
        dialogue.quit();
        Ok(())
    }
}

impl Courier for Smtp {
    fn deliver(&self, message: &Message) -> Result<(), CourierFault> {
        if message.medium != Medium::Email {
            return Err(CourierFault("a mail relay takes no text messages".into()));
        }
        if !is_address(&message.destination) {
            return Err(CourierFault(
                "the address has a form that is not sent to".into(),
            ));
        }
        self.send(message).map_err(|it| match it.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                CourierFault("the relay did not answer in time".into())
            }
            _ => CourierFault(it.to_string()),
        })
    }
}

/// The host and the port, where none is given that of RFC 6409 or RFC 8314.
fn split(relay: &str, tls: SmtpTls) -> Option<(String, u16)> {
    let usual = match tls {
        SmtpTls::Starttls => 587,
        SmtpTls::Implicit => 465,
        SmtpTls::None => 25,
    };
    let (host, port) = match relay.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            (host, port.parse().ok()?)
        }
        _ => (relay, usual),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    (!host.is_empty()).then(|| (host.to_owned(), port))
}

fn is_local(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|it: IpAddr| it.is_loopback())
}

fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut last = io::Error::other("the relay's name has no address");
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => {
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_is_a_host_and_perhaps_a_port() {
        let of = |relay| split(relay, SmtpTls::Starttls);
        assert_eq!(
            of("mail.example.com"),
            Some(("mail.example.com".into(), 587))
        );
        assert_eq!(
            of("mail.example.com:2525"),
            Some(("mail.example.com".into(), 2525))
        );
        assert_eq!(of("[::1]:25"), Some(("::1".into(), 25)));
        assert_eq!(of("mail:x"), None);
        assert_eq!(of(""), None);
        assert_eq!(split("m", SmtpTls::Implicit), Some(("m".into(), 465)));
    }

    #[test]
    fn plain_text_stays_on_this_machine() {
        let settings = |relay: &str| SmtpSettings {
            relay: relay.into(),
            tls: SmtpTls::None,
            from: "no-reply@example.com".into(),
            account: None,
        };
        assert!(Smtp::new(&settings("localhost:25")).is_ok());
        assert!(Smtp::new(&settings("127.0.0.1")).is_ok());
        assert!(Smtp::new(&settings("mail.example.com")).is_err());
    }
}
