//! The keys of an engine: those that seal the secrets of its store, and those that sign the tokens of its pools.

use userpool_core::{
    engine::Failure,
    moving::{self, Resealed},
    ops::{root_keys, tokens::keys},
};

use crate::engine::Engine;

/// How far the sealing anew of a store is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resealing {
    /// How many records were looked at.
    pub records: u64,
    /// How many of them had secrets under older root keys.
    pub sealed: u64,
}

impl Engine {
    /// Proves that the root keys are those of the store, and tells the store which of them seals from now on. A store
    /// that was never used is bound to it.
    ///
    /// Call it once before serving: with other keys, every request that needs a secret would fail. Where several
    /// processes share the store, call it again every few seconds, and take no requests while it fails: another process
    /// may have begun to seal under a key that this one does not have.
    ///
    /// # Errors
    /// A key is missing or another than the store's, or the store failed.
    pub fn prove_root_keys_blocking(&self) -> Result<(), Failure> {
        self.run_blocking(root_keys::prove())
    }

    /// Proves that the root keys are those of the store, awaiting; see [`Engine::prove_root_keys_blocking`].
    ///
    /// # Errors
    /// A key is missing or another than the store's, or the store failed.
    #[cfg(feature = "tokio")]
    pub async fn prove_root_keys(&self) -> Result<(), Failure> {
        self.run::<()>(root_keys::prove()).await
    }

    /// Seals every secret of the store that is under an older root key anew under the current one, and lets the store do
    /// without the older ones; `told` hears of each piece.
    ///
    /// The store may be in use meanwhile, if every process that shares it has this current key as its own. What clients
    /// hold is not in the store: refresh tokens, cookies of login pages and credentials of identity pools that were given
    /// out under an older key end with it, and so do messages on their way. What broke off is run again.
    ///
    /// # Errors
    /// A secret under a root key that is not at hand, or the store failed.
    pub fn reseal_blocking(&self, mut told: impl FnMut(Resealing)) -> Result<Resealing, Failure> {
        let (mut done, mut after) = (Resealing::default(), None);
        loop {
            let piece: Resealed = self.run_blocking(moving::reseal_piece(after))?;
            done.records += piece.records;
            done.sealed += piece.sealed;
            told(done);
            match piece.next {
                Some(key) => after = Some(key),
                None => break,
            }
        }
        self.run_blocking::<()>(root_keys::do_without_older())?;
        Ok(done)
    }

    /// Makes new signing keys for a user pool; their names, as they stand in the key set. They are published at once,
    /// sign after an hour, and the older ones are published until the last token that they signed has run out.
    ///
    /// # Errors
    /// No such pool, new keys that are announced already, or the store failed.
    pub fn renew_signing_keys_blocking(&self, pool: &str) -> Result<Vec<String>, Failure> {
        self.run_blocking(keys::rotate_program(pool))
    }
}
