//! `/logout`: ends the session of a browser and sends it on.

use alloc::{string::String, sync::Arc};

use super::{
    Endpoint,
    error::{Error, ErrorKind},
    federation::saml_logout,
    parameters::Parameters,
    place::Place,
    session,
};
use crate::{
    engine::{Cx, Run},
    model::{client::Client, keys, pending_sign_out::Goes},
    ops::clients::description,
};

/// A request at the logout endpoint.
#[derive(Clone)]
pub struct Logout {
    /// Where it came to.
    pub place: Place,
    /// Its query.
    pub query: Parameters,
    /// The cookie of the browser.
    pub session: Option<String>,
}

/// Where the browser goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoggedOut {
    /// To an address of the client.
    To(String),
    /// To the login pages, with the query of the request.
    SignIn,
    /// To the identity provider that the user came from, to sign out there too.
    Provider(String),
    /// Nowhere.
    Refused(Error),
}

impl Endpoint for Logout {
    type Reply = LoggedOut;

    /// The session ends only where the request is one of a client of the pool. Tokens stay, codes that were not exchanged
    /// do not.
    fn run(&self, cx: &mut Cx<'_>) -> Run<LoggedOut> {
        let refused = |text: &'static str| {
            Ok(LoggedOut::Refused(Error::new(
                ErrorKind::InvalidRequest,
                text,
            )))
        };
        let Some(pool) = self.place.pool(cx)? else {
            return refused("There is no such app client here.");
        };
        let id = self.query.first("client_id").unwrap_or_default();
        let client = match id.len() {
            1..=128 => cx.get::<Client>(&keys::client(id))?,
            _ => None,
        };
        let Some(client) = client.filter(|client| client.pool == pool.id) else {
            return refused("There is no such app client here.");
        };
        let settings = cx.once(|_| description::settings(&client).map(Arc::new))?;
        let is_in = |urls: &Option<alloc::vec::Vec<String>>, url: &str| {
            urls.as_deref()
                .unwrap_or_default()
                .iter()
                .any(|known| known == url)
        };
        let goes = match (self.query.one("logout_uri"), self.query.one("redirect_uri")) {
            (Ok(Some(uri)), _) if is_in(&settings.logout_urls, uri) => LoggedOut::To(uri.into()),
            (Ok(None), Ok(Some(uri))) if is_in(&settings.callback_urls, uri) => LoggedOut::SignIn,
            (Ok(None), Ok(None)) => {
                return refused("Required String parameter 'redirect_uri' is not present");
            }
            _ => return refused("The address to go to is none of the client's."),
        };
        if let Some(text) = &self.session
            && let Some(live) = session::find(cx, &pool, text)?
        {
            cx.remove(&live.session);
            let next = match &goes {
                LoggedOut::To(address) => Goes::To(address.clone()),
                _ => Goes::SignIn(self.query.to_query()),
            };
            if let Some(address) = saml_logout::begin(cx, &pool, &live.session, &self.place, next)?
            {
                return Ok(LoggedOut::Provider(address));
            }
        }
        Ok(goes)
    }
}
