//! Nodes over one database: what is needed to begin, what they share, and how one gets there from the embedded store.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use userpool_tests::folder::Folder;
use userpool_tests::postgres::{Schema, Server};

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

fn command(folder: &Folder, node: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_userpool"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("USERPOOL_") {
            command.env_remove(name);
        }
    }
    command
        .env("USERPOOL_DATA", folder.path().join(node))
        .env("USERPOOL_ROOT_KEYS", KEYS)
        .args(["--listen", "127.0.0.1:0"])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A server that is ended when this is dropped.
struct Node {
    child: Child,
    address: String,
}

impl Node {
    fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut greeting = String::new();
        while !greeting.contains("list-user-pools") {
            if lines.read_line(&mut greeting).unwrap() == 0 {
                let mut error = String::new();
                child
                    .stderr
                    .take()
                    .unwrap()
                    .read_to_string(&mut error)
                    .unwrap();
                panic!("the server did not start: {error}");
            }
        }
        let url = greeting.lines().next().unwrap().rsplit(' ').next().unwrap();
        let address = url.strip_prefix("http://").unwrap().to_owned();
        Self { child, address }
    }

    fn exchange(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply
    }

    fn is_ready(&self) -> bool {
        let request = "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        self.exchange(request).starts_with("HTTP/1.1 200 ")
    }

    /// Signs in with a password; the whole answer.
    fn sign_in(&self, password: &str) -> String {
        let body = format!(
            "{{\"ClientId\": \"1example23456789\", \"AuthFlow\": \"USER_PASSWORD_AUTH\", \
             \"AuthParameters\": {{\"USERNAME\": \"jane\", \"PASSWORD\": \"{password}\"}}}}"
        );
        self.exchange(&format!(
            "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\
             Content-Type: application/x-amz-json-1.1\r\n\
             X-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth\r\n\r\n{body}",
            body.len()
        ))
    }

    fn stop(mut self) {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(told.success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn fails(mut command: Command) -> String {
    let Output { status, stderr, .. } = command.output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap()
}

fn succeeds(mut command: Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
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
    let one = Node::start(command(&folder, "one", &with));
    let two = Node::start(command(&folder, "two", &["--store", &store]));
    assert!(one.is_ready() && two.is_ready());
    for node in [&one, &two] {
        assert!(node.sign_in("correct-Horse-7").contains("AccessToken"));
    }
    // Five wrong passwords lock, whichever node is asked.
    for node in [&one, &two, &one, &two, &one, &two] {
        assert!(node.sign_in("wrong").contains("NotAuthorizedException"));
    }
    for node in [&one, &two] {
        let answer = node.sign_in("correct-Horse-7");
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

    Node::start(command(&folder, "one", &["--store", &store])).stop();
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
fn a_database_is_reached_by_tls_where_its_certificate_is_trusted() {
    let folder = Folder::new("nodes-tls");
    let trusted = folder.path().join("trusted.pem");
    let server = Server::start(&[&format!("tls={}", trusted.display())]);
    let at = format!("postgres://postgres@127.0.0.1:{}/postgres", server.port());
    let trusting = format!("{at}?sslmode=verify-full&sslrootcert={}", trusted.display());
    Node::start(command(&folder, "one", &["--store", &trusting])).stop();

    let error = fails(command(&folder, "two", &["--store", &at]));
    assert!(
        error.contains("no encryption"),
        "it takes TLS alone: {error}"
    );
}

#[test]
fn an_embedded_store_moves_into_a_database_and_back() {
    let (folder, schema) = (Folder::new("nodes-migrate"), Schema::new(""));
    let store = schema.url(schema.port());
    let declared = declared(&folder);
    let with = ["--config", declared.to_str().unwrap()];
    let embedded = Node::start(command(&folder, "old", &with));
    assert!(embedded.sign_in("correct-Horse-7").contains("AccessToken"));
    let migrate = ["migrate", "--from", "redb", "--to", &store];
    let error = fails(command(&folder, "old", &migrate));
    assert!(
        error.contains("userpool.redb"),
        "a server has it open: {error}"
    );
    embedded.stop();

    let told = succeeds(command(&folder, "old", &migrate));
    assert!(told.contains("are the same in both"), "{told}");
    let error = fails(command(&folder, "old", &migrate));
    assert!(error.contains("not empty"), "{error}");
    let node = Node::start(command(&folder, "new", &["--store", &store]));
    assert!(node.sign_in("correct-Horse-7").contains("AccessToken"));
    assert!(node.sign_in("wrong").contains("NotAuthorizedException"));
    node.stop();

    let back = ["migrate", "--from", &store, "--to", "redb"];
    succeeds(command(&folder, "back", &back));
    let embedded = Node::start(command(&folder, "back", &[]));
    assert!(embedded.sign_in("correct-Horse-7").contains("AccessToken"));
    embedded.stop();
}
