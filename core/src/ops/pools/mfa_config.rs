//! SetUserPoolMfaConfig and GetUserPoolMfaConfig: the second factors of a pool.

use alloc::vec::Vec;

use userpool_wire::idp::{
    AuthFactorType, EmailMfaConfigType, GetUserPoolMfaConfigRequest, GetUserPoolMfaConfigResponse,
    SetUserPoolMfaConfigRequest, SetUserPoolMfaConfigResponse, SmsMfaConfigType,
    SoftwareTokenMfaConfigType, UserPoolMfaType, UserPoolTierType, UserPoolType,
    UserVerificationType, WebAuthnConfigurationType, WebAuthnFactorConfigurationType,
};

use super::{
    description::{self, Apart},
    invalid, policies,
    settings::check_sms,
    tiers,
};
use crate::{
    engine::{Cx, Refusal, Run},
    model::pool::{EmailFactor, FactorRules, PasskeyRules},
    ops::parties,
};

/// Replaces the settings of second factors: a part that is left out is off. The messaging settings of the pool stay
/// where none are given.
///
/// Refusals, in this order: unknown pool, factors beside the word that there are none, both kinds of messaging settings, a relying party that is no domain, factors
/// that the tier does not have, factors asked for and none given, codes as first factors where a second is always asked for, settings
/// too large to be kept.
pub(crate) fn set_user_pool_mfa_config(
    cx: &mut Cx<'_>,
    request: &SetUserPoolMfaConfigRequest,
) -> Run<SetUserPoolMfaConfigResponse> {
    let pool = parties::pool(cx, &request.user_pool_id)?;
    let mut settings = description::settings(&pool)?;
    check_off(request)?;
    if let Some(sms) = &request.sms_mfa_configuration {
        check_sms(sms.sms_configuration.as_ref())?;
        settings.sms_authentication_message = sms.sms_authentication_message.clone();
        settings.sms_configuration = sms.sms_configuration.clone().or(settings.sms_configuration);
    }
    let mfa = request.mfa_configuration.unwrap_or(UserPoolMfaType::Off);
    settings.mfa_configuration = Some(mfa);
    let factors = factors(request);
    check(&settings, &factors, mfa)?;
    let shown = shown(&settings, &factors);
    let schema = pool.rules.schema.clone();
    let apart = Apart {
        factors,
        ..Apart::of(&pool)
    };
    let changed = description::keep(&pool.id, pool.created, cx.now(), schema, apart, settings)?;

    cx.update(&pool, &changed);
    Ok(SetUserPoolMfaConfigResponse {
        sms_mfa_configuration: shown.sms_mfa_configuration,
        software_token_mfa_configuration: shown.software_token_mfa_configuration,
        email_mfa_configuration: shown.email_mfa_configuration,
        mfa_configuration: shown.mfa_configuration,
        web_authn_configuration: shown.web_authn_configuration,
    })
}

/// Tells the settings of second factors.
///
/// Refusals: unknown pool.
pub(crate) fn get_user_pool_mfa_config(
    cx: &mut Cx<'_>,
    request: &GetUserPoolMfaConfigRequest,
) -> Run<GetUserPoolMfaConfigResponse> {
    let pool = parties::pool(cx, &request.user_pool_id)?;
    let settings = description::settings(&pool)?;
    Ok(shown(&settings, &pool.rules.factors))
}

/// The second factors of a pool with these settings, which had those before: messaging settings are what makes text
/// messages a factor, and a pool that asks for factors and has none asks for those.
pub(super) fn following(settings: &UserPoolType, before: FactorRules) -> FactorRules {
    let asks = settings
        .mfa_configuration
        .is_some_and(|mfa| mfa != UserPoolMfaType::Off);
    let others = before.software_token || before.email.is_some();
    FactorRules {
        sms: settings.sms_configuration.is_some() || (asks && !others),
        ..before
    }
}

/// Passkeys may be spoken of beside OFF: they are no second factor. The service was seen to refuse each of the three, a
/// software token that is off too.
fn check_off(request: &SetUserPoolMfaConfigRequest) -> Result<(), Refusal> {
    let speaks = request.sms_mfa_configuration.is_some()
        || request.software_token_mfa_configuration.is_some()
        || request.email_mfa_configuration.is_some();
    if speaks && request.mfa_configuration == Some(UserPoolMfaType::Off) {
        return Err(invalid(
            "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.",
        ));
    }
    Ok(())
}

