//! One connection: to the first host that takes writes, within a limit over the whole of connecting.

use std::{
    future::Future,
    hash::{BuildHasher, RandomState},
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::Poll,
    time::Duration,
};

use tokio::{
    task::AbortHandle,
    time::{Instant, sleep, timeout},
};
use tokio_postgres::{Client, Config, Error, SimpleQueryMessage, config::Host};

use crate::{
    ladder::Step,
    options::{Commits, Options},
    schema::{Layout, known},
    statements::Statements,
    tls::Tls,
    trouble::Trouble,
};

/// What a session is told. A limit on statements would cut short a commit's wait for its standbys, after which the server
/// calls it done. Who vanishes within a transaction keeps its locks for as long as it may idle there. The last row says
/// whether this server takes writes.
const SESSION: &str = "SET statement_timeout = 0; \
    SET idle_in_transaction_session_timeout = 15000; \
    SET default_transaction_isolation = 'read committed'; \
    SELECT set_config('synchronous_commit', 'on', false) \
    WHERE current_setting('synchronous_commit', true) IN ('off', 'local'); \
    SHOW transaction_read_only";

/// The first pause before something is tried again.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// A session with a server that takes writes, unless the store is only read.
pub(crate) struct Session {
    pub(crate) client: Client,
    /// Ends the task that moves the bytes: where a server is silent, it would not end by itself.
    task: AbortHandle,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A session with its statements.
pub(crate) struct Link {
    pub(crate) session: Session,
    pub(crate) statements: Statements,
}

/// The hosts, and the one to try first.
pub(crate) struct Hosts {
    configs: Vec<Config>,
    order: Mutex<Vec<usize>>,
    tls: Tls,
    limit: Duration,
    schema: String,
    commits: Commits,
    /// The newest layout that these statements are for.
    known: i32,
    /// Whether a server will do that takes no writes.
    read_only: bool,
}

impl Hosts {
    /// The hosts that the options name, in an order of chance: nodes of one start do not crowd at the first.
    pub(crate) fn new(options: &Options, ladder: &[Step]) -> Self {
        let configs = each_host(&options.config);
        let mut order: Vec<usize> = (0..configs.len()).collect();
        let chance = RandomState::new();
        order.sort_by_key(|at| chance.hash_one(at));
        Self {
            configs,
            order: Mutex::new(order),
            tls: Tls(options.tls.clone()),
            limit: options.connect_limit,
            schema: options.schema.clone(),
            commits: options.commits,
            known: known(ladder),
            read_only: options.read_only,
        }
    }

    /// A session with the first host that takes writes, or that answers, where the store is only read.
    ///
    /// # Errors
    /// None does; what each of them said.
    pub(crate) async fn session(&self) -> Result<Session, Trouble> {
        let order = self.order().clone();
        let mut troubles = Vec::new();
        for at in order {
            let config = &self.configs[at];
            match self.within_limit(self.open(config)).await {
                Ok(session) => {
                    self.prefer(at);
                    return Ok(session);
                }
                Err(trouble) => troubles.push(trouble.with(&name_of(config))),
            }
            self.put_back(at);
        }
        Err(Trouble::of_all(troubles))
    }

    /// A session with its statements.
    ///
    /// # Errors
    /// As [`Hosts::session`], or the tables are not there, or not for this version any more.
    pub(crate) async fn link(&self) -> Result<Link, Trouble> {
        let session = self.session().await?;
        let (client, schema) = (&session.client, &self.schema);
        let preparing = async {
            let layout = Layout::of_used(client, schema).await?;
            let suits = layout.suits(self.known);
            suits.map_err(|it| Trouble::Refused(it.to_string()))?;
            let prepared = Statements::prepare(client, schema, self.commits).await;
            prepared.map_err(|it| Trouble::of(&it))
        };
        let statements = self.within_limit(preparing).await?;
        Ok(Link {
            session,
            statements,
        })
    }

