//! The description of a pool in its record, and as the API shows it.
//!
//! Texts of messages and the schema stand only in the rules and are put back when the pool is shown: they
//! are large, and a record has an end.

use alloc::{string::String, vec::Vec};

use userpool_ports::{Timestamp as Moment, storage::MAX_VALUE};
use userpool_wire::{
    Encode, Timestamp,
    idp::{
        AdminCreateUserConfigType, DescribeUserPoolRequest, DescribeUserPoolResponse,
        MessageTemplateType, UserPoolType, VerificationMessageTemplateType,
    },
    parse_reply,
};

use super::{invalid, policies, rules, schema};
use crate::{
    engine::{Cx, Fault, Held, Refusal, Run, record::encode},
    model::{
        logs::LogRule,
        pool::{Domains, FactorRules, Pool, SessionRules},
        replica::Replica,
        schema::AttributeRule,
    },
};

/// What operations of their own set, and the settings of a pool do not hold.
pub(super) struct Apart {
    pub factors: FactorRules,
    pub sessions: SessionRules,
    pub domains: Domains,
    pub logs: Vec<LogRule>,
    pub replicas: Vec<Replica>,
}

impl Apart {
    /// What a pool has.
    pub fn of(pool: &Pool) -> Self {
        Self {
            factors: pool.rules.factors.clone(),
            sessions: pool.rules.sessions,
            domains: pool.rules.domains.clone(),
            logs: pool.rules.logs.clone(),
            replicas: pool.rules.replicas.clone(),
        }
    }
}

/// A pool of this id with these settings, this schema and what is set apart from them.
///
/// # Errors
/// Refuses settings that are too large to be kept.
pub(super) fn keep(
    id: &str,
    created: Moment,
    modified: Moment,
    schema: Vec<AttributeRule>,
    apart: Apart,
    settings: UserPoolType,
) -> Result<Pool, Refusal> {
    let rules = rules::of(&settings, schema, apart);
    let description = DescribeUserPoolResponse {
        user_pool: Some(without_texts(settings)),
    }
    .to_json();
    let pool = Pool {
        id: id.into(),
        created,
        modified,
        deleting: false,
        rules,
        description,
    };
    if encode(&pool).len() <= MAX_VALUE {
        Ok(pool)
    } else {
        Err(invalid(
            "The settings of the user pool are too large: its texts and tags together may take 48 KiB.",
        ))
    }
}

/// Keeps a pool with what is set apart, or with tags, changed. It does not count as changed: its settings are the same.
///
/// # Errors
/// As [`keep`].
pub(super) fn keep_undated(
    cx: &mut Cx<'_>,
    pool: &Held<Pool>,
    apart: Apart,
    settings: UserPoolType,
) -> Run<()> {
    let schema = pool.rules.schema.clone();
    let (created, modified) = (pool.created, pool.modified);
    let changed = keep(&pool.id, created, modified, schema, apart, settings)?;
    cx.update(pool, &changed);
    Ok(())
}

/// The settings of a pool with its texts, without dates, counts and schema.
///
/// # Errors
/// A fault if the record cannot be read.
pub(crate) fn settings(pool: &Pool) -> Run<UserPoolType> {
    let answer = parse_reply::<DescribeUserPoolRequest>(pool.description.as_bytes())
        .map_err(|cause| Fault::caused("the description of a user pool", cause))?;
    let settings = answer
        .user_pool
        .ok_or_else(|| Fault::new("the description of a user pool"))?;
    Ok(with_texts(settings, pool))
}

/// The whole pool as the API shows it.
///
/// # Errors
/// A fault if the record cannot be read.
pub(super) fn shown(pool: &Pool, users: u64) -> Run<UserPoolType> {
    let mut shown = settings(pool)?;
    shown.policies = Some(policies::shown(shown.policies.unwrap_or_default()));
    shown.last_modified_date = Some(Timestamp::from_millis(pool.modified.millis()));
    shown.creation_date = Some(Timestamp::from_millis(pool.created.millis()));
    shown.schema_attributes = Some(pool.rules.schema.iter().map(schema::shown).collect());
    shown.domain = pool.rules.domains.prefix.clone();
    shown.custom_domain = pool.rules.domains.custom.clone();
    shown.estimated_number_of_users = Some(i32::try_from(users).unwrap_or(i32::MAX));
    Ok(shown)
}

fn without_texts(settings: UserPoolType) -> UserPoolType {
    let template = settings.verification_message_template;
    let admin_create = settings.admin_create_user_config;
    UserPoolType {
        sms_verification_message: None,
        email_verification_message: None,
        email_verification_subject: None,
        sms_authentication_message: None,
        verification_message_template: template.map(|template| VerificationMessageTemplateType {
            sms_message: None,
            email_message: None,
            email_subject: None,
            ..template
        }),
        admin_create_user_config: admin_create.map(|config| AdminCreateUserConfigType {
            invite_message_template: None,
            ..config
        }),
        ..settings
    }
}

fn with_texts(settings: UserPoolType, pool: &Pool) -> UserPoolType {
    let texts = &pool.rules.messages;
    let template = settings.verification_message_template.unwrap_or_default();
    let admin_create = settings.admin_create_user_config.unwrap_or_default();
    let invited = [
        &texts.invite_sms,
        &texts.invite_email,
        &texts.invite_subject,
    ]
    .iter()
    .any(|text| text.is_some());
    let kept = |text: &Option<String>| text.clone();
    UserPoolType {
        sms_verification_message: kept(&texts.sms),
        email_verification_message: kept(&texts.email),
        email_verification_subject: kept(&texts.email_subject),
        sms_authentication_message: kept(&texts.authentication),
        verification_message_template: Some(VerificationMessageTemplateType {
            sms_message: kept(&texts.sms),
            email_message: kept(&texts.email),
            email_subject: kept(&texts.email_subject),
            ..template
        }),
        admin_create_user_config: Some(AdminCreateUserConfigType {
            invite_message_template: invited.then(|| MessageTemplateType {
                sms_message: kept(&texts.invite_sms),
                email_message: kept(&texts.invite_email),
                email_subject: kept(&texts.invite_subject),
            }),
            ..admin_create
        }),
        ..settings
    }
}
