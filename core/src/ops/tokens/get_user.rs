//! GetUser: what a user's app client may know of the user.

use alloc::{string::ToString, vec::Vec};

use userpool_wire::idp::{AttributeType, GetUserRequest, GetUserResponse};

use super::shown;
use crate::{
    engine::{Cx, Run},
    model::{keys, user::Profile},
    ops::access::authorize,
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
    let mut shown = Vec::with_capacity(8);
    shown.push(attribute("sub", head.sub.to_string()));
    if let Some(profile) = profile {
        for (name, value) in shown::attributes(cx, &party.pool, &head.sub, &profile)? {
            if shown::may_read(&party.client, &name) {
                shown.push(attribute(&name, value));
            }
        }
    }
    Ok(GetUserResponse {
        username: head.username.as_str().into(),
        user_attributes: shown,
        ..GetUserResponse::default()
    })
}

fn attribute(name: &str, value: alloc::string::String) -> AttributeType {
    AttributeType {
        name: name.into(),
        value: Some(value.into()),
    }
}
