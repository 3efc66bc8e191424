//! CreateUserPool.

use alloc::{format, string::String, vec::Vec};

use userpool_wire::idp::{
    AliasAttributeType, CreateUserPoolRequest, CreateUserPoolResponse, UserPoolType,
};

use super::{
    description::{self, Apart},
    invalid, mfa_config, schema,
    settings::{complete, distinct, given},
};
use crate::{
    engine::{Cx, Refusal, Run},
    model::{
        keys,
        pool::{Domains, FactorRules, PoolSecrets, SessionRules},
        schema::AttributeRule,
    },
    ops::{
        arn, drawn,
        secrets::{POOL_SECRET, SECRET_FIELD},
    },
};

/// Makes a user pool, with the secrets that it keeps for ever. Its signing keys are made when first needed.
///
/// Refusals, in this order: aliases together with user name attributes, settings that do not fit, a schema
/// that does not fit, an alias that would also be required, settings too large to be kept.
pub(crate) fn create_user_pool(
    cx: &mut Cx<'_>,
    request: &CreateUserPoolRequest,
) -> Run<CreateUserPoolResponse> {
    let name = drawn::text(cx, "pool id", drawn::LETTERS_AND_DIGITS, 9);
    let id = format!("{}_{name}", region(cx));
    make_user_pool(cx, &id, request)
}

/// Makes a user pool of this id, which names its region.
pub(crate) fn make_user_pool(
    cx: &mut Cx<'_>,
    id: &str,
    request: &CreateUserPoolRequest,
) -> Run<CreateUserPoolResponse> {
    let aliases = distinct(request.alias_attributes.clone());
    let username_attributes = distinct(request.username_attributes.clone());
    if aliases.is_some() && username_attributes.is_some() {
        return Err(invalid(
            "Only one of the aliasAttributes or usernameAttributes can be set in a user pool.",
        )
        .into());
    }
    let settings = complete(given!(request))?;
    let schema = schema::new(request.schema.as_deref().unwrap_or_default())?;
    check_aliases(aliases.as_deref().unwrap_or_default(), &schema)?;

    let region = id.rsplit_once('_').map_or("", |(region, _)| region);
    let account = &cx.environment().account_id;
    let settings = UserPoolType {
        arn: Some(format!(
            "{}:userpool/{id}",
            arn::of("cognito-idp", region, account)
        )),
        id: Some(id.into()),
        name: Some(request.pool_name.clone()),
        alias_attributes: aliases,
        username_attributes,
        username_configuration: request.username_configuration.clone(),
        ..settings
    };
    let apart = Apart {
        factors: mfa_config::following(&settings, FactorRules::default()),
        sessions: SessionRules::default(),
        domains: Domains::default(),
        logs: Vec::new(),
        replicas: Vec::new(),
    };
    let pool = description::keep(id, cx.now(), cx.now(), schema, apart, settings)?;

    cx.insert(&keys::pool(id), &pool);
    let key = keys::pool_secrets(id);
    let secret = cx.random::<32>("pool secret");
    let sealed = cx.seal(POOL_SECRET, id, &key, SECRET_FIELD, &secret);
    cx.insert(&key, &PoolSecrets { sealed });
    Ok(CreateUserPoolResponse {
        user_pool: Some(description::shown(&pool, 0)?),
    })
}

/// The region of a new pool: that of the request's signature where it has the form of one.
fn region(cx: &Cx<'_>) -> String {
    let signed = cx.caller().region.as_deref().filter(|region| {
        (1..=32).contains(&region.len())
            && region
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    });
    signed.unwrap_or(&cx.environment().default_region).into()
}

/// A preferred user name is an alias only after confirmation, so it cannot be asked for at sign-up.
fn check_aliases(aliases: &[AliasAttributeType], schema: &[AttributeRule]) -> Result<(), Refusal> {
    let required = schema
        .iter()
        .any(|rule| rule.name == "preferred_username" && rule.required);
    if required && aliases.contains(&AliasAttributeType::PreferredUsername) {
        return Err(invalid(
            "preferred_username cannot be both required and an alias.",
        ));
    }
    Ok(())
}
