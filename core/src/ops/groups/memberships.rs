//! The groups of a user: read with the user, and given up with the user.

use alloc::vec::Vec;

use userpool_ports::Key;

use crate::{
    engine::{Cx, Held, Run},
    model::{
        group::{Group, Member, Membership, Memberships, Standing},
        job::Job,
        keys,
        pool::Pool,
        sub::Sub,
        user::Head,
    },
    ops::parties,
};

/// How many lists a user leaves in the commit that deletes it; a job takes it from the others.
const LEFT_AT_ONCE: usize = 16;

/// A user and a group that the user may be in, with the records that say so.
pub(super) struct Seat {
    pub pool: Held<Pool>,
    pub group: Held<Group>,
    pub head: Held<Head>,
    pub memberships: Option<Held<Memberships>>,
    /// The user in the list of the group.
    pub member: Option<Held<Member>>,
}

impl Seat {
    /// Reads them.
    ///
    /// # Errors
    /// Refuses, in this order: unknown pool, unknown group, unknown user.
    pub fn load(cx: &mut Cx<'_>, pool_id: &str, group: &str, typed: &str) -> Run<Self> {
        let (pool, group) = super::find(cx, pool_id, group, &[])?;
        let records = |sub: &Sub| {
            [
                keys::memberships(pool_id, sub),
                keys::member(pool_id, &group.id, sub),
            ]
        };
        let head = parties::user_and(cx, &pool, typed, records)?.ok_or_else(parties::no_user)?;
        let [memberships, member] = records(&head.sub);
        Ok(Self {
            memberships: cx.get(&memberships)?,
            member: cx.get(&member)?,
            pool,
            group,
            head,
        })
    }

    /// Whether the user is in the group.
    pub fn is_taken(&self) -> bool {
        let memberships = self.memberships.as_ref();
        memberships.is_some_and(|held| held.include(&self.group.id))
    }

    /// Writes the groups of the user as they become, and the head with them.
    pub fn write(&self, cx: &mut Cx<'_>, becomes: Option<&Memberships>) {
        write(
            cx,
            &self.pool.id,
            &self.head.sub,
            self.memberships.as_ref(),
            becomes,
        );
        cx.update(&self.head, &self.head);
    }
}

/// Writes the groups of a user as they become.
pub(crate) fn write(
    cx: &mut Cx<'_>,
    pool: &str,
    sub: &Sub,
    held: Option<&Held<Memberships>>,
    becomes: Option<&Memberships>,
) {
    match (held, becomes) {
        (held, Some(becomes)) => {
            cx.upsert_until(&keys::memberships(pool, sub), held, becomes, None);
        }
        (Some(held), None) => cx.remove(held),
        (None, None) => {}
    }
}

/// The groups that some memberships lead to, in their order; those that were deleted are left out.
///
/// # Errors
/// Stops the run until the groups are there.
pub(super) fn groups(
    cx: &mut Cx<'_>,
    pool: &str,
    memberships: &[Membership],
) -> Run<Vec<Held<Group>>> {
    let keys: Vec<Key> = memberships
        .iter()
        .map(|held| keys::group(pool, &held.name))
        .collect();
    cx.want(&keys)?;
    let mut groups = Vec::with_capacity(keys.len());
    for (membership, key) in memberships.iter().zip(&keys) {
        let group = cx.get::<Group>(key)?;
        groups.extend(group.filter(|group| membership.counts_in(Some(group))));
    }
    Ok(groups)
}

/// What a user's groups say in tokens. The user's [`keys::memberships`] are best asked for with the head.
///
/// # Errors
/// Stops the run until the groups are there.
pub(crate) fn standing(cx: &mut Cx<'_>, pool: &str, sub: &Sub) -> Run<Standing> {
    let Some(memberships) = cx.get::<Memberships>(&keys::memberships(pool, sub))? else {
        return Ok(Standing::default());
    };
    let groups = groups(cx, pool, memberships.all())?;
    Ok(Standing::of(groups.iter().map(|group| &**group).collect()))
}

/// The keys of a user in the lists that are left at once, for whoever deletes the user.
pub(crate) fn left_at_once(pool: &str, sub: &Sub, memberships: &Memberships) -> Vec<Key> {
    let first = memberships.all().iter().take(LEFT_AT_ONCE);
    first
        .map(|held| keys::member(pool, &held.id, sub))
        .collect()
}

/// Takes a user who is being deleted from all groups.
///
/// # Errors
/// Stops the run until the records are there.
pub(crate) fn leave_all(
    cx: &mut Cx<'_>,
    pool: &str,
    sub: Sub,
    memberships: &Held<Memberships>,
) -> Run<()> {
    let at_once = left_at_once(pool, &sub, memberships);
    cx.want(&at_once)?;
    for key in &at_once {
        if let Some(member) = cx.get::<Member>(key)? {
            cx.remove(&member);
        }
    }
    let others = memberships.all().iter().skip(LEFT_AT_ONCE);
    let others: Vec<_> = others.map(|held| held.id).collect();
    if !others.is_empty() {
        let key = keys::job(&cx.random("job"));
        let job = Job::leave_groups(pool, sub, others, cx.now());
        cx.insert(&key, &job);
    }
    cx.remove(memberships);
    Ok(())
}
