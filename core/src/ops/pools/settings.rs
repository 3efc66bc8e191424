//! The settings that both CreateUserPool and UpdateUserPool take: what an omitted one means, and what fits.

use alloc::{collections::BTreeMap, format, string::String, vec::Vec};

use userpool_wire::idp::{
    AccountRecoverySettingType, AcrLevelConfigType, AdminCreateUserConfigType,
    DcrConfigurationType, DeletionProtectionType, EmailConfigurationType, EmailSendingAccountType,
    EncryptionKeyType, KeyConfigurationType, OAuthFlowType, RecoveryOptionNameType,
    SmsConfigurationType, StatusType, UserAttributeUpdateSettingsType, UserPoolMfaType,
    UserPoolTierType, UserPoolType, VerifiedAttributeType,
};

use super::{invalid, messages::Texts, policies, tags, tiers, triggers};
use crate::{
    engine::{Refusal, RefusalKind},
    few,
};

/// The mutable settings of a request, as the members of a description that have the same names.
macro_rules! given {
    ($request:expr) => {
        userpool_wire::idp::UserPoolType {
            policies: $request.policies.clone(),
            deletion_protection: $request.deletion_protection,
            lambda_config: $request.lambda_config.clone(),
            auto_verified_attributes: $request.auto_verified_attributes.clone(),
            sms_verification_message: $request.sms_verification_message.clone(),
            email_verification_message: $request.email_verification_message.clone(),
            email_verification_subject: $request.email_verification_subject.clone(),
            verification_message_template: $request.verification_message_template.clone(),
            sms_authentication_message: $request.sms_authentication_message.clone(),
            user_attribute_update_settings: $request.user_attribute_update_settings.clone(),
            mfa_configuration: $request.mfa_configuration,
            device_configuration: $request.device_configuration.clone(),
            email_configuration: $request.email_configuration.clone(),
            sms_configuration: $request.sms_configuration.clone(),
            user_pool_tags: $request.user_pool_tags.clone(),
            admin_create_user_config: $request.admin_create_user_config.clone(),
            user_pool_add_ons: $request.user_pool_add_ons.clone(),
            dcr_configuration: $request.dcr_configuration.clone(),
            account_recovery_setting: $request.account_recovery_setting.clone(),
            user_pool_tier: $request.user_pool_tier,
            key_configuration: $request.key_configuration.clone(),
            issuer_configuration: $request.issuer_configuration.clone(),
            acr_configuration: $request.acr_configuration.clone(),
            ..userpool_wire::idp::UserPoolType::default()
        }
    };
}
pub(super) use given;

/// The settings with every default filled in.
///
/// # Errors
/// Refuses settings that do not fit, in the order of the body, and then features that the tier does not have.
pub(super) fn complete(given: UserPoolType) -> Result<UserPoolType, Refusal> {
    let tier = given.user_pool_tier.unwrap_or(UserPoolTierType::Essentials);
    let mfa = given.mfa_configuration.unwrap_or(UserPoolMfaType::Off);
    let temporary_days = policies::temporary_days(&given);
    let policies = policies::complete(given.policies.clone(), temporary_days, mfa)?;
    let lambda_config = triggers::complete(given.lambda_config.clone())?;
    let auto_verified = distinct(given.auto_verified_attributes.clone());
    check_update_settings(
        given.user_attribute_update_settings.as_ref(),
        auto_verified.as_deref(),
    )?;
    let texts = Texts::given(&given);
    let email_configuration = email_configuration(given.email_configuration)?;
    check_sms(given.sms_configuration.as_ref())?;
    let admin_create = admin_create(given.admin_create_user_config, temporary_days)?;
    check_recovery(given.account_recovery_setting.as_ref())?;
    check_key(given.key_configuration.as_ref())?;
    let acr_configuration = acr_levels(given.acr_configuration)?;
    let tags = given.user_pool_tags.unwrap_or_default();
    tags::check(&tags, RefusalKind::UserPoolTagging)?;
    let settings = UserPoolType {
        policies: Some(policies),
        deletion_protection: Some(
            given
                .deletion_protection
                .unwrap_or(DeletionProtectionType::Inactive),
        ),
        lambda_config: Some(lambda_config),
        auto_verified_attributes: auto_verified,
        sms_verification_message: texts.sms.clone(),
        email_verification_message: texts.email.clone(),
        email_verification_subject: texts.email_subject.clone(),
        verification_message_template: Some(texts.template()),
        mfa_configuration: Some(mfa),
        email_configuration: Some(email_configuration),
        user_pool_tags: Some(tags),
        admin_create_user_config: Some(admin_create),
        dcr_configuration: given.dcr_configuration.map(dcr),
        user_pool_tier: Some(tier),
        acr_configuration: Some(acr_configuration),
        // What is left is shown where it was set, as it was set.
        sms_authentication_message: given.sms_authentication_message,
        user_attribute_update_settings: given.user_attribute_update_settings,
        device_configuration: given.device_configuration,
        sms_configuration: given.sms_configuration,
        user_pool_add_ons: given.user_pool_add_ons,
        account_recovery_setting: given.account_recovery_setting,
        key_configuration: given.key_configuration,
        issuer_configuration: given.issuer_configuration,
        ..UserPoolType::default()
    };
    tiers::check_in(tier, &tiers::of_settings(&settings))?;
    Ok(settings)
}

