//! ResendConfirmationCode.

use userpool_ports::Purpose;
use userpool_wire::idp::{ResendConfirmationCodeRequest, ResendConfirmationCodeResponse};

use super::sign_up::code_contact;
use crate::{
    engine::{Cx, Fault, Refusal, RefusalKind, Run},
    model::{
        attempts::{Attempts, Limit},
        code::CodePurpose,
        keys,
        user::{Profile, Status},
    },
    ops::{
        codes, parties,
        triggers::{self, Trigger},
        unknown,
    },
};

/// Sends the code that confirms an account once more; the older one is dead from then on.
///
/// Refusals, in this order: unknown client, wrong secret hash, unknown user (where the client tells; else a
/// simulated delivery, within the same limit), already confirmed, no address to send to, too many codes, a message
/// trigger that this version cannot ask.
///
/// # Errors
/// The refusals above.
pub fn resend_confirmation_code(
    cx: &mut Cx<'_>,
    req: &ResendConfirmationCodeRequest,
) -> Run<ResendConfirmationCodeResponse> {
    let party = parties::client(cx, &req.client_id)?;
    let hash = req.secret_hash.as_ref().map(|hash| hash.as_str());
    parties::prove_client(cx, &party.client, hash, &[&req.username])?;
    let pool = &party.pool;
    let Some(head) = parties::user(cx, pool, &req.username)? else {
        if !party.client.hides_users {
            return Err(unknown::combination_not_found().into());
        }
        unknown::use_attempt(cx, pool, &req.username, Limit::ResendConfirmationCode)?;
        let delivery = unknown::delivery(cx, pool, &req.username)?;
        return Ok(ResendConfirmationCodeResponse {
            code_delivery_details: Some(delivery),
        });
    };
    let (profile_key, attempts_key) = (
        keys::profile(&pool.id, &head.sub),
        keys::attempts(&pool.id, &head.sub),
    );
    cx.want([&profile_key, &attempts_key])?;
    let profile = cx
        .get::<Profile>(&profile_key)?
        .ok_or(Fault::new("the profile of a user"))?;
    let attempts = cx
        .get::<Attempts>(&attempts_key)?
        .ok_or(Fault::new("the attempts of a user"))?;
    if head.status != Status::Unconfirmed {
        return Err(
            Refusal::new(RefusalKind::InvalidParameter, "User is already confirmed.").into(),
        );
    }
    let Some(kind) = code_contact(pool, &profile) else {
        let text = "Cannot resend codes. Auto verification not turned on.";
        return Err(Refusal::new(RefusalKind::NotAuthorized, text).into());
    };
    let Some(used) = attempts.used(Limit::ResendConfirmationCode, cx.now()) else {
        return Err(codes::limit_exceeded().into());
    };
    triggers::pass(pool, Trigger::CustomMessage)?;
    cx.check(&head);
    cx.update(&attempts, &used);
    let destination = &profile.attributes[kind.attribute()];
    let purpose = CodePurpose::SignUp;
    let delivery = codes::issue(
        cx,
        pool,
        &head,
        purpose,
        kind,
        destination,
        Purpose::ResendCode,
    )?;
    Ok(ResendConfirmationCodeResponse {
        code_delivery_details: Some(delivery),
    })
}
