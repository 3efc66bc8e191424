//! Making, starting, describing, listing and stopping imports.

use alloc::{format, string::String};

use userpool_wire::{
    Timestamp as WireTimestamp,
    idp::{
        CreateUserImportJobRequest, CreateUserImportJobResponse, DescribeUserImportJobRequest,
        DescribeUserImportJobResponse, ListUserImportJobsRequest, ListUserImportJobsResponse,
        StartUserImportJobRequest, StartUserImportJobResponse, StopUserImportJobRequest,
        StopUserImportJobResponse, UserImportJobStatusType, UserImportJobType,
    },
};

use super::{file, find, unmet};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{
        import_job::{ImportJob, ImportState, Imports, MAX_OF_POOL},
        job::{Job, Task},
        keys,
        signing::Moment,
    },
    ops::{
        paging::{self, Listing},
        parties,
    },
};

/// Makes an import, and tells where its file is to be sent.
///
/// Refusals, in this order: unknown pool, hashes of passwords, more imports than a pool may have.
///
/// # Errors
/// The refusals above.
pub(crate) fn create_user_import_job(
    cx: &mut Cx<'_>,
    req: &CreateUserImportJobRequest,
) -> Run<CreateUserImportJobResponse> {
    let imports = keys::imports(&req.user_pool_id);
    cx.want([&keys::pool(&req.user_pool_id), &imports])?;
    let pool = parties::pool(cx, &req.user_pool_id)?;
    if req.password_hashing_algorithm.is_some() {
        let text =
            "PasswordHashingAlgorithm: hashes of passwords cannot be imported by this version.";
        return Err(Refusal::new(RefusalKind::InvalidParameter, text).into());
    }
    let held = cx.get::<Imports>(&imports)?;
    let before = held.as_deref().cloned().unwrap_or_default();
    if before.count >= MAX_OF_POOL {
        let text = "The user pool has as many import jobs as it may have.";
        return Err(Refusal::new(RefusalKind::LimitExceeded, text).into());
    }
    let after = Imports {
        count: before.count + 1,
        ..before
    };
    cx.upsert_until(&imports, held.as_ref(), &after, None);
    // In the order of time, so that they are listed in it.
    let chance: [u8; 5] = cx.random("import id");
    let [a, b, c, d, e] = chance;
    let id = format!(
        "import-{:011x}{a:02x}{b:02x}{c:02x}{d:02x}{e:02x}",
        cx.now().millis()
    );
    let job = ImportJob::new(id, &req.job_name, &req.cloud_watch_logs_role_arn, cx.now());
    cx.check(&pool);
    cx.insert(&keys::import_job(&pool.id, &job.id), &job);
    Ok(CreateUserImportJobResponse {
        user_import_job: Some(shown(cx, &pool.id, &job)),
    })
}

/// Starts an import; the engine's upkeep does the rest.
///
/// Refusals, in this order: unknown pool, unknown import, one that was started or has ended, another one of the pool that
/// has not ended, no file.
///
/// # Errors
/// The refusals above.
pub(crate) fn start_user_import_job(
    cx: &mut Cx<'_>,
    req: &StartUserImportJobRequest,
) -> Run<StartUserImportJobResponse> {
    let (pool, held) = find(cx, &req.user_pool_id, &req.job_id)?;
    let imports = cx.get::<Imports>(&keys::imports(&pool.id))?;
    if held.state(cx.now()) != ImportState::Created {
        return Err(unmet("The import job was started already, or has ended.").into());
    }
    let Some(imports) = imports.filter(|imports| imports.active.is_none()) else {
        return Err(unmet("Another import job of the user pool is in progress.").into());
    };
    if held.bytes.is_none() {
        return Err(unmet("The file of the import job was not sent.").into());
    }
    let job = ImportJob {
        state: ImportState::Pending,
        started: Some(Moment(cx.now())),
        ..ImportJob::clone(&held)
    };
    cx.check(&pool);
    cx.update(&held, &job);
    let active = Imports {
        active: Some(job.id.clone()),
        ..Imports::clone(&imports)
    };
    cx.update(&imports, &active);
    let task = Task::ImportUsers {
        pool: pool.id.clone(),
        import: job.id.clone(),
    };
    let queued = cx.random("job id");
    let begins = cx.now();
    cx.insert(&keys::job(&queued), &Job { begins, task });
    Ok(StartUserImportJobResponse {
        user_import_job: Some(shown(cx, &pool.id, &job)),
    })
}

