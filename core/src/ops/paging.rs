//! Pages of a list, and the opaque token that leads from one page to the next.
//!
//! A token is the key of the last record told, sealed under the root keys for its operation and arguments:
//! a caller cannot read, change or make one, nor use it for another list. It lives an hour, as the
//! service's do. A caller may change the size of the page between two calls.

use alloc::{string::String, vec::Vec};

use userpool_crypto::{base64, sealed};
use userpool_ports::Key;

use crate::engine::{Cx, Held, Record, Refusal, RefusalKind, Run};

const PURPOSE: &str = "page token";
/// How long a token lives, in milliseconds.
const LIFE_MILLIS: i64 = 60 * 60 * 1_000;
/// How often one request reads on where most records are left out.
const MAX_READS: usize = 8;

/// The greatest size of a page, and the one where none is asked for.
const MAX_PAGE: usize = 60;

/// The size of a page where a request asks for this many, 0 to 60; 0 counts as not asked.
pub(crate) fn limit(asked: Option<i32>) -> usize {
    match asked.map(usize::try_from) {
        Some(Ok(limit @ 1..MAX_PAGE)) => limit,
        _ => MAX_PAGE,
    }
}

/// A list that is told page by page: the operation, and the arguments that must stay the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listing<'a> {
    /// The name of the operation.
    pub operation: &'static str,
    /// Every argument that chooses what the list holds, in a fixed order.
    pub arguments: &'a [&'a str],
}

impl Listing<'_> {
    /// The key to go on after, `None` where the request has no token.
    ///
    /// # Errors
    /// Refuses a token that this list did not give, or gave too long ago.
    pub fn after(self, cx: &Cx<'_>, token: Option<&str>) -> Result<Option<Key>, Refusal> {
        let Some(token) = token else {
            return Ok(None);
        };
        let bytes = base64::decode_url(token).ok_or_else(foreign_token)?;
        let place = self.place();
        let opened = cx
            .environment()
            .root_keys
            .open(context(&place), &bytes)
            .map_err(|_| foreign_token())?;
        let (told, key) = opened
            .expose()
            .split_first_chunk::<8>()
            .ok_or_else(foreign_token)?;
        let age = cx.now().millis().saturating_sub(i64::from_be_bytes(*told));
        if age > LIFE_MILLIS {
            return Err(foreign_token());
        }
        Ok(Some(Key::new(key.to_vec())))
    }

    /// The token of the page that follows `after`; `None` on the last page.
    pub fn token(self, cx: &mut Cx<'_>, after: Option<&Key>) -> Option<String> {
        let after = after?;
        let mut plain = cx.now().millis().to_be_bytes().to_vec();
        plain.extend_from_slice(after.as_bytes());
        let nonce = cx.random("nonce/page token");
        let place = self.place();
        let root_keys = &cx.environment().root_keys;
        Some(base64::encode_url(&root_keys.seal(
            context(&place),
            nonce,
            &plain,
        )))
    }

    /// The operation and its arguments, each behind its length.
    fn place(self) -> Vec<u8> {
        let mut place = Vec::new();
        for part in core::iter::once(&self.operation).chain(self.arguments) {
            place.extend_from_slice(&(part.len() as u64).to_be_bytes());
            place.extend_from_slice(part.as_bytes());
        }
        place
    }
}

fn context(place: &[u8]) -> sealed::Context<'_> {
    sealed::Context {
        purpose: PURPOSE,
        scope: b"",
        associated: place,
    }
}

/// The refusal of a token that does not belong to the list.
pub(crate) fn foreign_token() -> Refusal {
    Refusal::new(
        RefusalKind::InvalidParameter,
        "Invalid pagination token given.",
    )
}

/// One page of records, and the key to go on after, `None` on the last page.
#[derive(Debug)]
pub(crate) struct Page<T> {
    /// The records, in the order of their keys.
    pub records: Vec<Held<T>>,
    /// Where the next page begins.
    pub after: Option<Key>,
}

/// At most `limit` records under a prefix that are to be `kept`, after a key.
///
/// One more is read than asked for, to know whether the page is the last. Where most records are left
/// out, the page may be short and yet not the last.
///
/// # Errors
/// Stops the run until the records are there.
pub(crate) fn page<T: Record>(
    cx: &mut Cx<'_>,
    prefix: &Key,
    after: Option<Key>,
    limit: usize,
    kept: impl Fn(&T) -> bool,
) -> Run<Page<T>> {
    let mut records: Vec<Held<T>> = Vec::with_capacity(limit + 1);
    let mut after = after;
    for _ in 0..MAX_READS {
        let (found, more) = cx.page::<T>(prefix, after.as_ref(), limit + 1)?;
        records.extend(found.into_iter().filter(|held| kept(held)));
        if records.len() > limit {
            records.truncate(limit);
            after = records.last().map(|held| held.key().clone());
            return Ok(Page { records, after });
        }
        after = more;
        if after.is_none() {
            break;
        }
    }
    Ok(Page { records, after })
}
