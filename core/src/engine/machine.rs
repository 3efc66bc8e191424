//! The step machine: one request from its first run to its answer, with commit and delivery as steps.
//!
//! A driver calls [`Machine::start`], does what the [`Step`] says, hands the answer to
//! [`Machine::resume`], and so on until [`Step::Done`]. Retries, unknown outcomes and delivery are decided
//! here, so a driver is a loop of a page, whether it blocks, awaits or lives in JavaScript.

use alloc::{boxed::Box, collections::VecDeque, sync::Arc, vec::Vec};
use core::{any::Any, fmt};

use userpool_crypto::random::Draws;
use userpool_ports::{
    Batch, Change, CourierFault, Entry, Expect, FetchFault, FetchReply, FetchRequest, HookAnswer,
    HookCall, HookFault, Key, Message, Outcome, PageRequest, StoreFault, Timestamp, Write,
};

use super::{
    cx::Cx,
    environment::{Caller, Environment},
    facts::{Fact, Facts},
    intent::{Intent, Needs},
    outbox::Parcel,
    stop::{Failure, Fault, Reason, Refusal, RefusalKind, Run, Stop},
    work::{Done, Work, WorkFault},
};
use crate::few;

/// How often a phase may lose a race before the caller is told to come back later.
const MAX_ATTEMPTS: u32 = 16;
/// How often an unknown outcome is asked for again before it is a fault.
const MAX_UNKNOWN: u32 = 8;
/// How many runs a request may take; more is a broken operation.
const MAX_RUNS: u32 = 1_000;

/// What an operation answers: a typed reply, or its bytes on the wire.
pub type Output = Box<dyn Any + Send>;
/// An operation bound to its request: runs from the top as often as asked.
pub type Program = Box<dyn Fn(&mut Cx<'_>) -> Run<Output> + Send>;

/// What the driver has to do next.
pub enum Step {
    /// Read these records, in order; answer with [`Answered::Loaded`].
    Load(Vec<Key>),
    /// Read a page; answer with [`Answered::Paged`].
    Page(PageRequest),
    /// Do slow arithmetic, side by side; answer with [`Answered::Worked`], in order.
    Work(Vec<Work>),
    /// Ask a trigger; answer with [`Answered::Asked`].
    Ask(HookCall),
    /// Make an outbound exchange; answer with [`Answered::Fetched`].
    Fetch(FetchRequest),
    /// Commit a batch; answer with [`Answered::Landed`]. From here to the end the request must not be dropped.
    Commit(Batch),
    /// Hand a message to the courier; answer with [`Answered::Delivered`].
    Deliver(Message),
    /// Commit a batch whose end nobody waits for; answer with [`Answered::Settled`] at once.
    Settle(Batch),
    /// The answer. There is nothing more to do.
    Done(Result<Output, Failure>),
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Load(keys) => f.debug_tuple("Load").field(keys).finish(),
            Self::Page(request) => f.debug_tuple("Page").field(request).finish(),
            Self::Work(works) => f.debug_tuple("Work").field(works).finish(),
            Self::Ask(call) => f.debug_tuple("Ask").field(call).finish(),
            Self::Fetch(_) => f.write_str("Fetch"),
            Self::Commit(batch) => f.debug_tuple("Commit").field(batch).finish(),
            Self::Deliver(message) => f.debug_tuple("Deliver").field(message).finish(),
            Self::Settle(_) => f.write_str("Settle"),
            Self::Done(Ok(_)) => f.write_str("Done(Ok)"),
            Self::Done(Err(failure)) => write!(f, "Done({failure})"),
        }
    }
}

/// The world's answer to a [`Step`].
#[non_exhaustive]
pub enum Answered {
    /// Records in the order asked.
    Loaded(Result<Vec<Option<Entry>>, StoreFault>),
    /// A page.
    Paged(Result<Vec<(Key, Entry)>, StoreFault>),
    /// Arithmetic in the order asked.
    Worked(Vec<Result<Done, WorkFault>>),
    /// A trigger's answer.
    Asked(Result<HookAnswer, HookFault>),
    /// The end of an exchange.
    Fetched(Result<FetchReply, FetchFault>),
    /// The end of a commit.
    Landed(Result<Outcome, StoreFault>),
    /// The end of a delivery.
    Delivered(Result<(), CourierFault>),
    /// The batch was handed over.
    Settled,
}

