//! What must hold after every request, whatever the model says: watched from outside, by what is asked and answered.
//!
//! - No tokens without a proven first factor, nor in a pool where everybody is asked for a second without one.
//! - No code, Session, or code of a software token is taken twice; a refresh token that was rotated neither, beyond the
//!   grace period.
//! - A family that was revoked never refreshes.
//! - Nobody gets in who is locked, disabled or not confirmed.
//! - A passkey's challenge is answered once; a device that was forgotten proves nothing, and one proves itself only
//!   after a first factor, and after a second where it does not stand in for one.
//! - A session that was revoked never refreshes.
//! - Two users never share a name or an address that they sign in with.
//! - Nothing secret stands in an error or in the `Debug` of a step.

use std::collections::{HashMap, HashSet};

use crate::{
    act::{Act, Answer, At, By, Code, First, Password, Signed, Totp},
    engine::{
        World,
        play::{Ended, Play},
    },
    pool::Pool,
    rules::{Mfa, Names},
    told::Told,
};

/// What was seen so far.
#[derive(Debug, Default)]
pub struct Watch {
    /// What the password of a user may be.
    passwords: HashMap<At, HashSet<Password>>,
    /// What somebody's password may be, where it was not sure whose.
    anybodys: HashSet<Password>,
    /// Sessions that followed a proven first factor.
    proven: HashSet<At>,
    /// Sessions that came before anything was shown.
    first: HashSet<At>,
    /// Codes that were taken.
    codes: HashSet<(At, usize)>,
    /// Sessions that were taken.
    sessions: HashSet<At>,
    /// The last steps of which a code was taken, by secret.
    steps: HashMap<At, u64>,
    /// Families of tokens by the act that brought them, as the act that began them.
    families: HashMap<At, At>,
    /// Families that were revoked.
    revoked: HashSet<At>,
    /// When refresh tokens of clients that rotate were first used.
    used: HashMap<At, u64>,
    /// Users who are certainly disabled.
    disabled: HashSet<At>,
    /// Users who are certainly not confirmed.
    unconfirmed: HashSet<At>,
    /// Users who were locked at a time.
    locked: HashSet<(At, u64)>,
    /// Sign-ups that were confirmed, which is a first factor once.
    confirmed: HashSet<At>,
    /// Devices that were certainly forgotten.
    forgotten: HashSet<At>,
    /// Users who were asked at a client for a proof of their device, and whether a second factor was shown.
    asked: HashMap<(At, usize), bool>,
    /// Blocks of devices that were answered.
    blocks: HashSet<At>,
    /// Sessions of custom challenges that followed a second factor.
    seconded: HashSet<At>,
}

