//! The proof of an app client at an endpoint (RFC 6749 §2.3.1): its id and secret in the header or in the form.

use alloc::{
    string::{String, ToString},
    sync::Arc,
};

use userpool_crypto::base64;
use userpool_wire::idp::UserPoolClientType;

use super::{
    error::{Error, ErrorKind},
    parameters::{Parameters, decode},
    place::Place,
};
use crate::{
    engine::{Cx, Run},
    model::{client::Client, keys},
    ops::{
        clients::description,
        origin::Hint,
        parties::{Ending, Party, Said},
        tokens::client_secret::{self, Fit},
    },
};

/// The longest header that is looked at.
const MAX: usize = 2_048;

/// A client that has proven itself.
#[derive(Clone)]
pub(super) struct Proven {
    pub party: Party,
    pub settings: Arc<UserPoolClientType>,
}

/// The client of a form, once it has proven itself.
///
/// # Errors
/// Stops the run until pool and client are there.
pub(super) fn prove(
    cx: &mut Cx<'_>,
    place: &Place,
    form: &Parameters,
    authorization: Option<&str>,
) -> Run<Result<Proven, Error>> {
    cx.once(|cx| {
        let (id, secret) = match named(form, authorization) {
            Ok(named) => named,
            Err(error) => return Ok(Err(error)),
        };
        let invalid = || {
            Error::new(
                ErrorKind::InvalidClient,
                "The client is unknown or not proven.",
            )
        };
        let Some(pool) = place.pool(cx)? else {
            return Ok(Err(invalid()));
        };
        if id.len() > 128 {
            return Ok(Err(invalid()));
        }
        let client = cx.get::<Client>(&keys::client(&id))?;
        let Some(client) = client.filter(|client| client.pool == pool.id) else {
            return Ok(Err(invalid()));
        };
        let mut fit = client_secret::fit(cx, &client, secret.as_deref())?;
        if let (Fit::Wrong, Some(secret), Some(_)) = (fit, &secret, authorization) {
            // In the header both are encoded like a form; many clients leave that out.
            fit = client_secret::fit(cx, &client, Some(&decode(secret)))?;
        }
        if fit != Fit::Right {
            return Ok(Err(invalid()));
        }
        let settings = description::settings(&client).map(Arc::new)?;
        let party = Party {
            client,
            pool,
            said: Said::Nothing,
            hint: Hint::Nothing,
            ending: Ending::Tokens,
        };
        Ok(Ok(Proven { party, settings }))
    })
}

/// Who a request says it is, and the secret. A client uses one way, not two (RFC 6749 §2.3).
fn named(
    form: &Parameters,
    authorization: Option<&str>,
) -> Result<(String, Option<String>), Error> {
    let (id, secret) = (form.one("client_id")?, form.one("client_secret")?);
    let Some(header) = authorization else {
        let id =
            id.ok_or_else(|| Error::new(ErrorKind::InvalidRequest, "client_id is missing."))?;
        return Ok((id.into(), secret.map(ToString::to_string)));
    };
    let malformed = || {
        Error::new(
            ErrorKind::InvalidClient,
            "The Authorization header is malformed.",
        )
    };
    if header.len() > MAX || secret.is_some() {
        return Err(malformed());
    }
    let (scheme, value) = header.split_once(' ').ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(malformed());
    }
    let bytes = base64::decode(value.trim()).ok_or_else(malformed)?;
    let text = String::from_utf8(bytes).map_err(|_| malformed())?;
    let (own, secret) = text.split_once(':').ok_or_else(malformed)?;
    let own = decode(own);
    if id.is_some_and(|id| id != own) {
        return Err(malformed());
    }
    Ok((own, Some(secret.into())))
}
