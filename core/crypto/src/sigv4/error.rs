//! Why a signature is not accepted, in the service's names and words.

use alloc::string::String;
use core::fmt;

/// Why a signed request is not accepted.
///
/// [`error_type`](Self::error_type) is the name of the error on the wire, the displayed text its message. The
/// texts are those that public clients and reports show of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SigV4Error {
    /// The authorization lacks a part, or a part has a wrong form; the text says which.
    IncompleteSignature(String),
    /// The signature is not the one of this request under this secret.
    InvalidSignature,
    /// There is no authorization.
    MissingAuthenticationToken,
    /// The date is too old; the text says by how much.
    SignatureExpired(String),
    /// The date lies too far ahead; the text says by how much.
    SignatureNotYetCurrent(String),
    /// A header that must be signed is not; it is named in lower case.
    UnsignedHeader(String),
    /// The scope of the credential does not fit; the text says how.
    WrongScope(String),
}

impl SigV4Error {
    /// The name of the error on the wire.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::IncompleteSignature(_) => "IncompleteSignatureException",
            Self::MissingAuthenticationToken => "MissingAuthenticationTokenException",
            Self::InvalidSignature
            | Self::SignatureExpired(_)
            | Self::SignatureNotYetCurrent(_)
            | Self::UnsignedHeader(_)
            | Self::WrongScope(_) => "InvalidSignatureException",
        }
    }
}

impl fmt::Display for SigV4Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IncompleteSignature(text)
            | Self::SignatureExpired(text)
            | Self::SignatureNotYetCurrent(text)
            | Self::WrongScope(text) => f.write_str(text),
            Self::InvalidSignature => f.write_str(
                "The request signature we calculated does not match the signature you provided. Check your AWS \
                 Secret Access Key and signing method. Consult the service documentation for details.",
            ),
            Self::MissingAuthenticationToken => f.write_str("Missing Authentication Token"),
            Self::UnsignedHeader(name) if name == "host" => {
                f.write_str("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
            }
            Self::UnsignedHeader(name) => {
                write!(f, "'{name}' must be a 'SignedHeader' in the AWS Authorization.")
            }
        }
    }
}

impl core::error::Error for SigV4Error {}
