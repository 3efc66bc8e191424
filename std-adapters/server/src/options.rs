//! What the server can be told: by flag, by environment and by file, under the same names.
//!
//! A flag wins over the environment, the environment over the file, the file over the default.
//! Secrets have no flag, because every process can read the arguments of every other.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Deserialize;
use userpool::PkceDemand;
use userpool_crypto::secret::SecretText;
use userpool_http::TrustedProxies;

use crate::declared::Pool;
use crate::failure::Failure;
use crate::lambda::{LambdaCredentials, LambdaSettings};
use crate::message_keys::{KeyServiceSettings, MessageKeySettings};
use crate::smtp::{SmtpSettings, SmtpTls};

/// The address that is listened on where none is given.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9_229);

/// An identity server that speaks Amazon Cognito's protocols.
///
/// Without a command it serves. Each option can be given as a flag, as the environment variable
/// named beside it, or in a TOML file under the flag's name (`listen = "127.0.0.1:9229"`); the
/// flag wins over the environment, the environment over the file.
#[derive(Debug, Parser)]
#[command(name = "userpool", version, after_long_help = SECRETS_HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub options: Options,
}

const SECRETS_HELP: &str = "\
Secrets have no flag:
  USERPOOL_ADMIN_SECRET_ACCESS_KEY  the secret that belongs to --admin-access-key-id; both together
                                    or none: then a pair is made at the first start and kept in
                                    the data folder (admin-credentials)
  USERPOOL_ROOT_KEYS                the keys that seal every secret in the store: the path of a
                                    file, or `id:base64` pairs of 32 bytes separated by commas, the
                                    newest first; made at the first start and kept in the data
                                    folder (root-keys). Whoever loses them loses every password.
  USERPOOL_SMTP_PASSWORD            the password that belongs to --smtp-user
  USERPOOL_LAMBDA_SECRET_ACCESS_KEY the secret that belongs to --lambda-access-key-id
  USERPOOL_LAMBDA_SESSION_TOKEN     the session token that came with the two, if one did
  USERPOOL_MESSAGE_KEYS             wrapping keys that pools may name as KMSKeyID: the path of a file,
                                    or `name:base64` pairs of 32 bytes separated by commas; the
                                    name is the ARN or what follows key/ in it, and that of the Raw
                                    AES keyring (namespace userpool) that decrypts the codes
  USERPOOL_KMS_SECRET_ACCESS_KEY    the secret that belongs to --kms-access-key-id
  USERPOOL_KMS_SESSION_TOKEN        the session token that came with the two, if one did
  In the file: admin-secret-access-key, root-keys, smtp-password, lambda-secret-access-key,
  lambda-session-token, message-keys, kms-secret-access-key, kms-session-token.

