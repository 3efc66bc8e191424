//! What the tiers of a pool have: the refusal of features above one, with the names and in the words of the service.
//!
//! The sentence and the names marked "seen" stood in answers of the service; the other names, and the comma between several,
//! are this version's own.

use alloc::{format, string::String, vec::Vec};

use userpool_wire::idp::{
    AdvancedSecurityModeType, PreTokenGenerationLambdaVersionType, StatusType, UserPoolTierType,
    UserPoolType,
};

use super::{
    description::{self, Apart},
    settings::acr_default,
};
use crate::{
    engine::{Refusal, RefusalKind, Run},
    model::{
        logs::LogSource,
        pool::{FactorRules, Pool},
    },
};

/// A feature that not every tier has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Feature {
    AcrNames,
    ChoiceOfFactors,
    EmailFactor,
    LogExport,
    ManagedLogin,
    PasskeysAsTwoFactors,
    PasswordHistory,
    Passwordless,
    Registration,
    Replicas,
    Rotation,
    Sessions,
    StepUp,
    ThreatProtection,
    TokenEventV2,
    TokenEventV3,
}

impl Feature {
    /// Its name in refusals.
    const fn name(self) -> &'static str {
        match self {
            Self::AcrNames => "Custom ACR Level Names",
            Self::ChoiceOfFactors => "Choice-Based Sign-In",
            Self::EmailFactor => "Email MFA",
            Self::LogExport => "Log Export",
            Self::ManagedLogin => "Managed Login",
            Self::PasskeysAsTwoFactors => "Passkeys with User Verification as MFA",
            Self::PasswordHistory => "Password History",
            // Seen.
            Self::Passwordless => "Passwordless Sign-In",
            Self::Registration => "Dynamic Client Registration",
            Self::Replicas => "Multi-Region Replication",
            // Seen.
            Self::Rotation => "Refresh Token Rotation",
            Self::Sessions => "User Session Tracking",
            Self::StepUp => "Step-Up Authentication",
            // Seen.
            Self::ThreatProtection => "Threat Protection",
            // Seen, with both versions.
            Self::TokenEventV2 => "Token Customization with Pre-Token Generation Lambda V2_0",
            Self::TokenEventV3 => "Token Customization with Pre-Token Generation Lambda V3_0",
        }
    }

    /// Whether pools of a tier have it.
    const fn is_in(self, tier: UserPoolTierType) -> bool {
        match tier {
            UserPoolTierType::Lite => false,
            UserPoolTierType::Essentials => {
                !matches!(self, Self::LogExport | Self::ThreatProtection)
            }
            UserPoolTierType::Plus => true,
        }
    }
}

/// Refuses features that a pool's tier does not have.
///
/// # Errors
/// `FeatureUnavailableInTierException`.
pub(crate) fn check(pool: &Pool, used: &[Feature]) -> Run<()> {
    if used.is_empty() {
        return Ok(());
    }
    Ok(check_in(tier(pool)?, used)?)
}

/// Whether a pool's tier has a feature.
///
/// # Errors
/// A fault if the description of the pool cannot be read.
pub(crate) fn has(pool: &Pool, feature: Feature) -> Run<bool> {
    Ok(feature.is_in(tier(pool)?))
}

fn tier(pool: &Pool) -> Run<UserPoolTierType> {
    let tier = description::settings(pool)?.user_pool_tier;
    Ok(tier.unwrap_or(UserPoolTierType::Essentials))
}

/// Refuses features that a tier does not have.
///
/// # Errors
/// `FeatureUnavailableInTierException`.
pub(super) fn check_in(tier: UserPoolTierType, used: &[Feature]) -> Result<(), Refusal> {
    refuse(tier, used, RefusalKind::FeatureUnavailableInTier)
}

/// Refuses a tier that does not have the features that other operations gave a pool.
///
/// # Errors
/// `TierChangeNotAllowedException`.
pub(super) fn check_change(tier: UserPoolTierType, used: &[Feature]) -> Result<(), Refusal> {
    refuse(tier, used, RefusalKind::TierChangeNotAllowed)
}

fn refuse(tier: UserPoolTierType, used: &[Feature], kind: RefusalKind) -> Result<(), Refusal> {
    let beyond = used.iter().filter(|feature| !feature.is_in(tier));
    let names: Vec<&str> = beyond.map(|feature| feature.name()).collect();
    if names.is_empty() {
        return Ok(());
    }
    let text: String = format!(
        "The following features need to be disabled for the {tier} pricing tier configured: {}",
        names.join(", ")
    );
    Err(Refusal::new(kind, text))
}

