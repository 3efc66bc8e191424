//! Couriers that need nothing but the standard library.

use userpool_ports::{Courier, CourierFault, Message};

/// Delivers nothing: what an engine has until it is given a courier.
#[derive(Clone, Copy, Debug, Default)]
pub struct Undeliverable;

impl Courier for Undeliverable {
    fn deliver(&self, _: &Message) -> Result<(), CourierFault> {
        Err(CourierFault("this engine has no courier".into()))
    }
}
