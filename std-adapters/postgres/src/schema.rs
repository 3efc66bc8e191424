//! The tables, made where there are none and brought to the newest layout that this version knows.
//!
//! A role that may only read and write the tables is enough where another role made them: nothing is made that is there.

use std::{fmt, io};

use tokio_postgres::{Client, SimpleQueryMessage};
use userpool_ports::StoreFault;

use crate::{
    connect::{Pauses, Session},
    ladder::{Older, Step, footing, function},
    locks::Lock,
    options::Commits,
    pool::Pool,
    statements::FUNCTION,
    trouble::Trouble,
};

/// Why a store did not open.
#[derive(Debug)]
pub enum OpenFault {
    /// The server cannot be reached or used.
    Store(String),
    /// The tables were made by a newer version, in a way that this one cannot use.
    NewerLayout {
        /// The layout of the tables.
        found: i32,
        /// The oldest layout whose versions can use them.
        oldest: i32,
        /// The newest layout that this version knows.
        known: i32,
    },
    /// The threads did not start.
    Threads(io::Error),
}

impl fmt::Display for OpenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(cause) => f.write_str(cause),
            Self::NewerLayout {
                found,
                oldest,
                known,
            } => write!(
                f,
                "the tables have layout {found}, for versions that know {oldest}, and this version knows {known}"
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

/// The layout of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Its number; 0 where there are none.
    pub(crate) number: i32,
    /// The oldest layout whose versions can use them.
    pub(crate) oldest: i32,
}

impl Layout {
    /// The layout of a schema.
    ///
    /// # Errors
    /// The server cannot be read.
    pub(crate) async fn read(client: &Client, schema: &str) -> Result<Self, Trouble> {
        Self::read_after(client, schema, "").await
    }

    /// Takes the lock of those who use the tables, for as long as the session lasts, and reads their layout: from then on
    /// it stays one for this version.
    ///
    /// # Errors
    /// The server cannot be read.
    pub(crate) async fn of_used(client: &Client, schema: &str) -> Result<Self, Trouble> {
        let number = Lock::Use.number(schema);
        let first = format!("SELECT pg_advisory_lock_shared({number}); ");
        Self::read_after(client, schema, &first).await
    }

    async fn read_after(client: &Client, schema: &str, first: &str) -> Result<Self, Trouble> {
        // Tables of before the ladder do not say who can use them; relatives of PostgreSQL may lack such locks.
        let ways = [(first, "oldest"), (first, "number"), ("", "oldest")];
        let mut trouble = None;
        for (first, oldest) in ways {
            let text = format!("{first}SELECT number, {oldest} FROM \"{schema}\".layout");
            let error = match client.simple_query(&text).await {
                Ok(told) => return Ok(Self::told(&told)),
                Err(error) => error,
            };
            match error.code().map_or("", |it| it.code()) {
                // No such table, no such schema.
                "42P01" | "3F000" => return Ok(Self::told(&[])),
                // No such column, no such lock.
                "42703" | "0A000" | "42883" => trouble = Some(Trouble::of(&error)),
                _ => return Err(Trouble::of(&error)),
            }
        }
        Err(trouble.unwrap_or_else(|| Trouble::Broken("the layout cannot be read".into())))
    }

    fn told(messages: &[SimpleQueryMessage]) -> Self {
        let row = messages.iter().rev().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let number = |column| {
            let text = row.and_then(|row| row.get(column));
            text.and_then(|it| it.parse().ok()).unwrap_or(0)
        };
        Self {
            number: number(0),
            oldest: number(1),
        }
    }

    /// Nothing, where a version that knows this many layouts can use the tables.
    ///
    /// # Errors
    /// It cannot.
    pub(crate) fn suits(self, known: i32) -> Result<(), OpenFault> {
        match self.oldest <= known {
            true => Ok(()),
            false => Err(OpenFault::NewerLayout {
                found: self.number,
                oldest: self.oldest,
                known,
            }),
        }
    }
}

/// The newest layout of a ladder.
pub(crate) fn known(ladder: &[Step]) -> i32 {
    i32::try_from(ladder.len()).unwrap_or(i32::MAX)
}

