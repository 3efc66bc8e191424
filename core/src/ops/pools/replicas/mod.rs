//! Replicas: the view of a pool from other regions.
//!
//! One store holds the pool, so that a replica copies nothing: it is a second region under which the same pool, of the
//! same id, is served, and what is done in one region is there in the other. The region of a request is that of its
//! signature's scope; one that is not signed says it by the address that it came to ([`Caller::region`]). A request that
//! says none is for the primary, and so are the login pages.
//!
//! | state | how it comes about | what it serves |
//! |---|---|---|
//! | CREATING | the answer of CreateUserPoolReplica; at the next request it is ACTIVE | |
//! | ACTIVE | | sign-in, refresh, what only reads, its own tags |
//! | INACTIVE | UpdateUserPoolReplica, from either region | its own state alone |
//! | DELETING | the answer of DeleteUserPoolReplica; at the next request it is gone | |
//!
//! What would change users or shared settings is refused in a replica with OperationNotEnabledException
//! ([`view`]); so are a new password and a new factor in the middle of a sign-in. A pool that has no replicas is served in
//! every region that a caller signs for.
//!
//! From the service's reference are the states, who may do what from where, and that the pool needs a multi-Region key of
//! its owner (`mrk-`; it is named, and nothing is encrypted by it). The number of replicas, the tier and the texts are
//! this version's own.
//!
//! [`Caller::region`]: crate::engine::Caller::region

mod operations;
mod view;

pub(super) use operations::arn;
pub(crate) use operations::{
    create_user_pool_replica, delete_user_pool_replica, list_user_pool_replicas,
    update_user_pool_replica,
};
pub(crate) use view::{admit, here, is_primary, only_at_primary, seen_from};

use userpool_wire::idp::{EncryptionKeyType, KeyConfigurationType};

/// How the id of a multi-Region key begins.
const MULTI_REGION: &str = "mrk-";

/// Whether a key is one that other regions have too.
pub(super) fn is_in_other_regions(key: Option<&KeyConfigurationType>) -> bool {
    key.is_some_and(|key| {
        key.key_type == Some(EncryptionKeyType::CustomerManagedKey)
            && key.kms_key_arn.as_deref().is_some_and(|arn| {
                arn.rsplit_once(":key/")
                    .is_some_and(|(_, id)| id.starts_with(MULTI_REGION))
            })
    })
}