fn factors(request: &SetUserPoolMfaConfigRequest) -> FactorRules {
    let token = request.software_token_mfa_configuration.as_ref();
    let email = request.email_mfa_configuration.as_ref();
    let passkeys = request.web_authn_configuration.as_ref();
    FactorRules {
        sms: request.sms_mfa_configuration.is_some(),
        software_token: token.is_some_and(|token| token.enabled == Some(true)),
        email: email.map(|email| EmailFactor {
            text: email.message.clone(),
            subject: email.subject.clone(),
        }),
        passkeys: passkeys.map(|passkeys| PasskeyRules {
            relying_party: passkeys.relying_party_id.clone(),
            verification_required: passkeys
                .user_verification
                .map(|verification| verification == UserVerificationType::Required),
            two_factors: passkeys.factor_configuration.map(|configuration| {
                configuration == WebAuthnFactorConfigurationType::MultiFactorWithUserVerification
            }),
        }),
        software_token_said: token
            .filter(|token| token.enabled != Some(true))
            .map(|_| false),
    }
}

fn check(
    settings: &UserPoolType,
    factors: &FactorRules,
    mfa: UserPoolMfaType,
) -> Result<(), Refusal> {
    let tier = settings.user_pool_tier;
    let tier = tier.unwrap_or(UserPoolTierType::Essentials);
    let party = factors.passkeys.as_ref();
    let party = party.and_then(|passkeys| passkeys.relying_party.as_deref());
    if party.is_some_and(|party| !is_domain(party)) {
        return Err(invalid("RelyingPartyId is not a domain name."));
    }
    tiers::check_in(tier, &tiers::of_factors(factors))?;
    let any = factors.sms || factors.software_token || factors.email.is_some();
    if mfa != UserPoolMfaType::Off && !any {
        return Err(invalid(
            "At least one of [SmsMfaConfiguration] or [SoftwareTokenMfaConfiguration] must be provided.",
        ));
    }
    let first: Vec<AuthFactorType> = settings
        .policies
        .iter()
        .filter_map(|policies| policies.sign_in_policy.as_ref())
        .filter_map(|policy| policy.allowed_first_auth_factors.as_ref())
        .flatten()
        .copied()
        .collect();
    policies::check_first_factors(&first, mfa)
}

fn shown(settings: &UserPoolType, factors: &FactorRules) -> GetUserPoolMfaConfigResponse {
    let email = factors.email.as_ref();
    let passkeys = factors.passkeys.as_ref();
    GetUserPoolMfaConfigResponse {
        sms_mfa_configuration: factors.sms.then(|| SmsMfaConfigType {
            sms_authentication_message: settings.sms_authentication_message.clone(),
            sms_configuration: settings.sms_configuration.clone(),
        }),
        software_token_mfa_configuration: (factors.software_token
            || factors.software_token_said.is_some())
        .then_some(SoftwareTokenMfaConfigType {
            enabled: Some(factors.software_token),
        }),
        email_mfa_configuration: email.map(|email| EmailMfaConfigType {
            message: email.text.clone(),
            subject: email.subject.clone(),
        }),
        mfa_configuration: settings.mfa_configuration,
        web_authn_configuration: passkeys.map(|passkeys| WebAuthnConfigurationType {
            relying_party_id: passkeys.relying_party.clone(),
            user_verification: passkeys.verification_required.map(|required| {
                if required {
                    UserVerificationType::Required
                } else {
                    UserVerificationType::Preferred
                }
            }),
            factor_configuration: passkeys.two_factors.map(|two| {
                if two {
                    WebAuthnFactorConfigurationType::MultiFactorWithUserVerification
                } else {
                    WebAuthnFactorConfigurationType::SingleFactor
                }
            }),
        }),
    }
}

/// Whether browsers may take this for an RP id: a domain name in lower case (WebAuthn Level 3 §4, "RP ID"), no address.
fn is_domain(name: &str) -> bool {
    let is_label = |label: &str| {
        let bytes = label.as_bytes();
        let is_letter = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        !bytes.is_empty()
            && bytes.iter().all(is_letter)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.split('.').all(is_label) && !last.bytes().all(|byte| byte.is_ascii_digit())
}
