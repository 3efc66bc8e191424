//! AdminCreateUser.

use alloc::{string::String, sync::Arc};

use userpool_crypto::secret::SecretText;
use userpool_wire::idp::{AdminCreateUserRequest, AdminCreateUserResponse, MessageActionType};

use super::{invitation, resend};
use crate::{
    engine::{Cx, Refusal, Run},
    model::{
        pool::Pool,
        user::{Profile, Status},
    },
    ops::{
        aliases,
        attributes::{self, Writer},
        directory,
        directory::NewUser,
        parties, passwords,
        passwords::PolicyPrefix,
        profile_change,
        sign_up::sign_up::{name_as_attribute, name_form, new_head, passwordless, refuse_taken},
        triggers::{About, pre_sign_up},
        user_type,
    },
};

/// Makes a user with a temporary password and sends the invitation, unless that is suppressed; or draws a new
/// temporary password for a user who has not signed in yet, and sends the invitation again.
///
/// Attributes that the pool requires may be missing: they are asked for at the first sign-in. Where users sign
/// in without passwords and none is given, the user has none and is confirmed at once.
///
/// Refusals, in this order: unknown pool, a name of the wrong form, attributes outside the schema or of the
/// wrong form, a preferred user name in the form of an address that is an alias, a flag without its address, a
/// password against the policy, a trigger before the sign-up, a name that is taken, an address or name that somebody
/// else signs in with, a message trigger.
///
/// Refusals of the invitation sent again: unknown pool, unknown user, a user who has signed in, a password
/// against the policy or of the history, a message trigger.
///
/// # Errors
/// The refusals above.
pub fn admin_create_user(
    cx: &mut Cx<'_>,
    req: &AdminCreateUserRequest,
) -> Run<AdminCreateUserResponse> {
    if req.message_action == Some(MessageActionType::Resend) {
        return resend::resend(cx, req);
    }
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let profile = cx.once(|_| Ok(Arc::new(profile(&pool, req)?)))?;
    let password = cx.once(|cx| {
        let password = temporary_password(cx, &pool, req)?;
        Ok(password.map(SecretText::new))
    })?;
    let invited = req.message_action != Some(MessageActionType::Suppress);
    let contact = name_form(&pool, &req.username)?;
    let head = cx.once(|cx| {
        let status = match password {
            Some(_) => Status::ForceChangePassword,
            None => Status::Confirmed,
        };
        Ok(Arc::new(new_head(
            cx,
            &pool,
            &req.username,
            contact,
            status,
        )))
    })?;
    let metadata = req.client_metadata.as_deref();
    let about = About::administrators(&pool, &head.username, metadata);
    let validation = req.validation_data.as_deref();
    pre_sign_up::admin_create_user(cx, about, &profile.attributes, validation)?;
    let beside = cx.once(|_| Ok(aliases::of_newcomer(&pool, &profile)))?;
    refuse_taken(cx, &pool, &req.username, contact, &beside)?;
    let force = req.force_alias_creation == Some(true);
    aliases::take_first(cx, &pool, &head, &profile, force)?;
    let kept = passwords::first(cx, &pool, &head, password.as_ref().map(SecretText::expose))?;
    let user = NewUser {
        head: &head,
        profile: &profile,
        password: &kept,
    };
    directory::create(cx, &pool, &user)?;

    if let Some(password) = password.filter(|_| invited) {
        let mediums = req.desired_delivery_mediums.as_deref();
        invitation::send(cx, about, (&head, &profile), mediums, password.expose())?;
    }
    let attributes = user_type::listed(&head.sub, &profile.attributes);
    Ok(AdminCreateUserResponse {
        user: Some(user_type::user_type(&head, attributes)),
    })
}

/// The profile that a request describes.
fn profile(pool: &Pool, req: &AdminCreateUserRequest) -> Result<Profile, Refusal> {
    let contact = name_form(pool, &req.username)?;
    let given = req.user_attributes.as_deref().unwrap_or_default();
    let mut attributes = attributes::of_new_user(pool, Writer::Administrator, given)?;
    if let Some(kind) = contact {
        name_as_attribute(&mut attributes, kind, &req.username)?;
    }
    profile_change::check_preferred(pool, &attributes)?;
    profile_change::check_flags(&attributes)?;
    Ok(Profile {
        attributes,
        ..Profile::default()
    })
}

/// The temporary password: the given one, else a drawn one; none where users may do without.
fn temporary_password(
    cx: &mut Cx<'_>,
    pool: &Pool,
    req: &AdminCreateUserRequest,
) -> Result<Option<String>, Refusal> {
    match given_password(pool, req)? {
        Some(given) => Ok(Some(given.into())),
        None if passwordless(pool) => Ok(None),
        None => Ok(Some(invitation::draw_password(cx, &pool.rules.password))),
    }
}

/// The temporary password of a request, checked against the policy.
pub(super) fn given_password<'r>(
    pool: &Pool,
    req: &'r AdminCreateUserRequest,
) -> Result<Option<&'r str>, Refusal> {
    let given = req.temporary_password.as_ref();
    let given = given
        .map(|password| password.as_str())
        .filter(|password| !password.is_empty());
    if let Some(password) = given {
        passwords::check_policy(&pool.rules.password, password, PolicyPrefix::AdminCreate)?;
    }
    Ok(given)
}
