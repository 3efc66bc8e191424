//! AdminAddUserToGroup.

use userpool_wire::{Empty, idp::AdminAddUserToGroupRequest};

use super::memberships::{self, Seat};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        group::{MAX_OF_USER, Member, Memberships},
        keys,
    },
};

/// Puts a user into a group. Does nothing to a member.
///
/// Refusals, in this order: unknown pool, unknown group, unknown user, a user in too many groups.
///
/// # Errors
/// The refusals above.
pub(crate) fn admin_add_user_to_group(
    cx: &mut Cx<'_>,
    req: &AdminAddUserToGroupRequest,
) -> Run<Empty> {
    let seat = Seat::load(cx, &req.user_pool_id, &req.group_name, &req.username)?;
    if seat.is_taken() {
        return Ok(Empty {});
    }
    let was = match &seat.memberships {
        Some(held) => living(cx, &seat.pool.id, held)?,
        None => Memberships::default(),
    };
    if was.all().len() >= MAX_OF_USER {
        let text = "The user is in as many groups as a user can be in.";
        return Err(Refusal::new(RefusalKind::LimitExceeded, text).into());
    }

    seat.write(cx, Some(&was.with(&seat.group)));
    cx.check(&seat.group);
    if seat.member.is_none() {
        let key = keys::member(&seat.pool.id, &seat.group.id, &seat.head.sub);
        cx.insert(&key, &Member {});
    }
    Ok(Empty {})
}

/// The memberships of a user, where there are many without those of groups that were deleted.
fn living(cx: &mut Cx<'_>, pool: &str, held: &Memberships) -> Run<Memberships> {
    if held.all().len() < MAX_OF_USER {
        return Ok(held.clone());
    }
    let groups = memberships::groups(cx, pool, held.all())?;
    let lives = |id| groups.iter().any(|group| group.id == id);
    Ok(held.only(|held| lives(held.id)).unwrap_or_default())
}
