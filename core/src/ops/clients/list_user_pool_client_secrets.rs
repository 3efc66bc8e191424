//! ListUserPoolClientSecrets.

use userpool_wire::idp::{ListUserPoolClientSecretsRequest, ListUserPoolClientSecretsResponse};

use super::secrets;
use crate::{
    engine::{Cx, Run},
    ops::{
        paging,
        parties::{self, Party},
    },
};

/// Tells the secrets of an app client, the newest first, without their values. There is one page.
///
/// Refusals, in this order: a token of a page, unknown pool, unknown client.
pub(crate) fn list_user_pool_client_secrets(
    cx: &mut Cx<'_>,
    request: &ListUserPoolClientSecretsRequest,
) -> Run<ListUserPoolClientSecretsResponse> {
    if request.next_token.is_some() {
        return Err(paging::foreign_token().into());
    }
    let Party { client, .. } =
        parties::client_in_pool(cx, &request.user_pool_id, &request.client_id)?;
    Ok(ListUserPoolClientSecretsResponse {
        client_secrets: Some(client.secrets.iter().map(secrets::shown).collect()),
        ..ListUserPoolClientSecretsResponse::default()
    })
}
