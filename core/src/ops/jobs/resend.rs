//! Sending again what a courier did not take.

use crate::{
    engine::{
        Cx, Held, Run,
        outbox::{Outgoing, Parcel},
    },
    model::keys,
    ops::logs,
};

/// How many messages are looked at in one read.
const SEEN: usize = 64;
/// How many reads look for a message whose time has come.
const READS: usize = 4;

/// Sends the first message whose time has come, and tells whether there was one.
///
/// The search begins at a random place, so that no message waits behind others for ever.
///
/// # Errors
/// Stops the run until the messages are there; a fault if the sealed copy cannot be opened.
pub(super) fn resend_one(cx: &mut Cx<'_>) -> Run<bool> {
    let anywhere = keys::outgoing(&cx.random("where to look"));
    let mut after = Some(anywhere);
    for _ in 0..READS {
        let (messages, more) = cx.page::<Outgoing>(&keys::outbox(), after.as_ref(), SEEN)?;
        if let Some(message) = due(cx, &messages) {
            let parcel = cx.send_again(message)?;
            if let (true, Parcel::Message(message)) = (message.has_failed(), parcel) {
                let medium = message.medium.as_str();
                logs::undelivered(cx, &message.pool, medium, &message.user)?;
            }
            return Ok(true);
        }
        // At the end of the list the search goes on at its beginning.
        after = more;
    }
    Ok(false)
}

fn due<'m>(cx: &Cx<'_>, messages: &'m [Held<Outgoing>]) -> Option<&'m Held<Outgoing>> {
    messages.iter().find(|message| message.is_due(cx.now()))
}
