//! Moments in messages: `xs:dateTime` in UTC (saml-core-2.0-os §1.3.3).

use alloc::{format, string::String};

use userpool_crypto::calendar::Civil;

use crate::Refused;

/// By how much the clocks of provider and server may differ, in seconds.
pub(crate) const SKEW: i64 = 60;

/// Writes a moment.
pub(crate) fn write(seconds: i64) -> String {
    let at = Civil::from_unix(seconds);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        at.year, at.month, at.day, at.hour, at.minute, at.second
    )
}

/// Reads a moment; fractions of a second are dropped, and no zone is UTC.
///
/// # Errors
/// It is none.
pub fn read(text: &str) -> Result<i64, Refused> {
    parse(text.trim()).ok_or(Refused::Malformed)
}

fn parse(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once('T')?;
    let [year, month, day] = parts(date, '-', [4, 2, 2])?;
    let (clock, rest) = rest.split_at_checked(8)?;
    let [hour, minute, second] = parts(clock, ':', [2, 2, 2])?;
    let rest = match rest.strip_prefix('.') {
        Some(rest) => {
            let zone = rest.trim_start_matches(|char: char| char.is_ascii_digit());
            (zone.len() < rest.len()).then_some(zone)?
        }
        None => rest,
    };
    let ahead = match rest {
        "" | "Z" => 0,
        _ => {
            let (sign, zone) = rest.split_at_checked(1)?;
            let [hours, minutes] = parts(zone, ':', [2, 2])?;
            let ahead = i64::from(hours) * 3_600 + i64::from(minutes) * 60;
            match (sign, hours, minutes) {
                ("+", ..=14, ..=59) => ahead,
                ("-", ..=14, ..=59) => -ahead,
                _ => return None,
            }
        }
    };
    let at = Civil {
        year: i64::from(year),
        month: u8::try_from(month).ok()?,
        day: u8::try_from(day).ok()?,
        hour: u8::try_from(hour).ok()?,
        minute: u8::try_from(minute).ok()?,
        // Unix time has no leap seconds.
        second: u8::try_from(if second == 60 { 59 } else { second }).ok()?,
    };
    at.to_unix().map(|seconds| seconds - ahead)
}

/// Numbers of exactly so many digits between separators.
fn parts<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[u16; N]> {
    let mut out = [0; N];
    let mut found = text.split(separator);
    for (out, digits) in out.iter_mut().zip(digits) {
        let part = found.next()?;
        let fits = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        *out = fits.then(|| part.parse().ok())??;
    }
    found.next().is_none().then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_with_fractions_and_zones() {
        for text in [
            "2015-08-30T12:36:00Z",
            "2015-08-30T12:36:00.000Z",
            "2015-08-30T12:36:00.1234567Z",
            "2015-08-30T12:36:00",
            "2015-08-30T14:36:00+02:00",
            "2015-08-30T07:06:00.5-05:30",
            "\n 2015-08-30T12:36:00Z ",
        ] {
            assert_eq!(read(text), Ok(1_440_938_160), "{text}");
        }
        assert_eq!(write(1_440_938_160), "2015-08-30T12:36:00Z");
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "2015-08-30",
            "2015-08-30 12:36:00Z",
            "2015-13-30T12:36:00Z",
            "2015-02-29T12:36:00Z",
            "2015-08-30T24:36:00Z",
            "2015-08-30T12:36:61Z",
            "2015-08-30T12:36:00.Z",
            "2015-08-30T12:36:00Zulu",
            "2015-08-30T12:36:00+99:00",
            "+015-08-30T12:36:00Z",
            "2015-08-30T12:36:0éZ",
        ] {
            assert_eq!(read(text), Err(Refused::Malformed), "{text}");
        }
    }
}
