//! The client's side of an SMTP session, RFC 5321, over any stream.

use std::io::{self, BufRead, BufReader, Read, Write};

use userpool_crypto::base64;

/// The longest line of a reply, RFC 5321 §4.5.3.1.5.
const LONGEST_LINE: u64 = 512;
/// More lines than this are no reply.
const MOST_LINES: usize = 64;

/// A session, as far as it has come.
pub(super) struct Dialogue<S: Read + Write> {
    stream: BufReader<S>,
}

/// What the relay said: a code and the texts of its lines.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    code: u16,
    lines: Vec<String>,
}

impl Reply {
    /// Whether a line announces an extension, RFC 5321 §4.1.1.1.
    pub(super) fn offers(&self, extension: &str) -> bool {
        let names = self
            .lines
            .iter()
            .map(|it| it.split(' ').next().unwrap_or(""));
        names
            .into_iter()
            .any(|it| it.eq_ignore_ascii_case(extension))
    }
}

impl<S: Read + Write> Dialogue<S> {
    /// A session over a stream on which nothing was said yet.
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream: BufReader::new(stream),
        }
    }

    /// Reads the greeting.
    pub(super) fn greeting(&mut self) -> io::Result<()> {
        self.expect(220, "the greeting").map(drop)
    }

    /// Says who calls, and hears which extensions there are.
    pub(super) fn hello(&mut self, name: &str) -> io::Result<Reply> {
        self.command(&format!("EHLO {name}"), 250, "EHLO")
    }

    /// Asks for TLS, RFC 3207; the stream is then ready for the handshake.
    pub(super) fn start_tls(mut self) -> io::Result<S> {
        self.command("STARTTLS", 220, "STARTTLS")?;
        // What came before the handshake came from anybody.
        if !self.stream.buffer().is_empty() {
            return Err(io::Error::other("the relay spoke before the TLS handshake"));
        }
        Ok(self.stream.into_inner())
    }

    /// Proves who calls, RFC 4616.
    pub(super) fn authenticate(&mut self, user: &str, password: &str) -> io::Result<()> {
        let plain = base64::encode(format!("\0{user}\0{password}").as_bytes());
        self.command(&format!("AUTH PLAIN {plain}"), 235, "AUTH")
            .map(drop)
    }

    /// Hands over one letter; on return the relay has accepted it.
    ///
    /// The letter's lines end in CR LF, and none begins with a dot.
    pub(super) fn send(&mut self, from: &str, to: &str, letter: &str) -> io::Result<()> {
        self.command(&format!("MAIL FROM:<{from}>"), 250, "MAIL")?;
        self.command(&format!("RCPT TO:<{to}>"), 250, "RCPT")?;
        self.command("DATA", 354, "DATA")?;
        self.command(&format!("{letter}\r\n."), 250, "the letter")
            .map(drop)
    }

    /// Takes leave; the letter is handed over whatever comes back.
    pub(super) fn quit(mut self) {
        let _ = self.stream.get_mut().write_all(b"QUIT\r\n");
    }

    fn command(&mut self, command: &str, code: u16, name: &str) -> io::Result<Reply> {
        let stream = self.stream.get_mut();
        stream.write_all(format!("{command}\r\n").as_bytes())?;
        stream.flush()?;
        self.expect(code, name)
    }

    /// Reads a reply that must have a code. The relay's texts may repeat an address, so that
    /// errors tell the code alone.
    fn expect(&mut self, code: u16, name: &str) -> io::Result<Reply> {
        let reply = self.reply()?;
        if reply.code == code {
            return Ok(reply);
        }
        Err(io::Error::other(format!(
            "the relay answered {} to {name}",
            reply.code
        )))
    }

    fn reply(&mut self) -> io::Result<Reply> {
        let broken = || io::Error::other("the relay does not speak SMTP");
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            self.stream
                .by_ref()
                .take(LONGEST_LINE)
                .read_line(&mut line)?;
            let line = line.strip_suffix('\n').ok_or_else(broken)?;
            let line = line.strip_suffix('\r').unwrap_or(line);
            let (code, rest) = line.split_at_checked(3).ok_or_else(broken)?;
            let code: u16 = code.parse().map_err(|_| broken())?;
            lines.push(rest.get(1..).unwrap_or("").to_owned());
            match rest.as_bytes().first() {
                Some(b'-') if lines.len() < MOST_LINES => {}
                Some(b' ') | None => return Ok(Reply { code, lines }),
                _ => return Err(broken()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A relay that says what was written down, whatever it hears.
    struct Script {
        says: Cursor<&'static str>,
        heard: Vec<u8>,
    }

    impl Read for Script {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.says.read(buffer)
        }
    }

    impl Write for Script {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.heard.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn relay(says: &'static str) -> Dialogue<Script> {
        Dialogue::new(Script {
            says: Cursor::new(says),
            heard: Vec::new(),
        })
    }

    #[test]
    fn a_letter_is_handed_over_step_by_step() {
        let mut relay = relay(
            "220 relay ready\r\n250-relay\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n235 ok\r\n\
             250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n",
        );
        relay.greeting().unwrap();
        let offers = relay.hello("[127.0.0.1]").unwrap();
        assert!(offers.offers("auth") && offers.offers("8BITMIME") && !offers.offers("STARTTLS"));
        relay.authenticate("user", "word").unwrap();
        relay
            .send("a@example.com", "b@example.com", "Subject: x\r\n\r\nYg==")
            .unwrap();
        let heard = String::from_utf8(relay.stream.get_ref().heard.clone()).unwrap();
        assert_eq!(
            heard,
            "EHLO [127.0.0.1]\r\nAUTH PLAIN AHVzZXIAd29yZA==\r\nMAIL FROM:<a@example.com>\r\n\
             RCPT TO:<b@example.com>\r\nDATA\r\nSubject: x\r\n\r\nYg==\r\n.\r\n"
        );
    }

    #[test]
    fn a_refusal_is_told_by_its_code_alone() {
        let mut relay = relay("250 ok\r\n550 b@example.com is unknown here\r\n");
        let error = relay
            .send("a@example.com", "b@example.com", "x")
            .unwrap_err()
            .to_string();
        assert_eq!(error, "the relay answered 550 to RCPT");
    }

    #[test]
    fn words_before_the_handshake_end_the_session() {
        assert!(relay("220 go\r\n250 injected\r\n").start_tls().is_err());
        assert!(relay("220 go\r\n").start_tls().is_ok());
        assert!(relay("454 not now\r\n").start_tls().is_err());
    }

    #[test]
    fn what_is_no_reply_is_an_error() {
        for says in [
            "",
            "HTTP/1.1 400\r\n",
            "22\r\n",
            "220",
            "220?x\r\n",
            "\u{e9}\u{e9}0 x\r\n",
        ] {
            assert!(relay(says).greeting().is_err(), "{says}");
        }
    }
}
