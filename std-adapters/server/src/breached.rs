//! Passwords that are known from breaches: a file of them, or a service that is asked for ranges.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use userpool::breached::{BreachList, BreachRanges};
use userpool::ports::{BreachedPasswords, FetchFault};

use crate::failure::Failure;
use crate::outbound::Outbound;

/// How long a service may take: a sign-in waits for it.
const LIMIT: Duration = Duration::from_secs(2);
/// How long a service that failed is left alone.
const REST: Duration = Duration::from_secs(10);

/// What knows breached passwords.
pub(crate) enum Breached {
    /// A list.
    List(BreachList),
    /// A service, and since when it has not answered.
    Service {
        ranges: BreachRanges<Outbound>,
        failed: Mutex<Option<Instant>>,
    },
}

impl Breached {
    /// The service at a URL, or the list in a file.
    ///
    /// # Errors
    /// The file cannot be read, or nobody's certificate could be checked.
    pub(crate) fn open(source: &str) -> Result<Self, Failure> {
        if source.starts_with("https://") || source.starts_with("http://") {
            return Ok(Self::Service {
                ranges: BreachRanges::new(source, Outbound::new(LIMIT)?),
                failed: Mutex::new(None),
            });
        }
        let path = Path::new(source);
        let read = File::open(path).and_then(|file| BreachList::read(BufReader::new(file)));
        let list = read.map_err(|it| {
            Failure::new(format!("the breached passwords {}: {it}", path.display()))
        })?;
        tracing::info!(passwords = list.len(), "breached passwords are refused");
        Ok(Self::List(list))
    }
}

impl BreachedPasswords for Breached {
    fn range(&self, prefix: &str) -> Result<String, FetchFault> {
        let (ranges, failed) = match self {
            Self::List(list) => return list.range(prefix),
            Self::Service { ranges, failed } => (ranges, failed),
        };
        let lock = || {
            failed
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner())
        };
        if lock().is_some_and(|at| at.elapsed() < REST) {
            return Err(FetchFault("it failed just now".into()));
        }
        let end = ranges.range(prefix);
        if let Err(fault) = &end {
            tracing::warn!(%fault, "passwords go unchecked: nobody tells which are breached");
        }
        *lock() = end.is_err().then(Instant::now);
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = Breached::open("/nowhere/passwords").err().unwrap();
        assert!(error.to_string().contains("/nowhere/passwords"), "{error}");
    }

    #[tokio::test]
    async fn a_service_that_failed_is_left_alone_for_a_while() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let breached = Breached::open(&url).unwrap();
        let ends = tokio::task::spawn_blocking(move || [0, 1].map(|_| breached.range("5BAA6")));
        let [first, second] = ends.await.unwrap().map(Result::unwrap_err);
        assert_ne!(first, second);
        assert_eq!(second.0, "it failed just now");
    }
}
