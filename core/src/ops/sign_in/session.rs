//! Sessions: sealed references to a challenge chain, sealed and opened.
//!
//! A Session is base64url text of the app client's id behind its length, and the sealed reference. The id leads
//! operations that take nothing but a Session to the key; it counts only as part of what the seal is bound to. A
//! Session of the login pages is none of the API, nor the other way round: what a sign-in may end with is decided where
//! it begins.

use alloc::{string::String, sync::Arc, vec::Vec};

use userpool_crypto::{base64, sealed::Context};
use userpool_ports::{Key, Timestamp};

use crate::{
    cbor,
    engine::{Cx, Fault, Held, Refusal, RefusalKind, Run},
    model::{
        chain::{Chain, Session, Step},
        client::Client,
        keys,
        methods::Wanted,
        pool::Pool,
        user::Head,
    },
    ops::{
        origin::Hint,
        parties::{Ending, Party, Said},
        pools::replicas,
    },
};

const SESSION: &str = "session";
const PAGES_SESSION: &str = "session of the login pages";

/// A chain that waits for an answer, and the Session that names it.
#[derive(Clone)]
pub(crate) struct Link {
    pub chain: Held<Chain>,
    pub session: Arc<Session>,
}

impl Link {
    /// Counts a wrong answer in the chain; the fifth ends it.
    pub fn mistaken(&self, cx: &mut Cx<'_>) {
        match self.chain.mistaken() {
            Some(next) => cx.update_until(&self.chain, &next, Some(self.session.ends)),
            None => cx.remove(&self.chain),
        }
    }
}

/// When a Session that is given out now ends.
pub(crate) fn ends(cx: &Cx<'_>, party: &Party) -> Timestamp {
    cx.now().after(party.client.lives.session())
}

/// Begins a chain; the Session of its first step.
///
/// # Errors
/// A fault if the Session cannot be sealed.
pub(crate) fn begin(cx: &mut Cx<'_>, party: &Party, head: &Head, chain: &Chain) -> Run<String> {
    begin_as(cx, party, head, chain, None)
}

/// As [`begin`], for a user of a typed name who has shown nothing yet and may be nobody.
///
/// # Errors
/// A fault if the Session cannot be sealed.
pub(crate) fn begin_as(
    cx: &mut Cx<'_>,
    party: &Party,
    head: &Head,
    chain: &Chain,
    typed: Option<&str>,
) -> Run<String> {
    cx.once(|cx| {
        let session = Session {
            sub: head.sub,
            chain: cx.random("chain"),
            generation: chain.generation,
            ends: ends(cx, party),
            device: chain.device,
            typed: typed.map(Into::into),
        };
        cx.insert_until(&reads(party, &session), chain, Some(session.ends));
        seal(cx, party, &session)
    })
}

/// The Session of a sign-up that waits for its code. It belongs to no chain, and signs nobody in: that is for the
/// Session of the confirmation.
///
/// # Errors
/// A fault if the Session cannot be sealed.
pub(crate) fn of_sign_up(cx: &mut Cx<'_>, party: &Party, head: &Head) -> Run<String> {
    cx.once(|cx| {
        let session = Session {
            sub: head.sub,
            chain: cx.random("chain"),
            generation: 0,
            ends: ends(cx, party),
            device: None,
            typed: Some(head.username.clone()),
        };
        seal(cx, party, &session)
    })
}

/// Leads a chain on to its next step; the Session of that step, and the end of all older ones.
///
/// # Errors
/// A fault if the Session cannot be sealed.
pub(crate) fn lead_on(cx: &mut Cx<'_>, party: &Party, link: &Link, next: &Chain) -> Run<String> {
    cx.once(|cx| {
        let session = Session {
            generation: next.generation,
            ends: ends(cx, party),
            device: next.device,
            typed: link
                .session
                .typed
                .clone()
                .filter(|_| next.step.is_of_anybody()),
            ..Session::clone(&link.session)
        };
        cx.update_until(&link.chain, next, Some(session.ends));
        seal(cx, party, &session)
    })
}

