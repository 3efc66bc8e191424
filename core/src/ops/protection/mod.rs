//! Threat protection: what is seen of sign-ins, how unusual they are, and what follows.
//!
//! | part | what |
//! |---|---|
//! | `settings` | what shall follow, set and told |
//! | `watch` | events written, risks judged, consequences drawn |
//! | `breached` | passwords looked up among those of breaches |
//! | `notice` | e-mails to the owner of an account |
//! | `list` | what administrators see |
//! | `feedback` | what is said of an event afterwards |
//!
//! A sign-in is unusual by what is new about its device and its network, for this user; there is no map of addresses
//! to cities here. The service's own judgement is not public, so that levels differ from the service's; what follows
//! from a level does not.

pub(crate) mod breached;
pub mod feedback;
pub mod list;
pub(crate) mod notice;
pub mod settings;
pub(crate) mod watch;

use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{keys, pool::Pool, risk::RiskConfiguration, user::Head},
    ops::parties::{self, Party},
};

/// Refuses in a pool without threat protection.
///
/// # Errors
/// `UserPoolAddOnNotEnabledException`.
fn check_on(pool: &Pool) -> Result<(), Refusal> {
    let protection = pool.rules.protection;
    if protection.mode.is_some() || protection.custom.is_some() {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalKind::UserPoolAddOnNotEnabled,
        "User pool does not have the add-on AdvancedSecurityMode enabled.",
    ))
}

/// The user whom an administrator asks about in a pool with threat protection; what was noted of the user is read too.
///
/// # Errors
/// Refuses, in this order: unknown pool, a pool without threat protection, unknown user.
fn watched_user(cx: &mut Cx<'_>, pool_id: &str, typed: &str) -> Run<(Held<Pool>, Held<Head>)> {
    let pool = parties::pool(cx, pool_id)?;
    check_on(&pool)?;
    let head = parties::user_and(cx, &pool, typed, |sub| [keys::activity(&pool.id, sub)])?;
    Ok((pool, head.ok_or_else(parties::no_user)?))
}

/// What shall follow from risks at an app client: its own configuration, or that of its pool.
///
/// # Errors
/// Stops the run until the records are there.
fn configured(cx: &mut Cx<'_>, party: &Party) -> Run<Option<Held<RiskConfiguration>>> {
    let own = keys::risk(&party.pool.id, &party.client.id);
    let common = keys::risk(&party.pool.id, "");
    cx.want([&own, &common])?;
    match cx.get(&own)? {
        Some(own) => Ok(Some(own)),
        None => cx.get(&common),
    }
}
