//! RevokeUserSession and AdminRevokeUserSession.

use userpool_wire::idp::{
    AdminRevokeUserSessionRequest, AdminRevokeUserSessionResponse, RevokeUserSessionRequest,
    RevokeUserSessionResponse,
};

use super::{grant, unknown};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{grant::Grant, keys, pool::Pool, sessions::Sessions, user::Head},
    ops::{access, parties},
};

/// Ends a session of the user of a token, but not the one that the token is of: its refresh and access tokens are
/// good for nothing any more.
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
    let id = grant(&req.session_id).ok_or_else(unknown)?;
    if id == access.grant_id() {
        let text = "The current session cannot be revoked with its own access token.";
        return Err(Refusal::new(RefusalKind::InvalidParameter, text).into());
    }
    access.hold(cx);
    end(cx, &access.party.pool, &access.head, &id)?;
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
    let id = grant(&req.session_id).ok_or_else(unknown)?;
    cx.check(&head);
    end(cx, &pool, &head, &id)?;
    Ok(AdminRevokeUserSessionResponse::default())
}

fn end(cx: &mut Cx<'_>, pool: &Pool, head: &Held<Head>, id: &[u8; 16]) -> Run<()> {
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
        match rest.end() {
            Some(end) => cx.update_until(&held, &rest, Some(end)),
            None => cx.remove(&held),
        }
    }
    Ok(())
}
