//! CreateUserPoolClient.

use alloc::{string::String, vec::Vec};

use userpool_wire::{
    Sensitive,
    idp::{
        ClientTypeType, CreateUserPoolClientRequest, CreateUserPoolClientResponse,
        UserPoolClientType,
    },
};

use super::{
    description::{self, Identity},
    invalid, oauth, providers, secrets,
    settings::{complete, given},
};
use crate::{
    engine::{Cx, Refusal, Run},
    model::{
        client::{ClientSecret, ListedClient},
        keys,
    },
    ops::{drawn, parties, pools},
};

/// Makes an app client, with a secret where one is asked for or given.
///
/// Refusals, in this order: unknown pool, a secret both given and to be generated, settings that do not
/// fit, features that the tier of the pool does not have, an unknown identity provider, an unknown scope, settings too large to be kept.
pub(crate) fn create_user_pool_client(
    cx: &mut Cx<'_>,
    request: &CreateUserPoolClientRequest,
) -> Run<CreateUserPoolClientResponse> {
    let id = drawn::text(cx, "client id", drawn::LOWER_AND_DIGITS, 26);
    make_user_pool_client(cx, &id, request)
}

/// Makes an app client that registers itself, with the refusals of [`create_user_pool_client`].
pub(crate) fn register(
    cx: &mut Cx<'_>,
    request: &CreateUserPoolClientRequest,
) -> Run<UserPoolClientType> {
    let id = drawn::text(cx, "client id", drawn::LOWER_AND_DIGITS, 26);
    let made = make(cx, &id, request, ClientTypeType::Dcr)?;
    Ok(made.user_pool_client.unwrap_or_default())
}

/// Makes an app client of this id.
pub(crate) fn make_user_pool_client(
    cx: &mut Cx<'_>,
    id: &str,
    request: &CreateUserPoolClientRequest,
) -> Run<CreateUserPoolClientResponse> {
    make(cx, id, request, ClientTypeType::Regular)
}

fn make(
    cx: &mut Cx<'_>,
    id: &str,
    request: &CreateUserPoolClientRequest,
    kind: ClientTypeType,
) -> Run<CreateUserPoolClientResponse> {
    let pool = parties::pool(cx, &request.user_pool_id)?;
    let secret = secret(cx, request)?;
    let settings = complete(given!(request), &pool, secret.is_some())?;
    pools::check_tier(&pool, &settings.features())?;
    providers::check(cx, &pool.id, &settings.shown)?;
    oauth::check_scopes(cx, &pool.id, &settings.shown)?;

    let kept: Vec<ClientSecret> = secret
        .iter()
        .map(|secret| secrets::seal(cx, &pool.id, id, &[], secret))
        .collect();
    let identity = Identity {
        id,
        pool: &pool.id,
        name: &request.client_name,
        kind,
        created: cx.now(),
        modified: cx.now(),
    };
    let client = description::keep(&identity, kept, settings)?;
    let listed = ListedClient {
        id: id.into(),
        name: request.client_name.clone(),
        registered: kind == ClientTypeType::Dcr,
    };

    cx.check(&pool);
    cx.insert(&keys::client(id), &client);
    cx.insert(&keys::client_of_pool(&pool.id, id), &listed);
    Ok(CreateUserPoolClientResponse {
        user_pool_client: Some(description::with_secret(&client, secret)?),
    })
}

/// The secret of a new client: its own, or one that is drawn.
fn secret(
    cx: &mut Cx<'_>,
    request: &CreateUserPoolClientRequest,
) -> Result<Option<Sensitive<String>>, Refusal> {
    match (&request.client_secret, request.generate_secret) {
        (Some(_), Some(true)) => Err(invalid(
            "ClientSecret cannot be set when GenerateSecret is true.",
        )),
        (Some(own), _) => Ok(Some(own.clone())),
        (None, Some(true)) => Ok(Some(secrets::draw(cx))),
        (None, _) => Ok(None),
    }
}
