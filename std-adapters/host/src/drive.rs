//! The drivers: loops that do what the step machine says, blocking or awaiting.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

#[cfg(feature = "tokio")]
use tokio::{sync::oneshot, task::spawn_blocking};
use userpool_core::engine::{Answered, Done, Failure, Machine, Output, Step, Work, WorkFault};
#[cfg(feature = "tokio")]
use userpool_ports::{Batch, CourierFault, Message, Outcome};
use userpool_ports::{
    Courier, Fetch, FetchFault, FetchReply, FetchRequest, HookAnswer, HookCall, HookFault, Hooks,
    Storage, StoreFault,
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
            Step::Work(works) => Answered::Worked(side_by_side(&world.workers, &works)),
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
            Step::Fetch(request) => Answered::Fetched(exchange(world.fetch.as_deref(), &request)),
        };
        step = machine.resume(answered);
    }
}

fn in_order(workers: &Workers, works: &[Work]) -> Vec<Result<Done, WorkFault>> {
    works.iter().map(|work| workers.perform(work)).collect()
}

fn side_by_side(workers: &Workers, works: &[Work]) -> Vec<Result<Done, WorkFault>> {
    if works.iter().all(|work| workers.is_short(work)) {
        return in_order(workers, works);
    }
    let Some((first, rest)) = works.split_first() else {
        return Vec::new();
    };
    thread::scope(|scope| {
        let others: Vec<_> = rest
            .iter()
            .map(|work| scope.spawn(move || workers.perform(work)))
            .collect();
        let mut done = vec![workers.perform(first)];
        done.extend(others.into_iter().map(|other| {
            other
                .join()
                .unwrap_or_else(|_| Err(WorkFault("a worker panicked".into())))
        }));
        done
    })
}

fn ask(
    hooks: Option<&(dyn Hooks + Send + Sync)>,
    call: &HookCall,
) -> Result<HookAnswer, HookFault> {
    let unserved = || HookFault::Unreachable("this host serves no triggers".into());
    let hooks = hooks.ok_or_else(unserved)?;
    catch_unwind(AssertUnwindSafe(|| hooks.ask(call)))
        .unwrap_or_else(|_| Err(HookFault::Unreachable("the function died".into())))
}

fn exchange(
    fetch: Option<&(dyn Fetch + Send + Sync)>,
    request: &FetchRequest,
) -> Result<FetchReply, FetchFault> {
    let unserved = || FetchFault("this host makes no outbound exchanges".into());
    fetch.ok_or_else(unserved)?.fetch(request)
}

fn too_late() -> StoreFault {
    StoreFault::new("the request is too old to commit")
}

/// A step that takes longer than handing it over.
#[cfg(feature = "tokio")]
enum Longer {
    Work(Vec<Work>),
    Commit(Batch),
    Deliver(Box<Message>),
    Ask(HookCall),
    Fetch(FetchRequest),
    Done(Result<Output, Failure>),
}

/// Takes a step that is soon done; gives back one that is not.
#[cfg(feature = "tokio")]
fn at_once(world: &World, step: Step) -> Result<Answered, Longer> {
    Ok(match step {
        Step::Load(keys) => Answered::Loaded(world.storage.load(&keys)),
        Step::Page(request) => Answered::Paged(world.storage.page(&request)),
        Step::Settle(batch) => {
            world.storage.submit(batch, Box::new(|_| {}));
            Answered::Settled
        }
        Step::Work(works) if works.iter().all(|work| world.workers.is_short(work)) => {
            Answered::Worked(in_order(&world.workers, &works))
        }
        Step::Work(works) => return Err(Longer::Work(works)),
        Step::Commit(batch) => return Err(Longer::Commit(batch)),
        Step::Deliver(message) => return Err(Longer::Deliver(Box::new(message))),
        Step::Ask(call) => return Err(Longer::Ask(call)),
        Step::Fetch(request) => return Err(Longer::Fetch(request)),
        Step::Done(answer) => return Err(Longer::Done(answer)),
    })
}

/// Drives a request to its end without ever blocking the event loop.
///
/// From the first step that takes longer it runs detached: dropping the returned future leaves the request going,
/// so that no commit is ever without its deliveries.
#[cfg(feature = "tokio")]
pub(crate) async fn detached(world: Arc<World>, mut machine: Machine) -> Result<Output, Failure> {
    use userpool_core::engine::Fault;

    let began = Instant::now();
    let mut step = machine.start();
    let longer = loop {
        match at_once(&world, step) {
            Ok(answered) => step = machine.resume(answered),
            Err(Longer::Done(answer)) => return answer,
            Err(longer) => break longer,
        }
    };
    match tokio::spawn(awaiting(world, machine, longer, began)).await {
        Ok(answer) => answer,
        Err(_) => Err(Failure::Faulted(Fault::new("a request that died"))),
    }
}

#[cfg(feature = "tokio")]
async fn awaiting(
    world: Arc<World>,
    mut machine: Machine,
    mut longer: Longer,
    began: Instant,
) -> Result<Output, Failure> {
    loop {
        let answered = match longer {
            Longer::Done(answer) => return answer,
            Longer::Work(works) => Answered::Worked(worked(&world.workers, works).await),
            Longer::Commit(_) if began.elapsed() > COMMIT_DEADLINE => {
                Answered::Landed(Err(too_late()))
            }
            Longer::Commit(batch) => {
                let (tell, told) = oneshot::channel();
                world
                    .storage
                    .submit(batch, Box::new(move |end| drop(tell.send(end))));
                Answered::Landed(told.await.unwrap_or(Ok(Outcome::Unknown)))
            }
            Longer::Deliver(message) => {
                let courier = world.courier.clone();
                let sent = spawn_blocking(move || courier.deliver(&message)).await;
                let died = |_| Err(CourierFault("the courier died".into()));
                Answered::Delivered(sent.unwrap_or_else(died))
            }
            Longer::Ask(call) => {
                let hooks = world.hooks.clone();
                let asked = spawn_blocking(move || ask(hooks.as_deref(), &call)).await;
                let died = |_| Err(HookFault::Unreachable("the hook died".into()));
                Answered::Asked(asked.unwrap_or_else(died))
            }
            Longer::Fetch(request) => {
                let fetch = world.fetch.clone();
                let fetched = spawn_blocking(move || exchange(fetch.as_deref(), &request)).await;
                let died = |_| Err(FetchFault("the exchange died".into()));
                Answered::Fetched(fetched.unwrap_or_else(died))
            }
        };
        let mut step = machine.resume(answered);
        longer = loop {
            match at_once(&world, step) {
                Ok(answered) => step = machine.resume(answered),
                Err(longer) => break longer,
            }
        };
    }
}

/// Has work done by the threads, side by side.
#[cfg(feature = "tokio")]
async fn worked(workers: &Workers, works: Vec<Work>) -> Vec<Result<Done, WorkFault>> {
    let submit = |work| {
        let (tell, told) = oneshot::channel();
        workers.submit(work, move |done| drop(tell.send(done)));
        told
    };
    let waiting: Vec<_> = works.into_iter().map(submit).collect();
    let mut done = Vec::with_capacity(waiting.len());
    for told in waiting {
        let died = |_| Err(WorkFault("a worker died".into()));
        done.push(told.await.unwrap_or_else(died));
    }
    done
}
