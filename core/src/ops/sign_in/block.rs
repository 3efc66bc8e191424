//! Secret blocks sealed and opened.

use alloc::{string::String, sync::Arc, vec::Vec};

use userpool_crypto::{
    base64,
    integer::hex,
    sealed::{self, Context, KeyId, SealKey},
    secret::SecretArray,
};

use crate::{
    cbor,
    engine::{Cx, Fault, Run},
    model::{
        block::{BLOCK_LIFE, Block, BlockKey, BlockKeys},
        keys,
        pool::Pool,
    },
    ops::parties::{Ending, Party},
};

/// The purpose under which block keys are sealed.
pub(crate) const BLOCK_KEY: &str = "block key";
/// The purpose of blocks themselves.
const BLOCK: &str = "secret block";
/// The purpose of blocks of the login pages, so that none of them is answered at the API and the other way round.
const PAGES_BLOCK: &str = "secret block of the pages";
/// The longest block that is read, in characters.
const MAX_BLOCK: usize = 4_096;

/// Seals a block; the text that the client carries (standard base64, padded).
///
/// # Errors
/// Stops the run until the pool's block keys are there.
pub(crate) fn seal(cx: &mut Cx<'_>, party: &Party, block: &Block) -> Run<String> {
    cx.once(|cx| {
        let pool = &party.pool;
        let key = current_key(cx, pool)?;
        let plain = cbor::write(block, Vec::with_capacity(MAX_BLOCK / 4));
        let nonce = cx.random("secret block");
        let context = Context {
            purpose: purpose(party.ending),
            scope: pool.id.as_bytes(),
            associated: block.client.as_bytes(),
        };
        Ok(base64::encode(&key.seal(context, nonce, &plain)))
    })
}

/// A block that was opened, with its bytes.
pub(crate) type Opened = Arc<(Block, Vec<u8>)>;

/// Opens a block that this pool gave to this client, at the API or at its pages as the answer comes, and that may still
/// be answered; its bytes too, which enter the signed message.
///
/// # Errors
/// Stops the run until the pool's block keys are there.
pub(crate) fn open(cx: &mut Cx<'_>, party: &Party, text: &str) -> Run<Option<Opened>> {
    cx.once(|cx| {
        let (pool, client) = (&party.pool, &party.client);
        if text.len() > MAX_BLOCK {
            return Ok(None);
        }
        let Some(bytes) = base64::decode(text) else {
            return Ok(None);
        };
        let Some(id) = sealed::key_id(&bytes) else {
            return Ok(None);
        };
        let keys = cx.get::<BlockKeys>(&keys::block_keys(&pool.id))?;
        let Some(key) = keys
            .iter()
            .flat_map(|held| &held.keys)
            .find(|key| key.id == id.as_str())
        else {
            return Ok(None);
        };
        if cx.now() >= key.use_by() {
            return Ok(None);
        }
        let key = open_key(cx, pool, key)?;
        let context = Context {
            purpose: purpose(party.ending),
            scope: pool.id.as_bytes(),
            associated: client.id.as_bytes(),
        };
        let Ok(plain) = key.open(context, &bytes) else {
            return Ok(None);
        };
        let Ok(block) = cbor::read::<Block>(plain.expose()) else {
            return Ok(None);
        };
        let answerable = block.client == client.id && cx.now() < block.made.after(BLOCK_LIFE);
        Ok(answerable.then(|| Arc::new((block, bytes))))
    })
}

fn purpose(ending: Ending) -> &'static str {
    match ending {
        Ending::Tokens => BLOCK,
        Ending::PageSession(_) => PAGES_BLOCK,
    }
}

/// The key that seals new blocks; draws one where there is none, which is part of this commit.
fn current_key(cx: &mut Cx<'_>, pool: &Pool) -> Run<SealKey> {
    let place = keys::block_keys(&pool.id);
    let held = cx.get::<BlockKeys>(&place)?;
    if let Some(key) = held
        .iter()
        .flat_map(|held| &held.keys)
        .find(|key| key.seals(cx.now()))
    {
        return open_key(cx, pool, key);
    }
    let id = hex(&cx.random::<8>("id of a block key"));
    let drawn: [u8; 32] = cx.random("block key");
    let sealed = cx.seal(BLOCK_KEY, &pool.id, &place, &id, &drawn);
    let key = BlockKey {
        id: id.clone(),
        drawn: cx.now(),
        sealed,
    };
    let (use_by, now) = (key.use_by(), cx.now());
    let becomes = held
        .as_ref()
        .map_or_else(BlockKeys::default, |held| BlockKeys::clone(held))
        .with(key, now);
    cx.upsert_until(&place, held.as_ref(), &becomes, Some(use_by));
    seal_key(&id, drawn)
}

fn open_key(cx: &mut Cx<'_>, pool: &Pool, key: &BlockKey) -> Run<SealKey> {
    let opened = cx.open(
        BLOCK_KEY,
        &pool.id,
        &keys::block_keys(&pool.id),
        &key.id,
        &key.sealed,
    )?;
    let bytes = opened
        .expose()
        .try_into()
        .map_err(|_| Fault::new("a block key"))?;
    seal_key(&key.id, bytes)
}

fn seal_key(id: &str, bytes: [u8; 32]) -> Run<SealKey> {
    let id = KeyId::parse(id).ok_or(Fault::new("a block key"))?;
    Ok(SealKey::new(id, SecretArray::new(bytes)))
}
