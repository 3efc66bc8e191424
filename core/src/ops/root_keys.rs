//! The proof that an engine has the root keys of its store.
//!
//! Each key that has ever sealed anything has sealed a value in one record, before anything else: an engine that
//! lacks one of them, or has another of the same name, could not open what its neighbours wrote, and finds out here.

use alloc::{boxed::Box, vec::Vec};

use minicbor::bytes::ByteVec;
use userpool_crypto::sealed::key_id;

use crate::{
    cbor::Cbor,
    engine::{Cx, Output, Program, Record, Run},
    model::keys,
};

/// The purpose under which the proof is sealed.
const PROOF: &str = "root key proof";

/// A value sealed under each root key that was ever the current one.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
struct RootProof {
    /// By the first of them.
    #[cbor(n(0), bytes)]
    sealed: Vec<u8>,
    /// By those after it.
    #[cbor(n(1), default)]
    later: Vec<ByteVec>,
}

impl Record for RootProof {
    const KIND: &'static str = "the proof of the root keys";
}

impl RootProof {
    /// The field of the proof by a key. The first key was not named in it.
    fn fields(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        let later = self
            .later
            .iter()
            .map(|sealed| ("later proof", sealed.as_slice()));
        core::iter::once(("proof", self.sealed.as_slice())).chain(later)
    }
}

/// Proves that the root keys are those of the store, and puts the current one among them. A store that was never used is
/// bound to it.
///
/// The output is `()`; a fault says that a key is missing, or another than the store's.
#[must_use]
pub fn prove() -> Program {
    Box::new(|cx| proven(cx).map(|()| Box::new(()) as Output))
}

fn proven(cx: &mut Cx<'_>) -> Run<()> {
    let key = keys::root_proof();
    let Some(proof) = cx.get::<RootProof>(&key)? else {
        let value: [u8; 16] = cx.random("proof");
        let proof = RootProof {
            sealed: cx.seal(PROOF, "", &key, "proof", &value),
            later: Vec::new(),
        };
        cx.insert(&key, &proof);
        return Ok(());
    };
    for (field, sealed) in proof.fields() {
        cx.open(PROOF, "", &key, field, sealed)?;
    }
    let value: [u8; 16] = cx.random("later proof");
    let sealed = cx.seal(PROOF, "", &key, "later proof", &value);
    let current = key_id(&sealed);
    if proof.fields().all(|(_, sealed)| key_id(sealed) != current) {
        let mut longer = RootProof::clone(&proof);
        longer.later.push(sealed.into());
        cx.update(&proof, &longer);
    }
    Ok(())
}

/// Lets the store do without the root keys before the current one, once everything is sealed under that.
///
/// The output is `()`.
#[must_use]
pub fn do_without_older() -> Program {
    Box::new(|cx| replaced(cx).map(|()| Box::new(()) as Output))
}

fn replaced(cx: &mut Cx<'_>) -> Run<()> {
    let key = keys::root_proof();
    let held = cx.get::<RootProof>(&key)?;
    let value: [u8; 16] = cx.random("proof");
    let proof = RootProof {
        sealed: cx.seal(PROOF, "", &key, "proof", &value),
        later: Vec::new(),
    };
    cx.upsert_until(&key, held.as_ref(), &proof, None);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_written_the_same() {
        crate::cbor::tests::kept::written_the_same::<RootProof>("RootProof");
    }
}
