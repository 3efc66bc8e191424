//! The engine with a world around it: store, clock, entropy, couriers, workers.

use std::{fmt, io, net::IpAddr, sync::Arc};

use userpool_core::{
    credentials::Checker,
    engine::{
        Broker, Caller as CoreCaller, Environment, Failure, Fault, LoginProviders, Machine,
        MessageKeys, Output, PkceDemand, Program, Refusal, RefusalKind, SharedRecords,
    },
    ops::{
        oauth::{self, Endpoint},
        table::{self, Served},
    },
};
use userpool_crypto::{sealed::RootKeys, secret::SecretBytes};
use userpool_ports::{
    BreachedPasswords, Clock, Courier, Entropy, Fetch, Hooks, LogDelivery, Storage,
};
use userpool_wire::{Auth, OperationSpec};

#[cfg(feature = "tokio")]
use crate::journey;
use crate::{
    arithmetic::Arithmetic,
    courier::Undeliverable,
    drive::{self, World},
    lease::Leased,
    shelf::Kept,
    system::{SystemClock, SystemEntropy},
    work::Workers,
};

/// Settings that operations read.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where this engine is reached, without a slash at the end; the base of issuers and links.
    pub base_url: String,
    /// The issuer of tokens; `{base}`, `{region}` and `{pool}` are filled in.
    pub issuer: String,
    /// The account in every ARN: twelve digits.
    pub account_id: String,
    /// The region of pools made by a caller that names none.
    pub default_region: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_url: "http://127.0.0.1:9229".into(),
            issuer: "{base}/{pool}".into(),
            account_id: "000000000000".into(),
            default_region: "us-east-1".into(),
        }
    }
}

/// A request as it came over the wire.
#[derive(Clone, Debug)]
pub struct Call {
    /// The operation, found by its target.
    pub operation: &'static OperationSpec,
    /// The JSON text. It holds secrets; do not log it.
    pub body: Vec<u8>,
    /// Who asks.
    pub caller: Caller,
}

/// Who asks, as far as the adapter knows.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The region of the request's signature scope.
    pub region: Option<String>,
    /// The source address.
    pub source: Option<IpAddr>,
    /// The caller's user agent.
    pub user_agent: Option<String>,
    /// The access key id of an administrator whose signature was verified.
    pub administrator: Option<String>,
}

impl Caller {
    /// The program that embeds the engine: an administrator without a signature.
    #[must_use]
    pub fn embedder() -> Self {
        Self {
            administrator: Some("embedder".into()),
            ..Self::default()
        }
    }

    fn into_core(self) -> CoreCaller {
        CoreCaller {
            region: self.region,
            source: self.source.map(|source| source.to_string()),
            user_agent: self.user_agent,
            administrator: self.administrator,
        }
    }
}

/// The body of a reply, empty for operations without output; or the service's error.
pub type Answer = Result<Vec<u8>, ApiError>;

/// An error as the client sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The error's name, for example `NotAuthorizedException`.
    pub name: &'static str,
    /// Its text.
    pub message: String,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong inside, for the log; never for the client.
    pub cause: Option<String>,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

impl std::error::Error for ApiError {}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        let cause = match &failure {
            Failure::Refused(_) => None,
            Failure::Faulted(fault) => Some(format!("{fault:?}")),
        };
        Self {
            name: failure.name(),
            message: failure.message(),
            status: failure.status(),
            cause,
        }
    }
}

/// Puts a world around an engine; see [`Engine::builder`].
pub struct Builder {
    settings: Settings,
    root_keys: RootKeys,
    storage: Arc<dyn Storage + Send + Sync>,
    clock: Arc<dyn Clock + Send + Sync>,
    entropy: Arc<dyn Entropy + Send + Sync>,
    courier: Arc<dyn Courier + Send + Sync>,
    hooks: Option<Arc<dyn Hooks + Send + Sync>>,
    fetch: Option<Arc<dyn Fetch + Send + Sync>>,
    breached: Option<Arc<dyn BreachedPasswords + Send + Sync>>,
    logs: Option<Arc<dyn LogDelivery + Send + Sync>>,
    message_keys: MessageKeys,
    arithmetic: Option<Arc<dyn Arithmetic>>,
    pkce: PkceDemand,
    login_providers: LoginProviders,
    broker: Option<Broker>,
    ready_keys: Vec<(SecretBytes, Vec<u8>)>,
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// Replaces the settings.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Replaces the system's clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Replaces the system's entropy.
    #[must_use]
    pub fn entropy(mut self, entropy: impl Entropy + Send + Sync + 'static) -> Self {
        self.entropy = Arc::new(entropy);
        self
    }