The file may declare what to make at the start, under ids of your choice; `settings` has the members of
CreateUserPool and CreateUserPoolClient, and what is there already stays as it is:
  [[pools]]
  id = \"us-east-1_Example01\"
  settings = { AutoVerifiedAttributes = [\"email\"] }
  [[pools.clients]]
  id = \"1example23456789\"
  settings = { ExplicitAuthFlows = [\"ALLOW_USER_SRP_AUTH\", \"ALLOW_REFRESH_TOKEN_AUTH\"] }
  [[pools.users]]
  username = \"jane\"
  password = \"correct-Horse-7\"
  attributes = { email = \"jane@example.com\", email_verified = \"true\" }

TLS needs a processor from about 2014 on (x86-64: AES, AVX2, ADX, BMI2; ARM: AES, SHA-2, PMULL), or
a proxy in front.";

/// What to do; serving is what happens without a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum Command {
    /// Serve until told to stop.
    Serve,
    /// Print the version.
    Version,
}

/// Every option, as one source gave it.
#[derive(Args, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Options {
    /// Address to listen on [default: 127.0.0.1:9229]
    #[arg(
        long,
        global = true,
        env = "USERPOOL_LISTEN",
        value_name = "ADDRESS:PORT"
    )]
    pub listen: Option<SocketAddr>,

    /// Folder for the store, keys and messages, made with mode 0700 [default: ./userpool-data]
    #[arg(long, global = true, env = "USERPOOL_DATA", value_name = "FOLDER")]
    pub data: Option<PathBuf>,

    /// `redb`: a file in the data folder; `memory:`: nothing outlives the process [default: redb]
    #[arg(long, global = true, env = "USERPOOL_STORE", value_name = "STORE")]
    pub store: Option<String>,

    /// URL under which clients reach this server [default: the listen address]
    #[arg(long, global = true, env = "USERPOOL_BASE_URL", value_name = "URL")]
    pub base_url: Option<String>,

    /// Issuer of tokens, with {base}, {pool} and {region} filled in [default: {base}/{pool}]
    ///
    /// Clients that insist on the service's own issuer want
    /// https://cognito-idp.{region}.amazonaws.com/{pool}.
    #[arg(long, global = true, env = "USERPOOL_ISSUER", value_name = "TEMPLATE")]
    pub issuer: Option<String>,

    /// Account number in ARNs [default: 000000000000]
    #[arg(
        long,
        global = true,
        env = "USERPOOL_ACCOUNT_ID",
        value_name = "DIGITS"
    )]
    pub account_id: Option<String>,

    /// Region of what is made by requests without a signature [default: us-east-1]
    #[arg(long, global = true, env = "USERPOOL_REGION", value_name = "REGION")]
    pub region: Option<String>,

    /// Access key id of the administrator; see below for the secret
    #[arg(
        long,
        global = true,
        env = "USERPOOL_ADMIN_ACCESS_KEY_ID",
        value_name = "ID"
    )]
    pub admin_access_key_id: Option<String>,

    /// The administrator's secret; never a flag.
    #[arg(skip)]
    pub admin_secret_access_key: Option<Hidden>,

    /// The root keys or their file's path; never a flag.
    #[arg(skip)]
    pub root_keys: Option<Hidden>,

    /// File that gets every message with its code, or `off` [default: messages.jsonl in the data
    /// folder when listening on loopback without a mail relay, otherwise off]
    #[arg(long, global = true, env = "USERPOOL_MESSAGES", value_name = "FILE")]
    pub messages: Option<PathBuf>,

    /// Mail relay that e-mail is handed to, HOST or HOST:PORT [default: none]
    #[arg(
        long,
        global = true,
        env = "USERPOOL_SMTP_RELAY",
        value_name = "HOST[:PORT]"
    )]
    pub smtp_relay: Option<String>,

    /// How the session with the relay is protected [default: starttls]
    #[arg(long, global = true, env = "USERPOOL_SMTP_TLS", value_name = "HOW")]
    pub smtp_tls: Option<SmtpTls>,

    /// Address that e-mail comes from; needed with a relay
    #[arg(
        long,
        global = true,
        env = "USERPOOL_SMTP_FROM",
        value_name = "ADDRESS"
    )]
    pub smtp_from: Option<String>,

    /// Account at the relay; see below for the password [default: none]
    #[arg(long, global = true, env = "USERPOOL_SMTP_USER", value_name = "USER")]
    pub smtp_user: Option<String>,

    /// The password of the account; never a flag.
    #[arg(skip)]
    pub smtp_password: Option<Hidden>,

    /// Where triggers are invoked, by the Invoke interface of AWS Lambda: an emulator, or
    /// `https://lambda.REGION.amazonaws.com` [default: none, a configured trigger fails]
    #[arg(
        long,
        global = true,
        env = "USERPOOL_LAMBDA_ENDPOINT",
        value_name = "URL"
    )]
    pub lambda_endpoint: Option<String>,

    /// Access key id that signs invocations; see below for the secret [default: none, unsigned]
    #[arg(
        long,
        global = true,
        env = "USERPOOL_LAMBDA_ACCESS_KEY_ID",
        value_name = "ID"
    )]
    pub lambda_access_key_id: Option<String>,

    /// The secret of the key; never a flag.
    #[arg(skip)]
    pub lambda_secret_access_key: Option<Hidden>,

    /// The session token of the key; never a flag.
    #[arg(skip)]
    pub lambda_session_token: Option<Hidden>,

    /// Keys that codes for custom senders are encrypted under, by name; never a flag.
    #[arg(skip)]
    pub message_keys: Option<Hidden>,

    /// Service that draws data keys under the KMSKeyID of pools with custom senders: an emulator of AWS KMS,
    /// or `https://kms.REGION.amazonaws.com` [default: none]
    #[arg(long, global = true, env = "USERPOOL_KMS_ENDPOINT", value_name = "URL")]
    pub kms_endpoint: Option<String>,

    /// Access key id that signs requests to it; see below for the secret
    #[arg(
        long,
        global = true,
        env = "USERPOOL_KMS_ACCESS_KEY_ID",
        value_name = "ID"
    )]
    pub kms_access_key_id: Option<String>,

    /// The secret of the key; never a flag.
    #[arg(skip)]
    pub kms_secret_access_key: Option<Hidden>,

    /// The session token of the key; never a flag.
    #[arg(skip)]
    pub kms_session_token: Option<Hidden>,

    /// Who knows passwords from breaches, for pools with threat protection: a file of passwords or SHA-1
    /// hashes, one a line, or the URL of a service of ranges, which learns five digits of a hash
    /// (`https://api.pwnedpasswords.com`) [default: nobody, every password passes]
    #[arg(
        long,
        global = true,
        env = "USERPOOL_BREACHED_PASSWORDS",
        value_name = "FILE|URL"
    )]
    pub breached_passwords: Option<String>,

    /// Whether identity providers may be at private addresses, other ports and plain HTTP, as when you develop: whoever
    /// administers a pool can then have the server ask anything in its network [default: false]
    #[arg(
        long,
        global = true,
        env = "USERPOOL_PRIVATE_PROVIDERS",
        value_name = "true|false"
    )]
    pub private_providers: Option<bool>,

    /// Which app clients must send a challenge (PKCE) when they ask for a code: nobody, public (those without a secret),
    /// everybody [default: nobody]
    #[arg(
        long,
        global = true,
        env = "USERPOOL_REQUIRE_PKCE",
        value_enum,
        value_name = "OF"
    )]
    pub require_pkce: Option<RequirePkce>,

    /// Folder of the demonstration page, served under /demo with a pool of its own; on loopback only, and it
    /// shows the codes that are sent. wasm/demo/build makes it [default: none]
    #[arg(long, global = true, env = "USERPOOL_DEMO", value_name = "FOLDER")]
    pub demo: Option<PathBuf>,

    /// PEM file with the certificate chain for HTTPS [default: none, plain HTTP]
    #[arg(long, global = true, env = "USERPOOL_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,

    /// PEM file with the certificate's private key
    #[arg(long, global = true, env = "USERPOOL_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,

    /// Address for Prometheus to read /metrics from [default: none]
    #[arg(
        long,
        global = true,
        env = "USERPOOL_METRICS_LISTEN",
        value_name = "ADDRESS:PORT"
    )]
    pub metrics_listen: Option<SocketAddr>,

    /// Proxies whose X-Forwarded-For is believed: addresses and networks [default: none]
    #[arg(
        long,
        global = true,
        env = "USERPOOL_TRUSTED_PROXIES",
        value_name = "LIST"
    )]
    pub trusted_proxies: Option<String>,

    /// Calls with the engine at once; more are told to come back [default: 256]
    #[arg(long, global = true, env = "USERPOOL_MAX_IN_FLIGHT", value_name = "N")]
    pub max_in_flight: Option<u32>,

    /// Open connections; more wait to be accepted [default: 4096]
    #[arg(
        long,
        global = true,
        env = "USERPOOL_MAX_CONNECTIONS",
        value_name = "N"
    )]
    pub max_connections: Option<u32>,

    /// What is logged: a level, or `target=level` pairs [default: info]
    #[arg(long, global = true, env = "USERPOOL_LOG", value_name = "FILTER")]
    pub log: Option<String>,

    /// Form of the log [default: text]
    #[arg(
        long,
        global = true,
        env = "USERPOOL_LOG_FORMAT",
        value_name = "FORMAT"
    )]
    pub log_format: Option<LogFormat>,

    /// Pools to make at the start; in the file only.
    #[arg(skip)]
    #[serde(default)]
    pub pools: Vec<Pool>,

    /// TOML file with options, and with pools, clients and users to make [default: none]
    #[arg(long, global = true, env = "USERPOOL_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Which app clients must send challenges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RequirePkce {
    /// None.
    #[default]
    Nobody,
    /// Those without a secret.
    Public,
    /// All.
    Everybody,
}

