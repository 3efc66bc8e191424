//! Passwords looked up among those that are known from breaches.
//!
//! The host is asked for all hashes that begin as the password's does, by the first five hexadecimal digits of its
//! SHA-1, and looks no further: of the password nothing but those twenty bits leaves the engine (k-anonymity). Where
//! the host does not know, for want of a list or of a network, the password counts as unknown: nobody is kept out,
//! and the event says that nothing was found out.

use alloc::{format, sync::Arc};

use userpool_crypto::digest::sha1_hex;
use userpool_ports::{FetchRequest, Reach, breached::SCHEME};

use super::configured;
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        pool::ProtectionMode,
        risk::{BreachedRule, PasswordUse},
    },
    ops::parties::Party,
};

/// How many digits of a hash the host is told.
const PREFIX: usize = 5;

/// Whether the pool wants to see the passwords of those who sign in.
///
/// # Errors
/// Stops the run until the pool's configuration is there.
pub(crate) fn sees_sign_ins(cx: &mut Cx<'_>, party: &Party) -> Run<bool> {
    Ok(rule(cx, party, PasswordUse::SignIn)?.is_some())
}

/// Whether a right password of a sign-in is known from a breach, if the pool wants to know and it was found out.
///
/// # Errors
/// Stops the run until the host answered.
pub(crate) fn at_sign_in(cx: &mut Cx<'_>, party: &Party, password: &str) -> Run<Option<bool>> {
    if party.pool.rules.protection.mode.is_none() {
        return Ok(None);
    }
    cx.once(|cx| match rule(cx, party, PasswordUse::SignIn)? {
        Some(_) => look_up(cx, password),
        None => Ok(None),
    })
}

/// Whether a new password is known from a breach, if the pool wants to know and it was found out.
///
/// # Errors
/// `InvalidPasswordException` where it is and the pool does not want such; stops the run until the host answered.
pub(crate) fn check(
    cx: &mut Cx<'_>,
    party: &Party,
    occasion: PasswordUse,
    password: &str,
) -> Run<Option<bool>> {
    let Some(rule) = rule(cx, party, occasion)? else {
        return Ok(None);
    };
    let breached = look_up(cx, password)?;
    let enforced = party.pool.rules.protection.mode == Some(ProtectionMode::Enforced);
    if enforced && rule.blocks && breached == Some(true) {
        let text = "Provided password cannot be used for security reasons.";
        return Err(Refusal::new(RefusalKind::InvalidPassword, text).into());
    }
    Ok(breached)
}

fn rule(cx: &mut Cx<'_>, party: &Party, occasion: PasswordUse) -> Run<Option<BreachedRule>> {
    if party.pool.rules.protection.mode.is_none() {
        return Ok(None);
    }
    let configured = configured(cx, party)?;
    let rule = configured.and_then(|configured| configured.breached.clone());
    Ok(rule.filter(|rule| rule.holds_at(occasion)))
}

fn look_up(cx: &mut Cx<'_>, password: &str) -> Run<Option<bool>> {
    let hash = cx.once(|_| Ok(Arc::new(sha1_hex(password.as_bytes()))))?;
    let (prefix, rest) = hash.expose().split_at(PREFIX);
    let request = FetchRequest {
        method: "GET",
        url: format!("{SCHEME}{prefix}"),
        headers: [].into(),
        body: [].into(),
        reach: Reach::Operator,
    };
    let Ok(reply) = cx.fetch(request)? else {
        return Ok(None);
    };
    if reply.status != 200 {
        return Ok(None);
    }
    Ok(core::str::from_utf8(&reply.body)
        .ok()
        .map(|lines| lines.lines().any(|line| names(line, rest))))
}

/// Whether a line, the rest of a hash and how often it occurred, is about this rest; lines that occurred never pad the
/// answer.
fn names(line: &str, rest: &str) -> bool {
    let (hash, count) = line.trim().split_once(':').unwrap_or((line.trim(), "1"));
    hash.eq_ignore_ascii_case(rest) && count.trim() != "0"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_about_one_hash_and_padding_about_none() {
        let rest = "1E4C9B93F3F0682250B6CF8331B7EE68FD8";
        assert!(names(
            "1E4C9B93F3F0682250B6CF8331B7EE68FD8:10434004\r",
            rest
        ));
        assert!(names("1e4c9b93f3f0682250b6cf8331b7ee68fd8", rest));
        assert!(!names("1E4C9B93F3F0682250B6CF8331B7EE68FD8:0", rest));
        assert!(!names("1E4C9B93F3F0682250B6CF8331B7EE68FD9:3", rest));
        assert!(!names("", rest));
    }
}