    /// Sends messages; without a courier every message fails.
    #[must_use]
    pub fn courier(mut self, courier: impl Courier + Send + Sync + 'static) -> Self {
        self.courier = Arc::new(courier);
        self
    }

    /// Serves triggers.
    #[must_use]
    pub fn hooks(mut self, hooks: impl Hooks + Send + Sync + 'static) -> Self {
        self.hooks = Some(Arc::new(hooks));
        self
    }

    /// Makes outbound exchanges.
    #[must_use]
    pub fn fetch(mut self, fetch: impl Fetch + Send + Sync + 'static) -> Self {
        self.fetch = Some(Arc::new(fetch));
        self
    }

    /// Knows passwords that are known from breaches; without, nobody is kept from using one. See [`crate::breached`].
    #[must_use]
    pub fn breached_passwords(
        mut self,
        breached: impl BreachedPasswords + Send + Sync + 'static,
    ) -> Self {
        self.breached = Some(Arc::new(breached));
        self
    }

    /// Takes the events that pools log (`SetLogDeliveryConfiguration`); without, they wait a day and are gone.
    #[must_use]
    pub fn log_delivery(mut self, logs: impl LogDelivery + Send + Sync + 'static) -> Self {
        self.logs = Some(Arc::new(logs));
        self
    }

    /// Knows the keys that pools name for their custom senders, so that codes can be encrypted for functions elsewhere;
    /// closures of [`crate::triggers`] need none. A key service is asked by way of [`Builder::fetch`].
    #[must_use]
    pub fn message_keys(mut self, keys: MessageKeys) -> Self {
        self.message_keys = keys;
        self
    }

    /// Demands challenges (PKCE) of app clients that ask for codes; without, those that are sent count and none is
    /// missed.
    #[must_use]
    pub fn pkce(mut self, demand: PkceDemand) -> Self {
        self.pkce = demand;
        self
    }

    /// Knows the providers of OpenID Connect and SAML that identity pools name by ARN, and stand-ins for public ones;
    /// without, logins by an ARN are refused. They are asked by way of [`Builder::fetch`].
    #[must_use]
    pub fn login_providers(mut self, providers: LoginProviders) -> Self {
        self.login_providers = providers;
        self
    }

    /// Has credentials of identity pools given out by a security token service in place of the engine's own, which
    /// [`Engine::credentials`] then knows nothing of. It is asked by way of [`Builder::fetch`].
    #[must_use]
    pub fn broker(mut self, broker: Broker) -> Self {
        self.broker = Some(broker);
        self
    }

    /// Does slow arithmetic in another way, as far as it knows one.
    #[must_use]
    pub fn arithmetic(mut self, arithmetic: impl Arithmetic + 'static) -> Self {
        self.arithmetic = Some(Arc::new(arithmetic));
        self
    }

