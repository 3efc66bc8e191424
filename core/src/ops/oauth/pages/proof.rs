//! A password that is proven and not sent: the sign-in of `USER_SRP_AUTH`, from a page whose script runs.
//!
//! Every client whose users sign in at the pages may use it, whatever its `ExplicitAuthFlows`: those are of the API. What
//! follows from a proof is what follows from the password itself. Two kinds of pools have to see the password, and
//! get the plain form: those that ask a function about users whom they do not know, and those that look for passwords
//! from breaches at a sign-in.

use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
};

use super::{Proof, Submitted, prove, sign_in::submitted};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    ops::{parties::Party, protection::breached, sign_in::srp, triggers::Trigger},
};

/// Whether passwords may be proven at the pages of a client.
///
/// # Errors
/// Stops the run until the pool's configuration is there.
pub(in crate::ops::oauth) fn may_prove(cx: &mut Cx<'_>, party: &Party) -> Run<bool> {
    Ok(!Trigger::UserMigration.is_set(&party.pool) && !breached::sees_sign_ins(cx, party)?)
}

/// Begins a proof: the salt, the public value of the server and a secret block.
///
/// Refusals, in this order: a pool that has to see passwords; then those of the first step of `USER_SRP_AUTH`.
pub(super) fn begin(cx: &mut Cx<'_>, party: &Party, username: &str, srp_a: &str) -> Run<Submitted> {
    if !may_prove(cx, party)? {
        let text = "The password is needed here.";
        return Err(Refusal::new(RefusalKind::InvalidParameter, text).into());
    }
    let parameters = [("USERNAME", username), ("SRP_A", srp_a)];
    let parameters = proven(cx, party, username, &parameters)?;
    let outcome = srp::challenge(cx, party, Some(&parameters))?;
    submitted(cx, party, outcome)
}

/// Judges a proof.
///
/// Refused is what the second step of `USER_SRP_AUTH` refuses.
pub(super) fn judge(
    cx: &mut Cx<'_>,
    party: &Party,
    username: &str,
    proof: &Proof,
) -> Run<Submitted> {
    let responses = [
        ("USERNAME", username),
        ("PASSWORD_CLAIM_SECRET_BLOCK", &proof.block),
        ("PASSWORD_CLAIM_SIGNATURE", &proof.signature),
        ("TIMESTAMP", &proof.timestamp),
    ];
    let responses = proven(cx, party, username, &responses)?;
    let outcome = srp::respond(cx, party, Some(&responses))?;
    submitted(cx, party, outcome)
}

/// What a sign-in is told, with the proof of the client.
fn proven(
    cx: &mut Cx<'_>,
    party: &Party,
    username: &str,
    told: &[(&str, &str)],
) -> Run<BTreeMap<String, String>> {
    let told = told
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()));
    let mut told = told.collect();
    prove(cx, party, username, &mut told)?;
    Ok(told)
}
