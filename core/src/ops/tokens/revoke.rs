//! RevokeToken: ends a refresh token, and every token that came from the same sign-in.

use userpool_wire::idp::{RevokeAssociatedSessionsType, RevokeTokenRequest, RevokeTokenResponse};

use super::{
    client_secret::{self, Fit},
    refresh_token::{Reference, is_signed_token},
};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{grant::Grant, keys, sub::Sub, user::Head},
    ops::{
        parties::{self, Party},
        sessions,
    },
};

/// Revokes a refresh token and the access tokens of its family. Other sign-ins of the user live on.
///
/// A text that is no token of ours, and a token that is dead already, is answered like success (RFC 7009
/// §2.2): there is nothing left to revoke.
///
/// Refusals, in this order: unknown client, secret missing or wrong, revocation off for the client, an ID or
/// access token, a token of another client.
///
/// In a pool that tracks sessions it ends the session of the login pages that the tokens came from too, where the
/// request says `LINKED`; other tokens of that session live on.
///
/// # Errors
/// Refuses as said; stops the run until the grant was read.
pub fn revoke_token(cx: &mut Cx<'_>, req: &RevokeTokenRequest) -> Run<RevokeTokenResponse> {
    // An unknown client is as unauthorized as a wrong secret.
    let party = parties::client_or(cx, &req.client_id, unauthorized)?;
    let secret = req.client_secret.as_ref().map(|secret| secret.as_str());
    if client_secret::fit(cx, &party.client, secret)? != Fit::Right {
        return Err(unauthorized().into());
    }
    let grant = revoke(cx, &party, &req.token)?;
    if let Some((sub, grant)) = grant
        && req.revoke_associated_sessions == Some(RevokeAssociatedSessionsType::Linked)
        && party.pool.rules.sessions.tracked
    {
        sessions::revoke::end_pages(cx, &party.pool, &sub, grant.pages.as_ref())?;
    }
    Ok(RevokeTokenResponse::default())
}

/// Revokes a refresh token for a client that has proven itself; whose it was, and its grant, unless it was dead.
///
/// # Errors
/// Refuses, in this order: revocation off for the client, an ID or access token, a token of another client.
pub(crate) fn revoke(
    cx: &mut Cx<'_>,
    party: &Party,
    token: &str,
) -> Run<Option<(Sub, Held<Grant>)>> {
    if !party.client.revocation {
        return Err(Refusal::new(
            RefusalKind::UnsupportedOperation,
            "Token revocation is not enabled for this client",
        )
        .into());
    }
    if is_signed_token(token) {
        return Err(Refusal::new(
            RefusalKind::UnsupportedTokenType,
            "Only refresh tokens can be revoked",
        )
        .into());
    }
    let pool = &party.pool.id;
    let reference = cx.once(|cx| Ok(Reference::open(token, pool, &cx.environment().root_keys)))?;
    let Some(reference) = reference else {
        return Ok(None);
    };
    if reference.client != party.client.id {
        return Err(unauthorized().into());
    }
    let head_key = keys::head(pool, &reference.sub);
    let grant_key = keys::grant(pool, &reference.sub, &reference.grant);
    cx.want([&head_key, &grant_key])?;
    let head = cx.get::<Head>(&head_key)?;
    let grant = cx.get::<Grant>(&grant_key)?;
    if let (Some(head), Some(grant)) = (head, grant)
        && !grant.is_revoked(&head)
    {
        cx.check(&head);
        let revoked = grant.revoked();
        cx.update_until(&grant, &revoked, Some(revoked.ends));
        return Ok(Some((reference.sub, grant)));
    }
    Ok(None)
}

fn unauthorized() -> Refusal {
    Refusal::new(
        RefusalKind::Unauthorized,
        "The client is not authorized to revoke this token",
    )
}
