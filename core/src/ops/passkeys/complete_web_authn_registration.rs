//! CompleteWebAuthnRegistration: a passkey that a browser made is kept.

use alloc::{string::String, sync::Arc, vec::Vec};

use serde_json::Value;
use userpool_webauthn::{
    Invalid,
    party::{Embedding, Expected, Origins, RelyingParty, UserVerification},
    registration::{self, Registered, Response},
};
use userpool_wire::idp::{
    CompleteWebAuthnRegistrationRequest, CompleteWebAuthnRegistrationResponse,
};

use super::{Registrant, check_enabled, decoded, is_signed, seal, too_many, verification};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run, Stop},
    model::{
        keys,
        passkeys::{CredentialOwner, MOST, Passkey, Passkeys, Registration},
        pool::Pool,
        user::Head,
    },
    ops::{access::authorize_beside, sign_in::user_auth::available},
};

/// The most transports that are kept of a passkey, and the most bytes of the name of one.
const TRANSPORTS: (usize, usize) = (8, 32);

/// Keeps a passkey.
///
/// Refusals, in this order: those of the access token, a pool without passkeys, no registration that waits, one of
/// another app client, a relying party that is another by now, an answer that is malformed, one that does not fit
/// (challenge, page, relying party, anything else), too many passkeys, a credential that somebody has.
///
/// # Errors
/// The refusals above.
pub(crate) fn complete_web_authn_registration(
    cx: &mut Cx<'_>,
    req: &CompleteWebAuthnRegistrationRequest,
) -> Run<CompleteWebAuthnRegistrationResponse> {
    let access = authorize_beside(cx, &req.access_token, &[keys::passkeys])?;
    complete(cx, &Registrant::from(&access), &req.credential.to_text())?;
    Ok(CompleteWebAuthnRegistrationResponse {})
}

/// Keeps a passkey that a browser made: its answer as JSON text.
///
/// # Errors
/// The refusals of [`complete_web_authn_registration`] but those of the access token.
pub(crate) fn complete(cx: &mut Cx<'_>, user: &Registrant<'_>, credential: &str) -> Run<()> {
    let (pool, head) = (user.pool, user.head);
    check_enabled(pool)?;
    let key = keys::passkeys(&pool.id, &head.sub);
    let held = cx.get::<Passkeys>(&key)?;
    let pending = held
        .as_ref()
        .and_then(|held| Some((held, held.pending.as_ref()?)))
        .filter(|(_, pending)| cx.now() < pending.ends);
    let (held, pending) = pending.ok_or_else(no_challenge)?;
    if pending.client != user.client.id {
        let text = "The registration was started at another app client.";
        return Err(Refusal::new(RefusalKind::WebAuthnClientMismatch, text).into());
    }
    if available::relying_party(pool) != Some(pending.party.as_str()) {
        return Err(other_party().into());
    }
    let answer = cx.once(|_| {
        let answer = Answer::read(credential);
        Ok(Arc::new(answer.ok_or_else(malformed)?))
    })?;
    let registered = cx.once(|cx| registered(cx, pool, pending, &answer))?;
    if held.all.len() >= MOST {
        return Err(too_many().into());
    }
    let owner = keys::credential(&pool.id, &registered.credential_id);
    if let Some(held_by) = cx.get::<CredentialOwner>(&owner)? {
        let is_own = |passkey: &Passkey| passkey.id == registered.credential_id;
        if held_by.sub == head.sub && !held.all.iter().any(is_own) {
            return Err(Stop::torn("the passkeys of a user"));
        }
        let text = "The credential is registered already.";
        return Err(Refusal::new(RefusalKind::WebAuthnCredentialNotSupported, text).into());
    }
    let id = registered.credential_id;
    let mut becomes = Passkeys::clone(held);
    becomes.pending = None;
    becomes.all.push(Passkey {
        party: pending.party.clone(),
        sealed: seal(cx, pool, &key, &id, registered.key.cose()),
        counter: registered.counter,
        backup_eligible: registered.flags.backup_eligible(),
        attachment: answer.attachment.clone(),
        transports: answer.transports.clone(),
        aaguid: registered.aaguid,
        created: cx.now(),
        id,
    });
    user.hold(cx);
    cx.update(held, &becomes);
    cx.insert(&owner, &CredentialOwner { sub: head.sub });
    let changed = Head {
        modified: cx.now(),
        ..Head::clone(head)
    };
    cx.update(head, &changed);
    Ok(())
}

/// The credential that an answer proves.
fn registered(
    cx: &mut Cx<'_>,
    pool: &Pool,
    pending: &Registration,
    answer: &Answer,
) -> Run<Registered> {
    let expected = Expected {
        party: RelyingParty {
            id: &pending.party,
            origins: Origins::OfId,
            embedding: Embedding::Never,
        },
        challenge: &pending.challenge,
        verification: match verification(pool) == "required" {
            true => UserVerification::Required,
            false => UserVerification::Preferred,
        },
    };
    let response = Response {
        credential_id: &answer.id,
        client_data: &answer.client_data,
        attestation_object: &answer.attestation_object,
    };
    let unproven = registration::check(&expected, &response).map_err(refusal)?;
    let holds = match unproven.signed() {
        None => true,
        Some(signed) => is_signed(cx, signed)?,
    };
    Ok(unproven.danger_judged(holds).map_err(refusal)?)
}

/// How a registration that does not fit is refused.
fn refusal(invalid: Invalid) -> Refusal {
    match invalid {
        Invalid::Challenge => no_challenge(),
        Invalid::Origin | Invalid::Embedding => {
            let text = "The origin of the credential is not allowed for the relying party.";
            Refusal::new(RefusalKind::WebAuthnOriginNotAllowed, text)
        }
        Invalid::RelyingParty => other_party(),
        Invalid::ClientData | Invalid::Type => malformed(),
        _ => {
            let text = "The credential is not supported.";
            Refusal::new(RefusalKind::WebAuthnCredentialNotSupported, text)
        }
    }
}

fn malformed() -> Refusal {
    let text = "Credential is not a registration response.";
    Refusal::new(RefusalKind::InvalidParameter, text)
}

fn no_challenge() -> Refusal {
    let text = "No registration of a passkey waits for this answer.";
    Refusal::new(RefusalKind::WebAuthnChallengeNotFound, text)
}

fn other_party() -> Refusal {
    let text = "The credential is for another relying party.";
    Refusal::new(RefusalKind::WebAuthnRelyingPartyMismatch, text)
}

/// What a browser answered to `navigator.credentials.create()` (`RegistrationResponseJSON`).
struct Answer {
    id: Vec<u8>,
    client_data: Vec<u8>,
    attestation_object: Vec<u8>,
    attachment: Option<String>,
    transports: Vec<String>,
}

impl Answer {
    fn read(text: &str) -> Option<Self> {
        let json: Value = serde_json::from_str(text).ok()?;
        let response = &json["response"];
        (json["type"] == "public-key").then_some(())?;
        let attachment = json["authenticatorAttachment"].as_str();
        let attachment = attachment.filter(|it| ["platform", "cross-platform"].contains(it));
        let (most, longest) = TRANSPORTS;
        let transports = response["transports"].as_array().into_iter().flatten();
        let transports = transports
            .filter_map(Value::as_str)
            .filter(|transport| transport.len() <= longest)
            .take(most);
        Some(Self {
            id: decoded(&json["rawId"])?,
            client_data: decoded(&response["clientDataJSON"])?,
            attestation_object: decoded(&response["attestationObject"])?,
            attachment: attachment.map(Into::into),
            transports: transports.map(Into::into).collect(),
        })
    }
}
