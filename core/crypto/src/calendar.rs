//! The proleptic Gregorian calendar in UTC, as far as the date texts of the protocols need it.

/// A moment in UTC, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    /// The year.
    pub year: i64,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, 1 to 31.
    pub day: u8,
    /// The hour, 0 to 23.
    pub hour: u8,
    /// The minute, 0 to 59.
    pub minute: u8,
    /// The second, 0 to 59: Unix time has no leap seconds.
    pub second: u8,
}

impl Civil {
    /// The moment that lies so many seconds after 1970 began.
    pub fn from_unix(seconds: i64) -> Self {
        let days = seconds.div_euclid(86_400);
        let rest = seconds.rem_euclid(86_400);
        let (year, month, day) = date(days);
        Self {
            year,
            month,
            day,
            hour: (rest / 3_600) as u8,
            minute: (rest / 60 % 60) as u8,
            second: (rest % 60) as u8,
        }
    }

    /// Seconds since 1970 began, or nothing where a member is out of its range.
    ///
    /// Years from 0 to 9999 are in range, as the texts write four digits.
    pub fn to_unix(self) -> Option<i64> {
        let in_range = (0..=9_999).contains(&self.year)
            && (1..=12).contains(&self.month)
            && (1..=month_length(self.year, self.month)).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60;
        let time =
            i64::from(self.hour) * 3_600 + i64::from(self.minute) * 60 + i64::from(self.second);
        in_range.then(|| days(self.year, self.month, self.day) * 86_400 + time)
    }
}

/// The day of the week of a moment: 0 is Monday.
pub fn weekday(seconds: i64) -> u8 {
    // 1970 began on a Thursday.
    (seconds.div_euclid(86_400) + 3).rem_euclid(7) as u8
}

/// Days from 1970-01-01 to a date, counting years from March so that leap days come last.
fn days(year: i64, month: u8, day: u8) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date that lies so many days after 1970-01-01.
fn date(days: i64) -> (i64, u8, u8) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u8, day as u8)
}

fn month_length(year: i64, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments_are_taken_apart() {
        let moment = Civil::from_unix(1_440_938_160);
        assert_eq!((moment.year, moment.month, moment.day), (2015, 8, 30));
        assert_eq!((moment.hour, moment.minute, moment.second), (12, 36, 0));
        assert_eq!(weekday(1_440_938_160), 6);
        let before = Civil::from_unix(-1);
        assert_eq!(
            (before.year, before.month, before.day, before.second),
            (1969, 12, 31, 59)
        );
        assert_eq!(weekday(-1), 2);
    }

    #[test]
    fn every_day_of_four_centuries_goes_there_and_back() {
        let first = days(1900, 1, 1);
        for day in first..=first + 146_097 + 40_000 {
            let seconds = day * 86_400 + 12_345;
            assert_eq!(Civil::from_unix(seconds).to_unix(), Some(seconds));
        }
    }

    #[test]
    fn the_days_follow_each_other() {
        let mut expected = (2000, 1, 1);
        for day in days(2000, 1, 1)..days(2101, 1, 1) {
            assert_eq!(date(day), expected);
            let (year, month, date) = expected;
            expected = if date < month_length(year, month) {
                (year, month, date + 1)
            } else if month < 12 {
                (year, month + 1, 1)
            } else {
                (year + 1, 1, 1)
            };
        }
    }

    #[test]
    fn members_out_of_range_are_refused() {
        let good = Civil {
            year: 2023,
            month: 2,
            day: 28,
            hour: 23,
            minute: 59,
            second: 59,
        };
        assert!(good.to_unix().is_some());
        assert!(
            Civil {
                year: 2024,
                day: 29,
                ..good
            }
            .to_unix()
            .is_some()
        );
        let bad = [
            Civil { day: 29, ..good },
            Civil { day: 0, ..good },
            Civil { month: 0, ..good },
            Civil { month: 13, ..good },
            Civil { hour: 24, ..good },
            Civil { minute: 60, ..good },
            Civil { second: 60, ..good },
            Civil {
                year: 10_000,
                ..good
            },
            Civil {
                year: 1900,
                day: 29,
                ..good
            },
        ];
        for civil in bad {
            assert_eq!(civil.to_unix(), None, "{civil:?}");
        }
    }

    #[test]
    fn moments_at_the_ends_of_time_do_not_panic() {
        let _ = Civil::from_unix(i64::MAX);
        let _ = Civil::from_unix(i64::MIN);
        let _ = weekday(i64::MAX);
    }
}
