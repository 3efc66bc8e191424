//! SetUserMFAPreference and AdminSetUserMFAPreference: which second factors are switched on, and which is preferred.

use alloc::{format, vec::Vec};

use userpool_wire::idp::{
    AdminSetUserMFAPreferenceRequest, AdminSetUserMFAPreferenceResponse, EmailMfaSettingsType,
    SMSMfaSettingsType, SetUserMFAPreferenceRequest, SetUserMFAPreferenceResponse,
    SoftwareTokenMfaSettingsType, WebAuthnMfaSettingsType,
};

use super::keep;
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        factors::{Factor, Factors},
        keys,
        pool::Pool,
        user::Profile,
    },
    ops::{access::authorize_beside, admin::subject::Subject, sign_in::proven, users::records},
};

/// Switches second factors of the user on or off, and prefers one; what is left out stays.
///
/// Refusals, in this order: those of the access token, passkeys as a second factor, two preferred factors; factor by
/// factor: one that the pool does not have, a software token that was not verified, an address that the user does
/// not have, a preferred factor that is off.
///
/// # Errors
/// The refusals above.
pub(crate) fn set_user_mfa_preference(
    cx: &mut Cx<'_>,
    req: &SetUserMFAPreferenceRequest,
) -> Run<SetUserMFAPreferenceResponse> {
    let access = authorize_beside(cx, &req.access_token, &[keys::factors])?;
    let (pool, head) = (&access.party.pool, &access.head);
    let wishes = wishes(
        req.sms_mfa_settings.as_ref(),
        req.software_token_mfa_settings.as_ref(),
        req.email_mfa_settings.as_ref(),
        req.web_authn_mfa_settings.as_ref(),
    )?;
    let profile = records::profile(cx, pool, head)?;
    let held = cx.get::<Factors>(&keys::factors(&pool.id, &head.sub))?;
    let becomes = fulfilled(pool, &profile, held.as_deref(), &wishes)?;
    access.hold(cx);
    cx.check(&profile);
    keep::factors(cx, pool, head, held.as_ref(), &becomes);
    Ok(SetUserMFAPreferenceResponse {})
}

/// As SetUserMFAPreference, for any user.
///
/// Refusals, in this order: unknown pool, unknown user, then those of SetUserMFAPreference.
///
/// # Errors
/// The refusals above.
pub(crate) fn admin_set_user_mfa_preference(
    cx: &mut Cx<'_>,
    req: &AdminSetUserMFAPreferenceRequest,
) -> Run<AdminSetUserMFAPreferenceResponse> {
    let user = Subject::load(cx, &req.user_pool_id, &req.username, &[keys::factors])?;
    let (pool, head) = (&user.pool, &user.head);
    let wishes = wishes(
        req.sms_mfa_settings.as_ref(),
        req.software_token_mfa_settings.as_ref(),
        req.email_mfa_settings.as_ref(),
        req.web_authn_mfa_settings.as_ref(),
    )?;
    let held = cx.get::<Factors>(&keys::factors(&pool.id, &head.sub))?;
    let becomes = fulfilled(pool, &user.profile, held.as_deref(), &wishes)?;
    cx.check(&user.profile);
    keep::factors(cx, pool, head, held.as_ref(), &becomes);
    Ok(AdminSetUserMFAPreferenceResponse {})
}

/// What is wished for one factor.
struct Wish {
    factor: Factor,
    on: Option<bool>,
    preferred: Option<bool>,
}

fn wishes(
    sms: Option<&SMSMfaSettingsType>,
    token: Option<&SoftwareTokenMfaSettingsType>,
    email: Option<&EmailMfaSettingsType>,
    passkeys: Option<&WebAuthnMfaSettingsType>,
) -> Result<Vec<Wish>, Refusal> {
    if passkeys.is_some_and(|passkeys| passkeys.enabled == Some(true)) {
        return Err(proven::unsupported("WebAuthnMfaSettings"));
    }
    let wish = |factor, on, preferred| Wish {
        factor,
        on,
        preferred,
    };
    let sms = sms.map(|it| wish(Factor::Sms, it.enabled, it.preferred_mfa));
    let token = token.map(|it| wish(Factor::SoftwareToken, it.enabled, it.preferred_mfa));
    let email = email.map(|it| wish(Factor::Email, it.enabled, it.preferred_mfa));
    let wishes: Vec<Wish> = [sms, token, email].into_iter().flatten().collect();
    let preferred = wishes.iter().filter(|wish| wish.preferred == Some(true));
    if preferred.count() > 1 {
        return Err(invalid("Only one second factor can be preferred."));
    }
    Ok(wishes)
}

fn fulfilled(
    pool: &Pool,
    profile: &Profile,
    before: Option<&Factors>,
    wishes: &[Wish],
) -> Result<Factors, Refusal> {
    let mut becomes = before.cloned().unwrap_or_default();
    for wish in wishes {
        let factor = wish.factor;
        if wish.on == Some(true) {
            check_can(pool, profile, &becomes, factor)?;
        }
        if let Some(on) = wish.on {
            becomes.switch(factor, on);
        }
        match wish.preferred {
            Some(true) if !becomes.enabled.contains(&factor) => {
                let text = format!(
                    "{} is not enabled, so it cannot be preferred.",
                    factor.as_str()
                );
                return Err(Refusal::new(RefusalKind::InvalidParameter, text));
            }
            Some(true) => becomes.preferred = Some(factor),
            Some(false) if becomes.preferred == Some(factor) => becomes.preferred = None,
            Some(false) | None => {}
        }
    }
    Ok(becomes)
}

/// Refuses a factor that cannot be switched on for a user.
///
/// # Errors
/// `InvalidParameterException`.
pub(crate) fn check_can(
    pool: &Pool,
    profile: &Profile,
    factors: &Factors,
    factor: Factor,
) -> Result<(), Refusal> {
    if !factor.is_of(pool) {
        let text = format!("{} is not enabled for the user pool.", factor.as_str());
        return Err(Refusal::new(RefusalKind::InvalidParameter, text));
    }
    match factor.contact() {
        None if factors.token.is_none() => Err(invalid("User has not verified software token mfa")),
        Some(kind) if !profile.attributes.contains_key(kind.attribute()) => {
            let text = format!(
                "User does not have delivery config set to turn on {}",
                factor.as_str()
            );
            Err(Refusal::new(RefusalKind::InvalidParameter, text))
        }
        None | Some(_) => Ok(()),
    }
}

fn invalid(text: &'static str) -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, text)
}
