//! The identity engine without the world: every operation as a restartable pure function, and a machine that says what
//! it needs next.
//!
//! Nothing here reads a clock, draws chance, opens a socket or waits; the crate is `no_std` with `alloc`. Who wants an
//! engine with threads, a clock and a store takes the crate `userpool`. This one is for a host of another kind (a small
//! device, an event loop of its own, JavaScript) and for whoever wants to read the rules.
//!
//! # A request, from its bytes to its answer
//!
//! 1. [`ops::table::program`] binds an operation to a request on the wire; [`ops::table::bind`] one that was built in Rust.
//!    A request that breaks the service's model is refused here.
//! 2. [`Machine::new`](engine::Machine::new) takes the program with what never changes ([`Environment`](engine::Environment)),
//!    who asks ([`Caller`](engine::Caller)), **the time, and 32 random bytes that are used for nothing else**.
//! 3. [`start`](engine::Machine::start) gives the first [`Step`](engine::Step). The host does what it says and hands what
//!    came of it to [`resume`](engine::Machine::resume), which gives the next, until there is
//!    [`Step::Done`](engine::Step::Done).
//!
//! ```
//! use std::{cell::RefCell, sync::Arc};
//!
//! use userpool_core::crypto::sealed::RootKeys;
//! use userpool_core::engine::{Answered, Caller, Environment, Failure, Machine, Output, Step, worker};
//! use userpool_core::ops::table;
//! use userpool_core::ports::{CourierFault, FetchFault, HookFault, Storage, Timestamp, memory::MemoryStore};
//! use userpool_core::wire::idp::{CreateUserPoolRequest, CreateUserPoolResponse};
//!
//! /// Does what the machine asks for, one step after another.
//! fn drive(
//!     store: &impl Storage,
//!     environment: &Environment,
//!     mut machine: Machine,
//! ) -> Result<Output, Failure> {
//!     let mut step = machine.start();
//!     loop {
//!         step = machine.resume(match step {
//!             Step::Done(end) => return end,
//!             Step::Load(keys) => Answered::Loaded(store.load(&keys)),
//!             Step::Page(request) => Answered::Paged(store.page(&request)),
//!             // The slow part: a host may have it done elsewhere, side by side.
//!             Step::Work(works) => Answered::Worked(
//!                 works.iter().map(|work| worker::perform(work, &environment.root_keys)).collect(),
//!             ),
//!             // Once a batch was handed over, the request is driven to its end whoever has left.
//!             Step::Commit(batch) => Answered::Landed(store.commit(&batch)),
//!             Step::Settle(batch) => {
//!                 store.submit(batch, Box::new(|_| {}));
//!                 Answered::Settled
//!             }
//!             // A host sends messages, asks triggers and fetches here, or says that it does not.
//!             Step::Deliver(_) => Answered::Delivered(Err(CourierFault("no post here".into()))),
//!             Step::Ask(_) => Answered::Asked(Err(HookFault::Unreachable("no triggers here".into()))),
//!             Step::Fetch(_) => Answered::Fetched(Err(FetchFault("no network here".into()))),
//!         });
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A name and 32 random bytes that are kept: every secret in the store is sealed under them.
//! let root_keys: RootKeys = "1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".parse()?;
//! let environment = Arc::new(Environment::new(root_keys));
//! let store = RefCell::new(MemoryStore::new());
//!
//! // An operation of administrators: whether somebody is one has been found out before.
//! let caller = Caller { administrator: Some("host".into()), ..Caller::default() };
//! let request = CreateUserPoolRequest { pool_name: "people".into(), ..Default::default() };
//! let program = table::bind(&request).map_err(Failure::Refused)?;
//! let (now, seed) = (Timestamp::from_secs(1_767_225_600), [1; 32]);
//! let machine = Machine::new(environment.clone(), caller.clone(), now, seed, program);
//! let output = drive(&store, &environment, machine)?;
//! let reply = output.downcast::<CreateUserPoolResponse>().map_err(|_| "another reply")?;
//! let pool = reply.user_pool.and_then(|it| it.id).ok_or("a pool without an id")?;
//!
//! // The same on the wire, where the reply is JSON text.
//! let operation = userpool_core::wire::find("AWSCognitoIdentityProviderService.DescribeUserPool").ok_or("a name")?;
//! let body = format!(r#"{{"UserPoolId":"{pool}"}}"#);
//! let program = table::program(operation, body.as_bytes()).map_err(Failure::Refused)?;
//! let machine = Machine::new(environment.clone(), caller, now, [2; 32], program);
//! let text = drive(&store, &environment, machine)?.downcast::<String>().map_err(|_| "no text")?;
//! assert!(text.contains(r#""Name":"people""#));
//! # Ok(())
//! # }
//! ```
//!
//! # What is left to the host
//!
//! - **Who may**: an operation whose [`auth`](wire::OperationSpec::auth) is [`Signed`](wire::Auth::Signed) is for administrators. The host
//!   checks the signature ([`crypto::sigv4`]), names them in the [`Caller`](engine::Caller), and turns everybody else away; the core does not
//!   ask again.
//! - **A store** that keeps the contract of [`ports::Storage`], with its `sweep` now and then.
//! - **Upkeep**: every few seconds [`ops::jobs::work`] and [`ops::jobs::resend`], each the program of a machine of its own
//!   whose output is a `bool`: whether there is more to do at once.
//! - **Haste**: a request that took longer than a minute up to a [`Step::Commit`](engine::Step::Commit) should be told a fault in place of the
//!   commit: marks that keep codes from being used twice may have ended meanwhile.
//!
//! # Where to read on
//!
//! | module | what is there |
//! |---|---|
//! | [`ops::table`] | every operation by its protocol name: one jump from there to its rules |
//! | [`engine`] | what an operation sees and decides, and the machine around it |
//! | [`model`] | the records, and how each turns into its next state |
//! | [`verify`], [`credentials`] | tokens and credentials checked without an engine |
//! | [`moving`] | pools from one store to another |
//! | [`ports`], [`wire`], [`crypto`], [`policy`] | the crates below: what a host implements, the shapes of the API, the formulas, role policies |
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod cbor;
pub mod credentials;
pub mod engine;
mod few;
pub mod model;
pub mod moving;
pub mod ops;
pub mod verify;

pub use userpool_crypto as crypto;
pub use userpool_policy as policy;
pub use userpool_ports as ports;
pub use userpool_wire as wire;
