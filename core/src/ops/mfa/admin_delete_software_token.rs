//! AdminDeleteSoftwareToken.

use userpool_wire::idp::{AdminDeleteSoftwareTokenRequest, AdminDeleteSoftwareTokenResponse};

use super::keep;
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        factors::{Factor, Factors},
        keys,
        user::Status,
    },
    ops::admin::subject::Subject,
};

/// Takes a user's software token away, in use or not yet; the user can set up another one.
///
/// Refusals, in this order: unknown pool, unknown user, not confirmed.
///
/// # Errors
/// The refusals above.
pub(crate) fn admin_delete_software_token(
    cx: &mut Cx<'_>,
    req: &AdminDeleteSoftwareTokenRequest,
) -> Run<AdminDeleteSoftwareTokenResponse> {
    let user = Subject::load(cx, &req.user_pool_id, &req.username, &[keys::factors])?;
    let (pool, head) = (&user.pool, &user.head);
    if head.status == Status::Unconfirmed {
        let text = "User is not confirmed.";
        return Err(Refusal::new(RefusalKind::UserNotConfirmed, text).into());
    }
    if let Some(held) = cx.get::<Factors>(&keys::factors(&pool.id, &head.sub))? {
        let mut becomes = Factors {
            token: None,
            pending: None,
            ..Factors::clone(&held)
        };
        becomes.switch(Factor::SoftwareToken, false);
        keep::factors(cx, pool, head, Some(&held), &becomes);
    }
    Ok(AdminDeleteSoftwareTokenResponse {})
}
