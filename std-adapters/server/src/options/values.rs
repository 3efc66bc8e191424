//! Values of options that are more than text.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;

use clap::ValueEnum;
use serde::Deserialize;
use userpool::PkceDemand;
use userpool_crypto::secret::SecretText;
use userpool_http::rates::{Category, Rates};

use crate::failure::Failure;

/// An address to listen on, of a flag or the environment.
pub(crate) fn listening(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "not an IP address with a port, such as 127.0.0.1:9229 or 0.0.0.0:9229")
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
#[derive(Clone, Debug)]
pub(crate) enum StoreKind {
    /// In a file in the data folder.
    Redb,
    /// In memory, for as long as the process lives.
    Memory,
    /// In a PostgreSQL database that other nodes may share.
    Postgres(Box<userpool_postgres::Options>),
}

impl StoreKind {
    /// The kind that a text names.
    ///
    /// # Errors
    /// It names none, or a database in a form that makes no sense.
    pub(crate) fn named(text: &str, password: Option<&Hidden>) -> Result<Self, Failure> {
        match text {
            "redb" => Ok(Self::Redb),
            "memory:" => Ok(Self::Memory),
            _ if text.starts_with("postgres://") || text.starts_with("postgresql://") => {
                let options: userpool_postgres::Options = text
                    .parse()
                    .map_err(|it| Failure::new(format!("store: {it}")))?;
                let options = match password {
                    Some(password) => options.password(password.expose()),
                    None => options,
                };
                Ok(Self::Postgres(Box::new(options)))
            }
            // It is not repeated: a URL may hold a password.
            _ => Err(Failure::new(
                "store: neither `redb`, `memory:` nor a URL that begins with postgres://",
            )),
        }
    }
}

/// Checks a region, which the ids of pools begin with.
///
/// # Errors
/// It could not stand in one.
pub(super) fn check_region(name: &str) -> Result<(), Failure> {
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=32).contains(&name.len()) && name.bytes().all(is_name) {
        return Ok(());
    }
    Err(Failure::new(
        "region must be of small letters, digits and hyphens, as us-east-1 is",
    ))
}

/// Checks the template of issuers.
///
/// # Errors
/// It makes no URL: verifiers look for a pool's keys under its issuer.
pub(super) fn check_issuer(template: &str) -> Result<(), Failure> {
    let mut rest = template.to_owned();
    for known in ["{base}", "{pool}", "{region}"] {
        rest = rest.replace(known, "");
    }
    if rest.contains(['{', '}']) {
        return Err(Failure::new(
            "issuer has {base}, {pool} and {region} filled in, and nothing else",
        ));
    }
    let begins = ["{base}", "http://", "https://"];
    if begins.iter().any(|it| template.starts_with(it)) {
        return Ok(());
    }
    Err(Failure::new(
        "issuer must begin with {base}, http:// or https://",
    ))
}

/// Rates, as they are written.
///
/// # Errors
/// Says what is no rate.
pub(super) fn rates(text: &str) -> Result<Rates, Failure> {
    let mut rates = Rates::new();
    for part in text.split(',').map(str::trim) {
        if part == "service" {
            rates = Rates::service();
            continue;
        }
        let named = part.split_once('=');
        let named = named.and_then(|(name, rate)| Some((name, rate.parse::<NonZeroU32>().ok()?)));
        let Some((name, rate)) = named else {
            let text = format!(
                "rates: `{part}` is neither `service` nor NAME=REQUESTS, of at least 1 a second"
            );
            return Err(Failure::new(text));
        };
        rates = match (name, Category::named(name)) {
            ("address", _) => rates.per_address(rate),
            ("client", _) => rates.per_client(rate),
            ("user", _) => rates.per_user(rate),
            (_, Some(category)) => rates.category(category, rate),
            (_, None) => {
                let known: Vec<&str> = Category::all().map(Category::name).collect();
                return Err(Failure::new(format!(
                    "rates: `{name}` is neither address, client, user nor a category: {}",
                    known.join(", ")
                )));
            }
        };
    }
    Ok(rates)
}
