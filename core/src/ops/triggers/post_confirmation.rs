//! `PostConfirmation`: asked once an account is confirmed, or a password reset.

use super::{About, Event, Object, Trigger, ask as ask_trigger, members};
use crate::{
    engine::{Cx, Run},
    model::user::Head,
    ops::user_type,
};

/// What was confirmed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Confirmed {
    /// An account.
    SignUp,
    /// A new password in place of a forgotten one.
    ForgotPassword,
}

/// Lands the confirmation and asks the trigger: what it says comes too late to take anything back.
///
/// # Errors
/// Refuses where the trigger does; stops the run until it answered.
pub(crate) fn ask(
    cx: &mut Cx<'_>,
    about: About<'_>,
    confirmed: Confirmed,
    head: &Head,
    profile: &crate::model::user::Profile,
) -> Run<()> {
    if !Trigger::PostConfirmation.is_set(about.pool) {
        return Ok(());
    }
    cx.land()?;
    let told: Object = cx.once(|cx| {
        let effective = user_type::effective(cx, about.pool, &head.sub, profile)?;
        Ok(super::attributes(head, &effective))
    })?;
    let event = || Event {
        version: "1",
        source: match confirmed {
            Confirmed::SignUp => "PostConfirmation_ConfirmSignUp",
            Confirmed::ForgotPassword => "PostConfirmation_ConfirmForgotPassword",
        }
        .into(),
        request: members([("userAttributes", told.into())]),
        response: Object::new(),
    };
    ask_trigger(cx, about, Trigger::PostConfirmation, event)??;
    Ok(())
}
