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
use userpool_ports::{
    Batch, CourierFault, FetchRequest, HookCall, Key, Message, Outcome, PageRequest, StoreFault,
    Told,
};

use crate::drive::{COMMIT_DEADLINE, World, ask, exchange, in_order, too_late};

/// A step that takes longer than handing it over.
enum Longer {
    Load(Vec<Key>),
    Page(PageRequest),
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
        Step::Load(keys) if world.storage.is_remote() => return Err(Longer::Load(keys)),
        Step::Page(request) if world.storage.is_remote() => return Err(Longer::Page(request)),
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
            Longer::Load(keys) => self.ask_store(lost_read, Answered::Loaded, |told| {
                world.storage.load_later(keys, told);
            }),
            Longer::Page(request) => self.ask_store(lost_read, Answered::Paged, |told| {
                world.storage.page_later(request, told);
            }),
            Longer::Work(works) => self.work(works),
            Longer::Commit(_) if self.began.elapsed() > COMMIT_DEADLINE => {
                self.resume(Answered::Landed(Err(too_late())));
            }
            Longer::Commit(batch) => self.ask_store(lost_commit, Answered::Landed, |told| {
                world.storage.submit(batch, told);
            }),
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

    /// Has the store do something that it tells the end of. Where it has one at once, this thread goes on, else the event
    /// loop does; `lost` is the end that it never tells.
    fn ask_store<T: Send + 'static>(
        self,
        lost: End<T>,
        answered: fn(Result<T, StoreFault>) -> Answered,
        ask: impl FnOnce(Told<T>),
    ) {
        let (runtime, call) = (self.runtime.clone(), Arc::new(Mutex::new(Call::Made)));
        let teller = Teller {
            call: Some((call.clone(), runtime)),
            lost,
            answered,
        };
        ask(Box::new(move |end| teller.tell(end)));
        let end = {
            let mut call = lock(&call);
            match std::mem::replace(&mut *call, Call::Gone) {
                Call::Ended(end) => end,
                _ => {
                    *call = Call::Awaited(Box::new(self));
                    return;
                }
            }
        };
        self.resume(answered(end));
    }
}

/// The end of a call that is never told.
type End<T> = fn() -> Result<T, StoreFault>;

fn lost_read<T>() -> Result<T, StoreFault> {
    Err(StoreFault::new("a read was lost"))
}

/// A store that loses a commit has said that it does not know.
fn lost_commit() -> Result<Outcome, StoreFault> {
    Ok(Outcome::Unknown)
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

/// How far a call to the store is.
enum Call<T> {
    Made,
    Awaited(Box<Journey>),
    Ended(Result<T, StoreFault>),
    Gone,
}

/// Whom a store tells the end of a call.
struct Teller<T: Send + 'static> {
    call: Option<(Arc<Mutex<Call<T>>>, Handle)>,
    lost: End<T>,
    answered: fn(Result<T, StoreFault>) -> Answered,
}

impl<T: Send + 'static> Teller<T> {
    fn tell(mut self, end: Result<T, StoreFault>) {
        self.end(end);
    }

    fn end(&mut self, end: Result<T, StoreFault>) {
        let Some((call, runtime)) = self.call.take() else {
            return;
        };
        let mut call = lock(&call);
        match std::mem::replace(&mut *call, Call::Gone) {
            Call::Awaited(journey) => {
                let answered = (self.answered)(end);
                drop(runtime.spawn(async move { journey.resume(answered) }));
            }
            _ => *call = Call::Ended(end),
        }
    }
}

impl<T: Send + 'static> Drop for Teller<T> {
    fn drop(&mut self) {
        if self.call.is_some() {
            let lost = (self.lost)();
            self.end(lost);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while one of these is held.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
