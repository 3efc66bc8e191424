//! DeleteUserPoolClient.

use userpool_wire::{Empty, idp::DeleteUserPoolClientRequest};

use crate::{
    engine::{Cx, Run},
    model::{client::ListedClient, keys, pages::Customization},
    ops::{
        blobs, branding,
        parties::{self, Party},
        terms,
    },
};

/// Deletes an app client. Tokens that were given to it stop refreshing.
///
/// Refusals, in this order: unknown pool, unknown client.
pub(crate) fn delete_user_pool_client(
    cx: &mut Cx<'_>,
    request: &DeleteUserPoolClientRequest,
) -> Run<Empty> {
    let (pool_id, client_id) = (&request.user_pool_id, &request.client_id);
    let list_key = keys::client_of_pool(pool_id, client_id);
    let risk_key = keys::risk(pool_id, client_id);
    let look_key = keys::customization(pool_id, client_id);
    cx.want([
        &keys::pool(pool_id),
        &keys::client(client_id),
        &list_key,
        &risk_key,
        &look_key,
    ])?;
    let Party { client, .. } = parties::client_in_pool(cx, pool_id, client_id)?;
    let listed = cx.get::<ListedClient>(&list_key)?;

    if let Some(look) = cx.get::<Customization>(&look_key)? {
        if let Some(image) = look.image {
            blobs::remove(cx, pool_id, image.blob)?;
        }
        cx.remove(&look);
    }
    branding::forget(cx, pool_id, client_id)?;
    terms::forget(cx, pool_id, client_id)?;
    cx.remove(&client);
    if let Some(listed) = listed {
        cx.remove(&listed);
    }
    if let Some(risk) = cx.any(&risk_key)? {
        cx.remove(&risk);
    }
    Ok(Empty {})
}
