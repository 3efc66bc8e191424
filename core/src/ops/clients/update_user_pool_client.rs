//! UpdateUserPoolClient.

use userpool_wire::idp::{
    ClientTypeType, UpdateUserPoolClientRequest, UpdateUserPoolClientResponse,
};

use super::{
    description::{self, Identity},
    invalid, oauth, providers,
    settings::{complete, given},
};
use crate::{
    engine::{Cx, Run},
    model::{
        client::{Client, ListedClient},
        keys,
    },
    ops::{
        parties::{self, Party},
        pools,
        resource_servers::REGISTER,
    },
};

/// Replaces all settings of an app client: what is omitted gets its default. Id, secret and, where it is
/// omitted, the name stay.
///
/// Refusals, in this order: unknown pool, unknown client, settings that do not fit, features that the tier of the pool does not have, an
/// unknown identity provider, an unknown scope, settings too large to be kept.
pub(crate) fn update_user_pool_client(
    cx: &mut Cx<'_>,
    request: &UpdateUserPoolClientRequest,
) -> Run<UpdateUserPoolClientResponse> {
    let (pool_id, client_id) = (&request.user_pool_id, &request.client_id);
    let list_key = keys::client_of_pool(pool_id, client_id);
    cx.want([&keys::pool(pool_id), &keys::client(client_id), &list_key])?;
    let Party { client, pool, .. } = parties::client_in_pool(cx, pool_id, client_id)?;
    let listed = cx.get::<ListedClient>(&list_key)?;

    let before = description::settings(&client)?;
    let name = request.client_name.clone().or(before.client_name);
    let name = name.unwrap_or_default();
    let kind = before.client_type.unwrap_or(ClientTypeType::Regular);
    let asked = request.allowed_o_auth_scopes.as_deref();
    let registers = asked.is_some_and(|scopes| scopes.iter().any(|scope| scope == REGISTER));
    if kind == ClientTypeType::Dcr && registers {
        return Err(invalid("A client that registered itself cannot register others.").into());
    }
    let settings = complete(given!(request), &pool, !client.secrets.is_empty())?;
    pools::check_tier(&pool, &settings.features())?;
    providers::check(cx, &pool.id, &settings.shown)?;
    oauth::check_scopes(cx, &pool.id, &settings.shown)?;
    let identity = Identity {
        id: &client.id,
        pool: &client.pool,
        name: &name,
        kind,
        created: client.created,
        modified: cx.now(),
    };
    let changed = Client {
        single_sign_on: client.single_sign_on,
        ..description::keep(&identity, client.secrets.clone(), settings)?
    };

    cx.check(&pool);
    cx.update(&client, &changed);
    if let Some(listed) = listed.filter(|listed| listed.name != name) {
        let id = client.id.clone();
        let registered = listed.registered;
        let becomes = ListedClient {
            id,
            name,
            registered,
        };
        cx.update(&listed, &becomes);
    }
    let secret = parties::client_secrets(cx, &client)?.into_iter().next();
    let secret = secret.map(|secret| secret.expose().into());
    Ok(UpdateUserPoolClientResponse {
        user_pool_client: Some(description::with_secret(&changed, secret)?),
    })
}
