//! Moving a pool to another store: who was in it signs in there, whatever broke off on the way, and no file but a whole one is
//! taken.

use std::{collections::BTreeSet, io::Cursor};

use serde_json::json;
use userpool::{
    Engine, KeyId, RootKeys, SealKey, SecretArray,
    moving::ExportKey,
    testing::{self, Mailbox, TestClock},
    wire::idp::{CreateUserPoolClientRequest, CreateUserPoolRequest},
};
use userpool_core::model::keys;
use userpool_ports::{Change, Expect, Key, Storage, Write};
use userpool_redb::RedbStore;
use userpool_tests::{
    folder::Folder,
    ledger::moved::move_pools,
    pool::PASSWORD,
    scene::Scene,
    store::Store,
    unreliable::{Failing, Unreliable},
    world::World,
};

/// A pool with a user of every sort, a client with a secret, a group and a domain.
fn rich() -> Scene {
    let mut scene = Scene::with_pool();
    scene.factors("OPTIONAL");
    for name in ["jane", "joe", "ann"] {
        scene.user(name);
    }
    // So many that an import takes several commits.
    for n in 0..8 {
        scene.sign_up(&format!("user{n}"));
    }
    scene.sign_in("jane");
    scene.software_token();
    scene.prefer(
        "jane",
        json!({"SoftwareTokenMfaSettings": {"Enabled": true, "PreferredMfa": true}}),
    );
    scene.sign_in("joe");
    scene.call(
        "CreateGroup",
        json!({"UserPoolId": scene.pool, "GroupName": "staff", "Precedence": 3}),
    );
    scene.call(
        "AdminAddUserToGroup",
        json!({"UserPoolId": scene.pool, "Username": "joe", "GroupName": "staff"}),
    );
    scene.admin("AdminDisableUser", "ann");
    scene.call(
        "CreateUserPoolDomain",
        json!({"UserPoolId": scene.pool, "Domain": "moving"}),
    );
    scene.client_of(json!({"GenerateSecret": true}));
    for _ in 0..3 {
        drop(scene.try_call(
            "InitiateAuth",
            &json!({"ClientId": scene.hiding, "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": {"USERNAME": "nobody", "PASSWORD": "wrong"}}),
        ));
    }
    // What federation and an import of users leave behind: that they move is shown by their keys.
    let used = keys::used_assertion(&scene.pool, "partner", "id");
    let report = keys::import_report(&scene.pool, "import-1", 0);
    put(&scene.world.store, used, vec![1, 0xA0]);
    put(&scene.world.store, report, vec![1, 0xA1, 0, 0x41, 7]);
    scene
}

fn put(store: &Store, key: Key, value: Vec<u8>) {
    store.put(vec![Write {
        key,
        expect: Expect::Absent,
        change: Change::Put {
            value: value.into(),
            expires: None,
        },
    }]);
}

fn exported(scene: &Scene, key: &ExportKey) -> Vec<u8> {
    let mut file = Vec::new();
    let told = scene
        .world
        .engine
        .export_pool_blocking(&scene.pool, key, &mut file, |_| {});
    assert_eq!(told.expect("an export").name, "stage");
    file
}

/// An engine under root keys that seal by another key than those of tests.
fn elsewhere(storage: impl Storage + Send + Sync + 'static, clock: &TestClock) -> Engine {
    let id = KeyId::parse("elsewhere").expect("a name");
    let keys = RootKeys::new(SealKey::new(id, SecretArray::new([9; 32])));
    let builder = testing::builder_under(keys, storage, clock, &Mailbox::default());
    builder.open().expect("threads start")
}

fn import(engine: &Engine, key: &ExportKey, file: &[u8]) -> Result<u64, String> {
    let moved = engine.import_pool_blocking(key, &mut Cursor::new(file), |_| {});
    moved.map(|it| it.records).map_err(|it| it.to_string())
}

/// The keys of all records of a store.
fn keys_of(store: &Store) -> BTreeSet<Vec<u8>> {
    store
        .records()
        .iter()
        .map(|(key, _)| key.as_bytes().to_vec())
        .collect()
}

