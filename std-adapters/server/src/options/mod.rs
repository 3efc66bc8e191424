//! What the server can be told: by flag, by environment and by file, under the same names.
//!
//! A flag wins over the environment, the environment over the file, the file over the default.
//! Secrets have no flag, because every process can read the arguments of every other.
//!
//! | module | subject |
//! |---|---|
//! | `sources` | what each source gave, one put before the other |
//! | `resolved` | every option with its default, and those that make no sense refused |
//! | `values` | values that are more than text |

mod resolved;
mod sources;
#[cfg(test)]
mod tests;
mod values;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use serde::Deserialize;

pub(crate) use self::resolved::Resolved;
pub(crate) use self::values::{Hidden, LogFormat, RequirePkce, StoreKind};
use crate::declared::Pool;
use crate::keys::Keys;
use crate::listed::ImportList;
use crate::login_providers::ToldProvider;
use crate::migrate::Migration;
use crate::moving::{Export, Import};
use crate::smtp::SmtpTls;
use crate::upload::UploadUsers;

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
  USERPOOL_STORE_PASSWORD           the password of the database's user in --store
  USERPOOL_SMTP_PASSWORD            the password that belongs to --smtp-user
  USERPOOL_LAMBDA_SECRET_ACCESS_KEY the secret that belongs to --lambda-access-key-id
  USERPOOL_LAMBDA_SESSION_TOKEN     the session token that came with the two, if one did
  USERPOOL_MESSAGE_KEYS             wrapping keys that pools may name as KMSKeyID: the path of a file,
                                    or `name:base64` pairs of 32 bytes separated by commas; the
                                    name is the ARN or what follows key/ in it, and that of the Raw
                                    AES keyring (namespace userpool) that decrypts the codes
  USERPOOL_KMS_SECRET_ACCESS_KEY    the secret that belongs to --kms-access-key-id
  USERPOOL_KMS_SESSION_TOKEN        the session token that came with the two, if one did
  In the file: admin-secret-access-key, root-keys, store-password, smtp-password,
  lambda-secret-access-key, lambda-session-token, message-keys, kms-secret-access-key,
  kms-session-token.

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

It may tell of providers that identity pools name by ARN, and of stand-ins for public ones (see std-adapters/server/docs/identity-pools.md):
  [[login-providers]]
  name = \"arn:aws:iam::000000000000:oidc-provider/idp.example.com\"
  client-ids = [\"app\"]

TLS needs a processor from about 2014 on (x86-64: AES, AVX2, ADX, BMI2; ARM: AES, SHA-2, PMULL), or
a proxy in front.";

/// What to do; serving is what happens without a command.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve until told to stop.
    Serve,
    /// Write a user pool or an identity pool, with all that belongs to it, to a file.
    Export(Export),
    /// Put the pool of such a file into the store.
    Import(Import),
    /// Make the users that `aws cognito-idp list-users` listed in a pool of the store.
    ImportList(ImportList),
    /// Copy everything from one store into another, and check it.
    Migrate(Migration),
    /// Have a running server make the users of a CSV file, and follow its import to the end.
    UploadUsers(UploadUsers),
    /// Make root keys or signing keys anew.
    Keys(Keys),
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
        value_name = "ADDRESS:PORT",
        value_parser = values::listening
    )]
    pub listen: Option<SocketAddr>,

    /// Folder for the store, keys and messages, made with mode 0700 [default: ./userpool-data]
    #[arg(long, global = true, env = "USERPOOL_DATA", value_name = "FOLDER")]
    pub data: Option<PathBuf>,

    /// `redb`: a file in the data folder; `memory:`: nothing outlives the process;
    /// `postgres://USER@HOST:PORT,HOST:PORT/DATABASE?NAME=VALUE`: a database that any number of nodes share, see below for
    /// the password [default: redb]
    #[arg(
        long,
        global = true,
        env = "USERPOOL_STORE",
        hide_env_values = true,
        value_name = "STORE"
    )]
    pub store: Option<String>,

    /// The password of the database's user; never a flag.
    #[arg(skip)]
    pub store_password: Option<Hidden>,

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

    /// Where the logs go that pools configure (SetLogDeliveryConfiguration): a folder, with a file for each destination
    /// and an event a line, or the URL of a service that each event is posted to [default: nowhere]
    #[arg(
        long,
        global = true,
        env = "USERPOOL_LOG_DELIVERY",
        value_name = "FOLDER|URL"
    )]
    pub log_delivery: Option<String>,

    /// Whether identity providers may be at private addresses, other ports and plain HTTP, as when you develop: whoever
    /// administers a pool can then have the server ask anything in its network [default: false]
    #[arg(
        long,
        global = true,
        env = "USERPOOL_PRIVATE_PROVIDERS",
        value_name = "true|false"
    )]
    pub private_providers: Option<bool>,

    /// Security token service that gives out the credentials of identity pools, by AssumeRoleWithWebIdentity:
    /// `https://sts.REGION.amazonaws.com` or an emulator [default: none, the server's own credentials]
    #[arg(long, global = true, env = "USERPOOL_STS_ENDPOINT", value_name = "URL")]
    pub sts_endpoint: Option<String>,

    /// How often requests may come: `service` for the rates of the service, or requests a second as in
    /// `address=50,client=100,user=10,UserAuthentication=20`, with categories by the names of the service; both may be mixed, the
    /// later counts [default: no bound]
    #[arg(long, global = true, env = "USERPOOL_RATES", value_name = "RATES")]
    pub rates: Option<String>,

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

    /// Folder of the npm package userpool-srp, with which the sign-in page proves passwords and does not send them, or
    /// `off`. wasm/srp/build makes it [default: userpool-srp beside the program, if it is there]
    #[arg(long, global = true, env = "USERPOOL_SRP", value_name = "FOLDER")]
    pub srp: Option<PathBuf>,

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
        value_name = "ADDRESS:PORT",
        value_parser = values::listening
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
    pub max_in_flight: Option<NonZeroU32>,

    /// Open connections; more wait to be accepted [default: 4096]
    #[arg(
        long,
        global = true,
        env = "USERPOOL_MAX_CONNECTIONS",
        value_name = "N"
    )]
    pub max_connections: Option<NonZeroU32>,

    /// Seconds that a server which was told to stop serves on, so that a load balancer finds it not ready first [default: 0]
    #[arg(
        long,
        global = true,
        env = "USERPOOL_STOP_DELAY",
        value_name = "SECONDS"
    )]
    pub stop_delay: Option<u32>,

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

    /// Providers that identity pools name by ARN, and stand-ins for public ones; in the file only.
    #[arg(skip)]
    #[serde(default)]
    pub login_providers: Vec<ToldProvider>,

    /// TOML file with options, and with pools, clients and users to make [default: none]
    #[arg(long, global = true, env = "USERPOOL_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
}
