//! ForgotPassword.

use userpool_ports::Purpose;
use userpool_wire::idp::{CodeDeliveryDetailsType, ForgotPasswordRequest, ForgotPasswordResponse};

use super::records;
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{
        activity::{EventEnd, EventKind},
        attempts::Limit,
        code::CodePurpose,
        factors::Factors,
        keys,
        pool::Pool,
        user::{Head, Status},
    },
    ops::{
        codes, messages, migration,
        parties::{self, Party},
        protection::watch::{self, Whose},
        recovery,
        triggers::{About, Trigger, custom_message, user_migration},
        unknown, user_type,
    },
};

/// What is noted of a code that was asked for.
const ASKED: (EventKind, EventEnd) = (EventKind::ForgotPassword, EventEnd::InProgress);

/// Sends the code that lets a user set a new password, to a verified address that is kept. The older code is
/// dead from then on; the password stays good until the new one is set.
///
/// A name that nobody has may be known to the pool's migration trigger: the user is moved in then.
///
/// Refusals, in this order: unknown client, wrong secret hash, a pool whose users only administrators recover,
/// unknown user (or too many attempts to find one by the trigger, its failure, a user of it that does not fit), too
/// many attempts, disabled, a state in which there is no password to reset, no verified address, a message trigger.
///
/// Where the client hides who exists, all from the unknown user on but the limit is a simulated delivery, and
/// the limit counts for names that nobody has, too.
///
/// # Errors
/// The refusals above.
pub fn forgot_password(
    cx: &mut Cx<'_>,
    req: &ForgotPasswordRequest,
) -> Run<ForgotPasswordResponse> {
    let party = parties::client(cx, &req.client_id)?
        .from(&req.user_context_data)
        .saying(req.client_metadata.as_deref());
    let pool = &party.pool;
    let typed = &req.username;
    let hash = req.secret_hash.as_ref().map(|hash| hash.as_str());
    let user = proven_user(cx, &party, typed, hash)?;
    recovery::check_by_user(pool)?;
    let user = match user {
        Some(head) => Some(head),
        None => moved_in(cx, &party, typed)?,
    };
    let delivery = match user {
        Some(head) => of_user(cx, &party, typed, &head)?,
        None if party.client.hides_users => {
            watch::noted_of_nobody(cx, &party, typed, ASKED)?;
            simulated(cx, pool, typed)?
        }
        None => return Err(unknown::combination_not_found().into()),
    };
    Ok(ForgotPasswordResponse {
        code_delivery_details: Some(delivery),
    })
}

/// The user of a name that nobody has, if the migration trigger knows one. It is asked no more often than codes
/// are sent.
fn moved_in(cx: &mut Cx<'_>, party: &Party, typed: &str) -> Run<Option<Held<Head>>> {
    let (pool, hides) = (&party.pool, party.client.hides_users);
    let migrates = Trigger::UserMigration.is_set(pool);
    if !hides && !migrates {
        return Ok(None);
    }
    unknown::read_code(cx, pool, typed, CodePurpose::Reset)?;
    unknown::use_attempt(cx, pool, typed, Limit::ForgotPassword)?;
    if !migrates {
        return Ok(None);
    }
    let found = user_migration::forgot_password(cx, About::of(party, typed))?;
    let newcomer = match found {
        Ok(Some(newcomer)) => newcomer,
        Ok(None) if !hides => {
            return Err(cx.counted(unknown::combination_not_found()));
        }
        Err(refusal) if !hides => return Err(cx.counted(refusal)),
        Ok(None) | Err(_) => return Ok(None),
    };
    let sub = migration::move_in(cx, pool, typed, &newcomer, None)?;
    cx.get::<Head>(&keys::head(&pool.id, &sub))
}

/// The user of a typed name, after the client has proven itself over that name or the user's own.
///
/// # Errors
/// Refuses where the secret hash is missing or wrong.
pub(crate) fn proven_user(
    cx: &mut Cx<'_>,
    party: &Party,
    typed: &str,
    hash: Option<&str>,
) -> Run<Option<Held<Head>>> {
    let user = unknown::user(cx, party, typed)?;
    let own = user.as_ref().map_or(typed, |head| head.username.as_str());
    parties::prove_client(cx, &party.client, hash, &[typed, own])?;
    Ok(user)
}

fn of_user(
    cx: &mut Cx<'_>,
    party: &Party,
    typed: &str,
    head: &Held<Head>,
) -> Run<CodeDeliveryDetailsType> {
    let pool = &party.pool;
    let purpose = CodePurpose::Reset;
    let simulated_code = unknown::code_key(cx, pool, typed, purpose)?;
    cx.want([
        &keys::profile(&pool.id, &head.sub),
        &keys::attempts(&pool.id, &head.sub),
        &keys::factors(&pool.id, &head.sub),
        &keys::code(&pool.id, &head.sub, purpose.byte()),
        &simulated_code,
    ])?;
    let profile = records::profile(cx, pool, head)?;
    let attempts = records::attempts(cx, pool, head)?;
    let effective = user_type::effective(cx, pool, &head.sub, &profile)?;
    let Some(used) = attempts.used(Limit::ForgotPassword, cx.now()) else {
        return Err(codes::limit_exceeded().into());
    };
    watch::noted(cx, party, Whose::User(&head.sub), ASKED, None)?;
    cx.check(head);
    cx.update(&attempts, &used);
    let factors = cx.get::<Factors>(&keys::factors(&pool.id, &head.sub))?;
    let second = (&*profile, factors.as_deref());
    let to = check_state(head).and_then(|()| recovery::destination(pool, &effective, second));
    let (kind, address) = match to {
        Ok(to) => to,
        Err(_) if party.client.hides_users => return simulated(cx, pool, typed),
        Err(refusal) => return Err(refusal.into()),
    };
    let sent = (Purpose::ForgotPassword, kind);
    let about = About::of(party, &head.username);
    let words = match custom_message::words(cx, about, head, &effective, sent)? {
        Ok(words) => words,
        Err(_) if party.client.hides_users => {
            unknown::remember_code(cx, pool, typed, purpose)?;
            return Ok(messages::delivery(kind, address));
        }
        Err(refusal) => return Err(refusal.into()),
    };
    cx.check(&profile);
    codes::issue(cx, pool, head, purpose, kind, address, (sent.0, &words))
}

/// Does for a name to which no code can be sent what is done for others, but for the message.
fn simulated(cx: &mut Cx<'_>, pool: &Pool, typed: &str) -> Run<CodeDeliveryDetailsType> {
    unknown::remember_code(cx, pool, typed, CodePurpose::Reset)?;
    unknown::delivery(cx, pool, typed)
}

fn check_state(head: &Head) -> Result<(), Refusal> {
    if !head.enabled {
        return Err(Refusal::new(
            RefusalKind::NotAuthorized,
            "User is disabled.",
        ));
    }
    match head.status {
        Status::Confirmed | Status::ResetRequired | Status::Unconfirmed => Ok(()),
        Status::ForceChangePassword | Status::ExternalProvider => Err(Refusal::new(
            RefusalKind::NotAuthorized,
            "User password cannot be reset in the current state.",
        )),
    }
}