#[test]
fn whoever_was_in_a_pool_signs_in_at_the_other_store() {
    let scene = rich();
    let (access, refresh) = (
        scene.fact("access").to_owned(),
        scene.fact("refresh").to_owned(),
    );
    let there = move_pools(&scene).expect("a move");
    for kind in [b'F', b'x', b'&'] {
        let store = there.records();
        assert!(
            store.iter().any(|(key, _)| keys::kind(key) == Some(kind)),
            "{}",
            char::from(kind)
        );
    }
    let user = there.call("GetUser", json!({"AccessToken": access}));
    let before = scene.call("GetUser", json!({"AccessToken": access}));
    assert_eq!(user, before, "an access token is as good as before");
    let again = json!({"ClientId": there.client, "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": {"REFRESH_TOKEN": refresh}});
    there.call("InitiateAuth", again);
    there
        .stage()
        .srp_sign_in("joe", PASSWORD)
        .expect("the password of before");
    assert!(there.stage().srp_sign_in("joe", "Wrong-horse-9").is_err());
    let challenge = there.challenge("jane");
    assert_eq!(challenge["ChallengeName"], "SOFTWARE_TOKEN_MFA");
    there.answered(
        &challenge,
        "jane",
        json!({"SOFTWARE_TOKEN_MFA_CODE": there.totp(0)}),
    );
    let groups = there.admin("AdminListGroupsForUser", "joe");
    assert_eq!(groups, scene.admin("AdminListGroupsForUser", "joe"));
    for name in ["jane", "joe", "ann"] {
        let shown = there.admin("AdminGetUser", name);
        let before = scene.admin("AdminGetUser", name);
        assert_eq!(shown["UserAttributes"], before["UserAttributes"], "{name}");
        assert_eq!(shown["UserCreateDate"], before["UserCreateDate"], "{name}");
        assert_eq!(shown["Enabled"], before["Enabled"], "{name}");
    }
    let clients = |scene: &Scene| {
        scene.call(
            "ListUserPoolClients",
            json!({"UserPoolId": scene.pool, "MaxResults": 10}),
        )
    };
    assert_eq!(clients(&there), clients(&scene));
    let domain = there.call("DescribeUserPoolDomain", json!({"Domain": "moving"}));
    assert_eq!(domain["DomainDescription"]["UserPoolId"], json!(there.pool));
}

#[test]
fn an_import_that_broke_off_goes_on_where_it_was() {
    let scene = rich();
    let key = ExportKey::draw();
    let file = exported(&scene, &key);
    let whole = Unreliable::new(Failing::Before);
    let records = import(&elsewhere(whole.clone(), &scene.world.clock), &key, &file);
    let records = records.expect("an import");
    for how in [Failing::Before, Failing::After] {
        let mut ended = false;
        for visit in 0.. {
            let store = Unreliable::new(how);
            let engine = elsewhere(store.clone(), &scene.world.clock);
            store.fail_at(visit);
            let first = import(&engine, &key, &file);
            store.fail_at(usize::MAX);
            if first.is_ok() {
                ended = true;
                break;
            }
            let pool = keys::pool(&scene.pool);
            let is_there = store.store().entry(&pool).is_some();
            let again = import(&engine, &key, &file);
            let over = format!("This store has a pool {} already.", scene.pool);
            match (is_there, again) {
                (_, Ok(again)) => assert_eq!(again, records, "{how:?} {visit}"),
                // The last commit landed, and nobody learned of it.
                (true, Err(told)) => assert_eq!(told, over, "{how:?} {visit}"),
                (false, Err(told)) => panic!("{how:?} {visit}: {told}"),
            }
            assert_eq!(
                keys_of(store.store()),
                keys_of(whole.store()),
                "{how:?} {visit}"
            );
        }
        assert!(ended);
    }
}

#[test]
fn what_is_no_whole_export_changes_nothing() {
    let scene = rich();
    let key = ExportKey::draw();
    let file = exported(&scene, &key);
    let text = String::from_utf8(file).expect("lines of JSON");
    let lines: Vec<&str> = text.lines().collect();
    let torn = lines[..lines.len() - 1].join("\n") + "\n";
    let newer = text.replace("\"version\":1", "\"version\":9");
    let changed = text.replacen("\"kind\":\"c\",", "\"kind\":\"c\", ", 1);
    let store = Store::new();
    let engine = elsewhere(store.clone(), &scene.world.clock);
    for (file, why) in [
        (torn.as_str(), "the export is torn"),
        (&text[..text.len() / 2], "the export is torn"),
        (newer.as_str(), "version 9 of the format"),
        (changed.as_str(), "was changed since it was written"),
        ("username,email\n", "the file is no export of a user pool"),
    ] {
        let told = import(&engine, &key, file.as_bytes()).expect_err(why);
        assert!(told.contains(why), "{told}");
    }
    let told = import(&engine, &ExportKey::draw(), text.as_bytes()).expect_err("another key");
    assert!(told.contains("sealed under the key"), "{told}");
    assert!(keys_of(&store).is_empty());
}

