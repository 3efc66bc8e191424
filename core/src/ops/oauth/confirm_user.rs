//! `/confirmUser`: where the link of an e-mail leads that confirms a sign-up.

use alloc::string::String;

use super::{Endpoint, pages, parameters::Parameters, place::Place};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{client::Client, keys},
    ops::{clients::description, parties},
};

/// The path below the place of a pool.
pub const PATH: &str = "/confirmUser";

/// A link that was opened: `client_id`, `user_name` and `confirmation_code`, and a `redirect_uri` if the browser is to go
/// on to the app client.
#[derive(Clone)]
pub struct ConfirmUser {
    /// Where it came to.
    pub place: Place,
    /// Its query.
    pub query: Parameters,
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// The browser goes on to this address, one of the client's.
    To(String),
    /// A page says that it is done.
    Here,
}

impl Endpoint for ConfirmUser {
    type Reply = Confirmed;

    /// Refused is an app client that is not of this pool, and what ConfirmSignUp refuses. An address that the client does
    /// not have is passed over, since the link was opened where it leads.
    fn run(&self, cx: &mut Cx<'_>) -> Run<Confirmed> {
        let unknown = || {
            Refusal::new(
                RefusalKind::ResourceNotFound,
                "There is no such app client here.",
            )
        };
        let pool = self.place.pool(cx)?.ok_or_else(unknown)?;
        let id = self.query.first("client_id").unwrap_or_default();
        let client = match id.len() {
            1..=128 => cx.get::<Client>(&keys::client(id))?,
            _ => None,
        };
        let client = client
            .filter(|client| client.pool == pool.id)
            .ok_or_else(unknown)?;
        let value = |name| self.query.first(name).unwrap_or_default();
        let party = parties::client_in_pool(cx, &pool.id, &client.id)?;
        pages::confirm(cx, &party, value("user_name"), value("confirmation_code"))?;
        let settings = description::settings(&client)?;
        let known = settings.callback_urls.unwrap_or_default();
        let asked = self.query.first("redirect_uri");
        Ok(asked
            .filter(|asked| known.iter().any(|url| url == asked))
            .map_or(Confirmed::Here, |asked| Confirmed::To(asked.into())))
    }
}