    /// Signs with these key pairs (PKCS #8 and modulus) before making any; for tests.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn ready_keys(mut self, keys: Vec<(SecretBytes, Vec<u8>)>) -> Self {
        self.ready_keys = keys;
        self
    }

    /// The engine.
    ///
    /// # Errors
    /// The threads for slow arithmetic could not be started.
    pub fn open(self) -> io::Result<Engine> {
        let environment = Arc::new(Environment {
            account_id: self.settings.account_id,
            default_region: self.settings.default_region,
            base_url: self.settings.base_url,
            issuer: self.settings.issuer,
            root_keys: self.root_keys,
            shared: SharedRecords::on(Arc::new(Kept::default())),
            message_keys: message_keys(self.hooks.as_deref(), self.message_keys),
            pkce: self.pkce,
            login_providers: self.login_providers,
            broker: self.broker,
        });
        let workers = Workers::start(
            environment.clone(),
            self.entropy.clone(),
            self.arithmetic,
            self.ready_keys,
        )?;
        let storage = if self.storage.is_remote() {
            Arc::new(Leased::of(self.storage))
        } else {
            self.storage
        };
        let world = World {
            storage,
            workers,
            courier: self.courier,
            hooks: self.hooks,
            fetch: self.fetch,
            breached: self.breached,
            logs: self.logs,
        };
        let shared = Shared {
            environment,
            world: Arc::new(world),
            clock: self.clock,
            entropy: self.entropy,
        };
        Ok(Engine {
            shared: Arc::new(shared),
        })
    }
}

/// What can be done with the keys of pools: nothing where nobody serves triggers, and no key is needed for senders that
/// run in this process.
fn message_keys(hooks: Option<&(dyn Hooks + Send + Sync)>, keys: MessageKeys) -> MessageKeys {
    let Some(hooks) = hooks else {
        return MessageKeys::default();
    };
    MessageKeys {
        email_stays: hooks.stays_here("CustomEmailSender"),
        sms_stays: hooks.stays_here("CustomSMSSender"),
        ..keys
    }
}