impl fmt::Debug for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loaded(_) => "Loaded",
            Self::Paged(_) => "Paged",
            Self::Worked(_) => "Worked",
            Self::Asked(_) => "Asked",
            Self::Fetched(_) => "Fetched",
            Self::Landed(_) => "Landed",
            Self::Delivered(_) => "Delivered",
            Self::Settled => "Settled",
        })
    }
}

/// One request on its way.
pub struct Machine {
    environment: Arc<Environment>,
    caller: Caller,
    now: Timestamp,
    draws: Draws,
    program: Program,
    facts: Facts,
    landed: usize,
    runs: u32,
    /// What the tokens of the request's batches have in common.
    token: Option<[u8; 16]>,
    /// How many batches the request has made.
    batches: u32,
    waiting: Waiting,
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("landed", &self.landed)
            .field("runs", &self.runs)
            .finish_non_exhaustive()
    }
}

/// What the machine waits for.
enum Waiting {
    Nothing,
    Load(Vec<Key>),
    Page(PageRequest),
    Work(Vec<Work>),
    Ask(HookCall),
    Fetch(FetchRequest),
    Commit {
        batch: Batch,
        queue: Queue,
        then: Then,
        unknown: u32,
    },
    Deliver {
        sending: Key,
        queue: Queue,
        handed: Vec<Key>,
        then: Then,
    },
    Settling {
        keys: Vec<Key>,
        then: Then,
    },
    Settled {
        then: Then,
    },
}

/// Messages still to send, with the keys of their sealed copies.
type Queue = VecDeque<(Key, Parcel)>;

/// What follows a landed commit and its deliveries.
enum Then {
    /// The next phase.
    GoOn,
    /// The answer.
    Answer(Result<Output, Failure>),
}

impl Machine {
    /// A request that has not begun.
    #[must_use]
    pub fn new(
        environment: Arc<Environment>,
        caller: Caller,
        now: Timestamp,
        seed: [u8; 32],
        program: Program,
    ) -> Self {
        Self {
            environment,
            caller,
            now,
            draws: Draws::new(&seed),
            program,
            facts: Facts::default(),
            landed: 0,
            runs: 0,
            token: None,
            batches: 0,
            waiting: Waiting::Nothing,
        }
    }

    /// Begins: the first step.
    pub fn start(&mut self) -> Step {
        self.run()
    }

    /// Goes on with the world's answer to the last step.
    pub fn resume(&mut self, answered: Answered) -> Step {
        match (
            core::mem::replace(&mut self.waiting, Waiting::Nothing),
            answered,
        ) {
            (Waiting::Load(keys), Answered::Loaded(Ok(entries))) if keys.len() == entries.len() => {
                let phase = self.facts.phase(self.landed);
                for (key, entry) in keys.into_iter().zip(entries) {
                    phase.records.insert(key, Fact::of(entry));
                }
                self.run()
            }
            (Waiting::Page(request), Answered::Paged(Ok(page))) => {
                self.facts
                    .phase(self.landed)
                    .pages
                    .push((request, page.into()));
                self.run()
            }
            (Waiting::Work(works), Answered::Worked(done)) if works.len() == done.len() => {
                self.facts.work.extend(works.into_iter().zip(done));
                self.run()
            }
            (Waiting::Ask(call), Answered::Asked(answer)) => {
                self.facts.hooks.push((call, answer));
                self.run()
            }
            (Waiting::Fetch(request), Answered::Fetched(reply)) => {
                self.facts.fetches.push((request, reply));
                self.run()
            }
            (
                Waiting::Commit {
                    batch,
                    queue,
                    then,
                    unknown,
                },
                Answered::Landed(outcome),
            ) => self.landed_with(batch, queue, then, unknown, outcome),
            (
                Waiting::Deliver {
                    sending,
                    queue,
                    mut handed,
                    then,
                },
                Answered::Delivered(end),
            ) => match end {
                Ok(()) => {
                    handed.push(sending);
                    self.deliver(queue, handed, then)
                }
                Err(_) => self.settle(handed, Then::Answer(Err(undelivered()))),
            },
            (
                Waiting::Deliver {
                    sending,
                    queue,
                    mut handed,
                    then,
                },
                Answered::Asked(answer),
            ) => {
                // What became of a sender's message is no concern of the caller. It stays in the outbox.
                if answer.is_ok() {
                    handed.push(sending);
                }
                self.deliver(queue, handed, then)
            }
            (
                Waiting::Deliver {
                    sending,
                    queue,
                    mut handed,
                    then,
                },
                Answered::Fetched(reply),
            ) => {
                // Nor is that of an event of a log.
                if reply.is_ok_and(|reply| (200..300).contains(&reply.status)) {
                    handed.push(sending);
                }
                self.deliver(queue, handed, then)
            }
            (Waiting::Settling { keys, then }, Answered::Loaded(entries)) => {
                self.settle_loaded(keys, entries.unwrap_or_default(), then)
            }
            (Waiting::Settled { then }, Answered::Settled) => self.go_on(then),
            (_, Answered::Loaded(Err(fault)) | Answered::Paged(Err(fault))) => {
                faulted(Fault::caused("the store", fault))
            }
            _ => faulted(Fault::new(
                "a driver answered something else than was asked",
            )),
        }
    }

