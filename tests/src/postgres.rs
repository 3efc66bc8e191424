//! A PostgreSQL of the tests' own, and schemas of each test's own in it.

use std::{
    env,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, TcpListener},
    ops::Deref,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use userpool_postgres::{Options, PostgresStore};

use crate::contract::openings::Place;

/// A server that ends with this process.
#[derive(Debug)]
pub struct Server {
    port: u16,
    /// The server goes when its standard input ends; nobody holds one that was there before.
    _child: Option<Child>,
}

impl Server {
    /// The one server of this process: the one at the port that `USERPOOL_TEST_POSTGRES_PORT` names, else one that
    /// begins when it is first asked for.
    ///
    /// # Panics
    /// PostgreSQL is missing, or does not begin.
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| match env::var("USERPOOL_TEST_POSTGRES_PORT") {
            Ok(port) => Self {
                port: port.parse().expect("USERPOOL_TEST_POSTGRES_PORT: a port"),
                _child: None,
            },
            Err(_) => Self::start(&[]),
        })
    }

    /// A server with settings of its own (`name=value`).
    ///
    /// # Panics
    /// PostgreSQL is missing, or does not begin.
    #[must_use]
    pub fn start(settings: &[&str]) -> Self {
        let port = free_port();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("postgres/serve");
        let mut child = Command::new(script)
            .arg(port.to_string())
            .args(settings)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the script runs");
        let out = child.stdout.take().expect("it is piped");
        let told = BufReader::new(out).lines().next();
        let ready = matches!(told, Some(Ok(line)) if line == "ready");
        assert!(ready, "PostgreSQL serves");
        Self {
            port,
            _child: Some(child),
        }
    }

    /// Where it listens, on this machine.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// A port that nobody listened on a moment ago.
///
/// # Panics
/// The system has none.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("its number").port()
}

/// A schema of a test's own, which goes when this is dropped.
#[derive(Debug)]
pub struct Schema {
    name: String,
    port: u16,
    words: &'static str,
}

impl Schema {
    /// A schema in the shared server, with more of a URL's query (`commits=function`).
    #[must_use]
    pub fn new(words: &'static str) -> Self {
        Self::on(Server::shared(), words)
    }

    /// A schema in a server.
    #[must_use]
    pub fn on(server: &Server, words: &'static str) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self {
            name: format!("test_{}_{number}", std::process::id()),
            port: server.port(),
            words,
        }
    }

    /// How a store is opened there.
    ///
    /// # Panics
    /// The words make no sense.
    #[must_use]
    pub fn options(&self) -> Options {
        self.options_at(self.port)
    }

    /// As [`Schema::options`], by way of another port.
    ///
    /// # Panics
    /// The words make no sense.
    #[must_use]
    pub fn options_at(&self, port: u16) -> Options {
        self.url(port).parse().expect("a URL")
    }

    /// The URL of the schema, by way of a port.
    #[must_use]
    pub fn url(&self, port: u16) -> String {
        let Self { name, words, .. } = self;
        format!("postgres://postgres@127.0.0.1:{port}/postgres?schema={name}&{words}")
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The port of its server.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// Runs statements that give nothing back, by a bare client.
///
/// # Errors
/// The server refused one.
///
/// # Panics
/// The system has no thread or socket left.
pub fn execute(port: u16, statements: &str) -> Result<(), tokio_postgres::Error> {
    let words = format!("host=127.0.0.1 port={port} user=postgres dbname=postgres");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&words, tokio_postgres::NoTls).await?;
        let serving = tokio::spawn(connection);
        let end = client.batch_execute(statements).await;
        drop(client);
        drop(serving.await);
        end
    })
}

impl Place for Schema {
    type Store = PostgresStore;

    fn open(&self) -> PostgresStore {
        PostgresStore::open(self.options()).expect("the store opens")
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let statement = format!("DROP SCHEMA IF EXISTS \"{}\" CASCADE", self.name);
        // A schema that is left over goes with its server.
        drop(execute(self.port, &statement));
    }
}

/// A store, and the schema that goes when the store has gone.
#[derive(Debug)]
pub struct Housed {
    store: PostgresStore,
    /// Where it lives.
    pub schema: Schema,
}

impl Housed {
    /// A store in a schema of its own.
    #[must_use]
    pub fn new(words: &'static str) -> Self {
        let schema = Schema::new(words);
        Self {
            store: schema.open(),
            schema,
        }
    }
}

impl Deref for Housed {
    type Target = PostgresStore;

    fn deref(&self) -> &PostgresStore {
        &self.store
    }
}
