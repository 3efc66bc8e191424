//! A passkey that a user makes at the login pages, just after a sign-in.

use alloc::string::String;

use super::{
    Endpoint,
    authorize::Problem,
    look::Version,
    parameters::Parameters,
    place::Place,
    request::{self, Request},
    session::{self, Live},
};
use crate::{
    engine::{Cx, Run},
    model::{keys, passkeys::Passkeys},
    ops::{
        passkeys::{self, By, Registrant},
        sign_in::user_auth::available,
    },
};

/// A step towards a passkey of one's own.
#[derive(Clone)]
pub struct OwnPasskey {
    /// Where it came to.
    pub place: Place,
    /// The query of the authorization request.
    pub query: Parameters,
    /// The text of the session's cookie.
    pub session: String,
    /// Which step.
    pub step: Step,
}

/// What a step is.
#[derive(Clone)]
pub enum Step {
    /// Is a passkey to be offered?
    Offer,
    /// The user wants one.
    Begin,
    /// The browser made one (`RegistrationResponseJSON`).
    Keep(String),
}

/// What follows.
#[derive(Clone)]
pub enum Followed {
    /// Nobody has signed in just now, or not as a user of the pool itself; or there are no passkeys on these pages.
    Nothing,
    /// The user has a passkey.
    Has,
    /// The user has none.
    HasNone,
    /// The options with which a browser makes one, as JSON text.
    Options(String),
}

impl Endpoint for OwnPasskey {
    type Reply = Result<Followed, Problem>;

    /// Problems are those of the authorization request; refused is what the registration of a passkey refuses.
    fn run(&self, cx: &mut Cx<'_>) -> Run<Result<Followed, Problem>> {
        let request = match request::read(cx, &self.place, &self.query)? {
            Ok(request) => request,
            Err(problem) => return Ok(Err(problem)),
        };
        let live = session::find(cx, &request.party.pool, &self.session)?;
        let live = live.filter(|live| {
            session::is_recent(cx, live) && live.session.provider.is_none() && request.offers.own
        });
        let pool = &request.party.pool;
        let is_managed = Version::of(cx, &self.place)? != Version::Classic;
        let is_on = is_managed && passkeys::are_on(pool) && request.party.client.flows.user_auth;
        match live.filter(|_| is_on) {
            Some(live) => self.follow(cx, &request, &live).map(Ok),
            None => Ok(Ok(Followed::Nothing)),
        }
    }
}

impl OwnPasskey {
    fn follow(&self, cx: &mut Cx<'_>, request: &Request, live: &Live) -> Run<Followed> {
        let pool = &request.party.pool;
        let user = Registrant {
            pool,
            client: &request.party.client,
            head: &live.head,
            by: By::Session(&live.session),
        };
        match &self.step {
            Step::Offer => {
                let held = cx.get::<Passkeys>(&keys::passkeys(&pool.id, &live.head.sub))?;
                let has = held.zip(available::relying_party(pool));
                let has = has.is_some_and(|(held, party)| held.of(party).next().is_some());
                Ok(if has {
                    Followed::Has
                } else {
                    Followed::HasNone
                })
            }
            Step::Begin => passkeys::start(cx, &user).map(Followed::Options),
            Step::Keep(credential) => {
                passkeys::complete(cx, &user, credential)?;
                Ok(Followed::Has)
            }
        }
    }
}
