//! Slow arithmetic: done here, or as the host answered it.

use std::collections::BTreeMap;

use serde_json::Value;
use userpool_core::engine::{
    Done, KeyName, Work, WorkFault,
    worker::{self, OpenKey},
};
use userpool_crypto::{rs256::Blinding, sealed::RootKeys, secret::SecretBytes};

use crate::answers::bytes;

/// How many signing keys are kept open.
const OPEN_KEYS: usize = 16;

/// Does work, and keeps the keys open that it signs with.
#[derive(Debug, Default)]
pub struct Worker {
    keys: BTreeMap<KeyName, (OpenKey, Blinding)>,
}

impl Worker {
    /// The answer to a piece of work: the host's, or, where that is null, one computed here.
    ///
    /// # Errors
    /// The host's answer is a fault or none at all, or the work cannot be done.
    pub fn answer(
        &mut self,
        work: &Work,
        answer: &Value,
        keys: &RootKeys,
    ) -> Result<Done, WorkFault> {
        if answer.is_null() {
            return self.perform(work, keys);
        }
        if let Some(signature) = bytes(&answer["signature"]) {
            return Ok(Done::Signature(signature));
        }
        if let Some(pkcs8) = bytes(&answer["pkcs8"]).map(SecretBytes::new) {
            let modulus = worker::modulus(&pkcs8);
            return modulus
                .map(|modulus| Done::KeyPair { pkcs8, modulus })
                .ok_or_else(|| WorkFault("a key pair of another kind".into()));
        }
        Err(WorkFault(
            answer["fault"].as_str().unwrap_or("no answer").into(),
        ))
    }

    fn perform(&mut self, work: &Work, root_keys: &RootKeys) -> Result<Done, WorkFault> {
        let Work::Sign {
            key,
            sealed,
            message,
            blinding,
        } = work
        else {
            return worker::perform(work, root_keys);
        };
        if !self.keys.contains_key(key) {
            if self.keys.len() == OPEN_KEYS {
                self.keys.clear();
            }
            let open = worker::open_key(key, sealed, root_keys)?;
            self.keys.insert(key.clone(), (open, Blinding::default()));
        }
        let (open, left) = self.keys.get_mut(key).expect("it was put there");
        worker::sign(open, left, message, blinding)
    }
}

/// The private key of a signature that is asked for, PKCS #8 DER, for a host that signs itself.
#[must_use]
pub fn pkcs8(work: &Work, root_keys: &RootKeys) -> Option<SecretBytes> {
    match work {
        Work::Sign { key, sealed, .. } => worker::open_pkcs8(key, sealed, root_keys).ok(),
        _ => None,
    }
}
