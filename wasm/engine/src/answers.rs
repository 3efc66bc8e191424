//! The world's answers to [steps](crate::steps), from JSON.
//!
//! | step | answer |
//! |---|---|
//! | `load` | `{"loaded": [entry or null, …]}`; an entry has `value`, `version` and `expires` |
//! | `page` | `{"paged": [[key, entry], …]}` |
//! | `work` | `{"worked": [done, …]}`: null has it done here, else `{"signature"}`, `{"pkcs8"}` or `{"fault"}` |
//! | `ask` | `{"asked": {"answer" or "refused" or "unreachable": text}}` |
//! | `fetch` | `{"fetched": {"status", "body"}}` or `{"fetched": {"fault"}}` |
//! | `commit` | `{"landed": "committed" or "conflict" or "unknown"}` |
//! | `deliver` | `{"delivered": true or false}` |
//! | `settle` | `{"settled": true}` |
//!
//! A store that failed answers `{"fault": text}` to `load`, `page` and `commit`.

use std::sync::Arc;

use serde_json::Value;
use userpool_core::engine::Answered;
use userpool_crypto::base64;
use userpool_ports::{
    CourierFault, Entry, FetchFault, FetchReply, HookAnswer, HookFault, Key, Outcome, StoreFault,
    Timestamp, Version,
};

/// An answer to any step but `work`; `None` where the JSON is none.
#[must_use]
pub fn decode(answer: &Value) -> Option<Answered> {
    let (name, value) = answer.as_object()?.iter().next()?;
    Some(match name.as_str() {
        "loaded" => Answered::Loaded(Ok(all(value, entry)?)),
        "paged" => Answered::Paged(Ok(all(value, named)?)),
        "asked" => Answered::Asked(asked(value)?),
        "fetched" => Answered::Fetched(fetched(value)?),
        "landed" => Answered::Landed(Ok(outcome(value)?)),
        "delivered" if value.as_bool()? => Answered::Delivered(Ok(())),
        "delivered" => Answered::Delivered(Err(CourierFault("nobody took the message".into()))),
        "settled" => Answered::Settled,
        _ => return None,
    })
}

/// The fault that a store answered with, if it did.
#[must_use]
pub fn store_fault(answer: &Value) -> Option<StoreFault> {
    answer.get("fault")?.as_str().map(StoreFault::new)
}

/// The bytes of a base64 text.
#[must_use]
pub fn bytes(value: &Value) -> Option<Vec<u8>> {
    base64::decode(value.as_str()?)
}

fn all<T>(value: &Value, each: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    value.as_array()?.iter().map(each).collect()
}

#[expect(
    clippy::option_option,
    reason = "outside: whether the JSON is right; inside: whether there is an entry"
)]
fn entry(value: &Value) -> Option<Option<Entry>> {
    if value.is_null() {
        return Some(None);
    }
    let expires = &value["expires"];
    Some(Some(Entry {
        value: Arc::from(bytes(&value["value"])?),
        version: Version::from_raw(value["version"].as_u64()?),
        expires: match expires.is_null() {
            true => None,
            false => Some(Timestamp::from_millis(expires.as_i64()?)),
        },
    }))
}

fn named(value: &Value) -> Option<(Key, Entry)> {
    Some((Key::new(bytes(&value[0])?), entry(&value[1])??))
}

fn asked(value: &Value) -> Option<Result<HookAnswer, HookFault>> {
    let (name, text) = value.as_object()?.iter().next()?;
    let text = text.as_str()?.to_owned();
    Some(match name.as_str() {
        "answer" => Ok(HookAnswer(text)),
        "refused" => Err(HookFault::Refused(text)),
        _ => Err(HookFault::Unreachable(text)),
    })
}

fn fetched(value: &Value) -> Option<Result<FetchReply, FetchFault>> {
    if let Some(fault) = value.get("fault") {
        return Some(Err(FetchFault(fault.as_str()?.to_owned())));
    }
    Some(Ok(FetchReply {
        status: u16::try_from(value["status"].as_u64()?).ok()?,
        body: bytes(&value["body"])?,
    }))
}

fn outcome(value: &Value) -> Option<Outcome> {
    Some(match value.as_str()? {
        "committed" => Outcome::Committed,
        "conflict" => Outcome::Conflict,
        _ => Outcome::Unknown,
    })
}
