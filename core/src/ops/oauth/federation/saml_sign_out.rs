//! `/saml2/logout`, where a provider of SAML has browsers bring its requests that somebody signs out.
//!
//! The signature alone says whose request it is: a form of another site brings no cookie, nor does a frame. So the
//! sessions are found by the user, and they end in whatever browser they are. Tokens stay, as after `/logout`.

use userpool_ports::Key;
use userpool_saml::{redirect::Direction, sign_out::SignedOut};

use super::{
    super::{Endpoint, place::Place},
    begin::callback,
    saml_logout::{Left, PATH, SamlMessage, refused},
};
use crate::{
    engine::{Cx, Run},
    model::{
        identity::{Link, SUBJECT},
        keys,
        page_session::PageSession,
        sub::Sub,
    },
    ops::saml::sign_out,
};

/// How many sessions end at a time.
const AT_ONCE: usize = 50;

/// The request of a provider, as a browser brings it.
#[derive(Clone, Debug)]
pub struct SamlSignOut {
    /// Where it came to.
    pub place: Place,
    /// What it brought.
    pub message: SamlMessage,
}

impl Endpoint for SamlSignOut {
    type Reply = Left;

    /// Ends the sessions that a provider names, and sends the browser back to it.
    ///
    /// Errors, in this order: no pool here, a message of a wrong form, a provider that there is not or with which no
    /// sign-outs are exchanged, one whose metadata is not to be had, what the request lacks, one that was taken.
    fn run(&self, cx: &mut Cx<'_>) -> Run<Left> {
        let Some(pool) = self.place.pool(cx)? else {
            return Ok(refused("There is no such sign-out."));
        };
        let Some(brought) = self.message.read(cx, Direction::Request)? else {
            return Ok(refused("The request is malformed."));
        };
        let request = brought.received();
        let provider = match sign_out::sender(cx, &pool, request)? {
            Ok(Some(provider)) => provider,
            Ok(None) => return Ok(refused("There is no such identity provider.")),
            Err(_) => return Ok(refused("The request is malformed.")),
        };
        let address = callback(cx, &self.place, PATH);
        let asked = match sign_out::take(cx, &pool, &provider, &address, request)? {
            Ok(asked) => asked,
            Err(untaken) => return Ok(refused(untaken.description())),
        };
        let key = keys::link(&pool.id, &provider.name, SUBJECT, &asked.name.value);
        if let Some(link) = cx.get::<Link>(&key)? {
            end_sessions(cx, (&pool.id, &provider.name), &link.sub, &asked)?;
        }
        let back = sign_out::answer(cx, &pool, &provider, &asked, brought.state())?;
        Ok(back.map_or_else(|| refused("Error retrieving metadata"), Left::To))
    }
}

/// Ends the sessions of a user that a provider names.
fn end_sessions(
    cx: &mut Cx<'_>,
    (pool, provider): (&str, &str),
    sub: &Sub,
    asked: &SignedOut,
) -> Run<()> {
    let prefix = keys::page_sessions(pool, sub);
    let is_named = |session: &PageSession| {
        let told = session
            .saml
            .as_ref()
            .filter(|told| told.name == asked.name.value);
        let index = told.map(|told| told.session.as_ref());
        session.provider.as_deref() == Some(provider)
            && index.is_some_and(|index| {
                asked.sessions.is_empty() || index.is_some_and(|it| asked.sessions.contains(it))
            })
    };
    let mut after: Option<Key> = None;
    loop {
        let next = cx.once(|cx| {
            let (page, more) = cx.page::<PageSession>(&prefix, after.as_ref(), AT_ONCE)?;
            for session in page.iter().filter(|session| is_named(session)) {
                cx.remove(session);
            }
            cx.land()?;
            Ok(more)
        })?;
        match next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}
