//! Why a registration or an assertion is refused.

use core::fmt;

/// Why a registration or an assertion is refused. For logs and tests: clients are told less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Invalid {
    /// The attestation object or its statement is malformed.
    Attestation,
    /// The authenticator data is malformed, or lacks or has what its flags say.
    AuthenticatorData,
    /// The backup flags contradict each other, or what was registered.
    Backup,
    /// The challenge is another.
    Challenge,
    /// The client data is malformed.
    ClientData,
    /// The signature counter did not rise.
    Counter,
    /// The id that was sent is not that of the credential.
    CredentialId,
    /// The page was embedded where it may not be.
    Embedding,
    /// The public key is malformed, or of an algorithm that is not accepted.
    Key,
    /// The page is none of the relying party's.
    Origin,
    /// The credential is for another relying party.
    RelyingParty,
    /// The signature is not the credential's.
    Signature,
    /// The client data is of another ceremony.
    Type,
    /// The user was not present.
    UserPresence,
    /// The user was not verified.
    UserVerification,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Attestation => "malformed attestation",
            Self::AuthenticatorData => "malformed authenticator data",
            Self::Backup => "backup flags that do not fit",
            Self::Challenge => "another challenge",
            Self::ClientData => "malformed client data",
            Self::Counter => "a signature counter that did not rise",
            Self::CredentialId => "another credential id",
            Self::Embedding => "a page embedded where it may not be",
            Self::Key => "a public key that is not accepted",
            Self::Origin => "a page of somebody else",
            Self::RelyingParty => "another relying party",
            Self::Signature => "a wrong signature",
            Self::Type => "another ceremony",
            Self::UserPresence => "an absent user",
            Self::UserVerification => "a user who was not verified",
        })
    }
}

impl core::error::Error for Invalid {}
