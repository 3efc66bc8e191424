//! RevokeUserSession and AdminRevokeUserSession.

use core::time::Duration;

use userpool_wire::idp::{
    AdminRevokeUserSessionRequest, AdminRevokeUserSessionResponse, RevokeAssociatedSessionsType,
    RevokeUserSessionRequest, RevokeUserSessionResponse,
};

use super::{Named, named, track, unknown};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{
        grant::Grant, keys, page_session::PageSession, pool::Pool, sessions::Sessions, sub::Sub,
        user::Head,
    },
    ops::{access, parties},
};

/// How long a list stays that holds nothing but its place.
const EMPTY: Duration = Duration::from_secs(60);

/// Ends a session of the user of a token, but not the one that the token is of: its refresh and access tokens are
/// good for nothing any more. With `LINKED` a session of tokens takes the one of the login pages with it that it came
/// from, and a session of the pages those of tokens that came from it.
///
/// Refusals, in this order: those of the access token, the session that the token is of, a session that the user does
/// not have or that has ended.
///
/// # Errors
/// The refusals above.
pub fn revoke_user_session(
    cx: &mut Cx<'_>,
    req: &RevokeUserSessionRequest,
) -> Run<RevokeUserSessionResponse> {
    let access = access::authorize_beside(cx, &req.access_token, &[keys::sessions])?;
    let session = named(&req.session_id).ok_or_else(unknown)?;
    let linked = is_linked(req.revoke_associated_sessions.as_ref());
    let own = access.grant_id();
    let takes_own = match session {
        Named::Tokens(grant) => grant == own,
        Named::Pages(pages) if linked => {
            let key = keys::grant(&access.party.pool.id, &access.head.sub, &own);
            let grant = cx.get::<Grant>(&key)?;
            grant.is_some_and(|grant| grant.pages == Some(pages))
        }
        Named::Pages(_) => false,
    };
    if takes_own {
        let text = "The current session cannot be revoked with its own access token.";
        return Err(Refusal::new(RefusalKind::InvalidParameter, text).into());
    }
    access.hold(cx);
    end(cx, &access.party.pool, &access.head, session, linked)?;
    Ok(RevokeUserSessionResponse::default())
}

/// As [`revoke_user_session`], by an administrator, and any session.
///
/// Refusals, in this order: unknown pool, unknown user, a session that the user does not have or that has ended.
///
/// # Errors
/// The refusals above.
pub fn admin_revoke_user_session(
    cx: &mut Cx<'_>,
    req: &AdminRevokeUserSessionRequest,
) -> Run<AdminRevokeUserSessionResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let head = parties::known_user(cx, &pool, &req.username)?;
    let session = named(&req.session_id).ok_or_else(unknown)?;
    cx.check(&head);
    let linked = is_linked(req.revoke_associated_sessions.as_ref());
    end(cx, &pool, &head, session, linked)?;
    Ok(AdminRevokeUserSessionResponse::default())
}

fn is_linked(associated: Option<&RevokeAssociatedSessionsType>) -> bool {
    associated == Some(&RevokeAssociatedSessionsType::Linked)
}

fn end(cx: &mut Cx<'_>, pool: &Pool, head: &Held<Head>, session: Named, linked: bool) -> Run<()> {
    match session {
        Named::Tokens(id) => {
            let pages = end_tokens(cx, pool, head, &id)?;
            let pages = pages.as_ref().filter(|_| linked);
            end_pages(cx, pool, &head.sub, pages)
        }
        Named::Pages(id) => {
            let key = keys::page_session(&pool.id, &head.sub, &id);
            let list_key = keys::sessions(&pool.id, &head.sub);
            cx.want([&key, &list_key])?;
            let held = cx.get::<PageSession>(&key)?;
            let Some(held) = held.filter(|held| held.is_alive(head)) else {
                return Err(unknown().into());
            };
            cx.remove(&held);
            if linked {
                end_tokens_of(cx, pool, head, &id)?;
            }
            Ok(())
        }
    }
}

/// Ends a session of tokens; the session of the login pages that it came from, if any.
fn end_tokens(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Held<Head>,
    id: &[u8; 16],
) -> Run<Option<[u8; 16]>> {
    let grant_key = keys::grant(&pool.id, &head.sub, id);
    let list_key = keys::sessions(&pool.id, &head.sub);
    cx.want([&grant_key, &list_key])?;
    let grant = cx.get::<Grant>(&grant_key)?;
    let Some(grant) = grant.filter(|grant| !grant.is_revoked(head)) else {
        return Err(unknown().into());
    };
    let revoked = grant.revoked();
    cx.update_until(&grant, &revoked, Some(revoked.ends));
    if let Some(held) = cx.get::<Sessions>(&list_key)?
        && held.of(id).is_some()
    {
        let rest = held.without(id);
        keep(cx, &held, &rest);
    }
    Ok(grant.pages)
}

/// Ends the tracked sessions of tokens that came from a session of the login pages. The list is held to what it was: a
/// code that is exchanged at the same moment adds to it, or begins it.
fn end_tokens_of(cx: &mut Cx<'_>, pool: &Pool, head: &Held<Head>, pages: &[u8; 16]) -> Run<()> {
    if !pool.rules.sessions.tracked {
        return Ok(());
    }
    let key = keys::sessions(&pool.id, &head.sub);
    let Some(held) = cx.get::<Sessions>(&key)? else {
        let soon = cx.now().after(EMPTY);
        cx.insert_until(&key, &Sessions::default(), Some(soon));
        return Ok(());
    };
    let mut rest = Sessions::clone(&held);
    for (session, grant) in track::live(cx, &pool.id, head, &held)? {
        if grant.pages.as_ref() == Some(pages) {
            let revoked = grant.revoked();
            cx.update_until(&grant, &revoked, Some(revoked.ends));
            rest = rest.without(&session.grant);
        }
    }
    match rest == **held.value() {
        true => cx.check(&held),
        false => keep(cx, &held, &rest),
    }
    Ok(())
}

/// Ends a session of the login pages, if it is one that is there.
///
/// # Errors
/// Stops the run until it was read.
pub(crate) fn end_pages(
    cx: &mut Cx<'_>,
    pool: &Pool,
    sub: &Sub,
    pages: Option<&[u8; 16]>,
) -> Run<()> {
    if let Some(pages) = pages
        && let Some(session) = cx.get::<PageSession>(&keys::page_session(&pool.id, sub, pages))?
    {
        cx.remove(&session);
    }
    Ok(())
}

fn keep(cx: &mut Cx<'_>, held: &Held<Sessions>, rest: &Sessions) {
    match rest.end() {
        Some(end) => cx.update_until(held, rest, Some(end)),
        None => cx.remove(held),
    }
}
