//! The time text of a claim: `EEE MMM d HH:mm:ss UTC yyyy`, English names, day without padding.

use alloc::format;
use alloc::string::String;

use crate::calendar::{Civil, weekday};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Seconds since 1970 that the text of a claim stands for, or nothing where its form is wrong.
///
/// The form is exact: single spaces, a day of one or two digits without a leading zero, two digits
/// each for hour, minute and second, four for the year, and a day of the week that fits the date.
///
/// ```
/// use userpool_crypto::srp::parse_timestamp;
///
/// assert_eq!(parse_timestamp("Sat Mar 14 15:09:26 UTC 2026"), Some(1_773_500_966));
/// assert_eq!(parse_timestamp("Thu May 07 00:09:05 UTC 2026"), None);
/// ```
pub fn parse_timestamp(text: &str) -> Option<i64> {
    let mut words = text.split(' ');
    let (weekday_name, month, day) = (words.next()?, words.next()?, words.next()?);
    let (time, zone, year) = (words.next()?, words.next()?, words.next()?);
    if words.next().is_some()
        || zone != "UTC"
        || day.starts_with('0')
        || !(1..=2).contains(&day.len())
    {
        return None;
    }
    let mut parts = time.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let civil = Civil {
        year: i64::from(number(year, 4)?),
        month: MONTHS.iter().position(|name| *name == month)? as u8 + 1,
        day: number(day, day.len())? as u8,
        hour: number(hour, 2)? as u8,
        minute: number(minute, 2)? as u8,
        second: number(second, 2)? as u8,
    };
    let seconds = civil.to_unix()?;
    (DAYS[usize::from(weekday(seconds))] == weekday_name).then_some(seconds)
}

/// The text of a claim for a time in seconds since 1970.
///
/// Years from 0 to 9999 give a text that [`parse_timestamp`] reads back.
pub fn format_timestamp(seconds: i64) -> String {
    let civil = Civil::from_unix(seconds);
    format!(
        "{} {} {} {:02}:{:02}:{:02} UTC {:04}",
        DAYS[usize::from(weekday(seconds))],
        MONTHS[usize::from(civil.month) - 1],
        civil.day,
        civil.hour,
        civil.minute,
        civil.second,
        civil.year,
    )
}

/// The number that exactly so many decimal digits, at most four, stand for.
fn number(text: &str, digits: usize) -> Option<u16> {
    let decimal = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    decimal.then(|| {
        text.bytes()
            .fold(0, |sum, byte| sum * 10 + u16::from(byte - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_day_of_one_digit_is_not_padded() {
        assert_eq!(
            format_timestamp(1_778_112_545),
            "Thu May 7 00:09:05 UTC 2026"
        );
        assert_eq!(
            parse_timestamp("Thu May 7 00:09:05 UTC 2026"),
            Some(1_778_112_545)
        );
    }

    #[test]
    fn a_text_of_any_other_form_is_refused() {
        for text in [
            "",
            "Sat Mar 14 15:09:26 UTC",
            "Sat Mar 14 15:09:26 UTC 2026 ",
            " Sat Mar 14 15:09:26 UTC 2026",
            "Sat  Mar 14 15:09:26 UTC 2026",
            "Sat Mar  7 15:09:26 UTC 2026",
            "Sat Mar 07 15:09:26 UTC 2026",
            "sat Mar 14 15:09:26 UTC 2026",
            "Sat MAR 14 15:09:26 UTC 2026",
            "Sun Mar 14 15:09:26 UTC 2026",
            "Sat Mar 14 15:09:26 GMT 2026",
            "Sat Mar 14 15:09 UTC 2026",
            "Sat Mar 14 15:09:26:00 UTC 2026",
            "Sat Mar 14 5:09:26 UTC 2026",
            "Sat Mar 14 24:00:00 UTC 2026",
            "Sat Mar 14 15:60:26 UTC 2026",
            "Sat Mar 14 15:09:60 UTC 2026",
            "Sat Mar 14 +5:09:26 UTC 2026",
            "Sat Mar 014 15:09:26 UTC 2026",
            "Tue Mar 32 15:09:26 UTC 2026",
            "Mon Feb 29 15:09:26 UTC 2027",
            "Sat Mar 14 15:09:26 UTC 26",
            "Sat Mar 14 15:09:26 UTC 02026",
            "Sat Mar 1٤ 15:09:26 UTC 2026",
        ] {
            assert_eq!(parse_timestamp(text), None, "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(crate::cases(256))]

        #[test]
        fn what_is_written_is_read_back(seconds in -62_167_219_200_i64..253_402_300_800) {
            prop_assert_eq!(parse_timestamp(&format_timestamp(seconds)), Some(seconds));
        }

        #[test]
        fn what_is_read_is_what_would_be_written(text in "(Sat|Sun|Thu) (Mar|May) [0-9]{1,2} [0-2][0-9]:[0-6][0-9]:[0-6][0-9] UTC 20[0-9]{2}") {
            if let Some(seconds) = parse_timestamp(&text) {
                prop_assert_eq!(format_timestamp(seconds), text);
            }
        }
    }
}
