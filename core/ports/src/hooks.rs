//! Questions to the embedder: the service's Lambda triggers.

use alloc::string::String;
use core::fmt;

/// A trigger's event, asked of whoever serves the trigger. The event may hold secrets and is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct HookCall {
    /// The trigger as the pool's `LambdaConfig` names it, for example `PreSignUp`.
    pub trigger: &'static str,
    /// The configured function (an ARN).
    pub function: String,
    /// The event as JSON text.
    pub event: String,
}

impl fmt::Debug for HookCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HookCall")
            .field("trigger", &self.trigger)
            .finish_non_exhaustive()
    }
}

/// A trigger's answer: the event as JSON text with `response` filled in. It is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct HookAnswer(
    /// The JSON text.
    pub String,
);

impl fmt::Debug for HookAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HookAnswer(..)")
    }
}

/// Why a trigger gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookFault {
    /// The function refused; the text is its own and reaches the caller.
    Refused(String),
    /// The function could not be reached, or took too long.
    Unreachable(String),
}

impl fmt::Display for HookFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(_) => f.write_str("the trigger refused"),
            Self::Unreachable(why) => write!(f, "the trigger could not be reached: {why}"),
        }
    }
}

impl core::error::Error for HookFault {}

/// Serves triggers.
pub trait Hooks {
    /// Asks one trigger and waits for its answer.
    ///
    /// # Errors
    /// The function refused or could not be reached.
    fn ask(&self, call: &HookCall) -> Result<HookAnswer, HookFault>;

    /// Whether what this trigger is told stays in this process. A custom sender of which this is true gets codes as
    /// they are; any other gets them encrypted.
    fn stays_here(&self, trigger: &str) -> bool {
        let _ = trigger;
        false
    }
}
