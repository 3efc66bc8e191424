//! The log: text for people, JSON for machines, to standard error.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::failure::Failure;
use crate::options::{LogFormat, Resolved};

/// Starts logging as the settings say.
///
/// # Errors
/// The filter cannot be read.
pub(crate) fn start(settings: &Resolved) -> Result<(), Failure> {
    let filter: Targets = settings
        .log
        .parse()
        .map_err(|it| Failure::new(format!("log: {it}")))?;
    let lines = fmt::layer().with_writer(stderr);
    let lines = match settings.log_format {
        LogFormat::Text => lines.with_ansi(stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .init();
    Ok(())
}
