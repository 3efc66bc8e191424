//! From the description of a pool to the rules that other operations read.

use alloc::vec::Vec;

use userpool_wire::idp::{
    AdvancedSecurityEnabledModeType, AdvancedSecurityModeType, AliasAttributeType,
    DefaultEmailOptionType, DeletionProtectionType, RecoveryOptionNameType, UserPoolMfaType,
    UserPoolType, UsernameAttributeType, VerifiedAttributeType,
};

use super::{description::Apart, triggers};
use crate::{
    few,
    model::{
        pool::{
            DeviceRules, LinkTexts, MessageTexts, MfaRule, NameRule, PasswordPolicy, PoolRules,
            Protection, ProtectionMode, RecoveryOption,
        },
        schema::AttributeRule,
    },
};

/// The rules of a pool with these settings, whose defaults are filled in.
pub(super) fn of(settings: &UserPoolType, schema: Vec<AttributeRule>, apart: Apart) -> PoolRules {
    let verifies = |attribute| {
        settings
            .auto_verified_attributes
            .as_ref()
            .is_some_and(|attributes| attributes.contains(&attribute))
    };
    let waits = |attribute| {
        settings
            .user_attribute_update_settings
            .as_ref()
            .and_then(|update| {
                update
                    .attributes_require_verification_before_update
                    .as_ref()
            })
            .is_some_and(|attributes| attributes.contains(&attribute))
    };
    let admin_create = settings.admin_create_user_config.as_ref();
    let sign_in = settings
        .policies
        .as_ref()
        .and_then(|policies| policies.sign_in_policy.as_ref());
    PoolRules {
        names: names(settings),
        case_sensitive: settings
            .username_configuration
            .as_ref()
            .is_none_or(|configuration| configuration.case_sensitive),
        auto_verify_email: verifies(VerifiedAttributeType::Email),
        auto_verify_phone: verifies(VerifiedAttributeType::PhoneNumber),
        verify_email_before_update: waits(VerifiedAttributeType::Email),
        verify_phone_before_update: waits(VerifiedAttributeType::PhoneNumber),
        password: password(settings),
        admin_create_only: admin_create
            .and_then(|config| config.allow_admin_create_user_only)
            .unwrap_or(false),
        recovery: recovery(settings),
        mfa: match settings.mfa_configuration {
            None | Some(UserPoolMfaType::Off) => MfaRule::Off,
            Some(UserPoolMfaType::Optional) => MfaRule::Optional,
            Some(UserPoolMfaType::On) => MfaRule::On,
        },
        schema,
        factors: apart.factors,
        sessions: apart.sessions,
        domains: apart.domains,
        logs: apart.logs,
        replicas: apart.replicas,
        protection: protection(settings),
        messages: messages(settings),
        triggers: settings
            .lambda_config
            .as_ref()
            .map(triggers::by_name)
            .unwrap_or_default(),
        first_factors: sign_in
            .and_then(|policy| policy.allowed_first_auth_factors.as_ref())
            .map_or_else(
                || ["PASSWORD".into()].into(),
                |factors| {
                    factors
                        .iter()
                        .map(|factor| factor.as_str().into())
                        .collect()
                },
            ),
        deletion_protection: settings.deletion_protection == Some(DeletionProtectionType::Active),
        token_event: settings
            .lambda_config
            .as_ref()
            .and_then(triggers::token_event),
        message_key: settings
            .lambda_config
            .as_ref()
            .and_then(|triggers| triggers.kms_key_id.clone()),
        devices: settings
            .device_configuration
            .as_ref()
            .map(|devices| DeviceRules {
                replaces_factors: devices.challenge_required_on_new_device.unwrap_or(false),
                waits_for_user: devices
                    .device_only_remembered_on_user_prompt
                    .unwrap_or(false),
            }),
    }
}

