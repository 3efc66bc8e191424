//! Parts of an operation that are done once a request, however often the operation runs.
//!
//! An operation runs from the top whenever a fact arrives, which is what makes it read like a straight program. Parts
//! keep that cheap. What a part gives is a function of the request and of the facts of its phases, and those stay as
//! they are until the phase loses a race; so a part that ran to its end once needs not run again, and the runs of a
//! request come to the same parts in the same order, by whose number they are found.
//!
//! A run that lacks a fact goes astray: what it does from there on is not what the next run will do there, so
//! its parts have no number.

use alloc::{boxed::Box, sync::Arc};
use core::any::Any;

use super::{
    cx::Cx,
    intent::Intent,
    stop::{Fault, Reason, Refusal, Run, Stop},
};

/// For how many parts of an operation room is made at once.
const PARTS: usize = 24;

/// What a part gave.
type Value = Arc<dyn Any + Send + Sync>;

/// A part of an operation that ran to its end: what it gave, and what it did, for the runs that follow.
pub(crate) struct Part {
    pub value: Value,
    /// The phase in which it ended.
    pub phase: usize,
    /// What it did since that phase began, if anything.
    pub intent: Option<Box<Intent>>,
    /// The number of the part that comes after it and all that it holds.
    pub next: usize,
}

impl Cx<'_> {
    /// Does a part of an operation once a request: when the operation runs again from the top, the part gives what
    /// it gave, and its writes and messages stand again, without its code running. A part that stopped for want
    /// of a fact, or refused, runs again.
    ///
    /// It may read, write, send, draw, have work done, and land. Like the operation it must be a function of the
    /// request and of the facts; parts may hold parts.
    ///
    /// # Errors
    /// Those of the part.
    pub fn once<T: Clone + Any + Send + Sync>(
        &mut self,
        part: impl FnOnce(&mut Self) -> Run<T>,
    ) -> Run<T> {
        let begun = match self.begin() {
            Begin::Again(value) => {
                let value = value.downcast_ref::<T>().cloned();
                return value.ok_or_else(not_a_function);
            }
            Begin::First(begun) => Some(begun),
            Begin::Astray => None,
        };
        let end = part(self);
        if let Some(begun) = begun {
            let value = end.as_ref().ok();
            let value = value.map(|value| Arc::new(value.clone()) as Value);
            self.end(begun, value);
        }
        end
    }

    /// Comes to the next part. What does not depend on the type of its value stands here and in [`end`](Self::end), once
    /// for all parts.
    fn begin(&mut self) -> Begin {
        if self.astray {
            return Begin::Astray;
        }
        let at = self.part;
        if let Some(Some(done)) = self.facts.parts.get(at) {
            if done.phase > self.phase {
                self.phase = done.phase;
                self.intent = Intent::default();
            }
            self.part = done.next;
            if let Some(intent) = &done.intent {
                self.intent.add(intent);
            }
            return Begin::Again(done.value.clone());
        }
        self.part = at + 1;
        Begin::First(Begun {
            at,
            phase: self.phase,
            before: core::mem::take(&mut self.intent),
        })
    }

    /// Leaves a part, with its value if it ran to its end.
    fn end(&mut self, begun: Begun, value: Option<Value>) {
        let intent = core::mem::take(&mut self.intent);
        if begun.phase == self.phase {
            self.intent = begun.before;
        }
        self.intent.add(&intent);
        let Some(value) = value else { return };
        let parts = &mut self.facts.parts;
        if parts.is_empty() {
            parts.reserve(PARTS);
        }
        if parts.len() <= begun.at {
            parts.resize_with(begun.at + 1, || None);
        }
        parts[begun.at] = Some(Part {
            value,
            phase: self.phase,
            intent: (!intent.is_empty()).then(|| Box::new(intent)),
            next: self.part,
        });
    }

    /// Does a part of an operation whose refusal is not the operation's: it is given, and drops the writes of the
    /// part since they last landed, or where the refusal is counted, keeps them.
    ///
    /// # Errors
    /// Those of the part, but for refusals.
    pub(crate) fn attempt<T>(
        &mut self,
        part: impl FnOnce(&mut Self) -> Run<T>,
    ) -> Run<Result<T, Refusal>> {
        let phase = self.phase;
        let before = core::mem::take(&mut self.intent);
        let end = part(self);
        let during = core::mem::take(&mut self.intent);
        if phase == self.phase {
            self.intent = before;
        }
        let astray = self.astray;
        let (end, keeps) = match end {
            Ok(value) => (Ok(value), true),
            Err(stop) => match stop.reason() {
                Reason::Refuse(refusal) if !astray => (Err(refusal), false),
                Reason::Counted(refusal) if !astray => (Err(refusal), true),
                reason => {
                    self.intent.add(&during);
                    return Err(Stop::of(reason));
                }
            },
        };
        if keeps {
            self.intent.add(&during);
        }
        Ok(end)
    }
}

