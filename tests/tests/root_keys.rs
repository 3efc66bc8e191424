//! An engine serves a store only with the root keys that the store was made with.

use userpool::{
    Engine, KeyId, RootKeys, SealKey, SecretArray,
    testing::{self, Mailbox, TestClock},
};

fn engine(store: &userpool::Memory, keys: RootKeys) -> Engine {
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
    let store = userpool::Memory::new();
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
    let store = userpool::Memory::new();
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
