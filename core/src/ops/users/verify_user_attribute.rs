//! VerifyUserAttribute.

use userpool_wire::idp::{VerifyUserAttributeRequest, VerifyUserAttributeResponse};

use super::verifiable::{self, Asked};
use crate::{
    engine::{Cx, Run},
    model::{attempts::Limit, user::AliasKind},
    ops::{
        attributes::Change,
        codes::{self, Verdict},
        directory, profile_change,
        triggers::About,
    },
};

/// Verifies the user's e-mail address or phone number with the code that went there. An address that waited for
/// its code comes into force; one that users sign in with becomes an alias of the user.
///
/// Refusals, in this order: those of the access token, an attribute that is no address, too many attempts, no
/// live code to the address (counted), a wrong code (counted), an alias that somebody else has.
///
/// # Errors
/// The refusals above.
pub fn verify_user_attribute(
    cx: &mut Cx<'_>,
    req: &VerifyUserAttributeRequest,
) -> Run<VerifyUserAttributeResponse> {
    let Asked {
        access,
        kind,
        purpose,
        profile,
        attempts,
    } = Asked::of(cx, &req.access_token, &req.attribute_name)?;
    let (pool, head) = (&access.party.pool, &access.head);

    let Some(used) = attempts.used(Limit::VerifyUserAttribute, cx.now()) else {
        return Err(codes::limit_exceeded().into());
    };
    let address = |kind| verifiable::address(&profile, kind).cloned();
    let refusal = match codes::judge(cx, pool, head, purpose, address, &req.code)? {
        Verdict::Right(code) => {
            access.hold(cx);
            let change = verified(kind, &code.destination);
            let about = About::of(&access.party, &head.username);
            profile_change::apply(cx, about, head, &profile, &change)?;
            cx.remove(&code);
            cx.update(&attempts, &used);
            return Ok(VerifyUserAttributeResponse {});
        }
        Verdict::Wrong => codes::mismatch(),
        Verdict::Dead => codes::dead(),
    };
    access.hold(cx);
    cx.update(&attempts, &used);
    Err(cx.counted(refusal))
}

/// The change that brings an address into force, verified.
fn verified(kind: AliasKind, address: &str) -> Change {
    let values = [(kind.attribute(), address), (directory::flag(kind), "true")];
    Change {
        set: values
            .map(|(name, value)| (name.into(), value.into()))
            .into(),
        ..Change::default()
    }
}