/// Tells where an import stands.
///
/// Refusals, in this order: unknown pool, unknown import.
///
/// # Errors
/// The refusals above.
pub(crate) fn describe_user_import_job(
    cx: &mut Cx<'_>,
    req: &DescribeUserImportJobRequest,
) -> Run<DescribeUserImportJobResponse> {
    let (pool, job) = find(cx, &req.user_pool_id, &req.job_id)?;
    Ok(DescribeUserImportJobResponse {
        user_import_job: Some(shown(cx, &pool.id, &job)),
    })
}

/// Lists the imports of a pool, oldest first.
///
/// Refusals, in this order: unknown pool, a token that this list did not give.
///
/// # Errors
/// The refusals above.
pub(crate) fn list_user_import_jobs(
    cx: &mut Cx<'_>,
    req: &ListUserImportJobsRequest,
) -> Run<ListUserImportJobsResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let listing = Listing {
        operation: "ListUserImportJobs",
        arguments: &[&pool.id],
    };
    let after = listing.after(cx, req.pagination_token.as_deref())?;
    let limit = paging::limit(Some(req.max_results));
    let prefix = keys::import_jobs(&pool.id);
    let page = paging::page::<ImportJob>(cx, &prefix, after, limit, |_| true)?;
    let jobs = page.records.iter().map(|job| shown(cx, &pool.id, job));
    let jobs: alloc::vec::Vec<_> = jobs.collect();
    Ok(ListUserImportJobsResponse {
        user_import_jobs: (!jobs.is_empty()).then_some(jobs),
        pagination_token: listing.token(cx, page.after.as_ref()),
    })
}

/// Stops an import; users that it made stay.
///
/// Refusals, in this order: unknown pool, unknown import, one that was not started or has ended.
///
/// # Errors
/// The refusals above.
pub(crate) fn stop_user_import_job(
    cx: &mut Cx<'_>,
    req: &StopUserImportJobRequest,
) -> Run<StopUserImportJobResponse> {
    let (pool, held) = find(cx, &req.user_pool_id, &req.job_id)?;
    let job = stopping(&held, cx)?;
    cx.update(&held, &job);
    Ok(StopUserImportJobResponse {
        user_import_job: Some(shown(cx, &pool.id, &job)),
    })
}

fn stopping(held: &Held<ImportJob>, cx: &Cx<'_>) -> Result<ImportJob, Refusal> {
    match held.state(cx.now()) {
        ImportState::Pending | ImportState::InProgress => Ok(ImportJob {
            state: ImportState::Stopping,
            ..ImportJob::clone(held)
        }),
        ImportState::Created
        | ImportState::Stopping
        | ImportState::Stopped
        | ImportState::Failed
        | ImportState::Succeeded
        | ImportState::Expired => Err(unmet("The import job is not in progress.")),
    }
}

/// An import as the API shows it, with an address for its file and its report.
fn shown(cx: &mut Cx<'_>, pool: &str, job: &ImportJob) -> UserImportJobType {
    let told = |moment: Option<Moment>| moment.map(|at| WireTimestamp::from_millis(at.0.millis()));
    let count = |users: u64| i64::try_from(users).ok();
    let state = job.state(cx.now());
    let (status, message) = match state {
        ImportState::Created => (UserImportJobStatusType::Created, None),
        ImportState::Pending => (UserImportJobStatusType::Pending, None),
        ImportState::InProgress => (UserImportJobStatusType::InProgress, None),
        ImportState::Stopping => (UserImportJobStatusType::Stopping, None),
        ImportState::Stopped => (UserImportJobStatusType::Stopped, None),
        ImportState::Failed => (UserImportJobStatusType::Failed, None),
        ImportState::Succeeded => (UserImportJobStatusType::Succeeded, None),
        ImportState::Expired => (
            UserImportJobStatusType::Expired,
            Some(String::from("The user import job has expired.")),
        ),
    };
    UserImportJobType {
        job_name: Some(job.name.clone()),
        job_id: Some(job.id.clone()),
        user_pool_id: Some(pool.into()),
        pre_signed_url: Some(file::address(cx, pool, &job.id).into()),
        creation_date: Some(WireTimestamp::from_millis(job.created.millis())),
        start_date: told(job.started),
        completion_date: told(job.ended),
        status: Some(status),
        cloud_watch_logs_role_arn: Some(job.role.clone()),
        imported_users: count(job.imported),
        skipped_users: count(job.skipped),
        failed_users: count(job.failed),
        completion_message: job.message.clone().or(message),
        password_hashing_algorithm: None,
    }
}
