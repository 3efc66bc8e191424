//! Addresses that a code can verify.

use alloc::string::String;

use crate::{
    engine::{Refusal, RefusalKind},
    model::user::{AliasKind, Profile},
};

/// The kind of address that an attribute is; others cannot be verified.
///
/// # Errors
/// `InvalidParameterException`.
pub(crate) fn kind(attribute: &str) -> Result<AliasKind, Refusal> {
    match attribute {
        "email" => Ok(AliasKind::Email),
        "phone_number" => Ok(AliasKind::Phone),
        _ => Err(Refusal::new(
            RefusalKind::InvalidParameter,
            "Only email and phone_number can be verified.",
        )),
    }
}

/// The address of a kind that a code goes to: the new one where one waits for its code, else the one in force.
pub(crate) fn address(profile: &Profile, kind: AliasKind) -> Option<&String> {
    let waiting = profile.pending.get(kind.attribute());
    waiting.or_else(|| profile.attributes.get(kind.attribute()))
}
