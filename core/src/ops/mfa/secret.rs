//! Secrets of software tokens: drawn, sealed at their place, opened.

use alloc::{sync::Arc, vec::Vec};

use userpool_crypto::secret::SecretBytes;
use userpool_ports::Key;

use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{factors::Factor, pool::Pool},
};

/// The purpose under which secrets of software tokens are sealed.
pub(crate) const SOFTWARE_TOKEN: &str = "software token";
/// The field of the record that holds one.
pub(crate) const FIELD: &str = "secret";
/// The bytes of a secret; RFC 4226 §4 asks for 16, and wants 20.
pub(super) const LENGTH: usize = 32;

/// Seals a secret at the place of a record.
pub(crate) fn seal(cx: &mut Cx<'_>, pool: &Pool, place: &Key, secret: &[u8]) -> Vec<u8> {
    cx.seal(SOFTWARE_TOKEN, &pool.id, place, FIELD, secret)
}

/// Opens a secret that was sealed at the place of a record.
///
/// # Errors
/// A fault if it cannot be opened.
pub(crate) fn open(
    cx: &mut Cx<'_>,
    pool: &Pool,
    place: &Key,
    sealed: &[u8],
) -> Run<Arc<SecretBytes>> {
    cx.open(SOFTWARE_TOKEN, &pool.id, place, FIELD, sealed)
}

/// Refuses in a pool whose users have no software tokens.
///
/// # Errors
/// `SoftwareTokenMFANotFoundException`.
pub(super) fn check_pool(pool: &Pool) -> Result<(), Refusal> {
    if Factor::SoftwareToken.is_of(pool) {
        return Ok(());
    }
    let text = "Software Token MFA has not been enabled by the userPool.";
    Err(Refusal::new(RefusalKind::SoftwareTokenMfaNotFound, text))
}

/// The refusal of a user without a software token, or without one that waits for a code.
pub(crate) fn no_token() -> Refusal {
    Refusal::new(
        RefusalKind::SoftwareTokenMfaNotFound,
        "Software Token MFA has not been set up by the user.",
    )
}