/// The features that settings of a pool use.
pub(super) fn of_settings(settings: &UserPoolType) -> Vec<Feature> {
    let policies = settings.policies.as_ref();
    let password = policies.and_then(|policies| policies.password_policy.as_ref());
    let history = password.and_then(|policy| policy.password_history_size);
    let sign_in = policies.and_then(|policies| policies.sign_in_policy.as_ref());
    let factors = sign_in.and_then(|policy| policy.allowed_first_auth_factors.as_ref());
    let triggers = settings.lambda_config.as_ref();
    let tokens = triggers.and_then(|triggers| triggers.pre_token_generation_config.as_ref());
    let event = tokens.map(|config| config.lambda_version);
    let add_ons = settings.user_pool_add_ons.as_ref();
    let protection = add_ons.map(|add_ons| add_ons.advanced_security_mode);
    let registration = settings.dcr_configuration.as_ref();
    let mut levels = settings.acr_configuration.iter().flatten();
    [
        (
            Feature::PasswordHistory,
            history.is_some_and(|size| size > 0),
        ),
        (
            Feature::Passwordless,
            factors.is_some_and(|factors| factors.len() > 1),
        ),
        (
            Feature::TokenEventV2,
            event == Some(PreTokenGenerationLambdaVersionType::V2_0),
        ),
        (
            Feature::TokenEventV3,
            event == Some(PreTokenGenerationLambdaVersionType::V3_0),
        ),
        (
            Feature::ThreatProtection,
            protection.is_some_and(|mode| mode != AdvancedSecurityModeType::Off),
        ),
        (
            Feature::Registration,
            registration.is_some_and(|given| given.enable_status == Some(StatusType::Enabled)),
        ),
        (
            Feature::AcrNames,
            levels.any(|(level, named)| named.acr_value != acr_default(level)),
        ),
    ]
    .into_iter()
    .filter_map(|(feature, is_used)| is_used.then_some(feature))
    .collect()
}

/// The features that second factors of a pool use.
pub(super) fn of_factors(factors: &FactorRules) -> Vec<Feature> {
    let passkeys = factors.passkeys.as_ref();
    let two = passkeys.is_some_and(|passkeys| passkeys.two_factors == Some(true));
    let email = factors.email.as_ref().map(|_| Feature::EmailFactor);
    let two = two.then_some(Feature::PasskeysAsTwoFactors);
    email.into_iter().chain(two).collect()
}

/// The features that a pool got by operations of their own, but for the pages of its domains.
pub(super) fn of_apart(apart: &Apart) -> Vec<Feature> {
    let mut used = of_factors(&apart.factors);
    if apart.sessions.tracked {
        used.push(Feature::Sessions);
    }
    if apart
        .logs
        .iter()
        .any(|log| log.source == LogSource::AuthEvents)
    {
        used.push(Feature::LogExport);
    }
    if !apart.replicas.is_empty() {
        used.push(Feature::Replicas);
    }
    used
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_has_what_the_lower_ones_have_and_more() {
        use Feature as F;
        for feature in [
            F::AcrNames,
            F::ChoiceOfFactors,
            F::EmailFactor,
            F::LogExport,
            F::ManagedLogin,
            F::PasskeysAsTwoFactors,
            F::PasswordHistory,
            F::Passwordless,
            F::Registration,
            F::Replicas,
            F::Rotation,
            F::Sessions,
            F::StepUp,
            F::ThreatProtection,
            F::TokenEventV2,
            F::TokenEventV3,
        ] {
            let plus = [F::LogExport, F::ThreatProtection].contains(&feature);
            assert!(!feature.is_in(UserPoolTierType::Lite), "{feature:?}");
            assert_eq!(
                feature.is_in(UserPoolTierType::Essentials),
                !plus,
                "{feature:?}"
            );
            assert!(feature.is_in(UserPoolTierType::Plus), "{feature:?}");
        }
    }

    #[test]
    fn every_feature_above_the_tier_is_named() {
        let used = [Feature::Passwordless, Feature::ThreatProtection];
        let refused =
            |tier| check_in(tier, &used).map_err(|refusal| String::from(refusal.message()));
        assert_eq!(
            refused(UserPoolTierType::Essentials),
            Err("The following features need to be disabled for the ESSENTIALS pricing tier configured: Threat Protection".into())
        );
        assert_eq!(
            refused(UserPoolTierType::Lite),
            Err("The following features need to be disabled for the LITE pricing tier configured: Passwordless Sign-In, Threat Protection".into())
        );
        assert_eq!(refused(UserPoolTierType::Plus), Ok(()));
    }
}
