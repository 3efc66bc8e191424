//! How often requests may come: by category, app client, user and address.
//!
//! A request beyond a rate is refused with `TooManyRequestsException` before the engine has seen it, so that nothing that was
//! answered is ever slowed or lost. Rates are those of one process, and even: a rate of ten lets ten come at once, and one
//! more each tenth of a second.
//!
//! What a request says of client and user is believed without proof, for the refusal comes before any. Whoever floods a
//! user's name so keeps that user waiting, as at the service; an address that does so is met by the rate of addresses.

mod categories;
mod raised;

pub use self::categories::Category;

use self::categories::reads;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use axum::http::StatusCode;
use governor::clock::{Clock as GovernorClock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use serde::Deserialize;
use userpool::ApiError;
use userpool_wire::{OperationSpec, Service};

use crate::reply::refusal;

/// After how many requests what is at rest is forgotten.
const SWEEP: u32 = 4_096;

/// The rates, in requests a second; what is not set has no bound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    categories: BTreeMap<Category, NonZeroU32>,
    client: Option<NonZeroU32>,
    user: Option<NonZeroU32>,
    address: Option<NonZeroU32>,
    /// Whether what an account has bought counts.
    follows_limits: bool,
}

impl Rates {
    /// No rates.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The service's own: those of the categories, and ten reads and ten writes a second for each user. What
    /// UpdateProvisionedLimit raises is raised, at once in this process and within a minute in others; a rate that is set
    /// besides holds.
    #[must_use]
    pub fn service() -> Self {
        let categories = Category::all()
            .filter_map(|category| Some((category, NonZeroU32::new(category.by_default())?)))
            .collect();
        Self {
            categories,
            user: NonZeroU32::new(10),
            follows_limits: true,
            ..Self::default()
        }
    }

    /// The rate of a category, over all pools.
    #[must_use]
    pub fn category(mut self, category: Category, rate: NonZeroU32) -> Self {
        self.categories.insert(category, rate);
        self
    }

    /// The rate of each app client.
    #[must_use]
    pub fn per_client(mut self, rate: NonZeroU32) -> Self {
        self.client = Some(rate);
        self
    }

    /// The rate of each user, for reads and writes apart.
    #[must_use]
    pub fn per_user(mut self, rate: NonZeroU32) -> Self {
        self.user = Some(rate);
        self
    }

    /// The rate of each source address, login pages and OAuth endpoints included.
    #[must_use]
    pub fn per_address(mut self, rate: NonZeroU32) -> Self {
        self.address = Some(rate);
        self
    }
}

type Keyed<K, C> =
    RateLimiter<K, DefaultKeyedStateStore<K>, C, NoOpMiddleware<<C as GovernorClock>::Instant>>;

/// What was used of the rates.
pub(crate) struct Meter<C: GovernorClock = DefaultClock> {
    rates: Rates,
    categories: RwLock<BTreeMap<Category, Bound<C>>>,
    clock: C,
    /// When the limits of the account were looked at last, in minutes since 1970 began.
    looked: AtomicI64,
    /// Clients and users by digests, so that no name is kept.
    clients: Option<Keyed<u64, C>>,
    users: Option<Keyed<(u64, bool), C>>,
    addresses: Option<Keyed<IpAddr, C>>,
    digests: RandomState,
    asked: AtomicU32,
}

impl<C: GovernorClock> fmt::Debug for Meter<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter")
            .field("rates", &self.rates)
            .finish_non_exhaustive()
    }
}

/// The rate of a category, and what was used of it.
struct Bound<C: GovernorClock> {
    rate: NonZeroU32,
    meter: Keyed<(), C>,
}

impl<C: GovernorClock + Clone> Bound<C> {
    fn of(rate: NonZeroU32, clock: &C) -> Self {
        Self {
            rate,
            meter: keyed(Quota::per_second(rate), clock),
        }
    }
}

/// Who a request speaks of, as far as it says so.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Named<'a> {
    #[serde(borrow, rename = "ClientId")]
    client: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "UserPoolId")]
    pool: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "Username")]
    user: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "AccessToken")]
    token: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "AuthParameters")]
    parameters: Option<Parameters<'a>>,
    #[serde(borrow, rename = "ChallengeResponses")]
    responses: Option<Parameters<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Parameters<'a> {
    #[serde(borrow, rename = "USERNAME")]
    user: Option<Cow<'a, str>>,
}

impl Named<'_> {
    /// The user: by name within a client or pool, or by the token.
    fn user(&self) -> Option<(&str, &str)> {
        if let Some(token) = &self.token {
            return Some(("", token));
        }
        let told = [&self.parameters, &self.responses];
        let told = told.into_iter().find_map(|it| it.as_ref()?.user.as_ref());
        let user = self.user.as_ref().or(told)?;
        let within = self.client.as_ref().or(self.pool.as_ref())?;
        Some((within, user))
    }
}

