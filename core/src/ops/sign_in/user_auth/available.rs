//! The first factors that a user may choose.
//!
//! | factor | offered where the pool has it and the user |
//! |---|---|
//! | `PASSWORD_SRP`, `PASSWORD` | has a password |
//! | `EMAIL_OTP`, `SMS_OTP` | has a verified address, and needs no second factor |
//! | `WEB_AUTHN` | has a passkey for the pool's relying party, and needs no second factor or has it count as both |
//!
//! A sign-in that has to reach a level is offered what leads there.
//!
//! Users who are not confirmed, must change or reset the password, or are disabled, are offered passwords alone; so is
//! who has nothing. Nobody is offered what somebody of that name might have, the same each time.

use alloc::{sync::Arc, vec::Vec};

use userpool_crypto::digest::hmac_sha256;
use userpool_wire::idp::ChallengeNameType;

use super::super::{attempt::Attempt, who::Who};
use crate::{
    engine::{Cx, Run},
    model::{
        factors::{Due, Factor, Factors},
        methods::{Aim, Methods},
        names::canonical,
        pool::Pool,
        user::{AliasKind, Status},
    },
    ops::{
        directory,
        parties::Party,
        secrets::{Derived, derived},
        unknown, user_type,
    },
};

/// What a password can be shown by.
const PASSWORDS: [ChallengeNameType; 2] =
    [ChallengeNameType::PasswordSrp, ChallengeNameType::Password];
/// The factors that are codes, and where these go.
pub(super) const CODES: [(ChallengeNameType, AliasKind); 2] = [
    (ChallengeNameType::EmailOtp, AliasKind::Email),
    (ChallengeNameType::SmsOtp, AliasKind::Phone),
];

/// First factors in the order in which they are offered.
pub(super) type Available = Arc<[ChallengeNameType]>;

/// The first factors that may be chosen.
///
/// # Errors
/// Stops the run until the user's aliases are there.
pub(super) fn of(cx: &mut Cx<'_>, party: &Party, who: &Who) -> Run<Available> {
    cx.once(|cx| {
        let (offered, seconds) = all(cx, party, who)?;
        Ok(match offered.as_slice() {
            [] => Arc::from(PASSWORDS),
            offered => {
                let leads = |factor: &&ChallengeNameType| {
                    who.aim.is_reached_by(shown_by(**factor), &seconds)
                };
                offered.iter().filter(leads).copied().collect()
            }
        })
    })
}

/// Whether somebody has the factors for an aim.
///
/// # Errors
/// Stops the run until the user's aliases are there.
pub(super) fn can_reach(cx: &mut Cx<'_>, party: &Party, who: &Who, aim: Aim) -> Run<bool> {
    let (offered, seconds) = all(cx, party, who)?;
    let mut offered = offered.iter();
    Ok(offered.any(|factor| aim.is_reached_by(shown_by(*factor), &seconds)))
}

/// All first factors of somebody, whatever the level, and the second ones.
fn all(cx: &mut Cx<'_>, party: &Party, who: &Who) -> Run<(Vec<ChallengeNameType>, Vec<Factor>)> {
    match &who.attempt {
        Some(attempt) => {
            let offered = of_user(cx, party, who, attempt)?;
            Ok((offered, attempt.seconds(party)))
        }
        None => of_nobody(cx, &party.pool, &who.name),
    }
}

/// What a first factor shows. Any passkey reaches what another does.
const fn shown_by(factor: ChallengeNameType) -> Methods {
    match factor {
        ChallengeNameType::EmailOtp => Methods::EMAIL,
        ChallengeNameType::SmsOtp => Methods::SMS,
        ChallengeNameType::WebAuthn => Methods::PLATFORM_PASSKEY,
        _ => Methods::PASSWORD,
    }
}

