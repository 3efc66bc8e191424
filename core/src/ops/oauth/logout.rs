//! `/logout`: ends the session of a browser and sends it on.
//!
//! The service has words of its own for that, `logout_uri` and `redirect_uri`, and any relying party those of OpenID Connect
//! RP-Initiated Logout 1.0 §2, which are heard where its own are not said: `post_logout_redirect_uri`, an address of
//! the same list, to which `state` goes along; and `id_token_hint`, for the client where `client_id` does not name it.

use alloc::{borrow::Cow, format, string::String, sync::Arc};

use userpool_crypto::jwt::Token;

use super::{
    Endpoint,
    error::{Error, ErrorKind},
    federation::saml_logout,
    parameters::{Parameters, append},
    place::Place,
    session,
};
use crate::{
    engine::{Cx, Run},
    model::{client::Client, keys, pending_sign_out::Goes},
    ops::clients::description,
    verify::Claims,
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
        let id = self.client_id();
        let client = match id.as_deref().map(str::len) {
            Some(1..=128) => cx.get::<Client>(&keys::client(&id.unwrap_or_default()))?,
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
        let after = self.query.one("post_logout_redirect_uri");
        let goes = match (self.query.one("logout_uri"), self.query.one("redirect_uri")) {
            (Ok(Some(uri)), _) if is_in(&settings.logout_urls, uri) => LoggedOut::To(uri.into()),
            (Ok(None), Ok(Some(uri))) if is_in(&settings.callback_urls, uri) => LoggedOut::SignIn,
            (Ok(None), Ok(None)) => match after {
                Ok(Some(uri)) if is_in(&settings.logout_urls, uri) => {
                    LoggedOut::To(self.with_state(uri))
                }
                Ok(None) => {
                    return refused("Required String parameter 'redirect_uri' is not present");
                }
                _ => return refused("The address to go to is none of the client's."),
            },
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

impl Logout {
    /// The client that is named; none where two different ones are.
    ///
    /// Who may name a client by its id may do so by a token, which needs no proof for it, and may have ended.
    fn client_id(&self) -> Option<Cow<'_, str>> {
        let said = self.query.first("client_id").filter(|id| !id.is_empty());
        let hint = self.query.one("id_token_hint").ok().flatten();
        let hinted = hint.and_then(|hint| {
            let token = Token::parse(hint).ok()?;
            let claims = Claims::parse(token.danger_unverified_payload())?;
            Some(String::from(claims.client_id()))
        });
        match (said, hinted) {
            (Some(said), Some(hinted)) => (said == hinted).then_some(Cow::Owned(hinted)),
            (said, hinted) => said.map(Cow::Borrowed).or(hinted.map(Cow::Owned)),
        }
    }

    fn with_state(&self, uri: &str) -> String {
        let mut query = String::new();
        match self.query.first("state") {
            Some(state) => append(&mut query, "state", state),
            None => return uri.into(),
        }
        let mark = if uri.contains('?') { '&' } else { '?' };
        format!("{uri}{mark}{query}")
    }
}
