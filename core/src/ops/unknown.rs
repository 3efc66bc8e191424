//! Users that do not exist, where a client hides who does: the same replies, reads and commits.

use alloc::{
    format,
    string::{String, ToString},
    sync::Arc,
};

use userpool_crypto::digest::hmac_sha256;
use userpool_ports::Key;
use userpool_wire::idp::CodeDeliveryDetailsType;

use super::{
    attributes::{is_email, is_phone},
    codes, messages,
    parties::{self, Party},
    secrets::{Derived, derived},
};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run, Stop},
    model::{
        attempts::{Attempts, Limit},
        code::{Code, CodePurpose},
        keys,
        names::canonical,
        pool::{NameRule, Pool},
        sub::{Sub, uuid_v4},
        user::{AliasKind, Head},
    },
};

/// The user of a typed name. Where the client hides who exists, a name that nobody has costs the same reads.
///
/// # Errors
/// Stops the run until the records are there.
pub(crate) fn user(cx: &mut Cx<'_>, party: &Party, typed: &str) -> Run<Option<Held<Head>>> {
    let pool = &party.pool;
    cx.once(|cx| {
        let user = parties::user_beside(cx, pool, typed, &[keys::pool_secrets(&pool.id)])?;
        if user.is_none() && party.client.hides_users {
            let simulated = simulate(cx, pool, typed)?;
            find(cx, pool, typed, &simulated)?;
        }
        Ok(user)
    })
}

/// Where a code of a name that nobody has would lie, together with the record of its failures; both are read.
///
/// # Errors
/// Stops the run until the records are there.
pub(crate) fn read_code(cx: &mut Cx<'_>, pool: &Pool, name: &str, purpose: CodePurpose) -> Run<()> {
    let found = [
        failures_key(cx, pool, name)?,
        code_key(cx, pool, name, purpose)?,
    ];
    cx.want(&found)
}

/// The refusal of operations by name and client where the client tells who exists.
pub(crate) fn combination_not_found() -> Refusal {
    Refusal::new(
        RefusalKind::UserNotFound,
        "Username/client id combination not found.",
    )
}

/// Counts a failure of a name that nobody has, and gives the refusal to return. During the simulated lock
/// nothing is counted and the refusal is that of a locked user.
///
/// # Errors
/// Stops the run until the record is there.
pub(crate) fn count_failure(
    cx: &mut Cx<'_>,
    pool: &Pool,
    name: &str,
    hidden: Refusal,
) -> Run<Stop> {
    let key = failures_key(cx, pool, name)?;
    let held = cx.get::<Attempts>(&key)?;
    let attempts = held
        .as_ref()
        .map_or_else(Attempts::default, |held| Attempts::clone(held));
    if attempts.is_locked(cx.now()) {
        return Ok(locked().into());
    }
    let failed = attempts.failed(cx.now());
    cx.upsert_until(&key, held.as_ref(), &failed, Some(failed.forgotten()));
    Ok(cx.counted(hidden))
}

/// Uses one attempt of an hourly limit for a name that nobody has, as a user would.
///
/// # Errors
/// `LimitExceededException` where the limit is used up.
pub(crate) fn use_attempt(cx: &mut Cx<'_>, pool: &Pool, name: &str, limit: Limit) -> Run<()> {
    use_attempt_or(cx, pool, name, limit, codes::limit_exceeded())
}

/// As [`use_attempt`], with this refusal where the limit is used up.
///
/// # Errors
/// The refusal.
pub(crate) fn use_attempt_or(
    cx: &mut Cx<'_>,
    pool: &Pool,
    name: &str,
    limit: Limit,
    refusal: Refusal,
) -> Run<()> {
    let key = failures_key(cx, pool, name)?;
    let held = cx.get::<Attempts>(&key)?;
    let attempts = held
        .as_ref()
        .map_or_else(Attempts::default, |held| Attempts::clone(held));
    let Some(used) = attempts.used(limit, cx.now()) else {
        return Err(refusal.into());
    };
    cx.upsert_until(&key, held.as_ref(), &used, Some(used.forgotten()));
    Ok(())
}