impl Watch {
    /// Looks at a request and its answer. `pool` is the pool as the model has it before the request, if that is `sure`:
    /// nothing was open, and nobody else came in between.
    ///
    /// # Errors
    /// An invariant does not hold.
    pub fn see(
        &mut self,
        (at, act): (At, &Act),
        play: &Play,
        (ended, told): (&Ended, &Told),
        (pool, sure): (&Pool, bool),
        world: &World,
    ) -> Result<(), String> {
        let named = act.device();
        // The first step of SRP does not judge what it names.
        let judges = !matches!(act.plain(), Act::SrpBegin { .. });
        let gone = named.is_some_and(|device| self.forgotten.contains(&device));
        if told.is_ok() && judges && gone {
            return Err(format!("{act:?} names a device that was forgotten"));
        }
        let act = act.plain();
        let secrets = &world.known.secret;
        let error = ended.as_ref().err().map_or("", |(_, text)| text.as_str());
        if let Some(secret) = secrets
            .shown_in(&play.shown)
            .or_else(|| secrets.shown_in(error))
        {
            return Err(format!(
                "{act:?} shows {secret:?} in {} {error}",
                play.shown
            ));
        }
        let user = who(act, pool);
        // Whoever answers with somebody else's Session is told of the own lock.
        let tries = match act {
            Act::Respond { typed, .. } => pool.find(*typed),
            _ => user,
        };
        self.tries(act, tries, (told, sure), pool.now);
        match told {
            Ok(text) => {
                self.taken_once(act, pool)?;
                if text == "challenge CUSTOM_CHALLENGE" && self.is_second(act) {
                    self.seconded.insert(at);
                }
                if let Some(user) = world.known.user_in_tokens(at) {
                    self.tokens((at, act), user, pool)?;
                } else if text == "challenge DEVICE_SRP_AUTH" {
                    self.device_is_asked(act, user, (pool, sure))?;
                } else if let Act::ConfirmSignUp { .. } = act {
                    self.confirmed.insert(at);
                } else if begins_first(act) && text.contains(" among ") {
                    self.first.insert(at);
                } else if text.starts_with("challenge") && (!sure || self.is_proven(act, user)) {
                    self.proven.insert(at);
                } else if let Act::Associate(By::Session(session))
                | Act::VerifyToken(By::Session(session), _) = act
                    && self.proven.contains(session)
                {
                    self.proven.insert(at);
                }
                match sure {
                    true => self.changes((at, act), user),
                    false => self.may_change((at, act), user),
                }
            }
            Err((name, _))
                if name == "InternalErrorException" || name == "CodeDeliveryFailureException" =>
            {
                self.may_change((at, act), user);
                self.may_ask_device(act, user, pool);
            }
            Err((name, _)) if name == "RefreshTokenReuseException" => {
                if let (Act::Refresh { token, .. }, true) = (act, sure) {
                    self.revoked.extend(self.families.get(token));
                }
            }
            Err(_) => {}
        }
        Ok(())
    }

    /// Whether an answer to this request follows a proven first factor.
    fn is_proven(&self, act: &Act, user: Option<At>) -> bool {
        match act {
            Act::SignIn { password, .. }
            | Act::SrpAnswer { password, .. }
            | Act::UserAuth {
                first: First::Password(Some(password)),
                ..
            }
            | Act::Respond {
                answer: Answer::Select(First::Password(Some(password))) | Answer::Password(password),
                ..
            } => user.is_some_and(|user| self.may_be(user, *password)),
            Act::Respond {
                answer: Answer::Custom(right),
                ..
            } => *right,
            Act::Respond {
                session,
                answer: Answer::Passkey(_, signed),
                ..
            } => self.first.contains(session) && matches!(signed, Signed::Rightly(_)),
            Act::Respond {
                session,
                answer: Answer::FirstSms(_),
                ..
            } => self.first.contains(session),
            Act::SignedUp { session, .. } => self.confirmed.contains(session),
            Act::DeviceProve { client, right, .. } => {
                *right && user.is_some_and(|user| self.asked.contains_key(&(user, *client)))
            }
            Act::Respond {
                session,
                answer: Answer::Code(..),
                ..
            } => self.proven.contains(session) || self.first.contains(session),
            Act::Respond { session, .. } => self.proven.contains(session),
            _ => false,
        }
    }

    /// Whether a custom challenge after this request follows a second factor.
    fn is_second(&self, act: &Act) -> bool {
        match act {
            Act::Respond {
                session,
                answer: Answer::Custom(_),
                ..
            } => self.seconded.contains(session),
            Act::Respond { answer, .. } => {
                matches!(answer, Answer::Code(..) | Answer::Totp(_) | Answer::SetUp)
            }
            _ => false,
        }
    }

    fn may_be(&self, user: At, password: Password) -> bool {
        let own = self.passwords.get(&user);
        own.is_some_and(|own| own.contains(&password)) || self.anybodys.contains(&password)
    }

