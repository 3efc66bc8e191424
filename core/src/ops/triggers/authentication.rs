//! `PreAuthentication` and `PostAuthentication`: asked before a password is judged, and after a sign-in.

use serde_json::Value;

use super::{About, Event, Object, Trigger, ask, members, object};
use crate::{
    engine::{Cx, Run, Stop},
    model::{
        keys,
        pool::Pool,
        user::{Head, Profile},
    },
    ops::{
        parties::{Party, Said},
        user_type,
    },
};

/// Asks before the password of a user is judged.
///
/// # Errors
/// Refuses where the trigger does; stops the run until it answered.
pub(crate) fn before(cx: &mut Cx<'_>, party: &Party, head: &Head) -> Run<()> {
    let pool = &party.pool;
    if !Trigger::PreAuthentication.is_set(pool) {
        return Ok(());
    }
    let told = told(cx, pool, head)?;
    ask_before(cx, party, &head.username, told, false)
}

/// What an event tells of a user.
///
/// # Errors
/// Stops the run until the profile and the aliases are there.
pub(crate) fn told(cx: &mut Cx<'_>, pool: &Pool, head: &Head) -> Run<Object> {
    cx.once(|cx| {
        let profile = cx.get::<Profile>(&keys::profile(&pool.id, &head.sub))?;
        let profile = profile.ok_or_else(|| Stop::torn("the profile of a user"))?;
        let effective = user_type::effective(cx, pool, &head.sub, &profile)?;
        Ok(super::attributes(head, &effective))
    })
}

/// Asks before a name that nobody has is refused, where the client hides that. Whatever the function says, nobody
/// gets in.
///
/// # Errors
/// Refuses where the trigger does; stops the run until it answered.
pub(crate) fn before_nobody(cx: &mut Cx<'_>, party: &Party, typed: &str) -> Run<()> {
    ask_before(cx, party, typed, Object::new(), true)
}

fn ask_before(
    cx: &mut Cx<'_>,
    party: &Party,
    username: &str,
    told: Object,
    nobody: bool,
) -> Run<()> {
    let event = || {
        let mut request = members([
            ("userAttributes", told.into()),
            ("userNotFound", nobody.into()),
        ]);
        request.extend(validation(party));
        Event {
            version: "1",
            source: "PreAuthentication_Authentication".into(),
            request,
            response: Object::new(),
        }
    };
    let about = About::of(party, username);
    ask(cx, about, Trigger::PreAuthentication, event)??;
    Ok(())
}

/// What the client handed over at the beginning of a sign-in.
pub(super) fn validation(party: &Party) -> Object {
    match &party.said {
        Said::Validation(data) => members([("validationData", Value::Object(object(data)))]),
        Said::Nothing | Said::Metadata(_) => Object::new(),
    }
}

/// Asks after a sign-in that has landed, before its tokens are made.
///
/// # Errors
/// Refuses where the trigger does; stops the run until it answered.
pub(crate) fn after(
    cx: &mut Cx<'_>,
    about: About<'_>,
    told: &Object,
    new_device: bool,
) -> Run<Result<(), crate::engine::Refusal>> {
    let event = || Event {
        version: "1",
        source: "PostAuthentication_Authentication".into(),
        request: members([
            ("userAttributes", told.clone().into()),
            ("newDeviceUsed", new_device.into()),
        ]),
        response: Object::new(),
    };
    Ok(ask(cx, about, Trigger::PostAuthentication, event)?.map(drop))
}
