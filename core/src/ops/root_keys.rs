//! The proof that an engine has the root keys of its store.

use alloc::{boxed::Box, vec::Vec};

use minicbor::{Decode, Encode};

use crate::{
    engine::{Cx, Output, Program, Record, Run},
    model::keys,
};

/// The purpose under which the proof is sealed.
const PROOF: &str = "root key proof";

/// A value sealed under the root keys when the store was first used.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
struct RootProof {
    #[cbor(n(0), with = "minicbor::bytes")]
    sealed: Vec<u8>,
}

impl Record for RootProof {
    const KIND: &'static str = "the proof of the root keys";
}

/// Proves that the root keys are those of the store; a store that was never used is bound to them.
///
/// The output is `()`; a fault says that the keys are not those of the store.
#[must_use]
pub fn prove() -> Program {
    Box::new(|cx| proven(cx).map(|()| Box::new(()) as Output))
}

fn proven(cx: &mut Cx<'_>) -> Run<()> {
    let key = keys::root_proof();
    match cx.get::<RootProof>(&key)? {
        Some(proof) => cx.open(PROOF, "", &key, "proof", &proof.sealed).map(drop),
        None => {
            let value: [u8; 16] = cx.random("proof");
            let sealed = cx.seal(PROOF, "", &key, "proof", &value);
            cx.insert(&key, &RootProof { sealed });
            Ok(())
        }
    }
}
