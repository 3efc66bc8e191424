//! The world around an engine, and the driver that does what the step machine says in the caller's thread.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use userpool_core::engine::{Answered, Done, Failure, Machine, Output, Step, Work, WorkFault};
use userpool_ports::{
    BreachedPasswords, Courier, Fetch, FetchFault, FetchReply, FetchRequest, HookAnswer, HookCall,
    HookFault, Hooks, LogDelivery, Storage, StoreFault, breached, log_delivery,
};

use crate::work::Workers;

/// How old a request may be when it commits: a host that was paused must not revive spent marks.
pub(crate) const COMMIT_DEADLINE: Duration = Duration::from_secs(60);

/// The world around an engine.
pub(crate) struct World {
    pub storage: Arc<dyn Storage + Send + Sync>,
    pub workers: Workers,
    pub courier: Arc<dyn Courier + Send + Sync>,
    pub hooks: Option<Arc<dyn Hooks + Send + Sync>>,
    pub fetch: Option<Arc<dyn Fetch + Send + Sync>>,
    pub breached: Option<Arc<dyn BreachedPasswords + Send + Sync>>,
    pub logs: Option<Arc<dyn LogDelivery + Send + Sync>>,
}

/// Drives a request to its end in this thread.
pub(crate) fn blocking(world: &World, mut machine: Machine) -> Result<Output, Failure> {
    let began = Instant::now();
    let mut step = machine.start();
    loop {
        let answered = match step {
            Step::Done(answer) => return answer,
            Step::Load(keys) => Answered::Loaded(world.storage.load(&keys)),
            Step::Page(request) => Answered::Paged(world.storage.page(&request)),
            Step::Work(works) => Answered::Worked(side_by_side(&world.workers, works)),
            Step::Commit(_) if began.elapsed() > COMMIT_DEADLINE => {
                Answered::Landed(Err(too_late()))
            }
            Step::Commit(batch) => Answered::Landed(world.storage.commit(&batch)),
            Step::Settle(batch) => {
                world.storage.submit(batch, Box::new(|_| {}));
                Answered::Settled
            }
            Step::Deliver(message) => Answered::Delivered(world.courier.deliver(&message)),
            Step::Ask(call) => Answered::Asked(ask(world.hooks.as_deref(), &call)),
            Step::Fetch(request) => Answered::Fetched(exchange(world, &request)),
        };
        step = machine.resume(answered);
    }
}

pub(crate) fn in_order(workers: &Workers, works: &[Work]) -> Vec<Result<Done, WorkFault>> {
    works.iter().map(|work| workers.perform(work)).collect()
}

fn side_by_side(workers: &Workers, works: Vec<Work>) -> Vec<Result<Done, WorkFault>> {
    if works.len() < 2 || works.iter().all(|work| workers.is_short(work)) {
        return in_order(workers, &works);
    }
    workers.perform_all(works)
}

pub(crate) fn ask(
    hooks: Option<&(dyn Hooks + Send + Sync)>,
    call: &HookCall,
) -> Result<HookAnswer, HookFault> {
    let unserved = || HookFault::Unreachable("this host serves no triggers".into());
    let hooks = hooks.ok_or_else(unserved)?;
    catch_unwind(AssertUnwindSafe(|| hooks.ask(call)))
        .unwrap_or_else(|_| Err(HookFault::Unreachable("the function died".into())))
}

pub(crate) fn exchange(world: &World, request: &FetchRequest) -> Result<FetchReply, FetchFault> {
    if let Some(prefix) = request.url.strip_prefix(breached::SCHEME) {
        let unknown = || FetchFault("this host knows no breached passwords".into());
        let range = world.breached.as_ref().ok_or_else(unknown)?.range(prefix)?;
        return Ok(FetchReply {
            status: 200,
            body: range.into_bytes(),
        });
    }
    if let Some(destination) = request.url.strip_prefix(log_delivery::SCHEME) {
        let untaken = || FetchFault("this host takes no logs".into());
        let event = String::from_utf8_lossy(&request.body);
        let logs = world.logs.as_ref().ok_or_else(untaken)?;
        logs.deliver(destination, &event)?;
        return Ok(FetchReply {
            status: 200,
            body: Vec::new(),
        });
    }
    let unserved = || FetchFault("this host makes no outbound exchanges".into());
    world.fetch.as_ref().ok_or_else(unserved)?.fetch(request)
}

pub(crate) fn too_late() -> StoreFault {
    StoreFault::new("the request is too old to commit")
}
