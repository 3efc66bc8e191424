//! Accounts at the login pages: sign-up, its confirmation, and a new password by a code.

use alloc::{collections::BTreeMap, string::String, vec::Vec};

use userpool_wire::idp::{
    AttributeType, CodeDeliveryDetailsType, ConfirmForgotPasswordRequest, ConfirmSignUpRequest,
    ForgotPasswordRequest, ResendConfirmationCodeRequest, SignUpRequest,
};

use super::{Submitted, client_proof};
use crate::{
    engine::{Cx, Run},
    ops::{
        parties::Party,
        sign_up,
        users::{confirm_forgot_password, forgot_password},
    },
};

/// Signs up.
pub(super) fn sign_up(
    cx: &mut Cx<'_>,
    party: &Party,
    username: &str,
    password: &str,
    attributes: &BTreeMap<String, String>,
) -> Run<Submitted> {
    let given = attributes.iter().map(|(name, value)| AttributeType {
        name: name.clone(),
        value: Some(value.clone().into()),
    });
    let request = SignUpRequest {
        client_id: party.client.id.clone().into(),
        secret_hash: client_proof(cx, party, username)?.map(Into::into),
        username: username.into(),
        password: Some(password.into()),
        user_attributes: Some(given.collect::<Vec<_>>()),
        ..SignUpRequest::default()
    };
    let reply = sign_up::sign_up::sign_up(cx, &request)?;
    if reply.user_confirmed {
        return Ok(Submitted::Done);
    }
    Ok(sent(reply.code_delivery_details))
}

/// Confirms a sign-up with a code.
///
/// # Errors
/// Refuses as the operation does.
pub(in crate::ops::oauth) fn confirm(
    cx: &mut Cx<'_>,
    party: &Party,
    username: &str,
    code: &str,
) -> Run<Submitted> {
    let request = ConfirmSignUpRequest {
        client_id: party.client.id.clone().into(),
        secret_hash: client_proof(cx, party, username)?.map(Into::into),
        username: username.into(),
        confirmation_code: code.into(),
        ..ConfirmSignUpRequest::default()
    };
    sign_up::confirm_sign_up::confirm_sign_up(cx, &request)?;
    Ok(Submitted::Done)
}

/// Has the code of a sign-up sent again.
pub(super) fn resend(cx: &mut Cx<'_>, party: &Party, username: &str) -> Run<Submitted> {
    let request = ResendConfirmationCodeRequest {
        client_id: party.client.id.clone().into(),
        secret_hash: client_proof(cx, party, username)?.map(Into::into),
        username: username.into(),
        ..ResendConfirmationCodeRequest::default()
    };
    let reply = sign_up::resend_confirmation_code::resend_confirmation_code(cx, &request)?;
    Ok(sent(reply.code_delivery_details))
}

/// Asks for a code for a new password.
pub(super) fn forgot(cx: &mut Cx<'_>, party: &Party, username: &str) -> Run<Submitted> {
    let request = ForgotPasswordRequest {
        client_id: party.client.id.clone().into(),
        secret_hash: client_proof(cx, party, username)?.map(Into::into),
        username: username.into(),
        ..ForgotPasswordRequest::default()
    };
    let reply = forgot_password::forgot_password(cx, &request)?;
    Ok(sent(reply.code_delivery_details))
}

/// Sets a new password by a code.
pub(super) fn reset(
    cx: &mut Cx<'_>,
    party: &Party,
    username: &str,
    code: &str,
    password: &str,
) -> Run<Submitted> {
    let request = ConfirmForgotPasswordRequest {
        client_id: party.client.id.clone().into(),
        secret_hash: client_proof(cx, party, username)?.map(Into::into),
        username: username.into(),
        confirmation_code: code.into(),
        password: password.into(),
        ..ConfirmForgotPasswordRequest::default()
    };
    confirm_forgot_password::confirm_forgot_password(cx, &request)?;
    Ok(Submitted::Done)
}

/// Where a code was sent, as far as it may be shown.
fn sent(details: Option<CodeDeliveryDetailsType>) -> Submitted {
    Submitted::Sent(details.and_then(|it| it.destination.map(|it| it.as_str().into())))
}