    async fn open(&self, config: &Config) -> Result<Session, Trouble> {
        let connecting = config.connect(self.tls.clone()).await;
        let (client, connection) = connecting.map_err(|it| Trouble::of(&it))?;
        let task = tokio::spawn(async move {
            // Whoever uses the connection learns of its end.
            let _ = connection.await;
        })
        .abort_handle();
        let session = Session { client, task };
        let told = session.client.simple_query(SESSION).await;
        let told = told.map_err(|it| Trouble::of(&it))?;
        let last = told.iter().rev().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row.get(0) == Some("off")),
            _ => None,
        });
        match last {
            Some(writable) if writable || self.read_only => Ok(session),
            _ => Err(Trouble::Broken("this server takes no writes".into())),
        }
    }

    async fn within_limit<T>(
        &self,
        work: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Trouble> {
        timeout(self.limit, work)
            .await
            .unwrap_or_else(|_| Err(Trouble::Broken("connecting took too long".into())))
    }

    fn prefer(&self, host: usize) {
        let mut order = self.order();
        order.retain(|it| *it != host);
        order.insert(0, host);
    }

    fn put_back(&self, host: usize) {
        let mut order = self.order();
        order.retain(|it| *it != host);
        order.push(host);
    }

    fn order(&self) -> std::sync::MutexGuard<'_, Vec<usize>> {
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Host and port, as the URL has them.
fn name_of(config: &Config) -> String {
    let address = || config.get_hostaddrs().first().map(ToString::to_string);
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => Some(name.clone()),
        #[cfg(unix)]
        Some(Host::Unix(path)) => Some(path.display().to_string()),
        None => address(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    format!("{}:{port}", host.unwrap_or_default())
}

/// A configuration for each host: the client's own loop over hosts has no limit for the whole.
fn each_host(config: &Config) -> Vec<Config> {
    let (hosts, addresses) = (config.get_hosts(), config.get_hostaddrs());
    let ports = config.get_ports();
    (0..hosts.len().max(addresses.len()))
        .map(|at| {
            let mut one = Config::new();
            match hosts.get(at) {
                Some(Host::Tcp(name)) => drop(one.host(name)),
                #[cfg(unix)]
                Some(Host::Unix(path)) => drop(one.host_path(path)),
                None => {}
            }
            if let Some(address) = addresses.get(at) {
                one.hostaddr(*address);
            }
            if let Some(port) = ports.get(at).or(ports.first()) {
                one.port(*port);
            }
            config.get_user().map(|it| one.user(it));
            config.get_password().map(|it| one.password(it));
            config.get_dbname().map(|it| one.dbname(it));
            config.get_options().map(|it| one.options(it));
            config
                .get_application_name()
                .map(|it| one.application_name(it));
            one.ssl_mode(config.get_ssl_mode())
                .ssl_negotiation(config.get_ssl_negotiation())
                .channel_binding(config.get_channel_binding())
                .keepalives(config.get_keepalives())
                .keepalives_idle(config.get_keepalives_idle());
            one
        })
        .collect()
}

/// Pauses before something is tried again: each up to twice as long as the last, of a length by chance.
pub(crate) struct Pauses {
    next: Duration,
    until: Instant,
}

impl Pauses {
    /// Pauses until a moment.
    pub(crate) fn until(until: Instant) -> Self {
        Self {
            next: FIRST_PAUSE,
            until,
        }
    }

    /// Pauses; or says at once that there is no time left.
    pub(crate) async fn pause(&mut self) -> bool {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        let chance = RandomState::new().hash_one(0) % 1_000;
        let part = f64::from(u32::try_from(chance).unwrap_or(0)) / 1_000.0;
        sleep(self.next.mul_f64(0.5 + part / 2.0).min(left)).await;
        self.next = (self.next * 2).min(LONGEST_PAUSE);
        true
    }
}

/// A request to the server on its way.
pub(crate) type Asked<'a> = Pin<Box<dyn Future<Output = Result<u64, Error>> + Send + 'a>>;

/// Sends requests in this order without waiting between them, and gives their answers.
pub(crate) async fn at_once(mut asked: Vec<Asked<'_>>) -> Vec<Result<u64, Error>> {
    let mut answers: Vec<_> = asked.iter().map(|_| None).collect();
    std::future::poll_fn(|cx| {
        let mut all = true;
        for (request, answer) in asked.iter_mut().zip(&mut answers) {
            if answer.is_none() {
                match request.as_mut().poll(cx) {
                    Poll::Ready(told) => *answer = Some(told),
                    Poll::Pending => all = false,
                }
            }
        }
        if all { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    answers.into_iter().flatten().collect()
}
