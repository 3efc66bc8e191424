//! What an operation sees of the world: facts it was handed, time, labelled draws, and its decision so far.

use alloc::{format, string::ToString, sync::Arc, vec::Vec};
use core::{
    any::{Any, TypeId},
    ops::Deref,
};

use userpool_crypto::{random::Draws, sealed, secret::SecretBytes};
use userpool_ports::{
    Change, Entry, Expect, FetchFault, FetchReply, FetchRequest, HookAnswer, HookCall, HookFault,
    Key, PageRequest, Timestamp, Version, Write,
};

use super::{
    environment::{Caller, Environment},
    facts::{Decoded, Drawn, Entries, Fact, Facts},
    intent::{Intent, Needs},
    outbox::{self, Outgoing, Parcel},
    record::{self, Record},
    shelf::SharedRecords,
    stop::{Fault, Reason, Refusal, Run, Stop},
    work::{Done, Work},
};

/// A record as it was read: its value, and the state to name when replacing it.
#[derive(Debug)]
pub struct Held<T> {
    key: Key,
    pub(super) version: Version,
    value: Arc<T>,
}

impl<T> Held<T> {
    /// The key of the record.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The value, shared.
    #[must_use]
    pub fn value(&self) -> &Arc<T> {
        &self.value
    }
}

impl<T> Clone for Held<T> {
    fn clone(&self) -> Self {
        Self {
            key: self.key.clone(),
            version: self.version,
            value: self.value.clone(),
        }
    }
}

impl<T> Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// One run of an operation: reads come from facts, writes and messages become its decision.
///
/// Reads see the records as they were when the phase began, never the run's own writes.
pub struct Cx<'a> {
    environment: &'a Environment,
    caller: &'a Caller,
    now: Timestamp,
    draws: &'a Draws,
    landed: usize,
    /// The operation that runs, where the request came by its name.
    serving: Option<&'static str>,
    pub(super) phase: usize,
    /// The number of the next part, see [`Cx::once`].
    pub(super) part: usize,
    /// Whether a fact was missing already: what follows is not where the next run will be.
    pub(super) astray: bool,
    pub(super) facts: &'a mut Facts,
    pub(crate) needs: Needs,
    pub(crate) intent: Intent,
}

impl<'a> Cx<'a> {
    pub(crate) fn new(
        environment: &'a Environment,
        caller: &'a Caller,
        now: Timestamp,
        draws: &'a Draws,
        landed: usize,
        facts: &'a mut Facts,
    ) -> Self {
        Self {
            environment,
            caller,
            now,
            draws,
            landed,
            serving: None,
            phase: 0,
            part: 0,
            astray: false,
            facts,
            needs: Needs::default(),
            intent: Intent::default(),
        }
    }

