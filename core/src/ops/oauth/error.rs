//! Errors of OAuth 2.0 as its documents name them.

use alloc::borrow::Cow;

/// An error with what is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Which one.
    pub kind: ErrorKind,
    /// What a developer is told.
    pub description: Cow<'static, str>,
}

impl Error {
    /// An error with a description.
    pub(crate) fn new(kind: ErrorKind, description: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            description: description.into(),
        }
    }
}

/// The errors, in alphabetical order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The user, or an identity provider, said no.
    AccessDenied,
    /// The client is not who it says.
    InvalidClient,
    /// What is said of a client that registers does not fit (RFC 7591 §3.2.2).
    InvalidClientMetadata,
    /// A code or refresh token is good for nothing.
    InvalidGrant,
    /// An address to go back to, of a client that registers, is of a wrong form (RFC 7591 §3.2.2).
    InvalidRedirectUri,
    /// The request is malformed.
    InvalidRequest,
    /// A scope that the client may not have.
    InvalidScope,
    /// An API that no access token can be for (RFC 8707 §2).
    InvalidTarget,
    /// An access token is good for nothing here.
    InvalidToken,
    /// Nobody has signed in, and no page may be shown (OpenID Connect Core §3.1.2.6).
    LoginRequired,
    /// Something failed here.
    ServerError,
    /// Somebody is too busy.
    TemporarilyUnavailable,
    /// The client may not ask in this way.
    UnauthorizedClient,
    /// A grant that there is not.
    UnsupportedGrantType,
    /// A token that cannot be revoked (RFC 7009 §2.2.1).
    UnsupportedTokenType,
}

impl ErrorKind {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessDenied => "access_denied",
            Self::InvalidClient => "invalid_client",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidRequest => "invalid_request",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidToken => "invalid_token",
            Self::LoginRequired => "login_required",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedTokenType => "unsupported_token_type",
        }
    }
}
