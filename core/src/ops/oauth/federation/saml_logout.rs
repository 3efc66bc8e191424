//! `/saml2/logout`: where browsers come back to from a sign-out at an identity provider of SAML.
//!
//! The session here has ended before the browser is sent there, so that nothing depends on what the provider says but
//! where the browser goes in the end.

use alloc::{format, string::String, sync::Arc};

use userpool_crypto::base64;
use userpool_saml::{
    redirect::{Direction, Incoming, Received},
    response::MAX,
};

use super::{
    super::{
        Endpoint,
        error::{Error, ErrorKind},
        parameters::Parameters,
        place::Place,
    },
    begin::callback,
};
use crate::{
    engine::{Cx, Held, Run},
    model::{
        identity_provider::IdentityProvider,
        keys,
        page_session::PageSession,
        pending_sign_out::{Goes, LIFE, PendingSignOut},
        pool::Pool,
    },
    ops::{identity_providers::metadata, saml::logout},
};

pub(super) const PATH: &str = "/saml2/logout";

/// Where a browser goes for a sign-out at the provider that a session came from; `None` where it has to go nowhere.
///
/// # Errors
/// Stops the run until that is known.
pub(in super::super) fn begin(
    cx: &mut Cx<'_>,
    pool: &Held<Pool>,
    session: &PageSession,
    place: &Place,
    goes: Goes,
) -> Run<Option<String>> {
    let (Some(name), Some(told)) = (&session.provider, &session.saml) else {
        return Ok(None);
    };
    let provider = cx.get::<IdentityProvider>(&keys::identity_provider(&pool.id, name))?;
    let Some(provider) = provider.filter(|it| metadata::is_on(it, "IDPSignout")) else {
        return Ok(None);
    };
    let state = base64::encode_url(&cx.random::<32>("state of a sign-out elsewhere"));
    let id = format!(
        "_{}",
        base64::encode_url(&cx.random::<24>("id of a sign-out elsewhere"))
    );
    let address = logout::address(cx, pool, &provider, told, (&id, &state))?;
    if address.is_some() {
        let pending = PendingSignOut {
            provider: name.clone(),
            request: id,
            address: callback(cx, place, PATH),
            goes,
        };
        let key = keys::pending_sign_out(&pool.id, &state);
        cx.insert_until(&key, &pending, Some(cx.now().after(LIFE)));
    }
    Ok(address)
}

/// The answer to a sign-out, as a browser brings it.
#[derive(Clone, Debug)]
pub struct SamlLeft {
    /// Where it came to.
    pub place: Place,
    /// What it brought.
    pub message: SamlMessage,
}

/// What a browser brings of a provider of SAML.
#[derive(Clone, Debug)]
pub enum SamlMessage {
    /// A form.
    Form(Parameters),
    /// A query as it came, for the signature is of its text.
    Query(String),
}

impl SamlMessage {
    /// What was brought; `None` where it is malformed.
    ///
    /// # Errors
    /// Never refuses.
    pub(super) fn read(&self, cx: &mut Cx<'_>, direction: Direction) -> Run<Option<Brought<'_>>> {
        Ok(match self {
            Self::Query(query) => cx
                .once(|_| Ok(Incoming::parse(query, direction).ok().map(Arc::new)))?
                .map(Brought::Address),
            Self::Form(form) => match (
                form.one_of_at_most(direction.parameter(), MAX),
                form.one("RelayState"),
            ) {
                (Ok(Some(text)), Ok(state)) => Some(Brought::Form { text, state }),
                _ => None,
            },
        })
    }
}

/// A message that was read.
pub(super) enum Brought<'m> {
    /// In a form.
    Form {
        text: &'m str,
        state: Option<&'m str>,
    },
    /// In an address.
    Address(Arc<Incoming>),
}

impl Brought<'_> {
    /// The message, to be checked.
    pub fn received(&self) -> Received<'_> {
        match self {
            Self::Form { text, .. } => Received::Form(text),
            Self::Address(message) => Received::Address(message),
        }
    }

    /// The state that came with it.
    pub fn state(&self) -> Option<&str> {
        match self {
            Self::Form { state, .. } => *state,
            Self::Address(message) => message.state.as_deref(),
        }
    }
}

/// Where the browser goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// To an address of the client.
    To(String),
    /// To the login pages, with this query.
    SignIn(String),
    /// Nowhere.
    Refused(Error),
}

impl Endpoint for SamlLeft {
    type Reply = Left;

    fn run(&self, cx: &mut Cx<'_>) -> Run<Left> {
        let Some(pool) = self.place.pool(cx)? else {
            return Ok(refused("There is no such sign-out."));
        };
        let Some(brought) = self.message.read(cx, Direction::Response)? else {
            return Ok(refused("The answer is malformed."));
        };
        let state = brought.state();
        let key = keys::pending_sign_out(&pool.id, state.unwrap_or_default());
        let Some(pending) = cx.get::<PendingSignOut>(&key)? else {
            return Ok(refused("There is no such sign-out."));
        };
        let key = keys::identity_provider(&pool.id, &pending.provider);
        let Some(provider) = cx.get::<IdentityProvider>(&key)? else {
            return Ok(refused("There is no such sign-out."));
        };
        let checked = logout::check(cx, &pool, &provider, &pending, brought.received())?;
        cx.remove(&pending);
        Ok(match checked {
            Some(Ok(())) => match &pending.goes {
                Goes::To(address) => Left::To(address.clone()),
                Goes::SignIn(query) => Left::SignIn(query.clone()),
            },
            Some(Err(why)) => refused(format!("Invalid SAML response received: {why}.")),
            None => refused("Error retrieving metadata"),
        })
    }
}

pub(super) fn refused(text: impl Into<alloc::borrow::Cow<'static, str>>) -> Left {
    Left::Refused(Error::new(ErrorKind::InvalidRequest, text))
}
