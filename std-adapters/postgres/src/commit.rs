//! Commits: all or nothing, once for each token, and never told wrongly.

use tokio_postgres::{Error, types::ToSql};
use userpool_ports::{
    Batch, Change, Expect, Outcome, StoreFault, Timestamp, Write, storage::TOKEN_LIFE_MILLIS,
};

use crate::{
    connect::{Asked, Link, Pauses, at_once},
    options::Commits,
    pool::{Lent, Pool},
    trouble::{Trouble, certainly_lost, is_conflict},
};

/// How an attempt ended.
enum Attempt {
    /// This is known, or known to be unknown.
    Ended(Outcome),
    /// Nothing landed.
    NothingLanded(Trouble),
}

/// Commits a batch whose bounds were checked, trying again for as long as nothing landed.
///
/// # Errors
/// Nothing landed, and will not.
pub(crate) async fn commit(pool: &Pool, batch: &Batch) -> Result<Outcome, StoreFault> {
    let deadline = pool.deadline();
    let mut pauses = Pauses::until(deadline);
    loop {
        let mut link = pool.lend(deadline).await?;
        link.begin();
        let attempt = match pool.commits {
            Commits::Statements => by_statements(pool, &mut link, batch).await,
            Commits::Function => by_function(pool, &mut link, batch).await,
        };
        let trouble = match attempt {
            Attempt::Ended(outcome) => {
                if outcome == Outcome::Unknown {
                    link.broke();
                }
                return Ok(outcome);
            }
            Attempt::NothingLanded(trouble) => trouble,
        };
        if matches!(trouble, Trouble::Broken(_)) {
            link.broke();
        }
        drop(link);
        if matches!(trouble, Trouble::Refused(_)) || !pauses.pause().await {
            return Err(trouble.into_fault());
        }
    }
}

async fn by_statements(pool: &Pool, link: &mut Lent<'_>, batch: &Batch) -> Attempt {
    let mut asked: Vec<Asked<'_>> = Vec::with_capacity(batch.writes.len() + 2);
    asked.push(Box::pin(begin(link)));
    asked.push(Box::pin(remember(link, batch)));
    for write in &batch.writes {
        asked.push(Box::pin(apply(link, write)));
    }
    let answers = match pool.answer(at_once(asked)).await {
        Ok(answers) => answers,
        Err(late) => return Attempt::NothingLanded(late),
    };
    // `COMMIT` was not sent: whatever went wrong, the server takes it back.
    let counts: Result<Vec<u64>, Error> = answers.into_iter().collect();
    let counts = match counts {
        Ok(counts) => counts,
        Err(error) => {
            let trouble = Trouble::of(&error);
            if !matches!(trouble, Trouble::Broken(_)) {
                roll_back(pool, link).await;
            }
            return Attempt::NothingLanded(trouble);
        }
    };
    if counts.get(1) == Some(&0) {
        roll_back(pool, link).await;
        return confirm(pool, link, batch).await;
    }
    if counts.iter().skip(2).any(|count| *count != 1) {
        roll_back(pool, link).await;
        return Attempt::Ended(Outcome::Conflict);
    }
    let committing = link.session.client.execute(&link.statements.commit, &[]);
    match pool.answer(committing).await {
        Ok(Ok(_)) => {
            link.end();
            Attempt::Ended(Outcome::Committed)
        }
        Ok(Err(error)) if certainly_lost(&error) => {
            link.end();
            Attempt::NothingLanded(Trouble::of(&error))
        }
        Ok(Err(_)) | Err(_) => Attempt::Ended(Outcome::Unknown),
    }
}

async fn begin(link: &Link) -> Result<u64, Error> {
    let session = &link.session;
    session.client.execute(&link.statements.begin, &[]).await
}

async fn remember(link: &Link, batch: &Batch) -> Result<u64, Error> {
    let (token, forgotten) = (&batch.token[..], forgotten(batch));
    let remember = &link.statements.remember;
    let client = &link.session.client;
    client.execute(remember, &[&token, &forgotten]).await
}

