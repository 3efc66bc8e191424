//! A message as an Internet letter, RFC 5322 and RFC 2045.

use userpool_crypto::base64;
use userpool_crypto::calendar::{Civil, weekday};
use userpool_ports::{Message, Timestamp};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
/// Octets of an encoded line, so that it has 76 characters at most (RFC 2045 §6.8).
const OCTETS_A_LINE: usize = 57;
/// Octets of an encoded word, so that its line has 76 characters at most (RFC 2047 §2).
const OCTETS_A_WORD: usize = 39;

/// The letter of a message. Its lines end in CR LF, and none begins with a dot.
///
/// The body is HTML, because the templates of user pools are. Everything that a person could have
/// chosen is encoded, so that nothing of it is read as a header.
pub(super) fn letter(from: &str, message: &Message, now: Timestamp) -> String {
    let id: String = message.id.iter().map(|it| format!("{it:02x}")).collect();
    let domain = from
        .rsplit_once('@')
        .map_or("localhost", |(_, domain)| domain);
    let subject = message.subject.as_deref().unwrap_or_default();
    let body = base64_lines(message.body.as_bytes());
    [
        format!("From: <{from}>"),
        format!("To: <{}>", message.destination),
        format!("Subject: {}", words(subject)),
        format!("Date: {}", date(now)),
        format!("Message-ID: <{id}@{domain}>"),
        "Auto-Submitted: auto-generated".to_owned(),
        "MIME-Version: 1.0".to_owned(),
        "Content-Type: text/html; charset=utf-8".to_owned(),
        "Content-Transfer-Encoding: base64".to_owned(),
        String::new(),
        body,
    ]
    .join("\r\n")
}

/// Whether a text can stand between angle brackets: an address of printable ASCII without the
/// characters that need quoting.
pub(super) fn is_address(text: &str) -> bool {
    let plain = |it: u8| it.is_ascii_graphic() && !b"<>()[]\\,;:\"".contains(&it);
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let whole = !local.is_empty() && !domain.is_empty() && text.len() <= 254;
    whole && text.bytes().all(plain) && !local.contains('@')
}

/// A header's text: as it is where that is safe, otherwise as encoded words.
fn words(text: &str) -> String {
    let plain = |it: u8| it.is_ascii_graphic() || it == b' ';
    if text.len() <= 60 && text.bytes().all(plain) && !text.contains("=?") {
        return text.to_owned();
    }
    let mut words: Vec<String> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        // A character is never split between two words.
        let end = rest.floor_char_boundary(OCTETS_A_WORD);
        let (word, after) = rest.split_at(end);
        words.push(format!("=?utf-8?B?{}?=", base64::encode(word.as_bytes())));
        rest = after;
    }
    words.join("\r\n ")
}

fn base64_lines(bytes: &[u8]) -> String {
    let lines: Vec<String> = bytes.chunks(OCTETS_A_LINE).map(base64::encode).collect();
    lines.join("\r\n")
}

/// RFC 5322 §3.3.
fn date(now: Timestamp) -> String {
    let it = Civil::from_unix(now.secs());
    format!(
        "{}, {} {} {:04} {:02}:{:02}:{:02} +0000",
        DAYS[usize::from(weekday(now.secs()))],
        it.day,
        MONTHS[usize::from(it.month) - 1],
        it.year,
        it.hour,
        it.minute,
        it.second
    )
}

#[cfg(test)]
mod tests {
    use userpool_ports::{Medium, Purpose};

    use super::*;

    fn message(subject: &str, body: &str) -> Message {
        Message {
            id: [0xAB; 16],
            pool: "us-east-1_AbCdEf123".into(),
            user: "jane".into(),
            destination: "jane@example.com".into(),
            medium: Medium::Email,
            purpose: Purpose::SignUp,
            code: "123456".into(),
            subject: Some(subject.into()),
            body: body.into(),
        }
    }

    #[test]
    fn a_letter_has_the_headers_that_relays_want() {
        let now = Timestamp::from_secs(1_440_938_160);
        let text = letter(
            "no-reply@id.example",
            &message("Your code", "It is 123456."),
            now,
        );
        assert_eq!(
            text,
            "From: <no-reply@id.example>\r\nTo: <jane@example.com>\r\nSubject: Your code\r\n\
             Date: Sun, 30 Aug 2015 12:36:00 +0000\r\n\
             Message-ID: <abababababababababababababababab@id.example>\r\n\
             Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n\
             SXQgaXMgMTIzNDU2Lg=="
        );
    }

    #[test]
    fn no_subject_and_no_body_can_add_a_header_or_end_the_letter() {
        let hostile = "x\r\nBcc: all@example.com\r\n.\r\n\u{e9}".repeat(20);
        let text = letter(
            "a@example.com",
            &message(&hostile, &hostile),
            Timestamp::default(),
        );
        let (headers, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(!headers.contains("Bcc"));
        for line in headers.split("\r\n") {
            assert!(line.len() <= 76, "{line}");
            assert!(line.starts_with(' ') || line.contains(": "), "{line}");
        }
        for line in body.split("\r\n") {
            assert!(line.len() <= 76 && !line.starts_with('.'), "{line}");
        }
    }

    #[test]
    fn addresses_that_would_need_quoting_are_refused() {
        for good in [
            "jane@example.com",
            "jane+tag@sub.example.com",
            "o'hara@example.com",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "jane",
            "@example.com",
            "jane@",
            "a b@c",
            "a@b>\r\nRCPT TO:<c@d",
            "\u{e9}@b",
            "a@b@c",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
