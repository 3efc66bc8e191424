//! Users whom the migration trigger knows and the pool does not: moved in as they are.
//!
//! No invitation is sent: it would carry the user's own password. A user moved in at a sign-in has the password that
//! was typed, and goes on with it if the function says so; else it must be reset, as after ForgotPassword.

use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

use userpool_wire::idp::AttributeType;

use super::{
    aliases,
    attributes::{self, Writer},
    directory::{self, NewUser},
    mfa::preference,
    passwords, profile_change,
    sign_up::sign_up::{mark_unverified, name_as_attribute, name_form, new_head, refuse_taken},
    triggers::user_migration::Newcomer,
};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        factors::{Factor, Factors},
        keys,
        pool::{NameRule, Pool},
        sub::Sub,
        user::{AliasKind, Profile, Status},
    },
};

/// Moves a user in, and lands that: what follows finds a user like any other. Gives the id.
///
/// Refusals, in this order: a name or attributes that the pool does not allow, a name that is taken, an address or
/// name that somebody else signs in with, text messages as a second factor where there can be none.
///
/// # Errors
/// The refusals above; stops the run until the user has landed.
pub(crate) fn move_in(
    cx: &mut Cx<'_>,
    pool: &Pool,
    typed: &str,
    newcomer: &Newcomer,
    password: Option<&str>,
) -> Run<Sub> {
    let sub = cx.once(|cx| {
        let (name, contact, profile) = cx.once(|_| {
            let (name, contact) = name(pool, typed, newcomer)?;
            let profile = profile(pool, newcomer, &name, contact)?;
            Ok((name, contact, Arc::new(profile)))
        })?;
        let beside = cx.once(|_| Ok(aliases::of_newcomer(pool, &profile)))?;
        refuse_taken(cx, pool, &name, contact, &beside)?;
        let password = password.filter(|_| newcomer.confirmed);
        let head = cx.once(|cx| {
            let status = match password {
                Some(_) => Status::Confirmed,
                None => Status::ResetRequired,
            };
            Ok(Arc::new(new_head(cx, pool, &name, contact, status)))
        })?;
        aliases::take_first(cx, pool, &head, &profile, newcomer.force_aliases)?;
        let password = passwords::first(cx, pool, &head, password)?;
        let user = NewUser {
            head: &head,
            profile: &profile,
            password: &password,
        };
        directory::create(cx, pool, &user)?;
        if newcomer.text_messages {
            let factors = text_messages(pool, &profile)?;
            cx.insert(&keys::factors(&pool.id, &head.sub), &factors);
        }
        Ok(head.sub)
    })?;
    cx.land()?;
    Ok(sub)
}

/// The second factor that the function wants; a user who cannot have it would get in too easily without.
fn text_messages(pool: &Pool, profile: &Profile) -> Result<Factors, Refusal> {
    let mut factors = Factors::default();
    preference::check_can(pool, profile, &factors, Factor::Sms)
        .map_err(|refusal| misfit(refusal.message()))?;
    factors.switch(Factor::Sms, true);
    Ok(factors)
}

/// The name to keep, and the address that it is. Where addresses are names it is the one that was typed.
fn name(
    pool: &Pool,
    typed: &str,
    newcomer: &Newcomer,
) -> Result<(String, Option<AliasKind>), Refusal> {
    let is_address = matches!(pool.rules.names, NameRule::Attribute { .. });
    let name = match &newcomer.username {
        Some(name) if is_address && name != typed => {
            return Err(misfit("the username is not the one that was typed"));
        }
        Some(name) => name.as_str(),
        None => typed,
    };
    let is_name = !name.is_empty()
        && name.chars().count() <= 128
        && !name.contains(|c: char| c.is_whitespace() || c.is_control());
    if !is_name {
        return Err(misfit("the username is no user name"));
    }
    let contact = name_form(pool, name).map_err(|refusal| misfit(refusal.message()))?;
    Ok((name.to_string(), contact))
}

fn profile(
    pool: &Pool,
    newcomer: &Newcomer,
    name: &str,
    contact: Option<AliasKind>,
) -> Result<Profile, Refusal> {
    profile_of(pool, &newcomer.attributes, name, contact)
        .map_err(|refusal| misfit(refusal.message()))
}

fn profile_of(
    pool: &Pool,
    given: &BTreeMap<String, String>,
    name: &str,
    contact: Option<AliasKind>,
) -> Result<Profile, Refusal> {
    let given: Vec<AttributeType> = given
        .iter()
        .map(|(name, value)| AttributeType {
            name: name.clone(),
            value: Some(value.clone().into()),
        })
        .collect();
    let mut values = attributes::of_new_user(pool, Writer::Administrator, &given)?;
    if let Some(kind) = contact {
        name_as_attribute(&mut values, kind, name)?;
    }
    profile_change::check_preferred(pool, &values)?;
    profile_change::check_flags(&values)?;
    mark_unverified(&mut values);
    Ok(Profile {
        attributes: values,
        ..Profile::default()
    })
}

/// The refusal of a user who does not fit into the pool.
fn misfit(why: &str) -> Refusal {
    let text = format!("Invalid lambda function output : {}", why.trim_end());
    Refusal::new(RefusalKind::InvalidLambdaResponse, text)
}
