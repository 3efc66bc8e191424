//! `DEVICE_SRP_AUTH` and `DEVICE_PASSWORD_VERIFIER`: a remembered device proves its secret (`srp` §10.3).
//!
//! Both steps find their chain without a Session: a device has one such step at a client. The first writes nothing, as
//! the first of a password does, and may be asked again; the first proof, right or wrong, ends the chain. Wrong proofs
//! count against the device, not against the password of its owner.

use alloc::{collections::BTreeMap, string::String, sync::Arc};

use userpool_crypto::{integer, srp};
use userpool_ports::Key;

use super::{
    attempt::incorrect,
    block::{self, Opened},
    device::{self, Claim, Named},
    outcome::Outcome,
    proven, session,
    srp::{self as password, Proof},
};
use crate::{
    engine::{Cx, Held, Run, Stop},
    model::{
        block::Block,
        chain::{Chain, Session, Step},
        keys,
        sub::Sub,
        user::{Head, Profile, Status},
    },
    ops::{
        devices::{self, secret},
        parties::{self, Party, required},
        protection::watch::{self, Then},
        tokens::issue::{self, LiveGrant},
        triggers::token_generation::Occasion,
        unknown::{self, locked},
    },
};

/// The first step: answers with `DEVICE_PASSWORD_VERIFIER`.
///
/// Refusals, in this order: parameters missing, `SRP_A` outside 0 < A < N, wrong secret hash, an unknown user where
/// the client tells, an unknown device key, a Session that does not fit, or without one no step under way, a locked
/// device.
///
/// # Errors
/// The refusals above.
pub(crate) fn challenge(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Option<&BTreeMap<String, String>>,
    session: Option<&str>,
) -> Run<Outcome> {
    let typed = required(responses, "USERNAME")?;
    required(responses, "DEVICE_KEY")?;
    let a_public = required(responses, "SRP_A")?;
    let a_public = cx.once(|_| password::client_public(a_public))?;
    let pool = &party.pool;
    let (head, device, chain) = cx.once(|cx| {
        let who = Who::find(cx, party, responses, typed, &[])?;
        let chain = who.chain(cx, party, session)?;
        Ok((who.head, who.device, chain))
    })?;
    if device.held.attempts.is_locked(cx.now()) {
        return Err(locked().into());
    }
    let verifier = secret::verifier(cx, pool, &device.held)?;
    let b: [u8; 32] = cx.random("srp b");
    let b_public = password::server_public(cx, verifier, &b)?;
    let block = Block {
        id: cx.random("block id"),
        client: party.client.id.clone(),
        sub: head.sub,
        simulated: false,
        typed: typed.into(),
        a_public: a_public.bytes().to_vec(),
        u: password::scrambler(&a_public, &b_public)?,
        b,
        credential_epoch: head.credential_epoch,
        made: cx.now(),
        chain: None,
        device: Some(device.id),
        draw: chain.draw,
        aim: None,
    };
    let block = block::seal(cx, party, &block)?;
    let next = device::step_session(cx, party, &head.sub, &chain);
    let next = session::seal(cx, party, &next)?;
    let parameters = [
        ("SALT", integer::to_hex(&device.held.salt)),
        ("SECRET_BLOCK", block),
        ("SRP_B", integer::to_hex(&b_public)),
        ("USERNAME", head.username.clone()),
        ("DEVICE_KEY", device.id.key(pool)),
    ];
    Ok(Outcome::challenge(
        "DEVICE_PASSWORD_VERIFIER",
        parameters,
        Some(next),
    ))
}

/// The second step: judges the proof, and signs in.
///
/// Refusals, in this order: parameters missing, a time that is no time, wrong secret hash, an unknown user where the
/// client tells, an unknown device key (which uses nothing up), a block that is unreadable, too old or not of this
/// device and user, a Session that does not fit, a step that is over, a locked device, a wrong proof (counted).
///
/// # Errors
/// The refusals above.
pub(crate) fn respond(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Option<&BTreeMap<String, String>>,
    session: Option<&str>,
) -> Run<Outcome> {
    let (head, grant): (Held<Head>, Arc<LiveGrant>) = cx.once(|cx| {
        let asked = cx.once(|cx| proven_by(cx, party, responses, session))?;
        let Who { head, device } = &asked.who;
        let aim = asked.chain.aim();
        let grant = proven::grant(cx, party, (head, &asked.profile), Some(device), aim)?;
        Ok((head.clone(), grant))
    })?;
    issue::signed_in(cx, party, &head, &grant, Occasion::Device)
}

/// What a proof answers: who was asked, when, and with what.
struct Asked {
    who: Who,
    profile: Held<Profile>,
    block: Opened,
    chain: Held<Chain>,
}

