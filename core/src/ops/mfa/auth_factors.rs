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
        passkeys::Passkeys,
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
    let access = authorize_beside(
        cx,
        &req.access_token,
        &[keys::factors, keys::password, keys::passkeys],
    )?;
    let (pool, head) = (&access.party.pool, &access.head);
    let profile = records::profile(cx, pool, head)?;
    let password = records::password(cx, pool, head)?;
    let attributes = user_type::effective(cx, pool, &head.sub, &profile)?;
    let factors = cx.get::<Factors>(&keys::factors(&pool.id, &head.sub))?;
    let factors = factors.as_deref();
    let passkeys = cx.get::<Passkeys>(&keys::passkeys(&pool.id, &head.sub))?;
    let has_passkey = passkeys.is_some_and(|passkeys| !passkeys.all.is_empty());
    Ok(GetUserAuthFactorsResponse {
        username: head.username.as_str().into(),
        preferred_mfa_setting: shown::preferred(factors),
        user_mfa_setting_list: shown::list(factors),
        configured_user_auth_factors: Some(configured(pool, &password, &attributes, has_passkey)),
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
    let also = [keys::factors, keys::password, keys::passkeys];
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
    let passkeys = cx.get::<Passkeys>(&keys::passkeys(&pool.id, &head.sub))?;
    let has_passkey = passkeys.is_some_and(|passkeys| !passkeys.all.is_empty());
    Ok(AdminGetUserAuthFactorsResponse {
        username: head.username.as_str().into(),
        preferred_mfa_setting: shown::preferred(factors),
        user_mfa_setting_list: shown::list(factors),
        configured_user_auth_factors: Some(configured(pool, &password, &attributes, has_passkey)),
    })
}

/// The first factors of the pool that the user has: a password, verified addresses, passkeys.
fn configured(
    pool: &Pool,
    password: &Password,
    attributes: &BTreeMap<String, String>,
    has_passkey: bool,
) -> Vec<AuthFactorType> {
    let verified = |kind: AliasKind| {
        let flag = attributes.get(directory::flag(kind));
        flag.is_some_and(|flag| flag == "true")
    };
    let offered = |factor: AuthFactorType| {
        let allowed = &pool.rules.first_factors;
        allowed.iter().any(|it| it == factor.as_str())
    };
    let mut factors = Vec::with_capacity(4);
    if password.current.is_some() {
        factors.push(AuthFactorType::Password);
    }
    for (factor, has) in [
        (AuthFactorType::EmailOtp, verified(AliasKind::Email)),
        (AuthFactorType::SmsOtp, verified(AliasKind::Phone)),
        (AuthFactorType::WebAuthn, has_passkey),
    ] {
        if has && offered(factor) {
            factors.push(factor);
        }
    }
    factors
}