/// How a run comes to a part.
enum Begin {
    /// The part ran to its end in an earlier run, and gave this.
    Again(Value),
    First(Begun),
    /// The run is astray, and its parts are not kept.
    Astray,
}

/// A part that is running.
struct Begun {
    at: usize,
    phase: usize,
    /// What the run wanted before.
    before: Intent,
}

#[cold]
fn not_a_function() -> Stop {
    Fault::new("an operation that is not a function of its facts").into()
}

#[cfg(test)]
mod tests {
    use alloc::{boxed::Box, sync::Arc, vec, vec::Vec};
    use core::sync::atomic::{AtomicUsize, Ordering};

    use userpool_crypto::{
        sealed::{KeyId, RootKeys, SealKey},
        secret::SecretArray,
    };
    use userpool_ports::{Batch, Change, Entry, Key, Outcome, Timestamp, Version};

    use crate::cbor::Cbor;
    use crate::engine::{
        Answered, Caller, Cx, Environment, Held, Machine, Output, Record, Refusal, RefusalKind,
        Run, SharedRecords, Step, record,
    };

    #[derive(Clone, Debug, Cbor)]
    #[cbor(map)]
    struct Number {
        #[n(0)]
        value: u32,
    }

    impl Record for Number {
        const KIND: &'static str = "a number";
    }

    fn key(name: &str) -> Key {
        Key::new(name.as_bytes())
    }

