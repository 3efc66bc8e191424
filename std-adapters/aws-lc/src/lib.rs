//! Signs and checks tokens of the userpool engine with AWS-LC, for a host that wants a validated library under them.
//!
//! ```no_run
//! use userpool::{Engine, Memory, RootKeys};
//! use userpool_aws_lc::AwsLc;
//!
//! # fn open(root_keys: RootKeys) -> std::io::Result<()> {
//! let engine = Engine::builder(Memory::default(), root_keys)
//!     .arithmetic(AwsLc::default())
//!     .open()?;
//! # drop(engine);
//! # Ok(())
//! # }
//! ```
//!
//! RSA is all that it takes over. The powers of SRP stay with the engine: AWS-LC shows no modular power that is
//! safe to call.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, PublicKeyComponents},
    signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256},
};
use userpool::{Arithmetic, Done, KeyName, RootKeys, Work, WorkFault, worker};

/// Signing keys kept open; beyond this, all are forgotten and opened again as needed.
const OPEN_KEYS: usize = 1_024;

/// RS256 by AWS-LC. It keeps the signing keys of pools open, by their names.
#[derive(Default)]
pub struct AwsLc {
    keys: Mutex<HashMap<KeyName, Arc<KeyPair>>>,
}

impl fmt::Debug for AwsLc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsLc").finish_non_exhaustive()
    }
}

impl Arithmetic for AwsLc {
    fn perform(&self, work: &Work, root_keys: &RootKeys) -> Option<Result<Done, WorkFault>> {
        match work {
            Work::Sign {
                key,
                sealed,
                message,
                ..
            } => Some(self.sign(key, sealed, message, root_keys)),
            Work::Verify {
                modulus,
                message,
                signature,
            } => Some(Ok(Done::Verdict(verify(modulus, message, signature)))),
            _ => None,
        }
    }
}

impl AwsLc {
    fn sign(
        &self,
        name: &KeyName,
        sealed: &[u8],
        message: &[u8],
        root_keys: &RootKeys,
    ) -> Result<Done, WorkFault> {
        let key = self.key(name, sealed, root_keys)?;
        let mut signature = vec![0; key.public_modulus_len()];
        // The padding is deterministic; the library blinds with chance of its own.
        key.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            message,
            &mut signature,
        )
        .map_err(|_| WorkFault("a signature".into()))?;
        Ok(Done::Signature(signature))
    }

    fn key(
        &self,
        name: &KeyName,
        sealed: &[u8],
        root_keys: &RootKeys,
    ) -> Result<Arc<KeyPair>, WorkFault> {
        let open = || self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = open().get(name) {
            return Ok(key.clone());
        }
        let pkcs8 = worker::open_pkcs8(name, sealed, root_keys)?;
        let key =
            KeyPair::from_pkcs8(pkcs8.expose()).map_err(|_| WorkFault("a signing key".into()))?;
        let key = Arc::new(key);
        let mut keys = open();
        if keys.len() >= OPEN_KEYS {
            keys.clear();
        }
        keys.insert(name.clone(), key.clone());
        Ok(key)
    }
}

fn verify(modulus: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let key = PublicKeyComponents {
        n: modulus,
        e: &worker::EXPONENT,
    };
    key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
        .is_ok()
}
