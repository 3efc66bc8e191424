//! Levels of authentication that a sign-in is asked to reach: `TARGET_ACR_VALUES`, from nothing, or with `ACCESS_TOKEN`
//! from what was shown when that was given out.
//!
//! | the token's sign-in | what was shown then |
//! |---|---|
//! | none is named | counts nothing |
//! | longer ago than `MAX_AGE` | counts nothing |
//! | else | counts; only what is missing is asked for |
//!
//! The first level of the list that the user can reach is the one to reach. A sign-in with a level gives out tokens
//! there, and not before; a second factor that is due all the same is asked for too.

use alloc::{collections::BTreeMap, string::String, sync::Arc};

use super::{super::factor::out_of_reach, Parameters, available};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::methods::{Aim, Methods},
    ops::{
        access, levels,
        parties::Party,
        pools::{Feature, check_tier},
        sign_in::who::Who,
    },
};

const TARGET: &str = "TARGET_ACR_VALUES";
const TOKEN: &str = "ACCESS_TOKEN";
const MAX_AGE: &str = "MAX_AGE";

/// What a sign-in is asked to reach.
#[derive(Clone)]
pub(super) struct Wish {
    /// The levels, the most wanted first; never none.
    levels: Arc<[u8]>,
    /// How long ago the token's sign-in may be, in seconds.
    max_age: Option<u64>,
}

/// The wish of a request for a level, if it has one.
///
/// Refusals, in this order: `ACCESS_TOKEN` without `TARGET_ACR_VALUES`, a pool whose tier has no levels, a `MAX_AGE`
/// that is no number of seconds, no level that the pool has.
///
/// # Errors
/// The refusals above.
pub(super) fn wish(
    cx: &mut Cx<'_>,
    party: &Party,
    parameters: Parameters<'_>,
) -> Run<Option<Wish>> {
    let Some(names) = given(parameters, TARGET) else {
        return match given(parameters, TOKEN) {
            Some(_) => Err(invalid("Missing required parameter TARGET_ACR_VALUES").into()),
            None => Ok(None),
        };
    };
    cx.once(|cx| {
        check_tier(&party.pool, &[Feature::StepUp])?;
        let max_age = given(parameters, MAX_AGE).map(str::parse::<u64>);
        let max_age = max_age
            .transpose()
            .map_err(|_| invalid("MAX_AGE is not a number of seconds."))?;
        let levels = levels::named(cx, &party.pool, names)?;
        if levels.is_empty() {
            let text = "TARGET_ACR_VALUES has none of the user pool's authentication levels.";
            return Err(invalid(text).into());
        }
        Ok(Some(Wish {
            levels: levels.into(),
            max_age,
        }))
    })
}

impl Wish {
    /// How far the sign-in of somebody has come by the token of the request, and how far it has to.
    ///
    /// Refusals, in this order: those of the access token, a token of somebody else or of another app client, a level
    /// that it has reached already, no level that the user has the factors for.
    ///
    /// # Errors
    /// The refusals above.
    pub(super) fn aim(
        &self,
        cx: &mut Cx<'_>,
        party: &Party,
        who: &Who,
        parameters: Parameters<'_>,
    ) -> Run<Aim> {
        let shown = match given(parameters, TOKEN) {
            Some(token) => self.shown_for(cx, party, who, token)?,
            None => Methods::default(),
        };
        cx.once(|cx| {
            for level in &*self.levels {
                let aim = Aim {
                    shown,
                    level: Some(*level),
                };
                if aim.is_reached() {
                    let text = "The access token has the requested authentication level already.";
                    return Err(invalid(text).into());
                }
                if available::can_reach(cx, party, who, aim)? {
                    return Ok(aim);
                }
            }
            Err(out_of_reach().into())
        })
    }

    /// What was shown when a token was given out, as far as it counts.
    fn shown_for(&self, cx: &mut Cx<'_>, party: &Party, who: &Who, token: &str) -> Run<Methods> {
        let access = access::authorize(cx, token)?;
        if access.party.pool.id != party.pool.id || access.head.sub != who.head.sub {
            let text = "The access token was not issued for the user.";
            return Err(Refusal::new(RefusalKind::NotAuthorized, text).into());
        }
        // What one client was shown is no password for another, nor for who exchanged a token of it.
        let own = &party.client.id;
        if access.party.client.id != *own || access.grant.client != *own {
            let text = "The access token was issued to another app client.";
            return Err(Refusal::new(RefusalKind::NotAuthorized, text).into());
        }
        access.hold(cx);
        let age = cx
            .now()
            .secs()
            .saturating_sub(access.grant.signed_in.secs());
        let counts = self.max_age.is_none_or(|most| age.unsigned_abs() <= most);
        Ok(match counts {
            true => access.grant.methods.unwrap_or_default(),
            false => Methods::default(),
        })
    }
}

fn given<'p>(parameters: Option<&'p BTreeMap<String, String>>, name: &str) -> Option<&'p str> {
    parameters?.get(name).map(String::as_str)
}

fn invalid(text: &'static str) -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, text)
}
