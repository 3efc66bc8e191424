//! `WEB_AUTHN`: a passkey as first factor (WebAuthn Level 3 §7.2).
//!
//! Nobody has passkeys of which only the ids are known: answers with them are checked as far as anybody's, and refused.

use alloc::{string::String, sync::Arc, vec::Vec};

use serde_json::{Value, json};
use userpool_crypto::{base64, digest::hmac_sha256};
use userpool_webauthn::{
    Invalid,
    authentication::{self, Asserted, Assertion, Credential},
    party::{Embedding, Expected, Origins, RelyingParty, UserVerification},
    unproven::Unproven,
};
use userpool_wire::idp::ChallengeNameType;

use super::{
    super::{
        attempt::{Attempt, FirstFactor, incorrect},
        outcome::Outcome,
        proven,
        session::{self, Link},
        who::Who,
    },
    Parameters, answered, available,
};
use crate::{
    engine::{Cx, Fault, Run, Stop},
    few,
    model::{
        chain::{Chain, Step},
        methods::Methods,
        names::canonical,
        passkeys::{Passkey, Passkeys},
        pool::Pool,
    },
    ops::{
        parties::{Party, required},
        passkeys::{credential, decoded, is_signed, kept_key, user_handle, verification},
        secrets::{Derived, derived},
    },
};

/// For how long browsers ask the user, in milliseconds.
const TIMEOUT: u32 = 180_000;
/// A public key: the base point of P-256, in COSE form. Whatever it verifies is refused.
const NOBODYS_KEY: &[u8] = b"\xA5\x01\x02\x03\x26\x20\x01\x21\x58\x20\
\x6B\x17\xD1\xF2\xE1\x2C\x42\x47\xF8\xBC\xE6\xE5\x63\xA4\x40\xF2\
\x77\x03\x7D\x81\x2D\xEB\x33\xA0\xF4\xA1\x39\x45\xD8\x98\xC2\x96\
\x22\x58\x20\
\x4F\xE3\x42\xE2\xFE\x1A\x7F\x9B\x8E\xE7\xEB\x4A\x7C\x0F\x9E\x16\
\x2B\xCE\x33\x57\x6B\x31\x5E\xCE\xCB\xB6\x40\x68\x37\xBF\x51\xF5";

/// Asks for the signature of one of the user's passkeys.
///
/// # Errors
/// Stops the run until what simulates nobody is there.
pub(super) fn ask(cx: &mut Cx<'_>, party: &Party, who: &Who, link: Option<&Link>) -> Run<Outcome> {
    cx.once(|cx| {
        let pool = &party.pool;
        let challenge: [u8; 32] = cx.random("challenge of a passkey");
        let allowed: Vec<Value> = match &who.attempt {
            Some(_) => own(pool, who).map(credential).collect(),
            None => {
                let id = base64::encode_url(&nobodys(cx, pool, &who.name)?);
                let transports = ["hybrid", "internal"];
                [json!({"type": "public-key", "id": id, "transports": transports})].into()
            }
        };
        let options = json!({
            "challenge": base64::encode_url(&challenge),
            "timeout": TIMEOUT,
            "rpId": available::relying_party(pool),
            "allowCredentials": allowed,
            "userVerification": needed(pool, who),
        });
        who.hold(cx);
        let chain = Chain {
            challenge: Some(challenge),
            ..who.chain(party, link, Step::Passkey)
        };
        let session = who.session(cx, party, link, &chain)?;
        let parameters = [("CREDENTIAL_REQUEST_OPTIONS".into(), json_text(&options))];
        Ok(Outcome::Challenge {
            name: ChallengeNameType::WebAuthn,
            parameters: few::gather(parameters),
            session: Some(session),
        })
    })
}

/// Whether the authenticator must verify the user: where the pool says so, and where the passkey is both factors.
fn needed(pool: &Pool, who: &Who) -> &'static str {
    let attempt = who.attempt.as_ref();
    match attempt.is_some_and(|attempt| available::passkeys_are_both(pool, attempt)) {
        true => "required",
        false => verification(pool),
    }
}

