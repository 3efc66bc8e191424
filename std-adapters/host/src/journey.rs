//! The awaiting driver: a request travels, and whoever finished what it waited for takes it on.
//!
//! A thread that did a request's arithmetic goes on with the request, and hands its commit to the store: an event loop
//! is woken for the answer alone.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use tokio::{runtime::Handle, sync::oneshot};
use userpool_core::engine::{
    Answered, Done, Failure, Fault, Machine, Output, Step, Work, WorkFault,
};
use userpool_ports::{Batch, CourierFault, FetchRequest, HookCall, Message, Outcome, StoreFault};

use crate::drive::{COMMIT_DEADLINE, World, ask, exchange, in_order, too_late};

/// A step that takes longer than handing it over.
enum Longer {
    Work(Vec<Work>),
    Commit(Batch),
    Deliver(Box<Message>),
    Ask(HookCall),
    Fetch(FetchRequest),
    Done(Result<Output, Failure>),
}

/// Takes a step that is soon done; gives back one that is not.
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

/// Takes steps until one takes longer.
fn until_longer(world: &World, machine: &mut Machine, mut step: Step) -> Longer {
    loop {
        match at_once(world, step) {
            Ok(answered) => step = machine.resume(answered),
            Err(longer) => return longer,
        }
    }
}

/// Drives a request to its end without ever blocking the event loop.
///
/// From the first step that takes longer it needs this future no more: dropping it leaves the request going, so that
/// no commit is ever without its deliveries.
pub(crate) async fn detached(world: Arc<World>, mut machine: Machine) -> Result<Output, Failure> {
    let began = Instant::now();
    let step = machine.start();
    let longer = match until_longer(&world, &mut machine, step) {
        Longer::Done(answer) => return answer,
        longer => longer,
    };
    let (tell, told) = oneshot::channel();
    let journey = Journey {
        world,
        machine,
        began,
        runtime: Handle::current(),
        tell,
    };
    journey.wait_for(longer);
    told.await
        .unwrap_or_else(|_| Err(Failure::Faulted(Fault::new("a request that died"))))
}

/// A request under way.
struct Journey {
    world: Arc<World>,
    machine: Machine,
    began: Instant,
    runtime: Handle,
    tell: oneshot::Sender<Result<Output, Failure>>,
}

impl Journey {
    /// Goes on in this thread.
    fn resume(mut self, answered: Answered) {
        let step = self.machine.resume(answered);
        let longer = until_longer(&self.world, &mut self.machine, step);
        self.wait_for(longer);
    }

    /// Has a step taken, and goes on where it ends.
    fn wait_for(self, longer: Longer) {
        let (world, runtime) = (self.world.clone(), self.runtime.clone());
        match longer {
            Longer::Done(answer) => drop(self.tell.send(answer)),
            Longer::Work(works) => self.work(works),
            Longer::Commit(_) if self.began.elapsed() > COMMIT_DEADLINE => {
                self.resume(Answered::Landed(Err(too_late())));
            }
            Longer::Commit(batch) => self.commit(batch),
            Longer::Deliver(message) => drop(runtime.spawn_blocking(move || {
                let sent = catch_unwind(AssertUnwindSafe(|| world.courier.deliver(&message)));
                let died = |_| Err(CourierFault("the courier died".into()));
                self.resume(Answered::Delivered(sent.unwrap_or_else(died)));
            })),
            Longer::Ask(call) => drop(runtime.spawn_blocking(move || {
                self.resume(Answered::Asked(ask(world.hooks.as_deref(), &call)));
            })),
            Longer::Fetch(request) => drop(runtime.spawn_blocking(move || {
                let fetched = exchange(&world, &request);
                self.resume(Answered::Fetched(fetched));
            })),
        }
    }

    /// Has arithmetic done by the threads, side by side; the one that is last goes on.
    fn work(self, works: Vec<Work>) {
        let world = self.world.clone();
        let gathered = Arc::new(Mutex::new(Gathered {
            done: works.iter().map(|_| None).collect(),
            waits: Some(self),
        }));
        for (at, work) in works.into_iter().enumerate() {
            let gathered = gathered.clone();
            world.workers.submit(work, move |done| {
                let whole = lock(&gathered).add(at, done);
                if let Some((journey, done)) = whole {
                    journey.resume(Answered::Worked(done));
                }
            });
        }
    }

    /// Submits a batch. Where the store has an end for it at once, this thread goes on, else the event loop does.
    fn commit(self, batch: Batch) {
        let (world, runtime) = (self.world.clone(), self.runtime.clone());
        let landing = Arc::new(Mutex::new(Landing::Submitted));
        let told = Told(Some((landing.clone(), runtime)));
        world
            .storage
            .submit(batch, Box::new(move |end| told.tell(end)));
        let end = {
            let mut landing = lock(&landing);
            match std::mem::replace(&mut *landing, Landing::Gone) {
                Landing::Ended(end) => end,
                _ => {
                    *landing = Landing::Awaited(Box::new(self));
                    return;
                }
            }
        };
        self.resume(Answered::Landed(end));
    }
}

/// Pieces of work that are done, and the request that waits for all of them.
struct Gathered {
    done: Vec<Option<Result<Done, WorkFault>>>,
    waits: Option<Journey>,
}

impl Gathered {
    /// Adds one; with the last the request goes on with all, in the order in which they were asked.
    fn add(
        &mut self,
        at: usize,
        done: Result<Done, WorkFault>,
    ) -> Option<(Journey, Vec<Result<Done, WorkFault>>)> {
        self.done[at] = Some(done);
        if self.done.iter().any(Option::is_none) {
            return None;
        }
        let done = self.done.drain(..).flatten().collect();
        self.waits.take().map(|journey| (journey, done))
    }
}

/// How far a commit is.
enum Landing {
    Submitted,
    Awaited(Box<Journey>),
    Ended(Result<Outcome, StoreFault>),
    Gone,
}

/// Whom a store tells the end of a batch. A store that loses it has said that it does not know.
struct Told(Option<(Arc<Mutex<Landing>>, Handle)>);

impl Told {
    fn tell(mut self, end: Result<Outcome, StoreFault>) {
        self.end(end);
    }

    fn end(&mut self, end: Result<Outcome, StoreFault>) {
        let Some((landing, runtime)) = self.0.take() else {
            return;
        };
        let mut landing = lock(&landing);
        match std::mem::replace(&mut *landing, Landing::Gone) {
            Landing::Awaited(journey) => {
                drop(runtime.spawn(async move { journey.resume(Answered::Landed(end)) }));
            }
            _ => *landing = Landing::Ended(end),
        }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        self.end(Ok(Outcome::Unknown));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while one of these is held.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
