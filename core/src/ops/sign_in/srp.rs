//! Sign-in by SRP: the challenge, and the judgement of its answer (`srp` §6 to §8).

use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    sync::Arc,
};

use userpool_crypto::{
    base64, integer,
    secret::SecretBytes,
    srp::{self, ClientPublic, Verifier},
};

use userpool_ports::Key;

use super::{
    attempt::{Attempt, attempt_keys, incorrect},
    block,
    outcome::Outcome,
    proven,
};
use crate::{
    engine::{Cx, Done, Fault, Refusal, RefusalKind, Run, Work},
    model::{
        block::{Block, SPENT_LIFE, Spent},
        keys,
        pool::Pool,
        user::{Head, Password},
    },
    ops::{
        parties::{self, Party, required},
        passwords,
        unknown::{self, Simulated},
    },
};

/// The first step of `USER_SRP_AUTH`: answers with `PASSWORD_VERIFIER`. It counts nothing and, but for a key of
/// blocks now and then, writes nothing.
///
/// Refusals, in this order: parameters missing, `SRP_A` outside 0 < A < N, wrong secret hash, an unknown device
/// key, an unknown user where the client tells.
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
    let a_public = client_public(cx, a_public)?;
    let pool = &party.pool;
    let names = parties::name_keys(cx, pool, typed);
    let mut first: alloc::vec::Vec<Key> = names.all().cloned().collect();
    first.extend([keys::block_keys(&pool.id), keys::pool_secrets(&pool.id)]);
    cx.want(&first)?;
    let user = parties::user(cx, pool, typed)?;
    super::prove(cx, party, parameters, typed, user.as_deref())?;
    super::refuse_device(parameters)?;
    let b: [u8; 32] = cx.random("srp b");
    let hidden = user.is_none();
    if hidden && !party.client.hides_users {
        return Err(parties::no_user().into());
    }
    let (sub, username, credential_epoch) = match &user {
        Some(head) => (head.sub, head.username.clone(), head.credential_epoch),
        None => {
            let simulated = unknown::simulate(cx, pool, typed)?;
            unknown::find(cx, pool, typed, &simulated)?;
            (simulated.sub, simulated.username.clone(), 0)
        }
    };
    let key = keys::password(&pool.id, &sub);
    let password = cx.get::<Password>(&key)?;
    let (salt, verifier) = match (
        &user,
        password.iter().find_map(|held| held.current.as_ref()),
    ) {
        (Some(head), Some(kept)) => (kept.salt, passwords::open(cx, pool, head, kept)?),
        // A user without a password gets the challenge of nobody: no proof fits it.
        _ => {
            let simulated = unknown::simulate(cx, pool, typed)?;
            (simulated.salt, simulated_verifier(&simulated))
        }
    };
    let work = Work::SrpPublic {
        verifier,
        b: SecretBytes::new(b.to_vec()),
    };
    // B ≡ 0 has a chance of 2^-3072; drawing again would take another label.
    let Done::Public(Some(b_public)) = cx.work(work)? else {
        return Err(Fault::new("a public value").into());
    };
    let block = Block {
        id: cx.random("block id"),
        client: party.client.id.clone(),
        sub,
        simulated: hidden,
        typed: typed.into(),
        a_public: a_public.bytes().to_vec(),
        b_public: b_public.clone(),
        b,
        credential_epoch,
        made: cx.now(),
    };
    let text = block::seal(cx, pool, &block)?;
    let parameters = [
        ("SALT", integer::to_hex(&salt)),
        ("SECRET_BLOCK", text),
        ("SRP_B", integer::to_hex(&b_public)),
        ("USERNAME", username.clone()),
        ("USER_ID_FOR_SRP", username),
    ];
    Ok(Outcome::challenge("PASSWORD_VERIFIER", parameters, None))
}

/// The client's public value; read once a request.
///
/// # Errors
/// `InvalidParameterException` where it is not in 0 < A < N.
fn client_public(cx: &mut Cx<'_>, text: &str) -> Result<Arc<ClientPublic>, Refusal> {
    if let Some(read) = cx.recall("SRP_A", text.as_bytes()) {
        return Ok(read);
    }
    let read = ClientPublic::parse(text)
        .map_err(|_| Refusal::new(RefusalKind::InvalidParameter, "Invalid SRP_A value."))?;
    Ok(cx.keep("SRP_A", text.as_bytes(), read))
}