    /// Asks for several records at once, so that they come in one round trip.
    ///
    /// # Errors
    /// Stops the run while one of them was not read yet.
    pub fn want<'k>(&mut self, keys: impl IntoIterator<Item = &'k Key>) -> Run<()> {
        let phase = self.facts.phase(self.phase);
        for key in keys {
            if phase.records.place(key).is_err() && !contains(&self.needs.keys, key) {
                self.needs.keys.push(key.clone());
            }
        }
        if self.needs.keys.is_empty() {
            Ok(())
        } else {
            Err(self.stop(Reason::Need))
        }
    }

    /// The record under a key; one that has ended counts as absent.
    ///
    /// # Errors
    /// Stops the run while the record was not read yet; a fault if it cannot be decoded.
    pub fn get<T: Record>(&mut self, key: &Key) -> Run<Option<Held<T>>> {
        let Some((version, value)) = self.get_as(key, &Kind::of::<T>())? else {
            return Ok(None);
        };
        match value.downcast() {
            Ok(value) => Ok(Some(Held {
                key: key.clone(),
                version,
                value,
            })),
            // What is kept was compared with the kind.
            Err(_) => Err(Fault::new(T::KIND).into()),
        }
    }

    /// [`Cx::get`] for every kind: one function, that is given how to decode.
    fn get_as(&mut self, key: &Key, kind: &Kind) -> Run<Option<(Version, Shared)>> {
        let shared = &self.environment.shared;
        let Some((entry, slot)) = self.find(key)? else {
            return Ok(None);
        };
        Ok(Some((
            entry.version,
            kind.of_entry(slot, key, entry, shared)?,
        )))
    }

    /// The record under a key as the store gave it, unless it has ended, and the place for its decoded form.
    pub(super) fn find(&mut self, key: &Key) -> Run<Option<(&Entry, &mut Decoded)>> {
        let now = self.now;
        let place = self.facts.phase(self.phase).records.place(key);
        let place = match place {
            Ok(place) if self.needs.keys.is_empty() => place,
            _ => {
                self.want([key])?;
                return Err(self.stop(Reason::Need));
            }
        };
        let fact = self.facts.phase(self.phase).records.at(place);
        let entry = fact.entry.as_ref().filter(|entry| alive(entry, now));
        Ok(entry.map(|entry| (entry, &mut fact.decoded)))
    }

    /// The record under a key, of any kind, an ended one too, and without what it holds: enough to remove it.
    ///
    /// # Errors
    /// Stops the run while the record was not read yet.
    pub fn any(&mut self, key: &Key) -> Run<Option<Held<()>>> {
        self.want([key])?;
        let fact = self.facts.phase(self.phase).records.get(key);
        let entry = fact.and_then(|fact| fact.entry.as_ref());
        Ok(entry.map(|entry| Held {
            key: key.clone(),
            version: entry.version,
            value: Arc::new(()),
        }))
    }

    /// Records under a prefix in the order of their keys; ended ones are left out, so that a page may hold
    /// fewer than `limit` and yet not be the last. The second value is the key to go on after, `None` at the end.
    ///
    /// # Errors
    /// Stops the run while the page was not read yet; a fault if a record cannot be decoded.
    pub fn page<T: Record>(
        &mut self,
        prefix: &Key,
        after: Option<&Key>,
        limit: usize,
    ) -> Run<(Vec<Held<T>>, Option<Key>)> {
        let (page, more) = self.entries(prefix, after, limit)?;
        let mut records = Vec::with_capacity(page.len());
        for (key, entry) in page.iter().filter(|(_, entry)| alive(entry, self.now)) {
            let value = Arc::new(record::decode(&entry.value)?);
            records.push(Held {
                key: key.clone(),
                version: entry.version,
                value,
            });
        }
        Ok((records, more))
    }

    /// As [`Cx::page`], but of records of any kind, ended ones too, and without what they hold: enough to
    /// remove them.
    ///
    /// # Errors
    /// Stops the run while the page was not read yet.
    pub fn page_of_any(
        &mut self,
        prefix: &Key,
        after: Option<&Key>,
        limit: usize,
    ) -> Run<(Vec<Held<()>>, Option<Key>)> {
        let (page, more) = self.entries(prefix, after, limit)?;
        let nothing = Arc::new(());
        let records = page.iter().map(|(key, entry)| Held {
            key: key.clone(),
            version: entry.version,
            value: nothing.clone(),
        });
        Ok((records.collect(), more))
    }

    pub(super) fn entries(
        &mut self,
        prefix: &Key,
        after: Option<&Key>,
        limit: usize,
    ) -> Run<(Entries, Option<Key>)> {
        let request = PageRequest {
            prefix: prefix.clone(),
            after: after.cloned(),
            limit,
        };
        let phase = self.facts.phase(self.phase);
        let Some((_, page)) = phase.pages.iter().find(|(asked, _)| *asked == request) else {
            self.needs.page = Some(request);
            return Err(self.stop(Reason::Need));
        };
        let more = page
            .last()
            .filter(|_| page.len() == limit)
            .map(|(key, _)| key.clone());
        Ok((page.clone(), more))
    }

    /// Writes a record that does not exist yet; an ended one may stand in its place.
    pub fn insert<T: Record>(&mut self, key: &Key, value: &T) {
        self.insert_until(key, value, None);
    }

    /// Writes a record that does not exist yet and ends at a given time.
    pub fn insert_until<T: Record>(&mut self, key: &Key, value: &T, expires: Option<Timestamp>) {
        self.insert_bytes(key, record::encode(value), expires);
    }

    pub(super) fn insert_bytes(&mut self, key: &Key, value: Arc<[u8]>, expires: Option<Timestamp>) {
        let known = self.facts.phase(self.phase).records.get(key);
        let expect = match known.and_then(|fact| fact.entry.as_ref()) {
            Some(entry) if !alive(entry, self.now) => Expect::At(entry.version),
            _ => Expect::Absent,
        };
        self.write(key, expect, Change::Put { value, expires });
    }

    /// Replaces a record that was read.
    pub fn update<T: Record>(&mut self, held: &Held<T>, value: &T) {
        self.update_until(held, value, None);
    }

    /// Replaces a record that was read by one that ends at a given time.
    pub fn update_until<T: Record>(
        &mut self,
        held: &Held<T>,
        value: &T,
        expires: Option<Timestamp>,
    ) {
        let change = Change::Put {
            value: record::encode(value),
            expires,
        };
        self.write(&held.key, Expect::At(held.version), change);
    }

    /// Replaces a record if one was read, else writes a new one.
    pub fn upsert_until<T: Record>(
        &mut self,
        key: &Key,
        held: Option<&Held<T>>,
        value: &T,
        expires: Option<Timestamp>,
    ) {
        match held {
            Some(held) => self.update_until(held, value, expires),
            None => self.insert_until(key, value, expires),
        }
    }

    /// Removes a record that was read.
    pub fn remove<T>(&mut self, held: &Held<T>) {
        self.write(&held.key, Expect::At(held.version), Change::Remove);
    }

    /// Makes the decision depend on a record staying as it was read.
    pub fn check<T>(&mut self, held: &Held<T>) {
        self.write(&held.key, Expect::At(held.version), Change::Check);
    }

    /// Has slow arithmetic done, side by side; the answers come in the order asked.
    ///
    /// # Errors
    /// Stops the run until all of it is done; a fault if a worker failed.
    pub fn works<const N: usize>(&mut self, works: [&Work; N]) -> Run<[Done; N]> {
        let mut done = Vec::with_capacity(N);
        for work in works {
            match self.facts.work.iter().find(|(asked, _)| asked == work) {
                Some((_, answer)) => done.push(answer.clone()),
                None => self.needs.work.push(work.clone()),
            }
        }
        if !self.needs.work.is_empty() {
            return Err(self.stop(Reason::Need));
        }
        let done: Result<Vec<Done>, _> = done.into_iter().collect();
        done.map_err(|fault| Fault::caused("a worker", fault))?
            .try_into()
            .map_err(|_| Fault::new("a worker").into())
    }

    /// Has one piece of slow arithmetic done.
    ///
    /// # Errors
    /// Stops the run until it is done; a fault if the worker failed.
    pub fn work(&mut self, work: Work) -> Run<Done> {
        match self.facts.work.iter().find(|(asked, _)| *asked == work) {
            Some((_, Ok(done))) => Ok(done.clone()),
            Some((_, Err(fault))) => Err(Fault::caused("a worker", fault.clone()).into()),
            None => {
                self.needs.work.push(work);
                Err(self.stop(Reason::Need))
            }
        }
    }

    /// Asks a trigger. The answer counts for exactly this event.
    ///
    /// # Errors
    /// Stops the run until the trigger answered.
    pub fn ask(&mut self, call: HookCall) -> Run<Result<HookAnswer, HookFault>> {
        if let Some((_, answer)) = self.facts.hooks.iter().find(|(asked, _)| *asked == call) {
            return Ok(answer.clone());
        }
        self.needs.ask = Some(call);
        Err(self.stop(Reason::Need))
    }

    /// Has an outbound exchange made.
    ///
    /// # Errors
    /// Stops the run until the exchange ended.
    pub fn fetch(&mut self, request: FetchRequest) -> Run<Result<FetchReply, FetchFault>> {
        if let Some((_, reply)) = self
            .facts
            .fetches
            .iter()
            .find(|(asked, _)| *asked == request)
        {
            return Ok(reply.clone());
        }
        self.needs.fetch = Some(request);
        Err(self.stop(Reason::Need))
    }

    /// Sends a message once the decision has landed. A sealed copy stands in the same commit until it is
    /// handed over or `expires` comes, so that a crash loses no message.
    ///
    /// # Errors
    /// A fault if the copy cannot be sealed.
    pub(crate) fn send(&mut self, parcel: Parcel, expires: Timestamp) -> Run<()> {
        let (key, outgoing) = outbox::outgoing(self, &parcel, expires)?;
        self.insert_until(&key, &outgoing, Some(expires));
        self.intent.messages.push((key, parcel));
        Ok(())
    }

    /// Leaves a message to the outbox: it stands in the commit, sealed, and goes out when the host looks after its
    /// messages next. The request neither waits for it nor fails with it.
    ///
    /// # Errors
    /// A fault if the copy cannot be sealed.
    pub(crate) fn post(&mut self, parcel: &Parcel, expires: Timestamp) -> Run<()> {
        let (key, outgoing) = outbox::outgoing(self, parcel, expires)?;
        self.insert_until(&key, &outgoing.at_once(self.now), Some(expires));
        Ok(())
    }

    /// Sends a message of the outbox again once the decision has landed; the time of the next try stands in
    /// the same commit, so that nobody else sends it meanwhile.
    ///
    /// # Errors
    /// A fault if the sealed copy cannot be opened.
    pub(crate) fn send_again(&mut self, held: &Held<Outgoing>) -> Run<Parcel> {
        let parcel = held.open(self, held.key())?;
        self.update_until(held, &held.tried(self.now), Some(held.until()));
        let sent = (held.key().clone(), parcel.clone());
        self.intent.messages.push(sent);
        Ok(parcel)
    }

    /// Lands the writes so far before the run goes on. What follows belongs to a new phase: it reads
    /// records afresh and has a commit of its own.
    ///
    /// # Errors
    /// Stops the run until the writes have landed.
    pub fn land(&mut self) -> Run<()> {
        if self.phase == self.landed {
            return Err(self.stop(Reason::Land));
        }
        self.phase += 1;
        self.intent = Intent::default();
        Ok(())
    }

    /// A refusal that keeps the writes made so far: the failure is recorded, and only then told.
    #[must_use]
    pub fn counted(&self, refusal: Refusal) -> Stop {
        Stop::of(Reason::Counted(refusal))
    }

    /// Bytes that nobody can predict, the same in every run of one attempt. A label names one draw.
    pub fn random<const N: usize>(&mut self, label: &str) -> [u8; N] {
        let attempt = self.facts.phase(self.phase).attempt;
        let phase = self.phase;
        let drawn = self.facts.drawn.iter().find_map(|drawn| {
            let is_it = drawn.phase == phase && drawn.attempt == attempt && *drawn.label == *label;
            drawn.bytes.expose().try_into().ok().filter(|_| is_it)
        });
        if let Some(drawn) = drawn {
            return drawn;
        }
        let mut out = [0; N];
        let mut name = phase.to_string();
        name.reserve_exact(1 + label.len());
        name.push('/');
        name.push_str(label);
        self.draws.draw(attempt, &name, &mut out);
        self.facts.drawn.push(Drawn {
            phase,
            attempt,
            label: label.into(),
            bytes: SecretBytes::new(out.to_vec()),
        });
        out
    }

    /// What [`Cx::keep`] kept under this name for these bytes.
    #[must_use]
    fn recall<T: Any + Send + Sync>(&self, what: &'static str, of: &[u8]) -> Option<Arc<T>> {
        let kept = self.facts.kept.get(&(what, of.to_vec()))?;
        kept.clone().downcast().ok()
    }

    /// Keeps what a pure function of these bytes gave, for the other runs of the request.
    fn keep<T: Any + Send + Sync>(&mut self, what: &'static str, of: &[u8], value: T) -> Arc<T> {
        let value = Arc::new(value);
        self.facts.kept.insert((what, of.to_vec()), value.clone());
        value
    }

    /// Seals a secret under the root keys for one purpose and place; sealed once a request.
    pub fn seal(
        &mut self,
        purpose: &'static str,
        pool: &str,
        key: &Key,
        field: &str,
        secret: &[u8],
    ) -> Vec<u8> {
        let place = place(key, field);
        let attempt = self.facts.phase(self.phase).attempt;
        let name = [
            &place,
            &(self.phase as u32).to_be_bytes()[..],
            &attempt.to_be_bytes(),
        ]
        .concat();
        if let Some(sealed) = self.recall::<Sealed>(purpose, &name)
            && sealed.secret.matches(secret)
        {
            return sealed.bytes.clone();
        }
        let label = format!("nonce/{purpose}/{field}/{}", key.as_bytes().escape_ascii());
        let nonce = self.random::<12>(&label);
        let context = sealed::Context {
            purpose,
            scope: pool.as_bytes(),
            associated: &place,
        };
        let bytes = self.environment.root_keys.seal(context, nonce, secret);
        let secret = SecretBytes::new(secret.to_vec());
        self.keep(
            purpose,
            &name,
            Sealed {
                secret,
                bytes: bytes.clone(),
            },
        );
        bytes
    }

    /// Opens what [`Cx::seal`] sealed for the same purpose and place; opened once a request.
    ///
    /// # Errors
    /// A fault if the bytes were sealed for something else, changed, or under a key that is not at hand.
    pub fn open(
        &mut self,
        purpose: &'static str,
        pool: &str,
        key: &Key,
        field: &str,
        bytes: &[u8],
    ) -> Run<Arc<SecretBytes>> {
        if let Some(opened) = self.facts.opened.get(bytes) {
            return Ok(opened.clone());
        }
        let place = place(key, field);
        let context = sealed::Context {
            purpose,
            scope: pool.as_bytes(),
            associated: &place,
        };
        let opened = self
            .environment
            .root_keys
            .open(context, bytes)
            .map_err(|cause| Stop::from(Fault::caused("a sealed value", cause)))?;
        let opened = Arc::new(opened);
        self.facts.opened.insert(bytes.into(), opened.clone());
        Ok(opened)
    }

    /// The moment of the request.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The settings of the engine.
    #[must_use]
    pub fn environment(&self) -> &'a Environment {
        self.environment
    }

    /// Who asks.
    #[must_use]
    pub fn caller(&self) -> &'a Caller {
        self.caller
    }

    /// The operation that runs; none where it is a part of the login pages, or of the engine's own.
    #[must_use]
    pub(crate) fn serving(&self) -> Option<&'static str> {
        self.serving
    }

    /// Says which operation runs.
    pub(crate) fn serve(&mut self, operation: &'static str) {
        self.serving = Some(operation);
    }

    pub(crate) fn phase(&self) -> usize {
        self.phase
    }

    pub(super) fn write(&mut self, key: &Key, expect: Expect, change: Change) {
        self.intent.write(Write {
            key: key.clone(),
            expect,
            change,
        });
    }

    /// The end of a run that goes on later from the top.
    fn stop(&mut self, reason: Reason) -> Stop {
        self.astray = true;
        Stop::of(reason)
    }
}