/// Refuses a code for a name that nobody has: plainly where the client tells, else with a refusal that a known
/// user could get, after the attempt was counted against the same hourly limit.
///
/// # Errors
/// Always: this is the refusal.
pub(crate) fn refuse_code<T>(
    cx: &mut Cx<'_>,
    party: &Party,
    name: &str,
    limit: Limit,
    hidden: Refusal,
) -> Run<T> {
    if !party.client.hides_users {
        return Err(combination_not_found().into());
    }
    use_attempt(cx, &party.pool, name, limit)?;
    Err(cx.counted(hidden))
}

/// Remembers that a code was asked for by a name for which none could be sent. No typed code ever fits it.
///
/// # Errors
/// Stops the run until the records are there.
pub(crate) fn remember_code(
    cx: &mut Cx<'_>,
    pool: &Pool,
    name: &str,
    purpose: CodePurpose,
) -> Run<()> {
    let key = code_key(cx, pool, name, purpose)?;
    let held = cx.get::<Code>(&key)?;
    let code = Code {
        hash: cx.random("no code/hash"),
        issue: cx.random("no code/issue"),
        sms: false,
        destination: String::new(),
        credential_epoch: 0,
    };
    let expires = cx.now().after(purpose.life());
    cx.upsert_until(&key, held.as_ref(), &code, Some(expires));
    Ok(())
}

/// The refusal of a typed code where none was sent: as for a wrong one while it would live, else as for none.
///
/// # Errors
/// Stops the run until the records are there.
pub(crate) fn code_refusal(
    cx: &mut Cx<'_>,
    pool: &Pool,
    name: &str,
    purpose: CodePurpose,
) -> Run<Refusal> {
    let key = code_key(cx, pool, name, purpose)?;
    Ok(if cx.get::<Code>(&key)?.is_some() {
        codes::mismatch()
    } else {
        codes::dead()
    })
}

/// Where the code of a user that does not exist would lie.
///
/// # Errors
/// Stops the run until the pool's secret is there.
pub(crate) fn code_key(cx: &mut Cx<'_>, pool: &Pool, name: &str, purpose: CodePurpose) -> Run<Key> {
    cx.once(|cx| {
        let key = derived(cx, &pool.id, Derived::Simulated)?;
        let name = canonical(name, pool.rules.case_sensitive);
        let drawn = hmac_sha256(&key, &[b"code", name.as_bytes()]);
        let sub = Sub::new(uuid_v4(half(&drawn)));
        Ok(keys::code(&pool.id, &sub, purpose.byte()))
    })
}

/// The refusal during a lock.
pub(crate) fn locked() -> Refusal {
    Refusal::new(RefusalKind::NotAuthorized, "Password attempts exceeded")
}

/// The record of the failures of a name that nobody has.
///
/// # Errors
/// Stops the run until the pool's secret is there.
pub(crate) fn failures_key(cx: &mut Cx<'_>, pool: &Pool, name: &str) -> Run<Key> {
    cx.once(|cx| {
        let key = derived(cx, &pool.id, Derived::UnknownNames)?;
        let name = canonical(name, pool.rules.case_sensitive);
        Ok(keys::unknown_failures(
            &pool.id,
            &hmac_sha256(&key, &[name.as_bytes()]),
        ))
    })
}

/// What is always the same for a name that nobody has.
pub(crate) struct Simulated {
    /// The id under which nobody's records lie.
    pub sub: Sub,
    /// The stored user name: the name itself, or an id where names are ids or an alias was typed.
    pub username: String,
    /// The salt of the password.
    pub salt: [u8; 16],
    /// The seed of a verifier.
    pub verifier_seed: [u8; 32],
    /// Whether it is as of somebody who never confirmed, so that its verifier has no powers yet: every fourth is, lest
    /// the time of the arithmetic tell who is there.
    pub unconfirmed: bool,
}

