//! What a handler accepts: access tokens of one pool, given to certain app clients.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use userpool::verify::{Claims, Verifier};
use userpool::wire::idp::GetUserRequest;
use userpool::{ApiError, Engine, Failure, SystemClock};
use userpool_ports::{Clock, Timestamp};

use crate::extract::{CurrentUser, Unauthorized};

/// A token that names an unknown key makes the keys be read again, but not more often than this.
const KEYS_KEPT: Duration = Duration::from_secs(5);

/// Checks the access tokens of one pool's app clients, with the keys of an engine.
///
/// Put it into the state of an application; the extractors [`Claims`](crate::extract::Claims) and
/// [`CurrentUser`] find it there. Cloning shares it. Routes that want more of a token have a guard that says so:
///
/// ```no_run
/// use axum::{Router, routing::{delete, get}};
/// use userpool_http::{Guard, extract::Claims};
///
/// async fn photos(claims: Claims) -> String {
///     format!("photos of {}", claims.subject())
/// }
///
/// async fn remove(_: Claims) {}
///
/// fn app(engine: userpool::Engine) -> Router {
///     let guard = Guard::new(engine, "us-east-1_AbCdEf123", ["1example23456789"]);
///     let staff = guard.clone().scopes(["photos/write"]).groups(["staff"]);
///     Router::new()
///         .route("/photos", get(photos))
///         .with_state(guard)
///         .merge(Router::new().route("/photos/all", delete(remove)).with_state(staff))
/// }
/// ```
#[derive(Clone)]
pub struct Guard {
    engine: Engine,
    pool: Arc<str>,
    clients: Arc<[String]>,
    scopes: Arc<[String]>,
    groups: Arc<[String]>,
    clock: Arc<dyn Clock + Send + Sync>,
    held: Arc<RwLock<Option<Held>>>,
}

/// The keys as they were read.
#[derive(Clone)]
struct Held {
    verifier: Arc<Verifier>,
    read: Timestamp,
}

impl Guard {
    /// Accepts access tokens that a pool gave to these app clients.
    pub fn new<C: Into<String>>(
        engine: Engine,
        pool: impl Into<String>,
        clients: impl IntoIterator<Item = C>,
    ) -> Self {
        Self {
            engine,
            pool: pool.into().into(),
            clients: clients.into_iter().map(Into::into).collect(),
            scopes: Arc::default(),
            groups: Arc::default(),
            clock: Arc::new(SystemClock),
            held: Arc::default(),
        }
    }

    /// Accepts only tokens that hold all of these scopes.
    ///
    /// Those that come from the API hold `aws.cognito.signin.user.admin` alone, unless a trigger adds others; those of the login
    /// pages and of app clients by themselves hold what was asked for.
    #[must_use]
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Accepts only tokens of users who are in one of these groups; none leaves it at every user.
    ///
    /// The groups are those of the token: who has left one since has it until the token expires.
    #[must_use]
    pub fn groups<S: Into<String>>(mut self, groups: impl IntoIterator<Item = S>) -> Self {
        self.groups = groups.into_iter().map(Into::into).collect();
        self
    }

    /// Replaces the system's clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Reads the keys of the pool. A program that asks this where it begins learns there that the pool is missing, and not
    /// from its first caller, who can do nothing about it.
    ///
    /// # Errors
    /// There is no such pool, which the error names, or the keys could not be read.
    pub async fn ready(&self) -> Result<(), ApiError> {
        self.refreshed().await.map(drop)
    }

    /// The claims of an access token, by its signature and dates alone.
    ///
    /// A token whose user has signed out meanwhile passes until it expires.
    ///
    /// # Errors
    /// The token is not accepted, or the keys could not be read.
    pub async fn claims(&self, token: &str) -> Result<Claims, Unauthorized> {
        let verifier = self.verifier(token).await?;
        let clients: Vec<&str> = self.clients.iter().map(String::as_str).collect();
        let now = self.clock.now().secs();
        let claims = verifier
            .verify_access(token, &clients, now)
            .map_err(Unauthorized::Invalid)?;
        if !self.suffices(&claims) {
            return Err(Unauthorized::Insufficient(self.scopes.clone()));
        }
        Ok(claims)
    }

    /// Whether a token holds every scope and one of the groups.
    fn suffices(&self, claims: &Claims) -> bool {
        let has_scope = |wanted: &String| claims.scopes().any(|it| it == wanted);
        let has_group = |wanted: &String| claims.groups().any(|it| it == wanted);
        self.scopes.iter().all(has_scope)
            && (self.groups.is_empty() || self.groups.iter().any(has_group))
    }

    /// The user of an access token, as the engine knows them at this moment.
    ///
    /// Asks the engine, so that a token that was revoked, or whose user was disabled or deleted,
    /// is not accepted. The token must hold the scope `aws.cognito.signin.user.admin`, as all do
    /// that come from the API.
    ///
    /// # Errors
    /// The token is not accepted, or the engine failed.
    pub async fn user(&self, token: &str) -> Result<CurrentUser, Unauthorized> {
        // The engine takes tokens of every pool; the claims say whether it is one of ours.
        let claims = self.claims(token).await?;
        let request = GetUserRequest {
            access_token: token.to_owned().into(),
        };
        match self.engine.call(request).await {
            Ok(user) => Ok(CurrentUser::new(claims, user)),
            Err(Failure::Refused(_)) => Err(Unauthorized::Revoked),
            Err(failure) => Err(Unauthorized::Unavailable(failure.into())),
        }
    }

    /// A verifier that knows the key of a token, or has just been made.
    async fn verifier(&self, token: &str) -> Result<Arc<Verifier>, Unauthorized> {
        let held = self
            .held
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(Held { verifier, read }) = held
            && (verifier.knows_key_of(token) || self.clock.now() < read.after(KEYS_KEPT))
        {
            return Ok(verifier);
        }
        self.refreshed().await.map_err(Unauthorized::Unavailable)
    }

    /// A verifier that has just been made, kept for the next token.
    async fn refreshed(&self) -> Result<Arc<Verifier>, ApiError> {
        let read = self.read().await?;
        let verifier = Arc::clone(&read.verifier);
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(read);
        Ok(verifier)
    }

    async fn read(&self) -> Result<Held, ApiError> {
        let broken = |what: &str| ApiError {
            name: "InternalErrorException",
            message: "The keys of the pool could not be read.".into(),
            status: 500,
            cause: Some(what.to_owned()),
        };
        let keys = self.engine.jwks(&self.pool).await?;
        let discovery = self.engine.discovery(&self.pool).await?;
        let discovery: serde_json::Value =
            serde_json::from_str(&discovery).map_err(|_| broken("discovery document"))?;
        let issuer = discovery["issuer"]
            .as_str()
            .ok_or_else(|| broken("issuer"))?;
        let verifier = Verifier::new(&keys, issuer).map_err(|_| broken("key set"))?;
        Ok(Held {
            verifier: Arc::new(verifier),
            read: self.clock.now(),
        })
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("pool", &self.pool)
            .finish_non_exhaustive()
    }
}
