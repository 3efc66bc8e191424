//! Access tokens of app clients that ask for themselves (RFC 6749 §4.4), at the token endpoint and by GetClientToken.

use alloc::{string::String, sync::Arc, vec::Vec};

use userpool_wire::idp::AuthenticationResultType;

use super::request;
use crate::{
    engine::{Cx, Run},
    model::{group::Standing, pool::TokenEvent},
    ops::{
        parties::Party,
        tokens::issue,
        triggers::{
            About, Object, Trigger,
            token_generation::{self, Changes, Occasion},
        },
    },
};

/// The token of a client with these scopes, but for those whose resource server is gone.
///
/// # Errors
/// What the trigger before tokens refuses; stops the run until it answered and the token is signed.
pub(crate) fn token(
    cx: &mut Cx<'_>,
    party: &Party,
    scopes: Vec<String>,
) -> Run<AuthenticationResultType> {
    let scopes = cx.once(|cx| request::existing(cx, &party.pool.id, scopes))?;
    let changes = changes(cx, party, &scopes)?;
    issue::of_client(cx, party, &scopes, changes.as_deref())
}

/// What the trigger before tokens changes of a client's own; it is asked in the third form of the event alone.
fn changes(cx: &mut Cx<'_>, party: &Party, scopes: &[String]) -> Run<Option<Arc<Changes>>> {
    let is_third = party.pool.rules.token_event == Some(TokenEvent::V3);
    if !is_third || !Trigger::PreTokenGeneration.is_set(&party.pool) {
        return Ok(None);
    }
    let about = About::of(party, &party.client.id);
    let own = (&Standing::default(), scopes);
    Ok(token_generation::ask(
        cx,
        about,
        Occasion::Client,
        &Object::new(),
        own,
    )??)
}
