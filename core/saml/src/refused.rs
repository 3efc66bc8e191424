//! Why a message or metadata is refused.

use core::fmt;

/// Why a message or metadata is refused. For logs and tests: browsers are told less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// An algorithm or a transform of a signature that is not accepted.
    Algorithm,
    /// There is not exactly one assertion, or it is not where it belongs.
    Assertions,
    /// The assertion is for others, or does not say for whom it is.
    Audience,
    /// A certificate without a key that may be used here.
    Certificate,
    /// A condition that is not understood (saml-core-2.0-os §2.5.1.1).
    Condition,
    /// No bearer may use the assertion (saml-profiles-2.0-os §4.1.4.2).
    Confirmation,
    /// An encrypted assertion that the key does not open.
    Decryption,
    /// The message was sent to another address.
    Destination,
    /// Two elements have the same id.
    DuplicateId,
    /// The assertion, or what is in it, is encrypted where it may not be.
    Encrypted,
    /// It is over, or too old.
    Expired,
    /// It answers another request, or one where there is none.
    InResponseTo,
    /// It is of another provider.
    Issuer,
    /// It is no XML, or not of the form of this message.
    Malformed,
    /// Metadata that does not say what is needed of a provider.
    Metadata,
    /// There is no name of a user, or it cannot be used.
    NameId,
    /// It is not valid yet.
    NotYetValid,
    /// The assertion is for another address.
    Recipient,
    /// The signature is not one of the provider, or not of what is read.
    Signature,
    /// There is no statement of a sign-in.
    Statement,
    /// The provider says that it failed.
    Status,
    /// It is larger than what is looked at.
    TooLarge,
    /// Nothing that is read is signed.
    Unsigned,
    /// It is of another version of SAML.
    Version,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Algorithm => "an algorithm of the signature is not accepted",
            Self::Assertions => "there is not exactly one assertion",
            Self::Audience => "the assertion is not for this audience",
            Self::Certificate => "a certificate has no key that may be used",
            Self::Condition => "a condition is not understood",
            Self::Confirmation => "no bearer may use the assertion",
            Self::Decryption => "the assertion cannot be decrypted",
            Self::Destination => "the message was sent to another address",
            Self::DuplicateId => "two elements have the same id",
            Self::Encrypted => "the assertion is encrypted",
            Self::Expired => "the message is too old",
            Self::InResponseTo => "the message does not answer the request",
            Self::Issuer => "the message is of another provider",
            Self::Malformed => "the message is malformed",
            Self::Metadata => "the metadata lacks what is needed of a provider",
            Self::NameId => "there is no name of a user that can be used",
            Self::NotYetValid => "the message is not valid yet",
            Self::Recipient => "the assertion is for another address",
            Self::Signature => "the signature is invalid",
            Self::Statement => "there is no statement of a sign-in",
            Self::Status => "the provider says that it failed",
            Self::TooLarge => "the message is too large",
            Self::Unsigned => "nothing is signed",
            Self::Version => "the message is of another version of SAML",
        })
    }
}

impl core::error::Error for Refused {}