fn names(settings: &UserPoolType) -> NameRule {
    if let Some(aliases) = &settings.alias_attributes {
        return NameRule::Alias {
            email: aliases.contains(&AliasAttributeType::Email),
            phone: aliases.contains(&AliasAttributeType::PhoneNumber),
            preferred: aliases.contains(&AliasAttributeType::PreferredUsername),
        };
    }
    if let Some(attributes) = &settings.username_attributes {
        return NameRule::Attribute {
            email: attributes.contains(&UsernameAttributeType::Email),
            phone: attributes.contains(&UsernameAttributeType::PhoneNumber),
        };
    }
    NameRule::Username
}

fn password(settings: &UserPoolType) -> PasswordPolicy {
    let policy = settings
        .policies
        .as_ref()
        .and_then(|policies| policies.password_policy.clone())
        .unwrap_or_default();
    // The defaults were filled in and the bounds checked, so nothing is lost here.
    let number = |given: Option<i32>, default: u16| {
        given.map_or(default, |given| u16::try_from(given).unwrap_or(default))
    };
    PasswordPolicy {
        minimum: number(policy.minimum_length, 8),
        upper: policy.require_uppercase.unwrap_or(true),
        lower: policy.require_lowercase.unwrap_or(true),
        numbers: policy.require_numbers.unwrap_or(true),
        symbols: policy.require_symbols.unwrap_or(true),
        temporary_days: number(policy.temporary_password_validity_days, 7),
        history: policy
            .password_history_size
            .map_or(0, |size| u8::try_from(size).unwrap_or(0)),
    }
}

fn recovery(settings: &UserPoolType) -> Option<Vec<RecoveryOption>> {
    let mut mechanisms = settings
        .account_recovery_setting
        .as_ref()?
        .recovery_mechanisms
        .clone()?;
    few::sort_by(&mut mechanisms, |one, other| {
        one.priority.cmp(&other.priority)
    });
    Some(
        mechanisms
            .into_iter()
            .map(|mechanism| match mechanism.name {
                RecoveryOptionNameType::VerifiedEmail => RecoveryOption::VerifiedEmail,
                RecoveryOptionNameType::VerifiedPhoneNumber => RecoveryOption::VerifiedPhone,
                RecoveryOptionNameType::AdminOnly => RecoveryOption::AdminOnly,
            })
            .collect(),
    )
}

fn protection(settings: &UserPoolType) -> Protection {
    let Some(add_ons) = &settings.user_pool_add_ons else {
        return Protection::default();
    };
    let custom = add_ons
        .advanced_security_additional_flows
        .as_ref()
        .and_then(|flows| flows.custom_auth_mode);
    Protection {
        mode: match add_ons.advanced_security_mode {
            AdvancedSecurityModeType::Off => None,
            AdvancedSecurityModeType::Audit => Some(ProtectionMode::Audit),
            AdvancedSecurityModeType::Enforced => Some(ProtectionMode::Enforced),
        },
        custom: custom.map(|mode| match mode {
            AdvancedSecurityEnabledModeType::Audit => ProtectionMode::Audit,
            AdvancedSecurityEnabledModeType::Enforced => ProtectionMode::Enforced,
        }),
    }
}

fn messages(settings: &UserPoolType) -> MessageTexts {
    let invitation = settings
        .admin_create_user_config
        .as_ref()
        .and_then(|config| config.invite_message_template.clone())
        .unwrap_or_default();
    let template = settings.verification_message_template.as_ref();
    let link = template.filter(|template| {
        template.default_email_option == Some(DefaultEmailOptionType::ConfirmWithLink)
    });
    MessageTexts {
        sms: settings.sms_verification_message.clone(),
        email: settings.email_verification_message.clone(),
        email_subject: settings.email_verification_subject.clone(),
        invite_sms: invitation.sms_message,
        invite_email: invitation.email_message,
        invite_subject: invitation.email_subject,
        authentication: settings.sms_authentication_message.clone(),
        link: link.map(|template| LinkTexts {
            body: template.email_message_by_link.clone(),
            subject: template.email_subject_by_link.clone(),
        }),
    }
}
