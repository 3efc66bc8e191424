//! One step of an import: the next row of its file.

use alloc::{format, string::String, vec::Vec};

use super::{columns, row};
use crate::{
    engine::{Cx, Held, RefusalKind, Run, Stop},
    model::{
        import_job::{ImportJob, ImportPart, ImportState, Imports, MAX_ROW, PART, REPORT_PART},
        job::{Job, Task},
        keys,
        pool::Pool,
    },
};

/// How many rows may fail or be skipped.
const MAX_MISSES: u64 = 10_000;
/// How many rows a file may have.
const MAX_ROWS: u64 = 500_000;

/// Takes the next row, or ends the import.
///
/// # Errors
/// Stops the run until the records are there.
pub(crate) fn step(cx: &mut Cx<'_>, queued: &Held<Job>, pool: &str, import: &str) -> Run<()> {
    let key = keys::import_job(pool, import);
    cx.want([&keys::pool(pool), &key, &keys::imports(pool)])?;
    let pool = cx.get::<Pool>(&keys::pool(pool))?;
    let job = cx.get::<ImportJob>(&key)?;
    let (Some(pool), Some(job)) = (pool.filter(|pool| !pool.deleting), job) else {
        cx.remove(queued);
        return Ok(());
    };
    let next = match job.state {
        ImportState::Pending => Some(begin(cx, &pool, &job)?),
        ImportState::InProgress => Some(go_on(cx, &pool, &job)?),
        ImportState::Stopping => {
            let message = "The Import Job was stopped by the developer.";
            Some(ImportJob::clone(&job).end(ImportState::Stopped, message, cx.now()))
        }
        ImportState::Created
        | ImportState::Stopped
        | ImportState::Failed
        | ImportState::Succeeded
        | ImportState::Expired => None,
    };
    let Some(next) = next else {
        cx.remove(queued);
        return Ok(());
    };
    if next.ended.is_some() {
        cx.remove(queued);
        if let Some(imports) = cx.get::<Imports>(&keys::imports(&pool.id))? {
            let none = Imports {
                active: None,
                ..Imports::clone(&imports)
            };
            cx.update(&imports, &none);
        }
    } else {
        // Behind what waits longer.
        let task = Task::ImportUsers {
            pool: pool.id.clone(),
            import: next.id.clone(),
        };
        let begins = cx.now();
        cx.update(queued, &Job { begins, task });
    }
    cx.update(&job, &next);
    Ok(())
}

/// Reads the first row, which names the columns.
fn begin(cx: &mut Cx<'_>, pool: &Pool, job: &ImportJob) -> Run<ImportJob> {
    let row = next_row(cx, pool, job)?;
    let own = columns::of(pool);
    let named = match &row.text {
        Some(text) => row::cells(text),
        None => Vec::new(),
    };
    let is_whole =
        named.len() == own.len() && own.iter().all(|it| named.iter().any(|name| name == it));
    let read = ImportJob {
        at: row.ends,
        row: 1,
        ..job.clone()
    };
    if !is_whole {
        let message =
            "The header in the CSV file does not match the expected headers for the user pool.";
        return Ok(read.end(ImportState::Failed, message, cx.now()));
    }
    Ok(ImportJob {
        state: ImportState::InProgress,
        columns: named,
        ..read
    })
}

