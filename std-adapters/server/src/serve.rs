//! The loop that accepts connections, and its graceful end.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::Service;
use userpool_http::{Outcome, PeerAddress, RequestId};

use crate::metrics::Metrics;

/// How long a client may take to send the head of a request, and be idle between two.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// How long requests under way may take to finish when the server stops.
const DRAIN_TIME: Duration = Duration::from_secs(20);
/// Streams of one HTTP/2 connection that are served side by side.
const STREAMS: u32 = 64;
/// The largest head of a request.
const HEAD_BYTES: usize = 64 * 1_024;

/// Serves a router until `stop` resolves, then lets requests under way finish.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    metrics: Arc<Metrics>,
    connections: usize,
    stop: impl Future<Output = ()>,
) {
    let builder = builder();
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS)));
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
        // Answers are small and waited for; without this some wait 40 ms for an acknowledgement.
        let _ = stream.set_nodelay(true);
        let peer = PeerAddress(peer.ip());
        let (router, counted) = (router.clone(), Arc::clone(&metrics));
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(peer);
            answer(router.clone(), Arc::clone(&counted), request)
        });
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection.into_owned());
        let metrics = Arc::clone(&metrics);
        tokio::spawn(async move {
            let _place = place;
            let _open = metrics.connection();
            if let Err(error) = connection.await {
                tracing::debug!(peer = %peer.0, error, "a connection ended early");
            }
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
    let operation = outcome.operation.map(|it| it.name);
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
