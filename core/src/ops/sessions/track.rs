//! Keeping the list of a user's sessions, with the commits that begin them and keep them going.

use alloc::{string::ToString, vec::Vec};

use userpool_ports::Key;

use crate::{
    engine::{Cx, Held, Run},
    model::{
        grant::Grant,
        keys,
        sessions::{Sessions, TokenSession},
        user::Head,
    },
    ops::{origin::Origin, parties::Party},
};

/// Notes a sign-in, in a pool that tracks sessions. Where the user has as many as the pool allows, those that were
/// quiet for longest end with the same commit.
///
/// # Errors
/// Stops the run until the list is there, and the grants of a full one.
pub(crate) fn begun(
    cx: &mut Cx<'_>,
    party: &Party,
    head: &Head,
    id: &[u8; 16],
    grant: &Grant,
) -> Run<()> {
    let rules = party.pool.rules.sessions;
    if !rules.tracked {
        return Ok(());
    }
    cx.once(|cx| {
        let pool = &party.pool.id;
        let key = keys::sessions(pool, &head.sub);
        let held = cx.get::<Sessions>(&key)?;
        let mut sessions = held.as_deref().cloned().unwrap_or_default();
        if sessions.all.len() >= usize::from(rules.most) {
            let live = live(cx, pool, head, &sessions)?;
            let surplus = (live.len() + 1).saturating_sub(usize::from(rules.most));
            for (_, grant) in &live[..surplus] {
                let revoked = grant.revoked();
                cx.update_until(grant, &revoked, Some(revoked.ends));
            }
            sessions.all = live[surplus..]
                .iter()
                .map(|(session, _)| session.clone())
                .collect();
        }
        let session = session(cx, party, id, grant);
        keep(cx, &key, held.as_ref(), &sessions.active(session));
        Ok(())
    })
}

/// Notes that a session went on, in a pool that tracks sessions; whether there was anything to note.
///
/// # Errors
/// Stops the run until the list is there.
pub(crate) fn went_on(
    cx: &mut Cx<'_>,
    party: &Party,
    head: &Head,
    id: &[u8; 16],
    grant: &Grant,
) -> Run<bool> {
    if !party.pool.rules.sessions.tracked {
        return Ok(false);
    }
    cx.once(|cx| {
        let key = keys::sessions(&party.pool.id, &head.sub);
        let Some(held) = cx.get::<Sessions>(&key)? else {
            return Ok(false);
        };
        let Some(before) = held.of(id) else {
            return Ok(false);
        };
        let session = TokenSession {
            began: before.began,
            ..session(cx, party, id, grant)
        };
        keep(cx, &key, Some(&held), &held.active(session));
        Ok(true)
    })
}

/// The sessions of a list that live, with their grants, in its order.
///
/// # Errors
/// Stops the run until the grants are there.
pub(super) fn live(
    cx: &mut Cx<'_>,
    pool: &str,
    head: &Head,
    sessions: &Sessions,
) -> Run<Vec<(TokenSession, Held<Grant>)>> {
    let grants: Vec<Key> = sessions
        .all
        .iter()
        .map(|session| keys::grant(pool, &head.sub, &session.grant))
        .collect();
    cx.want(&grants)?;
    let mut live = Vec::with_capacity(grants.len());
    for (session, key) in sessions.all.iter().zip(&grants) {
        if let Some(grant) = cx.get::<Grant>(key)?
            && !grant.is_revoked(head)
        {
            live.push((session.clone(), grant));
        }
    }
    Ok(live)
}

fn session(cx: &Cx<'_>, party: &Party, id: &[u8; 16], grant: &Grant) -> TokenSession {
    let origin = Origin::of(cx, party);
    TokenSession {
        grant: *id,
        client: grant.client.clone(),
        began: cx.now(),
        active: cx.now(),
        device: origin.device_name,
        address: origin.address.map(|address| address.to_string()),
        ends: grant.ends,
    }
}

fn keep(cx: &mut Cx<'_>, key: &Key, held: Option<&Held<Sessions>>, sessions: &Sessions) {
    cx.upsert_until(key, held, sessions, sessions.end());
}
