//! An engine serves a store only with the root keys that the store was made with.

use serde_json::json;
use userpool::{
    Engine, KeyId, RootKeys, SealKey, SecretArray, SystemEntropy,
    testing::{self, Mailbox, TestClock},
};
use userpool_core::model::keys::kind;
use userpool_core::moving::moves;
use userpool_tests::{pool::PASSWORD, scene::Scene, store::Store, world::World};

fn engine(store: &Store, keys: RootKeys) -> Engine {
    Engine::builder(store.clone(), keys)
        .clock(TestClock::default())
        .courier(Mailbox::default())
        .open()
        .expect("threads start")
}

fn other_keys(id: &str, byte: u8) -> RootKeys {
    RootKeys::new(key(id, byte))
}

fn key(id: &str, byte: u8) -> SealKey {
    let id = KeyId::parse(id).expect("the name of a key");
    SealKey::new(id, SecretArray::new([byte; 32]))
}

/// The first key seals, the others open.
fn ring<const N: usize>(keys: [(&str, u8); N]) -> RootKeys {
    let mut keys = keys.into_iter().map(|(id, byte)| key(id, byte));
    let newest = RootKeys::new(keys.next().expect("a key"));
    keys.fold(newest, |ring, key| {
        ring.with_older(key).expect("another name")
    })
}

#[test]
fn a_node_without_a_key_that_another_seals_with_is_not_ready() {
    let store = Store::new();
    let proven = |keys| engine(&store, keys).prove_root_keys_blocking().is_ok();
    let (old, both) = (("1", 1), [("2", 2), ("1", 1)]);
    assert!(proven(ring([old])));
    // Known, but not the one that seals yet: the others need not have it.
    assert!(proven(ring([old, ("2", 2)])));
    assert!(proven(ring([old])));

    assert!(proven(ring(both)));

    assert!(!proven(ring([old])), "what was sealed under 2 stays shut");
    assert!(
        !proven(ring([("2", 2)])),
        "what was sealed under 1 stays shut"
    );
    assert!(
        !proven(ring([("2", 3), old])),
        "another key of the same name"
    );
    assert!(proven(ring(both)));
    assert!(proven(ring([old, ("2", 2)])));
    assert!(proven(ring([("3", 3), ("2", 2), old])));
    assert!(!proven(ring(both)));
}

#[test]
fn other_keys_than_those_of_the_store_are_refused() {
    let store = Store::new();
    assert!(
        engine(&store, testing::root_keys())
            .prove_root_keys_blocking()
            .is_ok()
    );
    assert!(
        engine(&store, testing::root_keys())
            .prove_root_keys_blocking()
            .is_ok()
    );

    assert!(
        engine(&store, other_keys("other", 7))
            .prove_root_keys_blocking()
            .is_err()
    );
    assert!(
        engine(&store, other_keys("test", 8))
            .prove_root_keys_blocking()
            .is_err()
    );
}

/// How a value begins that is sealed under the key of tests.
const SEALED_OLD: &[u8] = b"\x01\x04test";

/// The same world under other root keys.
fn under(scene: &Scene, keys: RootKeys) -> Scene {
    let World {
        store,
        clock,
        mailbox,
        ..
    } = &scene.world;
    let builder = testing::builder_under(keys, store.clone(), clock, mailbox);
    let mut scene = scene.clone();
    // Other seeds than those that the store has seen: the tokens of commits are drawn from them.
    scene.world.engine = builder
        .entropy(SystemEntropy)
        .open()
        .expect("threads start");
    scene
}

