//! ConfirmSignUp.

use alloc::{string::String, sync::Arc};

use userpool_ports::Key;
use userpool_wire::idp::{ConfirmSignUpRequest, ConfirmSignUpResponse};

use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run, Stop},
    model::{
        attempts::{Attempts, Limit},
        chain::{Chain, Step},
        code::CodePurpose,
        keys,
        methods::{Aim, Methods},
        pool::{NameRule, Pool},
        user::{Alias, AliasKind, Head, Password, Profile, Status},
    },
    ops::{
        codes::{self, Verdict},
        directory,
        parties::{self, Party},
        passwords,
        sign_in::session,
        triggers::{
            About,
            post_confirmation::{self, Confirmed},
        },
        unknown,
    },
};

/// Confirms an account with the code that sign-up sent.
///
/// Refusals, in this order: unknown client, wrong secret hash, unknown user, too many attempts, disabled, already
/// confirmed, no live code or a wrong one (both counted), an alias that somebody else has. A trigger after the
/// confirmation refuses once the user is confirmed.
///
/// A client with `USER_AUTH` gets a Session that signs in once; that of the sign-up is not asked for, as clients do not
/// send it.
///
/// Where the client hides who exists, users who are unknown, disabled or confirmed already are refused as if the
/// code were wrong, and counted against the same limit.
///
/// # Errors
/// The refusals above.
pub fn confirm_sign_up(cx: &mut Cx<'_>, req: &ConfirmSignUpRequest) -> Run<ConfirmSignUpResponse> {
    let party = parties::client(cx, &req.client_id)?
        .from(&req.user_context_data)
        .saying(req.client_metadata.as_deref());
    let hash = req.secret_hash.as_ref().map(|hash| hash.as_str());
    parties::prove_client(cx, &party.client, hash, &[&req.username])?;
    let pool = &party.pool;
    let Some(head) = unknown::user(cx, &party, &req.username)? else {
        let hidden = codes::mismatch();
        return unknown::refuse_code(cx, &party, &req.username, Limit::ConfirmSignUp, hidden);
    };
    let Kept {
        profile,
        attempts,
        password,
    } = kept(cx, pool, &head)?;
    let Some(used) = attempts.used(Limit::ConfirmSignUp, cx.now()) else {
        return Err(codes::limit_exceeded().into());
    };
    if party.client.hides_users && !is_confirmable(&head) {
        cx.check(&head);
        cx.update(&attempts, &used);
        return Err(cx.counted(codes::mismatch()));
    }
    if !head.enabled {
        return Err(Refusal::new(RefusalKind::NotAuthorized, "User is disabled.").into());
    }
    if head.status != Status::Unconfirmed {
        return Err(not_confirmable(&head).into());
    }
    let current = |kind: AliasKind| profile.attributes.get(kind.attribute()).cloned();
    let code = match codes::judge(
        cx,
        pool,
        &head,
        CodePurpose::SignUp,
        current,
        &req.confirmation_code,
    )? {
        Verdict::Right(code) => code,
        Verdict::Wrong => {
            cx.check(&head);
            cx.update(&attempts, &used);
            return Err(cx.counted(codes::mismatch()));
        }
        Verdict::Dead => {
            cx.check(&head);
            cx.update(&attempts, &used);
            return Err(cx.counted(codes::dead()));
        }
    };
    let kind = code.contact();
    cx.once(|cx| {
        let force = req.force_alias_creation == Some(true);
        claim_alias(cx, pool, &head, kind, &code.destination, force)
    })?;
    passwords::make_ready(cx, pool, &head, &password)?;
    cx.remove(&code);
    cx.update(&attempts, &used);
    let verified = with_flag(&profile, kind);
    let confirmed = confirm(cx, pool, &head, &profile, &verified)?;
    let about = About::of(&party, &head.username);
    let session = match party.client.flows.user_auth {
        true => Some(begin_sign_in(cx, &party, &confirmed, &req.username, kind)?),
        false => None,
    };
    post_confirmation::ask(cx, about, Confirmed::SignUp, &confirmed, &verified)?;
    Ok(ConfirmSignUpResponse {
        session: session.map(Into::into),
    })
}

