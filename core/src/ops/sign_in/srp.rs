//! Sign-in by SRP: the challenge, and the judgement of its answer (`srp` §6 to §8).

use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
};

use userpool_crypto::{
    base64, integer,
    secret::SecretBytes,
    srp::{self, ClientPublic, Verifier},
};

use super::{
    attempt::{Attempt, attempt_keys, incorrect},
    block,
    outcome::Outcome,
    proven,
};
use crate::{
    engine::{Cx, Done, Fault, Held, Refusal, RefusalKind, Run, Work},
    model::{
        block::{Block, SPENT_LIFE, Spent},
        keys,
        user::Head,
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
    let a_public = ClientPublic::parse(a_public)
        .map_err(|_| Refusal::new(RefusalKind::InvalidParameter, "Invalid SRP_A value."))?;
    let pool = &party.pool;
    let mut first = parties::name_keys(pool, typed);
    first.extend([keys::block_keys(&pool.id), keys::pool_secrets(&pool.id)]);
    cx.want(&first)?;
    let user = parties::user(cx, pool, typed)?;
    super::prove(cx, party, parameters, typed, user.as_deref())?;
    super::refuse_device(parameters)?;
    let b: [u8; 32] = cx.random("srp b");
    let known = match user {
        Some(head) => with_password(cx, party, head)?,
        None => None,
    };
    let (username, salt, verifier, sub, credential_epoch) = match known {
        Some((head, salt, verifier)) => (
            head.username.clone(),
            salt,
            verifier,
            Some(head.sub),
            head.credential_epoch,
        ),
        None if !party.client.hides_users => return Err(parties::no_user().into()),
        None => {
            let Simulated {
                username,
                salt,
                verifier_seed,
            } = unknown::simulate(cx, pool, typed)?;
            let verifier = Verifier::simulated(&verifier_seed);
            (
                username,
                salt,
                SecretBytes::new(verifier.bytes().to_vec()),
                None,
                0,
            )
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

/// A user with a password: the head, its salt and verifier.
type WithPassword = (Held<Head>, [u8; 16], SecretBytes);

/// The user with the password, if there is one.
fn with_password(cx: &mut Cx<'_>, party: &Party, head: Held<Head>) -> Run<Option<WithPassword>> {
    let key = keys::password(&party.pool.id, &head.sub);
    let password = cx
        .get::<crate::model::user::Password>(&key)?
        .ok_or(Fault::new("the password of a user"))?;
    match &password.current {
        Some(kept) => {
            let verifier = passwords::open(cx, &party.pool, &head, kept)?;
            Ok(Some((head, kept.salt, verifier)))
        }
        None => Ok(None),
    }
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
    let mut first = parties::name_keys(pool, typed);
    first.extend([keys::block_keys(&pool.id), keys::pool_secrets(&pool.id)]);
    cx.want(&first)?;
    let named = parties::user(cx, pool, typed)?;
    let opened = block::open(cx, pool, &party.client, block)?;
    // The id that a hidden user was given is a name of that user for the secret hash.
    let simulated = match &opened {
        Some((block, _)) if block.sub.is_none() => {
            Some(unknown::simulate(cx, pool, &block.typed)?.username)
        }
        _ => None,
    };
    prove(
        cx,
        party,
        responses,
        typed,
        named.as_deref(),
        simulated.as_deref(),
    )?;
    super::refuse_device(responses)?;
    let Some((block, block_bytes)) = opened else {
        return Err(incorrect().into());
    };
    let spent_key = keys::spent(&pool.id, &block.id);
    let Some(sub) = block.sub else {
        // Nobody's block: spent like any other, refused like a wrong proof.
        if cx.get::<Spent>(&spent_key)?.is_some() {
            return Err(incorrect().into());
        }
        let stop = unknown::count_failure(cx, pool, &block.typed, incorrect())?;
        spend(cx, &spent_key);
        return Err(stop);
    };
    let head_key = keys::head(&pool.id, &sub);
    cx.want([&head_key, &spent_key])?;
    let Some(head) = cx.get::<Head>(&head_key)? else {
        return Err(incorrect().into());
    };
    let mut wanted = attempt_keys(pool, &head).to_vec();
    wanted.push(spent_key.clone());
    cx.want(&wanted)?;
    let attempt = Attempt::load(cx, pool, head)?;
    attempt.check_lock(cx)?;
    if cx.get::<Spent>(&spent_key)?.is_some()
        || block.credential_epoch != attempt.head.credential_epoch
    {
        return Err(incorrect().into());
    }
    let Some(kept) = &attempt.password.current else {
        return Err(incorrect().into());
    };
    let verifier = passwords::open(cx, pool, &attempt.head, kept)?;
    let work = Work::SrpKey {
        a_public: block.a_public.clone(),
        b_public: block.b_public.clone(),
        verifier,
        b: SecretBytes::new(block.b.to_vec()),
    };
    let Done::Key(key) = cx.work(work)? else {
        return Err(Fault::new("a worker's answer").into());
    };
    let right = key.as_ref().is_some_and(|key| {
        let (Ok(key), Some(signature)) = (key.expose().try_into(), decode_signature(signature))
        else {
            return false;
        };
        let user_id = &attempt.head.username;
        srp::claim_matches(
            key,
            pool.short_name(),
            user_id,
            &block_bytes,
            timestamp,
            &signature,
        )
    });
    let is_user = named.is_some_and(|named| named.sub == sub);
    spend(cx, &spent_key);
    if !right || !is_user {
        return Err(attempt.wrong(cx));
    }
    proven::go_on(cx, party, &attempt)
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

fn decode_signature(text: &str) -> Option<alloc::vec::Vec<u8>> {
    if text.len() == 44 {
        base64::decode(text)
    } else {
        None
    }
}

fn spend(cx: &mut Cx<'_>, key: &userpool_ports::Key) {
    let forgotten = cx.now().after(SPENT_LIFE);
    cx.insert_until(key, &Spent {}, Some(forgotten));
}
