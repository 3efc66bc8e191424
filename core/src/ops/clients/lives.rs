//! How long the tokens of a client live.

use userpool_wire::idp::{TimeUnitsType, UserPoolClientType};

use super::invalid;
use crate::{engine::Refusal, model::client::TokenLives};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The lives of a client's tokens, from its settings with their defaults.
///
/// # Errors
/// Refuses an access or ID token outside five minutes to a day, a refresh token outside an hour to ten
/// years, and one that ends before the others.
pub(super) fn of(settings: &UserPoolClientType) -> Result<TokenLives, Refusal> {
    let units = settings.token_validity_units.clone().unwrap_or_default();
    let hours = |unit: Option<_>| seconds(unit.unwrap_or(TimeUnitsType::Hours));
    let days = |unit: Option<_>| seconds(unit.unwrap_or(TimeUnitsType::Days));
    let short =
        |validity: Option<i32>, unit| validity.map_or(HOUR, |value| i64::from(value) * unit);
    let access = short(settings.access_token_validity, hours(units.access_token));
    let id = short(settings.id_token_validity, hours(units.id_token));
    let refresh =
        i64::from(settings.refresh_token_validity.unwrap_or(30)) * days(units.refresh_token);
    let fits = [access, id]
        .iter()
        .all(|life| (5 * MINUTE..=DAY).contains(life) && *life <= refresh)
        && (HOUR..=3_650 * DAY).contains(&refresh);
    if !fits {
        return Err(invalid("Invalid range for token validity."));
    }
    // The ranges were checked, so nothing is lost here.
    let secs = |life: i64| u32::try_from(life).unwrap_or(u32::MAX);
    let session = i64::from(settings.auth_session_validity.unwrap_or(3)) * MINUTE;
    Ok(TokenLives {
        access_secs: secs(access),
        id_secs: secs(id),
        refresh_secs: secs(refresh),
        session_secs: u16::try_from(session).unwrap_or(u16::MAX),
    })
}

const fn seconds(unit: TimeUnitsType) -> i64 {
    match unit {
        TimeUnitsType::Seconds => 1,
        TimeUnitsType::Minutes => MINUTE,
        TimeUnitsType::Hours => HOUR,
        TimeUnitsType::Days => DAY,
    }
}

#[cfg(test)]
mod tests {
    use userpool_wire::idp::TokenValidityUnitsType;

    use super::*;

    fn client(access: i32, refresh: i32, unit: TimeUnitsType) -> UserPoolClientType {
        UserPoolClientType {
            access_token_validity: Some(access),
            refresh_token_validity: Some(refresh),
            token_validity_units: Some(TokenValidityUnitsType {
                access_token: Some(unit),
                id_token: None,
                refresh_token: Some(unit),
            }),
            ..UserPoolClientType::default()
        }
    }

    #[test]
    fn lives_are_counted_in_their_units() {
        let lives = of(&client(10, 90, TimeUnitsType::Minutes)).unwrap();
        assert_eq!(
            (
                lives.access_secs,
                lives.id_secs,
                lives.refresh_secs,
                lives.session_secs
            ),
            (600, 3_600, 5_400, 180)
        );
    }

    #[test]
    fn the_bounds_themselves_are_lives() {
        assert!(of(&client(5, 60, TimeUnitsType::Minutes)).is_ok());
        assert!(of(&client(1, 3_650, TimeUnitsType::Days)).is_ok());
    }

    #[test]
    fn lives_beyond_the_bounds_are_refused() {
        for (access, refresh, unit) in [
            (4, 60, TimeUnitsType::Minutes),
            (5, 59, TimeUnitsType::Minutes),
            (2, 30, TimeUnitsType::Days),
            (1, 3_651, TimeUnitsType::Days),
            (3, 2, TimeUnitsType::Hours),
        ] {
            assert!(
                of(&client(access, refresh, unit)).is_err(),
                "{access} {refresh} {unit}"
            );
        }
    }
}