impl From<RequirePkce> for PkceDemand {
    fn from(of: RequirePkce) -> Self {
        match of {
            RequirePkce::Nobody => Self::Nobody,
            RequirePkce::Public => Self::Public,
            RequirePkce::Everybody => Self::Everybody,
        }
    }
}

/// A secret from the environment or a file.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub(crate) struct Hidden(SecretText);

impl Hidden {
    /// The text, for what needs it.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The secret itself, for what signs with it.
    pub(crate) fn text(&self) -> &SecretText {
        &self.0
    }
}

impl From<String> for Hidden {
    fn from(text: String) -> Self {
        Self(SecretText::new(text))
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(..)")
    }
}

/// Where records are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreKind {
    /// In a file in the data folder.
    Redb,
    /// In memory, for as long as the process lives.
    Memory,
}

/// Every option after all sources were heard, with defaults filled in.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub listen: SocketAddr,
    pub data: PathBuf,
    pub store: StoreKind,
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
    pub private_providers: bool,
    pub require_pkce: RequirePkce,
    pub demo: Option<PathBuf>,
    pub tls_cert: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    pub metrics_listen: Option<SocketAddr>,
    pub trusted_proxies: TrustedProxies,
    pub max_in_flight: usize,
    pub max_connections: usize,
    pub log: String,
    pub log_format: LogFormat,
    pub pools: Vec<Pool>,
}