/// The chain of a Session that waits for one of some steps.
///
/// Refusals, in this order: unreadable, or another pool's, client's or user's; too old; used before, or its user
/// has changed the password or signed out since; another step.
///
/// # Errors
/// The refusals above.
pub(crate) fn resume(
    cx: &mut Cx<'_>,
    party: &Party,
    head: Option<&Head>,
    session: Option<&Arc<Session>>,
    steps: &[Step],
) -> Run<Link> {
    cx.once(|cx| {
        let session = session.ok_or_else(invalid)?;
        let head = head
            .filter(|head| head.sub == session.sub)
            .ok_or_else(invalid)?;
        if cx.now() >= session.ends {
            let text = "Invalid session for the user, session is expired.";
            return Err(Refusal::new(RefusalKind::NotAuthorized, text).into());
        }
        let key = reads(party, session);
        match cx.get::<Chain>(&key)? {
            Some(chain) if chain.client != party.client.id => Err(invalid().into()),
            Some(chain) if chain.generation == session.generation && chain.fits(head) => {
                if !steps.contains(&chain.step) {
                    return Err(invalid().into());
                }
                let session = session.clone();
                Ok(Link { chain, session })
            }
            _ => Err(used().into()),
        }
    })
}

/// The refusal of a Session that is none, or not for this.
pub(crate) fn invalid() -> Refusal {
    Refusal::new(RefusalKind::NotAuthorized, "Invalid session for the user.")
}

/// The refusal of a Session that was answered, or whose user is another by now.
pub(crate) fn used() -> Refusal {
    Refusal::new(
        RefusalKind::NotAuthorized,
        "Invalid session for the user, session can only be used once.",
    )
}

/// The refusal of an answer without a Session.
pub(crate) fn missing() -> Refusal {
    Refusal::new(
        RefusalKind::InvalidParameter,
        "Missing required parameter Session",
    )
}

/// The text of a Session.
///
/// # Errors
/// A fault if it cannot be sealed.
pub(crate) fn seal(cx: &mut Cx<'_>, party: &Party, session: &Session) -> Run<String> {
    let plain = cbor::write(session, Vec::with_capacity(128));
    let nonce = cx.random("session");
    let keys = &cx.environment().root_keys;
    let id = party.client.id.as_bytes();
    let length = u8::try_from(id.len()).map_err(|_| Fault::new("sealing a session"))?;
    let sealed = keys.seal(context(party), nonce, &plain);
    Ok(base64::encode_url(&[&[length], id, &sealed].concat()))
}

/// Opens a Session; `None` where it is unreadable, or another pool's or client's.
///
/// # Errors
/// None; it is part of an operation.
pub(crate) fn open(cx: &mut Cx<'_>, party: &Party, text: &str) -> Run<Option<Arc<Session>>> {
    cx.once(|cx| Ok(opened(cx, party, text).map(Arc::new)))
}

/// Opens a Session that comes without the id of its app client; `None` where it is unreadable.
///
/// # Errors
/// Stops the run until client and pool are there.
pub(crate) fn open_alone(cx: &mut Cx<'_>, text: &str) -> Run<Option<(Party, Arc<Session>)>> {
    cx.once(|cx| {
        let Some((id, _)) = parts(text) else {
            return Ok(None);
        };
        let Some(client) = cx.get::<Client>(&keys::client(&id))? else {
            return Ok(None);
        };
        let pool = match cx.get::<Pool>(&keys::pool(&client.pool))? {
            Some(pool) if !pool.deleting => pool,
            _ => return Ok(None),
        };
        replicas::admit(cx, &pool, invalid)?;
        let mut party = Party {
            client,
            pool,
            said: Said::Nothing,
            hint: Hint::Nothing,
            ending: Ending::Tokens,
        };
        for ending in [Ending::Tokens, Ending::PageSession(Wanted::default())] {
            party.ending = ending;
            if let Some(session) = opened(cx, &party, text) {
                return Ok(Some((party, Arc::new(session))));
            }
        }
        Ok(None)
    })
}

fn opened(cx: &Cx<'_>, party: &Party, text: &str) -> Option<Session> {
    let (id, sealed) = parts(text)?;
    if id != party.client.id {
        return None;
    }
    let plain = cx
        .environment()
        .root_keys
        .open(context(party), &sealed)
        .ok()?;
    cbor::read(plain.expose()).ok()
}

/// The id of the app client, and the sealed reference.
fn parts(text: &str) -> Option<(String, Vec<u8>)> {
    let bytes = base64::decode_url(text)?;
    let (length, rest) = bytes.split_first()?;
    let (id, sealed) = rest.split_at_checked(usize::from(*length))?;
    let id = core::str::from_utf8(id).ok()?;
    Some((id.into(), sealed.into()))
}

/// What [`resume`] reads.
pub(crate) fn reads(party: &Party, session: &Session) -> Key {
    keys::chain(&party.pool.id, &session.sub, &session.chain)
}

fn context(party: &Party) -> Context<'_> {
    Context {
        purpose: match party.ending {
            Ending::Tokens => SESSION,
            Ending::PageSession(_) => PAGES_SESSION,
        },
        scope: party.pool.id.as_bytes(),
        associated: party.client.id.as_bytes(),
    }
}
