//! The text of a cookie: a sealed reference to a session of the login pages.

use alloc::{string::String, vec::Vec};

use userpool_crypto::{base64, sealed::Context};

use crate::{
    engine::{Cx, Held, Run},
    model::{keys, page_session::PageSession, pool::Pool, sub::Sub, user::Head},
};

/// For how long a sign-in is recent, in seconds.
const RECENT_SECS: i64 = 600;
const PURPOSE: &str = "page session";
/// The longest text that is looked at.
const MAX: usize = 512;

/// A session that lives, with its user.
#[derive(Clone)]
pub(super) struct Live {
    pub id: [u8; 16],
    pub session: Held<PageSession>,
    pub head: Held<Head>,
}

/// The text that refers to a session.
pub(super) fn seal(cx: &mut Cx<'_>, pool: &str, sub: &Sub, id: &[u8; 16]) -> String {
    let plain = [sub.bytes().as_slice(), id].concat();
    let nonce = cx.random("nonce/page session");
    let sealed = cx
        .environment()
        .root_keys
        .seal(context(pool), nonce, &plain);
    base64::encode_url(&sealed)
}

/// The session that a text refers to, if it lives and its user is still the one who signed in.
///
/// # Errors
/// Stops the run until the records are there.
pub(super) fn find(cx: &mut Cx<'_>, pool: &Pool, text: &str) -> Run<Option<Live>> {
    cx.once(|cx| {
        let Some((sub, id)) = open(cx, &pool.id, text) else {
            return Ok(None);
        };
        let key = keys::page_session(&pool.id, &sub, &id);
        let head_key = keys::head(&pool.id, &sub);
        cx.want([&key, &head_key])?;
        let (session, head) = (cx.get::<PageSession>(&key)?, cx.get::<Head>(&head_key)?);
        let live = session
            .zip(head)
            .filter(|(session, head)| session.is_alive(head));
        Ok(live.map(|(session, head)| Live { id, session, head }))
    })
}

/// Whether its sign-in is so young that what follows may belong to it.
pub(super) fn is_recent(cx: &Cx<'_>, live: &Live) -> bool {
    let age = cx
        .now()
        .secs()
        .saturating_sub(live.session.signed_in.secs());
    age <= RECENT_SECS
}

fn open(cx: &Cx<'_>, pool: &str, text: &str) -> Option<(Sub, [u8; 16])> {
    if text.len() > MAX {
        return None;
    }
    let sealed = base64::decode_url(text)?;
    let plain = cx
        .environment()
        .root_keys
        .open(context(pool), &sealed)
        .ok()?;
    let plain: &[u8; 32] = plain.expose().try_into().ok()?;
    let (sub, id) = plain.split_first_chunk::<16>()?;
    let id: [u8; 16] = Vec::from(id).try_into().ok()?;
    Some((Sub::from_bytes(*sub), id))
}

fn context(pool: &str) -> Context<'_> {
    Context {
        purpose: PURPOSE,
        scope: pool.as_bytes(),
        associated: &[],
    }
}
