//! Authorization codes: given to a browser, exchanged by an app client.

use alloc::{string::String, sync::Arc, vec::Vec};

use userpool_crypto::{base64, sealed::Context};

use super::{request::Request, session::Live};
use crate::{
    engine::{Cx, Run},
    model::{
        authorization_code::{AuthorizationCode, LIFE, REMEMBERED},
        grant::Grant,
        keys,
        page_session::PageSession,
        sub::Sub,
        user::{Head, Profile},
    },
    ops::{
        levels,
        parties::Party,
        tokens::issue::{self, Consent, LiveGrant},
        triggers::token_generation::{Changes, Occasion},
    },
};

const PURPOSE: &str = "authorization code";
/// The longest text that is looked at.
const MAX: usize = 512;

/// A code for a request, of a user who has signed in.
///
/// # Errors
/// A fault if the name of the level of the sign-in cannot be read.
pub(super) fn give(cx: &mut Cx<'_>, request: &Request, live: &Live) -> Run<String> {
    let level = level(cx, request, live)?;
    let (pool, head) = (&request.party.pool.id, &live.head);
    let id: [u8; 16] = cx.random("authorization code");
    let code = AuthorizationCode {
        client: request.party.client.id.clone(),
        redirect_uri: request.redirect_uri.clone(),
        scopes: request.scopes.clone(),
        challenge: request.challenge,
        nonce: request.nonce.clone(),
        signed_in: live.session.signed_in,
        credential_epoch: live.session.credential_epoch,
        revocation_epoch: live.session.revocation_epoch,
        ends: cx.now().after(LIFE),
        exchanged: None,
        resource: request.resource.clone(),
        level,
        pages: Some(live.id),
        pages_end: Some(live.session.ends),
        methods: live.session.methods,
    };
    let key = keys::authorization_code(pool, &head.sub, &id);
    cx.check(head);
    cx.check(&live.session);
    cx.insert_until(&key, &code, Some(cx.now().after(REMEMBERED)));
    let plain = [head.sub.bytes().as_slice(), &id].concat();
    let nonce = cx.random("nonce/authorization code");
    let context = context(pool, &code.client);
    Ok(base64::encode_url(
        &cx.environment().root_keys.seal(context, nonce, &plain),
    ))
}

/// The name of the level of authentication of a sign-in, if it has one to tell: one that a provider told, or that the
/// request wished for.
///
/// # Errors
/// A fault if the description of the pool cannot be read.
pub(super) fn level(cx: &mut Cx<'_>, request: &Request, live: &Live) -> Run<Option<String>> {
    match live.session.level() {
        Some(level) if live.session.provider.is_some() || !request.levels.is_empty() => {
            levels::name(cx, &request.party.pool, level)
        }
        Some(_) | None => Ok(None),
    }
}

/// What a code is exchanged for.
pub(super) struct Exchange<'r> {
    pub code: &'r str,
    pub redirect_uri: &'r str,
    pub verifier: Option<&'r str>,
}

/// A user and a grant that has landed, with what a trigger changes of its tokens.
pub(super) type Exchanged = (Arc<Head>, LiveGrant, Option<Arc<Changes>>);

/// Exchanges a code for a grant, once; `None` where the code is good for nothing. One that was exchanged before
/// revokes what it was exchanged for.
///
/// # Errors
/// Refuses as the trigger before tokens does; stops the run until the exchange has landed.
pub(super) fn exchange(
    cx: &mut Cx<'_>,
    party: &Party,
    sent: &Exchange<'_>,
) -> Run<Option<Exchanged>> {
    cx.once(|cx| {
        let (pool, client) = (&party.pool.id, &party.client.id);
        let Some((sub, id)) = open(cx, pool, client, sent.code) else {
            return Ok(None);
        };
        let key = keys::authorization_code(pool, &sub, &id);
        let (head_key, profile_key) = (keys::head(pool, &sub), keys::profile(pool, &sub));
        let groups_key = keys::memberships(pool, &sub);
        let keys_key = keys::signing_keys(pool);
        cx.want([&key, &head_key, &profile_key, &groups_key, &keys_key])?;
        let code = cx.get::<AuthorizationCode>(&key)?;
        let Some(code) = code.filter(|code| code.client == *client) else {
            return Ok(None);
        };
        if let Some(grant) = code.exchanged {
            revoke(cx, pool, &sub, &grant)?;
            return Ok(None);
        }
        let (head, profile) = (cx.get::<Head>(&head_key)?, cx.get::<Profile>(&profile_key)?);
        let (Some(head), Some(profile)) = (head, profile) else {
            return Ok(None);
        };
        let fits = cx.now() < code.ends
            && code.redirect_uri == sent.redirect_uri
            && code.is_verified_by(sent.verifier)
            && code.is_of(&head);
        if !fits {
            return Ok(None);
        }
        if let Some(pages) = code.needs_session(cx.now()) {
            let Some(session) = cx.get::<PageSession>(&keys::page_session(pool, &sub, &pages))?
            else {
                return Ok(None);
            };
            cx.check(&session);
        }
        let consent = Consent {
            scopes: code.scopes.clone(),
            signed_in: code.signed_in,
            nonce: code.nonce.clone(),
            resource: code.resource.clone(),
            level: code.level.clone(),
            methods: code.methods,
            pages: code.pages,
        };
        let live = issue::open_hosted(cx, party, &head, &profile, consent)?;
        let changes = issue::changes(cx, party, &head, &live, Occasion::Hosted)??;
        cx.check(&head);
        let exchanged = AuthorizationCode {
            exchanged: Some(live.id),
            ..AuthorizationCode::clone(&code)
        };
        cx.update_until(&code, &exchanged, Some(cx.now().after(REMEMBERED)));
        cx.land()?;
        Ok(Some((head.value().clone(), live, changes)))
    })
}

fn revoke(cx: &mut Cx<'_>, pool: &str, sub: &Sub, id: &[u8; 16]) -> Run<()> {
    let grant = cx.get::<Grant>(&keys::grant(pool, sub, id))?;
    if let Some(grant) = grant.filter(|grant| !grant.revoked) {
        let revoked = grant.revoked();
        cx.update_until(&grant, &revoked, Some(revoked.ends));
    }
    Ok(())
}

fn open(cx: &Cx<'_>, pool: &str, client: &str, text: &str) -> Option<(Sub, [u8; 16])> {
    if text.len() > MAX {
        return None;
    }
    let sealed = base64::decode_url(text)?;
    let context = context(pool, client);
    let plain = cx.environment().root_keys.open(context, &sealed).ok()?;
    let plain: &[u8; 32] = plain.expose().try_into().ok()?;
    let (sub, id) = plain.split_first_chunk::<16>()?;
    let id: [u8; 16] = Vec::from(id).try_into().ok()?;
    Some((Sub::from_bytes(*sub), id))
}

/// A code is good at the client that it was given for alone.
fn context<'a>(pool: &'a str, client: &'a str) -> Context<'a> {
    Context {
        purpose: PURPOSE,
        scope: pool.as_bytes(),
        associated: client.as_bytes(),
    }
}
