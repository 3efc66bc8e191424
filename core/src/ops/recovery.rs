//! Where the code goes that lets a user set a new password (auth-flows guide, account recovery).

use alloc::{collections::BTreeMap, string::String, vec::Vec};

use super::directory;
use crate::{
    engine::{Refusal, RefusalKind},
    model::{
        factors::{Factor, Factors},
        pool::{MfaRule, Pool, RecoveryOption},
        user::{AliasKind, Profile},
    },
};

/// The legacy rule of pools without a recovery setting: the phone before the e-mail address.
const LEGACY: &[RecoveryOption] = &[RecoveryOption::VerifiedPhone, RecoveryOption::VerifiedEmail];

/// The verified address that gets the code: the first that the pool's recovery options allow and the user has. One
/// that gets the codes of a second factor is passed over: whoever holds it would need nothing else.
///
/// `attributes` are those that count: a flag of an alias that moved elsewhere is not set any more.
///
/// # Errors
/// Refuses, in this order: a pool where only administrators recover accounts, a user without a verified
/// address.
pub(crate) fn destination<'a>(
    pool: &Pool,
    attributes: &'a BTreeMap<String, String>,
    (profile, factors): (&Profile, Option<&Factors>),
) -> Result<(AliasKind, &'a str), Refusal> {
    check_by_user(pool)?;
    let none = Factors::default();
    let factors = factors.unwrap_or(&none);
    let taken: Vec<Factor> = match pool.rules.mfa {
        MfaRule::Off => Vec::new(),
        MfaRule::Optional | MfaRule::On => factors.counting(pool, profile),
    };
    let is_free = |kind: &AliasKind| !taken.iter().any(|factor| factor.contact() == Some(*kind));
    options(pool)
        .iter()
        .filter_map(|option| match option {
            RecoveryOption::VerifiedEmail => Some(AliasKind::Email),
            RecoveryOption::VerifiedPhone => Some(AliasKind::Phone),
            RecoveryOption::AdminOnly => None,
        })
        .filter(is_free)
        .find_map(|kind| {
            let address = attributes.get(kind.attribute())?;
            let verified = attributes.get(directory::flag(kind))? == "true";
            verified.then_some((kind, address.as_str()))
        })
        .ok_or_else(no_destination)
}

/// Refuses where only administrators recover accounts.
///
/// # Errors
/// `NotAuthorizedException`.
pub(crate) fn check_by_user(pool: &Pool) -> Result<(), Refusal> {
    if options(pool).contains(&RecoveryOption::AdminOnly) {
        let text = "Contact administrator to reset password.";
        return Err(Refusal::new(RefusalKind::NotAuthorized, text));
    }
    Ok(())
}

fn options(pool: &Pool) -> &[RecoveryOption] {
    pool.rules.recovery.as_deref().unwrap_or(LEGACY)
}

/// The refusal of a user whom no code can reach.
fn no_destination() -> Refusal {
    Refusal::new(
        RefusalKind::InvalidParameter,
        "Cannot reset password for the user as there is no registered/verified email or phone_number",
    )
}