fn json_text(value: &Value) -> String {
    alloc::string::ToString::to_string(value)
}

/// The passkeys of a user for the pool's relying party.
fn own<'w>(pool: &'w Pool, who: &'w Who) -> impl Iterator<Item = &'w Passkey> {
    let party = available::relying_party(pool);
    let passkeys = who.passkeys.as_deref();
    passkeys
        .zip(party)
        .into_iter()
        .flat_map(|(passkeys, party)| passkeys.of(party))
}

/// The id of the passkey that nobody has, the same each time.
fn nobodys(cx: &mut Cx<'_>, pool: &Pool, name: &str) -> Run<[u8; 32]> {
    let key = derived(cx, &pool.id, Derived::Simulated)?;
    let name = canonical(name, pool.rules.case_sensitive);
    Ok(hmac_sha256(&key, &[b"passkey", name.as_bytes()]))
}

/// Judges the signature of a passkey.
///
/// Refusals, in this order: `USERNAME`, `CREDENTIAL` or the Session missing, wrong secret hash, an unknown device key,
/// a Session that does not fit; then all as if the password were wrong, counted in the chain: malformed, no passkey of
/// the user, another page or relying party, a wrong signature, a counter that did not rise, a user who may not begin
/// with it any more; then what a right password may still meet.
///
/// # Errors
/// The refusals above.
pub(crate) fn respond(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Parameters<'_>,
    session: Option<&str>,
) -> Run<Outcome> {
    let (attempt, factors) = cx.once(|cx| shown_by(cx, party, responses, session))?;
    match factors {
        Shown::One => proven::go_on(cx, party, &attempt),
        Shown::Two => proven::complete(cx, party, &attempt),
    }
}

/// How many factors a passkey has shown.
#[derive(Clone, Copy)]
enum Shown {
    One,
    Two,
}

fn shown_by(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Parameters<'_>,
    session: Option<&str>,
) -> Run<(Attempt, Shown)> {
    required(responses, "USERNAME")?;
    let given = required(responses, "CREDENTIAL")?;
    let session = session.ok_or_else(session::missing)?;
    let (who, link) = answered(cx, party, responses, session, Step::Passkey)?;
    let asserted = cx.once(|cx| asserted(cx, party, &who, &link, given))?;
    let available = available::of(cx, party, &who)?;
    let (Some(attempt), Some(held), Some((id, asserted))) = (&who.attempt, &who.passkeys, asserted)
    else {
        return Err(wrong(cx, party, &who, &link));
    };
    if !available.contains(&ChallengeNameType::WebAuthn) {
        return Err(wrong(cx, party, &who, &link));
    }
    let mut becomes = Passkeys::clone(held);
    for passkey in becomes.all.iter_mut().filter(|passkey| passkey.id == id) {
        passkey.counter = asserted.counter;
    }
    if becomes == **held {
        cx.check(held);
    } else {
        cx.update(held, &becomes);
    }
    cx.remove(&link.chain);
    let both = available::passkeys_are_both(&party.pool, attempt);
    let shown = match both && asserted.flags.user_verified() {
        true => Shown::Two,
        false => Shown::One,
    };
    let used = held.all.iter().find(|passkey| passkey.id == id);
    let method = match used.is_some_and(Passkey::is_roaming) {
        true => Methods::ROAMING_PASSKEY,
        false => Methods::PLATFORM_PASSKEY,
    };
    let attempt = Attempt {
        first: FirstFactor::Other,
        aim: attempt.aim.with(method),
        ..attempt.clone()
    };
    Ok((attempt, shown))
}

fn wrong(cx: &mut Cx<'_>, party: &Party, who: &Who, link: &Link) -> Stop {
    if let Err(stop) = who.note_failure(cx, party, FirstFactor::Other) {
        return stop;
    }
    who.hold(cx);
    link.mistaken(cx);
    cx.counted(incorrect())
}

