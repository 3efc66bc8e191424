//! Every option with its default, and those that make no sense refused.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use userpool_http::TrustedProxies;
use userpool_http::rates::Rates;

use super::{Hidden, LISTEN, LogFormat, Options, RequirePkce, StoreKind, values};
use crate::base_path;
use crate::declared::Pool;
use crate::failure::Failure;
use crate::lambda::{LambdaCredentials, LambdaSettings};
use crate::login_providers::ToldProvider;
use crate::message_keys::{KeyServiceSettings, MessageKeySettings};
use crate::smtp::SmtpSettings;

/// Every option after all sources were heard, with defaults filled in.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub listen: SocketAddr,
    pub data: PathBuf,
    pub store: StoreKind,
    pub store_password: Option<Hidden>,
    pub base_url: Option<String>,
    pub issuer: String,
    pub account_id: String,
    pub region: String,
    pub admin_access_key_id: Option<String>,
    pub admin_secret_access_key: Option<Hidden>,
    pub root_keys: Option<Hidden>,
    pub messages: Option<PathBuf>,
    pub smtp: Option<SmtpSettings>,
    pub lambda: Option<LambdaSettings>,
    pub message_keys: MessageKeySettings,
    pub breached_passwords: Option<String>,
    pub log_delivery: Option<String>,
    pub private_providers: bool,
    pub sts_endpoint: Option<String>,
    pub rates: Option<Rates>,
    pub require_pkce: RequirePkce,
    pub demo: Option<PathBuf>,
    pub srp: Option<PathBuf>,
    pub tls_cert: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    pub metrics_listen: Option<SocketAddr>,
    pub trusted_proxies: TrustedProxies,
    pub max_in_flight: usize,
    pub max_connections: usize,
    pub stop_delay: Duration,
    pub log: String,
    pub log_format: LogFormat,
    pub pools: Vec<Pool>,
    pub login_providers: Vec<ToldProvider>,
}