/// A secret with its sealed form.
struct Sealed {
    secret: SecretBytes,
    bytes: Vec<u8>,
}

/// What a sealed value is bound to, besides its purpose and pool: the record's key and the field.
pub(crate) fn place(key: &Key, field: &str) -> Vec<u8> {
    let mut place = Vec::with_capacity(key.as_bytes().len() + field.len() + 2);
    place.extend_from_slice(&(key.as_bytes().len() as u16).to_be_bytes());
    place.extend_from_slice(key.as_bytes());
    place.extend_from_slice(field.as_bytes());
    place
}

/// Whether a key is among others. Keys of one user are as long as each other, and differ at their ends.
fn contains(keys: &[Key], key: &Key) -> bool {
    let end = key.as_bytes().last();
    keys.iter()
        .any(|other| other.as_bytes().last() == end && other == key)
}

fn alive(entry: &Entry, now: Timestamp) -> bool {
    entry.expires.is_none_or(|expires| now < expires)
}

/// A decoded record of any kind.
type Shared = Arc<dyn Any + Send + Sync>;

/// A kind of record, where the code is the same for all of them.
struct Kind {
    id: TypeId,
    is_setting: bool,
    decode: fn(&[u8]) -> Result<Shared, Fault>,
}

impl Kind {
    fn of<T: Record>() -> Self {
        Self {
            id: TypeId::of::<T>(),
            is_setting: T::IS_SETTING,
            decode: |bytes| Ok(Arc::new(record::decode::<T>(bytes)?)),
        }
    }

