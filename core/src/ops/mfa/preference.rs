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
        passkeys::Passkeys,
        pool::Pool,
        user::{Head, Profile},
    },
    ops::{
        access::authorize_beside, admin::subject::Subject, sign_in::user_auth::available,
        users::records,
    },
};

/// Switches second factors of the user on or off, and prefers one; what is left out stays. Passkeys can be switched on to
/// be both factors, beside another one, and are off with the last of these.
///
/// Refusals, in this order: those of the access token, two preferred factors, passkeys without another factor in the
/// same request; factor by factor: one that the pool does not have, a software token that was not verified, an address
/// that the user does not have, a preferred factor that is off; then passkeys where the pool does not have them be both
/// factors, or the user has none.
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
    if wishes.passkeys == Some(true) {
        check_passkeys(cx, pool, head)?;
    }
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
    if wishes.passkeys == Some(true) {
        check_passkeys(cx, pool, head)?;
    }
    cx.check(&user.profile);
    keep::factors(cx, pool, head, held.as_ref(), &becomes);
    Ok(AdminSetUserMFAPreferenceResponse {})
}

/// What is wished.
struct Wishes {
    factors: Vec<Wish>,
    /// Whether passkeys are both factors.
    passkeys: Option<bool>,
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
) -> Result<Wishes, Refusal> {
    let wish = |factor, on, preferred| Wish {
        factor,
        on,
        preferred,
    };
    let sms = sms.map(|it| wish(Factor::Sms, it.enabled, it.preferred_mfa));
    let token = token.map(|it| wish(Factor::SoftwareToken, it.enabled, it.preferred_mfa));
    let email = email.map(|it| wish(Factor::Email, it.enabled, it.preferred_mfa));
    let factors: Vec<Wish> = [sms, token, email].into_iter().flatten().collect();
    let preferred = factors.iter().filter(|wish| wish.preferred == Some(true));
    if preferred.count() > 1 {
        return Err(invalid("Only one second factor can be preferred."));
    }
    let passkeys = passkeys.and_then(|passkeys| passkeys.enabled);
    if passkeys == Some(true) && !factors.iter().any(|wish| wish.on == Some(true)) {
        let text = "WebAuthn MFA requires enabling an additional MFA setting.";
        return Err(invalid(text));
    }
    Ok(Wishes { factors, passkeys })
}

fn fulfilled(
    pool: &Pool,
    profile: &Profile,
    before: Option<&Factors>,
    wishes: &Wishes,
) -> Result<Factors, Refusal> {
    let mut becomes = before.cloned().unwrap_or_default();
    for wish in &wishes.factors {
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
    if let Some(on) = wishes.passkeys {
        becomes.passkeys = on.then_some(true);
    }
    Ok(becomes)
}

/// Refuses that passkeys be both factors of a user.
///
/// # Errors
/// `InvalidParameterException`; stops the run until the passkeys are there.
fn check_passkeys(cx: &mut Cx<'_>, pool: &Pool, head: &Head) -> Run<()> {
    if !available::are_both(pool) {
        let text = "WebAuthn MFA is not enabled for the user pool.";
        return Err(invalid(text).into());
    }
    let held = cx.get::<Passkeys>(&keys::passkeys(&pool.id, &head.sub))?;
    let party = available::relying_party(pool);
    let (Some(held), Some(party)) = (held, party) else {
        return Err(no_passkey().into());
    };
    if held.of(party).next().is_none() {
        return Err(no_passkey().into());
    }
    cx.check(&held);
    Ok(())
}

fn no_passkey() -> Refusal {
    invalid("User does not have applicable WebAuthn credentials to enable WebAuthn MFA.")
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
