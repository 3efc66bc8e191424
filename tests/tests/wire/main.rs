//! Messages against the published shapes of the service.

mod members;
mod messages;
mod shapes;
