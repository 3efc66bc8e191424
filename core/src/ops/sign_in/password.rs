//! Sign-in by a password in clear: `USER_PASSWORD_AUTH` and `ADMIN_USER_PASSWORD_AUTH`.

use alloc::{collections::BTreeMap, string::String};

use userpool_crypto::{secret::SecretBytes, srp::Verifier};

use super::{
    attempt::{Attempt, incorrect},
    outcome::Outcome,
    proven,
};
use crate::{
    engine::{Cx, Run, Work},
    model::{keys, pool::Pool},
    ops::{
        parties::{self, Party, required},
        passwords,
        triggers::{self, Trigger},
        unknown,
    },
};

/// Judges a password.
///
/// Refusals, in this order: parameters missing, wrong secret hash, an unknown device key, an unknown user (told
/// only where the client tells, unless a trigger that this version cannot ask would know the user; else counted
/// like a wrong password after the same work), a locked user, a wrong password (counted), and what a right password
/// may still meet.
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
    super::refuse_device(parameters)?;
    let Some(head) = user else {
        if !party.client.hides_users {
            triggers::pass(pool, Trigger::UserMigration)?;
            return Err(parties::no_user().into());
        }
        return refuse_hidden(cx, pool, typed, password);
    };
    let attempt = Attempt::load(cx, pool, head)?;
    attempt.check_lock(cx)?;
    let Some(kept) = &attempt.password.current else {
        return Err(attempt.wrong(cx));
    };
    if !passwords::fits(cx, pool, &attempt.head, kept, password)? {
        return Err(attempt.wrong(cx));
    }
    Ok(attempt)
}

/// Does for a name that nobody has what is done for a user: the lock first, then the same comparison.
fn refuse_hidden<T>(cx: &mut Cx<'_>, pool: &Pool, typed: &str, password: &str) -> Run<T> {
    let simulated = unknown::simulate(cx, pool, typed)?;
    unknown::find(cx, pool, typed, &simulated)?;
    let records = unknown::keys_of(cx, pool, typed, &simulated)?;
    cx.want(&records)?;
    unknown::check_lock(cx, pool, typed)?;
    let verifier = Verifier::simulated(&simulated.verifier_seed);
    let input = passwords::input(pool, &simulated.username, password, simulated.salt);
    let verifier = SecretBytes::new(verifier.bytes().to_vec());
    passwords::verdict(cx.work(Work::CheckPassword { input, verifier })?)?;
    Err(unknown::count_failure(cx, pool, typed, incorrect())?)
}
