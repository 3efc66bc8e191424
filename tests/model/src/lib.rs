//! A reference model of a user pool, and the engine beside it: both live through the same random histories, and
//! agree on every reply, every message and what can be seen afterwards.
//!
//! The model ([`pool`]) is written from the documents, as plainly as possible, and shares no code with the engine. It
//! knows no secrets: what a request brought forth is called by the number of the request ([`act`]). [`engine`] puts
//! the real codes, tokens and sessions in their place. [`history`] plays the two side by side, with clock jumps,
//! failing stores and lost races; where a failure leaves open what has happened, all that may have happened is
//! followed until an answer tells which it was.

pub mod act;
pub mod choose;
pub mod engine;
pub mod history;
pub mod invariants;
pub mod pool;
pub mod report;
pub mod rules;
pub mod schedules;
pub mod secrets;
pub mod shrink;
pub mod told;
