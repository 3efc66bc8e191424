//! Signing a user out everywhere: GlobalSignOut and AdminUserGlobalSignOut.

use userpool_wire::idp::{
    AdminUserGlobalSignOutRequest, AdminUserGlobalSignOutResponse, GlobalSignOutRequest,
    GlobalSignOutResponse,
};

use crate::{
    engine::{Cx, Held, Run},
    model::user::Head,
    ops::{access::authorize, parties},
};

/// Ends every refresh and access token of the user, in all app clients. Sign-ins from now on are new.
///
/// Refusals: those of the access token; so a second call with the same one is refused.
///
/// # Errors
/// Refuses as said; stops the run until the token is checked.
pub fn global_sign_out(cx: &mut Cx<'_>, req: &GlobalSignOutRequest) -> Run<GlobalSignOutResponse> {
    let access = authorize(cx, &req.access_token)?;
    access.hold(cx);
    revoke_all(cx, &access.head);
    Ok(GlobalSignOutResponse::default())
}

/// As [`global_sign_out`], by an administrator.
///
/// Refusals, in this order: unknown pool, unknown user.
///
/// # Errors
/// Refuses as said; stops the run until the user is read.
pub fn admin_user_global_sign_out(
    cx: &mut Cx<'_>,
    req: &AdminUserGlobalSignOutRequest,
) -> Run<AdminUserGlobalSignOutResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let head = parties::known_user(cx, &pool, &req.username)?;
    revoke_all(cx, &head);
    Ok(AdminUserGlobalSignOutResponse::default())
}

/// A rise of the epoch is all it takes: every grant holds the one that it was made under.
fn revoke_all(cx: &mut Cx<'_>, head: &Held<Head>) {
    let mut next = head.value().as_ref().clone();
    next.revocation_epoch = next.revocation_epoch.wrapping_add(1);
    cx.update(head, &next);
}