impl Options {
    /// These options with their defaults.
    ///
    /// # Errors
    /// An option makes no sense.
    pub(super) fn complete(self) -> Result<Resolved, Failure> {
        let listen = self.listen.unwrap_or(LISTEN);
        let data = self.data.unwrap_or_else(|| "./userpool-data".into());
        let base_url = self.base_url.map(|it| it.trim_end_matches('/').to_owned());
        let account_id = self.account_id.unwrap_or_else(|| "000000000000".into());
        let messages = match self.messages {
            Some(path) if path.as_os_str() == "off" => None,
            Some(path) => Some(path),
            None if listen.ip().is_loopback() && self.smtp_relay.is_none() => {
                Some(data.join("messages.jsonl"))
            }
            None => None,
        };
        if account_id.len() != 12 || !account_id.bytes().all(|it| it.is_ascii_digit()) {
            return Err(Failure::new("account-id must be twelve digits"));
        }
        if base_url.as_ref().is_some_and(|it| !is_http(it)) {
            return Err(Failure::new("base-url must begin with http:// or https://"));
        }
        if base_url.as_ref().is_some_and(|it| !is_bare(it)) {
            return Err(Failure::new(
                "base-url is a host and at most a path: no query, no fragment, no blanks",
            ));
        }
        if base_url.as_ref().is_some_and(|it| !base_path::is_plain(it)) {
            return Err(Failure::new(
                "the path of base-url is of letters, digits and -._~% between single slashes",
            ));
        }
        let issuer = self.issuer.unwrap_or_else(|| "{base}/{pool}".into());
        values::check_issuer(&issuer)?;
        if self.demo.is_some() && !listen.ip().is_loopback() {
            return Err(Failure::new("demo is for listening on loopback"));
        }
        if self.tls_cert.is_some() != self.tls_key.is_some() {
            return Err(Failure::new("tls-cert and tls-key go together"));
        }
        if self.admin_access_key_id.is_some() != self.admin_secret_access_key.is_some() {
            return Err(Failure::new(
                "admin-access-key-id and USERPOOL_ADMIN_SECRET_ACCESS_KEY go together",
            ));
        }
        if self.smtp_user.is_some() != self.smtp_password.is_some() {
            return Err(Failure::new(
                "smtp-user and USERPOOL_SMTP_PASSWORD go together",
            ));
        }
        let smtp = match (self.smtp_relay, self.smtp_from) {
            (Some(relay), Some(from)) => Some(SmtpSettings {
                relay,
                tls: self.smtp_tls.unwrap_or_default(),
                from,
                account: self.smtp_user.zip(self.smtp_password),
            }),
            (Some(_), None) => return Err(Failure::new("smtp-relay needs smtp-from")),
            (None, _) => None,
        };
        let credentials = match (self.lambda_access_key_id, self.lambda_secret_access_key) {
            (Some(access_key_id), Some(secret)) => Some(LambdaCredentials {
                access_key_id,
                secret,
                session_token: self.lambda_session_token,
            }),
            (None, None) => None,
            _ => {
                return Err(Failure::new(
                    "lambda-access-key-id and USERPOOL_LAMBDA_SECRET_ACCESS_KEY go together",
                ));
            }
        };
        let region = self.region.unwrap_or_else(|| "us-east-1".into());
        values::check_region(&region)?;
        let lambda = self.lambda_endpoint.map(|endpoint| LambdaSettings {
            endpoint,
            region: region.clone(),
            credentials,
        });
        let service = match (
            self.kms_endpoint,
            self.kms_access_key_id,
            self.kms_secret_access_key,
        ) {
            (Some(endpoint), Some(access_key_id), Some(secret)) => Some(KeyServiceSettings {
                endpoint,
                region: region.clone(),
                access_key_id,
                secret,
                session_token: self.kms_session_token,
            }),
            (None, None, None) => None,
            _ => {
                return Err(Failure::new(
                    "kms-endpoint, kms-access-key-id and USERPOOL_KMS_SECRET_ACCESS_KEY go together",
                ));
            }
        };
        let proxies = self.trusted_proxies.unwrap_or_default();
        Ok(Resolved {
            listen,
            store: StoreKind::named(
                self.store.as_deref().unwrap_or("redb"),
                self.store_password.as_ref(),
            )?,
            store_password: self.store_password,
            base_url,
            issuer,
            account_id,
            region,
            admin_access_key_id: self.admin_access_key_id,
            admin_secret_access_key: self.admin_secret_access_key,
            root_keys: self.root_keys,
            messages,
            smtp,
            lambda,
            message_keys: MessageKeySettings {
                wrapping: self.message_keys,
                service,
            },
            breached_passwords: self.breached_passwords,
            log_delivery: self.log_delivery,
            private_providers: self.private_providers.unwrap_or(false),
            sts_endpoint: self.sts_endpoint,
            rates: self.rates.as_deref().map(values::rates).transpose()?,
            require_pkce: self.require_pkce.unwrap_or_default(),
            demo: self.demo,
            srp: self.srp,
            tls_cert: self.tls_cert,
            tls_key: self.tls_key,
            metrics_listen: self.metrics_listen,
            trusted_proxies: proxies
                .parse()
                .map_err(|it| Failure::new(format!("trusted-proxies: {it}")))?,
            max_in_flight: places(self.max_in_flight, 256),
            max_connections: places(self.max_connections, 4_096),
            stop_delay: Duration::from_secs(self.stop_delay.unwrap_or(0).into()),
            log: self.log.unwrap_or_else(|| "info".into()),
            log_format: self.log_format.unwrap_or_default(),
            pools: self.pools,
            login_providers: self.login_providers,
            data,
        })
    }
}

impl Resolved {
    /// The URL that clients use, given the address that was bound.
    ///
    /// Where none was set it names that address; "every interface" becomes the local one.
    pub(crate) fn base_url(&self, bound: SocketAddr) -> String {
        let mut shown = bound;
        if bound.ip().is_unspecified() {
            shown.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        let scheme = if self.tls_cert.is_some() {
            "https"
        } else {
            "http"
        };
        self.base_url
            .clone()
            .unwrap_or_else(|| format!("{scheme}://{shown}"))
    }
}

/// How many are let in at once.
fn places(told: Option<NonZeroU32>, default: usize) -> usize {
    told.map_or(default, |it| it.get() as usize)
}

/// Whether paths can be appended to a URL.
fn is_bare(url: &str) -> bool {
    !url.contains(['?', '#']) && url.bytes().all(|it| it.is_ascii_graphic())
}

fn is_http(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}