/// Reads the next row, and makes its user.
fn go_on(cx: &mut Cx<'_>, pool: &Pool, job: &ImportJob) -> Run<ImportJob> {
    if job.at >= job.bytes.unwrap_or_default() {
        let message = "Import Job Completed Successfully.";
        return Ok(job.clone().end(ImportState::Succeeded, message, cx.now()));
    }
    let read = next_row(cx, pool, job)?;
    let mut next = ImportJob {
        at: read.ends,
        row: job.row + 1,
        ..job.clone()
    };
    let missed = match &read.text {
        Some(text) if text.trim().is_empty() => return Ok(next),
        Some(text) => {
            let cells = row::cells(text);
            match cx.attempt(|cx| row::make(cx, pool, &job.columns, &cells))? {
                Ok(()) => None,
                Err(refusal) if refusal.kind() == RefusalKind::UsernameExists => {
                    next.skipped += 1;
                    Some(("SKIPPED", String::from("The user already exists.")))
                }
                Err(refusal) => {
                    next.failed += 1;
                    let text = refusal.message().replace('\n', " ");
                    Some(("FAILED", String::from(text.trim())))
                }
            }
        }
        None => {
            next.failed += 1;
            Some(("FAILED", String::from("The row is too long, or no UTF-8.")))
        }
    };
    match missed {
        None => next.imported += 1,
        Some((how, why)) => {
            let line = format!("[{how}] Line Number {} - {why}\n", next.row);
            report(cx, pool, &mut next, &line)?;
        }
    }
    let message = if next.skipped + next.failed > MAX_MISSES {
        "Too many users have failed or been skipped during the import."
    } else if next.row > MAX_ROWS {
        "The file has more users than an import may have."
    } else {
        return Ok(next);
    };
    Ok(next.end(ImportState::Failed, message, cx.now()))
}

/// A row of a file.
struct Row {
    /// None where it is too long or no text.
    text: Option<String>,
    /// Where the next one begins.
    ends: u64,
}

/// The next row of a file; a part that it ends is removed.
fn next_row(cx: &mut Cx<'_>, pool: &Pool, job: &ImportJob) -> Run<Row> {
    let (length, part) = (job.bytes.unwrap_or_default(), PART as u64);
    let number = job.at / part;
    let key = |number| keys::import_part(&pool.id, &job.id, job.sent, number);
    let mut places = Vec::from([key(number)]);
    if (number + 1) * part < length {
        places.push(key(number + 1));
    }
    cx.want(&places)?;
    let row = cx.once(|cx| {
        let mut bytes = Vec::with_capacity(2 * PART);
        for place in &places {
            let part = cx.get::<ImportPart>(place)?;
            let part = part.ok_or_else(|| Stop::torn("a part of a file"))?;
            bytes.extend_from_slice(&part.bytes);
        }
        let rest = bytes.get((job.at % part) as usize..).unwrap_or_default();
        Ok(split(rest, job.at, length))
    })?;
    let (text, ends) = row;
    for (number, place) in (number..).zip(&places) {
        let is_read = ends >= length || ends / part > number;
        if let Some(held) = cx.any(place)?.filter(|_| is_read) {
            cx.remove(&held);
        }
    }
    Ok(Row { text, ends })
}

/// The first row of these bytes, and where the next one begins.
fn split(rest: &[u8], at: u64, length: u64) -> (Option<String>, u64) {
    let most = rest.get(..MAX_ROW).unwrap_or(rest);
    let Some(end) = most.iter().position(|byte| *byte == b'\n') else {
        let is_last = at + most.len() as u64 >= length;
        // What follows a piece that is too long is read as rows, which fail too.
        let text = is_last.then(|| core::str::from_utf8(most).ok()).flatten();
        return (text.map(String::from), at + most.len() as u64);
    };
    let row = most[..end].strip_suffix(b"\r").unwrap_or(&most[..end]);
    let text = core::str::from_utf8(row).ok().map(String::from);
    (text, at + end as u64 + 1)
}

/// Adds a line to the report.
fn report(cx: &mut Cx<'_>, pool: &Pool, job: &mut ImportJob, line: &str) -> Run<()> {
    if let Some(last) = job.report.checked_sub(1) {
        let held = cx.get::<ImportPart>(&keys::import_report(&pool.id, &job.id, last))?;
        if let Some(held) = held.filter(|held| held.bytes.len() + line.len() <= REPORT_PART) {
            let bytes = [&held.bytes, line.as_bytes()].concat();
            cx.update(&held, &ImportPart { bytes });
            return Ok(());
        }
    }
    let key = keys::import_report(&pool.id, &job.id, job.report);
    let bytes = line.as_bytes().into();
    cx.insert(&key, &ImportPart { bytes });
    job.report += 1;
    Ok(())
}
