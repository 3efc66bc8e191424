//! Signing in: flows begun, challenges answered.

use alloc::{collections::BTreeMap, string::String, vec::Vec};

use crate::{
    engine::{Cx, Run},
    ops::parties::{self, Party},
};

pub(crate) mod attempt;
pub(crate) mod block;
pub(crate) mod custom;
pub(crate) mod device;
pub(crate) mod device_proof;
pub(crate) mod factor;
pub mod initiate;
pub(crate) mod mfa_setup;
pub(crate) mod new_password;
pub(crate) mod outcome;
pub(crate) mod password;
pub(crate) mod proven;
pub mod respond;
pub(crate) mod second_factor;
pub(crate) mod session;
pub(crate) mod srp;
pub(crate) mod user_auth;
pub(crate) mod who;

/// Checks the secret hash of a sign-in, over the name typed or another by which the user may be known.
///
/// # Errors
/// Refuses where it is missing or wrong.
fn prove(
    cx: &mut Cx<'_>,
    party: &Party,
    parameters: Option<&BTreeMap<String, String>>,
    names: &[Option<&str>],
) -> Run<()> {
    let hash = parameters
        .and_then(|map| map.get("SECRET_HASH"))
        .map(String::as_str);
    let names: Vec<&str> = names.iter().copied().flatten().collect();
    parties::prove_client(cx, &party.client, hash, &names)
}
