//! The date of a signature, `yyyymmddThhmmssZ`, and how far from the clock it may lie.

use alloc::format;
use alloc::string::String;

use super::error::SigV4Error;
use crate::calendar::Civil;

/// How many seconds a date may lie before or after the clock.
pub const WINDOW_SECONDS: i64 = 300;

/// The date of a time in seconds since 1970.
pub(super) fn format_date(seconds: i64) -> String {
    let civil = Civil::from_unix(seconds);
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second
    )
}

/// The time that a date stands for, or nothing where its form is wrong.
pub(super) fn parse_date(text: &str) -> Option<i64> {
    let bytes: &[u8; 16] = text.as_bytes().try_into().ok()?;
    if bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    let number = |from: usize, to: usize| {
        bytes[from..to].iter().try_fold(0_u16, |sum, byte| {
            byte.is_ascii_digit()
                .then(|| sum * 10 + u16::from(byte - b'0'))
        })
    };
    let two = |from: usize| number(from, from + 2).map(|value| value as u8);
    Civil {
        year: number(0, 4)?.into(),
        month: two(4)?,
        day: two(6)?,
        hour: two(9)?,
        minute: two(11)?,
        second: two(13)?,
    }
    .to_unix()
}

/// Refuses a time that lies more than `life` seconds before the clock, or more than the window after it.
pub(super) fn check_window(date: i64, life: i64, now: i64) -> Result<(), SigV4Error> {
    let age = now.saturating_sub(date);
    let minutes = WINDOW_SECONDS / 60;
    if age > life {
        return Err(SigV4Error::SignatureExpired(format!(
            "Signature expired: {} is now earlier than {} ({} - {} min.)",
            format_date(date),
            format_date(now.saturating_sub(life)),
            format_date(now),
            life / 60,
        )));
    }
    if age < -WINDOW_SECONDS {
        return Err(SigV4Error::SignatureNotYetCurrent(format!(
            "Signature not yet current: {} is still later than {} ({} + {minutes} min.)",
            format_date(date),
            format_date(now.saturating_add(WINDOW_SECONDS)),
            format_date(now),
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_date_is_written_and_read() {
        assert_eq!(format_date(1_440_938_160), "20150830T123600Z");
        assert_eq!(parse_date("20150830T123600Z"), Some(1_440_938_160));
    }

    #[test]
    fn a_date_of_another_form_is_refused() {
        for text in [
            "",
            "20150830T123600",
            "20150830T123600Z ",
            "20150830t123600Z",
            "2015083OT123600Z",
            "20150230T123600Z",
            "20150830T243600Z",
            "20150830T123660Z",
            "+0150830T123600Z",
            "Sun, 30 Aug 2015 12:36:00 GMT",
        ] {
            assert_eq!(parse_date(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_window_is_five_minutes_to_either_side() {
        let date = 1_440_938_160;
        for now in [date - 300, date, date + 300] {
            assert_eq!(check_window(date, WINDOW_SECONDS, now), Ok(()));
        }
        assert_eq!(
            check_window(date, WINDOW_SECONDS, date + 301)
                .unwrap_err()
                .to_string(),
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)"
        );
        assert_eq!(
            check_window(date, WINDOW_SECONDS, date - 301)
                .unwrap_err()
                .to_string(),
            "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T123059Z + 5 min.)"
        );
    }

    #[test]
    fn clocks_at_the_ends_of_time_do_not_panic() {
        assert!(check_window(0, WINDOW_SECONDS, i64::MAX).is_err());
        assert!(check_window(0, WINDOW_SECONDS, i64::MIN).is_err());
    }
}
