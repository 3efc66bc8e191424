//! VerifySoftwareToken: the first code of a new software token.

use alloc::string::String;

use userpool_crypto::totp::{self, Verdict};
use userpool_wire::idp::{
    VerifySoftwareTokenRequest, VerifySoftwareTokenResponse, VerifySoftwareTokenResponseType,
};

use super::{keep, secret, software_token};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run, Stop},
    model::{
        attempts::{Attempts, Limit},
        chain::Step,
        factors::{Factor, Factors, SoftwareToken},
        keys,
    },
    ops::{
        access::authorize_beside,
        sign_in::{factor, mfa_setup, session},
        users::records,
    },
};

/// The longest name of a software token, in bytes.
const LONGEST_NAME: usize = 1_024;

/// Takes the first code of a software token into use, with its secret; the code is used then. In a setup the token is
/// switched on, and the Session that comes back signs in; else the user's preference stays as it was.
///
/// Refusals, in this order: a name that is too long; neither access token nor Session; those of the access token, or
/// of a Session for which no secret was given out, or whose user has a factor by now; a pool without software
/// tokens; too many wrong codes in the hour; no secret that waits for a code; a wrong code (counted).
///
/// # Errors
/// The refusals above.
pub(crate) fn verify_software_token(
    cx: &mut Cx<'_>,
    req: &VerifySoftwareTokenRequest,
) -> Run<VerifySoftwareTokenResponse> {
    let name = req.friendly_device_name.as_ref();
    if name.is_some_and(|name| name.len() > LONGEST_NAME) {
        let text = "FriendlyDeviceName is too long.";
        return Err(Refusal::new(RefusalKind::InvalidParameter, text).into());
    }
    let name = name.filter(|name| !name.is_empty()).cloned();
    match (&req.access_token, &req.session) {
        (Some(token), _) => by_token(cx, token, &req.user_code, name),
        (None, Some(session)) => by_session(cx, session, &req.user_code, name),
        (None, None) => Err(software_token::neither().into()),
    }
}

fn by_token(
    cx: &mut Cx<'_>,
    token: &str,
    code: &str,
    name: Option<String>,
) -> Run<VerifySoftwareTokenResponse> {
    let access = authorize_beside(cx, token, &[keys::factors, keys::attempts])?;
    let (pool, head) = (&access.party.pool, &access.head);
    secret::check_pool(pool)?;
    let attempts = records::attempts(cx, pool, head)?;
    let used = attempts.used(Limit::SecondFactor, cx.now());
    let used: Attempts = used.ok_or_else(factor::too_many)?;
    let held = cx.get::<Factors>(&keys::factors(&pool.id, &head.sub))?;
    let pending = held
        .as_ref()
        .and_then(|held| Some((held, held.pending.as_ref()?)));
    let (held, sealed) = pending.ok_or_else(secret::no_token)?;
    let seed = secret::open(cx, pool, held.key(), sealed)?;
    let Verdict::Accepted { step } = totp::check(seed.expose(), code, cx.now().secs(), None) else {
        access.hold(cx);
        cx.update(&attempts, &used);
        return Err(wrong(cx));
    };
    let becomes = Factors {
        token: Some(SoftwareToken {
            sealed: sealed.clone(),
            last_step: step,
            name,
        }),
        pending: None,
        ..Factors::clone(held)
    };
    access.hold(cx);
    keep::factors(cx, pool, head, Some(held), &becomes);
    Ok(success(None))
}

fn by_session(
    cx: &mut Cx<'_>,
    text: &str,
    code: &str,
    name: Option<String>,
) -> Run<VerifySoftwareTokenResponse> {
    let (party, answer) = software_token::in_setup(cx, text, &[Step::Secret])?;
    mfa_setup::check_due(&party, &answer, Factor::SoftwareToken)?;
    let (pool, chain) = (&party.pool, &answer.link.chain);
    let sealed = chain.secret.as_ref().ok_or_else(secret::no_token)?;
    let seed = secret::open(cx, pool, chain.key(), sealed)?;
    let Verdict::Accepted { step } = totp::check(seed.expose(), code, cx.now().secs(), None) else {
        return Err(answer.wrong(cx, &party, mismatch()));
    };
    let head = &answer.attempt.head;
    let key = keys::factors(&pool.id, &head.sub);
    let held = answer.attempt.factors.as_ref();
    let mut becomes = held.map_or_else(Factors::default, |held| Factors::clone(held));
    becomes.token = Some(SoftwareToken {
        sealed: secret::seal(cx, pool, &key, seed.expose()),
        last_step: step,
        name,
    });
    becomes.pending = None;
    becomes.switch(Factor::SoftwareToken, true);
    keep::factors(cx, pool, head, held, &becomes);
    let next = chain.led_to(Step::SetUp, head);
    let session = session::lead_on(cx, &party, &answer.link, &next)?;
    Ok(success(Some(session)))
}

fn success(session: Option<String>) -> VerifySoftwareTokenResponse {
    VerifySoftwareTokenResponse {
        status: Some(VerifySoftwareTokenResponseType::Success),
        session: session.map(Into::into),
    }
}

fn wrong(cx: &Cx<'_>) -> Stop {
    cx.counted(mismatch())
}

fn mismatch() -> Refusal {
    Refusal::new(RefusalKind::EnableSoftwareTokenMfa, "Code mismatch")
}
