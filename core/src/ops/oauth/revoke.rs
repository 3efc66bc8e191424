//! `/oauth2/revoke`: ends a refresh token and what came from it (RFC 7009).

use alloc::string::String;

use super::{
    Endpoint, client,
    error::{Error, ErrorKind},
    parameters::Parameters,
    place::Place,
};
use crate::{
    engine::{Cx, Run},
    ops::tokens::revoke,
};

/// A request at the revocation endpoint.
#[derive(Clone, Debug)]
pub struct Revoke {
    /// Where it came to.
    pub place: Place,
    /// Its form.
    pub form: Parameters,
    /// Its `Authorization` header.
    pub authorization: Option<String>,
}

impl Endpoint for Revoke {
    type Reply = Result<(), Error>;

    /// Errors, in this order: a client that is not named, unknown or not proven, no token. Refused are revocation that is
    /// off for the client, another kind of token, and another client's.
    fn run(&self, cx: &mut Cx<'_>) -> Run<Result<(), Error>> {
        let authorization = self.authorization.as_deref();
        let proven = match client::prove(cx, &self.place, &self.form, authorization)? {
            Ok(proven) => proven,
            Err(error) => return Ok(Err(error)),
        };
        match self.form.one("token") {
            Ok(Some(token)) => revoke::revoke(cx, &proven.party, token).map(|_| Ok(())),
            Ok(None) => Ok(Err(Error::new(
                ErrorKind::InvalidRequest,
                "token is missing.",
            ))),
            Err(error) => Ok(Err(error)),
        }
    }
}
