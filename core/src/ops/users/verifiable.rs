//! Addresses that a code can verify.

use alloc::string::String;

use super::records;
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{
        attempts::Attempts,
        code::CodePurpose,
        keys,
        user::{AliasKind, Profile},
    },
    ops::access::{self, Access},
};

/// A user with a token, who has an address verified.
pub(super) struct Asked {
    pub access: Access,
    pub kind: AliasKind,
    /// Of the code to the address.
    pub purpose: CodePurpose,
    pub profile: Held<Profile>,
    pub attempts: Held<Attempts>,
}

impl Asked {
    /// Who asks, and for which address; the code is read too.
    ///
    /// Refusals, in this order: those of the access token, an attribute that is no address.
    ///
    /// # Errors
    /// The refusals above; stops the run until the records are there.
    pub fn of(cx: &mut Cx<'_>, access_token: &str, attribute: &str) -> Run<Self> {
        let access = access::authorize(cx, access_token)?;
        let (pool, head) = (&access.party.pool, &access.head);
        let kind = kind(attribute)?;
        let purpose = CodePurpose::verifying(kind);
        cx.want([
            &keys::attempts(&pool.id, &head.sub),
            &keys::code(&pool.id, &head.sub, purpose.byte()),
            &keys::pool_secrets(&pool.id),
        ])?;
        let profile = records::profile(cx, pool, head)?;
        let attempts = records::attempts(cx, pool, head)?;
        Ok(Self {
            access,
            kind,
            purpose,
            profile,
            attempts,
        })
    }
}

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
