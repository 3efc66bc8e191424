//! GetUserAuthFactors and AdminGetUserAuthFactors: what a user can sign in with.

use alloc::{collections::BTreeMap, string::String, vec::Vec};

use userpool_wire::idp::{
    AdminGetUserAuthFactorsRequest, AdminGetUserAuthFactorsResponse, AuthFactorType,
    GetUserAuthFactorsRequest, GetUserAuthFactorsResponse,
};

use super::shown;
use crate::{
    engine::{Cx, Run},
    model::{
        factors::Factors,
        keys,
        pool::Pool,
        user::{AliasKind, Password},
    },
    ops::{
        access::authorize_beside, admin::subject::Subject, directory, user_type, users::records,
    },
};

/// Tells a user what the user can sign in with.
///
/// Refusals: those of the access token.
///
/// # Errors
/// The refusals above.
pub(crate) fn get_user_auth_factors(
    cx: &mut Cx<'_>,
    req: &GetUserAuthFactorsRequest,
) -> Run<GetUserAuthFactorsResponse> {
    let access = authorize_beside(cx, &req.access_token, &[keys::factors, keys::password])?;
    let (pool, head) = (&access.party.pool, &access.head);
    let profile = records::profile(cx, pool, head)?;
    let password = records::password(cx, pool, head)?;
    let attributes = user_type::effective(cx, pool, &head.sub, &profile)?;
    let factors = cx.get::<Factors>(&keys::factors(&pool.id, &head.sub))?;
    let factors = factors.as_deref();
    Ok(GetUserAuthFactorsResponse {
        username: head.username.as_str().into(),
        preferred_mfa_setting: shown::preferred(factors),
        user_mfa_setting_list: shown::list(factors),
        configured_user_auth_factors: Some(configured(pool, &password, &attributes)),
    })
}

/// Tells an administrator what a user can sign in with.
///
/// Refusals, in this order: unknown pool, unknown user.
///
/// # Errors
/// The refusals above.
pub(crate) fn admin_get_user_auth_factors(
    cx: &mut Cx<'_>,
    req: &AdminGetUserAuthFactorsRequest,
) -> Run<AdminGetUserAuthFactorsResponse> {
    let also = [keys::factors, keys::password];
    let user = Subject::load(
        cx,
        &req.user_pool_id,
        &req.username,
        &also.map(|key| key as _),
    )?;
    let (pool, head) = (&user.pool, &user.head);
    let password = user.password(cx)?;
    let attributes = user_type::effective(cx, pool, &head.sub, &user.profile)?;
    let factors = cx.get::<Factors>(&keys::factors(&pool.id, &head.sub))?;
    let factors = factors.as_deref();
    Ok(AdminGetUserAuthFactorsResponse {
        username: head.username.as_str().into(),
        preferred_mfa_setting: shown::preferred(factors),
        user_mfa_setting_list: shown::list(factors),
        configured_user_auth_factors: Some(configured(pool, &password, &attributes)),
    })
}

/// The first factors of the pool that the user has: a password, verified addresses.
fn configured(
    pool: &Pool,
    password: &Password,
    attributes: &BTreeMap<String, String>,
) -> Vec<AuthFactorType> {
    let verified = |kind: AliasKind| {
        let flag = attributes.get(directory::flag(kind));
        flag.is_some_and(|flag| flag == "true")
    };
    let mut factors = Vec::with_capacity(3);
    if password.current.is_some() {
        factors.push(AuthFactorType::Password);
    }
    for (factor, kind) in [
        (AuthFactorType::EmailOtp, AliasKind::Email),
        (AuthFactorType::SmsOtp, AliasKind::Phone),
    ] {
        let offered = pool
            .rules
            .first_factors
            .iter()
            .any(|it| it == factor.as_str());
        if offered && verified(kind) {
            factors.push(factor);
        }
    }
    factors
}
