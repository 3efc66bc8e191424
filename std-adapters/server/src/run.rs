//! From settings to a running server, and to its end.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::time::MissedTickBehavior;
use userpool::{Builder, Engine, Memory, Settings};
use userpool_crypto::sealed::RootKeys;
use userpool_http::{Api, Limits};
use userpool_redb::RedbStore;

use crate::admin::Administrator;
use crate::breached::Breached;
use crate::failure::Failure;
use crate::folder::DataFolder;
use crate::health::Readiness;
use crate::lambda::Lambda;
use crate::log_delivery::Logs;
use crate::messages::{Couriers, MessageFile};
use crate::metrics::Metrics;
use crate::migrate::{self, SOCKET, Socket, Tap, listen};
use crate::options::{Resolved, StoreKind};
use crate::outbound::Outbound;
use crate::providers::{Exchanges, Providers};
use crate::serve::{Service, serve};
use crate::smtp::Smtp;
use crate::stop::StopSignals;
use crate::{base_path, declared, demo, greeting, login_providers, root_keys, srp, stores, tls};

/// How often the engine sweeps and runs what it put off.
const MAINTENANCE: Duration = Duration::from_secs(2);
/// How long a security token service may take: the request of a user waits for it.
const BROKER_LIMIT: Duration = Duration::from_secs(5);
/// How many connections may read metrics at once.
const METRICS_CONNECTIONS: usize = 16;

/// Serves until the process is told to stop.
///
/// # Errors
/// Something needed at the start is missing or broken.
pub(crate) async fn run(settings: Resolved) -> Result<(), Failure> {
    let mut signals = StopSignals::listen()?;
    let tls = match (&settings.tls_cert, &settings.tls_key) {
        (Some(certificates), Some(key)) => Some(tls::acceptor(certificates, key)?),
        _ => None,
    };
    let package = srp::find(settings.srp.as_deref())?;
    let page = match settings.listen.ip().is_loopback() {
        true => demo::router(settings.demo.as_deref(), settings.messages.as_deref())?,
        false => Router::new(),
    };
    let listener = bind(settings.listen).await?;
    let metrics_listener = match settings.metrics_listen {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    // What could keep the server from starting is known, and nothing is made yet.
    let folder = DataFolder::open(&settings.data)?;
    let administrator = Administrator::find(&settings, &folder)?;
    let bound = listener
        .local_addr()
        .map_err(|it| Failure::new(it.to_string()))?;
    let base_url = settings.base_url(bound);
    let left = Arc::new(Notify::new());
    let (engine, _socket) = engine(&settings, &folder, base_url.clone(), &left)?;
    declared::make(&engine, &settings.pools).await?;
    if settings.demo.is_some() {
        demo::make(&engine).await?;
    }
    let metrics = Arc::new(Metrics::default());
    let readiness = Readiness::ready();
    let (stop, stopping) = watch::channel(());
    if let Some(listener) = metrics_listener {
        serve_metrics(listener, Arc::clone(&metrics), stopping.clone());
    }
    let maintenance = tokio::spawn(maintain(engine.clone(), readiness.clone(), stopping));
    let mut limits = Limits::default();
    limits.in_flight = settings.max_in_flight;
    let mut api = Api::new(engine)
        .credentials(administrator.pair.clone())
        .limits(limits)
        .trusted_proxies(settings.trusted_proxies.clone());
    if let Some(rates) = settings.rates.clone() {
        api = api.rates(rates);
    }
    if let Some(package) = package {
        api = api.srp(package);
    }
    let router = readiness.router().merge(page);
    let router = router.merge(base_path::serve(&base_url, userpool_http::router(api)));
    greeting::print(
        &base_url,
        &settings.region,
        &administrator,
        settings.messages.as_deref(),
    );
    let told = async {
        let delay = tokio::select! {
            () = signals.heard() => settings.stop_delay,
            // There is nothing here to serve from any more.
            () = left.notified() => Duration::ZERO,
        };
        tracing::info!("stopping");
        readiness.stopping();
        // Whoever sends requests here finds out meanwhile that it should not; another signal is a hurry.
        let _ = tokio::time::timeout(delay, signals.heard()).await;
    };
    let service = Service {
        router,
        metrics,
        readiness: readiness.clone(),
        tls,
        connections: settings.max_connections,
    };
    serve(listener, service, told).await;
    drop(stop);
    // A round of maintenance under way ends before the store closes.
    let _ = maintenance.await;
    Ok(())
}

async fn bind(address: std::net::SocketAddr) -> Result<TcpListener, Failure> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|it| Failure::new(format!("{address} cannot be listened on: {it}")))
}

fn serve_metrics(listener: TcpListener, metrics: Arc<Metrics>, mut stopping: watch::Receiver<()>) {
    let shown = Arc::clone(&metrics);
    let expose = get(async move || {
        (
            [(CONTENT_TYPE, "text/plain; version=0.0.4")],
            shown.expose(),
        )
    });
    let router = Router::new().route("/metrics", expose);
    tokio::spawn(async move {
        let stop = async {
            // The sender says nothing; it is dropped when the server has stopped.
            let _ = stopping.changed().await;
        };
        // The readers of metrics are not among the connections that metrics count.
        let service = Service {
            router,
            metrics: Arc::default(),
            readiness: Readiness::ready(),
            tls: None,
            connections: METRICS_CONNECTIONS,
        };
        serve(listener, service, stop).await;
    });
}

