//! A live code: what was sent to whom, kept as a keyed hash.
//!
//! There is at most one a user and purpose; a new one takes the place of the old. It dies with its time, when
//! it is used, when its destination changes, and when the password changes.
//!
//! ## Machine: a code
//!
//! | code | another is sent | the right one is typed | a wrong one is typed | its time ends | its address changes | the password changes |
//! |---|---|---|---|---|---|---|
//! | none | live | none | none | none | none | none |
//! | live | live | none | live | none | none | none |

use alloc::string::String;
use core::time::Duration;

use super::user::AliasKind;
use crate::{cbor::Cbor, engine::Record};

/// A live code.
#[derive(Clone, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Code {
    /// The keyed hash of the code over purpose, pool, sub, destination and issue.
    #[n(0)]
    pub hash: [u8; 32],
    /// The id of this issue.
    #[n(1)]
    pub issue: [u8; 16],
    /// Whether it went to a phone; else to an e-mail address.
    #[n(2)]
    pub sms: bool,
    /// Where it went.
    #[n(3)]
    pub destination: String,
    /// The credential epoch under which it was made.
    #[n(4)]
    pub credential_epoch: u32,
}

impl Record for Code {
    const KIND: &'static str = "a code";
}

impl core::fmt::Debug for Code {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Code")
            .field("sms", &self.sms)
            .finish_non_exhaustive()
    }
}

impl Code {
    /// The kind of address that it went to.
    #[must_use]
    pub fn contact(&self) -> AliasKind {
        if self.sms {
            AliasKind::Phone
        } else {
            AliasKind::Email
        }
    }
}

/// What a code proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodePurpose {
    /// A sign-up, for 24 hours.
    SignUp,
    /// The right to set a new password, for 1 hour.
    Reset,
    /// An e-mail address, for 24 hours.
    Email,
    /// A phone number, for 24 hours.
    Phone,
}

impl CodePurpose {
    /// Every purpose.
    pub const ALL: [Self; 4] = [Self::SignUp, Self::Reset, Self::Email, Self::Phone];

    /// The purpose of verifying an address.
    #[must_use]
    pub const fn verifying(kind: AliasKind) -> Self {
        match kind {
            AliasKind::Phone => Self::Phone,
            AliasKind::Email | AliasKind::PreferredUsername => Self::Email,
        }
    }

    /// The byte in keys.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::SignUp => b's',
            Self::Reset => b'r',
            Self::Email => b'e',
            Self::Phone => b'p',
        }
    }

    /// The word in hashes.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SignUp => "sign-up",
            Self::Reset => "reset",
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }

    /// How long a code lives.
    #[must_use]
    pub const fn life(self) -> Duration {
        match self {
            Self::SignUp | Self::Email | Self::Phone => Duration::from_secs(24 * 3_600),
            Self::Reset => Duration::from_secs(3_600),
        }
    }
}
