//! Sign-in by SRP: the challenge, and the judgement of its answer (`srp` §6 to §8).

use alloc::{collections::BTreeMap, string::String, sync::Arc, vec::Vec};

use userpool_crypto::{
    base64, integer,
    secret::SecretBytes,
    srp::{self, ClientPublic, Scrambler, Verifier, VerifierPowers},
};

use userpool_ports::Key;

use super::{
    attempt::{Attempt, FirstFactor, incorrect},
    block, custom,
    device::Claim,
    outcome::Outcome,
    proven,
};
use crate::{
    engine::{Cx, Done, Fault, Refusal, RefusalKind, Run, Work},
    model::{
        block::{Block, SPENT_LIFE, Spent},
        device::DeviceId,
        keys,
        methods::Aim,
        pool::Pool,
        sub::Sub,
        user::{Head, Password},
    },
    ops::{
        parties::{self, Party, required},
        passwords,
        protection::watch::{self, Whose},
        triggers::authentication,
        unknown::{self, Simulated},
    },
};

/// The first step of `USER_SRP_AUTH`: answers with `PASSWORD_VERIFIER`. It counts nothing and, but for a key of
/// blocks now and then, writes nothing.
///
/// A device key goes into the block and is not judged yet.
///
/// Refusals, in this order: parameters missing, `SRP_A` outside 0 < A < N, wrong secret hash, an unknown user where
/// the client tells, a trigger before the judgement.
///
/// # Errors
/// The refusals above.
pub(crate) fn challenge(
    cx: &mut Cx<'_>,
    party: &Party,
    parameters: Option<&BTreeMap<String, String>>,
) -> Run<Outcome> {
    let typed = required(parameters, "USERNAME")?;
    let a_public = required(parameters, "SRP_A")?;
    let a_public = cx.once(|_| client_public(a_public))?;
    let pool = &party.pool;
    let user = match sub(cx, pool, typed)? {
        Some(sub) => cx.once(|cx| {
            let head = keys::head(&pool.id, &sub);
            cx.want([&head, &keys::password(&pool.id, &sub)])?;
            cx.get::<Head>(&head)
        })?,
        None => None,
    };
    let own = user.as_ref().map(|head| head.username.as_str());
    super::prove(cx, party, parameters, &[Some(typed), own])?;
    match &user {
        Some(head) => authentication::before(cx, party, head)?,
        None if party.client.hides_users => {
            cx.once(|cx| {
                let simulated = unknown::simulate(cx, pool, typed)?;
                let password = keys::password(&pool.id, &simulated.sub);
                cx.want(
                    unknown::finds(pool, typed, &simulated)
                        .iter()
                        .chain([&password]),
                )
            })?;
            authentication::before_nobody(cx, party, typed)?;
        }
        None => return Err(parties::no_user().into()),
    }
    let to = To {
        typed,
        user: user.as_deref(),
        device: Claim::of(pool, parameters, None).id(),
        chain: None,
        aim: None,
    };
    offer(cx, party, &a_public, to)
}

/// To whom the challenge of SRP is given.
#[derive(Clone, Copy)]
pub(super) struct To<'a> {
    /// The name as typed.
    pub typed: &'a str,
    /// The user; `None` where nobody has the name.
    pub user: Option<&'a Head>,
    /// The device that the sign-in names.
    pub device: Option<DeviceId>,
    /// The chain of custom challenges that a right proof goes on with; else it is a right password.
    pub chain: Option<[u8; 16]>,
    /// What was shown before, and the level that was asked for.
    pub aim: Option<Aim>,
}

