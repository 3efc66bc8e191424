//! Codes: issued with their message, checked against what was kept.

use alloc::{format, string::ToString};

use userpool_crypto::code::{CodeContext, code_hash, code_matches, draw_code};
use userpool_ports::{Key, Purpose, Timestamp};
use userpool_wire::idp::CodeDeliveryDetailsType;

use super::{
    messages,
    secrets::{Derived, derived},
    triggers::custom_message::Words,
};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{
        code::{Code, CodePurpose},
        keys,
        pool::Pool,
        user::{AliasKind, Head},
    },
};

/// The word of codes that let a user in without anything else.
pub(crate) const FIRST_FACTOR: &str = "first factor";

/// The number of digits of a code.
fn digits(word: &str) -> u32 {
    if word == FIRST_FACTOR { 8 } else { 6 }
}

/// What [`issue`] reads.
pub(crate) fn reads(pool: &Pool, head: &Head, purpose: CodePurpose) -> [Key; 2] {
    [
        keys::code(&pool.id, &head.sub, purpose.byte()),
        keys::pool_secrets(&pool.id),
    ]
}

/// Issues a code to an address of a user: replaces the one that lives, and sends it.
///
/// # Errors
/// Stops the run until the records are there.
pub(crate) fn issue(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    purpose: CodePurpose,
    contact: AliasKind,
    destination: &str,
    (why, words): (Purpose, &Words),
) -> Run<CodeDeliveryDetailsType> {
    cx.once(|cx| {
        let reads = cx.once(|_| Ok(reads(pool, head, purpose)))?;
        cx.want(&reads)?;
        let [key, _] = reads;
        let old = cx.get::<Code>(&key)?;
        let expires = cx.now().after(purpose.life());
        let word = purpose.word();
        let to = (contact, destination);
        let kept = send(cx, pool, head, word, to, (why, words), expires)?;
        cx.upsert_until(&key, old.as_ref(), &kept, Some(expires));
        Ok(messages::delivery(contact, destination))
    })
}

/// Draws a code for what a word names, and sends it to an address of a user; the caller keeps it until it `expires`.
///
/// # Errors
/// Stops the run until the pool's secrets are there.
pub(crate) fn send(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    word: &'static str,
    (contact, destination): (AliasKind, &str),
    (why, words): (Purpose, &Words),
    expires: Timestamp,
) -> Run<Code> {
    let hash_key = derived(cx, &pool.id, Derived::Codes)?;
    let code = draw_code(&cx.random(&format!("code/{word}")), digits(word));
    let issue: [u8; 16] = cx.random(&format!("issue/{word}"));
    let sub = head.sub.to_string();
    let context = CodeContext {
        purpose: word,
        pool: &pool.id,
        sub: &sub,
        destination,
        issue: &issue,
    };
    let kept = Code {
        hash: code_hash(&hash_key, context, code.expose()),
        issue,
        sms: contact == AliasKind::Phone,
        destination: destination.into(),
        credential_epoch: head.credential_epoch,
    };
    let parcel = messages::parcel(
        cx,
        pool,
        head,
        (contact, destination),
        (why, words),
        code.expose(),
    );
    cx.send(parcel, expires)?;
    Ok(kept)
}

/// Whether a typed code is the one that [`send`] sent for this word.
///
/// # Errors
/// Stops the run until the pool's secrets are there.
pub(crate) fn is_right(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    word: &'static str,
    code: &Code,
    typed: &str,
) -> Run<bool> {
    let hash_key = derived(cx, &pool.id, Derived::Codes)?;
    let sub = head.sub.to_string();
    let context = CodeContext {
        purpose: word,
        pool: &pool.id,
        sub: &sub,
        destination: &code.destination,
        issue: &code.issue,
    };
    Ok(code_matches(&hash_key, context, typed, &code.hash))
}

/// What a typed code turned out to be.
#[derive(Clone)]
pub(crate) enum Verdict {
    /// The live code.
    Right(Held<Code>),
    /// Not the live code; a counted failure.
    Wrong,
    /// No code lives: expired, used, never asked for, or dead with its destination.
    Dead,
}

/// Judges a typed code. `current` is the address that the user has now, if the code must fit it.
///
/// # Errors
/// Stops the run until the records are there.
pub(crate) fn judge(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    purpose: CodePurpose,
    current: impl Fn(AliasKind) -> Option<alloc::string::String>,
    typed: &str,
) -> Run<Verdict> {
    cx.once(|cx| {
        let reads = cx.once(|_| Ok(reads(pool, head, purpose)))?;
        cx.want(&reads)?;
        let [key, _] = reads;
        let Some(code) = cx.get::<Code>(&key)? else {
            return Ok(Verdict::Dead);
        };
        let moved = current(code.contact()).as_deref() != Some(code.destination.as_str());
        if moved || code.credential_epoch != head.credential_epoch {
            return Ok(Verdict::Dead);
        }
        let right = is_right(cx, pool, head, purpose.word(), &code, typed)?;
        Ok(if right {
            Verdict::Right(code)
        } else {
            Verdict::Wrong
        })
    })
}

/// The refusal of a wrong code.
pub(crate) fn mismatch() -> Refusal {
    Refusal::new(
        RefusalKind::CodeMismatch,
        "Invalid verification code provided, please try again.",
    )
}

/// The refusal where no code lives.
pub(crate) fn dead() -> Refusal {
    Refusal::new(
        RefusalKind::ExpiredCode,
        "Invalid code provided, please request a code again.",
    )
}

/// The refusal of an hourly limit.
pub(crate) fn limit_exceeded() -> Refusal {
    Refusal::new(
        RefusalKind::LimitExceeded,
        "Attempt limit exceeded, please try after some time.",
    )
}
