//! Why a run ended before it had an answer: refusals, faults, and facts still missing.

use alloc::{borrow::Cow, boxed::Box, string::String};
use core::fmt;

/// The result of one run of an operation; `?` on an [`Err`] hands the reason to the step machine.
pub type Run<T> = Result<T, Stop>;

/// Why a run stopped. Operations pass it on with `?` and never look inside.
///
/// One word: there is a `?` at every other line of an operation, and each moves what it passes on.
#[derive(Debug)]
pub struct Stop(Box<Reason>);

#[derive(Debug)]
pub(crate) enum Reason {
    /// A fact is missing; `Cx` noted which.
    Need,
    /// The writes so far must land before the run goes on.
    Land,
    /// The protocol says no; the writes are dropped.
    Refuse(Refusal),
    /// The protocol says no; the writes land first.
    Counted(Refusal),
    /// Records do not fit together; a fault only if they still do not when read again.
    Torn(Fault),
    /// The world failed.
    Fault(Fault),
}

impl Stop {
    /// A record that must be there, going by records read before it, and is not: somebody else may have removed
    /// both between the two reads. All are read again; it is a fault only if they never fit.
    #[must_use]
    pub(crate) fn torn(what: &'static str) -> Self {
        Self::of(Reason::Torn(Fault::new(what)))
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn of(reason: Reason) -> Self {
        Self(Box::new(reason))
    }

    pub(crate) fn reason(self) -> Reason {
        *self.0
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::of(Reason::Refuse(refusal))
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::of(Reason::Fault(fault))
    }
}

/// The protocol says no: an error of the service, by its name, with its exact text.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    kind: RefusalKind,
    message: Cow<'static, str>,
}

impl Refusal {
    /// A refusal with this name and text.
    pub fn new(kind: RefusalKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// Which of the service's errors it is.
    #[must_use]
    pub fn kind(&self) -> RefusalKind {
        self.kind
    }

    /// The text that the client sees.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.name(), self.message)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.name(), self.message)
    }
}

impl core::error::Error for Refusal {}

