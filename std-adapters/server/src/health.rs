//! Whether the process lives, and whether it should be sent requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract;
use axum::http::StatusCode;
use axum::routing::get;

/// Whether the server should be sent requests: not while it stops, nor while it cannot prove the root keys of its store,
/// which it may lack one of, or not reach.
#[derive(Clone, Debug)]
pub(crate) struct Readiness(Arc<State>);

#[derive(Debug, Default)]
struct State {
    stopping: AtomicBool,
    unproven: AtomicBool,
}

impl Readiness {
    /// A server that is ready.
    pub(crate) fn ready() -> Self {
        Self(Arc::default())
    }

    /// Says whether the root keys are not proven; tells whether that is news.
    pub(crate) fn unproven(&self, unproven: bool) -> bool {
        self.0.unproven.swap(unproven, Ordering::Relaxed) != unproven
    }

    /// From now on it is not.
    pub(crate) fn stopping(&self) {
        self.0.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether it stops.
    pub(crate) fn is_stopping(&self) -> bool {
        self.0.stopping.load(Ordering::Relaxed)
    }

    /// `/healthz` and `/readyz`.
    pub(crate) fn router(&self) -> Router {
        Router::new()
            .route("/healthz", get(async || "ok\n"))
            .route("/readyz", get(readyz))
            .with_state(self.clone())
    }
}

async fn readyz(
    extract::State(readiness): extract::State<Readiness>,
) -> (StatusCode, &'static str) {
    if readiness.is_stopping() {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    } else if readiness.0.unproven.load(Ordering::Relaxed) {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the root keys of the store are not proven\n",
        )
    } else {
        (StatusCode::OK, "ready\n")
    }
}