/// A credential that claims to have signed, and what follows if it did.
type Claim = (Vec<u8>, Unproven<Result<Asserted, Invalid>>);

/// The credential that signed, and what it said; `None` where that is not right.
fn asserted(
    cx: &mut Cx<'_>,
    party: &Party,
    who: &Who,
    link: &Link,
    given: &str,
) -> Run<Option<(Vec<u8>, Asserted)>> {
    let claim = cx.once(|cx| Ok(claimed(cx, party, who, link, given)?.map(Arc::new)))?;
    let Some((claim, signed)) = claim.as_ref().and_then(|it| Some((it, it.1.signed()?))) else {
        return Ok(None);
    };
    let holds = is_signed(cx, signed)?;
    let (id, unproven) = Claim::clone(claim);
    let asserted = unproven.danger_judged(holds).and_then(|asserted| asserted);
    Ok(asserted.ok().map(|asserted| (id, asserted)))
}

/// All but the signature of an answer.
fn claimed(
    cx: &mut Cx<'_>,
    party: &Party,
    who: &Who,
    link: &Link,
    given: &str,
) -> Run<Option<Claim>> {
    let pool = &party.pool;
    let challenge = link.chain.challenge;
    let challenge = challenge.ok_or_else(|| Fault::new("a chain of a passkey"))?;
    let (Some(answer), Some(party)) = (Answer::read(given), available::relying_party(pool)) else {
        return Ok(None);
    };
    let (key, counter, backup_eligible) = match &who.passkeys {
        Some(held) => {
            let Some(passkey) = held.of(party).find(|passkey| passkey.id == answer.id) else {
                return Ok(None);
            };
            let key = kept_key(cx, pool, held.key(), passkey)?;
            (key, passkey.counter, passkey.backup_eligible)
        }
        None if nobodys(cx, pool, &who.name)?.as_slice() == answer.id => {
            (NOBODYS_KEY.into(), 0, false)
        }
        None => return Ok(None),
    };
    let owner = answer.user_handle.as_deref();
    if owner.is_some_and(|owner| owner != user_handle(&who.head.sub)) {
        return Ok(None);
    }
    let required = needed(pool, who) == "required";
    let expected = Expected {
        party: RelyingParty {
            id: party,
            origins: Origins::OfId,
            embedding: Embedding::Never,
        },
        challenge: &challenge,
        verification: match required {
            true => UserVerification::Required,
            false => UserVerification::Preferred,
        },
    };
    let kept = Credential {
        key: &key,
        counter,
        backup_eligible,
    };
    let assertion = Assertion {
        client_data: &answer.client_data,
        authenticator_data: &answer.authenticator_data,
        signature: &answer.signature,
    };
    let unproven = authentication::check(&expected, &kept, &assertion);
    Ok(unproven.ok().map(|unproven| (answer.id, unproven)))
}

/// What a browser answered to `navigator.credentials.get()`, as JSON text (`AuthenticationResponseJSON`).
struct Answer {
    id: Vec<u8>,
    client_data: Vec<u8>,
    authenticator_data: Vec<u8>,
    signature: Vec<u8>,
    user_handle: Option<Vec<u8>>,
}

impl Answer {
    fn read(text: &str) -> Option<Self> {
        let json: Value = serde_json::from_str(text).ok()?;
        let response = &json["response"];
        let user_handle = match &response["userHandle"] {
            Value::Null => None,
            Value::String(text) if text.is_empty() => None,
            handle => Some(decoded(handle)?),
        };
        (json["type"] == "public-key").then_some(())?;
        Some(Self {
            id: decoded(&json["rawId"])?,
            client_data: decoded(&response["clientDataJSON"])?,
            authenticator_data: decoded(&response["authenticatorData"])?,
            signature: decoded(&response["signature"])?,
            user_handle,
        })
    }
}