/// Makes what is missing. Of several stores that do so at once one makes it; the others wait for it.
///
/// # Errors
/// The server cannot be reached, or does not allow it; the tables are those of a newer version.
pub(crate) async fn prepare(pool: &Pool) -> Result<(), OpenFault> {
    let mut pauses = Pauses::until(pool.deadline());
    loop {
        let trouble = match pool.session().await {
            Ok(session) => match bring_up(pool, &session).await {
                Ok(layout) => return layout.suits(known(pool.ladder)),
                Err(trouble) => trouble,
            },
            Err(trouble) => trouble,
        };
        if matches!(trouble, Trouble::Refused(_)) || !pauses.pause().await {
            return Err(trouble.into_fault().into());
        }
    }
}

/// Takes the steps that are missing; tells the layout.
async fn bring_up(pool: &Pool, session: &Session) -> Result<Layout, Trouble> {
    let (client, schema) = (&session.client, &pool.schema);
    let mut layout = pool.answer(Layout::read(client, schema)).await??;
    if pool.read_only {
        return match layout.number {
            0 => Err(Trouble::Refused("there are no tables to read".into())),
            _ => Ok(layout),
        };
    }
    while let Some(step) = next(pool.ladder, layout) {
        change(client, schema, &step_from(layout, step, pool)).await?;
        layout = pool.answer(Layout::read(client, schema)).await??;
    }
    if pool.commits == Commits::Function && !pool.answer(has_function(client, schema)).await?? {
        change(client, schema, &function(schema)).await?;
    }
    Ok(layout)
}

fn next(ladder: &[Step], layout: Layout) -> Option<&Step> {
    let number = usize::try_from(layout.number).ok()?;
    ladder.get(number)
}

/// Changes the tables in one transaction, as the only one who does. It may last as long as they are large.
///
/// Where it fails, the transaction ends with the session.
async fn change(client: &Client, schema: &str, statements: &str) -> Result<(), Trouble> {
    let alone = otherwise(
        &format!("pg_try_advisory_xact_lock({})", Lock::Change.number(schema)),
        "another node changes the tables",
    );
    // Whoever waits for a lock makes others wait that come after.
    let text = format!("BEGIN; SET LOCAL lock_timeout = 2000; {alone}; {statements}; COMMIT");
    let done = client.batch_execute(&text).await;
    done.map_err(|it| Trouble::of(&it))
}

/// The statements of a step, which note that it was taken. Of two who take it at once the second is told to look again.
fn step_from(layout: Layout, step: &Step, pool: &Pool) -> String {
    let (schema, from) = (&pool.schema, layout.number);
    let table = format!("\"{schema}\".layout");
    let mut statements = vec![
        // Whoever may make tables there need not be allowed to make the schema, where it is.
        format!(
            "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = '{schema}') \
             THEN CREATE SCHEMA \"{schema}\"; END IF; END $$"
        ),
        footing(schema),
        otherwise(
            &format!("(SELECT number FROM {table}) = {from}"),
            "another node has changed the tables",
        ),
    ];
    let mut oldest = layout.oldest;
    if step.older == Older::Stop {
        oldest = from + 1;
        statements.push(otherwise(
            &format!("pg_try_advisory_xact_lock({})", Lock::Use.number(schema)),
            "nodes of an older version are connected, which cannot go on with the next layout of the \
             tables: stop them first",
        ));
    }
    statements.extend((step.statements)(schema, pool.partitions));
    statements.push(format!(
        "UPDATE {table} SET number = {from} + 1, oldest = {oldest}"
    ));
    statements.join("; ")
}

/// Fails, as where a lock is not to be had, unless a condition holds.
fn otherwise(condition: &str, cause: &str) -> String {
    format!(
        "DO $$ BEGIN IF NOT {condition} THEN RAISE EXCEPTION '{cause}' USING ERRCODE = '55P03'; \
         END IF; END $$"
    )
}

async fn has_function(client: &Client, schema: &str) -> Result<bool, Trouble> {
    let text = format!(
        "SELECT 1 FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace \
         WHERE nspname = '{schema}' AND proname = '{FUNCTION}'"
    );
    let told = client.simple_query(&text).await;
    let row = |it: &SimpleQueryMessage| matches!(it, SimpleQueryMessage::Row(_));
    told.map(|it| it.iter().any(row))
        .map_err(|it| Trouble::of(&it))
}

#[cfg(test)]
mod tests;
