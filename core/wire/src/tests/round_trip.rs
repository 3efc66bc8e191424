//! Every shape, both ways.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::sample::{Dice, valid};
use crate::check::{Scope, check};
use crate::{OPERATIONS, Request, Service, identity, idp, parse, parse_reply, render};

#[test]
fn every_operation_is_in_the_table() {
    let count = |service| OPERATIONS.iter().filter(|it| it.service == service).count();
    assert_eq!(count(Service::UserPools), 141);
    assert_eq!(count(Service::IdentityPools), 23);
    assert_eq!(
        OPERATIONS.iter().filter(|it| !it.has_output).count(),
        13 + 4
    );
}

#[test]
fn each_request_type_names_its_own_operation() {
    let mut names = Vec::new();
    macro_rules! visit {
        ($request:ty) => {
            names.push((<$request>::OPERATION.service, <$request>::OPERATION.name))
        };
    }
    for_each_request!(visit);
    let table: Vec<_> = OPERATIONS.iter().map(|it| (it.service, it.name)).collect();
    assert_eq!(names, table);
    assert!(table.is_sorted());
}

#[test]
fn requests_survive_reading_and_writing() {
    macro_rules! visit {
        ($request:ty) => {
            for seed in 0..15 {
                let spec = <$request>::OPERATION;
                let body = valid(spec.input, &mut Dice::new(seed));
                let text = serde_json::to_vec(&body).unwrap();
                let request = parse::<$request>(&text)
                    .map_err(|it| String::from(it.message()))
                    .expect(spec.name);
                let written: Value =
                    serde_json::from_str(&crate::Encode::to_json(&request)).expect(spec.name);
                assert!(
                    same(&written, &body),
                    "{}: {written} is not {body}",
                    spec.name
                );
                assert_eq!(
                    parse::<$request>(&serde_json::to_vec(&written).unwrap()),
                    Ok(request)
                );
            }
        };
    }
    for_each_request!(visit);
}

#[test]
fn replies_survive_reading_and_writing() {
    macro_rules! visit {
        ($request:ty) => {
            for seed in 0..15 {
                let spec = <$request>::OPERATION;
                let Some(output) = spec.output else {
                    assert_eq!(
                        render::<$request>(&parse_reply::<$request>(b"").unwrap()),
                        ""
                    );
                    continue;
                };
                let body = valid(output, &mut Dice::new(seed));
                check(output, &body, Scope::Everything).expect(spec.name);
                let reply =
                    parse_reply::<$request>(&serde_json::to_vec(&body).unwrap()).expect(spec.name);
                let written: Value =
                    serde_json::from_str(&render::<$request>(&reply)).expect(spec.name);
                assert!(
                    same(&written, &body),
                    "{}: {written} is not {body}",
                    spec.name
                );
            }
        };
    }
    for_each_request!(visit);
}

/// Whether two values are equal, with numbers compared by value: `1.0` is written as `1`.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}
