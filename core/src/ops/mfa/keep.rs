//! How the second factors of a user are written: the user counts as changed.

use crate::{
    engine::{Cx, Held},
    model::{factors::Factors, keys, pool::Pool, user::Head},
};

/// Writes what the second factors of a user become. The head is written too: a sign-in that read the factors as they
/// were, or that there are none, does not land after this.
pub(super) fn factors(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Held<Head>,
    held: Option<&Held<Factors>>,
    becomes: &Factors,
) {
    let changed = Head {
        modified: cx.now(),
        ..Head::clone(head)
    };
    cx.update(head, &changed);
    let key = keys::factors(&pool.id, &head.sub);
    cx.upsert_until(&key, held, becomes, None);
}
