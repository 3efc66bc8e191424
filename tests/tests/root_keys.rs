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
    let id = KeyId::parse(id).expect("the name of a key");
    RootKeys::new(SealKey::new(id, SecretArray::new([byte; 32])))
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
