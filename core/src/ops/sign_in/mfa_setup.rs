//! `MFA_SETUP`: a user who must have a second factor and has none sets one up in the middle of the sign-in.

use alloc::{collections::BTreeMap, string::String};

use userpool_wire::idp::AttributeType;

use super::{
    factor::Question,
    outcome::Outcome,
    second_factor::{self, Answer},
    session,
};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        chain::Step,
        factors::{Due, Factor, Factors},
        user::AliasKind,
    },
    ops::{
        attributes::{self, Writer},
        parties::Party,
    },
};

/// Signs in with the software token that was verified in this chain; or sends a code to the address that the user
/// wants to have.
///
/// Refusals, in this order: those of [`Answer::read`]; with an address, one that is no address or that the client
/// may not write, and too many codes in the hour; without one, a token that is gone again.
///
/// # Errors
/// The refusals above.
pub(crate) fn respond(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Option<&BTreeMap<String, String>>,
    session: Option<&str>,
) -> Run<Outcome> {
    if let Some(address) = responses.and_then(|map| map.get("EMAIL")) {
        return cx.once(|cx| {
            let steps = [Step::Setup, Step::Secret];
            let answer = Answer::read(cx, party, responses, session, &steps)?;
            check_due(party, &answer, Factor::Email)?;
            let destination = new_address(party, address)?;
            let question = Question::Code {
                contact: AliasKind::Email,
                destination,
                step: Step::NewAddress,
            };
            answer.ask(cx, party, &question)
        });
    }
    second_factor::signed_in(cx, party, Factor::SoftwareToken, |cx| {
        let answer = Answer::read(cx, party, responses, session, &[Step::SetUp])?;
        if !answer.counting(party).contains(&Factor::SoftwareToken) {
            return Err(session::invalid().into());
        }
        if let Some(factors) = &answer.attempt.factors {
            cx.check(factors);
        }
        cx.check(&answer.attempt.head);
        let profile = answer.attempt.profile.value().clone();
        Ok((answer, profile))
    })
}

/// Refuses to set up a factor where that is not asked for any more: who has a factor by now must show it.
///
/// # Errors
/// `NotAuthorizedException`.
pub(crate) fn check_due(party: &Party, answer: &Answer, factor: Factor) -> Result<(), Refusal> {
    let none = Factors::default();
    let factors = answer.attempt.factors.as_deref().unwrap_or(&none);
    match factors.due(&party.pool, &answer.attempt.profile) {
        Due::Setup(setup) if setup.contains(&factor) => Ok(()),
        _ => Err(session::invalid()),
    }
}

/// An e-mail address that the client may give a user.
fn new_address(party: &Party, address: &str) -> Result<String, Refusal> {
    let given = AttributeType {
        name: AliasKind::Email.attribute().into(),
        value: Some(address.into()),
    };
    let writer = Writer::Client(&party.client);
    let change = attributes::of_update(&party.pool, writer, &[given])?;
    change.set.into_values().next().ok_or_else(|| {
        let text = "Invalid email address format.";
        Refusal::new(RefusalKind::InvalidParameter, text)
    })
}