/// The second step: judges the proof. A proof, right or wrong, spends its block.
///
/// Refusals, in this order: parameters missing, a time that is no time, wrong secret hash, an unknown device key,
/// a block that is unreadable, foreign or too old, a locked user, a spent block, a wrong proof (counted), and
/// what a right password may still meet.
///
/// # Errors
/// The refusals above.
pub(crate) fn respond(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Option<&BTreeMap<String, String>>,
) -> Run<Outcome> {
    let typed = required(responses, "USERNAME")?;
    let block = required(responses, "PASSWORD_CLAIM_SECRET_BLOCK")?;
    let signature = required(responses, "PASSWORD_CLAIM_SIGNATURE")?;
    let timestamp = required(responses, "TIMESTAMP")?;
    if srp::parse_timestamp(timestamp).is_none() {
        let text = "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english";
        return Err(Refusal::new(RefusalKind::InvalidParameter, text).into());
    }
    let pool = &party.pool;
    let names = parties::name_keys(cx, pool, typed);
    let mut first: alloc::vec::Vec<Key> = names.all().cloned().collect();
    first.extend([keys::block_keys(&pool.id), keys::pool_secrets(&pool.id)]);
    cx.want(&first)?;
    let named = parties::user(cx, pool, typed)?;
    let opened = block::open(cx, pool, &party.client, block)?;
    // The id that a hidden user was given is a name of that user for the secret hash.
    let simulated = match opened.as_deref() {
        Some((block, _)) if block.simulated => Some(unknown::simulate(cx, pool, &block.typed)?),
        _ => None,
    };
    if let (Some(simulated), None) = (&simulated, &named) {
        unknown::find(cx, pool, typed, simulated)?;
    }
    prove(
        cx,
        party,
        responses,
        typed,
        named.as_deref(),
        simulated
            .as_ref()
            .map(|simulated| simulated.username.as_str()),
    )?;
    super::refuse_device(responses)?;
    let Some((block, block_bytes)) = opened.as_deref() else {
        return Err(incorrect().into());
    };
    let spent_key = keys::spent(&pool.id, &block.id);
    if let Some(simulated) = simulated {
        return refuse_hidden(cx, party, block, &simulated, &spent_key);
    }
    let head_key = keys::head(&pool.id, &block.sub);
    let records = attempt_keys(pool, &block.sub);
    cx.want(records.iter().chain([&head_key, &spent_key]))?;
    let Some(head) = cx.get::<Head>(&head_key)? else {
        return Err(incorrect().into());
    };
    let attempt = Attempt::load(cx, pool, head)?;
    attempt.check_lock(cx)?;
    if cx.get::<Spent>(&spent_key)?.is_some()
        || block.credential_epoch != attempt.head.credential_epoch
    {
        return Err(incorrect().into());
    }
    let verifier = match &attempt.password.current {
        Some(kept) => passwords::open(cx, pool, &attempt.head, kept)?,
        None => {
            let simulated = unknown::simulate(cx, pool, &block.typed)?;
            simulated_verifier(&simulated)
        }
    };
    let key = key(cx, block, verifier)?;
    let right = match cx.recall::<bool>("srp proof", &block.id) {
        Some(right) => *right,
        None => {
            let proof = Proof {
                signature,
                timestamp,
                block: block_bytes,
            };
            let right = proof.fits(key.as_ref(), pool, &attempt.head.username);
            *cx.keep("srp proof", &block.id, right)
        }
    };
    let is_user = named.is_some_and(|named| named.sub == block.sub);
    spend(cx, &spent_key);
    if !right || !is_user {
        return Err(attempt.wrong(cx));
    }
    proven::go_on(cx, party, &attempt)
}

/// Nobody's block: the same reads and arithmetic as for a user, spent like any other, refused like a wrong proof.
fn refuse_hidden(
    cx: &mut Cx<'_>,
    party: &Party,
    block: &Block,
    simulated: &Simulated,
    spent_key: &Key,
) -> Run<Outcome> {
    let pool = &party.pool;
    let mut records = unknown::keys_of(cx, pool, &block.typed, simulated)?.to_vec();
    records.push(spent_key.clone());
    cx.want(&records)?;
    unknown::check_lock(cx, pool, &block.typed)?;
    if cx.get::<Spent>(spent_key)?.is_some() {
        return Err(incorrect().into());
    }
    key(cx, block, simulated_verifier(simulated))?;
    spend(cx, spent_key);
    Err(unknown::count_failure(cx, pool, &block.typed, incorrect())?)
}

/// The server's key for a block.
fn key(cx: &mut Cx<'_>, block: &Block, verifier: SecretBytes) -> Run<Option<SecretBytes>> {
    let work = Work::SrpKey {
        a_public: block.a_public.clone(),
        b_public: block.b_public.clone(),
        verifier,
        b: SecretBytes::new(block.b.to_vec()),
    };
    match cx.work(work)? {
        Done::Key(key) => Ok(key),
        _ => Err(Fault::new("a worker's answer").into()),
    }
}

fn simulated_verifier(simulated: &Simulated) -> SecretBytes {
    SecretBytes::new(
        Verifier::simulated(&simulated.verifier_seed)
            .bytes()
            .to_vec(),
    )
}

/// Checks the secret hash over the name typed, the user's own, or the one that a hidden user was given.
fn prove(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Option<&BTreeMap<String, String>>,
    typed: &str,
    named: Option<&Head>,
    simulated: Option<&str>,
) -> Run<()> {
    let hash = responses
        .and_then(|map| map.get("SECRET_HASH"))
        .map(String::as_str);
    let own = named.map(|head| head.username.to_string());
    let names: alloc::vec::Vec<&str> = [Some(typed), own.as_deref(), simulated]
        .into_iter()
        .flatten()
        .collect();
    parties::prove_client(cx, &party.client, hash, &names)
}

/// A claim to know the password, with what it was made over.
struct Proof<'r> {
    signature: &'r str,
    timestamp: &'r str,
    block: &'r [u8],
}

impl Proof<'_> {
    /// Whether the claim was made with this key for this user.
    fn fits(&self, key: Option<&SecretBytes>, pool: &Pool, user_id: &str) -> bool {
        // 32 bytes are 44 characters: nothing longer is decoded.
        let signature = (self.signature.len() == 44)
            .then(|| base64::decode(self.signature))
            .flatten();
        let key = key.and_then(|key| <&[u8; 16]>::try_from(key.expose()).ok());
        let (Some(key), Some(signature)) = (key, signature) else {
            return false;
        };
        srp::claim_matches(
            key,
            pool.short_name(),
            user_id,
            self.block,
            self.timestamp,
            &signature,
        )
    }
}

fn spend(cx: &mut Cx<'_>, key: &Key) {
    let forgotten = cx.now().after(SPENT_LIFE);
    cx.insert_until(key, &Spent {}, Some(forgotten));
}
