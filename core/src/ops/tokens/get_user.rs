//! GetUser: what a user's app client may know of the user.

use alloc::collections::BTreeMap;

use userpool_wire::idp::{GetUserRequest, GetUserResponse};

use crate::{
    engine::{Cx, Run},
    model::{keys, user::Profile},
    ops::{access::authorize, attributes::may_read, user_type},
};

/// The user that an access token speaks for, with the attributes that its app client may read.
///
/// Refusals: those of the access token.
///
/// # Errors
/// Refuses as said; stops the run until the user is read.
pub fn get_user(cx: &mut Cx<'_>, req: &GetUserRequest) -> Run<GetUserResponse> {
    let access = authorize(cx, &req.access_token)?;
    let (party, head) = (&access.party, &access.head);
    let profile = cx.get::<Profile>(&keys::profile(&party.pool.id, &head.sub))?;
    let mut attributes = match profile {
        Some(profile) => user_type::effective(cx, &party.pool, &head.sub, &profile)?,
        None => BTreeMap::new(),
    };
    attributes.retain(|name, _| may_read(&party.client, name));
    Ok(GetUserResponse {
        username: head.username.as_str().into(),
        user_attributes: user_type::listed(&head.sub, &attributes),
        ..GetUserResponse::default()
    })
}
