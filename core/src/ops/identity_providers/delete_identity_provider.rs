//! DeleteIdentityProvider.

use userpool_ports::Key;
use userpool_wire::{Empty, idp::DeleteIdentityProviderRequest};

use super::find;
use crate::{
    engine::{Cx, Run},
    model::{keys, names::lower},
};

/// Deletes an identity provider; its users stay.
///
/// Refusals, in this order: unknown pool, unknown provider.
///
/// # Errors
/// The refusals above.
pub(crate) fn delete_identity_provider(
    cx: &mut Cx<'_>,
    req: &DeleteIdentityProviderRequest,
) -> Run<Empty> {
    let (pool, provider) = find(cx, &req.user_pool_id, &req.provider_name)?;
    let leads = provider.identifiers.iter();
    let leads = leads.map(|it| keys::provider_identifier(&pool.id, &lower(it)));
    let keys_key = keys::provider_keys(&pool.id, &provider.name);
    let also: alloc::vec::Vec<Key> = leads.chain([keys_key]).collect();
    cx.want(&also)?;
    for key in &also {
        if let Some(record) = cx.any(key)? {
            cx.remove(&record);
        }
    }
    cx.remove(&provider);
    Ok(Empty {})
}
