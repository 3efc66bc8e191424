//! A sign-in at the login pages, from its first form to its end.

use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

use userpool_wire::idp::{
    AssociateSoftwareTokenRequest, ChallengeNameType, VerifySoftwareTokenRequest,
};

use super::{AVAILABLE, Question, Submitted, prove};
use crate::{
    engine::{Cx, Fault, Run},
    ops::{
        mfa,
        oauth::session,
        parties::Party,
        sign_in::{outcome::Outcome, password, proven, respond, user_auth},
    },
};

/// Judges a password.
pub(super) fn by_password(
    cx: &mut Cx<'_>,
    party: &Party,
    username: &str,
    password: &str,
) -> Run<Submitted> {
    let mut parameters = BTreeMap::new();
    parameters.insert("USERNAME".to_string(), username.to_string());
    parameters.insert("PASSWORD".to_string(), password.to_string());
    prove(cx, party, username, &mut parameters)?;
    let outcome = password::judge(cx, party, Some(&parameters))?;
    submitted(cx, party, outcome)
}

/// Begins a sign-in without a password.
pub(super) fn begin(
    cx: &mut Cx<'_>,
    party: &Party,
    username: &str,
    passkey: bool,
) -> Run<Submitted> {
    if !party.client.flows.user_auth {
        return Err(proven::unsupported("USER_AUTH").into());
    }
    let mut parameters = BTreeMap::new();
    parameters.insert("USERNAME".to_string(), username.to_string());
    if passkey {
        let wanted = ChallengeNameType::WebAuthn.as_str().to_string();
        parameters.insert("PREFERRED_CHALLENGE".to_string(), wanted);
    }
    prove(cx, party, username, &mut parameters)?;
    let outcome = user_auth::begin(cx, party, Some(&parameters), None)?;
    submitted(cx, party, outcome)
}

/// Takes the answer to a question.
pub(super) fn answer(
    cx: &mut Cx<'_>,
    party: &Party,
    question: &str,
    session: &str,
    responses: &BTreeMap<String, String>,
) -> Run<Submitted> {
    let Some(name) = ChallengeNameType::from_wire(question) else {
        return Err(proven::unsupported("The question").into());
    };
    let known = [
        ChallengeNameType::NewPasswordRequired,
        ChallengeNameType::SmsMfa,
        ChallengeNameType::EmailOtp,
        ChallengeNameType::SmsOtp,
        ChallengeNameType::WebAuthn,
        ChallengeNameType::SelectChallenge,
        ChallengeNameType::SoftwareTokenMfa,
        ChallengeNameType::SelectMfaType,
        ChallengeNameType::MfaSetup,
    ];
    if !known.contains(&name) {
        return Err(proven::unsupported(name.as_str()).into());
    }
    let username = responses.get("USERNAME").cloned().unwrap_or_default();
    let mut responses = responses.clone();
    prove(cx, party, &username, &mut responses)?;
    let outcome = respond::respond(cx, party, name, Some(&responses), Some(session))?;
    submitted(cx, party, outcome)
}

/// Gives the secret of an authenticator app that a sign-in asks for.
pub(super) fn secret(cx: &mut Cx<'_>, session: &str) -> Run<Submitted> {
    let request = AssociateSoftwareTokenRequest {
        session: Some(session.into()),
        ..AssociateSoftwareTokenRequest::default()
    };
    let reply = mfa::associate_software_token::associate_software_token(cx, &request)?;
    Ok(Submitted::Secret {
        secret: reply
            .secret_code
            .map(|it| it.as_str().into())
            .unwrap_or_default(),
        session: reply
            .session
            .map(|it| it.as_str().into())
            .unwrap_or_default(),
    })
}

/// Checks the first code of an authenticator app, and goes on.
pub(super) fn set_up(
    cx: &mut Cx<'_>,
    party: &Party,
    username: &str,
    session: &str,
    code: &str,
) -> Run<Submitted> {
    let next = cx.once(|cx| {
        let request = VerifySoftwareTokenRequest {
            session: Some(session.into()),
            user_code: code.into(),
            ..VerifySoftwareTokenRequest::default()
        };
        let reply = mfa::verify_software_token::verify_software_token(cx, &request)?;
        // What follows reads what this wrote.
        cx.land()?;
        Ok(Arc::new(reply.session))
    })?;
    let next = next
        .as_ref()
        .as_ref()
        .map_or("", |session| session.as_str());
    let mut responses = BTreeMap::new();
    responses.insert("USERNAME".to_string(), username.to_string());
    answer(cx, party, "MFA_SETUP", next, &responses)
}

/// What an outcome is at the pages.
pub(super) fn submitted(cx: &mut Cx<'_>, party: &Party, outcome: Outcome) -> Run<Submitted> {
    match outcome {
        Outcome::PageSession(sub, id) => {
            let text = session::seal(cx, &party.pool.id, &sub, &id);
            Ok(Submitted::SignedIn(text))
        }
        Outcome::Challenge {
            name,
            parameters,
            session,
        } => Ok(Submitted::Asked(Question {
            name: name.as_str().into(),
            parameters,
            session: session.unwrap_or_default(),
        })),
        Outcome::Among {
            available,
            challenge,
        } => {
            let mut submitted = submitted(cx, party, *challenge)?;
            if let Submitted::Asked(question) = &mut submitted {
                let names: Vec<&str> = available.iter().map(|factor| factor.as_str()).collect();
                let names = serde_json::Value::from(names).to_string();
                question.parameters.insert(AVAILABLE.into(), names);
            }
            Ok(submitted)
        }
        Outcome::Tokens(_) => {
            Err(Fault::new("a sign-in at the pages that ended with tokens").into())
        }
    }
}