    /// Forgets what was computed and kept, so that [`Machine::replay`] computes it again.
    pub fn forget_computed(&mut self) {
        self.token = None;
        self.facts.forget_computed();
    }

    /// Runs the operation once over all that the request has learned, as if it had been known from the start.
    ///
    /// For measuring: what the runs of a request cost beyond this is the price of running again. Nothing is asked
    /// for, and what the run decides becomes a batch and is dropped.
    pub fn replay(&mut self) {
        let mut cx = Cx::new(
            &self.environment,
            &self.caller,
            self.now,
            &self.draws,
            self.landed,
            &mut self.facts,
        );
        drop((self.program)(&mut cx));
        let writes = core::mem::take(&mut cx.intent.writes);
        // A batch that landed midway belongs to the run too, whatever is left to write after it.
        if self.batches > 0 {
            drop(self.batch(writes));
        }
    }

    /// Runs the program until it stops, and turns the reason into a step.
    fn run(&mut self) -> Step {
        loop {
            self.runs += 1;
            if self.runs > MAX_RUNS {
                return faulted(Fault::new("an operation that never ends"));
            }
            let (end, needs, intent, phase) = {
                let mut cx = Cx::new(
                    &self.environment,
                    &self.caller,
                    self.now,
                    &self.draws,
                    self.landed,
                    &mut self.facts,
                );
                let end = (self.program)(&mut cx);
                let phase = cx.phase();
                (
                    end,
                    core::mem::take(&mut cx.needs),
                    core::mem::take(&mut cx.intent),
                    phase,
                )
            };
            match end.map_err(Stop::reason) {
                Err(Reason::Need) => return self.need(needs),
                Err(Reason::Land) if intent.writes.is_empty() => self.landed += 1,
                Err(Reason::Land) => return self.commit(intent, Then::GoOn),
                Err(Reason::Torn(fault)) => {
                    if self.facts.lost_race(self.landed) > MAX_ATTEMPTS {
                        return faulted(fault);
                    }
                }
                Err(Reason::Fault(fault)) => return faulted(fault),
                Err(Reason::Refuse(refusal)) => return Step::Done(Err(Failure::Refused(refusal))),
                // A run that ends before it reached the phase it is in decided differently than before.
                Ok(_) | Err(Reason::Counted(_)) if phase != self.landed => {
                    return faulted(Fault::new(
                        "an operation that is not a function of its facts",
                    ));
                }
                Err(Reason::Counted(refusal)) => {
                    return self.commit(intent, Then::Answer(Err(Failure::Refused(refusal))));
                }
                Ok(output) => return self.commit(intent, Then::Answer(Ok(output))),
            }
        }
    }

    fn need(&mut self, needs: Needs) -> Step {
        if !needs.keys.is_empty() {
            self.waiting = Waiting::Load(needs.keys.clone());
            Step::Load(needs.keys)
        } else if let Some(request) = needs.page {
            self.waiting = Waiting::Page(request.clone());
            Step::Page(request)
        } else if !needs.work.is_empty() {
            self.waiting = Waiting::Work(needs.work.clone());
            Step::Work(needs.work)
        } else if let Some(call) = needs.ask {
            self.waiting = Waiting::Ask(call.clone());
            Step::Ask(call)
        } else if let Some(request) = needs.fetch {
            self.waiting = Waiting::Fetch(request.clone());
            Step::Fetch(request)
        } else {
            faulted(Fault::new(
                "an operation that needs nothing and does not end",
            ))
        }
    }

