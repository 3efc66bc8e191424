//! One run of an operation: what it sees, what it decides, and the step machine around it.
//!
//! An operation is a plain function of its request and [`Cx`]. It reads facts through `cx`; a fact that is
//! not there yet ends the run with `?`, the driver fetches it, and the function runs again from the top.
//! [`Machine`] is the loop around it, handing out [`Step`]s as data.

pub mod cx;
pub mod environment;
mod facts;
mod intent;
pub mod login_providers;
pub mod machine;
pub mod message_keys;
pub(crate) mod outbox;
mod part;
pub mod raw;
pub mod record;
pub mod shelf;
pub mod stop;
pub mod work;
pub mod worker;

pub use cx::{Cx, Held};
pub use environment::{Broker, Caller, Environment, PkceDemand};
pub use login_providers::{LoginProvider, LoginProviders, UnusableProvider};
pub use machine::{Answered, Machine, Output, Program, Step};
pub use message_keys::{KeyService, MessageKeys};
pub use raw::{Bytes, Raw};
pub use record::Record;
pub use shelf::{SharedRecords, Shelf};
pub use stop::{Failure, Fault, Refusal, RefusalKind, Run, Stop};
pub use work::{Done, KeyName, PasswordInput, Work, WorkFault};
