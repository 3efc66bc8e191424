//! An attempt to sign in as a user: its records, read together, and what a verdict does to them.

use userpool_ports::Key;

use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run, Stop},
    model::{
        attempts::Attempts,
        keys,
        pool::Pool,
        sub::Sub,
        user::{Head, Password, Profile},
    },
    ops::unknown,
};

/// The records of a user that a sign-in reads.
pub(crate) struct Attempt {
    pub head: Held<Head>,
    pub profile: Held<Profile>,
    pub password: Held<Password>,
    pub attempts: Held<Attempts>,
}

/// The keys of a user's sign-in records besides the head, of the pool's signing keys, and of the user's groups.
pub(crate) fn attempt_keys(pool: &Pool, sub: &Sub) -> [Key; 5] {
    [
        keys::profile(&pool.id, sub),
        keys::password(&pool.id, sub),
        keys::attempts(&pool.id, sub),
        keys::signing_keys(&pool.id),
        keys::memberships(&pool.id, sub),
    ]
}

impl Attempt {
    /// Reads the records of a user.
    ///
    /// # Errors
    /// Stops the run until they are there.
    pub fn load(cx: &mut Cx<'_>, pool: &Pool, head: Held<Head>) -> Run<Self> {
        let found = attempt_keys(pool, &head.sub);
        cx.want(&found)?;
        let [profile, password, attempts, ..] = found;
        Ok(Self {
            head,
            profile: cx
                .get(&profile)?
                .ok_or_else(|| Stop::torn("the profile of a user"))?,
            password: cx
                .get(&password)?
                .ok_or_else(|| Stop::torn("the password of a user"))?,
            attempts: cx
                .get(&attempts)?
                .ok_or_else(|| Stop::torn("the attempts of a user"))?,
        })
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

    /// Counts a wrong password; the refusal to return.
    pub fn wrong(&self, cx: &mut Cx<'_>) -> Stop {
        cx.check(&self.head);
        cx.update(&self.attempts, &self.attempts.failed(cx.now()));
        cx.counted(incorrect())
    }
}

/// The refusal of a wrong password, and of whatever must look like one.
pub(crate) fn incorrect() -> Refusal {
    Refusal::new(
        RefusalKind::NotAuthorized,
        "Incorrect username or password.",
    )
}
