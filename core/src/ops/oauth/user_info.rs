//! `/oauth2/userInfo`: what an access token may know of its user (OpenID Connect Core §5.3).

use alloc::string::{String, ToString};

use super::{
    Endpoint,
    error::{Error, ErrorKind},
    place::Place,
};
use crate::{
    engine::{Cx, Run, Stop},
    model::{grant::OPENID, keys, user::Profile},
    ops::{access, attributes, tokens::claims::Object, user_type},
};

/// A request at the user info endpoint.
#[derive(Clone)]
pub struct UserInfo {
    /// Where it came to.
    pub place: Place,
    /// The access token of its `Authorization` header.
    pub token: Option<String>,
}

impl Endpoint for UserInfo {
    type Reply = Result<String, Error>;

    /// Answers the claims, as JSON text. Verified flags are texts, as the service has them.
    ///
    /// Errors, in this order: no token, no pool here, a token of another pool. Refused is a token that is good for
    /// nothing, as every operation refuses it.
    fn run(&self, cx: &mut Cx<'_>) -> Run<Result<String, Error>> {
        let Some(token) = &self.token else {
            return Ok(Err(Error::new(
                ErrorKind::InvalidRequest,
                "Bad OAuth2 request at UserInfo Endpoint",
            )));
        };
        let pool = self.place.pool(cx)?;
        let access = access::authorize_for(cx, token, OPENID, &[])?;
        let (head, party) = (&access.head, &access.party);
        if pool.is_none_or(|pool| pool.id != party.pool.id) {
            return Ok(Err(invalid_token()));
        }
        let profile = cx.get::<Profile>(&keys::profile(&party.pool.id, &head.sub))?;
        let profile = profile.ok_or_else(|| Stop::torn("the profile of a user"))?;
        let known = user_type::effective(cx, &party.pool, &head.sub, &profile)?;
        let mut object = Object::new();
        object.text("sub", &head.sub.to_string());
        for (name, value) in &known {
            if attributes::may_read(&party.client, name) && access.grant.tells(name) {
                object.text(name, value);
            }
        }
        object.text("username", &head.username);
        Ok(Ok(object.end()))
    }
}

/// What is said of a token that is good for nothing.
#[must_use]
pub fn invalid_token() -> Error {
    Error::new(
        ErrorKind::InvalidToken,
        "Access token is expired, disabled, or deleted, or the user has globally signed out.",
    )
}
