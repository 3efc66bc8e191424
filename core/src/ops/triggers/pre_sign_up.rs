//! `PreSignUp`: asked before a new user is kept.

use alloc::{collections::BTreeMap, format, string::String};

use serde_json::Value;
use userpool_wire::idp::AttributeType;

use super::{About, Event, Trigger, ask as ask_trigger, members, object, response::invalid};
use crate::{
    engine::{Cx, Refusal, Run},
    few,
    model::user::AliasKind,
    ops::directory,
};

/// What a function wants of a new user.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wish {
    /// The user is confirmed at once.
    pub confirm: bool,
    /// The e-mail address counts as verified.
    verify_email: bool,
    /// The phone number counts as verified.
    verify_phone: bool,
}

impl Wish {
    /// The attributes with the flags that the function wants. They count only for a user who is confirmed at once:
    /// any other shows by a code who reads the address.
    ///
    /// # Errors
    /// `InvalidLambdaResponseException` where an address is to be verified that is not there.
    pub fn apply(self, attributes: &mut BTreeMap<String, String>) -> Result<(), Refusal> {
        for (wanted, kind) in [
            (self.verify_email, AliasKind::Email),
            (self.verify_phone, AliasKind::Phone),
        ] {
            if !wanted {
                continue;
            }
            if !attributes.contains_key(kind.attribute()) {
                let why = format!("{} to be verified is missing", kind.attribute());
                return Err(invalid(&why));
            }
            if self.confirm {
                attributes.insert(directory::flag(kind).into(), "true".into());
            }
        }
        Ok(())
    }
}

/// Asks before a sign-up.
///
/// # Errors
/// Refuses where the trigger does; stops the run until it answered.
pub(crate) fn sign_up(
    cx: &mut Cx<'_>,
    about: About<'_>,
    attributes: &BTreeMap<String, String>,
    validation: Option<&[AttributeType]>,
) -> Run<Wish> {
    ask(cx, about, "PreSignUp_SignUp", attributes, validation)
}

/// Asks before an administrator makes a user. What the function wants counts for nothing then.
///
/// # Errors
/// Refuses where the trigger does; stops the run until it answered.
pub(crate) fn admin_create_user(
    cx: &mut Cx<'_>,
    about: About<'_>,
    attributes: &BTreeMap<String, String>,
    validation: Option<&[AttributeType]>,
) -> Run<()> {
    let source = "PreSignUp_AdminCreateUser";
    ask(cx, about, source, attributes, validation).map(drop)
}

/// Asks before an account is made for an identity of a provider.
///
/// # Errors
/// Refuses where the trigger does; stops the run until it answered.
pub(crate) fn external(
    cx: &mut Cx<'_>,
    about: About<'_>,
    attributes: &BTreeMap<String, String>,
) -> Run<Wish> {
    ask(cx, about, "PreSignUp_ExternalProvider", attributes, None)
}

fn ask(
    cx: &mut Cx<'_>,
    about: About<'_>,
    source: &str,
    attributes: &BTreeMap<String, String>,
    validation: Option<&[AttributeType]>,
) -> Run<Wish> {
    let event = || {
        let mut request = members([("userAttributes", object(attributes).into())]);
        if let Some(validation) = validation {
            let data = validation.iter().map(|data| {
                let value = data.value.as_ref().map(|value| value.as_str());
                (data.name.clone(), Value::from(value.unwrap_or_default()))
            });
            request.insert("validationData".into(), Value::Object(few::gather(data)));
        }
        Event {
            version: "1",
            source: source.into(),
            request,
            response: members([
                ("autoConfirmUser", false.into()),
                ("autoVerifyEmail", false.into()),
                ("autoVerifyPhone", false.into()),
            ]),
        }
    };
    let Some(response) = ask_trigger(cx, about, Trigger::PreSignUp, event)?? else {
        return Ok(Wish::default());
    };
    Ok(Wish {
        confirm: response.flag("autoConfirmUser")?,
        verify_email: response.flag("autoVerifyEmail")?,
        verify_phone: response.flag("autoVerifyPhone")?,
    })
}
