//! GetUser: what a user's app client may know of the user.

use alloc::collections::BTreeMap;

use userpool_wire::idp::{GetUserRequest, GetUserResponse};

use crate::{
    engine::{Cx, Run},
    model::{factors::Factors, keys, user::Profile},
    ops::{access::authorize_beside, attributes::may_read, mfa::shown, user_type},
};

/// The user that an access token speaks for, with the attributes that its app client may read.
///
/// Refusals: those of the access token.
///
/// # Errors
/// Refuses as said; stops the run until the user is read.
pub fn get_user(cx: &mut Cx<'_>, req: &GetUserRequest) -> Run<GetUserResponse> {
    let access = authorize_beside(cx, &req.access_token, &[keys::factors])?;
    let (party, head) = (&access.party, &access.head);
    let profile = cx.get::<Profile>(&keys::profile(&party.pool.id, &head.sub))?;
    let mut attributes = match profile {
        Some(profile) => user_type::effective(cx, &party.pool, &head.sub, &profile)?,
        None => BTreeMap::new(),
    };
    attributes.retain(|name, _| may_read(&party.client, name));
    let factors = cx.get::<Factors>(&keys::factors(&party.pool.id, &head.sub))?;
    let factors = factors.as_deref();
    Ok(GetUserResponse {
        username: head.username.as_str().into(),
        user_attributes: user_type::listed(&head.sub, &attributes),
        mfa_options: shown::options(factors),
        preferred_mfa_setting: shown::preferred(factors),
        user_mfa_setting_list: shown::list(factors),
    })
}
