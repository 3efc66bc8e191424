//! Reads: each one statement, which sees one state.

use std::{collections::HashMap, sync::Arc};

use tokio_postgres::{Error, Row};
use userpool_ports::{Entry, Key, PageRequest, StoreFault, Timestamp, Version, storage::MAX_KEY};

use crate::{
    connect::{Link, Pauses},
    pool::Pool,
    trouble::Trouble,
};

/// What is read.
enum Wanted<'a> {
    Keys(Vec<&'a [u8]>),
    Page {
        from: &'a [u8],
        below: Vec<u8>,
        after: &'a [u8],
        limit: i64,
    },
}

impl Wanted<'_> {
    async fn ask(&self, link: &Link) -> Result<Vec<Row>, Error> {
        let (client, statements) = (&link.session.client, &link.statements);
        match self {
            Self::Keys(keys) => client.query(&statements.load, &[keys]).await,
            Self::Page {
                from,
                below,
                after,
                limit,
            } => {
                client
                    .query(&statements.page, &[from, below, after, limit])
                    .await
            }
        }
    }
}

/// The entries of these keys, in the order asked.
///
/// # Errors
/// The server could not be read.
pub(crate) async fn load(pool: &Pool, keys: &[Key]) -> Result<Vec<Option<Entry>>, StoreFault> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = Wanted::Keys(keys.iter().map(Key::as_bytes).collect());
    let mut found = HashMap::with_capacity(keys.len());
    for row in rows(pool, &wanted).await? {
        let (key, entry) = entry(&row)?;
        found.insert(key, entry);
    }
    Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
}

/// At most `limit` entries under a prefix, after a cursor, in ascending order.
///
/// # Errors
/// The server could not be read.
pub(crate) async fn page(
    pool: &Pool,
    request: &PageRequest,
) -> Result<Vec<(Key, Entry)>, StoreFault> {
    let from = request.prefix.as_bytes();
    let wanted = Wanted::Page {
        from,
        below: end_of(from),
        // No key is empty: every key is after the empty one.
        after: request.after.as_ref().map_or(&[], Key::as_bytes),
        limit: i64::try_from(request.limit).unwrap_or(i64::MAX),
    };
    rows(pool, &wanted).await?.iter().map(entry).collect()
}

async fn rows(pool: &Pool, wanted: &Wanted<'_>) -> Result<Vec<Row>, StoreFault> {
    let deadline = pool.deadline();
    let mut pauses = Pauses::until(deadline);
    loop {
        let mut link = pool.lend(deadline).await?;
        link.begin();
        let answer = pool.answer(wanted.ask(&link)).await;
        let trouble = match answer {
            Ok(Ok(rows)) => {
                link.end();
                return Ok(rows);
            }
            Ok(Err(error)) => Trouble::of(&error),
            Err(late) => late,
        };
        match &trouble {
            Trouble::Refused(_) => {
                link.end();
                return Err(trouble.into_fault());
            }
            Trouble::Again(_) => link.end(),
            Trouble::Broken(_) => link.broke(),
        }
        drop(link);
        if !pauses.pause().await {
            return Err(trouble.into_fault());
        }
    }
}

fn entry(row: &Row) -> Result<(Key, Entry), StoreFault> {
    let damaged = |_| StoreFault::new("a row of the store is damaged");
    let key: &[u8] = row.try_get(0).map_err(damaged)?;
    let value: &[u8] = row.try_get(1).map_err(damaged)?;
    let version: i64 = row.try_get(2).map_err(damaged)?;
    let ends: Option<i64> = row.try_get(3).map_err(damaged)?;
    let entry = Entry {
        value: Arc::from(value),
        version: Version::from_raw(version.cast_unsigned()),
        expires: ends.map(Timestamp::from_millis),
    };
    Ok((Key::new(key), entry))
}

/// The first key beyond all that begin with `prefix`.
fn end_of(prefix: &[u8]) -> Vec<u8> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX);
    match last {
        Some(at) => {
            let mut end = prefix[..=at].to_vec();
            end[at] += 1;
            end
        }
        // Beyond every key: none is as long.
        None => vec![u8::MAX; MAX_KEY + 1],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_no_key_begins_with_it() {
        assert_eq!(end_of(b"ab"), b"ac");
        assert_eq!(end_of(b"a\xff\xff"), b"b");
        for prefix in [&b""[..], b"\xff", &[0xFF; MAX_KEY]] {
            assert!(end_of(prefix) > vec![0xFF; MAX_KEY]);
        }
    }
}