macro_rules! refusal_kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// The errors of the service, one variant each, in alphabetical order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum RefusalKind {
            $($(#[$doc])* $variant,)*
        }

        impl RefusalKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name on the wire, for example `NotAuthorizedException`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

refusal_kinds! {
    /// Another user owns the address.
    AliasExists = "AliasExistsException",
    /// A message could not be handed over.
    CodeDeliveryFailure = "CodeDeliveryFailureException",
    /// A code is wrong.
    CodeMismatch = "CodeMismatchException",
    /// Someone else changed the same thing at the same time.
    ConcurrentModification = "ConcurrentModificationException",
    /// A backend's user has another identity.
    DeveloperUserAlreadyRegistered = "DeveloperUserAlreadyRegisteredException",
    /// The device key is taken.
    DeviceKeyExists = "DeviceKeyExistsException",
    /// An identity provider of this name exists.
    DuplicateProvider = "DuplicateProviderException",
    /// The software token could not be enabled.
    EnableSoftwareTokenMfa = "EnableSoftwareTokenMFAException",
    /// No code is alive.
    ExpiredCode = "ExpiredCodeException",
    /// Somebody else's server did not answer as it must.
    ExternalService = "ExternalServiceException",
    /// The pool's tier lacks a feature.
    FeatureUnavailableInTier = "FeatureUnavailableInTierException",
    /// The request is not allowed.
    Forbidden = "ForbiddenException",
    /// A group of this name exists.
    GroupExists = "GroupExistsException",
    /// The engine failed; says no more.
    InternalError = "InternalErrorException",
    /// An identity pool has no role for somebody.
    InvalidIdentityPoolConfiguration = "InvalidIdentityPoolConfigurationException",
    /// A trigger answered nonsense.
    InvalidLambdaResponse = "InvalidLambdaResponseException",
    /// The OAuth flows of a client do not fit.
    InvalidOAuthFlow = "InvalidOAuthFlowException",
    /// A parameter is wrong.
    InvalidParameter = "InvalidParameterException",
    /// A password breaks the policy.
    InvalidPassword = "InvalidPasswordException",
    /// The pool's configuration does not allow it.
    InvalidUserPoolConfiguration = "InvalidUserPoolConfigurationException",
    /// Too many attempts in an hour, or too many things.
    LimitExceeded = "LimitExceededException",
    /// The app client has a style already.
    ManagedLoginBrandingExists = "ManagedLoginBrandingExistsException",
    /// No usable second factor.
    MfaMethodNotFound = "MFAMethodNotFoundException",
    /// Not authorized.
    NotAuthorized = "NotAuthorizedException",
    /// The operation is not possible here.
    OperationNotEnabled = "OperationNotEnabledException",
    /// The password was used before.
    PasswordHistoryPolicyViolation = "PasswordHistoryPolicyViolationException",
    /// The password must be reset first.
    PasswordResetRequired = "PasswordResetRequiredException",
    /// A precondition is not met.
    PreconditionNotMet = "PreconditionNotMetException",
    /// A refresh token was used again after its successor.
    RefreshTokenReuse = "RefreshTokenReuseException",
    /// A login belongs to somebody else.
    ResourceConflict = "ResourceConflictException",
    /// The thing does not exist.
    ResourceNotFound = "ResourceNotFoundException",
    /// A scope does not exist.
    ScopeDoesNotExist = "ScopeDoesNotExistException",
    /// The body is not what the operation takes.
    Serialization = "SerializationException",
    /// More than can be had.
    ServiceQuotaExceeded = "ServiceQuotaExceededException",
    /// The pool has no software tokens.
    SoftwareTokenMfaNotFound = "SoftwareTokenMFANotFoundException",
    /// The app client has a document of the name already.
    TermsExists = "TermsExistsException",
    /// The pool uses what the other tier does not have.
    TierChangeNotAllowed = "TierChangeNotAllowedException",
    /// Too many failed attempts.
    TooManyFailedAttempts = "TooManyFailedAttemptsException",
    /// Too many requests.
    TooManyRequests = "TooManyRequestsException",
    /// The caller is not who it says.
    Unauthorized = "UnauthorizedException",
    /// A trigger could not be reached.
    UnexpectedLambda = "UnexpectedLambdaException",
    /// There is no such operation.
    UnknownOperation = "UnknownOperationException",
    /// The client does not support the operation, or this version does not.
    UnsupportedOperation = "UnsupportedOperationException",
    /// The token is of the wrong type.
    UnsupportedTokenType = "UnsupportedTokenTypeException",
    /// The user's status does not allow it.
    UnsupportedUserState = "UnsupportedUserStateException",
    /// A trigger refused.
    UserLambdaValidation = "UserLambdaValidationException",
    /// Users are imported into the pool.
    UserImportInProgress = "UserImportInProgressException",
    /// The user is not confirmed.
    UserNotConfirmed = "UserNotConfirmedException",
    /// The user does not exist.
    UserNotFound = "UserNotFoundException",
    /// The pool does not have the add-on.
    UserPoolAddOnNotEnabled = "UserPoolAddOnNotEnabledException",
    /// The tags do not fit.
    UserPoolTagging = "UserPoolTaggingException",
    /// The user name is taken.
    UsernameExists = "UsernameExistsException",
    /// No registration of a passkey waits for this answer.
    WebAuthnChallengeNotFound = "WebAuthnChallengeNotFoundException",
    /// The registration was begun at another app client.
    WebAuthnClientMismatch = "WebAuthnClientMismatchException",
    /// The pool has no relying party.
    WebAuthnConfigurationMissing = "WebAuthnConfigurationMissingException",
    /// The passkey is none that can be kept.
    WebAuthnCredentialNotSupported = "WebAuthnCredentialNotSupportedException",
    /// The pool does not have passkeys.
    WebAuthnNotEnabled = "WebAuthnNotEnabledException",
    /// The page is none of the relying party's.
    WebAuthnOriginNotAllowed = "WebAuthnOriginNotAllowedException",
    /// The passkey is for another relying party.
    WebAuthnRelyingPartyMismatch = "WebAuthnRelyingPartyMismatchException",
}

/// The world failed: the store, a courier, a worker. What the client learns is only that.
pub struct Fault {
    what: &'static str,
    cause: Option<Box<dyn core::error::Error + Send + Sync>>,
}

impl Fault {
    /// A fault named for what failed.
    #[must_use]
    pub const fn new(what: &'static str) -> Self {
        Self { what, cause: None }
    }

    /// A fault with its cause.
    #[must_use]
    pub fn caused(
        what: &'static str,
        cause: impl core::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self {
            what,
            cause: Some(Box::new(cause)),
        }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fault({self}")?;
        if let Some(cause) = &self.cause {
            write!(f, ": {cause}")?;
        }
        f.write_str(")")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }
}

impl core::error::Error for Fault {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

/// How an operation failed, as its caller sees it.
#[derive(Debug)]
pub enum Failure {
    /// The protocol said no.
    Refused(Refusal),
    /// The world failed.
    Faulted(Fault),
}

impl Failure {
    /// The error's name on the wire.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.kind().name(),
            Self::Faulted(_) => RefusalKind::InternalError.name(),
        }
    }

    /// The text that the client sees; a fault gives no details.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.message().into(),
            Self::Faulted(_) => "Something went wrong.".into(),
        }
    }

    /// The HTTP status of the error.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Refused(refusal) => match refusal.kind() {
                RefusalKind::InternalError => 500,
                RefusalKind::Unauthorized => 401,
                _ => 400,
            },
            Self::Faulted(_) => 500,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name(), self.message())
    }
}

impl core::error::Error for Failure {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Refused(_) => None,
            Self::Faulted(fault) => Some(fault),
        }
    }
}
