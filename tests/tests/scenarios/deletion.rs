//! Deleting a pool: gone at once, emptied afterwards, whatever fails meanwhile. And messages sent again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use crate::api::{call, ok, pool, refused};
use serde_json::{Value, json};
use userpool::{
    Engine,
    ports::{Change, Expect, Key, Timestamp, Write},
    testing::{Mailbox, TestClock, builder},
};
use userpool_core::model::keys::kind;
use userpool_tests::{
    store::Store,
    unreliable::{Failing, Unreliable},
    world::world,
};

/// A pool with clients and more records of other kinds than one commit can remove.
fn full_pool(engine: &Engine, store: &Store, clients: usize) -> String {
    let id = pool(engine, json!({}));
    for n in 0..clients {
        let body =
            json!({ "UserPoolId": id, "ClientName": format!("c{n}"), "GenerateSecret": true });
        ok(engine, "CreateUserPoolClient", body);
    }
    // Records that a pool of many users has: what they hold does not matter to the job.
    let places = [b'H', b'U', b'N', b'G']
        .into_iter()
        .flat_map(|kind| (0..150_u8).map(move |n| (kind, n)));
    let writes = places.map(|(kind, n)| Write {
        key: record(kind, &id, &[0, n]),
        expect: Expect::Absent,
        change: Change::Put {
            value: vec![1, 0xA0].into(),
            expires: (kind == b'G').then(|| Timestamp::from_millis(1)),
        },
    });
    store.put(writes.collect());
    id
}

fn record(kind: u8, pool: &str, rest: &[u8]) -> Key {
    let of_user = matches!(kind, b'U' | b'G');
    let first = if of_user { b'U' } else { kind };
    let mut key = vec![first, u8::try_from(pool.len()).expect("an id is short")];
    key.extend_from_slice(pool.as_bytes());
    key.extend_from_slice(rest);
    if of_user {
        key.extend_from_slice(&[0; 14]);
        key.push(kind);
    }
    Key::new(key)
}

/// The keys of all records, in order.
fn keys(store: &Store) -> Vec<Key> {
    let records = store.records();
    records.iter().map(|(key, _)| key.clone()).collect()
}

fn upkeep(engine: &Engine) {
    while engine.maintain_blocking().expect("the store works") {}
}

#[test]
fn a_protected_pool_is_not_deleted() {
    let world = world();
    let id = pool(&world.engine, json!({ "DeletionProtection": "ACTIVE" }));
    assert_eq!(
        refused(&world.engine, "DeleteUserPool", json!({ "UserPoolId": id })),
        "InvalidParameterException: The user pool cannot be deleted because deletion protection is activated. \
         Deletion protection must be inactivated first."
    );
    ok(&world.engine, "UpdateUserPool", json!({ "UserPoolId": id }));
    ok(&world.engine, "DeleteUserPool", json!({ "UserPoolId": id }));
}