fn of_user(
    cx: &mut Cx<'_>,
    party: &Party,
    who: &Who,
    attempt: &Attempt,
) -> Run<Vec<ChallengeNameType>> {
    let pool = &party.pool;
    let mut offered = Vec::with_capacity(5);
    if attempt.password.current.is_some() {
        offered.extend(PASSWORDS);
    }
    let attributes = user_type::effective(cx, pool, &attempt.head.sub, &attempt.profile)?;
    if attempt.head.status != Status::Confirmed || !attempt.head.enabled {
        return Ok(offered);
    }
    let is_enough = needs_no_second(pool, attempt);
    if is_enough {
        offered.extend(
            CODES
                .into_iter()
                .filter(|(factor, kind)| {
                    let flag = attributes.get(directory::flag(*kind));
                    allows(pool, *factor) && flag.is_some_and(|flag| flag == "true")
                })
                .map(|(factor, _)| factor),
        );
    }
    let has_passkey = who.passkeys.as_ref().is_some_and(|passkeys| {
        relying_party(pool).is_some_and(|party| passkeys.of(party).next().is_some())
    });
    let may = is_enough || passkeys_are_both(pool, attempt);
    if has_passkey && may && allows(pool, ChallengeNameType::WebAuthn) {
        offered.push(ChallengeNameType::WebAuthn);
    }
    Ok(offered)
}

/// Whether the first factor is enough for a user.
pub(super) fn needs_no_second(pool: &Pool, attempt: &Attempt) -> bool {
    let none = Factors::default();
    let factors = attempt.factors.as_deref().unwrap_or(&none);
    factors.due(pool, &attempt.profile) == Due::Nothing
}

/// Whether a passkey is both factors for a user, whom it must have verified then.
pub(super) fn passkeys_are_both(pool: &Pool, attempt: &Attempt) -> bool {
    let factors = attempt.factors.as_deref();
    are_both(pool) && factors.is_some_and(|factors| factors.passkeys == Some(true))
}

/// Whether a pool lets passkeys be both factors.
pub(crate) fn are_both(pool: &Pool) -> bool {
    let rules = pool.rules.factors.passkeys.as_ref();
    rules.is_some_and(|rules| rules.two_factors == Some(true))
}

/// Whether the users of a pool may begin with a factor.
pub(crate) fn allows(pool: &Pool, factor: ChallengeNameType) -> bool {
    let factors = &pool.rules.first_factors;
    factors.iter().any(|allowed| allowed == factor.as_str())
}

/// The domain that a pool's passkeys are for.
pub(crate) fn relying_party(pool: &Pool) -> Option<&str> {
    pool.rules
        .factors
        .passkeys
        .as_ref()?
        .relying_party
        .as_deref()
}

/// Of the factors that the pool has, what the name draws: three in four have a password, three in four an e-mail
/// address, one in four a phone, one in four a passkey, one in four an authenticator app. So no list tells whether the
/// name is somebody's.
fn of_nobody(
    cx: &mut Cx<'_>,
    pool: &Pool,
    name: &str,
) -> Run<(Vec<ChallengeNameType>, Vec<Factor>)> {
    let key = derived(cx, &pool.id, Derived::Simulated)?;
    let canonical = canonical(name, pool.rules.case_sensitive);
    let drawn = hmac_sha256(&key, &[b"first factors", canonical.as_bytes()]);
    let aliases: Vec<_> = [AliasKind::Email, AliasKind::Phone]
        .into_iter()
        .filter(|kind| user_type::hangs_on_alias(pool, *kind))
        .collect();
    for kind in aliases {
        let address = unknown::address(cx, pool, name, kind)?;
        cx.want([&directory::alias_key(pool, kind, &address)])?;
    }
    let [phone, passkey, email, password, token, ..] = drawn.map(|byte| byte & 3 == 0);
    let mut offered = Vec::with_capacity(5);
    if !password {
        offered.extend(PASSWORDS);
    }
    for (factor, has) in [
        (ChallengeNameType::EmailOtp, !email),
        (ChallengeNameType::SmsOtp, phone),
        (
            ChallengeNameType::WebAuthn,
            passkey && relying_party(pool).is_some(),
        ),
    ] {
        if has && allows(pool, factor) {
            offered.push(factor);
        }
    }
    let seconds = Factor::ALL.into_iter().filter(|factor| {
        let has = match factor {
            Factor::Sms => phone,
            Factor::SoftwareToken => token,
            Factor::Email => !email,
        };
        has && factor.is_of(pool)
    });
    Ok((offered, seconds.collect()))
}
