//! Bodies that nobody should send.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::sample::{Dice, valid};
use crate::rule::{Kind, Shape};
use crate::{OPERATIONS, Rejection, Request, identity, idp, parse};

#[test]
fn no_body_causes_a_panic() {
    macro_rules! visit {
        ($request:ty) => {
            for seed in 0..30 {
                let mut dice = Dice::new(seed);
                let mut body = valid(<$request>::OPERATION.input, &mut dice);
                for _ in 0..1 + dice.below(4) {
                    spoil(&mut body, &mut dice);
                }
                let mut text = serde_json::to_vec(&body).unwrap();
                if dice.below(4) == 0 {
                    let at = dice.below(text.len());
                    text[at] = dice.below(256) as u8;
                }
                if let Err(refused) = parse::<$request>(&text) {
                    let message = refused.message();
                    assert!(message.len() < 200_000);
                    assert!(
                        matches!(refused, Rejection::Serialization(_))
                            || message.contains(" detected: Value")
                    );
                }
            }
        };
    }
    for_each_request!(visit);
}

#[test]
fn nulls_and_unknown_members_change_nothing() {
    macro_rules! visit {
        ($request:ty) => {
            for seed in 0..20 {
                let body = valid(<$request>::OPERATION.input, &mut Dice::new(seed));
                let plain = parse::<$request>(&serde_json::to_vec(&body).unwrap());
                let mut noisy = body.clone();
                add_noise(<$request>::OPERATION.input, &mut noisy);
                assert_eq!(
                    parse::<$request>(&serde_json::to_vec(&noisy).unwrap()),
                    plain
                );
                assert!(plain.is_ok());
            }
        };
    }
    for_each_request!(visit);
}

#[test]
fn a_missing_required_member_is_named() {
    for operation in OPERATIONS {
        let Kind::Structure(members) = &operation.input.kind else {
            panic!("requests are structures");
        };
        let refused =
            crate::check::check(operation.input, &json!({}), crate::check::Scope::Everything);
        let required = members.iter().filter(|it| it.required).count();
        match refused {
            Ok(()) => assert_eq!(required, 0, "{}", operation.name),
            Err(refused) => {
                let text = refused.message();
                let plural = if required == 1 { "" } else { "s" };
                assert!(
                    text.starts_with(&alloc::format!(
                        "{required} validation error{plural} detected: Value"
                    )),
                    "{text}"
                );
                assert_eq!(
                    text.matches("failed to satisfy constraint: Member must not be null")
                        .count(),
                    required
                );
            }
        }
    }
}

/// Replaces or adds something at a random place.
fn spoil(value: &mut Value, dice: &mut Dice) {
    match value {
        Value::Object(object) if !object.is_empty() && dice.below(5) > 0 => {
            let keys: Vec<String> = object.keys().cloned().collect();
            let key = dice.pick(&keys);
            match dice.below(6) {
                0 => drop(object.remove(key)),
                1 => drop(object.insert(
                    (0..dice.below(5)).map(|_| dice.character()).collect(),
                    json!([[{}]]),
                )),
                _ => spoil(object.get_mut(key).unwrap(), dice),
            }
        }
        Value::Array(items) if !items.is_empty() && dice.below(5) > 0 => {
            let at = dice.below(items.len());
            spoil(&mut items[at], dice);
        }
        other => {
            *other = match dice.below(12) {
                0 => Value::Null,
                1 => json!(dice.below(2) == 0),
                2 => json!(-(dice.below(1 << 31) as i64) * 5),
                3 => json!(0.5),
                4 => json!(u64::MAX),
                5 => json!(1e300),
                6 => json!(
                    (0..dice.below(40))
                        .map(|_| dice.character())
                        .collect::<String>()
                ),
                7 => json!("x".repeat(131_073)),
                8 => json!(vec![json!("y"); dice.below(300)]),
                9 => json!({ "": { "": null } }),
                10 => json!([null, {}, [], ""]),
                _ => json!(""),
            }
        }
    }
}

/// Adds members that the model does not have, and nulls.
fn add_noise(shape: &Shape, value: &mut Value) {
    match (&shape.kind, value) {
        (Kind::Structure(members), Value::Object(object)) => {
            for member in *members {
                match object.get_mut(member.name) {
                    Some(inner) => add_noise(member.shape, inner),
                    None => drop(object.insert(member.name.into(), Value::Null)),
                }
            }
            object.insert("unknown".into(), json!({ "a": [1] }));
        }
        (Kind::List { item, .. }, Value::Array(items)) => {
            items.iter_mut().for_each(|value| add_noise(item, value));
            items.insert(0, Value::Null);
        }
        (Kind::Map { value: inner, .. }, Value::Object(object)) => {
            object
                .values_mut()
                .for_each(|value| add_noise(inner, value));
            object.insert("absent".into(), Value::Null);
        }
        _ => {}
    }
}