/// An identity engine over a store. Cloning shares it.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    environment: Arc<Environment>,
    world: Arc<World>,
    clock: Arc<dyn Clock + Send + Sync>,
    entropy: Arc<dyn Entropy + Send + Sync>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("base_url", &self.shared.environment.base_url)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Begins an engine over a store, with the root keys under which its secrets are sealed.
    pub fn builder(storage: impl Storage + Send + Sync + 'static, root_keys: RootKeys) -> Builder {
        Builder {
            settings: Settings::default(),
            root_keys,
            storage: Arc::new(storage),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            courier: Arc::new(Undeliverable),
            hooks: None,
            fetch: None,
            breached: None,
            logs: None,
            message_keys: MessageKeys::default(),
            arithmetic: None,
            pkce: PkceDemand::Nobody,
            login_providers: LoginProviders::default(),
            broker: None,
            ready_keys: Vec::new(),
        }
    }

    /// Tells who signed a request with credentials that this engine gave out. Nothing is looked up for it.
    #[must_use]
    pub fn credentials(&self) -> Checker {
        Checker::new(self.shared.environment.root_keys.clone())
    }

    /// Answers a request from the wire, awaiting.
    ///
    /// # Errors
    /// The service's error, as the client should see it.
    #[cfg(feature = "tokio")]
    pub async fn answer(&self, call: Call) -> Answer {
        let program = wire_program(&call)?;
        let output = journey::detached(
            self.shared.world.clone(),
            self.machine(call.caller, program),
        )
        .await?;
        wire_body(call.operation, output)
    }

    /// How many requests are under way whose answers are awaited, or were when somebody stopped waiting: those go on.
    ///
    /// A host that ends may wait until there are none.
    #[cfg(feature = "tokio")]
    #[must_use]
    pub fn under_way(&self) -> usize {
        // Each of them holds the world, and so does the engine itself.
        Arc::strong_count(&self.shared.world) - 1
    }

    /// Answers a request from the wire in this thread.
    ///
    /// # Errors
    /// The service's error, as the client should see it.
    pub fn answer_blocking(&self, call: Call) -> Answer {
        let program = wire_program(&call)?;
        let output = drive::blocking(&self.shared.world, self.machine(call.caller, program))?;
        wire_body(call.operation, output)
    }

    /// Calls an operation by its request, as the program that embeds the engine.
    ///
    /// # Errors
    /// The service's error, or a fault of the world.
    #[cfg(feature = "tokio")]
    pub async fn call<R: Served>(&self, request: R) -> Result<R::Reply, Failure>
    where
        R::Reply: Send + 'static,
    {
        let program = table::bind(&request).map_err(Failure::Refused)?;
        typed(
            journey::detached(
                self.shared.world.clone(),
                self.machine(Caller::embedder(), program),
            )
            .await,
        )
    }

    /// Calls an operation by its request in this thread.
    ///
    /// # Errors
    /// The service's error, or a fault of the world.
    pub fn call_blocking<R: Served>(&self, request: R) -> Result<R::Reply, Failure>
    where
        R::Reply: Send + 'static,
    {
        let program = table::bind(&request).map_err(Failure::Refused)?;
        typed(drive::blocking(
            &self.shared.world,
            self.machine(Caller::embedder(), program),
        ))
    }

    /// Answers a request to an OAuth endpoint or a login page, awaiting.
    ///
    /// # Errors
    /// The service's error, as the client should see it.
    #[cfg(feature = "tokio")]
    pub async fn ask<E: Endpoint>(
        &self,
        endpoint: E,
        caller: Caller,
    ) -> Result<E::Reply, ApiError> {
        let machine = self.machine(caller, oauth::program(endpoint));
        let output = journey::detached(self.shared.world.clone(), machine).await;
        typed(output).map_err(ApiError::from)
    }

    /// Answers a request to an OAuth endpoint or a login page in this thread.
    ///
    /// # Errors
    /// The service's error, as the client should see it.
    pub fn ask_blocking<E: Endpoint>(
        &self,
        endpoint: E,
        caller: Caller,
    ) -> Result<E::Reply, ApiError> {
        let machine = self.machine(caller, oauth::program(endpoint));
        typed(drive::blocking(&self.shared.world, machine)).map_err(ApiError::from)
    }

    /// Where the engine is reached, as its settings say.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.shared.environment.base_url
    }

    /// Runs a program of the engine that is no operation of the API.
    #[cfg(feature = "tokio")]
    pub(crate) async fn run<T: 'static>(&self, program: Program) -> Result<T, Failure> {
        typed(
            journey::detached(
                self.shared.world.clone(),
                self.machine(Caller::embedder(), program),
            )
            .await,
        )
    }

    pub(crate) fn run_blocking<T: 'static>(&self, program: Program) -> Result<T, Failure> {
        typed(drive::blocking(
            &self.shared.world,
            self.machine(Caller::embedder(), program),
        ))
    }

    pub(crate) fn storage(&self) -> &Arc<dyn Storage + Send + Sync> {
        &self.shared.world.storage
    }

    pub(crate) fn clock(&self) -> &(dyn Clock + Send + Sync) {
        self.shared.clock.as_ref()
    }

    pub(crate) fn entropy(&self) -> &(dyn Entropy + Send + Sync) {
        self.shared.entropy.as_ref()
    }

    fn machine(&self, caller: Caller, program: Program) -> Machine {
        Machine::new(
            self.shared.environment.clone(),
            caller.into_core(),
            self.shared.clock.now(),
            self.shared.entropy.seed(),
            program,
        )
    }
}

/// The program of a request from the wire; signed operations need an administrator.
fn wire_program(call: &Call) -> Result<Program, ApiError> {
    if call.operation.auth == Auth::Signed && call.caller.administrator.is_none() {
        let refusal = Refusal::new(RefusalKind::NotAuthorized, "The request is not signed.");
        return Err(Failure::Refused(refusal).into());
    }
    table::program(call.operation, &call.body).map_err(|refusal| Failure::Refused(refusal).into())
}

fn wire_body(operation: &OperationSpec, output: Output) -> Answer {
    let text = output.downcast::<String>().map_err(|_| broken())?;
    Ok(if operation.has_output {
        text.into_bytes()
    } else {
        Vec::new()
    })
}

fn typed<T: 'static>(output: Result<Output, Failure>) -> Result<T, Failure> {
    output?
        .downcast::<T>()
        .map(|reply| *reply)
        .map_err(|_| broken())
}

fn broken() -> Failure {
    Failure::Faulted(Fault::new(
        "an operation answered another type than its own",
    ))
}
