//! The job that removes the devices of a deleted user.

use userpool_ports::storage::MAX_WRITES;

use crate::{
    engine::{Cx, Held, Run},
    model::{job::Job, keys, sub::Sub},
};

/// Removes the next devices.
///
/// # Errors
/// Stops the run until the records are there.
pub(super) fn forget(cx: &mut Cx<'_>, job: &Held<Job>, pool: &str, sub: &Sub) -> Run<()> {
    let prefix = keys::devices(pool, sub);
    let (devices, more) = cx.page_of_any(&prefix, None, MAX_WRITES - 1)?;
    for device in &devices {
        cx.remove(device);
    }
    if more.is_none() {
        cx.remove(job);
    } else {
        super::go_on(cx, job, job.task.clone());
    }
    Ok(())
}