    /// The decoded form of an entry: from its slot, from the shelf, or made now.
    fn of_entry(
        &self,
        slot: &mut Decoded,
        key: &Key,
        entry: &Entry,
        shelf: &SharedRecords,
    ) -> Result<Shared, Fault> {
        let is_it = |value: &Shared| (**value).type_id() == self.id;
        if let Some(value) = slot.as_ref().filter(|value| is_it(value)) {
            return Ok(value.clone());
        }
        let kept = match self.is_setting {
            true => shelf.find(key, entry.version).filter(is_it),
            false => None,
        };
        let value = match kept {
            Some(value) => value,
            None => {
                let value = (self.decode)(&entry.value)?;
                if self.is_setting {
                    shelf.keep(key, entry.version, &value);
                }
                value
            }
        };
        *slot = Some(value.clone());
        Ok(value)
    }
}

impl Fact {
    pub(crate) fn of(entry: Option<Entry>) -> Self {
        Self {
            entry,
            decoded: None,
        }
    }
}

impl core::fmt::Debug for Cx<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let keys: Vec<&Key> = self.intent.writes.iter().map(|write| &write.key).collect();
        f.debug_struct("Cx")
            .field("phase", &self.phase)
            .field("writes", &keys)
            .finish_non_exhaustive()
    }
}
