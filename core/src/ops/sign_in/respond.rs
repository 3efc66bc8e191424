//! RespondToAuthChallenge and AdminRespondToAuthChallenge.

use alloc::{collections::BTreeMap, string::String};

use userpool_wire::idp::{
    AdminRespondToAuthChallengeRequest, AdminRespondToAuthChallengeResponse, ChallengeNameType,
    RespondToAuthChallengeRequest, RespondToAuthChallengeResponse,
};

use super::{
    custom, device_proof, mfa_setup, new_password, outcome::Outcome, proven, second_factor,
    session, srp, user_auth,
};
use crate::{
    engine::{Cx, Run},
    model::{factors::Factor, user::AliasKind},
    ops::{
        parties::{self, Party},
        pools::replicas,
    },
};

/// Answers a challenge of a sign-in.
///
/// Refusals, in this order: unknown client, a challenge that this version does not have; then those of the
/// challenge.
///
/// # Errors
/// The refusals above.
pub fn respond_to_auth_challenge(
    cx: &mut Cx<'_>,
    req: &RespondToAuthChallengeRequest,
) -> Run<RespondToAuthChallengeResponse> {
    let party = cx.once(|cx| {
        let party = parties::client(cx, &req.client_id)?;
        Ok(party
            .from(&req.user_context_data)
            .saying(req.client_metadata.as_deref()))
    })?;
    let responses = req.challenge_responses.as_deref();
    let session = req.session.as_ref().map(|session| session.as_str());
    let outcome = respond(cx, &party, req.challenge_name, responses, session)?;
    Ok(outcome.try_into()?)
}

/// Answers a challenge of a sign-in from an administrator's server.
///
/// Refusals, in this order: unknown pool or client, a challenge that this version does not have; then those of the
/// challenge.
///
/// # Errors
/// The refusals above.
pub fn admin_respond_to_auth_challenge(
    cx: &mut Cx<'_>,
    req: &AdminRespondToAuthChallengeRequest,
) -> Run<AdminRespondToAuthChallengeResponse> {
    let party = cx.once(|cx| {
        let party = parties::client_in_pool(cx, &req.user_pool_id, &req.client_id)?;
        Ok(party
            .from(&req.context_data)
            .saying(req.client_metadata.as_deref()))
    })?;
    let responses = req.challenge_responses.as_deref();
    let session = req.session.as_ref().map(|session| session.as_str());
    let outcome = respond(cx, &party, req.challenge_name, responses, session)?;
    Ok(outcome.try_into()?)
}

pub(crate) fn respond(
    cx: &mut Cx<'_>,
    party: &Party,
    challenge: ChallengeNameType,
    responses: Option<&BTreeMap<String, String>>,
    session: Option<&str>,
) -> Run<Outcome> {
    if let ChallengeNameType::NewPasswordRequired | ChallengeNameType::MfaSetup = challenge {
        replicas::only_at_primary(cx, &party.pool, challenge.as_str())?;
    }
    match challenge {
        ChallengeNameType::PasswordVerifier => srp::respond(cx, party, responses),
        ChallengeNameType::NewPasswordRequired => {
            new_password::respond(cx, party, responses, session)
        }
        ChallengeNameType::CustomChallenge => custom::respond(cx, party, responses, session),
        ChallengeNameType::SmsMfa => {
            second_factor::code(cx, party, responses, session, Factor::Sms)
        }
        ChallengeNameType::EmailOtp if is_first(cx, party, session)? => {
            user_auth::first_code::respond(cx, party, responses, session, AliasKind::Email)
        }
        ChallengeNameType::SmsOtp => {
            user_auth::first_code::respond(cx, party, responses, session, AliasKind::Phone)
        }
        ChallengeNameType::SelectChallenge => user_auth::select(cx, party, responses, session),
        ChallengeNameType::Password => user_auth::password(cx, party, responses, session),
        ChallengeNameType::PasswordSrp => user_auth::password_srp(cx, party, responses, session),
        ChallengeNameType::WebAuthn => user_auth::passkey::respond(cx, party, responses, session),
        ChallengeNameType::EmailOtp => {
            second_factor::code(cx, party, responses, session, Factor::Email)
        }
        ChallengeNameType::SoftwareTokenMfa => {
            second_factor::software_token(cx, party, responses, session)
        }
        ChallengeNameType::SelectMfaType => second_factor::choose(cx, party, responses, session),
        ChallengeNameType::DeviceSrpAuth => device_proof::challenge(cx, party, responses, session),
        ChallengeNameType::DevicePasswordVerifier => {
            device_proof::respond(cx, party, responses, session)
        }
        ChallengeNameType::MfaSetup => mfa_setup::respond(cx, party, responses, session),
        other => Err(proven::unsupported(other.as_str()).into()),
    }
}

/// Whether a Session is of a sign-in in which nothing was shown yet: a code is the first factor then.
fn is_first(cx: &mut Cx<'_>, party: &Party, session: Option<&str>) -> Run<bool> {
    let Some(session) = session else {
        return Ok(false);
    };
    let session = session::open(cx, party, session)?;
    Ok(session.is_some_and(|session| session.typed.is_some()))
}
