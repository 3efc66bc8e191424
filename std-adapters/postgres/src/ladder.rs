//! The layouts of the tables, as steps from each to the next.
//!
//! | table | row |
//! |---|---|
//! | `entry` | key, value, version, end in milliseconds where it has one |
//! | `token` | token of a landed batch, end of its life |
//! | `layout` | one row: the number of the layout, and the oldest whose nodes can use these tables |
//!
//! Versions come from the sequence `version`, so that they never recur.
//!
//! **A new step** goes to the end of [`LADDER`], and never changes once it was released. It is one transaction and may wait
//! for no lock longer than two seconds, so an index over a large table is made beforehand, `CONCURRENTLY` and by hand, and
//! the step says `IF NOT EXISTS`. It says what becomes of nodes that know the ladder only up to the step before:
//!
//! - [`Older::GoOn`] where their statements, which name every column that they read or write, still find all they
//!   name and leave nothing out: a column with a default, an index, a table beside these.
//! - [`Older::Stop`] for everything else. It is taken while no older node is connected, and older nodes refuse to begin after it.

use crate::{statements::FUNCTION, trouble::CONFLICT};

/// A step to the next layout.
#[derive(Debug)]
pub(crate) struct Step {
    /// What becomes of nodes that do not know it.
    pub(crate) older: Older,
    /// Its statements, for a schema and a number of partitions (0: none).
    pub(crate) statements: fn(&str, u16) -> Vec<String>,
}

/// Nodes that know the layouts before a step, once it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Older {
    /// They serve beside the new ones.
    #[cfg_attr(not(test), expect(dead_code, reason = "no step was of this kind yet"))]
    GoOn,
    /// They have ended, and do not begin again.
    Stop,
}

/// The step at 0 leads to layout 1.
pub(crate) const LADDER: &[Step] = &[Step {
    older: Older::Stop,
    statements: tables,
}];

/// What the first step stands on: a row that says that there are no tables yet. Tables of before the ladder lack a column.
pub(crate) fn footing(schema: &str) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS \"{schema}\".layout \
         (one integer PRIMARY KEY CHECK (one = 1), number integer NOT NULL, oldest integer NOT NULL); \
         ALTER TABLE \"{schema}\".layout ADD COLUMN IF NOT EXISTS oldest integer NOT NULL DEFAULT 1; \
         INSERT INTO \"{schema}\".layout VALUES (1, 0, 0) ON CONFLICT DO NOTHING"
    )
}

/// The tables of layout 1.
pub(crate) fn tables(schema: &str, partitions: u16) -> Vec<String> {
    let by = |column: &str| match partitions {
        0 => String::new(),
        _ => format!(" PARTITION BY HASH ({column})"),
    };
    let mut statements = vec![
        format!("CREATE SEQUENCE IF NOT EXISTS \"{schema}\".version CACHE 64"),
        format!(
            "CREATE TABLE IF NOT EXISTS \"{schema}\".entry \
             (k bytea PRIMARY KEY, v bytea NOT NULL, ver bigint NOT NULL, ends bigint){}",
            by("k")
        ),
        format!(
            "CREATE INDEX IF NOT EXISTS entry_ends ON \"{schema}\".entry (ends) \
             WHERE ends IS NOT NULL"
        ),
        format!(
            "CREATE TABLE IF NOT EXISTS \"{schema}\".token \
             (token bytea PRIMARY KEY, ends bigint NOT NULL){}",
            by("token")
        ),
        format!("CREATE INDEX IF NOT EXISTS token_ends ON \"{schema}\".token (ends)"),
    ];
    for number in 0..partitions {
        statements.extend(["entry", "token"].map(|table| {
            format!(
                "CREATE TABLE IF NOT EXISTS \"{schema}\".{table}_{number} PARTITION OF \"{schema}\".{table} \
                 FOR VALUES WITH (MODULUS {partitions}, REMAINDER {number})"
            )
        }));
    }
    statements
}

/// The whole of a commit as one call. It waits for locks in the order of the keys, as the statements do.
pub(crate) fn function(schema: &str) -> String {
    format!(
        "CREATE OR REPLACE FUNCTION \"{schema}\".{FUNCTION}(of_batch bytea, forgotten bigint, kinds smallint[], \
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