    fn commit(&mut self, intent: Intent, then: Then) -> Step {
        if intent.writes.is_empty() {
            return self.go_on(then);
        }
        let batch = self.batch(intent.writes);
        self.waiting = Waiting::Commit {
            batch: batch.clone(),
            queue: intent.messages.into(),
            then,
            unknown: 0,
        };
        Step::Commit(batch)
    }

    fn landed_with(
        &mut self,
        batch: Batch,
        queue: Queue,
        then: Then,
        unknown: u32,
        outcome: Result<Outcome, StoreFault>,
    ) -> Step {
        match outcome {
            Ok(Outcome::Committed) => self.deliver(queue, Vec::new(), then),
            Ok(Outcome::Conflict) => {
                if self.facts.lost_race(self.landed) > MAX_ATTEMPTS {
                    let busy = Refusal::new(RefusalKind::TooManyRequests, "Rate exceeded");
                    return Step::Done(Err(Failure::Refused(busy)));
                }
                self.run()
            }
            Ok(Outcome::Unknown) if unknown < MAX_UNKNOWN => {
                self.waiting = Waiting::Commit {
                    batch: batch.clone(),
                    queue,
                    then,
                    unknown: unknown + 1,
                };
                Step::Commit(batch)
            }
            Ok(Outcome::Unknown) => faulted(Fault::new("a commit whose end is not known")),
            Err(fault) => faulted(Fault::caused("the store", fault)),
        }
    }

    fn deliver(&mut self, mut queue: Queue, handed: Vec<Key>, then: Then) -> Step {
        match queue.pop_front() {
            Some((sending, parcel)) => {
                self.waiting = Waiting::Deliver {
                    sending,
                    queue,
                    handed,
                    then,
                };
                match parcel {
                    Parcel::Message(message) => Step::Deliver(message),
                    Parcel::Event(event) => Step::Ask(event.call),
                    Parcel::Log(event) => Step::Fetch(event.request()),
                }
            }
            None => self.settle(handed, then),
        }
    }

    /// Removes the sealed copies of messages that were handed over.
    fn settle(&mut self, handed: Vec<Key>, then: Then) -> Step {
        if handed.is_empty() {
            return self.go_on(then);
        }
        self.waiting = Waiting::Settling {
            keys: handed.clone(),
            then,
        };
        Step::Load(handed)
    }

    fn settle_loaded(&mut self, keys: Vec<Key>, entries: Vec<Option<Entry>>, then: Then) -> Step {
        let mut writes: Vec<Write> = keys
            .into_iter()
            .zip(entries)
            .filter_map(|(key, entry)| {
                let expect = Expect::At(entry?.version);
                Some(Write {
                    key,
                    expect,
                    change: Change::Remove,
                })
            })
            .collect();
        if writes.is_empty() {
            return self.go_on(then);
        }
        few::sort_by(&mut writes, |a, b| a.key.cmp(&b.key));
        self.waiting = Waiting::Settled { then };
        Step::Settle(self.batch(writes))
    }

    fn go_on(&mut self, then: Then) -> Step {
        match then {
            Then::Answer(answer) => Step::Done(answer),
            Then::GoOn => {
                self.landed += 1;
                self.run()
            }
        }
    }

    /// A batch under a token of its own: the tokens of a request share twelve drawn bytes, and count in the others.
    fn batch(&mut self, writes: Vec<Write>) -> Batch {
        let mut token = *self.token.get_or_insert_with(|| {
            let mut token = [0; 16];
            self.draws.draw(0, "token", &mut token);
            token
        });
        token[12..].copy_from_slice(&self.batches.to_be_bytes());
        self.batches += 1;
        Batch {
            token,
            now: self.now,
            writes,
        }
    }
}

fn faulted(fault: Fault) -> Step {
    Step::Done(Err(Failure::Faulted(fault)))
}

fn undelivered() -> Failure {
    Failure::Refused(Refusal::new(
        RefusalKind::CodeDeliveryFailure,
        "The message could not be delivered. Try again later.",
    ))
}