/// What a right proof answers; its chain ends with the commit that follows.
fn proven_by(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Option<&BTreeMap<String, String>>,
    session: Option<&str>,
) -> Run<Arc<Asked>> {
    let typed = required(responses, "USERNAME")?;
    required(responses, "DEVICE_KEY")?;
    let text = required(responses, "PASSWORD_CLAIM_SECRET_BLOCK")?;
    let signature = required(responses, "PASSWORD_CLAIM_SIGNATURE")?;
    let timestamp = required(responses, "TIMESTAMP")?;
    cx.once(|_| match srp::parse_timestamp(timestamp) {
        Some(_) => Ok(()),
        None => Err(password::bad_timestamp().into()),
    })?;
    let pool = &party.pool;
    let asked = cx.once(|cx| {
        let own = [keys::profile, keys::memberships];
        let who = Who::find(cx, party, responses, typed, &own)?;
        let opened = block::open(cx, party, text)?;
        let is_own =
            |block: &Block| block.sub == who.head.sub && block.device == Some(who.device.id);
        let opened = opened
            .filter(|opened| is_own(&opened.0))
            .ok_or_else(incorrect)?;
        let chain = who.chain(cx, party, session)?;
        if opened.0.draw.is_none() || opened.0.draw != chain.draw {
            return Err(session::used().into());
        }
        let profile = cx.get::<Profile>(&keys::profile(&pool.id, &who.head.sub))?;
        let profile = profile.ok_or_else(|| Stop::torn("the profile of a user"))?;
        Ok(Arc::new(Asked {
            who,
            profile,
            block: opened,
            chain,
        }))
    })?;
    let Asked { who, chain, .. } = &*asked;
    let device = &who.device;
    if device.held.attempts.is_locked(cx.now()) {
        return Err(locked().into());
    }
    let right = cx.once(|cx| {
        let (block, bytes) = &*asked.block;
        let key = password::key(cx, block, |cx| {
            let verifier = secret::verifier(cx, pool, &device.held)?;
            Ok((verifier, secret::powers(cx, pool, &device.held)?))
        })?;
        let proof = Proof {
            signature,
            timestamp,
            block: bytes,
        };
        let (group, id) = (device.id.group_key(), device.id.key(pool));
        Ok(proof.fits(key.as_ref(), &group, &id))
    })?;
    cx.check(&who.head);
    cx.remove(chain);
    if !right {
        watch::mistaken(cx, party, &who.head, chain, true)?;
        cx.update(&device.held, &device.held.mistaken(cx.now()));
        return Err(cx.counted(incorrect()));
    }
    watch::went_on(cx, party, &who.head, chain, (None, Then::In))?;
    Ok(asked)
}

/// A user and the device that is to prove itself.
#[derive(Clone)]
struct Who {
    head: Held<Head>,
    device: Named,
}

impl Who {
    /// Finds both; further records of the user, whose keys `own` gives, are read together with them, and what blocks are
    /// sealed and tokens signed with.
    ///
    /// Refusals, in this order: wrong secret hash, an unknown user where the client tells, an unknown device key.
    fn find(
        cx: &mut Cx<'_>,
        party: &Party,
        responses: Option<&BTreeMap<String, String>>,
        typed: &str,
        own: &[fn(&str, &Sub) -> Key],
    ) -> Run<Self> {
        cx.once(|cx| {
            let pool = &party.pool;
            let of_pool = cx.once(|_| {
                let all = [keys::block_keys, keys::pool_secrets, keys::signing_keys];
                Ok(Arc::new(all.map(|key| key(&pool.id))))
            })?;
            let sub = parties::sub_beside(cx, pool, typed, &*of_pool)?;
            let claim = cx.once(|_| Ok(Claim::of(pool, responses, None)))?;
            let head = match sub {
                Some(sub) => {
                    let reads = cx.once(|_| {
                        let head = [keys::head(&pool.id, &sub)];
                        let own = own.iter().map(|key| key(&pool.id, &sub));
                        let device = claim.reads(party, &sub);
                        Ok(Arc::<[Key]>::from_iter(
                            head.into_iter().chain(own).chain(device),
                        ))
                    })?;
                    cx.want(&*reads)?;
                    cx.get::<Head>(&reads[0])?
                }
                None => None,
            };
            let own = head.as_ref().map(|head| head.username.as_str());
            super::prove(cx, party, responses, &[Some(typed), own])?;
            let sub = match &head {
                Some(head) => head.sub,
                None => Self::nobody(cx, party, typed, claim)?,
            };
            let device = claim.find(cx, party, &sub)??;
            match (head, device) {
                (Some(head), Some(device)) => Ok(Self { head, device }),
                _ => Err(devices::unknown().into()),
            }
        })
    }

    /// The id that nobody's records lie under; what is read of a user is read there.
    fn nobody(cx: &mut Cx<'_>, party: &Party, typed: &str, claim: Claim) -> Run<Sub> {
        if !party.client.hides_users {
            return Err(parties::no_user().into());
        }
        let pool = &party.pool;
        let simulated = unknown::simulate(cx, pool, typed)?;
        let head = unknown::finds(pool, typed, &simulated);
        cx.want(head.iter().chain(&claim.reads(party, &simulated.sub)))?;
        Ok(simulated.sub)
    }

    /// The chain whose last step this is.
    fn chain(&self, cx: &mut Cx<'_>, party: &Party, session: Option<&str>) -> Run<Held<Chain>> {
        let head = &self.head;
        let session = match session {
            Some(text) => {
                let session = session::open(cx, party, text)?;
                Some(session.ok_or_else(session::invalid)?)
            }
            None => None,
        };
        let place = device::step_key(party, &head.sub, &self.device.id);
        let of_place = |session: &Session| session::reads(party, session) == place;
        if let Some(session) = &session {
            if !of_place(session) {
                return Err(session::invalid().into());
            }
            session::resume(cx, party, Some(head), Some(session), &[Step::Device])?;
        }
        let chain = cx.get::<Chain>(&place)?.filter(|chain| chain.fits(head));
        let chain = chain.ok_or_else(session::used)?;
        let may = head.enabled && head.status == Status::Confirmed;
        if may && device::is_remembered(&self.device) {
            Ok(chain)
        } else {
            Err(session::invalid().into())
        }
    }
}
