//! Importing users from a file of comma-separated values.
//!
//! An administrator makes an import, sends its file to the address that came back, and starts it; the engine's upkeep then
//! takes a row a step. The user of a row, and where the next row begins, land in one commit, so that a crash neither
//! loses nor repeats a row.
//!
//! | module | subject |
//! |---|---|
//! | `columns` | which columns the file of a pool has |
//! | `control` | making, starting, describing, listing and stopping imports |
//! | `file` | how the file comes in, and the report goes out |
//! | `listed` | the users that another directory listed, with their ids |
//! | `row` | the user that a row describes |
//! | `step` | one row |

mod columns;
mod control;
pub mod file;
pub mod listed;
mod row;
pub(crate) mod step;

pub(crate) use columns::get_csv_header;
pub(crate) use control::{
    create_user_import_job, describe_user_import_job, list_user_import_jobs, start_user_import_job,
    stop_user_import_job,
};

use alloc::borrow::Cow;

use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{
        import_job::{ImportJob, Imports},
        keys,
        pool::Pool,
    },
    ops::parties,
};

/// Refuses a change of a pool that an import makes users in.
///
/// # Errors
/// `UserImportInProgressException`; stops the run until it is known.
pub(crate) fn refuse_while_importing(cx: &mut Cx<'_>, pool: &str) -> Run<()> {
    let imports = keys::imports(pool);
    cx.want([&keys::pool(pool), &imports])?;
    match cx.get::<Imports>(&imports)? {
        Some(imports) if imports.active.is_some() => Err(Refusal::new(
            RefusalKind::UserImportInProgress,
            "An import of users into this user pool is in progress.",
        )
        .into()),
        _ => Ok(()),
    }
}

/// An import with its pool.
///
/// # Errors
/// Refuses, in this order: unknown pool, unknown import.
fn find(cx: &mut Cx<'_>, pool: &str, id: &str) -> Run<(Held<Pool>, Held<ImportJob>)> {
    let key = keys::import_job(pool, id);
    cx.want([&keys::pool(pool), &keys::imports(pool), &key])?;
    let pool = parties::pool(cx, pool)?;
    let job = cx.get::<ImportJob>(&key)?;
    let job = job.ok_or_else(|| {
        let text = alloc::format!("The import job {id} does not exist.");
        Refusal::new(RefusalKind::ResourceNotFound, text)
    })?;
    Ok((pool, job))
}

fn unmet(text: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(RefusalKind::PreconditionNotMet, text)
}