/// Answers with `PASSWORD_VERIFIER`.
///
/// # Errors
/// Stops the run until the records are there and the arithmetic is done.
pub(super) fn offer(
    cx: &mut Cx<'_>,
    party: &Party,
    a_public: &ClientPublic,
    to: To<'_>,
) -> Run<Outcome> {
    let (pool, To { typed, user, .. }) = (&party.pool, to);
    let b: [u8; 32] = cx.random("srp b");
    let (sub, username, credential_epoch) = match user {
        Some(head) => (head.sub, head.username.clone(), head.credential_epoch),
        None => {
            let simulated = unknown::simulate(cx, pool, typed)?;
            unknown::find(cx, pool, typed, &simulated)?;
            (simulated.sub, simulated.username.clone(), 0)
        }
    };
    let key = keys::password(&pool.id, &sub);
    let password = cx.get::<Password>(&key)?;
    let (salt, verifier) = match (user, password.iter().find_map(|held| held.current.as_ref())) {
        (Some(head), Some(kept)) => (kept.salt, passwords::open(cx, pool, head, kept)?),
        // A user without a password gets the challenge of nobody: no proof fits it.
        _ => {
            let simulated = unknown::simulate(cx, pool, typed)?;
            (simulated.salt, simulated_verifier(&simulated))
        }
    };
    let b_public = server_public(cx, verifier, &b)?;
    let block = Block {
        id: cx.random("block id"),
        client: party.client.id.clone(),
        sub,
        simulated: user.is_none(),
        typed: typed.into(),
        a_public: a_public.bytes().to_vec(),
        u: scrambler(a_public, &b_public)?,
        b,
        credential_epoch,
        made: cx.now(),
        device: to.device,
        draw: None,
        chain: to.chain,
        aim: to.aim,
    };
    let text = block::seal(cx, party, &block)?;
    let parameters = [
        ("SALT", integer::to_hex(&salt)),
        ("SECRET_BLOCK", text),
        ("SRP_B", integer::to_hex(&b_public)),
        ("USERNAME", username.clone()),
        ("USER_ID_FOR_SRP", username),
    ];
    Ok(Outcome::challenge("PASSWORD_VERIFIER", parameters, None))
}

/// The id that a typed name leads to; what seals blocks, and simulates users, is read in the same round trip.
fn sub(cx: &mut Cx<'_>, pool: &Pool, typed: &str) -> Run<Option<Sub>> {
    cx.once(|cx| {
        let others = [keys::block_keys(&pool.id), keys::pool_secrets(&pool.id)];
        parties::sub_beside(cx, pool, typed, &others)
    })
}

/// The client's public value.
///
/// # Errors
/// `InvalidParameterException` where it is not in 0 < A < N.
pub(super) fn client_public(text: &str) -> Run<Arc<ClientPublic>> {
    ClientPublic::parse(text)
        .map(Arc::new)
        .map_err(|_| Refusal::new(RefusalKind::InvalidParameter, "Invalid SRP_A value.").into())
}

/// The server's public value for a verifier and a secret exponent, 384 bytes.
///
/// # Errors
/// Stops the run until it is computed; a fault where it is zero, which has a chance of 2^-3072: drawing again would
/// take another label.
pub(super) fn server_public(
    cx: &mut Cx<'_>,
    verifier: Arc<SecretBytes>,
    b: &[u8; 32],
) -> Run<Vec<u8>> {
    let b = SecretBytes::new(b.to_vec());
    match cx.work(Work::SrpPublic { verifier, b })? {
        Done::Public(Some(public)) => Ok(public),
        _ => Err(Fault::new("a public value").into()),
    }
}

/// The scrambler of both public values.
///
/// # Errors
/// A fault where it is zero, which happens to nobody.
pub(super) fn scrambler(a_public: &ClientPublic, b_public: &[u8]) -> Run<Vec<u8>> {
    let u = Scrambler::of_bytes(a_public, b_public).ok_or(Fault::new("a public value"))?;
    Ok(u.bytes().to_vec())
}

/// The second step: judges the proof. A proof, right or wrong, spends its block.
///
/// A device key in the response must be known once the proof is right, and spends nothing where it is not: clients send
/// the same proof again without it. One that came with the block is forgotten where it is not known.
///
/// Refusals, in this order: parameters missing, a time that is no time, wrong secret hash, a block that is
/// unreadable, foreign, too old or a device's, a locked user, a spent block, a wrong proof (counted), an unknown device
/// key, and what a right password may still meet.
///
/// # Errors
/// The refusals above.
pub(crate) fn respond(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Option<&BTreeMap<String, String>>,
) -> Run<Outcome> {
    let (attempt, chain) = cx.once(|cx| proven_by(cx, party, responses))?;
    match chain {
        Some(chain) => custom::proven(cx, party, &attempt, chain),
        None => proven::go_on(cx, party, &attempt),
    }
}