/// One write: the count is 1 where its expectation holds.
async fn apply(link: &Link, write: &Write) -> Result<u64, Error> {
    let (client, statements) = (&link.session.client, &link.statements);
    let key = write.key.as_bytes();
    let version = match write.expect {
        Expect::At(version) => Some(version.raw().cast_signed()),
        Expect::Absent => None,
    };
    match (&write.change, version) {
        (Change::Put { value, expires }, None) => {
            let (value, ends) = (&value[..], expires.map(Timestamp::millis));
            client
                .execute(&statements.put_new, &[&key, &value, &ends])
                .await
        }
        (Change::Put { value, expires }, Some(version)) => {
            let (value, ends) = (&value[..], expires.map(Timestamp::millis));
            client
                .execute(&statements.put, &[&key, &version, &value, &ends])
                .await
        }
        (Change::Remove, version) => client.execute(&statements.remove, &[&key, &version]).await,
        (Change::Check, version) => client.execute(&statements.check, &[&key, &version]).await,
    }
}

async fn roll_back(pool: &Pool, link: &mut Lent<'_>) {
    let rolling = link.session.client.execute(&link.statements.rollback, &[]);
    match pool.answer(rolling).await {
        Ok(Ok(_)) => link.end(),
        // Then the link closes, and the server takes it back for that.
        Ok(Err(_)) | Err(_) => link.broke(),
    }
}

/// Says that a batch has landed before, once that is as lasting as a commit of now.
///
/// A server that crashed while it waited for its standbys shows the batch when it is back, whether they have it or not. A
/// commit of now reaches them after all that was before it.
async fn confirm(pool: &Pool, link: &mut Lent<'_>, batch: &Batch) -> Attempt {
    let token = &batch.token[..];
    link.begin();
    let parameters: [&(dyn ToSql + Sync); 1] = [&token];
    let confirming = link
        .session
        .client
        .execute(&link.statements.confirm, &parameters);
    match pool.answer(confirming).await {
        Ok(Ok(1)) => {
            link.end();
            Attempt::Ended(Outcome::Committed)
        }
        // Swept since, or cut off: it has landed, but the next attempt is to say so.
        Ok(Ok(_)) => {
            link.end();
            Attempt::Ended(Outcome::Unknown)
        }
        Ok(Err(_)) | Err(_) => Attempt::Ended(Outcome::Unknown),
    }
}

async fn by_function(pool: &Pool, link: &mut Lent<'_>, batch: &Batch) -> Attempt {
    let Some(land) = &link.statements.land else {
        let cause = "this session does not know the function".into();
        return Attempt::NothingLanded(Trouble::Refused(cause));
    };
    let (token, forgotten) = (&batch.token[..], forgotten(batch));
    let rows = Rows::of(&batch.writes);
    let parameters: [&(dyn ToSql + Sync); 7] = [
        &token,
        &forgotten,
        &rows.kinds,
        &rows.keys,
        &rows.versions,
        &rows.values,
        &rows.ends,
    ];
    let landing = link.session.client.execute(land, &parameters);
    match pool.answer(landing).await {
        Ok(Ok(_)) => {
            link.end();
            Attempt::Ended(Outcome::Committed)
        }
        Ok(Err(error)) if is_conflict(&error) => {
            link.end();
            Attempt::Ended(Outcome::Conflict)
        }
        Ok(Err(error)) if certainly_lost(&error) => {
            link.end();
            Attempt::NothingLanded(Trouble::of(&error))
        }
        Ok(Err(_)) | Err(_) => Attempt::Ended(Outcome::Unknown),
    }
}

/// The writes of a batch, a column each.
#[derive(Default)]
struct Rows<'a> {
    kinds: Vec<i16>,
    keys: Vec<&'a [u8]>,
    versions: Vec<Option<i64>>,
    values: Vec<Option<&'a [u8]>>,
    ends: Vec<Option<i64>>,
}

impl<'a> Rows<'a> {
    fn of(writes: &'a [Write]) -> Self {
        let mut rows = Self::default();
        for write in writes {
            let (kind, value, ends) = match &write.change {
                Change::Put { value, expires } => (0, Some(&value[..]), *expires),
                Change::Remove => (1, None, None),
                Change::Check => (2, None, None),
            };
            rows.kinds.push(kind);
            rows.keys.push(write.key.as_bytes());
            rows.versions.push(match write.expect {
                Expect::At(version) => Some(version.raw().cast_signed()),
                Expect::Absent => None,
            });
            rows.values.push(value);
            rows.ends.push(ends.map(Timestamp::millis));
        }
        rows
    }
}

/// When the token of a batch may be forgotten.
fn forgotten(batch: &Batch) -> i64 {
    batch.now.millis().saturating_add(TOKEN_LIFE_MILLIS)
}
