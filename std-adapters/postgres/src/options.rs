//! Where the database is, and how it is used: the URL of PostgreSQL's own clients, and what this store adds to it.

use std::{
    fmt,
    net::IpAddr,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use rustls::ClientConfig;
use tokio_postgres::{
    Config,
    config::{Host, SslMode},
};

/// The schema of the tables where none is named.
const SCHEMA: &str = "userpool";
/// How many connections a store keeps where it is not told.
const CONNECTIONS: usize = 16;
/// Into how many parts tables may be made: each is opened by whoever reads.
const MOST_PARTITIONS: u16 = 1_024;
/// How long connecting to one host may take where it is not told.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
/// How long the server may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// How long a call goes on trying.
const PATIENCE: Duration = Duration::from_secs(15);

/// How a batch is committed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Commits {
    /// By plain statements, in two round trips; every relative of PostgreSQL may carry it.
    #[default]
    Statements,
    /// By a function on the server, in one round trip.
    Function,
}

/// Where the database is, and how it is used.
///
/// Read from `postgres://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?NAME=VALUE&…`, or from the form of words
/// (`host=… port=… user=…`). The names are those of PostgreSQL's clients, and:
///
/// | name | meaning |
/// |---|---|
/// | `schema` | the schema of the tables, of letters, digits and `_` (`userpool`) |
/// | `connections` | the most connections at once (16) |
/// | `commits` | `statements` or `function` |
/// | `partitions` | into how many parts, by the hash of their keys, the tables are made where there are none (0: not parted) |
/// | `target_session_attrs` | `read-write`, or `any`: the store is only read, from whichever host answers, a standby too ([`Options::read_only`]) |
/// | `connect_timeout` | seconds for the whole of connecting to one host (3) |
/// | `sslmode` | `disable`, `prefer`, `require`, `verify-ca` or `verify-full`; certificates are always checked. Where it is not given: `disable` for this machine, `require` for others |
/// | `sslrootcert` | a file of certificates to trust, for whoever makes the [`ClientConfig`] |
#[derive(Clone)]
pub struct Options {
    pub(crate) config: Config,
    pub(crate) schema: String,
    pub(crate) connections: usize,
    pub(crate) commits: Commits,
    pub(crate) partitions: u16,
    pub(crate) read_only: bool,
    pub(crate) connect_limit: Duration,
    pub(crate) answer_limit: Duration,
    pub(crate) patience: Duration,
    pub(crate) tls: Option<Arc<ClientConfig>>,
    root_certificates: Option<PathBuf>,
}

impl Options {
    /// Secures connections in this way; without, hosts that need TLS cannot be reached.
    #[must_use]
    pub fn tls(mut self, config: Arc<ClientConfig>) -> Self {
        self.tls = Some(config);
        self
    }

    /// Keeps the tables in this schema.
    ///
    /// # Errors
    /// The name has other characters than letters, digits and `_`, or more than 63 of them.
    pub fn schema(mut self, name: &str) -> Result<Self, OptionsFault> {
        let usual = |it: u8| it.is_ascii_alphanumeric() || it == b'_';
        if name.is_empty() || name.len() > 63 || !name.bytes().all(usual) {
            return Err(OptionsFault::new("schema: not a name"));
        }
        name.clone_into(&mut self.schema);
        Ok(self)
    }

    /// Keeps at most this many connections; at least one.
    #[must_use]
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections.max(1);
        self
    }

    /// Commits in this way.
    #[must_use]
    pub fn commits(mut self, commits: Commits) -> Self {
        self.commits = commits;
        self
    }

    /// Opens the store for reading alone, at whichever host answers: a standby may lag behind, so that this is for what may
    /// be of a moment ago, such as an export. Every commit is refused.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Whether the store is opened for reading alone.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Signs in with this password.
    #[must_use]
    pub fn password(mut self, password: &str) -> Self {
        self.config.password(password);
        self
    }

    /// Goes on trying what has not landed for this long.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Gives a server up that takes longer than this to answer.
    #[must_use]
    pub fn answer_limit(mut self, limit: Duration) -> Self {
        self.answer_limit = limit;
        self
    }

    /// The file of certificates to trust, where the URL names one.
    #[must_use]
    pub fn root_certificates(&self) -> Option<&Path> {
        self.root_certificates.as_deref()
    }

    /// Whether a host may be reached by TLS, for which [`Options::tls`] is needed.
    #[must_use]
    pub fn may_use_tls(&self) -> bool {
        self.config.get_ssl_mode() != SslMode::Disable
    }
}