/// The members of a set in the order given, each once; an empty set is none.
pub(super) fn distinct<T: Clone + PartialEq>(given: Option<Vec<T>>) -> Option<Vec<T>> {
    let mut kept = Vec::new();
    for member in given? {
        if !kept.contains(&member) {
            kept.push(member);
        }
    }
    (!kept.is_empty()).then_some(kept)
}

fn check_update_settings(
    settings: Option<&UserAttributeUpdateSettingsType>,
    auto_verified: Option<&[VerifiedAttributeType]>,
) -> Result<(), Refusal> {
    let waiting = settings.and_then(|settings| {
        settings
            .attributes_require_verification_before_update
            .as_deref()
    });
    let verified = auto_verified.unwrap_or_default();
    if waiting
        .unwrap_or_default()
        .iter()
        .all(|attribute| verified.contains(attribute))
    {
        return Ok(());
    }
    Err(invalid(
        "All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes",
    ))
}

fn email_configuration(
    given: Option<EmailConfigurationType>,
) -> Result<EmailConfigurationType, Refusal> {
    let mut configuration = given.unwrap_or_default();
    let account = configuration
        .email_sending_account
        .unwrap_or(EmailSendingAccountType::CognitoDefault);
    if account == EmailSendingAccountType::Developer && configuration.source_arn.is_none() {
        return Err(invalid(
            "SourceArn is required when EmailSendingAccount is DEVELOPER.",
        ));
    }
    configuration.email_sending_account = Some(account);
    Ok(configuration)
}

/// Refuses both kinds of messaging settings at once.
///
/// # Errors
/// `InvalidParameterException`.
pub(super) fn check_sms(given: Option<&SmsConfigurationType>) -> Result<(), Refusal> {
    let both = given.is_some_and(|sms| {
        sms.eums_sms.is_some()
            && sms
                .sns_caller_arn
                .as_deref()
                .is_some_and(|arn| !arn.is_empty())
    });
    if both {
        return Err(invalid(
            "Only one of SnsCallerArn and EumsSms can be set in SmsConfiguration.",
        ));
    }
    Ok(())
}

fn admin_create(
    given: Option<AdminCreateUserConfigType>,
    temporary_days: i32,
) -> Result<AdminCreateUserConfigType, Refusal> {
    let given = given.unwrap_or_default();
    if let Some(invitation) = &given.invite_message_template {
        for text in [&invitation.sms_message, &invitation.email_message] {
            if text.as_deref().is_some_and(|text| !text.contains("{####}")) {
                return Err(invalid(
                    "The invitation message must contain the placeholder {####}.",
                ));
            }
        }
    }
    Ok(AdminCreateUserConfigType {
        allow_admin_create_user_only: Some(given.allow_admin_create_user_only.unwrap_or(false)),
        unused_account_validity_days: Some(temporary_days),
        invite_message_template: given.invite_message_template,
    })
}

fn check_recovery(given: Option<&AccountRecoverySettingType>) -> Result<(), Refusal> {
    let Some(mechanisms) = given.and_then(|setting| setting.recovery_mechanisms.as_deref()) else {
        return Ok(());
    };
    if let [first, second] = mechanisms {
        if first.priority == second.priority || first.name == second.name {
            return Err(invalid(
                "Names and priorities of RecoveryMechanisms must be different.",
            ));
        }
        if [first.name, second.name].contains(&RecoveryOptionNameType::AdminOnly) {
            return Err(invalid(
                "The recovery mechanism admin_only cannot be combined with another.",
            ));
        }
    }
    Ok(())
}

fn check_key(given: Option<&KeyConfigurationType>) -> Result<(), Refusal> {
    let own = given.is_some_and(|key| key.key_type == Some(EncryptionKeyType::CustomerManagedKey));
    if own && given.is_some_and(|key| key.kms_key_arn.is_none()) {
        return Err(invalid(
            "KmsKeyArn is required when KeyType is CUSTOMER_MANAGED_KEY.",
        ));
    }
    Ok(())
}

fn dcr(given: DcrConfigurationType) -> DcrConfigurationType {
    DcrConfigurationType {
        enable_status: Some(given.enable_status.unwrap_or(StatusType::Enabled)),
        open_dcr_enabled: Some(given.open_dcr_enabled.unwrap_or(false)),
        authenticated_grant_types: Some(
            given
                .authenticated_grant_types
                .unwrap_or_else(|| [OAuthFlowType::Code, OAuthFlowType::ClientCredentials].into()),
        ),
        open_dcr_grant_types: Some(
            given
                .open_dcr_grant_types
                .unwrap_or_else(|| [OAuthFlowType::Code].into()),
        ),
        allowed_scopes: given.allowed_scopes,
    }
}

/// The names of the four levels of authentication: those given, and the service's for the others.
fn acr_levels(
    given: Option<BTreeMap<String, AcrLevelConfigType>>,
) -> Result<BTreeMap<String, AcrLevelConfigType>, Refusal> {
    let mut levels = given.unwrap_or_default();
    for number in 1..=4 {
        let level = format!("Level{number}");
        let acr_value = acr_default(&level);
        levels
            .entry(level)
            .or_insert(AcrLevelConfigType { acr_value });
    }
    let mut names: Vec<_> = levels.values().map(|level| &level.acr_value).collect();
    few::sort_by(&mut names, |one, other| one.cmp(other));
    names.dedup();
    if names.len() < levels.len() {
        return Err(invalid("The names in AcrConfiguration must be different."));
    }
    Ok(levels)
}

/// The service's name of a level of authentication, `Level1` to `Level4`.
pub(super) fn acr_default(level: &str) -> String {
    format!("urn:cognito:loa:{}", level.trim_start_matches("Level"))
}
