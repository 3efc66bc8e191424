//! What a pool keeps of sessions, and how long sessions of login pages serve a client.

use userpool_wire::idp::{
    ClientSSOSessionConfigType, GetUserPoolClientSessionConfigurationRequest,
    GetUserPoolClientSessionConfigurationResponse, GetUserPoolSessionConfigurationRequest,
    GetUserPoolSessionConfigurationResponse, SetUserPoolClientSessionConfigurationRequest,
    SetUserPoolClientSessionConfigurationResponse, SetUserPoolSessionConfigurationRequest,
    SetUserPoolSessionConfigurationResponse, UserPoolTokenSessionConfigType,
    UserSessionTrackingType,
};

use crate::{
    engine::{Cx, Run},
    model::{
        client::Client,
        pool::{Pool, PoolRules, SessionRules},
    },
    ops::{
        parties::{self, Party},
        pools,
    },
};

/// For how many minutes a session of the login pages serves a client that says nothing of it.
const SINGLE_SIGN_ON: u32 = 60;

/// Tells what a pool keeps of the sessions of its users.
///
/// Refusals: unknown pool.
///
/// # Errors
/// The refusal above.
pub fn get_user_pool_session_configuration(
    cx: &mut Cx<'_>,
    req: &GetUserPoolSessionConfigurationRequest,
) -> Run<GetUserPoolSessionConfigurationResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let (tracking, most) = shown(pool.rules.sessions);
    Ok(GetUserPoolSessionConfigurationResponse {
        user_pool_id: Some(pool.id.clone()),
        user_session_tracking: Some(tracking),
        token_session: Some(most),
    })
}

/// Replaces what a pool keeps of the sessions of its users. Sessions are listed that begin from then on; a lower
/// bound tells at a user's next sign-in.
///
/// Refusals, in this order: unknown pool, a tier below ESSENTIALS.
///
/// # Errors
/// The refusals above.
pub fn set_user_pool_session_configuration(
    cx: &mut Cx<'_>,
    req: &SetUserPoolSessionConfigurationRequest,
) -> Run<SetUserPoolSessionConfigurationResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    pools::check_tier(&pool, &[pools::Feature::Sessions])?;
    let sessions = SessionRules {
        tracked: req.user_session_tracking == UserSessionTrackingType::Enabled,
        // The bounds were checked with the request.
        most: u8::try_from(req.token_session.max_per_user).unwrap_or(u8::MAX),
    };
    let changed = Pool {
        modified: cx.now(),
        rules: PoolRules {
            sessions,
            ..pool.rules.clone()
        },
        ..Pool::clone(&pool)
    };
    cx.update(&pool, &changed);
    let (tracking, most) = shown(sessions);
    Ok(SetUserPoolSessionConfigurationResponse {
        user_pool_id: Some(pool.id.clone()),
        user_session_tracking: Some(tracking),
        token_session: Some(most),
    })
}

fn shown(rules: SessionRules) -> (UserSessionTrackingType, UserPoolTokenSessionConfigType) {
    let tracking = if rules.tracked {
        UserSessionTrackingType::Enabled
    } else {
        UserSessionTrackingType::Disabled
    };
    let most = UserPoolTokenSessionConfigType {
        max_per_user: rules.most.into(),
    };
    (tracking, most)
}

/// Tells for how long a session of the login pages serves a client.
///
/// Refusals, in this order: unknown pool, unknown client.
///
/// # Errors
/// The refusals above.
pub fn get_user_pool_client_session_configuration(
    cx: &mut Cx<'_>,
    req: &GetUserPoolClientSessionConfigurationRequest,
) -> Run<GetUserPoolClientSessionConfigurationResponse> {
    let Party { client, .. } = parties::client_in_pool(cx, &req.user_pool_id, &req.client_id)?;
    Ok(GetUserPoolClientSessionConfigurationResponse {
        user_pool_id: Some(client.pool.clone()),
        client_id: Some(client.id.as_str().into()),
        sso_session: Some(served_for(client.single_sign_on)),
    })
}

/// Replaces for how long a session of the login pages serves a client. This version has no such pages yet; it keeps
/// the setting for them.
///
/// Refusals, in this order: unknown pool, unknown client, a tier below ESSENTIALS.
///
/// # Errors
/// The refusals above.
pub fn set_user_pool_client_session_configuration(
    cx: &mut Cx<'_>,
    req: &SetUserPoolClientSessionConfigurationRequest,
) -> Run<SetUserPoolClientSessionConfigurationResponse> {
    let Party { client, pool, .. } =
        parties::client_in_pool(cx, &req.user_pool_id, &req.client_id)?;
    pools::check_tier(&pool, &[pools::Feature::Sessions])?;
    let changed = Client {
        modified: cx.now(),
        // The bounds were checked with the request.
        single_sign_on: u32::try_from(req.sso_session.max_validity_minutes).ok(),
        ..Client::clone(&client)
    };
    cx.check(&pool);
    cx.update(&client, &changed);
    Ok(SetUserPoolClientSessionConfigurationResponse {
        user_pool_id: Some(client.pool.clone()),
        client_id: Some(client.id.as_str().into()),
        sso_session: Some(served_for(changed.single_sign_on)),
    })
}

fn served_for(minutes: Option<u32>) -> ClientSSOSessionConfigType {
    let minutes = minutes.unwrap_or(SINGLE_SIGN_ON);
    ClientSSOSessionConfigType {
        max_validity_minutes: i32::try_from(minutes).unwrap_or(i32::MAX),
    }
}
