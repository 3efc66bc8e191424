//! DeleteUserPoolClientSecret.

use userpool_wire::idp::{DeleteUserPoolClientSecretRequest, DeleteUserPoolClientSecretResponse};

use super::invalid;
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::client::Client,
    ops::parties::{self, Party},
};

/// Takes a secret from an app client that has another: it proves nothing from now on.
///
/// Refusals, in this order: unknown pool, unknown client, unknown secret, the only secret.
pub(crate) fn delete_user_pool_client_secret(
    cx: &mut Cx<'_>,
    request: &DeleteUserPoolClientSecretRequest,
) -> Run<DeleteUserPoolClientSecretResponse> {
    let Party { client, pool, .. } =
        parties::client_in_pool(cx, &request.user_pool_id, &request.client_id)?;
    let mut changed = Client::clone(&client);
    changed
        .secrets
        .retain(|secret| secret.id != request.client_secret_id);
    if changed.secrets.len() == client.secrets.len() {
        let text = "The client has no such secret.";
        return Err(Refusal::new(RefusalKind::ResourceNotFound, text).into());
    }
    if changed.secrets.is_empty() {
        return Err(invalid("The only secret of a client cannot be deleted.").into());
    }
    changed.modified = cx.now();

    cx.check(&pool);
    cx.update(&client, &changed);
    Ok(DeleteUserPoolClientSecretResponse {})
}
