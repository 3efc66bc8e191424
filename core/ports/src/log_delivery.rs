//! Where the logs of user pools go.
//!
//! Events lie in the outbox with the commit that they tell of, and go out from there until they are taken. The engine
//! hands each out as it asks for any exchange, with a URL of the scheme [`SCHEME`]; the driver gives it to the port.

use crate::FetchFault;

/// What the URL of such a delivery begins with; the ARN of its destination follows, and the event is the body.
pub const SCHEME: &str = "log-delivery:";

/// Takes the events of user pools.
pub trait LogDelivery {
    /// Takes one event, JSON text on one line, for a destination that its pool names by an ARN. Delivery is at least
    /// once.
    ///
    /// # Errors
    /// It was not taken; it is offered again for a day.
    fn deliver(&self, destination: &str, event: &str) -> Result<(), FetchFault>;
}
