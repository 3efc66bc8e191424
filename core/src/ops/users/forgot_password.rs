//! ForgotPassword.

use userpool_ports::Purpose;
use userpool_wire::idp::{CodeDeliveryDetailsType, ForgotPasswordRequest, ForgotPasswordResponse};

use super::records;
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{
        attempts::Limit,
        code::CodePurpose,
        keys,
        pool::Pool,
        user::{Head, Status},
    },
    ops::{
        codes,
        parties::{self, Party},
        recovery,
        triggers::{self, Trigger},
        unknown, user_type,
    },
};

/// Sends the code that lets a user set a new password, to a verified address that is kept. The older code is
/// dead from then on; the password stays good until the new one is set.
///
/// Refusals, in this order: unknown client, wrong secret hash, a pool whose users only administrators recover, a
/// message trigger that this version cannot ask, unknown user, too many attempts, disabled, a state in which
/// there is no password to reset, no verified address.
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
    let party = parties::client(cx, &req.client_id)?;
    let pool = &party.pool;
    let typed = &req.username;
    let hash = req.secret_hash.as_ref().map(|hash| hash.as_str());
    let user = proven_user(cx, &party, typed, hash)?;
    recovery::check_by_user(pool)?;
    triggers::pass(pool, Trigger::CustomMessage)?;
    let delivery = match user {
        Some(head) => of_user(cx, &party, typed, &head)?,
        None if party.client.hides_users => {
            unknown::read_code(cx, pool, typed, CodePurpose::Reset)?;
            unknown::use_attempt(cx, pool, typed, Limit::ForgotPassword)?;
            simulated(cx, pool, typed)?
        }
        None => {
            triggers::pass(pool, Trigger::UserMigration)?;
            return Err(unknown::combination_not_found().into());
        }
    };
    Ok(ForgotPasswordResponse {
        code_delivery_details: Some(delivery),
    })
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
        &keys::code(&pool.id, &head.sub, purpose.byte()),
        &simulated_code,
    ])?;
    let profile = records::profile(cx, pool, head)?;
    let attempts = records::attempts(cx, pool, head)?;
    let effective = user_type::effective(cx, pool, &head.sub, &profile)?;
    let Some(used) = attempts.used(Limit::ForgotPassword, cx.now()) else {
        return Err(codes::limit_exceeded().into());
    };
    cx.check(head);
    cx.update(&attempts, &used);
    let to = check_state(head).and_then(|()| recovery::destination(pool, &effective));
    let (kind, address) = match to {
        Ok(to) => to,
        Err(_) if party.client.hides_users => return simulated(cx, pool, typed),
        Err(refusal) => return Err(refusal.into()),
    };
    cx.check(&profile);
    codes::issue(
        cx,
        pool,
        head,
        purpose,
        kind,
        address,
        Purpose::ForgotPassword,
    )
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
