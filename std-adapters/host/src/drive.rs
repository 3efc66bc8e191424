//! The drivers: loops that do what the step machine says, blocking or awaiting.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use userpool_core::engine::{Answered, Done, Failure, Machine, Output, Step, Work, WorkFault};
#[cfg(feature = "tokio")]
use userpool_ports::CourierFault;
use userpool_ports::{Courier, Fetch, FetchFault, HookFault, Hooks, Storage, StoreFault};

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
            Step::Ask(call) => Answered::Asked(match &world.hooks {
                Some(hooks) => hooks.ask(&call),
                None => Err(HookFault::Unreachable(
                    "this host serves no triggers".into(),
                )),
            }),
            Step::Fetch(request) => Answered::Fetched(match &world.fetch {
                Some(fetch) => fetch.fetch(&request),
                None => Err(FetchFault("this host makes no outbound exchanges".into())),
            }),
        };
        step = machine.resume(answered);
    }
}

fn side_by_side(workers: &Workers, works: &[Work]) -> Vec<Result<Done, WorkFault>> {
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

fn too_late() -> StoreFault {
    StoreFault::new("the request is too old to commit")
}

/// Drives a request to its end without ever blocking the event loop.
///
/// It runs detached: dropping the returned future leaves the request going, so that no commit is ever
/// without its deliveries.
#[cfg(feature = "tokio")]
pub(crate) async fn detached(world: Arc<World>, machine: Machine) -> Result<Output, Failure> {
    use userpool_core::engine::Fault;
    match tokio::spawn(awaiting(world, machine)).await {
        Ok(answer) => answer,
        Err(_) => Err(Failure::Faulted(Fault::new("a request that died"))),
    }
}

#[cfg(feature = "tokio")]
async fn awaiting(world: Arc<World>, mut machine: Machine) -> Result<Output, Failure> {
    use tokio::{sync::oneshot, task::spawn_blocking};

    let began = Instant::now();
    let mut step = machine.start();
    loop {
        let answered = match step {
            Step::Done(answer) => return answer,
            Step::Load(keys) => Answered::Loaded(world.storage.load(&keys)),
            Step::Page(request) => Answered::Paged(world.storage.page(&request)),
            Step::Work(works) => {
                let mut waiting = Vec::with_capacity(works.len());
                for work in works {
                    let (tell, told) = oneshot::channel();
                    world
                        .workers
                        .submit(work, move |done| drop(tell.send(done)));
                    waiting.push(told);
                }
                let mut done = Vec::with_capacity(waiting.len());
                for told in waiting {
                    done.push(
                        told.await
                            .unwrap_or_else(|_| Err(WorkFault("a worker died".into()))),
                    );
                }
                Answered::Worked(done)
            }
            Step::Commit(_) if began.elapsed() > COMMIT_DEADLINE => {
                Answered::Landed(Err(too_late()))
            }
            Step::Commit(batch) => {
                let (tell, told) = oneshot::channel();
                world
                    .storage
                    .submit(batch, Box::new(move |end| drop(tell.send(end))));
                Answered::Landed(told.await.unwrap_or(Ok(userpool_ports::Outcome::Unknown)))
            }
            Step::Settle(batch) => {
                world.storage.submit(batch, Box::new(|_| {}));
                Answered::Settled
            }
            Step::Deliver(message) => {
                let courier = world.courier.clone();
                let sent = spawn_blocking(move || courier.deliver(&message)).await;
                Answered::Delivered(
                    sent.unwrap_or_else(|_| Err(CourierFault("the courier died".into()))),
                )
            }
            Step::Ask(call) => {
                let hooks = world.hooks.clone();
                let asked = spawn_blocking(move || match hooks {
                    Some(hooks) => hooks.ask(&call),
                    None => Err(HookFault::Unreachable(
                        "this host serves no triggers".into(),
                    )),
                });
                let died = |_| Err(HookFault::Unreachable("the hook died".into()));
                Answered::Asked(asked.await.unwrap_or_else(died))
            }
            Step::Fetch(request) => {
                let fetch = world.fetch.clone();
                let fetched = spawn_blocking(move || match fetch {
                    Some(fetch) => fetch.fetch(&request),
                    None => Err(FetchFault("this host makes no outbound exchanges".into())),
                });
                Answered::Fetched(
                    fetched
                        .await
                        .unwrap_or_else(|_| Err(FetchFault("the exchange died".into()))),
                )
            }
        };
        step = machine.resume(answered);
    }
}
