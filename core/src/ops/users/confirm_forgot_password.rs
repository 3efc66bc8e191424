//! ConfirmForgotPassword.

use alloc::sync::Arc;

use userpool_wire::idp::{ConfirmForgotPasswordRequest, ConfirmForgotPasswordResponse};

use super::{forgot_password::proven_user, records};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{
        activity::{EventEnd, EventKind},
        attempts::{Attempts, Limit},
        code::{Code, CodePurpose},
        keys,
        pool::Pool,
        risk::PasswordUse,
        user::{Alias, AliasKind, Head, Profile, Status},
    },
    ops::{
        codes::{self, Verdict},
        directory, parties,
        passwords::{self, PolicyPrefix},
        protection::{
            breached,
            watch::{self, Whose},
        },
        triggers::{
            About,
            post_confirmation::{self, Confirmed},
        },
        unknown,
    },
};

/// Sets a new password with the code that was sent for it; the user is confirmed then, and free of the lock
/// after wrong passwords. Sessions, codes and sign-ins under way with the old password die; tokens stay good.
///
/// Refusals, in this order: unknown client, wrong secret hash, a new password against the policy, unknown user, too many attempts, disabled, no live code to an address of the
/// user (counted), a wrong code (counted), a new password of the history. A trigger after the confirmation refuses once
/// the password is set.
///
/// The policy comes first because it depends on the request alone: it tells the same of every name and code.
/// Where the client hides who exists, users who are unknown, disabled or got no code are refused as if a code
/// had been sent when it was asked for, and counted against the same limit.
///
/// # Errors
/// The refusals above.
pub fn confirm_forgot_password(
    cx: &mut Cx<'_>,
    req: &ConfirmForgotPasswordRequest,
) -> Run<ConfirmForgotPasswordResponse> {
    let party = parties::client(cx, &req.client_id)?
        .from(&req.user_context_data)
        .saying(req.client_metadata.as_deref());
    let pool = &party.pool;
    let typed = &req.username;
    let hash = req.secret_hash.as_ref().map(|hash| hash.as_str());
    let user = proven_user(cx, &party, typed, hash)?;
    passwords::check_policy(&pool.rules.password, &req.password, PolicyPrefix::Public)?;
    let (purpose, limit) = (CodePurpose::Reset, Limit::ForgotPassword);
    let hides = party.client.hides_users;
    let failed = (EventKind::ForgotPassword, EventEnd::Fail);
    let Some(head) = user else {
        unknown::read_code(cx, pool, typed, purpose)?;
        let hidden = unknown::code_refusal(cx, pool, typed, purpose)?;
        if !hides {
            return Err(unknown::combination_not_found().into());
        }
        unknown::use_attempt(cx, pool, typed, limit)?;
        watch::noted_of_nobody(cx, &party, typed, failed)?;
        return Err(cx.counted(hidden));
    };
    let (profile, attempts) = cx.once(|cx| {
        let reads = cx.once(|cx| {
            Ok([
                keys::profile(&pool.id, &head.sub),
                keys::password(&pool.id, &head.sub),
                keys::attempts(&pool.id, &head.sub),
                keys::code(&pool.id, &head.sub, purpose.byte()),
                directory::status_key(pool, &head.sub, head.status),
                unknown::code_key(cx, pool, typed, purpose)?,
            ])
        })?;
        cx.want(&reads)?;
        let profile = records::profile(cx, pool, &head)?;
        Ok((profile, records::attempts(cx, pool, &head)?))
    })?;

    let Some(used) = attempts.used(limit, cx.now()) else {
        return Err(codes::limit_exceeded().into());
    };
    if !head.enabled && !hides {
        return Err(Refusal::new(RefusalKind::NotAuthorized, "User is disabled.").into());
    }
    // No code of a disabled user lives, wherever it went.
    let current = |kind: AliasKind| {
        let address = profile.attributes.get(kind.attribute());
        address.filter(|_| head.enabled).cloned()
    };
    let kind = EventKind::ForgotPassword;
    let refusal = match codes::judge(cx, pool, &head, purpose, current, &req.confirmation_code)? {
        Verdict::Right(code) => {
            let reset = Reset {
                head: &head,
                profile: &profile,
                code: &code,
            };
            let occasion = PasswordUse::PasswordChange;
            let breached = breached::check(cx, &party, occasion, &req.password)?;
            let what = (kind, EventEnd::Pass);
            watch::noted(cx, &party, Whose::User(&head.sub), what, breached)?;
            let (confirmed, profile) = reset.write(cx, pool, &req.password)?;
            cx.update(&attempts, &freed(used));
            let (about, what) = (About::of(&party, &head.username), Confirmed::ForgotPassword);
            post_confirmation::ask(cx, about, what, &confirmed, &profile)?;
            return Ok(ConfirmForgotPasswordResponse {});
        }
        Verdict::Wrong => codes::mismatch(),
        Verdict::Dead if hides => unknown::code_refusal(cx, pool, typed, purpose)?,
        Verdict::Dead => codes::dead(),
    };
    watch::noted(cx, &party, Whose::User(&head.sub), failed, None)?;
    cx.check(&head);
    cx.update(&attempts, &used);
    Err(cx.counted(refusal))
}

/// A user whose right code was shown.
struct Reset<'r> {
    head: &'r Held<Head>,
    profile: &'r Held<Profile>,
    code: &'r Held<Code>,
}

impl Reset<'_> {
    /// Writes the user with the new password. The address that got the code is verified, unless somebody else
    /// signs in with it by now. Gives what the user becomes.
    fn write(&self, cx: &mut Cx<'_>, pool: &Pool, password: &str) -> Run<(Head, Arc<Profile>)> {
        let (head, profile) = (self.head, self.profile);
        let becomes = cx.once(|cx| self.verified(cx, pool).map(Arc::new))?;
        let kept = records::password(cx, pool, head)?;
        let next = passwords::next(cx, pool, head, &kept, password)?;
        let confirmed = Head {
            status: Status::Confirmed,
            credential_epoch: head.credential_epoch + 1,
            modified: cx.now(),
            ..Head::clone(head)
        };
        directory::reindex(cx, pool, (head, profile), (&confirmed, &becomes))?;
        cx.remove(self.code);
        cx.update(head, &confirmed);
        cx.update(profile, &*becomes);
        cx.update(&kept, &next);
        Ok((confirmed, becomes))
    }

    fn verified(&self, cx: &mut Cx<'_>, pool: &Pool) -> Run<Profile> {
        let (kind, address) = (self.code.contact(), &self.code.destination);
        let mut becomes = Profile::clone(self.profile);
        if directory::is_alias(pool, kind) {
            let key = cx.once(|_| Ok(directory::alias_key(pool, kind, address)))?;
            let owner = cx.get::<Alias>(&key)?;
            if owner.is_some_and(|alias| alias.sub != self.head.sub) {
                return Ok(becomes);
            }
            directory::take_alias(cx, &key, self.head.sub)?;
        }
        let flag = directory::flag(kind);
        becomes.attributes.insert(flag.into(), "true".into());
        Ok(becomes)
    }
}

/// Attempts without the failures that a reset forgives.
fn freed(attempts: Attempts) -> Attempts {
    attempts.succeeded().unwrap_or(attempts)
}
