//! AdminUpdateAuthEventFeedback and UpdateAuthEventFeedback: whether an event was the user.
//!
//! What was not the user makes its device and its network unfamiliar again. The user proves to be the one who got the
//! e-mail by the token in it: a sealed reference to the user and the event.

use alloc::{string::String, vec::Vec};
use core::time::Duration;

use userpool_crypto::{base64, sealed::Context};
use userpool_wire::idp::{
    AdminUpdateAuthEventFeedbackRequest, AdminUpdateAuthEventFeedbackResponse, FeedbackValueType,
    UpdateAuthEventFeedbackRequest, UpdateAuthEventFeedbackResponse,
};

use super::{check_on, watched_user};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{
        activity::{Activity, EventKind, Feedback, KEPT},
        keys,
        pool::Pool,
        sub::{Sub, parse_uuid},
        user::Head,
    },
    ops::parties,
};

/// How long a token is good for.
pub(super) const LIFE: Duration = Duration::from_secs(7 * 24 * 3_600);
const PURPOSE: &str = "feedback token";

/// Says of an event whether it was the user.
///
/// Refusals, in this order: unknown pool, a pool without threat protection, unknown user, unknown event.
///
/// # Errors
/// The refusals above.
pub fn admin_update_auth_event_feedback(
    cx: &mut Cx<'_>,
    req: &AdminUpdateAuthEventFeedbackRequest,
) -> Run<AdminUpdateAuthEventFeedbackResponse> {
    let (pool, head) = watched_user(cx, &req.user_pool_id, &req.username)?;
    let id = parse_uuid(&req.event_id).ok_or_else(no_event)?;
    write(cx, &pool, &head, &id, req.feedback_value, true)?;
    Ok(AdminUpdateAuthEventFeedbackResponse::default())
}

/// As [`admin_update_auth_event_feedback`], by the user, with the token of the e-mail.
///
/// Refusals, in this order: unknown pool, a pool without threat protection, a token that is none, or of another event,
/// or too old, or of another user than the name's, unknown user, unknown event.
///
/// # Errors
/// The refusals above.
pub fn update_auth_event_feedback(
    cx: &mut Cx<'_>,
    req: &UpdateAuthEventFeedbackRequest,
) -> Run<UpdateAuthEventFeedbackResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    check_on(&pool)?;
    let id = parse_uuid(&req.event_id).ok_or_else(foreign)?;
    let sub = opened(cx, &pool.id, &req.feedback_token, &id).ok_or_else(foreign)?;
    let named = parties::sub_beside(
        cx,
        &pool,
        &req.username,
        &[keys::head(&pool.id, &sub), keys::activity(&pool.id, &sub)],
    )?;
    let head = cx.get::<Head>(&keys::head(&pool.id, &sub))?;
    let head = head.ok_or_else(parties::no_user)?;
    if named != Some(sub) {
        return Err(foreign().into());
    }
    write(cx, &pool, &head, &id, req.feedback_value, false)?;
    Ok(UpdateAuthEventFeedbackResponse::default())
}

fn write(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Held<Head>,
    id: &[u8; 16],
    value: FeedbackValueType,
    by_administrator: bool,
) -> Run<()> {
    let held = cx.get::<Activity>(&keys::activity(&pool.id, &head.sub))?;
    let held = held.ok_or_else(no_event)?;
    let mut activity = Activity::clone(&held);
    let now = cx.now();
    let event = activity.event(id).ok_or_else(no_event)?;
    let valid = value == FeedbackValueType::Valid;
    event.feedback = Some(Feedback {
        valid,
        by_administrator,
        at: now,
    });
    let (kind, place) = (event.kind, event.place());
    if kind == EventKind::SignIn && !valid {
        activity.forget_place(&place);
    }
    cx.check(head);
    cx.update_until(&held, &activity, Some(now.after(KEPT)));
    Ok(())
}

/// The token by which a user says something of an event.
pub(super) fn token(cx: &mut Cx<'_>, pool: &str, sub: &Sub, event: &[u8; 16]) -> String {
    let until = cx.now().after(LIFE).millis();
    let plain = [&sub.bytes()[..], event, &until.to_be_bytes()].concat();
    let nonce = cx.random("nonce/feedback token");
    let keys = &cx.environment().root_keys;
    base64::encode_url(&keys.seal(context(pool), nonce, &plain))
}

/// The user of a token that is good for an event.
fn opened(cx: &Cx<'_>, pool: &str, token: &str, event: &[u8; 16]) -> Option<Sub> {
    let bytes: Vec<u8> = base64::decode_url(token)?;
    let plain = cx
        .environment()
        .root_keys
        .open(context(pool), &bytes)
        .ok()?;
    let (sub, rest) = plain.expose().split_first_chunk::<16>()?;
    let (of, until) = rest.split_first_chunk::<16>()?;
    let until = i64::from_be_bytes(until.try_into().ok()?);
    (of == event && cx.now().millis() < until).then(|| Sub::from_bytes(*sub))
}

fn context(pool: &str) -> Context<'_> {
    Context {
        purpose: PURPOSE,
        scope: pool.as_bytes(),
        associated: &[],
    }
}

fn foreign() -> Refusal {
    Refusal::new(RefusalKind::NotAuthorized, "Invalid feedback token.")
}

fn no_event() -> Refusal {
    Refusal::new(RefusalKind::ResourceNotFound, "Event does not exist.")
}
