//! `InboundFederation`: asked with what an identity provider says of its user, before that becomes an account.

use alloc::sync::Arc;

use serde_json::Value;

use super::{About, Event, Trigger, ask as ask_trigger, members};
use crate::{
    engine::{Cx, Run},
    model::identity_provider::IdentityProvider,
    ops::oauth::federation::asserted::Asserted,
};

/// Asks what a provider is to have said; `None` where that stays as it is. All claims are replaced by those that the
/// function gives, if it gives any; the provider's id of the user stays.
///
/// # Errors
/// Refuses where the trigger does; stops the run until it answered.
pub(crate) fn ask(
    cx: &mut Cx<'_>,
    about: About<'_>,
    provider: &IdentityProvider,
    asserted: &Asserted,
) -> Run<Option<Arc<Asserted>>> {
    let event = || Event {
        version: "1",
        source: "InboundFederation_ExternalProvider".into(),
        request: members([
            ("providerName", provider.name.as_str().into()),
            ("providerType", provider.kind.as_str().into()),
            ("attributes", Value::Object(asserted.attributes.clone())),
        ]),
        response: members([("userAttributesToMap", Value::Object(Default::default()))]),
    };
    let Some(response) = ask_trigger(cx, about, Trigger::InboundFederation, event)?? else {
        return Ok(None);
    };
    let given = response.object("userAttributesToMap")?;
    Ok(given.filter(|given| !given.is_empty()).map(|given| {
        Arc::new(Asserted {
            claims: given.clone(),
            ..asserted.clone()
        })
    }))
}