impl FromStr for Options {
    type Err = OptionsFault;

    fn from_str(text: &str) -> Result<Self, OptionsFault> {
        let (bare, own) = Own::taken_from(text);
        let mut config: Config = bare
            .parse()
            .map_err(|it: tokio_postgres::Error| OptionsFault::new(it.to_string()))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(OptionsFault::new("no host is named"));
        }
        if config.get_user().is_none() {
            return Err(OptionsFault::new("no user is named"));
        }
        let mode = match own.value("sslmode") {
            Some("disable") => SslMode::Disable,
            Some("prefer") => SslMode::Prefer,
            Some("require" | "verify-ca" | "verify-full") => SslMode::Require,
            Some(_) => return Err(OptionsFault::new("sslmode: no such mode")),
            None if is_here(&config) => SslMode::Disable,
            None => SslMode::Require,
        };
        config.ssl_mode(mode);
        if config.get_application_name().is_none() {
            config.application_name("userpool");
        }
        let connections = match own.value("connections").map(str::parse) {
            None => CONNECTIONS,
            Some(Ok(number @ 1..=1_000)) => number,
            Some(_) => {
                return Err(OptionsFault::new(
                    "connections: not a number from 1 to 1000",
                ));
            }
        };
        let commits = match own.value("commits") {
            None | Some("statements") => Commits::Statements,
            Some("function") => Commits::Function,
            Some(_) => {
                return Err(OptionsFault::new(
                    "commits: neither `statements` nor `function`",
                ));
            }
        };
        let partitions = match own.value("partitions").map(str::parse) {
            None => 0,
            Some(Ok(number @ 0..=MOST_PARTITIONS)) => number,
            Some(_) => return Err(OptionsFault::new("partitions: not a number from 0 to 1024")),
        };
        let read_only = match own.value("target_session_attrs") {
            None | Some("read-write") => false,
            Some("any") => true,
            Some(_) => {
                return Err(OptionsFault::new(
                    "target_session_attrs: neither `read-write` nor `any`",
                ));
            }
        };
        let options = Self {
            connect_limit: config
                .get_connect_timeout()
                .copied()
                .unwrap_or(CONNECT_LIMIT),
            config,
            schema: String::new(),
            connections,
            commits,
            partitions,
            read_only,
            answer_limit: ANSWER_LIMIT,
            patience: PATIENCE,
            tls: None,
            root_certificates: own.value("sslrootcert").map(PathBuf::from),
        };
        options.schema(own.value("schema").unwrap_or(SCHEMA))
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}

/// Whether every host is this machine.
fn is_here(config: &Config) -> bool {
    let local = |host: &Host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|it: IpAddr| it.is_loopback())
        }
        #[allow(unreachable_patterns, reason = "there are other hosts on Unix alone")]
        _ => true,
    };
    config.get_hosts().iter().all(local) && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

/// The names that PostgreSQL's clients do not know, or not all of whose values they know.
const OWN: [&str; 7] = [
    "schema",
    "connections",
    "commits",
    "partitions",
    "sslmode",
    "sslrootcert",
    "target_session_attrs",
];

