//! Who acts for whom (RFC 8693 §4.1, §4.4).

use serde_json::Value;

use crate::{
    engine::{Refusal, RefusalKind},
    ops::triggers::Object,
};

/// The most actors that a token names.
const MOST: usize = 4;
/// What an actor is known by.
const NAMES: [&str; 3] = ["sub", "iss", "client_id"];

/// Somebody who acts.
#[derive(Clone)]
pub(super) struct Actor(Object);

impl Actor {
    /// The actor that these claims are about.
    pub fn of(claims: &Object) -> Self {
        let names = NAMES.iter().filter_map(|name| {
            let value = claims.get(*name).filter(|value| value.is_string())?;
            Some(((*name).into(), value.clone()))
        });
        Self(names.collect())
    }

    /// Whether a subject lets the actor act: it names nobody who may, or this one.
    pub fn may_act(&self, subject: &Object) -> bool {
        let Some(may) = subject.get("may_act") else {
            return true;
        };
        let Some(may) = may.as_object().filter(|may| may.contains_key("sub")) else {
            return false;
        };
        let mut named = may
            .iter()
            .filter(|(name, _)| NAMES.contains(&name.as_str()));
        named.all(|(name, value)| self.0.get(name) == Some(value))
    }
}

/// The claim `act` of a token for a subject: the actor, if there is one, before those that the subject names already.
///
/// # Errors
/// Refuses a subject whose claim is none, and too many actors.
pub(super) fn claim(actor: Option<&Actor>, subject: &Object) -> Result<Option<Value>, Refusal> {
    let before = subject.get("act");
    let mut count = usize::from(actor.is_some());
    let mut next = before;
    while let Some(act) = next {
        if !act.is_object() {
            return Err(refused("The claim act of the subject token is malformed."));
        }
        count += 1;
        if count > MOST {
            return Err(refused("Too many have acted for the subject already."));
        }
        next = act.get("act");
    }
    let Some(Actor(names)) = actor else {
        return Ok(before.cloned());
    };
    let mut act = names.clone();
    if let Some(before) = before {
        act.insert("act".into(), before.clone());
    }
    Ok(Some(act.into()))
}

fn refused(text: &'static str) -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Object {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn the_actor_stands_before_earlier_ones() {
        let actor = Actor::of(&object(json!({"sub": "b", "client_id": "c", "scope": "x"})));
        let subject = object(json!({"sub": "u", "act": {"sub": "a"}}));
        let told = claim(Some(&actor), &subject).unwrap_or_default();
        let expected = json!({"sub": "b", "client_id": "c", "act": {"sub": "a"}});
        assert_eq!(told, Some(expected));
        let kept = claim(None, &subject).unwrap_or_default();
        assert_eq!(kept, Some(json!({"sub": "a"})));
        assert!(claim(None, &object(json!({}))).is_ok_and(|it| it.is_none()));
    }

    #[test]
    fn a_chain_ends() {
        let mut act = json!({"sub": "0"});
        for number in 1..MOST {
            act = json!({"sub": alloc::format!("{number}"), "act": act});
        }
        let subject = object(json!({"act": act}));
        assert!(claim(None, &subject).is_ok());
        let actor = Actor::of(&object(json!({"sub": "one more"})));
        assert!(claim(Some(&actor), &subject).is_err());
        assert!(claim(None, &object(json!({"act": "a"}))).is_err());
    }

    #[test]
    fn who_may_act_is_who_was_named() {
        let actor = Actor::of(&object(json!({"sub": "b", "client_id": "c"})));
        for (may, does) in [
            (json!({}), true),
            (json!({"may_act": {"sub": "b"}}), true),
            (json!({"may_act": {"sub": "b", "client_id": "c"}}), true),
            (json!({"may_act": {"sub": "a"}}), false),
            (json!({"may_act": {"sub": "b", "iss": "https://x"}}), false),
            (json!({"may_act": {}}), false),
            (json!({"may_act": "b"}), false),
        ] {
            assert_eq!(actor.may_act(&object(may.clone())), does, "{may}");
        }
    }
}
