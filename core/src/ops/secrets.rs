//! Keys of a pool that are derived from its one secret, which never changes.

use alloc::sync::Arc;

use userpool_crypto::{
    digest::hmac_sha256,
    secret::{SecretArray, SecretBytes},
};

use crate::{
    engine::{Cx, Fault, Run},
    model::{keys, pool::PoolSecrets},
};

/// The purpose under which a pool's secret is sealed.
pub(crate) const POOL_SECRET: &str = "pool secret";
/// The field of the record that holds it.
pub(crate) const SECRET_FIELD: &str = "secret";

/// What a derived key is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Derived {
    /// Hashes of codes.
    Codes,
    /// Salts, ids and verifiers of users that do not exist.
    Simulated,
    /// Hashes of names that nobody has.
    UnknownNames,
}

/// The key of a pool for one use: `HMAC-SHA-256(pool secret, use)`.
///
/// # Errors
/// A fault if the pool's secret is missing or cannot be opened.
pub(crate) fn derived(cx: &mut Cx<'_>, pool: &str, what: Derived) -> Run<[u8; 32]> {
    let derived = cx.once(|cx| {
        let key = keys::pool_secrets(pool);
        let Some(secrets) = cx.get::<PoolSecrets>(&key)? else {
            return Err(Fault::new("the secrets of a pool").into());
        };
        let secret: Arc<SecretBytes> =
            cx.open(POOL_SECRET, pool, &key, SECRET_FIELD, &secrets.sealed)?;
        let label: &[u8] = match what {
            Derived::Codes => b"codes",
            Derived::Simulated => b"simulated users",
            Derived::UnknownNames => b"unknown names",
        };
        Ok(SecretArray::new(hmac_sha256(secret.expose(), &[label])))
    })?;
    Ok(*derived.expose())
}