    /// A request brought tokens for a user.
    fn tokens(&mut self, (at, act): (At, &Act), user: At, pool: &Pool) -> Result<(), String> {
        if self.disabled.contains(&user) || self.unconfirmed.contains(&user) {
            return Err(format!(
                "{act:?} brought tokens for a user who is disabled or not confirmed"
            ));
        }
        if let Act::Refresh { token, .. } = act {
            let family = self.families.get(token).copied().unwrap_or(*token);
            if self.revoked.contains(&family) {
                return Err(format!("{act:?} refreshed a family that was revoked"));
            }
            self.families.insert(at, family);
            return Ok(());
        }
        if !self.is_proven(act, Some(user)) {
            return Err(format!(
                "{act:?} brought tokens without a proven first factor"
            ));
        }
        let first_alone = is_first_alone(act, pool) && !self.is_second(act);
        if first_alone && pool.rules.mfa == Mfa::On {
            return Err(format!("{act:?} brought tokens without a second factor"));
        }
        if let Act::DeviceProve { client, block, .. } = act {
            let second = self.asked.get(&(user, *client)) == Some(&true);
            let stands_in = pool.rules.devices.is_some_and(|rules| rules.replaces);
            if pool.rules.mfa == Mfa::On && !second && !stands_in {
                return Err(format!("{act:?} stood in for a second factor"));
            }
            if !self.blocks.insert(*block) {
                return Err(format!("{act:?} proved a device for the second time"));
            }
        }
        if first_alone && heeds_locks(act) && self.locked.contains(&(user, pool.now)) {
            return Err(format!("{act:?} let a user in who is locked"));
        }
        self.families.insert(at, at);
        Ok(())
    }

    /// A request led to a proof of the user's device.
    fn device_is_asked(
        &mut self,
        act: &Act,
        user: Option<At>,
        (pool, sure): (&Pool, bool),
    ) -> Result<(), String> {
        if sure && !self.is_proven(act, user) {
            return Err(format!(
                "{act:?} led to a proof of a device without a first factor"
            ));
        }
        let Some(client) = client_of_factor(act) else {
            return Err(format!("{act:?} led to a proof of a device"));
        };
        let second = !is_first_alone(act, pool) || self.is_second(act);
        match (user, sure) {
            (Some(user), true) => drop(self.asked.insert((user, client), second)),
            // Whoever it was: it may have been anybody.
            _ => {
                for user in pool.users.keys() {
                    self.asked.insert((*user, client), true);
                }
            }
        }
        Ok(())
    }

    /// A request of which the end got lost: it may have led to a proof of the user's device.
    fn may_ask_device(&mut self, act: &Act, user: Option<At>, pool: &Pool) {
        if let (Some(user), Some(client)) = (user, client_of_factor(act))
            && self.is_proven(act, Some(user))
        {
            let second = !is_first_alone(act, pool) || self.is_second(act);
            *self.asked.entry((user, client)).or_default() |= second;
        }
    }

    /// What counts once was not taken before.
    fn taken_once(&mut self, act: &Act, pool: &Pool) -> Result<(), String> {
        let again = |what: &str| {
            Err(format!(
                "{act:?} took {what} for the second time, or one that never was"
            ))
        };
        let code = match act {
            Act::ConfirmSignUp { code, .. }
            | Act::ConfirmForgotPassword { code, .. }
            | Act::Verify { code, .. }
            | Act::Respond {
                answer: Answer::Code(_, code) | Answer::FirstSms(code),
                ..
            } => Some(*code),
            _ => None,
        };
        match code {
            Some(Code::Sent(by, index)) if !self.codes.insert((by, index)) => {
                return again("a code");
            }
            Some(Code::Wrong) => return again("a code"),
            Some(Code::Sent(..)) | None => {}
        }
        let session = match act {
            Act::Respond { session, .. }
            | Act::SignedUp { session, .. }
            | Act::Associate(By::Session(session))
            | Act::VerifyToken(By::Session(session), _)
            | Act::CompletePasskey(_, session, ..) => Some(*session),
            _ => None,
        };
        if session.is_some_and(|session| !self.sessions.insert(session)) {
            return again("a Session");
        }
        let totp = match act {
            Act::VerifyToken(_, totp)
            | Act::Respond {
                answer: Answer::Totp(totp),
                ..
            } => Some(*totp),
            _ => None,
        };
        match totp {
            Some(Totp::Of(secret, ahead)) => {
                let step = (pool.now / 30).saturating_add_signed(ahead);
                let last = self.steps.insert(secret, step);
                if last.is_some_and(|last| step <= last) {
                    return again("a code of a software token");
                }
            }
            Some(Totp::Wrong) => return again("a code of a software token"),
            None => {}
        }
        if let Act::Refresh { client, token, .. } = act
            && let Some(grace) = pool.rules.clients[*client].rotation
        {
            let first = *self.used.entry(*token).or_insert(pool.now);
            if first != pool.now && pool.now >= first + grace {
                return again("a refresh token that was rotated");
            }
        }
        Ok(())
    }

