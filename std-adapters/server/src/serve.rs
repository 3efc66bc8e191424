//! The loop that accepts connections, and its graceful end.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Version};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tower::Service as _;
use userpool_http::{Outcome, PeerAddress, RequestId};

use crate::health::Readiness;
use crate::metrics::Metrics;

/// How long a client may take to send the head of a request, and be idle between two.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// How long a TLS handshake may take.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// How long requests under way may take to finish when the server stops.
const DRAIN_TIME: Duration = Duration::from_secs(20);
/// Streams of one HTTP/2 connection that are served side by side.
const STREAMS: u32 = 64;
/// The largest head of a request.
const HEAD_BYTES: usize = 64 * 1_024;

/// What is served, and to how many at once.
#[derive(Clone)]
pub(crate) struct Service {
    /// What answers.
    pub router: Router,
    /// What counts.
    pub metrics: Arc<Metrics>,
    /// What knows whether it stops.
    pub readiness: Readiness,
    /// What encrypts, if anything does.
    pub tls: Option<TlsAcceptor>,
    /// Connections that are open side by side; more wait to be accepted.
    pub connections: usize,
}

/// Serves until `stop` resolves, then lets requests under way finish.
pub(crate) async fn serve(listener: TcpListener, service: Service, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let places = service.connections.min(Semaphore::MAX_PERMITS);
    let places = Arc::new(Semaphore::new(places));
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: give connections time to close.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let (service, watcher) = (service.clone(), graceful.watcher());
        tokio::spawn(async move {
            let _place = place;
            open(stream, PeerAddress(peer.ip()), service, watcher).await;
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_TIME, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("requests were still under way when the time to finish them was over");
    }
}

/// Serves one connection, behind TLS where that is on.
async fn open(stream: TcpStream, peer: PeerAddress, service: Service, watcher: Watcher) {
    let metrics = Arc::clone(&service.metrics);
    let _open = metrics.connection();
    // Answers are small and waited for; without this some wait 40 ms for an acknowledgement.
    let _ = stream.set_nodelay(true);
    let Some(tls) = &service.tls else {
        return exchange(stream, peer, service, watcher).await;
    };
    match tokio::time::timeout(HANDSHAKE_TIME, tls.accept(stream)).await {
        Ok(Ok(stream)) => exchange(stream, peer, service, watcher).await,
        Ok(Err(error)) => tracing::debug!(peer = %peer.0, %error, "a TLS handshake failed"),
        Err(_) => tracing::debug!(peer = %peer.0, "a TLS handshake took too long"),
    }
}

/// Answers the requests of one connection.
async fn exchange<S>(stream: S, peer: PeerAddress, service: Service, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let answering = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer);
        let version = request.version();
        let answered = answer(
            service.router.clone(),
            Arc::clone(&service.metrics),
            request,
        );
        let readiness = service.readiness.clone();
        async move {
            let mut response = answered.await?;
            // HTTP/2 has no such header; its connections are told by a frame once the listener has closed.
            if version != Version::HTTP_2 && readiness.is_stopping() {
                dismiss(&mut response);
            }
            Ok::<_, Infallible>(response)
        }
    });
    let builder = builder();
    let connection = builder.serve_connection(TokioIo::new(stream), answering);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(peer = %peer.0, error, "a connection ended early");
    }
}

/// Has the client begin its next request with a connection to another server.
fn dismiss(response: &mut hyper::Response<Body>) {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_BYTES)
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HEAD_TIME)
        .max_header_list_size(HEAD_BYTES as u32)
        .max_concurrent_streams(STREAMS);
    builder
}

/// Answers one request, and counts and logs it. Nothing a caller sent is logged but the operation.
async fn answer(
    mut router: Router,
    metrics: Arc<Metrics>,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Body>, Infallible> {
    let under_way = metrics.request();
    let began = Instant::now();
    let response = router.call(request).await?;
    let took = began.elapsed();
    drop(under_way);
    let extensions = response.extensions();
    let Some(outcome) = extensions.get::<Outcome>() else {
        return Ok(response);
    };
    metrics.answered(outcome, took);
    let operation = outcome.operation.map(|it| it.name).or(outcome.path);
    let request_id = extensions.get::<RequestId>().map(tracing::field::display);
    if let Some(cause) = &outcome.cause {
        tracing::error!(operation, cause, request_id, "a request failed inside");
    }
    tracing::debug!(
        operation,
        status = response.status().as_u16(),
        error = outcome.error,
        micros = took.as_micros() as u64,
        request_id,
        "answered"
    );
    Ok(response)
}
