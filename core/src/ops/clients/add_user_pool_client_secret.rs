//! AddUserPoolClientSecret.

use alloc::vec::Vec;

use userpool_wire::idp::{
    AddUserPoolClientSecretRequest, AddUserPoolClientSecretResponse, ClientSecretDescriptorType,
    ClientTypeType,
};

use super::{description, invalid, secrets};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::client::Client,
    ops::parties::{self, Party},
};

/// Gives an app client a second secret, its own or one that is drawn and told this once. Both count until one is
/// deleted; the new one is what the client is described with.
///
/// Refusals, in this order: unknown pool, unknown client, a client without a secret, one that registered itself, one that has two.
pub(crate) fn add_user_pool_client_secret(
    cx: &mut Cx<'_>,
    request: &AddUserPoolClientSecretRequest,
) -> Run<AddUserPoolClientSecretResponse> {
    let Party { client, pool, .. } =
        parties::client_in_pool(cx, &request.user_pool_id, &request.client_id)?;
    if client.secrets.is_empty() {
        return Err(invalid("A client without a secret cannot get one.").into());
    }
    if description::settings(&client)?.client_type == Some(ClientTypeType::Dcr) {
        return Err(invalid("A client that registered itself has one secret.").into());
    }
    if client.secrets.len() >= secrets::MAX {
        let text = "A client has at most two secrets: delete one first.";
        return Err(Refusal::new(RefusalKind::LimitExceeded, text).into());
    }
    let drawn = match request.client_secret {
        Some(_) => None,
        None => Some(secrets::draw(cx)),
    };
    let own = request.client_secret.as_ref();
    let secret = drawn.as_ref().or(own).map_or("", |it| it.as_str());
    let secret = secrets::seal(cx, &pool.id, &client.id, &client.secrets, secret);
    let descriptor = ClientSecretDescriptorType {
        client_secret_value: drawn,
        ..secrets::shown(&secret)
    };
    let mut all = Vec::with_capacity(secrets::MAX);
    all.push(secret);
    all.extend(client.secrets.iter().cloned());
    let changed = Client {
        secrets: all,
        modified: cx.now(),
        ..Client::clone(&client)
    };

    cx.check(&pool);
    cx.update(&client, &changed);
    Ok(AddUserPoolClientSecretResponse {
        client_secret_descriptor: Some(descriptor),
    })
}
