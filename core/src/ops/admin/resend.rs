//! AdminCreateUser with `RESEND`: a new temporary password for a user who has not signed in yet.

use alloc::{format, string::String};

use userpool_wire::idp::{AdminCreateUserRequest, AdminCreateUserResponse};

use super::{admin_create_user::given_password, invitation, subject::Subject};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        keys,
        user::{Head, Status},
    },
    ops::{passwords, triggers::About, user_type},
};

/// Gives a user a new temporary password and sends the invitation. The attributes of the request count for
/// nothing; the user keeps those that are there.
///
/// Refusals: see [`super::admin_create_user::admin_create_user`].
///
/// # Errors
/// The refusals there.
pub(super) fn resend(
    cx: &mut Cx<'_>,
    req: &AdminCreateUserRequest,
) -> Run<AdminCreateUserResponse> {
    let also = [keys::password, keys::attempts];
    let user = Subject::load(cx, &req.user_pool_id, &req.username, &also)?;
    let (pool, profile) = (&user.pool, &user.profile);
    if user.head.status != Status::ForceChangePassword {
        return Err(no_invitation(&user.head).into());
    }
    let password: String = match given_password(pool, req)? {
        Some(given) => given.into(),
        None => invitation::draw_password(cx, &pool.rules.password),
    };
    let held = user.password(cx)?;
    let kept = passwords::next(cx, pool, &user.head, &held, &password)?;

    let becomes = Head {
        credential_epoch: user.head.credential_epoch.wrapping_add(1),
        ..Head::clone(&user.head)
    };
    let head = user.write(cx, becomes)?;
    cx.update(&held, &kept);
    user.forget_failures(cx)?;

    let mediums = req.desired_delivery_mediums.as_deref();
    let metadata = req.client_metadata.as_deref();
    let about = About::administrators(pool, &head.username, metadata);
    invitation::send(cx, about, (&head, profile), mediums, &password)?;
    let attributes = user_type::effective(cx, pool, &head.sub, profile)?;
    let attributes = user_type::listed(&head.sub, &attributes);
    Ok(AdminCreateUserResponse {
        user: Some(user_type::user_type(&head, attributes)),
    })
}

fn no_invitation(head: &Head) -> Refusal {
    let text = format!(
        "Resend not possible. {} status is not FORCE_CHANGE_PASSWORD",
        head.status.as_str()
    );
    Refusal::new(RefusalKind::UnsupportedUserState, text)
}
