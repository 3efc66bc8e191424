//! The server as a process: what it keeps, what it shows, how it ends.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use userpool_tests::folder::Folder;

use crate::running::{Server, command, fails};

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_first_start_makes_what_later_starts_keep() {
    let folder = Folder::new("first-start");
    let data = folder.path().join("data");
    let server = Server::start(command(&data));
    let credentials = fs::read_to_string(data.join("admin-credentials")).unwrap();
    let secret = credentials.rsplit(' ').next().unwrap().trim();
    assert_eq!(secret.len(), 40);
    assert!(
        !server.greeting.contains(secret),
        "the secret is shown on terminals only"
    );
    assert!(server.greeting.contains("admin-credentials"));
    let keys = fs::read_to_string(data.join("root-keys")).unwrap();
    #[cfg(unix)]
    {
        assert_eq!(mode(&data), 0o700);
        for name in [
            "admin-credentials",
            "root-keys",
            "messages.jsonl",
            "userpool.redb",
        ] {
            assert_eq!(mode(&data.join(name)), 0o600, "{name}");
        }
    }
    assert!(server.stop().success());
    let again = Server::start(command(&data));
    assert_eq!(
        fs::read_to_string(data.join("admin-credentials")).unwrap(),
        credentials
    );
    assert_eq!(fs::read_to_string(data.join("root-keys")).unwrap(), keys);
    assert!(again.stop().success());
}

#[test]
fn a_store_whose_keys_are_gone_is_not_opened_with_new_ones() {
    let folder = Folder::new("lost-keys");
    let data = folder.path().join("data");
    assert!(Server::start(command(&data)).stop().success());
    fs::remove_file(data.join("root-keys")).unwrap();
    let error = fails(command(&data));
    assert!(error.contains("root keys that are missing"), "{error}");
    assert!(!data.join("root-keys").exists());
}

#[test]
fn a_second_server_does_not_open_the_same_store() {
    let folder = Folder::new("two-servers");
    let data = folder.path().join("data");
    let first = Server::start(command(&data));
    let error = fails(command(&data));
    assert!(error.contains("userpool.redb"), "{error}");
    assert!(first.stop().success());
}

#[test]
fn a_store_in_memory_leaves_no_store_and_no_keys() {
    let folder = Folder::new("memory");
    let data = folder.path().join("data");
    let mut command = command(&data);
    command.args(["--store", "memory:"]);
    let server = Server::start(command);
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200 "));
    assert!(server.stop().success());
    assert!(!data.join("userpool.redb").exists());
    assert!(!data.join("root-keys").exists());
}

#[test]
fn health_and_calls_are_answered_on_the_main_listener() {
    let folder = Folder::new("health");
    let data = folder.path().join("data");
    let server = Server::start(command(&data));
    assert!(server.get("/healthz").ends_with("\r\n\r\nok\n"));
    assert!(server.get("/readyz").ends_with("\r\n\r\nready\n"));
    assert!(server.get("/metrics").starts_with("HTTP/1.1 404 "));
    let reply = server.exchange(
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\
         Content-Type: application/x-amz-json-1.1\r\n\
         X-Amz-Target: AWSCognitoIdentityProviderService.ListUserPools\r\n\r\n{}",
    );
    assert!(
        reply.contains("MissingAuthenticationTokenException"),
        "{reply}"
    );
    assert!(server.stop().success());
}

#[cfg(unix)]
#[test]
fn a_server_that_is_told_to_stop_says_so_and_serves_until_the_delay_is_over() {
    let folder = Folder::new("stop-delay");
    let mut command = command(folder.path());
    // Another signal ends the delay: nothing waits for it here.
    command.args(["--store", "memory:", "--stop-delay", "600"]);
    let mut server = Server::start(command);
    let mut kept = server.connect();
    let ready = "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n";
    kept.write_all(ready.as_bytes()).unwrap();
    let mut answer = [0; 512];
    let length = kept.read(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]).to_lowercase();
    assert!(answer.starts_with("http/1.1 200 ") && !answer.contains("connection: close"));

    server.ask_to_stop();
    while server.is_ready() {
        std::thread::yield_now();
    }
    // Both new connections and those that are open are served, once more each.
    assert!(server.get("/healthz").ends_with("\r\n\r\nok\n"));
    kept.write_all(ready.as_bytes()).unwrap();
    let mut last = String::new();
    kept.read_to_string(&mut last).unwrap();
    assert!(last.starts_with("HTTP/1.1 503 "), "{last}");
    assert!(last.to_lowercase().contains("connection: close"), "{last}");
    assert!(server.is_running());

    server.ask_to_stop();
    assert!(server.ended().success());
}

#[test]
fn a_wrong_option_is_told_before_anything_is_made() {
    let folder = Folder::new("wrong-option");
    let data = folder.path().join("data");
    let mut command = command(&data);
    command.args(["--store", "postgres://db/userpool"]);
    assert!(fails(command).contains("store: no user is named"));
    assert!(!data.exists());
}

#[test]
fn a_certificate_that_cannot_be_read_is_told_before_anything_is_made() {
    let folder = Folder::new("no-certificate");
    let data = folder.path().join("data");
    let mut command = command(&data);
    command.args([
        "--tls-cert",
        "/nowhere/cert.pem",
        "--tls-key",
        "/nowhere/key.pem",
    ]);
    assert!(fails(command).contains("/nowhere/cert.pem"));
    assert!(!data.exists());
}

#[test]
fn a_file_without_a_certificate_is_told_as_such() {
    let folder = Folder::new("empty-certificate");
    let file = folder.path().join("cert.pem");
    fs::write(&file, "no certificate\n").unwrap();
    let mut command = command(&folder.path().join("data"));
    command.arg("--tls-cert").arg(&file);
    command.arg("--tls-key").arg(&file);
    let error = fails(command);
    assert!(error.contains("cert.pem: what should be in it"), "{error}");
}

#[test]
fn an_export_that_fails_leaves_no_key() {
    let folder = Folder::new("no-export");
    let data = folder.path().join("data");
    assert!(Server::start(command(&data)).stop().success());
    let (file, key) = (folder.path().join("pool"), folder.path().join("key"));
    let export = || {
        let mut command = command(&data);
        command.args(["export", "us-east-1_ABCDEFGHI"]);
        command.arg("--file").arg(&file).arg("--key-file").arg(&key);
        fails(command)
    };
    let error = export();
    assert!(error.contains("has no pool"), "{error}");
    assert!(!file.exists() && !key.exists());
    fs::write(&key, "not a key\n").unwrap();
    export();
    assert!(key.exists(), "a key that was there stays");
}

#[test]
fn what_keeps_a_server_from_starting_is_told_before_anything_is_made() {
    let folder = Folder::new("not-started");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let data = folder.path().join("data");
    for arguments in [
        ["--metrics-listen", &taken],
        ["--demo", "/nowhere/demo"],
        ["--srp", "/nowhere/srp"],
    ] {
        let mut command = command(&data);
        command.args(arguments);
        let error = fails(command);
        assert!(error.contains(arguments[1]), "{error}");
        assert!(!data.exists(), "{}", arguments[0]);
    }
    let mut command = std::process::Command::new(command(&data).get_program());
    command
        .env("USERPOOL_DATA", &data)
        .args(["--listen", &taken]);
    assert!(fails(command).contains(&taken));
    assert!(!data.exists(), "--listen");
}
