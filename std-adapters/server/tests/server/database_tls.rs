//! A database behind TLS: whom a node trusts with its password, and what it says where it trusts nobody.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use userpool_tests::folder::Folder;
use userpool_tests::postgres;

use crate::running::{self, Server, fails};

const KEYS: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// As a server asks for it: with nothing but TLS around it.
const PASSWORD: &str = "hunter2";

/// How long a handshake record is whose only content is an alert: two bytes, their kind and the seal.
const SEALED_ALERT: usize = 2 + 1 + 16;

#[test]
fn a_password_goes_to_nobody_but_the_host_whose_certificate_is_trusted() {
    let folder = Folder::new("nodes-tls");
    let trusted = folder.path().join("trusted.pem");
    let server = postgres::Server::start(&[
        &format!("tls={}", trusted.display()),
        &format!("password={PASSWORD}"),
    ]);
    let stranger = certificate(folder.path());
    let heard = Heard::before(server.port());
    let at = |host: &str, query: &str| {
        let port = heard.port;
        format!("postgres://postgres@{host}:{port}/postgres?{query}")
    };
    let trusting = |file: &Path| format!("sslmode=verify-full&sslrootcert={}", file.display());

    // Nobody is told anything who is not trusted, or who is somebody else.
    let elsewhere = format!("{}&hostaddr=127.0.0.1", trusting(&trusted));
    for (url, cause) in [
        (at("127.0.0.1", &trusting(&stranger)), "UnknownIssuer"),
        (at("127.0.0.1", "sslmode=require"), "UnknownIssuer"),
        (at("db.example.com", &elsewhere), "not valid for name"),
    ] {
        let error = fails(node(&folder, &url, PASSWORD));
        assert!(error.contains("invalid peer certificate"), "{error}");
        assert!(error.contains(cause), "{error}");
        assert!(!error.contains(PASSWORD), "{error}");
        // A whole handshake ends with the client's proof of it, which is longer; then the password could follow.
        let said = heard.taken();
        assert_eq!(after_hello(&said), [SEALED_ALERT], "{url}");
    }

    // A server that takes TLS alone says so before it asks for a password.
    let error = fails(node(&folder, &at("127.0.0.1", "sslmode=disable"), PASSWORD));
    assert!(error.contains("no encryption"), "{error}");
    assert!(!error.contains(PASSWORD), "{error}");
    assert!(!holds(&heard.taken(), PASSWORD));

    // Who is trusted is told, and may still refuse it.
    let url = at("127.0.0.1", &trusting(&trusted));
    let error = fails(node(&folder, &url, "hunter3"));
    assert!(error.contains("password authentication failed"), "{error}");
    assert!(!error.contains("hunter3"), "{error}");
    Server::start(node(&folder, &url, PASSWORD)).stop();
    let said = heard.taken();
    assert!(!holds(&said, PASSWORD) && !holds(&said, "hunter3"));
}

#[test]
fn a_server_without_tls_is_told_nothing_where_tls_is_wanted() {
    let folder = Folder::new("nodes-no-tls");
    certificate(folder.path());
    let server = postgres::Server::start(&[&format!("password={PASSWORD}")]);
    let heard = Heard::before(server.port());
    let url = format!(
        "postgres://postgres@127.0.0.1:{}/postgres?sslmode=require",
        heard.port
    );
    let error = fails(node(&folder, &url, PASSWORD));
    assert!(error.contains("server does not support TLS"), "{error}");
    assert!(!error.contains(PASSWORD), "{error}");
    assert_eq!(heard.taken().len(), 8, "it asked for TLS, and no more");

    // Where it is not wanted, the password goes as it is: this is how one is heard.
    Server::start(node(&folder, &url.replace("require", "disable"), PASSWORD)).stop();
    assert!(holds(&heard.taken(), PASSWORD));
}

/// The program, for a node over this store, on a system that trusts a stranger.
fn node(folder: &Folder, store: &str, password: &str) -> Command {
    let mut command = running::command(&folder.path().join("node"));
    command
        .env("USERPOOL_ROOT_KEYS", KEYS)
        .env("USERPOOL_STORE_PASSWORD", password)
        .env("SSL_CERT_FILE", certificate_in(folder.path()))
        .args(["--store", store]);
    command
}

/// A certificate that has signed nobody's.
fn certificate(folder: &Path) -> PathBuf {
    let (key, path) = (folder.join("stranger.key"), certificate_in(folder));
    let made = Command::new("openssl")
        .args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes".split(' '))
        .args(["-days", "2", "-subj", "/CN=stranger", "-keyout"])
        .args([&key, Path::new("-out"), &path])
        .output()
        .unwrap();
    assert!(made.status.success());
    path
}

fn certificate_in(folder: &Path) -> PathBuf {
    folder.join("stranger.pem")
}

/// A passage to a port of this machine that writes down what clients say there.
struct Heard {
    port: u16,
    said: Arc<(Mutex<Said>, Condvar)>,
}

#[derive(Default)]
struct Said {
    bytes: Vec<u8>,
    speaking: usize,
}

impl Heard {
    fn before(to: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let said = Arc::<(Mutex<Said>, Condvar)>::default();
        let hearing = said.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                hearing.0.lock().unwrap().speaking += 1;
                let hearing = hearing.clone();
                thread::spawn(move || {
                    pass(client, to, &hearing.0);
                    hearing.0.lock().unwrap().speaking -= 1;
                    hearing.1.notify_all();
                });
            }
        });
        Self { port, said }
    }

    /// What was said since this was last asked, once everybody has ended.
    fn taken(&self) -> Vec<u8> {
        let (said, ended) = &*self.said;
        let said = said.lock().unwrap();
        let mut said = ended.wait_while(said, |said| said.speaking > 0).unwrap();
        std::mem::take(&mut said.bytes)
    }
}

fn pass(mut client: TcpStream, to: u16, said: &Mutex<Said>) {
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, to)).unwrap();
    let mut answers = server.try_clone().unwrap();
    let mut back = client.try_clone().unwrap();
    thread::spawn(move || {
        // A connection that breaks off has ended, too.
        let _ = io::copy(&mut answers, &mut back);
        let _ = back.shutdown(Shutdown::Write);
    });
    let mut piece = [0; 4_096];
    while let Ok(length @ 1..) = client.read(&mut piece) {
        said.lock().unwrap().bytes.extend(&piece[..length]);
        // What a server does not want to hear is heard here all the same.
        let _ = server.write_all(&piece[..length]);
    }
    let _ = server.shutdown(Shutdown::Write);
}

/// The lengths of what one client said after its first message, sealed as it is.
fn after_hello(said: &[u8]) -> Vec<usize> {
    // The wish for TLS, in PostgreSQL's words.
    let mut left = &said[8..];
    let mut lengths = Vec::new();
    while let [kind, _, _, high, low, rest @ ..] = left {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        // Sealed ones; the first message is not, nor is the one that old relays want to see (20).
        if *kind == 23 {
            lengths.push(length);
        }
        left = &rest[length..];
    }
    lengths
}

fn holds(said: &[u8], word: &str) -> bool {
    said.windows(word.len()).any(|it| it == word.as_bytes())
}
