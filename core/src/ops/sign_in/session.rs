//! Sessions: sealed references to a challenge chain, sealed and opened.

use alloc::{string::String, sync::Arc};

use userpool_crypto::{base64, sealed::Context};
use userpool_ports::Key;

use crate::{
    engine::{Cx, Fault, Held, Refusal, RefusalKind, Run},
    model::{
        chain::{Chain, Session, Step},
        keys,
        user::Head,
    },
    ops::parties::Party,
};

const SESSION: &str = "session";

/// Begins a chain that asks for a first step; the Session of that step.
///
/// # Errors
/// A fault if the Session cannot be sealed.
pub(crate) fn begin(cx: &mut Cx<'_>, party: &Party, head: &Head, step: Step) -> Run<String> {
    cx.once(|cx| {
        let chain: [u8; 16] = cx.random("chain");
        let ends = cx.now().after(party.client.lives.session());
        let record = Chain {
            client: party.client.id.clone(),
            step,
            generation: 0,
            credential_epoch: head.credential_epoch,
            revocation_epoch: head.revocation_epoch,
        };
        cx.insert_until(
            &keys::chain(&party.pool.id, &head.sub, &chain),
            &record,
            Some(ends),
        );
        seal(
            cx,
            party,
            &Session {
                sub: head.sub,
                chain,
                generation: 0,
                ends,
            },
        )
    })
}

/// The chain of a Session that waits for a step.
///
/// Refusals, in this order: unreadable, or another pool's, client's or user's; too old; used before, or its user
/// has changed the password or signed out since.
///
/// # Errors
/// The refusals above.
pub(crate) fn resume(
    cx: &mut Cx<'_>,
    party: &Party,
    head: Option<&Held<Head>>,
    session: Option<&Session>,
    step: Step,
) -> Run<Held<Chain>> {
    let invalid = || Refusal::new(RefusalKind::NotAuthorized, "Invalid session for the user.");
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
            Some(chain) if chain.client != party.client.id || chain.step != step => {
                Err(invalid().into())
            }
            Some(chain) if chain.generation == session.generation && chain.fits(head) => Ok(chain),
            _ => {
                let text = "Invalid session for the user, session can only be used once.";
                Err(Refusal::new(RefusalKind::NotAuthorized, text).into())
            }
        }
    })
}

fn seal(cx: &mut Cx<'_>, party: &Party, session: &Session) -> Run<String> {
    let plain = minicbor::to_vec(session).map_err(|_| Fault::new("sealing a session"))?;
    let nonce = cx.random("session");
    let sealed = cx
        .environment()
        .root_keys
        .seal(context(party), nonce, &plain);
    Ok(base64::encode_url(&sealed))
}

/// Opens a Session; `None` where it is unreadable, or another pool's or client's.
///
/// # Errors
/// None; it is part of an operation.
pub(crate) fn open(cx: &mut Cx<'_>, party: &Party, text: &str) -> Run<Option<Arc<Session>>> {
    cx.once(|cx| Ok(opened(cx, party, text).map(Arc::new)))
}

fn opened(cx: &Cx<'_>, party: &Party, text: &str) -> Option<Session> {
    let sealed = base64::decode_url(text)?;
    let plain = cx
        .environment()
        .root_keys
        .open(context(party), &sealed)
        .ok()?;
    minicbor::decode(plain.expose()).ok()
}

/// What [`resume`] reads.
pub(crate) fn reads(party: &Party, session: &Session) -> Key {
    keys::chain(&party.pool.id, &session.sub, &session.chain)
}

fn context(party: &Party) -> Context<'_> {
    Context {
        purpose: SESSION,
        scope: party.pool.id.as_bytes(),
        associated: party.client.id.as_bytes(),
    }
}