impl Options {
    /// Hears the remaining sources and fills in the defaults.
    ///
    /// # Errors
    /// The file cannot be read, or an option makes no sense.
    pub(crate) fn resolve(
        mut self,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Resolved, Failure> {
        let hidden = |name| {
            environment(name)
                .filter(|it| !it.is_empty())
                .map(Hidden::from)
        };
        self.admin_secret_access_key = hidden("USERPOOL_ADMIN_SECRET_ACCESS_KEY");
        self.root_keys = hidden("USERPOOL_ROOT_KEYS");
        self.smtp_password = hidden("USERPOOL_SMTP_PASSWORD");
        self.lambda_secret_access_key = hidden("USERPOOL_LAMBDA_SECRET_ACCESS_KEY");
        self.lambda_session_token = hidden("USERPOOL_LAMBDA_SESSION_TOKEN");
        self.message_keys = hidden("USERPOOL_MESSAGE_KEYS");
        self.kms_secret_access_key = hidden("USERPOOL_KMS_SECRET_ACCESS_KEY");
        self.kms_session_token = hidden("USERPOOL_KMS_SESSION_TOKEN");
        let file = match &self.config {
            Some(path) => Self::read(path)?,
            None => Self::default(),
        };
        self.or(file).complete()
    }

    fn read(path: &Path) -> Result<Self, Failure> {
        let named = |cause: &dyn fmt::Display| {
            Failure::new(format!("the settings file {}: {cause}", path.display()))
        };
        let text = std::fs::read_to_string(path).map_err(|it| named(&it))?;
        toml::from_str(&text).map_err(|it| named(&it))
    }

    /// These options, and where one is missing that of another source.
    fn or(self, other: Self) -> Self {
        Self {
            listen: self.listen.or(other.listen),
            data: self.data.or(other.data),
            store: self.store.or(other.store),
            base_url: self.base_url.or(other.base_url),
            issuer: self.issuer.or(other.issuer),
            account_id: self.account_id.or(other.account_id),
            region: self.region.or(other.region),
            admin_access_key_id: self.admin_access_key_id.or(other.admin_access_key_id),
            admin_secret_access_key: self
                .admin_secret_access_key
                .or(other.admin_secret_access_key),
            root_keys: self.root_keys.or(other.root_keys),
            messages: self.messages.or(other.messages),
            smtp_relay: self.smtp_relay.or(other.smtp_relay),
            smtp_tls: self.smtp_tls.or(other.smtp_tls),
            smtp_from: self.smtp_from.or(other.smtp_from),
            smtp_user: self.smtp_user.or(other.smtp_user),
            smtp_password: self.smtp_password.or(other.smtp_password),
            lambda_endpoint: self.lambda_endpoint.or(other.lambda_endpoint),
            lambda_access_key_id: self.lambda_access_key_id.or(other.lambda_access_key_id),
            lambda_secret_access_key: self
                .lambda_secret_access_key
                .or(other.lambda_secret_access_key),
            lambda_session_token: self.lambda_session_token.or(other.lambda_session_token),
            message_keys: self.message_keys.or(other.message_keys),
            kms_endpoint: self.kms_endpoint.or(other.kms_endpoint),
            kms_access_key_id: self.kms_access_key_id.or(other.kms_access_key_id),
            kms_secret_access_key: self.kms_secret_access_key.or(other.kms_secret_access_key),
            kms_session_token: self.kms_session_token.or(other.kms_session_token),
            breached_passwords: self.breached_passwords.or(other.breached_passwords),
            private_providers: self.private_providers.or(other.private_providers),
            require_pkce: self.require_pkce.or(other.require_pkce),
            demo: self.demo.or(other.demo),
            tls_cert: self.tls_cert.or(other.tls_cert),
            tls_key: self.tls_key.or(other.tls_key),
            metrics_listen: self.metrics_listen.or(other.metrics_listen),
            trusted_proxies: self.trusted_proxies.or(other.trusted_proxies),
            max_in_flight: self.max_in_flight.or(other.max_in_flight),
            max_connections: self.max_connections.or(other.max_connections),
            log: self.log.or(other.log),
            log_format: self.log_format.or(other.log_format),
            pools: other.pools,
            config: self.config,
        }
    }

    fn complete(self) -> Result<Resolved, Failure> {
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
            store: store_kind(self.store.as_deref().unwrap_or("redb"))?,
            base_url,
            issuer: self.issuer.unwrap_or_else(|| "{base}/{pool}".into()),
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
            private_providers: self.private_providers.unwrap_or(false),
            require_pkce: self.require_pkce.unwrap_or_default(),
            demo: self.demo,
            tls_cert: self.tls_cert,
            tls_key: self.tls_key,
            metrics_listen: self.metrics_listen,
            trusted_proxies: proxies
                .parse()
                .map_err(|it| Failure::new(format!("trusted-proxies: {it}")))?,
            max_in_flight: self.max_in_flight.unwrap_or(256) as usize,
            max_connections: self.max_connections.unwrap_or(4_096) as usize,
            log: self.log.unwrap_or_else(|| "info".into()),
            log_format: self.log_format.unwrap_or_default(),
            pools: self.pools,
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

fn is_http(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}

fn store_kind(text: &str) -> Result<StoreKind, Failure> {
    match text {
        "redb" => Ok(StoreKind::Redb),
        "memory:" => Ok(StoreKind::Memory),
        _ if text.starts_with("postgres://") || text.starts_with("postgresql://") => Err(
            Failure::new("store: postgres:// is not supported by this version"),
        ),
        _ => Err(Failure::new(format!(
            "store: `{text}` is neither `redb` nor `memory:`"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(arguments: &[&str]) -> Result<Resolved, Failure> {
        let arguments = [&["userpool"], arguments].concat();
        Cli::try_parse_from(arguments)
            .unwrap()
            .options
            .resolve(|_| None)
    }

    #[test]
    fn every_option_has_the_documented_default() {
        let resolved = resolve(&[]).unwrap();
        assert_eq!(resolved.listen.to_string(), "127.0.0.1:9229");
        assert_eq!(resolved.data, Path::new("./userpool-data"));
        assert_eq!(resolved.store, StoreKind::Redb);
        assert_eq!(resolved.base_url(resolved.listen), "http://127.0.0.1:9229");
        assert_eq!(resolved.issuer, "{base}/{pool}");
        assert_eq!(resolved.account_id, "000000000000");
        assert_eq!(
            resolved.messages.unwrap(),
            Path::new("./userpool-data/messages.jsonl")
        );
        assert_eq!(resolved.metrics_listen, None);
    }

    #[test]
    fn the_base_url_names_an_address_that_can_be_reached() {
        let bound = "0.0.0.0:4100".parse().unwrap();
        assert_eq!(
            resolve(&[]).unwrap().base_url(bound),
            "http://127.0.0.1:4100"
        );
        let set = resolve(&["--base-url", "https://id.example.com/"]).unwrap();
        assert_eq!(set.base_url(bound), "https://id.example.com");
    }

    #[test]
    fn codes_go_to_a_file_only_on_loopback_or_when_asked_for() {
        assert_eq!(resolve(&["--listen", "0.0.0.0:80"]).unwrap().messages, None);
        assert_eq!(resolve(&["--messages", "off"]).unwrap().messages, None);
        let mailed = ["--smtp-relay", "localhost", "--smtp-from", "a@example.com"];
        assert_eq!(resolve(&mailed).unwrap().messages, None);
        let asked = resolve(&["--listen", "0.0.0.0:80", "--messages", "m"]).unwrap();
        assert_eq!(asked.messages.unwrap(), Path::new("m"));
    }

    #[test]
    fn flags_win_over_the_file() {
        let flags = Options {
            region: Some("eu-west-1".into()),
            ..Options::default()
        };
        let file: Options = toml::from_str(
            "region = \"us-west-2\"\naccount-id = \"123456789012\"\nlog-format = \"json\"",
        )
        .unwrap();
        let resolved = flags.or(file).complete().unwrap();
        assert_eq!(resolved.region, "eu-west-1");
        assert_eq!(resolved.account_id, "123456789012");
        assert_eq!(resolved.log_format, LogFormat::Json);
    }

    #[test]
    fn the_file_knows_every_flag_and_nothing_else() {
        use clap::CommandFactory;
        let command = Cli::command();
        for flag in command.get_arguments().filter(|it| it.get_env().is_some()) {
            let name = flag.get_long().unwrap();
            let variable = flag.get_env().unwrap().to_str().unwrap();
            assert_eq!(
                variable,
                format!("USERPOOL_{}", name.to_uppercase().replace('-', "_"))
            );
            if name == "config" {
                continue;
            }
            let wrong = format!("{name} = []");
            let error = toml::from_str::<Options>(&wrong).unwrap_err().to_string();
            assert!(!error.contains("unknown field"), "{name}: {error}");
        }
        let error = toml::from_str::<Options>("listn = 1")
            .unwrap_err()
            .to_string();
        assert!(error.contains("unknown field `listn`"), "{error}");
    }

    #[test]
    fn no_secret_is_a_flag() {
        for flag in [
            "--admin-secret-access-key=x",
            "--root-keys=x",
            "--smtp-password=x",
            "--lambda-secret-access-key=x",
            "--lambda-session-token=x",
            "--message-keys=x",
            "--kms-secret-access-key=x",
            "--kms-session-token=x",
        ] {
            assert!(Cli::try_parse_from(["userpool", flag]).is_err(), "{flag}");
        }
    }

    #[test]
    fn the_demonstration_page_is_for_loopback() {
        assert!(resolve(&["--demo", "target/demo"]).is_ok());
        let elsewhere = ["--listen", "0.0.0.0:80", "--demo", "target/demo"];
        let refusal = resolve(&elsewhere).unwrap_err().to_string();
        assert!(refusal.contains("loopback"), "{refusal}");
    }

    #[test]
    fn options_that_make_no_sense_are_named() {
        for (arguments, word) in [
            (["--store", "postgres://db/x"], "not supported"),
            (["--store", "sqlite"], "sqlite"),
            (["--account-id", "12"], "twelve digits"),
            (["--base-url", "example.com"], "base-url"),
            (["--tls-cert", "cert.pem"], "go together"),
            (["--trusted-proxies", "proxy"], "trusted-proxies"),
            (["--smtp-relay", "localhost"], "smtp-from"),
            (["--smtp-user", "u"], "go together"),
            (["--lambda-access-key-id", "AK"], "go together"),
            (["--kms-endpoint", "http://localhost:4566"], "go together"),
            (["--admin-access-key-id", "AK"], "go together"),
        ] {
            let error = resolve(&arguments).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn secrets_come_from_the_environment_and_are_not_shown() {
        let options = Options {
            admin_access_key_id: Some("AK".into()),
            lambda_access_key_id: Some("AK".into()),
            lambda_endpoint: Some("http://localhost:3001".into()),
            kms_access_key_id: Some("AK".into()),
            kms_endpoint: Some("http://localhost:4566".into()),
            ..Options::default()
        };
        let secret = |name: &str| {
            (name.contains("SECRET") || name.contains("MESSAGE_KEYS")).then(|| "canary".to_owned())
        };
        let resolved = options.resolve(secret).unwrap();
        assert_eq!(
            resolved.admin_secret_access_key.as_ref().unwrap().expose(),
            "canary"
        );
        assert!(!format!("{resolved:?}").contains("canary"));
    }
}