impl Meter<DefaultClock> {
    /// Nothing used yet.
    pub(crate) fn new(rates: Rates) -> Self {
        Self::by(rates, &DefaultClock::default())
    }
}

impl<C: GovernorClock + Clone> Meter<C> {
    fn by(rates: Rates, clock: &C) -> Self {
        let quota = |rate: NonZeroU32| Quota::per_second(rate);
        Self {
            categories: rates
                .categories
                .iter()
                .map(|(category, rate)| (*category, Bound::of(*rate, clock)))
                .collect::<BTreeMap<_, _>>()
                .into(),
            clock: clock.clone(),
            looked: AtomicI64::new(i64::MIN),
            clients: rates.client.map(|rate| keyed(quota(rate), clock)),
            users: rates.user.map(|rate| keyed(quota(rate), clock)),
            addresses: rates.address.map(|rate| keyed(quota(rate), clock)),
            digests: RandomState::new(),
            asked: AtomicU32::new(0),
            rates,
        }
    }

    /// Counts a call of the API.
    ///
    /// # Errors
    /// It comes too soon.
    pub(crate) fn call(
        &self,
        operation: &OperationSpec,
        source: Option<IpAddr>,
        body: &[u8],
    ) -> Result<(), ApiError> {
        self.request(source)?;
        if operation.service == Service::UserPools
            && let Some(bound) = self.bounds().get(&Category::of(operation.name))
        {
            check(&bound.meter, &())?;
        }
        if self.clients.is_none() && self.users.is_none() {
            return Ok(());
        }
        // What is no JSON is refused by the engine, in its own words.
        let named: Named<'_> = serde_json::from_slice(body).unwrap_or_default();
        if let (Some(meter), Some(client)) = (&self.clients, &named.client) {
            check(meter, &self.digest(client))?;
        }
        if let (Some(meter), Some(user)) = (&self.users, named.user()) {
            check(meter, &(self.digest(&user), reads(operation.name)))?;
        }
        Ok(())
    }

    /// Counts a request that is no call of the API.
    ///
    /// # Errors
    /// It comes too soon.
    pub(crate) fn request(&self, source: Option<IpAddr>) -> Result<(), ApiError> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            self.sweep();
        }
        match (&self.addresses, source) {
            (Some(meter), Some(address)) => check(meter, &address),
            _ => Ok(()),
        }
    }

    fn bounds(&self) -> RwLockReadGuard<'_, BTreeMap<Category, Bound<C>>> {
        // A map is whole, whoever panicked beside it.
        self.categories
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn digest<T: Hash>(&self, value: &T) -> u64 {
        self.digests.hash_one(value)
    }

    /// Forgets who could begin anew as well.
    fn sweep(&self) {
        if let Some(meter) = &self.clients {
            meter.retain_recent();
        }
        if let Some(meter) = &self.users {
            meter.retain_recent();
        }
        if let Some(meter) = &self.addresses {
            meter.retain_recent();
        }
    }
}

/// The meter of an [`Api`](crate::Api), if there are rates.
pub(crate) type Metered = Option<Arc<Meter>>;

fn keyed<K: Hash + Eq + Clone, C: GovernorClock + Clone>(quota: Quota, clock: &C) -> Keyed<K, C> {
    RateLimiter::new(quota, DefaultKeyedStateStore::default(), clock.clone())
}

