//! ResendConfirmationCode.

use userpool_ports::Purpose;
use userpool_wire::idp::{
    CodeDeliveryDetailsType, ResendConfirmationCodeRequest, ResendConfirmationCodeResponse,
};

use super::sign_up::code_contact;
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run, Stop},
    model::{
        activity::{EventEnd, EventKind},
        attempts::{Attempts, Limit},
        code::CodePurpose,
        keys,
        user::{Head, Profile, Status},
    },
    ops::{
        codes, messages,
        parties::{self, Party},
        protection::watch::{self, Whose},
        triggers::{About, custom_message},
        unknown,
    },
};

/// What is noted of a code that was asked for once more.
const RESENT: (EventKind, EventEnd) = (EventKind::ResendCode, EventEnd::Pass);

/// Sends the code that confirms an account once more; the older one is dead from then on.
///
/// Refusals, in this order: unknown client, wrong secret hash, unknown user, already confirmed, no address to send
/// to, too many codes, a message trigger.
///
/// Where the client hides who exists, all from the unknown user on but the limit is a simulated delivery, and the
/// limit counts for names that nobody has, too.
///
/// # Errors
/// The refusals above.
pub fn resend_confirmation_code(
    cx: &mut Cx<'_>,
    req: &ResendConfirmationCodeRequest,
) -> Run<ResendConfirmationCodeResponse> {
    let party = parties::client(cx, &req.client_id)?
        .from(&req.user_context_data)
        .saying(req.client_metadata.as_deref());
    let hash = req.secret_hash.as_ref().map(|hash| hash.as_str());
    parties::prove_client(cx, &party.client, hash, &[&req.username])?;
    let pool = &party.pool;
    let delivery = match unknown::user(cx, &party, &req.username)? {
        Some(head) => of_user(cx, &party, &req.username, &head)?,
        None if party.client.hides_users => {
            unknown::use_attempt(cx, pool, &req.username, Limit::ResendConfirmationCode)?;
            watch::noted_of_nobody(cx, &party, &req.username, RESENT)?;
            unknown::delivery(cx, pool, &req.username)?
        }
        None => return Err(unknown::combination_not_found().into()),
    };
    Ok(ResendConfirmationCodeResponse {
        code_delivery_details: Some(delivery),
    })
}

fn of_user(
    cx: &mut Cx<'_>,
    party: &Party,
    typed: &str,
    head: &Held<Head>,
) -> Run<CodeDeliveryDetailsType> {
    let pool = &party.pool;
    let (profile_key, attempts_key) = (
        keys::profile(&pool.id, &head.sub),
        keys::attempts(&pool.id, &head.sub),
    );
    let code_key = keys::code(&pool.id, &head.sub, CodePurpose::SignUp.byte());
    cx.want([&profile_key, &attempts_key, &code_key])?;
    let profile = cx
        .get::<Profile>(&profile_key)?
        .ok_or_else(|| Stop::torn("the profile of a user"))?;
    let attempts = cx
        .get::<Attempts>(&attempts_key)?
        .ok_or_else(|| Stop::torn("the attempts of a user"))?;
    let hides = party.client.hides_users;
    let is_confirmed = head.status != Status::Unconfirmed;
    let contact = code_contact(pool, &profile);
    if is_confirmed && !hides {
        let text = "User is already confirmed.";
        return Err(Refusal::new(RefusalKind::InvalidParameter, text).into());
    }
    if contact.is_none() && !hides {
        let text = "Cannot resend codes. Auto verification not turned on.";
        return Err(Refusal::new(RefusalKind::NotAuthorized, text).into());
    }
    let Some(used) = attempts.used(Limit::ResendConfirmationCode, cx.now()) else {
        return Err(codes::limit_exceeded().into());
    };
    watch::noted(cx, party, Whose::User(&head.sub), RESENT, None)?;
    cx.check(head);
    cx.update(&attempts, &used);
    let Some(contact) = contact else {
        return unknown::delivery(cx, pool, typed);
    };
    let destination = &profile.attributes[contact.attribute()];
    if is_confirmed {
        return Ok(messages::delivery(contact, destination));
    }
    let about = About::of(party, &head.username);
    let sent = (Purpose::ResendCode, contact);
    let words = match custom_message::words(cx, about, head, &profile.attributes, sent)? {
        Ok(words) => words,
        Err(_) if hides => return Ok(messages::delivery(contact, destination)),
        Err(refusal) => return Err(refusal.into()),
    };
    let (purpose, why) = (CodePurpose::SignUp, (Purpose::ResendCode, &words));
    codes::issue(cx, pool, head, purpose, contact, destination, why)
}
