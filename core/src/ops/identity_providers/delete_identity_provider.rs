//! DeleteIdentityProvider.

use alloc::vec::Vec;

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
    let leads: Vec<Key> = leads.collect();
    cx.once(|cx| {
        cx.want(&leads)?;
        for key in &leads {
            if let Some(record) = cx.any(key)? {
                cx.remove(&record);
            }
        }
        cx.remove(&provider);
        cx.land()
    })?;
    // What was fetched of it is kept only while it is there, and so by nobody from now on.
    if let Some(fetched) = cx.any(&keys::provider_keys(&pool.id, &provider.name))? {
        cx.remove(&fetched);
    }
    Ok(Empty {})
}
