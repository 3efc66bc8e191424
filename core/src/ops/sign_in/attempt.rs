//! An attempt to sign in as a user: its records, read together, and what a verdict does to them.

use alloc::vec::Vec;

use userpool_ports::Key;

use super::{device::Named, proven};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run, Stop},
    model::{
        attempts::Attempts,
        factors::{Factor, Factors},
        keys,
        methods::{Aim, Methods},
        pool::Pool,
        sub::Sub,
        user::{Head, Password, Profile, Status},
    },
    ops::{
        parties::Party,
        protection::watch::{self, Whose},
        unknown,
    },
};

/// The records of a user that a sign-in reads.
#[derive(Clone)]
pub(crate) struct Attempt {
    pub head: Held<Head>,
    pub profile: Held<Profile>,
    pub password: Held<Password>,
    pub attempts: Held<Attempts>,
    /// The second factors, if the user ever had any.
    pub factors: Option<Held<Factors>>,
    /// The device that the sign-in names, if the user has it.
    pub device: Option<Named>,
    /// What is judged first.
    pub first: FirstFactor,
    /// Whether the password is known from a breach, if that was found out.
    pub breached: Option<bool>,
    /// What was shown before this, and the level that was asked for.
    pub aim: Aim,
}

/// What a sign-in is judged by first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FirstFactor {
    /// The password, or a proof that it is known.
    Password,
    /// The answers to custom challenges.
    Custom,
    /// A code, a passkey, or a sign-up that was confirmed just now.
    Other,
}

impl Attempt {
    /// Reads the records of a user.
    ///
    /// # Errors
    /// Stops the run until they are there.
    pub fn load(cx: &mut Cx<'_>, pool: &Pool, head: Held<Head>) -> Run<Self> {
        cx.once(|cx| {
            let reads = cx.once(|_| Ok(Self::reads(pool, &head.sub)))?;
            cx.want(&reads)?;
            Self::read(cx, &reads, head)
        })
    }

    /// Reads the records of the user of an id; `None` where there is no such user.
    ///
    /// # Errors
    /// Stops the run until they are there.
    pub fn of(cx: &mut Cx<'_>, pool: &Pool, sub: &Sub) -> Run<Option<Self>> {
        cx.once(|cx| {
            let reads = cx.once(|_| Ok(Self::reads(pool, sub)))?;
            cx.want(&reads)?;
            match cx.get::<Head>(&reads[0])? {
                Some(head) => Self::read(cx, &reads, head).map(Some),
                None => Ok(None),
            }
        })
    }

    /// What is read of a user who signs in, and for the tokens: head, profile, password, attempts, the signing keys
    /// of the pool, the groups, and the second factors.
    pub fn reads(pool: &Pool, sub: &Sub) -> [Key; 7] {
        [
            keys::head(&pool.id, sub),
            keys::profile(&pool.id, sub),
            keys::password(&pool.id, sub),
            keys::attempts(&pool.id, sub),
            keys::signing_keys(&pool.id),
            keys::memberships(&pool.id, sub),
            keys::factors(&pool.id, sub),
        ]
    }

    fn read(cx: &mut Cx<'_>, reads: &[Key; 7], head: Held<Head>) -> Run<Self> {
        let torn = || Stop::torn("a user who signs in");
        Ok(Self {
            head,
            profile: cx.get(&reads[1])?.ok_or_else(torn)?,
            password: cx.get(&reads[2])?.ok_or_else(torn)?,
            attempts: cx.get(&reads[3])?.ok_or_else(torn)?,
            factors: cx.get(&reads[6])?,
            device: None,
            first: FirstFactor::Password,
            breached: None,
            aim: Aim::default(),
        })
    }

    /// What was shown once the first factor was right.
    pub fn shown(&self) -> Aim {
        match self.first {
            FirstFactor::Password => self.aim.with(Methods::PASSWORD),
            FirstFactor::Custom | FirstFactor::Other => self.aim,
        }
    }

    /// The second factors that the user has, switched on or not.
    pub fn seconds(&self, party: &Party) -> Vec<Factor> {
        let none = Factors::default();
        let factors = self.factors.as_deref().unwrap_or(&none);
        factors.held(&party.pool, &self.profile)
    }

    /// Refuses during a lock; nothing is compared, counted or changed then.
    ///
    /// # Errors
    /// `NotAuthorizedException`.
    pub fn check_lock(&self, cx: &Cx<'_>) -> Result<(), Refusal> {
        if self.attempts.is_locked(cx.now()) {
            Err(unknown::locked())
        } else {
            Ok(())
        }
    }

    /// Refuses after a right password, once it is certain that it was tried in time; it may be sent again.
    pub fn refused(&self, cx: &mut Cx<'_>, refusal: Refusal) -> Stop {
        cx.check(&self.head);
        cx.check(&self.attempts);
        cx.counted(refusal)
    }

    /// Counts a wrong password; the refusal to return. Whoever has none and must reset it is told so, where the client
    /// tells.
    pub fn wrong(&self, cx: &mut Cx<'_>, party: &Party) -> Stop {
        if let Err(stop) = watch::wrong(cx, party, Whose::User(&self.head.sub), self.first) {
            return stop;
        }
        cx.check(&self.head);
        cx.update(&self.attempts, &self.attempts.failed(cx.now()));
        let has_none = self.password.current.is_none();
        cx.counted(
            match has_none && self.head.status == Status::ResetRequired {
                true => proven::to_be_reset(party),
                false => incorrect(),
            },
        )
    }
}

/// The refusal of a wrong password, and of whatever must look like one.
pub(crate) fn incorrect() -> Refusal {
    Refusal::new(
        RefusalKind::NotAuthorized,
        "Incorrect username or password.",
    )
}
