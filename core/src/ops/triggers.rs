//! Where triggers are asked. This version calls none: a pool that configures one gets an error that says so,
//! rather than an answer as if it had agreed.

use alloc::format;

use crate::{
    engine::{Refusal, RefusalKind},
    model::pool::Pool,
};

/// A trigger that an operation asks at a certain point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trigger {
    /// Before a sign-up is kept.
    PreSignUp,
    /// After an account was confirmed.
    PostConfirmation,
    /// Before a password is judged.
    PreAuthentication,
    /// After a sign-in.
    PostAuthentication,
    /// Before tokens are signed.
    PreTokenGeneration,
    /// Before a message is written.
    CustomMessage,
    /// When a name is unknown.
    UserMigration,
}

impl Trigger {
    const fn name(self) -> &'static str {
        match self {
            Self::PreSignUp => "PreSignUp",
            Self::PostConfirmation => "PostConfirmation",
            Self::PreAuthentication => "PreAuthentication",
            Self::PostAuthentication => "PostAuthentication",
            Self::PreTokenGeneration => "PreTokenGeneration",
            Self::CustomMessage => "CustomMessage",
            Self::UserMigration => "UserMigration",
        }
    }
}

/// Passes a point where a trigger would be asked.
///
/// # Errors
/// `UnexpectedLambdaException` where the pool configures the trigger.
pub(crate) fn pass(pool: &Pool, trigger: Trigger) -> Result<(), Refusal> {
    let configured = pool.rules.triggers.keys().any(|name| {
        name == trigger.name()
            || (trigger == Trigger::PreTokenGeneration && name == "PreTokenGenerationConfig")
    });
    if !configured {
        return Ok(());
    }
    let text = format!(
        "{} invocation failed due to error triggers are not supported by this version of userpool.",
        trigger.name()
    );
    Err(Refusal::new(RefusalKind::UnexpectedLambda, text))
}
