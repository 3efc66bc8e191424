//! Messages to people, by e-mail and SMS.

use alloc::string::String;
use core::fmt;

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// Electronic mail; the destination is an address.
    Email,
    /// A text message; the destination is an E.164 number.
    Sms,
}

impl Medium {
    /// The protocol's word: `EMAIL` or `SMS`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Sms => "SMS",
        }
    }
}

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The code that confirms a sign-up.
    SignUp,
    /// A confirmation code sent again.
    ResendCode,
    /// The code that resets a forgotten password.
    ForgotPassword,
    /// The code that verifies an attribute after it changed.
    UpdateUserAttribute,
    /// The code that verifies an attribute on request.
    VerifyUserAttribute,
    /// The invitation with a temporary password.
    AdminCreateUser,
    /// The code of a second factor.
    Authentication,
    /// The news of an unusual sign-in.
    AccountTakeOverNotification,
}

impl Purpose {
    /// The name of the purpose, as the service's message triggers call it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "SignUp",
            Self::ResendCode => "ResendCode",
            Self::ForgotPassword => "ForgotPassword",
            Self::UpdateUserAttribute => "UpdateUserAttribute",
            Self::VerifyUserAttribute => "VerifyUserAttribute",
            Self::AdminCreateUser => "AdminCreateUser",
            Self::Authentication => "Authentication",
            Self::AccountTakeOverNotification => "AccountTakeOverNotification",
        }
    }
}

/// One message, ready to send. Its `Debug` shows neither destination nor content.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Names this message for ever: a courier that sees an id twice may send once.
    pub id: [u8; 16],
    /// The pool that sends it.
    pub pool: String,
    /// The stored user name of the recipient.
    pub user: String,
    /// Where it goes: the stored address or number, never the text of a request.
    pub destination: String,
    /// How it travels.
    pub medium: Medium,
    /// What it is for.
    pub purpose: Purpose,
    /// The code or temporary password it carries, also contained in `body`.
    pub code: String,
    /// Subject line; e-mail only.
    pub subject: Option<String>,
    /// The whole text.
    pub body: String,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("pool", &self.pool)
            .field("medium", &self.medium)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}

/// A message could not be handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CourierFault(
    /// What went wrong, without destination or content.
    pub String,
);

impl fmt::Display for CourierFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the courier failed: {}", self.0)
    }
}

impl core::error::Error for CourierFault {}

/// Sends messages. Delivery is at least once; a message's id tells repetitions apart.
pub trait Courier {
    /// Sends one message; on return it is handed over (a file is flushed, a relay has accepted).
    ///
    /// # Errors
    /// The message was not handed over; it may be offered again later.
    fn deliver(&self, message: &Message) -> Result<(), CourierFault>;
}
