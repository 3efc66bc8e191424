//! Starting the program, and talking to it once it serves.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

/// The program with this data folder, any free port, and no settings from outside.
pub(crate) fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_userpool"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("USERPOOL_") {
            command.env_remove(name);
        }
    }
    command
        .env("USERPOOL_DATA", data)
        .args(["--listen", "127.0.0.1:0"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A running server, ended at the latest when dropped.
pub(crate) struct Server {
    child: Child,
    address: String,
    /// What it told when it was ready.
    pub(crate) greeting: String,
}

impl Server {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut greeting = String::new();
        while !greeting.contains("list-user-pools") {
            if lines.read_line(&mut greeting).unwrap() == 0 {
                let mut error = String::new();
                let mut told = child.stderr.take().unwrap();
                told.read_to_string(&mut error).unwrap();
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

    pub(crate) fn exchange(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply
    }

    pub(crate) fn get(&self, path: &str) -> String {
        self.exchange(&format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        ))
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.get("/readyz").starts_with("HTTP/1.1 200 ")
    }

    /// Calls an operation that nobody signs; the whole answer.
    pub(crate) fn call(&self, operation: &str, body: &str) -> String {
        self.exchange(&request(operation, body))
    }

    /// Calls an operation; nothing where no whole answer came.
    pub(crate) fn try_call(&self, operation: &str, body: &str) -> Option<String> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.write_all(request(operation, body).as_bytes()).ok()?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply).ok()?;
        (!reply.is_empty()).then_some(reply)
    }

    /// A connection that lasts beyond one request.
    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).unwrap()
    }

    /// Asks it to stop.
    pub(crate) fn ask_to_stop(&self) {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(told.success());
    }

    /// Asks it to stop, and waits.
    pub(crate) fn stop(self) -> ExitStatus {
        self.ask_to_stop();
        self.ended()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until it has ended by itself.
    pub(crate) fn ended(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn request(operation: &str, body: &str) -> String {
    format!(
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-amz-json-1.1\r\n\
         X-Amz-Target: AWSCognitoIdentityProviderService.{operation}\r\n\r\n{body}",
        body.len()
    )
}

/// What a command that has to fail says.
pub(crate) fn fails(mut command: Command) -> String {
    let Output { status, stderr, .. } = command.output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap()
}

/// What a command that has to succeed prints.
pub(crate) fn succeeds(mut command: Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}