#[test]
fn a_deleted_pool_is_gone_for_everybody_at_once() {
    let world = world();
    let kept = pool(&world.engine, json!({}));
    let id = pool(&world.engine, json!({}));
    let client = ok(
        &world.engine,
        "CreateUserPoolClient",
        json!({ "UserPoolId": id, "ClientName": "web" }),
    )["UserPoolClient"]["ClientId"]
        .clone();
    let answer = ok(&world.engine, "DeleteUserPool", json!({ "UserPoolId": id }));
    assert_eq!(answer, Value::Null);
    let gone = format!("ResourceNotFoundException: User pool {id} does not exist.");
    for (operation, body) in [
        ("DescribeUserPool", json!({})),
        ("UpdateUserPool", json!({})),
        ("DeleteUserPool", json!({})),
        ("CreateUserPoolClient", json!({ "ClientName": "web" })),
        ("ListUserPoolClients", json!({})),
        ("DescribeUserPoolClient", json!({ "ClientId": client })),
    ] {
        let mut body = body;
        body["UserPoolId"] = json!(id);
        assert_eq!(refused(&world.engine, operation, body), gone, "{operation}");
    }
    let listed = ok(&world.engine, "ListUserPools", json!({ "MaxResults": 60 }));
    let ids: Vec<&Value> = listed["UserPools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["Id"])
        .collect();
    assert_eq!(ids, [&json!(kept)]);
    let signed_up = json!({ "ClientId": client, "Username": "jane", "Password": "Passw0rd!" });
    assert_eq!(
        refused(&world.engine, "SignUp", signed_up),
        format!(
            "ResourceNotFoundException: User pool client {} does not exist.",
            client.as_str().unwrap()
        )
    );
    let revoked = json!({ "ClientId": client, "Token": "any" });
    let refusal = refused(&world.engine, "RevokeToken", revoked);
    assert!(refusal.starts_with("UnauthorizedException: "), "{refusal}");
}

#[test]
fn a_deleted_pool_is_emptied_and_nothing_else_is() {
    let world = world();
    full_pool(&world.engine, &world.store, 70);
    let kept = keys(&world.store);
    let id = full_pool(&world.engine, &world.store, 70);
    ok(&world.engine, "DeleteUserPool", json!({ "UserPoolId": id }));
    world.clock.advance(Duration::from_secs(70));
    upkeep(&world.engine);
    // Sweeping took what had ended, in the other pool too.
    let kept: Vec<Key> = kept
        .into_iter()
        .filter(|key| kind(key) != Some(b'G'))
        .collect();
    assert_eq!(keys(&world.store), kept);
}

#[test]
fn the_job_waits_for_requests_that_began_before() {
    let world = world();
    let id = pool(&world.engine, json!({}));
    ok(&world.engine, "DeleteUserPool", json!({ "UserPoolId": id }));
    let before = keys(&world.store);
    world.clock.advance(Duration::from_millis(69_999));
    upkeep(&world.engine);
    assert_eq!(keys(&world.store), before);
    world.clock.advance(Duration::from_millis(1));
    upkeep(&world.engine);
    assert_eq!(keys(&world.store), []);
}

#[test]
fn a_job_whose_time_has_come_is_found_among_many_that_wait() {
    let world = world();
    let first = pool(&world.engine, json!({}));
    ok(
        &world.engine,
        "DeleteUserPool",
        json!({ "UserPoolId": first }),
    );
    world.clock.advance(Duration::from_secs(60));
    for _ in 0..150 {
        let id = pool(&world.engine, json!({}));
        ok(&world.engine, "DeleteUserPool", json!({ "UserPoolId": id }));
    }
    world.clock.advance(Duration::from_secs(10));
    let before = keys(&world.store).len();
    upkeep(&world.engine);
    assert!(keys(&world.store).len() < before);
}

#[test]
fn a_long_deletion_lets_others_have_their_turns() {
    let world = world();
    let large = full_pool(&world.engine, &world.store, 20);
    let other = pool(&world.engine, json!({}));
    let group = json!({ "UserPoolId": other, "GroupName": "all" });
    let member = json!({ "UserPoolId": other, "GroupName": "all", "Username": "ada" });
    let user = json!({ "UserPoolId": other, "Username": "ada" });
    ok(&world.engine, "CreateGroup", group.clone());
    ok(&world.engine, "AdminCreateUser", user);
    ok(&world.engine, "AdminAddUserToGroup", member);
    let members = || {
        keys(&world.store)
            .iter()
            .filter(|key| kind(key) == Some(b'q'))
            .count()
    };
    let of_large = || {
        let of = |key: &&Key| {
            key.as_bytes()
                .windows(large.len())
                .any(|part| part == large.as_bytes())
        };
        keys(&world.store).iter().filter(of).count()
    };
    ok(
        &world.engine,
        "DeleteUserPool",
        json!({ "UserPoolId": large }),
    );
    world.clock.advance(Duration::from_secs(71));
    let round = || world.engine.maintain_blocking().expect("the store works");
    assert!(round());

    world.clock.advance(Duration::from_millis(1));
    ok(&world.engine, "DeleteGroup", group);
    world.clock.advance(Duration::from_millis(1));
    assert_eq!((members(), round()), (1, true));

    assert_eq!(members(), 0);
    assert!(of_large() > 100);
}

#[test]
fn what_was_written_behind_the_job_is_found_by_its_next_pass() {
    let world = world();
    let id = full_pool(&world.engine, &world.store, 70);
    ok(&world.engine, "DeleteUserPool", json!({ "UserPoolId": id }));
    world.clock.advance(Duration::from_secs(70));
    assert!(world.engine.maintain_blocking().unwrap());
    let late = Write {
        key: record(b'c', &id, b"late"),
        expect: Expect::Absent,
        change: Change::Put {
            // A list entry: schema 1, {0: "late", 1: "x"}.
            value: b"\x01\xA2\x00\x64late\x01\x61x".to_vec().into(),
            expires: None,
        },
    };
    world.store.put(vec![late]);
    upkeep(&world.engine);
    assert_eq!(keys(&world.store), []);
}

#[test]
fn a_store_that_fails_at_any_step_leaves_a_job_that_goes_on() {
    for how in [Failing::Before, Failing::After] {
        let store = Unreliable::new(how);
        let clock = TestClock::default();
        let engine = builder(store.clone(), &clock, &Mailbox::default())
            .open()
            .unwrap();
        let mut fails_at = 0;
        loop {
            let id = full_pool(&engine, store.store(), 3);
            store.fail_at(fails_at);
            let mut failures = 0;
            if let Err(error) = call(&engine, "DeleteUserPool", json!({ "UserPoolId": id })) {
                assert_eq!(error.name, "InternalErrorException");
                failures += 1;
                // The pool is whole or gone, never half of it.
                if call(&engine, "DescribeUserPool", json!({ "UserPoolId": id })).is_ok() {
                    ok(&engine, "DeleteUserPool", json!({ "UserPoolId": id }));
                }
            }
            clock.advance(Duration::from_secs(70));
            loop {
                match engine.maintain_blocking() {
                    Ok(false) => break,
                    Ok(true) => {}
                    Err(_) => failures += 1,
                }
            }
            assert_eq!(keys(store.store()).len(), 0, "{how:?} {fails_at}");
            if failures == 0 {
                assert!(fails_at > 10, "{how:?} {fails_at}");
                break;
            }
            fails_at += 1;
        }
    }
}

/// A courier that takes nothing until it is told to.
#[derive(Clone, Default)]
struct Sulking {
    mailbox: Mailbox,
    tries: Arc<AtomicUsize>,
    takes_from: Arc<AtomicUsize>,
}

impl userpool::ports::Courier for Sulking {
    fn deliver(
        &self,
        message: &userpool::ports::Message,
    ) -> Result<(), userpool::ports::CourierFault> {
        let tries = self.tries.fetch_add(1, Ordering::SeqCst);
        if tries < self.takes_from.load(Ordering::SeqCst) {
            return Err(userpool::ports::CourierFault("not now".into()));
        }
        self.mailbox.deliver(message)
    }
}

#[test]
fn a_message_that_was_not_taken_is_sent_again_until_it_is() {
    let (store, clock) = (Store::new(), TestClock::default());
    let courier = Sulking::default();
    courier.takes_from.store(3, Ordering::SeqCst);
    let engine = builder(store.clone(), &clock, &Mailbox::default())
        .courier(courier.clone())
        .open()
        .unwrap();
    let id = pool(&engine, json!({ "AutoVerifiedAttributes": ["email"] }));
    let client = ok(
        &engine,
        "CreateUserPoolClient",
        json!({ "UserPoolId": id, "ClientName": "web" }),
    );
    let signed_up = json!({
        "ClientId": client["UserPoolClient"]["ClientId"],
        "Username": "jane",
        "Password": "Passw0rd!",
        "UserAttributes": [{ "Name": "email", "Value": "jane@example.com" }],
    });
    let refusal = refused(&engine, "SignUp", signed_up);
    assert!(
        refusal.starts_with("CodeDeliveryFailureException"),
        "{refusal}"
    );
    let tries = || courier.tries.load(Ordering::SeqCst);
    assert_eq!(tries(), 1);
    // Half a minute, a minute, two minutes: each pause twice the one before.
    for (pause, expected) in [
        (29, 1),
        (1, 2),
        (59, 2),
        (1, 3),
        (119, 3),
        (1, 4),
        (3_600, 4),
    ] {
        clock.advance(Duration::from_secs(pause));
        upkeep(&engine);
        assert_eq!(tries(), expected, "{pause}");
    }
    let messages = courier.mailbox.messages();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].destination, "jane@example.com");
    assert!(messages[0].body.contains(&messages[0].code));
    assert!(!keys(&store).iter().any(|key| kind(key) == Some(b'M')));
}

#[test]
fn a_message_is_not_tried_after_its_code_has_ended() {
    let (store, clock) = (Store::new(), TestClock::default());
    let courier = Sulking::default();
    courier.takes_from.store(usize::MAX, Ordering::SeqCst);
    let engine = builder(store.clone(), &clock, &Mailbox::default())
        .courier(courier.clone())
        .open()
        .unwrap();
    let id = pool(&engine, json!({ "AutoVerifiedAttributes": ["email"] }));
    let client = ok(
        &engine,
        "CreateUserPoolClient",
        json!({ "UserPoolId": id, "ClientName": "web" }),
    );
    let signed_up = json!({
        "ClientId": client["UserPoolClient"]["ClientId"],
        "Username": "jane",
        "Password": "Passw0rd!",
        "UserAttributes": [{ "Name": "email", "Value": "jane@example.com" }],
    });
    refused(&engine, "SignUp", signed_up);
    clock.advance(Duration::from_secs(24 * 3_600));
    upkeep(&engine);
    assert_eq!(courier.tries.load(Ordering::SeqCst), 1);
    assert!(!keys(&store).iter().any(|key| kind(key) == Some(b'M')));
}