#[test]
fn no_secret_is_in_the_clear_in_an_export() {
    let scene = rich();
    let key = ExportKey::draw();
    let text = String::from_utf8(exported(&scene, &key)).expect("lines of JSON");
    let test_key = userpool_crypto::base64::encode(b"\x01\x04test");
    // The name of the root key would stand before a value that was left as it was.
    assert!(!text.contains(test_key.trim_end_matches('=')));
    assert!(!text.contains(PASSWORD));
    assert!(!text.contains(scene.fact("secret")));
}

#[test]
fn a_pool_that_is_there_already_is_left_alone() {
    let scene = rich();
    let key = ExportKey::draw();
    let file = exported(&scene, &key);
    let before = scene.records();
    let over = format!("This store has a pool {} already.", scene.pool);
    assert_eq!(import(&scene.world.engine, &key, &file), Err(over));
    assert!(userpool_tests::scene::changed_kinds(&before, &scene.records()).is_empty());
}

#[test]
fn an_import_that_is_given_up_leaves_nothing() {
    let scene = rich();
    let key = ExportKey::draw();
    let (file, other) = (exported(&scene, &key), exported(&scene, &key));
    let store = Unreliable::new(Failing::Before);
    let engine = elsewhere(store.clone(), &scene.world.clock);
    store.fail_at(5);
    assert!(import(&engine, &key, &file).is_err());
    store.fail_at(usize::MAX);
    assert!(!keys_of(store.store()).is_empty());
    let told = import(&engine, &key, &other).expect_err("another export");
    assert!(told.contains("has begun and not ended"), "{told}");
    let nobody = engine
        .discard_import_blocking("us-east-1_nobody")
        .expect_err("no import");
    assert_eq!(
        nobody.to_string(),
        "No import of the pool us-east-1_nobody has begun."
    );
    engine
        .discard_import_blocking(&scene.pool)
        .expect("it is given up");
    while engine.maintain_blocking().expect("upkeep") {}
    assert_eq!(keys_of(store.store()), BTreeSet::new());
    import(&engine, &key, &other).expect("the other one");
}

#[test]
fn an_app_client_of_somebody_else_is_neither_replaced_nor_removed() {
    let scene = rich();
    // So many that their list lands in an earlier commit than they do.
    for _ in 0..64 {
        scene.client_of(json!({}));
    }
    let key = ExportKey::draw();
    let file = exported(&scene, &key);
    let store = Store::new();
    let engine = elsewhere(store.clone(), &scene.world.clock);
    let pool = CreateUserPoolRequest {
        pool_name: "other".into(),
        ..Default::default()
    };
    let client = CreateUserPoolClientRequest {
        user_pool_id: "us-east-1_other".into(),
        client_name: "other".into(),
        ..Default::default()
    };
    let made = engine.declare_user_pool_blocking("us-east-1_other", &pool);
    made.expect("a pool");
    let made = engine.declare_user_pool_client_blocking(&scene.client, &client);
    made.expect("a client");
    let before = keys_of(&store);
    let told = import(&engine, &key, &file).expect_err("the client is there");
    assert_eq!(
        told,
        format!("This store has an app client {} already.", scene.client)
    );
    assert!(keys_of(&store).len() > before.len());
    engine
        .discard_import_blocking(&scene.pool)
        .expect("it is given up");
    while engine.maintain_blocking().expect("upkeep") {}
    assert_eq!(keys_of(&store), before);
}

#[test]
fn a_pool_goes_from_one_file_of_the_embedded_store_to_another() {
    let folder = Folder::new("moving");
    let scene = rich();
    let World { clock, .. } = &scene.world;
    let key = ExportKey::draw();
    let file = exported(&scene, &key);
    let first = elsewhere(
        RedbStore::open(folder.path().join("first")).expect("a store"),
        clock,
    );
    import(&first, &key, &file).expect("an import");
    let mut again = Vec::new();
    let moved = first.export_pool_blocking(&scene.pool, &key, &mut again, |_| {});
    let second = RedbStore::open(folder.path().join("second")).expect("a store");
    let ring = testing::root_keys();
    let builder = testing::builder_under(ring, second, clock, &Mailbox::default());
    let engine = builder.open().expect("threads start");
    assert_eq!(
        import(&engine, &key, &again),
        Ok(moved.expect("an export").records)
    );
    let mut there = scene.clone();
    there.world.engine = engine;
    there
        .stage()
        .srp_sign_in("joe", PASSWORD)
        .expect("the password of before");
    let all = there.call("ListUsers", json!({"UserPoolId": there.pool}));
    assert_eq!(
        all,
        scene.call("ListUsers", json!({"UserPoolId": scene.pool}))
    );
}
