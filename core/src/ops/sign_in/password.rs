//! Sign-in by a password in clear: `USER_PASSWORD_AUTH` and `ADMIN_USER_PASSWORD_AUTH`.

use alloc::{collections::BTreeMap, string::String, sync::Arc};

use userpool_crypto::{secret::SecretBytes, srp::Verifier};

use super::{
    attempt::{Attempt, FirstFactor, incorrect},
    device::Claim,
    outcome::Outcome,
    proven,
};
use crate::{
    engine::{Cx, Run, Work},
    model::{keys, pool::Pool},
    ops::{
        migration,
        parties::{self, Party, required},
        passwords,
        pools::replicas,
        protection::{
            breached,
            watch::{self, Whose},
        },
        triggers::{Trigger, authentication, user_migration},
        unknown,
    },
};

/// Judges a password.
///
/// A name that nobody has may be known to the pool's migration trigger, which judges the password then: the user is
/// moved in.
///
/// Refusals, in this order: parameters missing, wrong secret hash, an unknown user (told only where the client tells;
/// else counted like a wrong password after the same work), a locked user, a trigger before the judgement, a wrong
/// password (counted), an unknown device key, and what a right password may still meet.
///
/// Where a trigger may move users in, unknown ones are counted and locked for every client: what it refuses is a
/// guess like any other. Where the client hides who exists, its failure is a wrong password.
///
/// # Errors
/// The refusals above.
pub(crate) fn judge(
    cx: &mut Cx<'_>,
    party: &Party,
    parameters: Option<&BTreeMap<String, String>>,
) -> Run<Outcome> {
    let attempt = cx.once(|cx| proven_by(cx, party, parameters))?;
    proven::go_on(cx, party, &attempt)
}

/// The attempt that a right password is for.
fn proven_by(
    cx: &mut Cx<'_>,
    party: &Party,
    parameters: Option<&BTreeMap<String, String>>,
) -> Run<Attempt> {
    let typed = required(parameters, "USERNAME")?;
    let password = required(parameters, "PASSWORD")?;
    let pool = &party.pool;
    let user = parties::user_beside(cx, pool, typed, &[keys::pool_secrets(&pool.id)])?;
    let own = user.as_ref().map(|head| head.username.as_str());
    super::prove(cx, party, parameters, &[Some(typed), own])?;
    let claim = cx.once(|_| Ok(Claim::of(pool, parameters, None)))?;
    let Some(head) = user else {
        return match moved_in(cx, party, typed, password)? {
            Some(attempt) => with_device(cx, party, claim, attempt),
            None if party.client.hides_users => refuse_hidden(cx, party, typed, password),
            None => Err(parties::no_user().into()),
        };
    };
    let attempt = claim.attempt(cx, party, head)?;
    attempt.check_lock(cx)?;
    authentication::before(cx, party, &attempt.head)?;
    if !fits(cx, pool, typed, Some(&attempt), password)? {
        return Err(attempt.wrong(cx, party));
    }
    let breached = breached::at_sign_in(cx, party, password)?;
    let attempt = Attempt {
        breached,
        ..attempt
    };
    with_device(cx, party, claim, attempt)
}

/// The attempt after a right password, with the device that it names.
fn with_device(cx: &mut Cx<'_>, party: &Party, claim: Claim, attempt: Attempt) -> Run<Attempt> {
    match claim.find(cx, party, &attempt.head.sub)? {
        Ok(device) => Ok(Attempt { device, ..attempt }),
        Err(refusal) => Err(attempt.refused(cx, refusal)),
    }
}

/// Whether a password is that of a user; for nobody, and for who has none, the same comparison with a password that
/// does not exist.
///
/// # Errors
/// Stops the run until it was compared.
pub(super) fn fits(
    cx: &mut Cx<'_>,
    pool: &Pool,
    name: &str,
    attempt: Option<&Attempt>,
    password: &str,
) -> Run<bool> {
    let known = attempt.and_then(|it| Some((&it.head, it.password.current.as_ref()?)));
    if let Some((head, kept)) = known {
        return passwords::fits(cx, pool, head, kept, password);
    }
    let simulated = unknown::simulate(cx, pool, name)?;
    let verifier = Verifier::simulated(&simulated.verifier_seed);
    let input = passwords::input(pool, &simulated.username, password, simulated.salt);
    let verifier = Arc::new(SecretBytes::new(verifier.bytes().to_vec()));
    passwords::verdict(cx.work(Work::CheckPassword { input, verifier })?)?;
    Ok(false)
}

/// The user of a name that nobody has, moved in with this password by the migration trigger; not in a replica.
fn moved_in(cx: &mut Cx<'_>, party: &Party, typed: &str, password: &str) -> Run<Option<Attempt>> {
    let (pool, hides) = (&party.pool, party.client.hides_users);
    if !Trigger::UserMigration.is_set(pool) || !replicas::is_primary(cx, pool) {
        return Ok(None);
    }
    unknown::check_lock(cx, pool, typed)?;
    let newcomer = match user_migration::sign_in(cx, party, typed, password)? {
        Ok(Some(newcomer)) => newcomer,
        Ok(None) if !hides => {
            return Err(unknown::count_failure(cx, pool, typed, parties::no_user())?);
        }
        Err(refusal) if !hides => {
            return Err(unknown::count_failure(cx, pool, typed, refusal)?);
        }
        Ok(None) | Err(_) => return Ok(None),
    };
    let sub = migration::move_in(cx, pool, typed, &newcomer, Some(password))?;
    let Some(attempt) = Attempt::of(cx, pool, &sub)? else {
        return Err(parties::no_user().into());
    };
    authentication::before(cx, party, &attempt.head)?;
    Ok(Some(attempt))
}

/// Does for a name that nobody has what is done for a user: the lock first, then the same comparison.
fn refuse_hidden<T>(cx: &mut Cx<'_>, party: &Party, typed: &str, password: &str) -> Run<T> {
    let pool = &party.pool;
    let simulated = unknown::simulate(cx, pool, typed)?;
    unknown::find(cx, pool, typed, &simulated)?;
    let records = unknown::keys_of(cx, pool, typed, &simulated)?;
    cx.want(records.iter().chain(&watch::reads(party, &simulated.sub)))?;
    unknown::check_lock(cx, pool, typed)?;
    authentication::before_nobody(cx, party, typed)?;
    fits(cx, pool, typed, None, password)?;
    let nobody = Whose::Nobody(&simulated.sub);
    watch::wrong(cx, party, nobody, FirstFactor::Password)?;
    Err(unknown::count_failure(cx, pool, typed, incorrect())?)
}
