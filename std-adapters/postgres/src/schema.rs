//! The tables, made where there are none and brought to this version's layout.
//!
//! | table | row |
//! |---|---|
//! | `entry` | key, value, version, end in milliseconds where it has one |
//! | `token` | token of a landed batch, end of its life |
//! | `layout` | one row: the number of the layout |
//!
//! Versions come from the sequence `version`, so that they never recur. A role that may only read and write the tables is
//! enough where another role made them: nothing is made that is there.

use std::{fmt, io};

use tokio_postgres::Client;
use userpool_ports::StoreFault;

use crate::{
    connect::{Pauses, Session},
    options::Commits,
    pool::Pool,
    statements::FUNCTION,
    trouble::{CONFLICT, Trouble},
};

/// The layout of this version.
const LAYOUT: i32 = 1;

/// Why a store did not open.
#[derive(Debug)]
pub enum OpenFault {
    /// The server cannot be reached or used.
    Store(String),
    /// The tables were made by a newer version, with this layout.
    NewerLayout(i32),
    /// The threads did not start.
    Threads(io::Error),
}

impl fmt::Display for OpenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(cause) => f.write_str(cause),
            Self::NewerLayout(found) => write!(
                f,
                "the tables have layout {found}, and this version knows {LAYOUT}"
            ),
            Self::Threads(cause) => write!(f, "the threads do not start: {cause}"),
        }
    }
}

impl std::error::Error for OpenFault {}

impl From<StoreFault> for OpenFault {
    fn from(fault: StoreFault) -> Self {
        Self::Store(fault.to_string())
    }
}

/// Makes what is missing. Several stores may do so at once: whoever loses a race finds it made.
///
/// # Errors
/// The server cannot be reached, or does not allow it; the tables are those of a newer version.
pub(crate) async fn prepare(pool: &Pool) -> Result<(), OpenFault> {
    let mut pauses = Pauses::until(pool.deadline());
    loop {
        let trouble = match pool.session().await {
            Ok(session) => match pool.answer(bring_up(pool, &session)).await {
                Ok(Ok(LAYOUT)) => return Ok(()),
                Ok(Ok(other)) => return Err(OpenFault::NewerLayout(other)),
                Ok(Err(trouble)) | Err(trouble) => trouble,
            },
            Err(trouble) => trouble,
        };
        if matches!(trouble, Trouble::Refused(_)) || !pauses.pause().await {
            return Err(trouble.into_fault().into());
        }
    }
}

/// Makes what is missing; tells the layout.
async fn bring_up(pool: &Pool, session: &Session) -> Result<i32, Trouble> {
    let (client, schema) = (&session.client, &pool.schema);
    let number = match layout(client, schema).await? {
        Some(number) => number,
        None => {
            make(client, &tables(schema)).await?;
            let found = layout(client, schema).await?;
            found.ok_or_else(|| Trouble::Again("the tables were not made".into()))?
        }
    };
    if pool.commits == Commits::Function && !has_function(client, schema).await? {
        make(client, &[function(schema)]).await?;
    }
    Ok(number)
}

async fn layout(client: &Client, schema: &str) -> Result<Option<i32>, Trouble> {
    let text = format!("SELECT number FROM \"{schema}\".layout");
    match client.query_opt(&text, &[]).await {
        Ok(row) => Ok(row.and_then(|row| row.try_get(0).ok())),
        Err(error) => match error.code().map(|it| it.code()) {
            // No such table, no such schema.
            Some("42P01" | "3F000") => Ok(None),
            _ => Err(Trouble::of(&error)),
        },
    }
}

async fn has_function(client: &Client, schema: &str) -> Result<bool, Trouble> {
    let text = "SELECT 1 FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace \
                WHERE nspname::text = $1 AND proname::text = $2";
    let found = client.query_opt(text, &[&schema, &FUNCTION]).await;
    found.map(|it| it.is_some()).map_err(|it| Trouble::of(&it))
}