/// Lets the engine sweep and run what it put off, until the server has stopped.
async fn maintain(engine: Engine, readiness: Readiness, mut stopping: watch::Receiver<()>) {
    let mut rounds = tokio::time::interval(MAINTENANCE);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = rounds.tick() => {}
            _ = stopping.changed() => return,
        }
        let proven = engine.prove_root_keys().await;
        match (&proven, readiness.unproven(proven.is_err())) {
            (Err(error), true) => tracing::error!(
                %error,
                "not ready: the root keys of the store are not proven; another node may seal under one that this one lacks"
            ),
            (Ok(()), true) => tracing::info!("ready again"),
            (_, false) => {}
        }
        let engine = engine.clone();
        match tokio::task::spawn_blocking(move || engine.maintain_blocking()).await {
            Ok(Ok(true)) => rounds.reset_immediately(),
            Ok(Ok(false)) => {}
            Ok(Err(error)) => tracing::error!(%error, "maintenance failed"),
            Err(error) => tracing::error!(%error, "maintenance broke off"),
        }
    }
}

/// The engine over the store that the settings name; where that is a file, others may copy it by a socket, and `left` is told
/// once it has moved.
fn engine(
    settings: &Resolved,
    folder: &DataFolder,
    base_url: String,
    left: &Arc<Notify>,
) -> Result<(Engine, Option<Socket>), Failure> {
    if let StoreKind::Postgres(options) = &settings.store
        && options.is_read_only()
    {
        return Err(Failure::new(
            "a server writes to its store: leave target_session_attrs=any out, which is for `userpool export`",
        ));
    }
    let mut socket = None;
    let builder = over_store(settings, folder, base_url, |keys, store| {
        let tap = Tap::over(store);
        socket = listen(&folder.file(SOCKET), &tap, left);
        Engine::builder(tap, keys)
    })?;
    let couriers = Couriers {
        smtp: settings.smtp.as_ref().map(Smtp::new).transpose()?,
        file: settings
            .messages
            .as_deref()
            .map(MessageFile::open)
            .transpose()?,
    };
    let builder = match &settings.lambda {
        Some(lambda) => builder.hooks(Lambda::new(lambda)?),
        None => builder,
    };
    let (builder, own) = settings.message_keys.give(builder)?;
    let (builder, own) = match &settings.sts_endpoint {
        Some(endpoint) => {
            let broker = login_providers::broker(endpoint)?;
            let own = own.map_or_else(|| Outbound::new(BROKER_LIMIT), Ok)?;
            (builder.broker(broker), Some(own))
        }
        None => (builder, own),
    };
    let builder = builder.fetch(Exchanges {
        own,
        providers: Providers::new(settings.private_providers),
    });
    let builder = match &settings.log_delivery {
        Some(place) => builder.log_delivery(Logs::open(place)?),
        None => builder,
    };
    let builder = match &settings.breached_passwords {
        Some(source) => builder.breached_passwords(Breached::open(source)?),
        None => builder,
    };
    let engine = builder
        .login_providers(login_providers::told(&settings.login_providers)?)
        .pkce(settings.require_pkce.into())
        .courier(couriers)
        .open()
        .map_err(|it| Failure::new(format!("the engine does not start: {it}")))?;
    prove(&engine)?;
    Ok((engine, socket))
}

/// Begins an engine over the store that the settings name, over a file by `begin`.
///
/// # Errors
/// The store cannot be opened, or its keys are missing.
pub(crate) fn over_store(
    settings: &Resolved,
    folder: &DataFolder,
    base_url: String,
    begin: impl FnOnce(RootKeys, RedbStore) -> Builder,
) -> Result<Builder, Failure> {
    let given = settings.root_keys.as_ref();
    let builder = match &settings.store {
        StoreKind::Memory => Engine::builder(Memory::new(), root_keys::passing(given)?),
        StoreKind::Redb => {
            let path = folder.file(stores::FILE);
            // The keys first: a start that is cut short leaves keys without a store, never a
            // store without keys.
            let keys = root_keys::find(given, folder, !path.exists())?;
            let store = stores::embedded(&path)?;
            migrate::check_whole(&store)?;
            begin(keys, store)
        }
        StoreKind::Postgres(options) => {
            let keys = root_keys::shared(given)?;
            let store = stores::database(options)?;
            migrate::check_whole(&store)?;
            Engine::builder(store, keys)
        }
    };
    Ok(builder.settings(Settings {
        base_url,
        issuer: settings.issuer.clone(),
        account_id: settings.account_id.clone(),
        default_region: settings.region.clone(),
    }))
}

/// Makes sure that the root keys are those of the store.
///
/// # Errors
/// They are not.
pub(crate) fn prove(engine: &Engine) -> Result<(), Failure> {
    engine.prove_root_keys_blocking().map_err(|_| {
        Failure::new(
            "the root keys are not those of the store; give those that it was made with".to_owned(),
        )
    })
}
