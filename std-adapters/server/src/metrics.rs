//! Counters and latencies in the Prometheus text format, version 0.0.4.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use userpool_http::Outcome;

/// Upper bounds of the latency buckets, in milliseconds.
const BOUNDS: [u64; 12] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 30_000];

/// What the server counts.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    in_flight: AtomicU64,
    connections: AtomicU64,
    answered: Mutex<BTreeMap<&'static str, Answered>>,
}

/// The answers of one operation.
#[derive(Debug, Default)]
struct Answered {
    /// How many there were of each outcome: `ok` or the name of an error.
    outcomes: BTreeMap<&'static str, u64>,
    /// How many took no longer than each bound; the last counts all.
    buckets: [u64; BOUNDS.len() + 1],
    /// Time in all, in microseconds.
    micros: u64,
}

/// One request or connection under way; counts down when dropped, however it ends.
pub(crate) struct UnderWay<'a>(&'a AtomicU64);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Metrics {
    /// Counts a request as under way.
    pub(crate) fn request(&self) -> UnderWay<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        UnderWay(&self.in_flight)
    }

    /// Counts a connection as open.
    pub(crate) fn connection(&self) -> UnderWay<'_> {
        self.connections.fetch_add(1, Ordering::Relaxed);
        UnderWay(&self.connections)
    }

    /// Counts an answer.
    ///
    /// Operations and errors have the names of the model, endpoints and pages those of their routes, so that no caller can
    /// add series.
    pub(crate) fn answered(&self, outcome: &Outcome, took: Duration) {
        let operation = outcome.operation.map(|it| it.name);
        let operation = operation.or(outcome.path).unwrap_or("none");
        let error = outcome.error.unwrap_or("ok");
        let mut answered = self.answered.lock().unwrap_or_else(|it| it.into_inner());
        let entry = answered.entry(operation).or_default();
        *entry.outcomes.entry(error).or_default() += 1;
        let millis = took.as_millis();
        for (bucket, bound) in entry.buckets.iter_mut().zip(BOUNDS) {
            *bucket += u64::from(millis < u128::from(bound));
        }
        entry.buckets[BOUNDS.len()] += 1;
        entry.micros = entry.micros.saturating_add(took.as_micros() as u64);
    }

    /// The text that Prometheus reads.
    pub(crate) fn expose(&self) -> String {
        let mut text = String::new();
        let gauges = [
            (
                "requests_in_flight",
                "Requests being answered.",
                &self.in_flight,
            ),
            ("connections_open", "Open connections.", &self.connections),
        ];
        for (name, help, value) in gauges {
            head(&mut text, name, "gauge", help);
            line(&mut text, name, "", value.load(Ordering::Relaxed));
        }
        if let Some(bytes) = resident_bytes() {
            text.push_str("# HELP process_resident_memory_bytes Resident memory.\n");
            text.push_str("# TYPE process_resident_memory_bytes gauge\n");
            let _ = writeln!(text, "process_resident_memory_bytes {bytes}");
        }
        let answered = self.answered.lock().unwrap_or_else(|it| it.into_inner());
        head(
            &mut text,
            "requests_total",
            "counter",
            "Requests by operation and outcome.",
        );
        for (operation, entry) in &*answered {
            for (outcome, count) in &entry.outcomes {
                let labels = format!("{{operation=\"{operation}\",outcome=\"{outcome}\"}}");
                line(&mut text, "requests_total", &labels, count);
            }
        }
        head(
            &mut text,
            "request_seconds",
            "histogram",
            "Time from request to answer.",
        );
        for (operation, entry) in &*answered {
            for (bound, count) in BOUNDS.iter().zip(&entry.buckets) {
                let labels = format!(
                    "{{operation=\"{operation}\",le=\"{}\"}}",
                    *bound as f64 / 1e3
                );
                line(&mut text, "request_seconds_bucket", &labels, count);
            }
            let all = entry.buckets[BOUNDS.len()];
            let labels = format!("{{operation=\"{operation}\",le=\"+Inf\"}}");
            line(&mut text, "request_seconds_bucket", &labels, all);
            let labels = format!("{{operation=\"{operation}\"}}");
            line(
                &mut text,
                "request_seconds_sum",
                &labels,
                entry.micros as f64 / 1e6,
            );
            line(&mut text, "request_seconds_count", &labels, all);
        }
        text
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(
        text,
        "# HELP userpool_{name} {help}\n# TYPE userpool_{name} {kind}"
    );
}

fn line(text: &mut String, name: &str, labels: &str, value: impl std::fmt::Display) {
    let _ = writeln!(text, "userpool_{name}{labels} {value}");
}

/// Resident memory as Linux tells it, in pages of 4 KiB.
fn resident_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4_096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_operation_and_outcome() {
        let metrics = Metrics::default();
        let mut outcome = Outcome::default();
        outcome.operation = userpool_wire::find("AWSCognitoIdentityProviderService.SignUp");
        metrics.answered(&outcome, Duration::from_millis(3));
        outcome.error = Some("UsernameExistsException");
        metrics.answered(&outcome, Duration::from_secs(60));
        outcome.operation = None;
        outcome.path = Some("/oauth2/token");
        outcome.error = None;
        metrics.answered(&outcome, Duration::from_millis(3));
        let text = metrics.expose();
        for expected in [
            "userpool_requests_total{operation=\"/oauth2/token\",outcome=\"ok\"} 1\n",
            "userpool_requests_total{operation=\"SignUp\",outcome=\"ok\"} 1\n",
            "userpool_requests_total{operation=\"SignUp\",outcome=\"UsernameExistsException\"} 1\n",
            "userpool_request_seconds_bucket{operation=\"SignUp\",le=\"0.002\"} 0\n",
            "userpool_request_seconds_bucket{operation=\"SignUp\",le=\"0.005\"} 1\n",
            "userpool_request_seconds_bucket{operation=\"SignUp\",le=\"+Inf\"} 2\n",
            "userpool_request_seconds_count{operation=\"SignUp\"} 2\n",
            "userpool_request_seconds_sum{operation=\"SignUp\"} 60.003\n",
            "# TYPE userpool_request_seconds histogram\n",
        ] {
            assert!(text.contains(expected), "{expected}\n{text}");
        }
    }

    #[test]
    fn what_is_under_way_is_counted_until_it_ends() {
        let metrics = Metrics::default();
        let request = metrics.request();
        assert!(metrics.expose().contains("userpool_requests_in_flight 1\n"));
        drop(request);
        assert!(metrics.expose().contains("userpool_requests_in_flight 0\n"));
    }
}