    fn machine(program: impl Fn(&mut Cx<'_>) -> Run<()> + Send + 'static) -> Machine {
        let id = KeyId::parse("one").expect("a short word names a key");
        let environment = Environment {
            account_id: "000000000000".into(),
            default_region: "us-east-1".into(),
            base_url: "http://localhost".into(),
            issuer: "{base}/{pool}".into(),
            root_keys: RootKeys::new(SealKey::new(id, SecretArray::new([1; 32]))),
            shared: SharedRecords::default(),
            message_keys: Default::default(),
            pkce: Default::default(),
            login_providers: Default::default(),
            broker: None,
        };
        Machine::new(
            Arc::new(environment),
            Caller::default(),
            Timestamp::from_secs(1),
            [7; 32],
            Box::new(move |cx| program(cx).map(|()| Box::new(()) as Output)),
        )
    }

    fn loads(step: Step) -> Vec<Key> {
        match step {
            Step::Load(keys) => keys,
            other => panic!("{other:?} instead of a read"),
        }
    }

    fn commits(step: Step) -> Batch {
        match step {
            Step::Commit(batch) => batch,
            other => panic!("{other:?} instead of a commit"),
        }
    }

    fn keys_of(batch: &Batch) -> Vec<Key> {
        batch.writes.iter().map(|write| write.key.clone()).collect()
    }

    fn counter() -> (Arc<AtomicUsize>, impl Fn() + Send + 'static) {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = count.clone();
        (count, move || {
            counted.fetch_add(1, Ordering::Relaxed);
        })
    }

    #[test]
    fn a_part_that_ended_does_not_run_again_but_its_writes_stand() {
        let (count, tick) = counter();
        let mut machine = machine(move |cx| {
            let value = cx.once(|cx| {
                tick();
                cx.insert(&key("a"), &Number { value: 1 });
                Ok(5)
            })?;
            assert_eq!(value, 5);
            cx.get::<Number>(&key("b")).map(drop)
        });
        loads(machine.start());
        let batch = commits(machine.resume(Answered::Loaded(Ok(vec![None]))));
        assert_eq!(keys_of(&batch), [key("a")]);
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn what_a_part_landed_is_not_written_again() {
        let mut machine = machine(|cx| {
            cx.once(|cx| {
                cx.insert(&key("a"), &Number { value: 1 });
                cx.land()?;
                cx.insert(&key("b"), &Number { value: 2 });
                Ok(())
            })?;
            cx.get::<Number>(&key("c"))?;
            cx.insert(&key("d"), &Number { value: 3 });
            Ok(())
        });
        assert_eq!(keys_of(&commits(machine.start())), [key("a")]);
        loads(machine.resume(Answered::Landed(Ok(Outcome::Committed))));
        let batch = commits(machine.resume(Answered::Loaded(Ok(vec![None]))));
        assert_eq!(keys_of(&batch), [key("b"), key("d")]);
    }

    #[test]
    fn after_a_lost_race_the_parts_of_the_phase_run_again_and_no_others() {
        let ((first, tick), (second, tock)) = (counter(), counter());
        let mut machine = machine(move |cx| {
            cx.once(|cx| {
                tick();
                cx.insert(&key("a"), &Number { value: 1 });
                Ok(())
            })?;
            cx.land()?;
            cx.once(|cx| {
                tock();
                let held = cx.get::<Number>(&key("b"))?;
                cx.upsert_until(&key("b"), held.as_ref(), &Number { value: 2 }, None);
                Ok(())
            })
        });
        let counts = || {
            let read = |count: &AtomicUsize| count.load(Ordering::Relaxed);
            (read(&first), read(&second))
        };
        commits(machine.start());
        loads(machine.resume(Answered::Landed(Ok(Outcome::Committed))));
        commits(machine.resume(Answered::Loaded(Ok(vec![None]))));
        assert_eq!(
            counts(),
            (1, 2),
            "the second part stopped once and ended once"
        );
        loads(machine.resume(Answered::Landed(Ok(Outcome::Conflict))));
        assert_eq!(counts(), (1, 3));
        let now_there = entry(9);
        commits(machine.resume(Answered::Loaded(Ok(vec![Some(now_there)]))));
        assert_eq!(counts(), (1, 4));
    }

    #[test]
    fn parts_after_a_missing_fact_are_not_taken_for_others() {
        let mut machine = machine(|cx| {
            let mut found = Vec::new();
            for name in ["a", "b", "c"] {
                found.push(cx.once(|cx| Ok(cx.get::<Number>(&key(name))?.is_some())));
            }
            let found: Vec<bool> = found.into_iter().collect::<Run<_>>()?;
            assert_eq!(found, [true, false, true]);
            Ok(())
        });
        let all = loads(machine.start());
        assert_eq!(all, [key("a"), key("b"), key("c")]);
        let (there, missing) = (|| Some(entry(1)), None);
        let end = machine.resume(Answered::Loaded(Ok(vec![there(), missing, there()])));
        assert!(matches!(end, Step::Done(Ok(_))));
    }

    #[test]
    fn a_refusal_of_an_attempt_drops_its_writes_and_no_others() {
        for counted in [false, true] {
            let mut machine = machine(move |cx| {
                cx.insert(&key("a"), &Number { value: 1 });
                let end: Result<(), Refusal> = cx.attempt(|cx| {
                    cx.get::<Number>(&key("b"))?;
                    cx.insert(&key("c"), &Number { value: 3 });
                    let refusal = Refusal::new(RefusalKind::InvalidParameter, "no");
                    match counted {
                        true => Err(cx.counted(refusal)),
                        false => Err(refusal.into()),
                    }
                })?;
                assert_eq!(
                    end.map_err(|it| it.kind()),
                    Err(RefusalKind::InvalidParameter)
                );
                cx.insert(&key("d"), &Number { value: 4 });
                Ok(())
            });
            loads(machine.start());
            let batch = commits(machine.resume(Answered::Loaded(Ok(vec![None]))));
            let kept: &[&str] = if counted {
                &["a", "c", "d"]
            } else {
                &["a", "d"]
            };
            let kept: Vec<Key> = kept.iter().map(|name| key(name)).collect();
            assert_eq!(keys_of(&batch), kept);
        }
    }

    #[test]
    fn a_part_that_checks_a_record_leaves_an_earlier_write_of_it() {
        let mut machine = machine(|cx| {
            let Some(held): Option<Held<Number>> = cx.get(&key("a"))? else {
                return Ok(());
            };
            cx.update(&held, &Number { value: 2 });
            cx.once(|cx| {
                cx.check(&held);
                Ok(())
            })
        });
        loads(machine.start());
        let batch = commits(machine.resume(Answered::Loaded(Ok(vec![Some(entry(1))]))));
        assert!(matches!(batch.writes[0].change, Change::Put { .. }));
    }

    fn entry(value: u32) -> Entry {
        Entry {
            value: record::encode(&Number { value }),
            version: Version::from_raw(1),
            expires: None,
        }
    }
}
