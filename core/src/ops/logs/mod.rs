//! Logs of a pool: what is logged and where to, and the events themselves.
//!
//! An event lies in the outbox with the commit that it tells of, for a day, and goes out from there to whoever takes
//! logs in this host ([`LogDelivery`](userpool_ports::LogDelivery)). A pool without logs pays nothing for them.

mod events;
mod settings;

pub(crate) use events::{auth_event, undelivered};
pub(crate) use settings::{get_log_delivery_configuration, set_log_delivery_configuration};
