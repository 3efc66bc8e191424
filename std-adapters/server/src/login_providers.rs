//! Providers that identity pools take logins from, as the settings file tells of them, and who gives out credentials.

use std::path::PathBuf;

use serde::Deserialize;
use userpool::{Broker, LoginProvider, LoginProviders};

use crate::failure::Failure;
use crate::outbound::Endpoint;

/// A provider of the settings file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ToldProvider {
    /// Its ARN, or the name of a public one.
    name: String,
    #[serde(default)]
    client_ids: Vec<String>,
    address: Option<String>,
    /// The file of its metadata.
    metadata: Option<PathBuf>,
    audience: Option<String>,
    recipient: Option<String>,
}

/// What the engine is told of them.
///
/// # Errors
/// A file cannot be read, or a provider cannot be used.
pub(crate) fn told(providers: &[ToldProvider]) -> Result<LoginProviders, Failure> {
    let mut all = LoginProviders::default();
    for provider in providers {
        let metadata = match &provider.metadata {
            Some(path) => {
                let text = std::fs::read_to_string(path);
                Some(text.map_err(|it| Failure::new(format!("{}: {it}", path.display())))?)
            }
            None => None,
        };
        let told = LoginProvider {
            client_ids: provider.client_ids.clone(),
            address: provider.address.clone(),
            metadata,
            audience: provider.audience.clone(),
            recipient: provider.recipient.clone(),
        };
        let with = all.with(&provider.name, told);
        all = with.map_err(|it| Failure::new(it.to_string()))?;
    }
    Ok(all)
}

/// The security token service at an endpoint.
///
/// # Errors
/// It is none.
pub(crate) fn broker(endpoint: &str) -> Result<Broker, Failure> {
    let parsed = Endpoint::parse(endpoint)
        .ok_or_else(|| Failure::new("sts-endpoint must be http://HOST or https://HOST"))?;
    if !parsed.tls && !parsed.is_local() {
        tracing::warn!("credentials come in clear: sts-endpoint is http://");
    }
    Ok(Broker {
        endpoint: endpoint.into(),
    })
}