/// What is kept of a user who may be confirmed.
#[derive(Clone)]
struct Kept {
    profile: Held<Profile>,
    attempts: Held<Attempts>,
    password: Held<Password>,
}

/// Reads what is kept of a user, together with the code and what the confirmation changes.
fn kept(cx: &mut Cx<'_>, pool: &Pool, head: &Head) -> Run<Kept> {
    cx.once(|cx| {
        let reads: Arc<[Key]> = cx.once(|_| {
            Ok([
                keys::profile(&pool.id, &head.sub),
                keys::attempts(&pool.id, &head.sub),
                keys::password(&pool.id, &head.sub),
                keys::code(&pool.id, &head.sub, CodePurpose::SignUp.byte()),
                directory::status_key(pool, &head.sub, head.status),
            ]
            .into())
        })?;
        cx.want(&*reads)?;
        Ok(Kept {
            profile: cx
                .get(&reads[0])?
                .ok_or_else(|| Stop::torn("the profile of a user"))?,
            attempts: cx
                .get(&reads[1])?
                .ok_or_else(|| Stop::torn("the attempts of a user"))?,
            password: cx
                .get(&reads[2])?
                .ok_or_else(|| Stop::torn("the password of a user"))?,
        })
    })
}

/// The Session with which the user signs in by `USER_AUTH` without another factor: the code was one.
fn begin_sign_in(
    cx: &mut Cx<'_>,
    party: &Party,
    head: &Head,
    typed: &str,
    kind: AliasKind,
) -> Run<String> {
    let chain = Chain {
        aim: Some(Aim::default().with(Methods::code(kind))),
        ..Chain::begun(&party.client.id, head, Step::SignedUp)
    };
    session::begin_as(cx, party, head, &chain, Some(typed))
}

fn is_confirmable(head: &Head) -> bool {
    head.enabled && head.status == Status::Unconfirmed
}

/// The refusal of confirming a user who needs none.
pub(crate) fn not_confirmable(head: &Head) -> Refusal {
    let text = alloc::format!(
        "User cannot be confirmed. Current status is {}",
        head.status.as_str()
    );
    Refusal::new(RefusalKind::NotAuthorized, text)
}

/// Makes a verified address the user's alias, where the pool's users sign in with it once it is verified.
///
/// # Errors
/// `AliasExistsException` where somebody else has it and `force` is not set.
pub(crate) fn claim_alias(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    kind: AliasKind,
    value: &str,
    force: bool,
) -> Run<()> {
    if !matches!(pool.rules.names, NameRule::Alias { .. }) || !directory::is_alias(pool, kind) {
        return Ok(());
    }
    let key = directory::alias_key(pool, kind, value);
    let owner = cx.get::<Alias>(&key)?;
    if owner.is_some_and(|alias| alias.sub != head.sub) && !force {
        let text = match kind {
            AliasKind::Phone => "An account with the phone_number already exists.",
            AliasKind::Email | AliasKind::PreferredUsername => {
                "An account with the email already exists."
            }
        };
        return Err(Refusal::new(RefusalKind::AliasExists, text).into());
    }
    directory::take_alias(cx, &key, head.sub)
}

/// A profile with an address marked as verified.
pub(crate) fn with_flag(profile: &Profile, kind: AliasKind) -> Profile {
    let mut verified = profile.clone();
    verified
        .attributes
        .insert(directory::flag(kind).into(), "true".into());
    verified
}

/// Writes a confirmed head and its profile; the head as it becomes.
///
/// # Errors
/// Stops the run until the index entries to remove are there.
pub(crate) fn confirm(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Held<Head>,
    profile: &Held<Profile>,
    becomes: &Profile,
) -> Run<Head> {
    let confirmed = Head {
        status: Status::Confirmed,
        modified: cx.now(),
        ..Head::clone(head)
    };
    directory::reindex(cx, pool, (head, profile), (&confirmed, becomes))?;
    cx.update(head, &confirmed);
    if **profile != *becomes {
        cx.update(profile, becomes);
    }
    Ok(confirmed)
}
