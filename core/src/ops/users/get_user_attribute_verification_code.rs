//! GetUserAttributeVerificationCode.

use alloc::format;

use userpool_ports::Purpose;
use userpool_wire::idp::{
    GetUserAttributeVerificationCodeRequest, GetUserAttributeVerificationCodeResponse,
};

use super::verifiable::{self, Asked};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::attempts::Limit,
    ops::{
        codes,
        triggers::{About, custom_message},
    },
};

/// Sends a code that verifies the user's e-mail address or phone number: the new one where one waits for its
/// code, else the one in force. The older code is dead from then on.
///
/// Refusals, in this order: those of the access token, an attribute that is no address, an address that the user
/// does not have, too many codes, a message trigger.
///
/// # Errors
/// The refusals above.
pub fn get_user_attribute_verification_code(
    cx: &mut Cx<'_>,
    req: &GetUserAttributeVerificationCodeRequest,
) -> Run<GetUserAttributeVerificationCodeResponse> {
    let Asked {
        access,
        kind,
        purpose,
        profile,
        attempts,
    } = Asked::of(cx, &req.access_token, &req.attribute_name)?;
    let (pool, head) = (&access.party.pool, &access.head);

    let Some(address) = verifiable::address(&profile, kind) else {
        let text = format!("user.{}: The user does not have it.", kind.attribute());
        return Err(Refusal::new(RefusalKind::InvalidParameter, text).into());
    };
    let Some(used) = attempts.used(Limit::AttributeVerificationCode, cx.now()) else {
        return Err(codes::limit_exceeded().into());
    };
    let about = About::of(&access.party, &head.username).saying(req.client_metadata.as_deref());
    let sent = (Purpose::VerifyUserAttribute, kind);
    let words = custom_message::words(cx, about, head, &profile.attributes, sent)??;
    access.hold(cx);
    cx.update(&attempts, &used);
    let why = (sent.0, &words);
    let delivery = codes::issue(cx, pool, head, purpose, kind, address, why)?;
    Ok(GetUserAttributeVerificationCodeResponse {
        code_delivery_details: Some(delivery),
    })
}