/// The attempt that a right proof is for, and the chain of custom challenges that it goes on with; its block is spent with the commit that follows.
fn proven_by(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Option<&BTreeMap<String, String>>,
) -> Run<(Attempt, Option<[u8; 16]>)> {
    let typed = required(responses, "USERNAME")?;
    let block = required(responses, "PASSWORD_CLAIM_SECRET_BLOCK")?;
    let signature = required(responses, "PASSWORD_CLAIM_SIGNATURE")?;
    let timestamp = required(responses, "TIMESTAMP")?;
    cx.once(|_| match srp::parse_timestamp(timestamp) {
        Some(_) => Ok(()),
        None => Err(bad_timestamp().into()),
    })?;
    let pool = &party.pool;
    let named = sub(cx, pool, typed)?;
    let opened = block::open(cx, party, block)?;
    let opened = opened.filter(|opened| opened.0.draw.is_none());
    let earlier = opened.as_deref().and_then(|(block, _)| block.device);
    let claim = Claim::of(pool, responses, earlier);
    // The id that a hidden user was given is a name of that user for the secret hash.
    let simulated = match opened.as_deref() {
        Some((block, _)) if block.simulated => Some(unknown::simulate(cx, pool, &block.typed)?),
        _ => None,
    };
    let named = cx.once(|cx| {
        let reads = cx.once(|cx| {
            let mut reads = Vec::with_capacity(8);
            match (named, &simulated) {
                (Some(sub), _) => reads.push(keys::head(&pool.id, &sub)),
                (None, Some(simulated)) => reads.extend(unknown::finds(pool, typed, simulated)),
                (None, None) => {}
            }
            if let Some((block, _)) = opened.as_deref() {
                reads.push(keys::spent(&pool.id, &block.id));
                reads.extend(watch::reads(party, &block.sub));
                match &simulated {
                    Some(simulated) => {
                        reads.extend(unknown::keys_of(cx, pool, &block.typed, simulated)?);
                    }
                    None => {
                        reads.extend(Attempt::reads(pool, &block.sub));
                        reads.extend(claim.reads(party, &block.sub));
                    }
                }
            }
            Ok(Arc::<[Key]>::from(reads))
        })?;
        cx.want(&*reads)?;
        match named {
            Some(_) => cx.get::<Head>(&reads[0]),
            None => Ok(None),
        }
    })?;
    let own = named.as_ref().map(|head| head.username.as_str());
    let given = simulated
        .as_ref()
        .map(|simulated| simulated.username.as_str());
    super::prove(cx, party, responses, &[Some(typed), own, given])?;
    let Some((block, block_bytes)) = opened.as_deref() else {
        return Err(incorrect().into());
    };
    let spent_key = cx.once(|_| Ok(keys::spent(&pool.id, &block.id)))?;
    if let Some(simulated) = simulated {
        return refuse_hidden(cx, party, block, &simulated, &spent_key);
    }
    let Some(mut attempt) = Attempt::of(cx, pool, &block.sub)? else {
        return Err(incorrect().into());
    };
    attempt.check_lock(cx)?;
    if cx.get::<Spent>(&spent_key)?.is_some()
        || block.credential_epoch != attempt.head.credential_epoch
    {
        return Err(incorrect().into());
    }
    let right = cx.once(|cx| {
        let key = key(cx, block, |cx| match &attempt.password.current {
            Some(kept) => Ok((
                passwords::open(cx, pool, &attempt.head, kept)?,
                passwords::open_powers(cx, pool, &attempt.head, kept)?,
            )),
            None => {
                let simulated = unknown::simulate(cx, pool, &block.typed)?;
                Ok(simulated_secrets(&simulated))
            }
        })?;
        let proof = Proof {
            signature,
            timestamp,
            block: block_bytes,
        };
        Ok(proof.fits(key.as_ref(), pool.short_name(), &attempt.head.username))
    })?;
    let is_user = named.is_some_and(|named| named.sub == block.sub);
    if !right || !is_user {
        spend(cx, &spent_key);
        return Err(attempt.wrong(cx, party));
    }
    match claim.find(cx, party, &block.sub)? {
        Ok(device) => attempt.device = device,
        Err(refusal) => return Err(attempt.refused(cx, refusal)),
    }
    spend(cx, &spent_key);
    attempt.aim = block.aim.unwrap_or_default();
    Ok((attempt, block.chain))
}