/// What was said under these names.
struct Own<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Own<'a> {
    /// Takes them out of a URL's query, or out of words.
    fn taken_from(text: &'a str) -> (String, Self) {
        let is_own = |pair: &&str| {
            let name = pair.split_once('=').map(|(name, _)| name);
            name.is_some_and(|name| OWN.contains(&name))
        };
        let (head, pairs, between) = match (text.contains("://"), text.split_once('?')) {
            (true, Some((head, query))) => (format!("{head}?"), query.split('&').collect(), "&"),
            (true, None) => (text.to_owned(), Vec::new(), "&"),
            (false, _) => (String::new(), text.split_whitespace().collect(), " "),
        };
        let (own, others): (Vec<&str>, Vec<&str>) = pairs.iter().partition(|it| is_own(it));
        let own = own.iter().filter_map(|pair| pair.split_once('=')).collect();
        let bare = format!("{head}{}", others.join(between));
        (bare.trim_end_matches('?').to_owned(), Self(own))
    }

    fn value(&self, name: &str) -> Option<&'a str> {
        let named = |(given, _): &&(&str, &str)| *given == name;
        self.0.iter().rev().find(named).map(|(_, value)| *value)
    }
}

/// What makes no sense in options; it repeats no value, for one may be a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionsFault(String);

impl OptionsFault {
    fn new(cause: impl Into<String>) -> Self {
        Self(cause.into())
    }
}

impl fmt::Display for OptionsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for OptionsFault {}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(text: &str) -> Result<Options, String> {
        text.parse().map_err(|it: OptionsFault| it.to_string())
    }

    #[test]
    fn a_url_may_name_everything() {
        let url = "postgres://me:secret@one:5433,two:5434/db?schema=mine&connections=3&partitions=16\
                   &commits=function&sslmode=verify-full&sslrootcert=/ca.pem&connect_timeout=7";
        let options = options(url).unwrap();
        assert_eq!(options.config.get_ports(), [5433, 5434]);
        assert_eq!(options.config.get_dbname(), Some("db"));
        assert_eq!((options.schema.as_str(), options.connections), ("mine", 3));
        assert_eq!(
            (options.commits, options.partitions),
            (Commits::Function, 16)
        );
        assert_eq!(options.connect_limit, Duration::from_secs(7));
        assert_eq!(options.root_certificates(), Some(Path::new("/ca.pem")));
        assert!(options.may_use_tls());
        assert!(!format!("{options:?}").contains("secret"));
    }

    #[test]
    fn a_store_is_for_writes_unless_any_host_will_do() {
        for (text, read_only) in [
            ("postgres://me@h/db", false),
            ("postgres://me@h/db?target_session_attrs=read-write", false),
            ("postgres://me@h/db?target_session_attrs=any", true),
        ] {
            assert_eq!(options(text).unwrap().is_read_only(), read_only, "{text}");
        }
    }

    #[test]
    fn words_name_the_same() {
        let options = options("host=127.0.0.1 user=me schema=mine port=1").unwrap();
        assert_eq!(options.schema, "mine");
        assert_eq!(options.config.get_ports(), [1]);
    }

    #[test]
    fn other_machines_are_reached_by_tls_unless_told() {
        for (text, tls) in [
            ("postgres://me@127.0.0.1/db", false),
            ("postgres://me@localhost,[::1]/db", false),
            ("postgres://me@db.example.com/db", true),
            ("postgres://me@localhost,db.example.com/db", true),
            ("postgres://me@db.example.com/db?sslmode=disable", false),
            ("postgres://me@127.0.0.1/db?sslmode=require", true),
        ] {
            assert_eq!(options(text).unwrap().may_use_tls(), tls, "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_and_not_repeated() {
        for text in [
            "postgres://me@h/db?schema=a\"b",
            "postgres://me@h/db?schema=",
            "postgres://me@h/db?connections=0",
            "postgres://me@h/db?commits=twice",
            "postgres://me@h/db?partitions=hunter2",
            "postgres://me@h/db?partitions=1025",
            "postgres://me@h/db?sslmode=hunter2",
            "postgres://me@h/db?target_session_attrs=read-only",
            "postgres://me:hunter2@h/db?nonsense=hunter2",
            "postgres://h/db",
            "user=me",
        ] {
            let fault = options(text).unwrap_err();
            assert!(!fault.contains("hunter2"), "{fault}");
        }
    }
}