/// The user that a name would be.
///
/// # Errors
/// Stops the run until the pool's secret is there.
pub(crate) fn simulate(cx: &mut Cx<'_>, pool: &Pool, name: &str) -> Run<Arc<Simulated>> {
    cx.once(|cx| {
        let key = derived(cx, &pool.id, Derived::Simulated)?;
        let name = canonical(name, pool.rules.case_sensitive);
        let draw = |label: &[u8]| hmac_sha256(&key, &[label, name.as_bytes()]);
        let sub = Sub::new(uuid_v4(half(&draw(b"id"))));
        let username = match pool.rules.names {
            NameRule::Username => name.clone(),
            NameRule::Alias { .. } if !is_email(&name) && !is_phone(&name) => name.clone(),
            NameRule::Alias { .. } | NameRule::Attribute { .. } => sub.to_string(),
        };
        Ok(Arc::new(Simulated {
            sub,
            username,
            salt: half(&draw(b"salt")),
            verifier_seed: draw(b"verifier"),
            unconfirmed: draw(b"status")[0] < 64,
        }))
    })
}

/// Reads what finding a user reads, where there is none: the head that a name leads to. Of a typed id it was read
/// together with the names.
///
/// # Errors
/// Stops the run until the records are there.
pub(crate) fn find(cx: &mut Cx<'_>, pool: &Pool, typed: &str, simulated: &Simulated) -> Run<()> {
    cx.want(&finds(pool, typed, simulated))
}

/// What [`find`] reads.
pub(crate) fn finds(pool: &Pool, typed: &str, simulated: &Simulated) -> Option<Key> {
    match Sub::parse(typed) {
        Some(_) => None,
        None => Some(keys::head(&pool.id, &simulated.sub)),
    }
}

/// The keys that a sign-in reads of a user, where there is none: the failures of the name in place of attempts.
///
/// # Errors
/// Stops the run until the pool's secret is there.
pub(crate) fn keys_of(
    cx: &mut Cx<'_>,
    pool: &Pool,
    name: &str,
    simulated: &Simulated,
) -> Run<[Key; 5]> {
    Ok([
        keys::profile(&pool.id, &simulated.sub),
        keys::password(&pool.id, &simulated.sub),
        failures_key(cx, pool, name)?,
        keys::signing_keys(&pool.id),
        keys::memberships(&pool.id, &simulated.sub),
    ])
}

/// Refuses during the lock of a name that nobody has.
///
/// # Errors
/// `NotAuthorizedException`.
pub(crate) fn check_lock(cx: &mut Cx<'_>, pool: &Pool, name: &str) -> Run<()> {
    let failures = failures_key(cx, pool, name)?;
    match cx.get::<Attempts>(&failures)? {
        Some(attempts) if attempts.is_locked(cx.now()) => Err(locked().into()),
        _ => Ok(()),
    }
}

/// The delivery that a code to an unknown user would have had.
///
/// # Errors
/// Stops the run until the pool's secret is there.
pub(crate) fn delivery(cx: &mut Cx<'_>, pool: &Pool, name: &str) -> Run<CodeDeliveryDetailsType> {
    let kind = match is_phone(name) {
        true => AliasKind::Phone,
        false => AliasKind::Email,
    };
    let address = address(cx, pool, name, kind)?;
    Ok(messages::delivery(kind, &address))
}

/// The address that a user of this name would have: the name itself, or one that looks the same masked.
///
/// # Errors
/// Stops the run until the pool's secret is there.
pub(crate) fn address(cx: &mut Cx<'_>, pool: &Pool, name: &str, kind: AliasKind) -> Run<String> {
    if is_address(name, kind) {
        return Ok(name.into());
    }
    let key = derived(cx, &pool.id, Derived::Simulated)?;
    let name = canonical(name, pool.rules.case_sensitive);
    let drawn = hmac_sha256(&key, &[b"address", name.as_bytes()]);
    let letter = |byte: u8| char::from(b'a' + byte % 26);
    let digits = u16::from_be_bytes([drawn[2], drawn[3]]) % 10_000;
    Ok(match kind {
        AliasKind::Phone => format!("+1000000{digits:04}"),
        AliasKind::Email | AliasKind::PreferredUsername => {
            format!("{}@{}", letter(drawn[0]), letter(drawn[1]))
        }
    })
}

/// Whether a name is an address of a kind.
fn is_address(name: &str, kind: AliasKind) -> bool {
    match kind {
        AliasKind::Phone => is_phone(name),
        AliasKind::Email => is_email(name),
        AliasKind::PreferredUsername => false,
    }
}

fn half(bytes: &[u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&bytes[..16]);
    half
}