/// The refusal of a time that is no time.
pub(super) fn bad_timestamp() -> Refusal {
    let text = "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english";
    Refusal::new(RefusalKind::InvalidParameter, text)
}

/// Nobody's block: the same reads and arithmetic as for a user, spent like any other, refused like a wrong proof.
fn refuse_hidden<T>(
    cx: &mut Cx<'_>,
    party: &Party,
    block: &Block,
    simulated: &Simulated,
    spent_key: &Key,
) -> Run<T> {
    let pool = &party.pool;
    unknown::check_lock(cx, pool, &block.typed)?;
    if cx.get::<Spent>(spent_key)?.is_some() {
        return Err(incorrect().into());
    }
    key(cx, block, |_| Ok(simulated_secrets(simulated)))?;
    spend(cx, spent_key);
    let nobody = Whose::Nobody(&simulated.sub);
    watch::wrong(cx, party, nobody, FirstFactor::Password)?;
    Err(unknown::count_failure(cx, pool, &block.typed, incorrect())?)
}

/// A verifier, and its powers where they are kept.
pub(super) type Secrets = (Arc<SecretBytes>, Option<Arc<SecretBytes>>);

/// The server's key for a block, from a verifier and its powers.
///
/// # Errors
/// Stops the run until it is computed.
pub(super) fn key(
    cx: &mut Cx<'_>,
    block: &Block,
    secrets: impl FnOnce(&mut Cx<'_>) -> Run<Secrets>,
) -> Run<Option<SecretBytes>> {
    let work = cx.once(|cx| {
        let (verifier, powers) = secrets(cx)?;
        Ok(Arc::new(Work::SrpKey {
            a_public: block.a_public.clone(),
            u: block.u.clone(),
            verifier,
            powers,
            b: SecretBytes::new(block.b.to_vec()),
        }))
    })?;
    match cx.works([&*work])? {
        [Done::Key(key)] => Ok(key),
        _ => Err(Fault::new("a worker's answer").into()),
    }
}

fn simulated_verifier(simulated: &Simulated) -> Arc<SecretBytes> {
    let verifier = Verifier::simulated(&simulated.verifier_seed);
    Arc::new(SecretBytes::new(verifier.bytes().to_vec()))
}

/// A verifier and its powers, as users with a password have them: the same arithmetic follows.
fn simulated_secrets(simulated: &Simulated) -> Secrets {
    let powers = (!simulated.unconfirmed).then(|| {
        let powers = VerifierPowers::simulated(&simulated.verifier_seed);
        Arc::new(SecretBytes::new(powers.bytes().to_vec()))
    });
    (simulated_verifier(simulated), powers)
}

/// A claim to know a secret, with what it was made over.
pub(super) struct Proof<'r> {
    pub signature: &'r str,
    pub timestamp: &'r str,
    pub block: &'r [u8],
}

impl Proof<'_> {
    /// Whether the claim was made with this key, for this user of a group.
    pub fn fits(&self, key: Option<&SecretBytes>, group: &str, user_id: &str) -> bool {
        // 32 bytes are 44 characters: nothing longer is decoded.
        let signature = (self.signature.len() == 44)
            .then(|| base64::decode(self.signature))
            .flatten();
        let key = key.and_then(|key| <&[u8; 16]>::try_from(key.expose()).ok());
        let (Some(key), Some(signature)) = (key, signature) else {
            return false;
        };
        srp::claim_matches(key, group, user_id, self.block, self.timestamp, &signature)
    }
}

fn spend(cx: &mut Cx<'_>, key: &Key) {
    let forgotten = cx.now().after(SPENT_LIFE);
    cx.insert_until(key, &Spent {}, Some(forgotten));
}
