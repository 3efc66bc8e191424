//! User pools: making, describing, changing, deleting and listing them, their schema and their tags.
//!
//! A pool is kept twice in one record: its whole description, as the API shows it, and the rules that
//! other operations read, which are always made from the description. So a default appears, or stays
//! absent, in the same way after create, update and describe.
//!
//! Where the service's answer is not known, and at the first point below where it is known to refuse, this version
//! is the more lenient one, so that tutorials run:
//!
//! - `MfaConfiguration` ON or OPTIONAL and auto-verified phone numbers need no `SmsConfiguration`, because
//!   messages go through the host's courier and not through an account of a messaging service. A pool that asks for
//!   second factors and says of none asks for codes in text messages. E-mail as a factor needs no account of a
//!   mail service either.
//! - Roles, keys and identities of other services are kept and shown, and never used.
//! - There is no limit to the number of pools.

mod add_custom_attributes;
mod create_user_pool;
mod delete_user_pool;
mod describe_user_pool;
pub(crate) mod description;
mod get_signing_certificate;
mod list_user_pools;
mod messages;
mod mfa_config;
mod policies;
pub(crate) mod replicas;
mod rules;
mod schema;
mod settings;
mod tags;
mod tiers;
mod triggers;
mod update_user_pool;

pub(crate) use add_custom_attributes::add_custom_attributes;
pub(crate) use create_user_pool::{create_user_pool, make_user_pool};
pub(crate) use delete_user_pool::delete_user_pool;
pub(crate) use describe_user_pool::describe_user_pool;
pub(crate) use get_signing_certificate::{Use, certificate, get_signing_certificate};
pub(crate) use list_user_pools::list_user_pools;
pub(crate) use mfa_config::{get_user_pool_mfa_config, set_user_pool_mfa_config};
pub(crate) use replicas::{
    create_user_pool_replica, delete_user_pool_replica, list_user_pool_replicas,
    update_user_pool_replica,
};
pub(crate) use tags::{list_tags_for_resource, tag_resource, untag_resource};
pub(crate) use tiers::{Feature, check as check_tier, has as has_feature};
pub(crate) use update_user_pool::update_user_pool;

use alloc::{borrow::Cow, collections::BTreeMap, string::String, vec::Vec};

use userpool_wire::idp::{OAuthFlowType, StatusType};

use crate::{
    engine::{Refusal, RefusalKind, Run},
    few,
    model::pool::Pool,
};

/// The refusal of settings that do not fit.
fn invalid(text: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, text)
}

/// A pool's names for its levels of authentication, by `Level1` to `Level4`.
///
/// # Errors
/// A fault if the description of the pool cannot be read.
pub(crate) fn level_names(pool: &Pool) -> Run<BTreeMap<String, String>> {
    let levels = description::settings(pool)?.acr_configuration;
    let levels = levels.unwrap_or_default().into_iter();
    Ok(few::gather(
        levels.map(|(level, named)| (level, named.acr_value)),
    ))
}

/// What a pool says of app clients that register themselves.
#[derive(Clone)]
pub(crate) struct Registration {
    /// The grants of clients that anybody registers; `None` where nobody may.
    pub open: Option<Vec<OAuthFlowType>>,
    /// Those of clients that are registered with an access token.
    pub authenticated: Vec<OAuthFlowType>,
    /// The scopes that they may have besides the standard ones.
    pub scopes: Vec<String>,
}

/// What a pool says of app clients that register themselves; `None` where none do.
///
/// # Errors
/// A fault if the description of the pool cannot be read.
pub(crate) fn registration(pool: &Pool) -> Run<Option<Registration>> {
    let given = description::settings(pool)?.dcr_configuration;
    let given = given.filter(|given| given.enable_status == Some(StatusType::Enabled));
    Ok(given.map(|given| Registration {
        open: given
            .open_dcr_grant_types
            .filter(|_| given.open_dcr_enabled == Some(true)),
        authenticated: given.authenticated_grant_types.unwrap_or_default(),
        scopes: given.allowed_scopes.unwrap_or_default(),
    }))
}
