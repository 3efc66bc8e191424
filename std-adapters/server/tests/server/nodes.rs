//! Nodes over one database: what is needed to begin, what they share, and how one gets there from the embedded store.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use userpool_tests::folder::Folder;
use userpool_tests::postgres::{self, Schema};

use crate::running::{self, Server, fails, succeeds};

const KEYS: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER_KEYS: &str = "k1:HwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const DECLARED: &str = "\
[[pools]]
id = \"us-east-1_Example01\"
[[pools.clients]]
id = \"1example23456789\"
settings = { ExplicitAuthFlows = [\"ALLOW_USER_PASSWORD_AUTH\", \"ALLOW_REFRESH_TOKEN_AUTH\"] }
[[pools.users]]
username = \"jane\"
password = \"correct-Horse-7\"
";

/// The program, for a node with a data folder of its own.
fn command(folder: &Folder, node: &str, arguments: &[&str]) -> Command {
    let mut command = running::command(&folder.path().join(node));
    command.env("USERPOOL_ROOT_KEYS", KEYS).args(arguments);
    command
}

/// Signs in with a password; the whole answer.
fn sign_in(node: &Server, password: &str) -> String {
    node.call(
        "InitiateAuth",
        &format!(
            "{{\"ClientId\": \"1example23456789\", \"AuthFlow\": \"USER_PASSWORD_AUTH\", \
             \"AuthParameters\": {{\"USERNAME\": \"jane\", \"PASSWORD\": \"{password}\"}}}}"
        ),
    )
}

fn declared(folder: &Folder) -> PathBuf {
    let path = folder.path().join("declared.toml");
    fs::write(&path, DECLARED).unwrap();
    path
}

#[test]
fn what_one_node_makes_another_serves_and_counts() {
    let (folder, schema) = (Folder::new("nodes"), Schema::new(""));
    let store = schema.url(schema.port());
    let declared = declared(&folder);
    let with = ["--store", &store, "--config", declared.to_str().unwrap()];
    let one = Server::start(command(&folder, "one", &with));
    let two = Server::start(command(&folder, "two", &["--store", &store]));
    assert!(one.is_ready() && two.is_ready());
    for node in [&one, &two] {
        assert!(sign_in(node, "correct-Horse-7").contains("AccessToken"));
    }
    // Five wrong passwords lock, whichever node is asked.
    for node in [&one, &two, &one, &two, &one, &two] {
        assert!(sign_in(node, "wrong").contains("NotAuthorizedException"));
    }
    for node in [&one, &two] {
        let answer = sign_in(node, "correct-Horse-7");
        assert!(answer.contains("Password attempts exceeded"), "{answer}");
    }
    one.stop();
    two.stop();
}

#[test]
fn no_root_keys_are_made_for_a_store_that_nodes_share() {
    let (folder, schema) = (Folder::new("nodes-keys"), Schema::new(""));
    let store = schema.url(schema.port());
    let mut without = command(&folder, "one", &["--store", &store]);
    without.env_remove("USERPOOL_ROOT_KEYS");
    let error = fails(without);
    assert!(error.contains("needs USERPOOL_ROOT_KEYS"), "{error}");
    assert!(!folder.path().join("one").join("root-keys").exists());

    Server::start(command(&folder, "one", &["--store", &store])).stop();
    let mut other = command(&folder, "two", &["--store", &store]);
    other.env("USERPOOL_ROOT_KEYS", OTHER_KEYS);
    let error = fails(other);
    assert!(error.contains("not those of the store"), "{error}");
}

#[test]
fn a_database_that_cannot_be_reached_is_told_without_its_password() {
    let (folder, schema) = (Folder::new("nodes-unreached"), Schema::new(""));
    let store = format!("postgres://me:hunter2@127.0.0.1:{}/nowhere", schema.port());
    let mut command = command(&folder, "one", &["--store", &store]);
    command.env("USERPOOL_STORE_PASSWORD", "hunter2");
    let error = fails(command);
    assert!(error.contains("the store in PostgreSQL"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn an_embedded_store_moves_into_a_database_and_back() {
    let (folder, schema) = (Folder::new("nodes-migrate"), Schema::new(""));
    let store = schema.url(schema.port());
    let declared = declared(&folder);
    let with = ["--config", declared.to_str().unwrap()];
    let embedded = Server::start(command(&folder, "old", &with));
    assert!(sign_in(&embedded, "correct-Horse-7").contains("AccessToken"));
    let migrate = ["migrate", "--from", "redb", "--to", &store];
    embedded.stop();

    let told = succeeds(command(&folder, "old", &migrate));
    assert!(told.contains("are the same in both"), "{told}");
    let error = fails(command(&folder, "old", &migrate));
    assert!(error.contains("not empty"), "{error}");
    let node = Server::start(command(&folder, "new", &["--store", &store]));
    assert!(sign_in(&node, "correct-Horse-7").contains("AccessToken"));
    assert!(sign_in(&node, "wrong").contains("NotAuthorizedException"));
    node.stop();

    let back = ["migrate", "--from", &store, "--to", "redb"];
    succeeds(command(&folder, "back", &back));
    let embedded = Server::start(command(&folder, "back", &[]));
    assert!(sign_in(&embedded, "correct-Horse-7").contains("AccessToken"));
    embedded.stop();
}

#[test]
fn a_pool_is_exported_from_a_standby_while_nodes_go_on() {
    let folder = Folder::new("nodes-standby");
    let primary = postgres::Server::start(&[]);
    let at = |port: u16, more: &str| format!("postgres://postgres@127.0.0.1:{port}/postgres{more}");
    let declared = declared(&folder);
    let store = at(primary.port(), "");
    let with = ["--store", &store, "--config", declared.to_str().unwrap()];
    let node = Server::start(command(&folder, "one", &with));
    let standby = postgres::Server::start(&[&format!("standby-of={}", primary.port())]);

    let (file, key) = (folder.path().join("pool"), folder.path().join("key"));
    let export = |store: &str| {
        let mut command = command(&folder, "two", &["--store", store, "export"]);
        command.arg("us-east-1_Example01").arg("--file").arg(&file);
        command.arg("--key-file").arg(&key);
        command
    };
    let error = fails(export(&at(standby.port(), "")));
    assert!(error.contains("takes no writes"), "{error}");
    let reading = at(standby.port(), "?target_session_attrs=any");
    succeeds(export(&reading));
    assert!(sign_in(&node, "correct-Horse-7").contains("AccessToken"));
    // What is only read is not served, and no store is copied that may lag behind.
    let error = fails(command(&folder, "two", &["--store", &reading]));
    assert!(error.contains("userpool export"), "{error}");
    let migrate = ["migrate", "--from", &reading, "--to", "redb"];
    let error = fails(command(&folder, "three", &migrate));
    assert!(error.contains("lag behind"), "{error}");

    let mut import = command(&folder, "new", &["import"]);
    import.arg("--file").arg(&file).arg("--key-file").arg(&key);
    succeeds(import);
    let moved = Server::start(command(&folder, "new", &[]));
    assert!(sign_in(&moved, "correct-Horse-7").contains("AccessToken"));
}

/// Signs users up until told to stop, through whatever serves; the names of those whose sign-up was acknowledged.
fn sign_ups(server: &Server, prefix: &str, stop: &AtomicBool) -> Vec<String> {
    let mut signed_up = Vec::new();
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let name = format!("{prefix}{number}");
        let body = format!(
            "{{\"ClientId\": \"1example23456789\", \"Username\": \"{name}\", \"Password\": \"correct-Horse-7\"}}"
        );
        let told = server.try_call("SignUp", &body);
        if told.is_some_and(|told| told.contains("UserSub")) {
            signed_up.push(name);
        }
    }
    signed_up
}

/// Tells clients to stop when it is dropped.
struct Stopping<'a>(&'a AtomicBool);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn an_embedded_store_moves_while_it_is_served() {
    let (folder, schema) = (Folder::new("nodes-live"), Schema::new(""));
    let store = schema.url(schema.port());
    let declared = declared(&folder);
    let old = Server::start(command(
        &folder,
        "old",
        &["--config", declared.to_str().unwrap()],
    ));
    let migrate = ["migrate", "--from", "redb", "--to", &store];
    let stop = AtomicBool::new(false);
    let signed_up: Vec<String> = thread::scope(|scope| {
        let clients = ["a", "b"].map(|prefix| {
            let (old, stop) = (&old, &stop);
            scope.spawn(move || sign_ups(old, prefix, stop))
        });
        // However this ends: the clients would go on for good.
        let stopping = Stopping(&stop);
        // A first attempt is killed before it can be through, and harms nobody.
        let mut first = command(&folder, "old", &migrate).spawn().unwrap();
        thread::sleep(Duration::from_millis(10));
        let _ = first.kill();
        first.wait().unwrap();
        assert!(sign_in(&old, "correct-Horse-7").contains("AccessToken"));

        let told = succeeds(command(&folder, "old", &migrate));
        assert!(told.contains("what changed meanwhile"), "{told}");
        drop(stopping);
        clients.map(|client| client.join().unwrap()).concat()
    });
    assert!(old.ended().success());
    let error = fails(command(&folder, "old", &[]));
    assert!(error.contains("has moved into another one"), "{error}");
    let error = fails(command(&folder, "old", &migrate));
    assert!(error.contains("has moved into another one"), "{error}");

    let node = Server::start(command(&folder, "new", &["--store", &store]));
    assert!(sign_in(&node, "correct-Horse-7").contains("AccessToken"));
    assert!(signed_up.len() > 2, "{signed_up:?}");
    for name in &signed_up {
        let body = format!(
            "{{\"ClientId\": \"1example23456789\", \"Username\": \"{name}\", \"Password\": \"correct-Horse-7\"}}"
        );
        let told = node.call("SignUp", &body);
        assert!(told.contains("UsernameExistsException"), "{name}: {told}");
    }
    node.stop();
}