/// Runs each statement by itself: not every relative of PostgreSQL makes tables within a transaction.
async fn make(client: &Client, statements: &[String]) -> Result<(), Trouble> {
    for statement in statements {
        if let Err(error) = client.batch_execute(statement).await {
            let code = error.code().map_or("", |it| it.code());
            // Somebody else is making the same.
            let lost_race = matches!(code, "23505" | "42P06" | "42P07" | "42710" | "XX000");
            return Err(match lost_race {
                true => Trouble::Again(error.to_string()),
                false => Trouble::of(&error),
            });
        }
    }
    Ok(())
}

fn tables(schema: &str) -> [String; 7] {
    [
        format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\""),
        format!("CREATE SEQUENCE IF NOT EXISTS \"{schema}\".version CACHE 64"),
        format!(
            "CREATE TABLE IF NOT EXISTS \"{schema}\".entry \
             (k bytea PRIMARY KEY, v bytea NOT NULL, ver bigint NOT NULL, ends bigint)"
        ),
        format!(
            "CREATE INDEX IF NOT EXISTS entry_ends ON \"{schema}\".entry (ends) \
             WHERE ends IS NOT NULL"
        ),
        format!(
            "CREATE TABLE IF NOT EXISTS \"{schema}\".token \
             (token bytea PRIMARY KEY, ends bigint NOT NULL)"
        ),
        format!("CREATE INDEX IF NOT EXISTS token_ends ON \"{schema}\".token (ends)"),
        // Last: where this row is, everything is.
        format!(
            "CREATE TABLE IF NOT EXISTS \"{schema}\".layout \
             (one integer PRIMARY KEY CHECK (one = 1), number integer NOT NULL); \
             INSERT INTO \"{schema}\".layout VALUES (1, {LAYOUT}) ON CONFLICT DO NOTHING"
        ),
    ]
}

/// The whole of a commit as one call. It waits for locks in the order of the keys, as the statements do.
fn function(schema: &str) -> String {
    format!(
        "CREATE FUNCTION \"{schema}\".{FUNCTION}(of_batch bytea, forgotten bigint, kinds smallint[], \
             ks bytea[], vers bigint[], vs bytea[], es bigint[]) \
         RETURNS boolean LANGUAGE plpgsql AS $$ \
         DECLARE touched integer; \
         BEGIN \
           INSERT INTO \"{schema}\".token (token, ends) VALUES (of_batch, forgotten) \
             ON CONFLICT DO NOTHING; \
           GET DIAGNOSTICS touched = ROW_COUNT; \
           IF touched = 0 THEN \
             UPDATE \"{schema}\".token SET ends = ends WHERE token = of_batch; \
             RETURN false; \
           END IF; \
           FOR i IN 1 .. coalesce(array_length(ks, 1), 0) LOOP \
             IF kinds[i] = 0 AND vers[i] IS NULL THEN \
               INSERT INTO \"{schema}\".entry (k, v, ver, ends) \
                 VALUES (ks[i], vs[i], nextval('\"{schema}\".version'), es[i]) \
                 ON CONFLICT DO NOTHING; \
             ELSIF kinds[i] = 0 THEN \
               UPDATE \"{schema}\".entry \
                 SET v = vs[i], ver = nextval('\"{schema}\".version'), ends = es[i] \
                 WHERE k = ks[i] AND ver = vers[i]; \
             ELSIF kinds[i] = 1 THEN \
               DELETE FROM \"{schema}\".entry WHERE k = ks[i] AND ver = vers[i]; \
             ELSE \
               PERFORM 1 FROM \"{schema}\".entry WHERE k = ks[i] AND ver = vers[i] FOR SHARE; \
             END IF; \
             GET DIAGNOSTICS touched = ROW_COUNT; \
             IF touched <> 1 THEN RAISE EXCEPTION 'conflict' USING ERRCODE = '{CONFLICT}'; END IF; \
           END LOOP; \
           RETURN true; \
         END $$"
    )
}
