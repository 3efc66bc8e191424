//! What becomes of the request of a row in a replica of its pool: what only reads and what signs in is served by an
//! active one, all else is for the primary; an inactive one serves its own state alone.

use userpool_core::{
    cbor,
    model::{keys, pool::Pool, replica::Replica},
};
use userpool_ports::{Change, Expect, PageRequest, Storage, Write};
use userpool_wire::{OperationSpec, Service};

use super::run::target;
use crate::scene::{Scene, changed_kinds};

/// The region of the replica.
const REGION: &str = "eu-central-1";
/// The error of what a replica does not serve.
pub(super) const REFUSAL: &str = "OperationNotEnabledException";

/// What writes and is served by an active replica: sign-in, the ends of sessions, and what is the replica's own.
const SERVED: [&str; 14] = [
    "AdminInitiateAuth",
    "AdminRespondToAuthChallenge",
    "AdminRevokeUserSession",
    "DescribeUserImportJob",
    "GetClientToken",
    "GetDerivedToken",
    "GetSigningCertificate",
    "GetTokensFromRefreshToken",
    "InitiateAuth",
    "RespondToAuthChallenge",
    "RevokeToken",
    "RevokeUserSession",
    "TagResource",
    "UntagResource",
];

/// What is about no pool, or about its replicas, and served everywhere.
const EVERYWHERE: [&str; 7] = [
    "CreateUserPool",
    "DescribeUserPoolDomain",
    "GetProvisionedLimit",
    "ListUserPoolReplicas",
    "ListUserPools",
    "UpdateProvisionedLimit",
    "UpdateUserPoolReplica",
];

/// Whether an operation is ever refused for want of a primary.
pub(super) fn is_gated(operation: &OperationSpec) -> bool {
    operation.service == Service::UserPools && !EVERYWHERE.contains(&operation.name)
}

/// Sends the request of a scene to an active replica, and then to an inactive one.
pub(super) fn check(operation: &OperationSpec, reads: bool, base: &Scene) -> Result<(), String> {
    if operation.service != Service::UserPools {
        return Ok(());
    }
    for active in [true, false] {
        let everywhere = EVERYWHERE.contains(&operation.name);
        let is_served = everywhere || active && (reads || SERVED.contains(&operation.name));
        let scene = base.copy();
        replicate(&scene, active);
        let before = scene.records();
        let end = scene.try_call_in(REGION, &target(operation), &scene.body);
        let refused = end.as_ref().err().is_some_and(|it| it.name == REFUSAL);
        if refused == is_served {
            return Err(format!("a replica, active: {active}, answered {end:?}"));
        }
        if refused && !changed_kinds(&before, &scene.records()).is_empty() {
            return Err("changed records, although the replica refused".into());
        }
    }
    Ok(())
}

/// Gives every pool of a scene a replica.
fn replicate(scene: &Scene, active: bool) {
    let store = &scene.world.store;
    let request = PageRequest {
        prefix: keys::pools(),
        after: None,
        limit: 100,
    };
    for (key, entry) in store.page(&request).expect("a page") {
        let (schema, body) = entry.value.split_first().expect("a record");
        let mut pool: Pool = cbor::read(body).expect("a pool");
        pool.rules.replicas.push(Replica {
            region: REGION.into(),
            active,
            tags: Default::default(),
        });
        let value = cbor::write(&pool, vec![*schema]);
        store.put(vec![Write {
            key,
            expect: Expect::At(entry.version),
            change: Change::Put {
                value: value.into(),
                expires: None,
            },
        }]);
    }
}