fn check<K: Hash + Eq + Clone, C: GovernorClock + Clone>(
    meter: &Keyed<K, C>,
    key: &K,
) -> Result<(), ApiError> {
    meter.check_key(key).map_err(|_| {
        refusal(
            StatusCode::BAD_REQUEST,
            "TooManyRequestsException",
            "Rate exceeded",
        )
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;

    fn rate(rate: u32) -> NonZeroU32 {
        NonZeroU32::new(rate).expect("more than none")
    }

    fn spec(name: &str) -> &'static OperationSpec {
        userpool_wire::OPERATIONS
            .iter()
            .find(|spec| spec.name == name)
            .expect("an operation")
    }

    struct Story {
        clock: FakeRelativeClock,
        meter: Meter<FakeRelativeClock>,
    }

    fn story(rates: Rates) -> Story {
        let clock = FakeRelativeClock::default();
        let meter = Meter::by(rates, &clock);
        Story { clock, meter }
    }

    impl Story {
        /// How many of ten such requests at once are let through.
        fn through(&self, operation: &str, source: &str, body: &str) -> usize {
            let source = source.parse().ok();
            (0..10)
                .filter(|_| {
                    self.meter
                        .call(spec(operation), source, body.as_bytes())
                        .is_ok()
                })
                .count()
        }
    }

    #[test]
    fn a_category_is_one_for_all_and_comes_back_with_time() {
        let story = story(Rates::new().category(Category::UserCreation, rate(4)));
        assert_eq!(story.through("SignUp", "192.0.2.1", "{}"), 4);
        assert_eq!(story.through("ConfirmSignUp", "192.0.2.2", "{}"), 0);
        assert_eq!(story.through("GetUser", "192.0.2.1", "{}"), 10);
        story.clock.advance(Duration::from_millis(500));
        assert_eq!(story.through("AdminCreateUser", "192.0.2.1", "{}"), 2);
        story.clock.advance(Duration::from_secs(60));
        assert_eq!(story.through("SignUp", "192.0.2.1", "{}"), 4);
    }

    #[test]
    fn clients_and_addresses_are_apart() {
        let story = story(Rates::new().per_client(rate(3)).per_address(rate(5)));
        let of = |client: &str| format!(r#"{{"ClientId":"{client}"}}"#);
        assert_eq!(story.through("SignUp", "192.0.2.1", &of("a")), 3);
        assert_eq!(story.through("SignUp", "192.0.2.2", &of("b")), 3);
        assert_eq!(story.through("SignUp", "192.0.2.3", &of("a")), 0);
        assert_eq!(story.through("SignUp", "192.0.2.4", "no JSON"), 5);
    }

    #[test]
    fn a_user_is_known_by_name_parameter_or_token_and_reads_are_apart_from_writes() {
        let story = story(Rates::new().per_user(rate(2)));
        let ada = r#"{"ClientId":"a","AuthParameters":{"USERNAME":"ada","X":1},"Y":[]}"#;
        assert_eq!(story.through("InitiateAuth", "", ada), 2);
        let same = r#"{"ClientId":"a","Username":"ada"}"#;
        assert_eq!(story.through("ForgotPassword", "", same), 0);
        let bob = r#"{"ClientId":"a","ChallengeResponses":{"USERNAME":"bob"}}"#;
        assert_eq!(story.through("RespondToAuthChallenge", "", bob), 2);
        let elsewhere = r#"{"UserPoolId":"p","Username":"ada"}"#;
        assert_eq!(story.through("AdminGetUser", "", elsewhere), 2);
        assert_eq!(story.through("AdminDisableUser", "", elsewhere), 2);
        let token = r#"{"AccessToken":"t"}"#;
        assert_eq!(story.through("GetUser", "", token), 2);
        assert_eq!(story.through("ListUserPools", "", "{}"), 10);
    }

    #[test]
    fn the_services_own_rates_bound_every_category() {
        let rates = Rates::service();
        assert_eq!(rates.categories.len(), Category::all().count());
        assert_eq!(rates.categories[&Category::UserAuthentication], rate(120));
        let story = story(rates);
        let body = r#"{"UserPoolId":"p","GroupName":"g"}"#;
        assert_eq!(story.through("CreateGroup", "", body), 10);
        assert_eq!(story.through("DeleteGroup", "", body), 5);
    }

    #[test]
    fn a_raised_limit_binds_where_the_rates_are_the_services() {
        let reply = |category: &str, value: u32| {
            format!(
                r#"{{"Limit":{{"LimitDefinition":{{"LimitClass":"API_CATEGORY","Attributes":{{"Category":"{category}"}}}},"ProvisionedLimitValue":{value},"FreeLimitValue":15}}}}"#
            )
        };
        let raise = spec("UpdateProvisionedLimit");
        let body = r#"{"UserPoolId":"p","GroupName":"g"}"#;
        let raised = reply("UserPoolResourceUpdate", 17);
        let of_service = story(Rates::service());
        of_service.meter.changed(raise, raised.as_bytes());
        assert_eq!(of_service.through("CreateGroup", "", body), 10);
        assert_eq!(of_service.through("DeleteGroup", "", body), 7);
        // The same limit told again gives nothing back.
        of_service.meter.changed(raise, raised.as_bytes());
        assert_eq!(of_service.through("DeleteGroup", "", body), 0);
        let set = Rates::service().category(Category::UserPoolResourceUpdate, rate(3));
        for rates in [
            set,
            Rates::new().category(Category::UserPoolResourceUpdate, rate(3)),
        ] {
            let own = story(rates);
            own.meter.changed(raise, raised.as_bytes());
            assert_eq!(own.through("CreateGroup", "", body), 3);
        }
        of_service
            .meter
            .changed(raise, reply("UserAuthentication", 240).as_bytes());
        let bounds = of_service.meter.bounds();
        assert_eq!(bounds[&Category::ChallengeResponse].rate, rate(720));
    }

    #[test]
    fn who_rests_is_forgotten() {
        let story = story(Rates::new().per_address(rate(5)));
        for last in 0..SWEEP {
            let address = IpAddr::from(last.to_be_bytes());
            story.clock.advance(Duration::from_secs(1));
            story.meter.request(Some(address)).expect("the first of it");
        }
        let kept = story.meter.addresses.as_ref().map(|meter| meter.len());
        assert!(kept < Some(10), "{kept:?}");
    }
}
