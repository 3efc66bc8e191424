//! Passwords: the policy, the history, and verifiers made, kept and compared.

use alloc::{format, string::String, sync::Arc, vec::Vec};

use userpool_crypto::{integer::hex, secret::SecretBytes};

use crate::{
    engine::{Cx, Done, Fault, Held, PasswordInput, Refusal, RefusalKind, Run, Work},
    model::{
        keys,
        pool::{PasswordPolicy, Pool},
        user::{Head, Password, SealedVerifier, Status},
    },
};

/// The purpose under which verifiers are sealed.
pub(crate) const VERIFIER: &str = "verifier";
/// What counts as a symbol (user pools guide, password requirements).
const SYMBOLS: &str = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- ";

/// The words before a policy's reason: they differ between operations.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PolicyPrefix {
    /// Most operations.
    Public,
    /// AdminCreateUser.
    AdminCreate,
}

/// Checks a password against a policy; the first reason that fails is told.
///
/// # Errors
/// `InvalidPasswordException`.
pub(crate) fn check_policy(
    policy: &PasswordPolicy,
    password: &str,
    prefix: PolicyPrefix,
) -> Result<(), Refusal> {
    let has = |class: fn(char) -> bool| password.chars().any(class);
    let reason = if password.chars().count() < usize::from(policy.minimum) {
        "Password not long enough"
    } else if policy.upper && !has(|c| c.is_ascii_uppercase()) {
        "Password must have uppercase characters"
    } else if policy.lower && !has(|c| c.is_ascii_lowercase()) {
        "Password must have lowercase characters"
    } else if policy.numbers && !has(|c| c.is_ascii_digit()) {
        "Password must have numeric characters"
    } else if policy.symbols && !has(|c| SYMBOLS.contains(c)) {
        "Password must have symbol characters"
    } else {
        return Ok(());
    };
    let prefix = match prefix {
        PolicyPrefix::Public => "Password did not conform with policy: ",
        PolicyPrefix::AdminCreate => "Password did not conform with password policy: ",
    };
    Err(Refusal::new(
        RefusalKind::InvalidPassword,
        format!("{prefix}{reason}"),
    ))
}

/// What a user's password hashes with.
pub(crate) fn input(pool: &Pool, username: &str, password: &str, salt: [u8; 16]) -> PasswordInput {
    PasswordInput {
        pool_name: pool.short_name().into(),
        user_id: username.into(),
        password: SecretBytes::new(password.as_bytes().to_vec()),
        salt,
    }
}

/// Makes the record of a first password. One that nobody signs in with before it is confirmed gets its powers
/// [then](make_ready): most sign-ups of robots never are.
///
/// # Errors
/// Stops the run until the verifier is made.
pub(crate) fn first(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    password: Option<&str>,
) -> Run<Password> {
    let current = match password {
        Some(password) => {
            let powers = head.status != Status::Unconfirmed;
            Some(make(cx, pool, head, password, powers)?)
        }
        None => None,
    };
    Ok(Password {
        current,
        set: cx.now(),
        history: Vec::new(),
    })
}

/// Makes the record that replaces a user's password, with the old verifier in its history.
///
/// # Errors
/// `PasswordHistoryPolicyViolationException` where the policy keeps a history and the password is in it.
pub(crate) fn next(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    held: &Held<Password>,
    password: &str,
) -> Run<Password> {
    let history = usize::from(pool.rules.password.history);
    if history > 0 {
        for old in held.current.iter().chain(&held.history).take(history) {
            if fits(cx, pool, head, old, password)? {
                let text = "Password has previously been used";
                return Err(Refusal::new(RefusalKind::PasswordHistoryPolicyViolation, text).into());
            }
        }
    }
    let current = make(cx, pool, head, password, true)?;
    let earlier = held
        .current
        .iter()
        .chain(&held.history)
        .take(history)
        .map(|old| SealedVerifier {
            powers: None,
            ..old.clone()
        })
        .collect();
    Ok(Password {
        current: Some(current),
        set: cx.now(),
        history: earlier,
    })
}

/// Keeps the powers of a password that was made without them: its user is confirmed and may sign in now.
///
/// # Errors
/// Stops the run until they are made.
pub(crate) fn make_ready(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    held: &Held<Password>,
) -> Run<()> {
    cx.once(|cx| {
        let Some(kept) = held.current.as_ref().filter(|kept| kept.powers.is_none()) else {
            return Ok(());
        };
        let verifier = open(cx, pool, head, kept)?;
        let Done::Powers(powers) = cx.work(Work::MakePowers { verifier })? else {
            return Err(Fault::new("a worker's answer").into());
        };
        let key = keys::password(&pool.id, &head.sub);
        let sealed = cx.seal(
            VERIFIER,
            &pool.id,
            &key,
            &powers_field(&kept.salt),
            powers.expose(),
        );
        let current = Some(SealedVerifier {
            powers: Some(sealed),
            ..kept.clone()
        });
        let ready = Password {
            current,
            ..Password::clone(held)
        };
        cx.update(held, &ready);
        Ok(())
    })
}