#[test]
fn after_resealing_a_store_needs_the_older_key_no_more() {
    let mut scene = Scene::with_pool();
    scene
        .world
        .engine
        .prove_root_keys_blocking()
        .expect("a new store");
    scene.factors("OPTIONAL");
    for number in 0..40 {
        scene.user(&format!("user{number}"));
    }
    // Draws a key of secret blocks, which seals for minutes from now on.
    scene
        .stage()
        .srp_sign_in("user7", PASSWORD)
        .expect("a sign-in");
    scene.sign_in("user7");
    scene.software_token();
    scene.prefer(
        "user7",
        json!({"SoftwareTokenMfaSettings": {"Enabled": true}}),
    );
    scene.client_of(json!({"GenerateSecret": true}));
    scene.call("GetUser", json!({"AccessToken": scene.fact("access")}));
    let old = || {
        scene
            .world
            .store
            .records()
            .iter()
            .filter(|(key, entry)| {
                (kind(key) == Some(b'B') || kind(key).and_then(moves) == Some(true))
                    && entry
                        .value
                        .windows(SEALED_OLD.len())
                        .any(|part| part == SEALED_OLD)
            })
            .count()
    };
    let before = old();
    assert!(before > 42, "{before}");
    let both = RootKeys::new(key("new", 2)).with_older(testing::root_keys().current().clone());

    let both = under(&scene, both.expect("two names")).world.engine;
    let mut told = Vec::new();
    let done = both.reseal_blocking(|at| told.push(at)).expect("to reseal");

    assert_eq!((done.sealed, old()), (before as u64, 0));
    assert_eq!(told.last(), Some(&done));
    assert_eq!(both.reseal_blocking(|_| {}).expect("again").sealed, 0);
    let alone = under(&scene, other_keys("new", 2));
    alone
        .world
        .engine
        .prove_root_keys_blocking()
        .expect("the key of the store");
    alone
        .stage()
        .srp_sign_in("user39", PASSWORD)
        .expect("a sign-in");
    alone.call("GetUser", json!({"AccessToken": scene.fact("access")}));
    let challenge = alone.challenge("user7");
    assert_eq!(challenge["ChallengeName"], "SOFTWARE_TOKEN_MFA");
    alone.advance(30);
    let code = json!({"SOFTWARE_TOKEN_MFA_CODE": alone.totp(0)});
    alone.answered(&challenge, "user7", code);
}

#[test]
fn new_signing_keys_are_published_before_they_sign() {
    let mut scene = Scene::with_pool();
    scene.user("jane");
    scene.sign_in("jane");
    let engine = &scene.world.engine;
    let names = engine
        .renew_signing_keys_blocking(&scene.pool)
        .expect("new keys");
    assert_eq!(names.len(), 2);
    assert!(
        engine.renew_signing_keys_blocking(&scene.pool).is_err(),
        "one after the other"
    );
    let signed_by = |token: &str| {
        let head = token.split('.').next().expect("a head");
        let head = userpool_crypto::base64::decode_url(head).expect("base64");
        let head: serde_json::Value = serde_json::from_slice(&head).expect("JSON");
        head["kid"].as_str().expect("a name").to_owned()
    };
    let first = scene.fact("access").to_owned();
    assert!(!names.contains(&signed_by(&first)));
    scene
        .world
        .clock
        .advance(std::time::Duration::from_secs(3_599));
    scene.sign_in("jane");
    assert!(!names.contains(&signed_by(scene.fact("access"))));
    scene.world.clock.advance(std::time::Duration::from_secs(1));
    scene.sign_in("jane");
    assert!(names.contains(&signed_by(scene.fact("access"))));
}

#[test]
fn while_signing_keys_change_each_node_accepts_what_the_other_gave_out() {
    let one = Scene::with_pool();
    one.user("jane");
    let mut nodes = [under(&one, testing::root_keys()), one];
    let clock = nodes[0].world.clock.clone();
    let seconds = std::time::Duration::from_secs;
    let mut given = tokens(&mut nodes);
    let engine = &nodes[0].world.engine;
    let names = engine.renew_signing_keys_blocking(&nodes[0].pool);
    assert_eq!(names.expect("new keys").len(), 2);
    given.extend(tokens(&mut nodes));
    clock.advance(seconds(3_599));
    given.extend(tokens(&mut nodes));
    accepted(&nodes, &given);

    // Those of an hour ago run out now, and the newer keys sign.
    clock.advance(seconds(1));
    given.drain(..4);
    given.extend(tokens(&mut nodes));
    accepted(&nodes, &given);
}

/// A token that each node gives out now.
fn tokens(nodes: &mut [Scene; 2]) -> Vec<String> {
    let signed_in = |node: &mut Scene| {
        node.sign_in("jane");
        node.fact("access").to_owned()
    };
    nodes.iter_mut().map(signed_in).collect()
}

/// Every node knows whose these are.
fn accepted(nodes: &[Scene; 2], tokens: &[String]) {
    for (node, token) in nodes
        .iter()
        .flat_map(|node| tokens.iter().map(move |it| (node, it)))
    {
        node.call("GetUser", json!({ "AccessToken": token }));
    }
}