    /// Remembers who was told to be locked.
    fn tries(&mut self, act: &Act, user: Option<At>, (told, sure): (&Told, bool), now: u64) {
        let Some(user) = user else { return };
        let unlocks = matches!(
            act,
            Act::AdminSetUserPassword { .. }
                | Act::AdminInviteAgain { .. }
                | Act::ConfirmForgotPassword { .. }
        );
        // Another first factor that was right forgives wrong passwords.
        let forgives = !heeds_locks(act) && told.is_ok();
        match told {
            Err((_, text)) if sure && text == "Password attempts exceeded" => {
                self.locked.insert((user, now));
            }
            _ if unlocks || forgives => {
                self.locked.remove(&(user, now));
            }
            _ => {}
        }
    }

    /// What a request changed for certain.
    fn changes(&mut self, (at, act): (At, &Act), user: Option<At>) {
        if let Some((user, password)) = sets(at, act, user) {
            self.passwords.insert(user, HashSet::from([password]));
        }
        match (act, user) {
            (Act::SignUp { .. }, _) => {
                self.unconfirmed.insert(at);
            }
            (Act::AdminDisableUser(_), Some(user)) => {
                self.disabled.insert(user);
            }
            (Act::Revoke { token, .. }, _) => self.revoked.extend(self.families.get(token)),
            (Act::RevokeSession(_, grant), _) => {
                self.revoked.insert(*grant);
            }
            (Act::ForgetDevice(_, device), _) => {
                self.forgotten.insert(*device);
            }
            _ => self.undo(act, user),
        }
    }

    /// What a request may have changed, or not; where its user was not there before, for anybody.
    fn may_change(&mut self, (at, act): (At, &Act), user: Option<At>) {
        if let Some((user, password)) = sets(at, act, user) {
            self.passwords.entry(user).or_default().insert(password);
        }
        if user.is_none() {
            let password = sets(at, act, Some(at)).map(|(_, password)| password);
            self.anybodys.extend(password);
            self.disabled.clear();
            self.unconfirmed.clear();
        }
        self.undo(act, user);
    }

    fn undo(&mut self, act: &Act, user: Option<At>) {
        let Some(user) = user else { return };
        match act {
            Act::AdminEnableUser(_) => {
                self.disabled.remove(&user);
            }
            Act::ConfirmSignUp { .. }
            | Act::AdminConfirmSignUp(_)
            | Act::ConfirmForgotPassword { .. }
            | Act::AdminSetUserPassword { .. } => {
                self.unconfirmed.remove(&user);
            }
            _ => {}
        }
    }

    /// Looks at a list of all users: whether two share what they sign in with.
    ///
    /// # Errors
    /// Two do.
    pub fn list(users: &str, names: Names) -> Result<(), String> {
        let mut taken = HashSet::new();
        for user in users.split("; ").filter(|user| !user.is_empty()) {
            let words: Vec<&str> = user.split(' ').collect();
            let has = |word: &str| words.contains(&word);
            let mut own = vec![words[0]];
            for (attribute, flag) in [
                ("email=", "email_verified=true"),
                ("phone_number=", "phone_number_verified=true"),
                ("preferred_username=", ""),
            ] {
                let counts = match names {
                    Names::Own => false,
                    Names::Addresses => !flag.is_empty(),
                    Names::Aliases => !flag.is_empty() && has(flag),
                };
                own.extend(
                    words
                        .iter()
                        .filter(|word| counts && word.starts_with(attribute)),
                );
            }
            for name in own {
                if !taken.insert(name) {
                    return Err(format!("two users share {name}: {users}"));
                }
            }
        }
        Ok(())
    }
}