/// Whether a password is the one of a verifier.
///
/// # Errors
/// Stops the run until the comparison is done.
pub(crate) fn fits(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    kept: &SealedVerifier,
    password: &str,
) -> Run<bool> {
    cx.once(|cx| {
        let verifier = open(cx, pool, head, kept)?;
        let input = input(pool, &head.username, password, kept.salt);
        verdict(cx.work(Work::CheckPassword { input, verifier })?)
    })
}

/// A verifier, opened.
///
/// # Errors
/// A fault if it cannot be opened.
pub(crate) fn open(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    kept: &SealedVerifier,
) -> Run<Arc<SecretBytes>> {
    let key = keys::password(&pool.id, &head.sub);
    cx.open(VERIFIER, &pool.id, &key, &field(&kept.salt), &kept.sealed)
}

/// The stored powers of a verifier, opened; `None` where there are none.
///
/// # Errors
/// A fault if they cannot be opened.
pub(crate) fn open_powers(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    kept: &SealedVerifier,
) -> Run<Option<Arc<SecretBytes>>> {
    let Some(sealed) = &kept.powers else {
        return Ok(None);
    };
    let key = keys::password(&pool.id, &head.sub);
    let opened = cx.open(VERIFIER, &pool.id, &key, &powers_field(&kept.salt), sealed)?;
    Ok(Some(opened))
}

/// The yes or no in an answer.
///
/// # Errors
/// A fault if it is something else.
pub(crate) fn verdict(done: Done) -> Run<bool> {
    match done {
        Done::Verdict(verdict) => Ok(verdict),
        _ => Err(Fault::new("a worker's answer").into()),
    }
}

fn make(
    cx: &mut Cx<'_>,
    pool: &Pool,
    head: &Head,
    password: &str,
    powers: bool,
) -> Run<SealedVerifier> {
    cx.once(|cx| {
        let salt: [u8; 16] = cx.random("salt");
        let input = input(pool, &head.username, password, salt);
        let work = Work::MakeVerifier { input, powers };
        let Done::Verifier { verifier, powers } = cx.work(work)? else {
            return Err(Fault::new("a worker's answer").into());
        };
        let key = keys::password(&pool.id, &head.sub);
        let mut seal = |field: String, secret: &SecretBytes| {
            cx.seal(VERIFIER, &pool.id, &key, &field, secret.expose())
        };
        Ok(SealedVerifier {
            salt,
            sealed: seal(field(&salt), &verifier),
            powers: powers.map(|powers| seal(powers_field(&salt), &powers)),
        })
    })
}

/// The field that a verifier is sealed as.
pub(crate) fn field(salt: &[u8; 16]) -> String {
    format!("verifier/{}", hex(salt))
}

/// The field that the powers of a verifier are sealed as.
pub(crate) fn powers_field(salt: &[u8; 16]) -> String {
    format!("powers/{}", hex(salt))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: PasswordPolicy = PasswordPolicy {
        minimum: 8,
        upper: true,
        lower: true,
        numbers: true,
        symbols: true,
        temporary_days: 7,
        history: 0,
    };

    #[test]
    fn the_first_failing_reason_is_told() {
        let reasons = [
            ("aA1!", "Password not long enough"),
            ("aaaaaaa1!", "Password must have uppercase characters"),
            ("AAAAAAA1!", "Password must have lowercase characters"),
            ("aaaaAAAA!", "Password must have numeric characters"),
            ("aaaaAAAA1", "Password must have symbol characters"),
        ];
        for (password, reason) in reasons {
            let refusal = check_policy(&POLICY, password, PolicyPrefix::Public).expect_err(reason);
            assert_eq!(
                refusal.message(),
                format!("Password did not conform with policy: {reason}")
            );
        }
        assert!(check_policy(&POLICY, "aaaAAA1!", PolicyPrefix::Public).is_ok());
    }

    #[test]
    fn every_symbol_of_the_guide_counts() {
        for symbol in SYMBOLS.chars() {
            let password = format!("aaAA11{symbol}x");
            assert!(
                check_policy(&POLICY, &password, PolicyPrefix::Public).is_ok(),
                "{symbol}"
            );
        }
    }
}
