//! What the engine does on its own: finishing long jobs and sending messages again.
//!
//! The host's maintenance loop runs [`work`] and [`resend`] again and again, each as a request of its own.
//! What is left stands in the store, so a crash loses nothing, and several nodes may do the same at once.

mod delete_pool;
mod devices;
mod groups;
mod resend;

use alloc::boxed::Box;

use userpool_ports::Key;

use crate::{
    engine::{Cx, Held, Output, Program, Run},
    model::{
        job::{Job, Task},
        keys,
    },
    ops::imports,
};

/// How many jobs are looked at in one read for those whose time has come.
const SEEN: usize = 128;
/// How many such reads.
const READS: usize = 16;

/// One bounded piece of one job. The output is a `bool`: whether there may be more to do at once.
#[must_use]
pub fn work() -> Program {
    Box::new(|cx| work_on_one(cx).map(|more| Box::new(more) as Output))
}

/// Another try at one message that was not handed over. The output is a `bool`: whether there was one.
///
/// A failed delivery is an error as for any request; the message is tried again later.
#[must_use]
pub fn resend() -> Program {
    Box::new(|cx| resend::resend_one(cx).map(|sent| Box::new(sent) as Output))
}

/// Does one bounded piece of the job that may begin and waits longest, and tells whether there was one.
fn work_on_one(cx: &mut Cx<'_>) -> Run<bool> {
    let now = cx.now();
    let (mut longest, mut after): (Option<Held<Job>>, Option<Key>) = (None, None);
    for _ in 0..READS {
        let (jobs, more) = cx.page::<Job>(&keys::jobs(), after.as_ref(), SEEN)?;
        // The one that waits longest, so that none of many steps keeps others from theirs.
        let due = jobs.into_iter().filter(|job| job.begins <= now);
        longest = longest.into_iter().chain(due).min_by_key(|job| job.begins);
        if more.is_none() {
            break;
        }
        after = more;
    }
    let Some(job) = longest else {
        return Ok(false);
    };
    step(cx, &job)?;
    Ok(true)
}

fn step(cx: &mut Cx<'_>, job: &Held<Job>) -> Run<()> {
    match &job.task {
        Task::DeletePool { pool, at } => delete_pool::step(cx, job, pool, at),
        Task::EmptyGroup { pool, group } => groups::empty(cx, job, pool, group),
        Task::ImportUsers { pool, import } => imports::step::step(cx, job, pool, import),
        Task::ForgetDevices { pool, sub } => devices::forget(cx, job, pool, sub),
        Task::LeaveGroups { pool, sub, groups } => groups::leave(cx, job, (pool, sub), groups),
    }
}

/// Leaves the rest of a job for later, behind what waits longer: a pool of a million users is emptied in many thousand
/// steps, and others have their turns between them.
fn go_on(cx: &mut Cx<'_>, job: &Held<Job>, task: Task) {
    let begins = cx.now();
    cx.update(job, &Job { begins, task });
}
