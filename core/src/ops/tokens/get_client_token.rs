//! GetClientToken.

use alloc::{string::String, sync::Arc, vec::Vec};

use userpool_wire::idp::{
    ClientAuthenticationResultType, GetClientTokenRequest, GetClientTokenResponse,
};

use super::client_secret;
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    ops::{
        clients::{description, oauth::SCOPES},
        oauth::machine,
        parties,
    },
};

/// Gives an app client an access token of its own, as the grant `client_credentials` of the token endpoint does. The
/// secret proves the client, signed or not.
///
/// Refusals, in this order: unknown client, wrong secret, a client without the flow `ALLOW_CLIENT_TOKEN_AUTH`, a scope that is not one of the
/// client's own, the trigger before tokens.
///
/// # Errors
/// The refusals above; stops the run until the token is signed.
pub fn get_client_token(
    cx: &mut Cx<'_>,
    req: &GetClientTokenRequest,
) -> Run<GetClientTokenResponse> {
    let party = parties::client(cx, &req.client_id)?.saying(req.client_metadata.as_deref());
    cx.once(|cx| client_secret::prove(cx, &party.client, Some(&req.secret)))?;
    if !party.client.flows.client_token {
        let text = "ALLOW_CLIENT_TOKEN_AUTH flow not enabled for this client";
        return Err(Refusal::new(RefusalKind::InvalidParameter, text).into());
    }
    let scopes = cx.once(|_| {
        let settings = description::settings(&party.client)?;
        let own = settings.allowed_o_auth_scopes.unwrap_or_default();
        let own = own.into_iter().filter(|it| !SCOPES.contains(&it.as_str()));
        let scopes = chosen(own.collect(), req.scopes.as_deref())?;
        Ok(Arc::new(scopes))
    })?;
    let result = machine::token(cx, &party, Vec::clone(&scopes))?;
    Ok(GetClientTokenResponse {
        client_authentication_result: Some(ClientAuthenticationResultType {
            access_token: result.access_token,
            expires_in: result.expires_in,
            token_type: result.token_type,
        }),
    })
}

/// Those that are asked for among a client's own, or all.
fn chosen(own: Vec<String>, asked: Option<&[String]>) -> Result<Vec<String>, Refusal> {
    let Some(asked) = asked else {
        return Ok(own);
    };
    let mut scopes: Vec<String> = Vec::new();
    for scope in asked {
        if !own.contains(scope) {
            let text = "A scope is not one of the client's.";
            return Err(Refusal::new(RefusalKind::InvalidParameter, text));
        }
        if !scopes.contains(scope) {
            scopes.push(scope.clone());
        }
    }
    Ok(scopes)
}
