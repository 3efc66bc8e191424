//! The built server on loopback, and one connection to it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;
use userpool_crypto::secret::SecretText;
use userpool_crypto::sigv4::{Credentials, Request, sign};
use userpool_wire::Service;

const ACCESS_KEY: &str = "AKIAUSERPOOLBENCH000";
const SECRET_KEY: &str = "bench-only/secret/of/forty/characters/000";

/// A running server with a data folder of its own, ended and removed on drop.
#[derive(Debug)]
pub struct Served {
    process: Child,
    folder: PathBuf,
    host: String,
    connection: BufReader<TcpStream>,
}

impl Served {
    /// Starts the program, and waits until it answers.
    ///
    /// # Errors
    ///
    /// If it does not start, or does not listen within ten seconds.
    pub fn start(program: &Path) -> io::Result<Self> {
        let folder = program.with_file_name(format!("served-{}", std::process::id()));
        Self::start_in(program, &folder, &[])
    }

    /// As [`Served::start`], with a data folder that is there already, and these variables besides.
    ///
    /// # Errors
    ///
    /// As [`Served::start`].
    pub fn start_in(program: &Path, folder: &Path, more: &[(&str, &str)]) -> io::Result<Self> {
        let folder = folder.to_owned();
        let host = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let mut process = Command::new(program)
            .env("USERPOOL_LISTEN", &host)
            .env("USERPOOL_DATA", &folder)
            .env("USERPOOL_ADMIN_ACCESS_KEY_ID", ACCESS_KEY)
            .env("USERPOOL_ADMIN_SECRET_ACCESS_KEY", SECRET_KEY)
            .envs(more.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let began = Instant::now();
        loop {
            match TcpStream::connect(&host) {
                Ok(connection) => {
                    connection.set_nodelay(true)?;
                    let connection = BufReader::new(connection);
                    return Ok(Self {
                        process,
                        folder,
                        host,
                        connection,
                    });
                }
                Err(error) if began.elapsed() > Duration::from_secs(10) => {
                    process.kill()?;
                    return Err(error);
                }
                Err(_) => thread::sleep(Duration::from_millis(10)),
            }
        }
    }

    /// The process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Ends the server as an administrator would, and leaves its folder.
    ///
    /// # Panics
    ///
    /// It cannot be told to end.
    pub fn stop(mut self) {
        let ended = Command::new("kill").arg(self.id().to_string()).status();
        assert!(ended.is_ok_and(|ended| ended.success()));
        self.process.wait().expect("the server ends");
        self.folder = PathBuf::new();
    }

    /// One request, signed by the administrator.
    ///
    /// # Panics
    ///
    /// The server did not answer with success.
    pub fn call_signed(&mut self, operation: &str, body: &Value) -> Value {
        let body = body.to_string();
        let target = target(operation);
        let secret = SecretText::new(SECRET_KEY.into());
        let headers = [("host", &*self.host), ("x-amz-target", &target)];
        let request = Request {
            method: "POST",
            path: "/",
            query: "",
            headers: &headers,
            body: body.as_bytes(),
        };
        let credentials = Credentials {
            access_key_id: ACCESS_KEY,
            secret: &secret,
            region: "us-east-1",
            service: "cognito-idp",
        };
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let signed = sign(&request, &credentials, now.as_secs() as i64);
        let more = format!(
            "x-amz-date: {}\r\nauthorization: {}\r\n",
            signed.date, signed.authorization
        );
        self.exchange(&target, &more, &body)
            .expect("the connection stays open")
    }

    /// One request of anyone.
    ///
    /// # Panics
    ///
    /// The server did not answer with success.
    pub fn call(&mut self, operation: &str, body: &Value) -> Value {
        self.exchange(&target(operation), "", &body.to_string())
            .expect("the connection stays open")
    }

    fn exchange(&mut self, target: &str, headers: &str, body: &str) -> io::Result<Value> {
        let request = format!(
            "POST / HTTP/1.1\r\nhost: {}\r\nx-amz-target: {target}\r\ncontent-type: application/x-amz-json-1.1\r\n\
             content-length: {}\r\n{headers}\r\n{body}",
            self.host,
            body.len()
        );
        self.connection.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        self.connection.read_line(&mut line)?;
        let succeeded = line.starts_with("HTTP/1.1 200");
        let mut length = 0;
        loop {
            line.clear();
            self.connection.read_line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
        }
        let mut answer = vec![0; length];
        self.connection.read_exact(&mut answer)?;
        assert!(
            succeeded,
            "{target} {body}: {}",
            String::from_utf8_lossy(&answer)
        );
        Ok(serde_json::from_slice(&answer).unwrap_or_default())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if self.folder.as_os_str().is_empty() {
            return;
        }
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("{}: {error}", self.folder.display());
        }
    }
}

fn target(operation: &str) -> String {
    format!("{}.{operation}", Service::UserPools.target_prefix())
}
