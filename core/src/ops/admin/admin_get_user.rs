//! AdminGetUser.

use userpool_wire::{
    Timestamp,
    idp::{AdminGetUserRequest, AdminGetUserResponse},
};

use super::subject::Subject;
use crate::{
    engine::{Cx, Run},
    model::{factors::Factors, keys},
    ops::{mfa::shown, user_type},
};

/// Everything that is known of a user, found by any name.
///
/// Refusals, in this order: unknown pool, unknown user.
///
/// # Errors
/// The refusals above.
pub fn admin_get_user(cx: &mut Cx<'_>, req: &AdminGetUserRequest) -> Run<AdminGetUserResponse> {
    let user = Subject::load(cx, &req.user_pool_id, &req.username, &[keys::factors])?;
    let head = &user.head;
    let attributes = user_type::effective(cx, &user.pool, &head.sub, &user.profile)?;
    let factors = cx.get::<Factors>(&keys::factors(&user.pool.id, &head.sub))?;
    let factors = factors.as_deref();
    Ok(AdminGetUserResponse {
        username: head.username.as_str().into(),
        user_attributes: Some(user_type::listed(&head.sub, &attributes)),
        user_create_date: Some(Timestamp::from_millis(head.created.millis())),
        user_last_modified_date: Some(Timestamp::from_millis(head.modified.millis())),
        enabled: Some(head.enabled),
        user_status: Some(user_type::status(head.status)),
        mfa_options: shown::options(factors),
        preferred_mfa_setting: shown::preferred(factors),
        user_mfa_setting_list: shown::list(factors),
    })
}