/// Whether tokens that a request brings follow a first factor alone.
fn is_first_alone(act: &Act, pool: &Pool) -> bool {
    match act {
        Act::SignIn { .. }
        | Act::SrpAnswer { .. }
        | Act::UserAuth { .. }
        | Act::SignedUp { .. }
        | Act::Respond {
            answer:
                Answer::Select(_)
                | Answer::Custom(_)
                | Answer::NewPassword(_)
                | Answer::Password(_)
                | Answer::FirstSms(_)
                | Answer::Choice(_),
            ..
        } => true,
        Act::Respond {
            answer: Answer::Passkey(_, signed),
            ..
        } => {
            let both = pool.rules.passkeys.is_some_and(|rules| rules.both);
            !(both && *signed == Signed::Rightly(true))
        }
        _ => false,
    }
}

/// Whether the lock after wrong passwords concerns a first factor: not codes, a confirmed sign-up, or passkeys.
fn heeds_locks(act: &Act) -> bool {
    !matches!(
        act,
        Act::SignedUp { .. }
            | Act::Respond {
                answer: Answer::Code(..) | Answer::FirstSms(_) | Answer::Passkey(..),
                ..
            }
    )
}

/// The client of an act that shows a factor.
fn client_of_factor(act: &Act) -> Option<usize> {
    match act {
        Act::SignIn { client, .. }
        | Act::SrpAnswer { client, .. }
        | Act::UserAuth { client, .. }
        | Act::SignedUp { client, .. }
        | Act::Respond { client, .. } => Some(*client),
        _ => None,
    }
}

/// Whether an act begins a sign-in before anything was shown, or chooses a first factor.
fn begins_first(act: &Act) -> bool {
    matches!(
        act,
        Act::UserAuth { .. }
            | Act::SignedUp { .. }
            | Act::Respond {
                answer: Answer::Select(_),
                ..
            }
    )
}

/// The password that a request sets, and whose.
fn sets(at: At, act: &Act, user: Option<At>) -> Option<(At, Password)> {
    match act {
        Act::SignUp { password, .. } => Some((at, (*password)?)),
        Act::AdminCreateUser { password, .. } => {
            Some((at, password.unwrap_or(Password::Drawn(at))))
        }
        Act::AdminInviteAgain { password, .. } => {
            Some((user?, password.unwrap_or(Password::Drawn(at))))
        }
        Act::AdminSetUserPassword { password, .. }
        | Act::ConfirmForgotPassword { password, .. }
        | Act::Respond {
            answer: Answer::NewPassword(password),
            ..
        } => Some((user?, *password)),
        Act::ChangePassword { proposed, .. } => Some((user?, *proposed)),
        _ => None,
    }
}

/// The user that a request is about.
fn who(act: &Act, pool: &Pool) -> Option<At> {
    match act {
        Act::SrpAnswer { block, .. } => pool.blocks.get(block)?.who.ok(),
        Act::ChangePassword { bearer, .. } => {
            let (crate::act::Bearer::Access(at) | crate::act::Bearer::Id(at)) = bearer;
            Some(pool.grants.get(&pool.tokens.get(at)?.grant)?.user)
        }
        Act::Respond { session, .. } | Act::SignedUp { session, .. } => {
            pool.chains.get(&pool.sessions.get(session)?.0)?.who.ok()
        }
        _ => {
            let mut act = act.clone();
            let typed = *act.typed_mut()?;
            pool.find(typed)
        }
    }
}
