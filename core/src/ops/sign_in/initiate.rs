//! InitiateAuth and AdminInitiateAuth: the flow is allowed, then it begins.

use alloc::{collections::BTreeMap, string::String};

use userpool_wire::idp::{
    AdminInitiateAuthRequest, AdminInitiateAuthResponse, AuthFlowType, InitiateAuthRequest,
    InitiateAuthResponse,
};

use super::{custom, outcome::Outcome, password, srp, user_auth};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    ops::{
        parties::{self, Party},
        tokens::refresh,
    },
};

/// Begins a sign-in for a user.
///
/// Refusals, in this order: unknown client, a flow that only administrators use, a flow that the client may not
/// use; then those of the flow.
///
/// # Errors
/// The refusals above.
pub fn initiate_auth(cx: &mut Cx<'_>, req: &InitiateAuthRequest) -> Run<InitiateAuthResponse> {
    let party = cx.once(|cx| {
        let party = parties::client(cx, &req.client_id)?;
        Ok(party
            .from(&req.user_context_data)
            .beginning(req.client_metadata.as_deref()))
    })?;
    let parameters = req.auth_parameters.as_deref();
    let session = req.session.as_ref().map(|session| session.as_str());
    let outcome = match req.auth_flow {
        AuthFlowType::AdminNoSrpAuth | AuthFlowType::AdminUserPasswordAuth => {
            Err(not_this_way().into())
        }
        AuthFlowType::UserPasswordAuth if party.client.flows.user_password => {
            password::judge(cx, &party, parameters)
        }
        AuthFlowType::UserPasswordAuth => {
            Err(not_allowed("USER_PASSWORD_AUTH flow not enabled for this client").into())
        }
        flow => either(cx, &party, flow, parameters, session),
    }?;
    Ok(outcome.try_into()?)
}

/// Begins a sign-in for an administrator's server.
///
/// Refusals, in this order: unknown pool or client, a flow that only users use, a flow that the client may not use;
/// then those of the flow.
///
/// # Errors
/// The refusals above.
pub fn admin_initiate_auth(
    cx: &mut Cx<'_>,
    req: &AdminInitiateAuthRequest,
) -> Run<AdminInitiateAuthResponse> {
    let party = cx.once(|cx| {
        let party = parties::client_in_pool(cx, &req.user_pool_id, &req.client_id)?;
        Ok(party
            .from(&req.context_data)
            .beginning(req.client_metadata.as_deref()))
    })?;
    let parameters = req.auth_parameters.as_deref();
    let session = req.session.as_ref().map(|session| session.as_str());
    let outcome = match req.auth_flow {
        AuthFlowType::UserPasswordAuth => Err(not_this_way().into()),
        AuthFlowType::AdminNoSrpAuth | AuthFlowType::AdminUserPasswordAuth
            if party.client.flows.admin_password =>
        {
            password::judge(cx, &party, parameters)
        }
        AuthFlowType::AdminNoSrpAuth | AuthFlowType::AdminUserPasswordAuth => {
            Err(not_allowed("Auth flow not enabled for this client").into())
        }
        flow => either(cx, &party, flow, parameters, session),
    }?;
    Ok(outcome.try_into()?)
}

/// The flows that both operations have.
fn either(
    cx: &mut Cx<'_>,
    party: &Party,
    flow: AuthFlowType,
    parameters: Option<&BTreeMap<String, String>>,
    session: Option<&str>,
) -> Run<Outcome> {
    let flows = party.client.flows;
    match flow {
        AuthFlowType::UserSrpAuth if flows.user_srp => srp::challenge(cx, party, parameters),
        AuthFlowType::UserSrpAuth => {
            Err(not_allowed("USER_SRP_AUTH is not enabled for the client.").into())
        }
        AuthFlowType::RefreshToken | AuthFlowType::RefreshTokenAuth => {
            refresh::refresh_flow(cx, party, parameters).map(Outcome::Tokens)
        }
        AuthFlowType::CustomAuth if flows.custom => custom::begin(cx, party, parameters),
        AuthFlowType::CustomAuth => {
            Err(not_allowed("CUSTOM_AUTH is not enabled for the client.").into())
        }
        AuthFlowType::UserAuth if flows.user_auth => {
            user_auth::begin(cx, party, parameters, session)
        }
        AuthFlowType::UserAuth => {
            Err(not_allowed("USER_AUTH is not enabled for the client.").into())
        }
        _ => Err(not_this_way().into()),
    }
}

fn not_allowed(text: &'static str) -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, text)
}

fn not_this_way() -> Refusal {
    Refusal::new(
        RefusalKind::InvalidParameter,
        "Initiate Auth method not supported.",
    )
}
