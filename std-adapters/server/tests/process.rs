//! The server as a process: what it keeps, what it shows, how it ends.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A folder of its own for each test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("userpool-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_userpool"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("USERPOOL_") {
            command.env_remove(name);
        }
    }
    command
        .env("USERPOOL_DATA", data)
        .args(["--listen", "127.0.0.1:0"]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A running server, ended at the latest when dropped.
struct Server {
    child: Child,
    address: String,
    greeting: String,
}

impl Server {
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
        Self {
            child,
            address,
            greeting,
        }
    }

    fn exchange(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply
    }

    fn get(&self, path: &str) -> String {
        self.exchange(&format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        ))
    }

    fn stop(mut self) -> std::process::ExitStatus {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap()
    }
}

impl Drop for Server {
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

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_first_start_makes_what_later_starts_keep() {
    let folder = Folder::new("first-start");
    let server = Server::start(command(&folder.0));
    let credentials = folder.read("admin-credentials");
    let secret = credentials.rsplit(' ').next().unwrap().trim();
    assert_eq!(secret.len(), 40);
    assert!(
        !server.greeting.contains(secret),
        "the secret is shown on terminals only"
    );
    assert!(server.greeting.contains("admin-credentials"));
    let keys = folder.read("root-keys");
    #[cfg(unix)]
    {
        assert_eq!(mode(&folder.0), 0o700);
        for name in [
            "admin-credentials",
            "root-keys",
            "messages.jsonl",
            "userpool.redb",
        ] {
            assert_eq!(mode(&folder.0.join(name)), 0o600, "{name}");
        }
    }
    assert!(server.stop().success());
    let again = Server::start(command(&folder.0));
    assert_eq!(folder.read("admin-credentials"), credentials);
    assert_eq!(folder.read("root-keys"), keys);
    assert!(again.stop().success());
}

#[test]
fn a_store_whose_keys_are_gone_is_not_opened_with_new_ones() {
    let folder = Folder::new("lost-keys");
    assert!(Server::start(command(&folder.0)).stop().success());
    fs::remove_file(folder.0.join("root-keys")).unwrap();
    let error = fails(command(&folder.0));
    assert!(error.contains("root keys that are missing"), "{error}");
    assert!(!folder.0.join("root-keys").exists());
}

#[test]
fn a_second_server_does_not_open_the_same_store() {
    let folder = Folder::new("two-servers");
    let first = Server::start(command(&folder.0));
    let error = fails(command(&folder.0));
    assert!(error.contains("userpool.redb"), "{error}");
    assert!(first.stop().success());
}

#[test]
fn a_store_in_memory_leaves_no_store_and_no_keys() {
    let folder = Folder::new("memory");
    let mut command = command(&folder.0);
    command.args(["--store", "memory:"]);
    let server = Server::start(command);
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200 "));
    assert!(server.stop().success());
    assert!(!folder.0.join("userpool.redb").exists());
    assert!(!folder.0.join("root-keys").exists());
}

#[test]
fn health_and_calls_are_answered_on_the_main_listener() {
    let folder = Folder::new("health");
    let server = Server::start(command(&folder.0));
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

#[test]
fn a_wrong_option_is_told_before_anything_is_made() {
    let folder = Folder::new("wrong-option");
    let mut command = command(&folder.0);
    command.args(["--store", "postgres://db/userpool"]);
    assert!(fails(command).contains("store: no user is named"));
    assert!(!folder.0.exists());
}

#[test]
fn a_certificate_that_cannot_be_read_is_told_before_anything_is_made() {
    let folder = Folder::new("no-certificate");
    let mut command = command(&folder.0);
    command.args([
        "--tls-cert",
        "/nowhere/cert.pem",
        "--tls-key",
        "/nowhere/key.pem",
    ]);
    assert!(fails(command).contains("/nowhere/cert.pem"));
    assert!(!folder.0.exists());
}
