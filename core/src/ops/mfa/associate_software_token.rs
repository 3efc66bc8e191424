//! AssociateSoftwareToken: gives out the secret of a new software token.

use userpool_crypto::{base32, secret::SecretText};
use userpool_wire::idp::{AssociateSoftwareTokenRequest, AssociateSoftwareTokenResponse};

use super::{
    secret::{self, LENGTH},
    software_token,
};
use crate::{
    engine::{Cx, Run},
    model::{
        chain::{Chain, Step},
        factors::{Factor, Factors},
        keys,
    },
    ops::{
        access::authorize_beside,
        sign_in::{
            mfa_setup,
            session::{self, Link},
        },
    },
};

/// Gives out the secret of a new software token, which counts once VerifySoftwareToken has seen a code of it. Another
/// call replaces it. A token in use stays in use until then.
///
/// Refusals, in this order: neither access token nor Session; those of the access token, or of a Session that waits
/// for no setup, or whose user has a factor by now; a pool without software tokens.
///
/// # Errors
/// The refusals above.
pub(crate) fn associate_software_token(
    cx: &mut Cx<'_>,
    req: &AssociateSoftwareTokenRequest,
) -> Run<AssociateSoftwareTokenResponse> {
    match (&req.access_token, &req.session) {
        (Some(token), _) => by_token(cx, token),
        (None, Some(session)) => by_session(cx, session),
        (None, None) => Err(software_token::neither().into()),
    }
}

fn by_token(cx: &mut Cx<'_>, token: &str) -> Run<AssociateSoftwareTokenResponse> {
    let access = authorize_beside(cx, token, &[keys::factors])?;
    let (pool, head) = (&access.party.pool, &access.head);
    secret::check_pool(pool)?;
    let key = keys::factors(&pool.id, &head.sub);
    let held = cx.get::<Factors>(&key)?;
    let drawn: [u8; LENGTH] = cx.random("software token");
    let before = held.as_deref().cloned();
    let becomes = Factors {
        pending: Some(secret::seal(cx, pool, &key, &drawn)),
        ..before.unwrap_or_default()
    };
    access.hold(cx);
    cx.upsert_until(&key, held.as_ref(), &becomes, None);
    Ok(reply(&drawn, None))
}

fn by_session(cx: &mut Cx<'_>, text: &str) -> Run<AssociateSoftwareTokenResponse> {
    let steps = [Step::Setup, Step::Secret];
    let (party, answer) = software_token::in_setup(cx, text, &steps)?;
    mfa_setup::check_due(&party, &answer, Factor::SoftwareToken)?;
    let Link { chain, .. } = &answer.link;
    let drawn: [u8; LENGTH] = cx.random("software token");
    let head = &answer.attempt.head;
    let next = Chain {
        secret: Some(secret::seal(cx, &party.pool, chain.key(), &drawn)),
        ..chain.led_to(Step::Secret, head)
    };
    cx.check(head);
    let session = session::lead_on(cx, &party, &answer.link, &next)?;
    Ok(reply(&drawn, Some(SecretText::new(session))))
}

fn reply(secret: &[u8], session: Option<SecretText>) -> AssociateSoftwareTokenResponse {
    AssociateSoftwareTokenResponse {
        secret_code: Some(base32::encode(secret).into()),
        session: session.map(|session| session.expose().into()),
    }
}
