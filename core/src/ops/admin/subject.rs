//! The user that an administrator's request is about, with the records that the operation reads.

use alloc::vec::Vec;

use userpool_ports::Key;

use crate::{
    engine::{Cx, Held, Run, Stop},
    model::{
        attempts::Attempts,
        keys,
        pool::Pool,
        sub::Sub,
        user::{Head, Password, Profile},
    },
    ops::{directory, parties},
};

/// A user and the pool.
#[derive(Clone)]
pub(crate) struct Subject {
    pub pool: Held<Pool>,
    pub head: Held<Head>,
    pub profile: Held<Profile>,
}

impl Subject {
    /// Reads the user of a name: head, profile and the rest in one round trip, so that they are of one moment. `also`
    /// are the keys of further records that the operation will read.
    ///
    /// # Errors
    /// Refuses, in this order: unknown pool, unknown user.
    pub fn load(
        cx: &mut Cx<'_>,
        pool_id: &str,
        typed: &str,
        also: &[fn(&str, &Sub) -> Key],
    ) -> Run<Self> {
        cx.once(|cx| {
            let pool = parties::pool(cx, pool_id)?;
            let own = |sub: &Sub| -> Vec<Key> {
                let also = also.iter().map(|key| key(&pool.id, sub));
                also.chain([keys::head(&pool.id, sub), keys::profile(&pool.id, sub)])
                    .collect()
            };
            // A typed id leads to the records at once.
            let at_once = Sub::parse(typed).map_or_else(Vec::new, |sub| own(&sub));
            let sub = parties::sub_beside(cx, &pool, typed, &at_once)?;
            let sub = sub.ok_or_else(parties::no_user)?;
            cx.want(&own(&sub))?;
            let head = cx
                .get::<Head>(&keys::head(&pool.id, &sub))?
                .ok_or_else(parties::no_user)?;
            let profile = cx
                .get::<Profile>(&keys::profile(&pool.id, &sub))?
                .ok_or_else(|| Stop::torn("the profile of a user"))?;
            Ok(Self {
                pool,
                head,
                profile,
            })
        })
    }

    /// The password of the user.
    ///
    /// # Errors
    /// Stops the run until it is there.
    pub fn password(&self, cx: &mut Cx<'_>) -> Run<Held<Password>> {
        let key = keys::password(&self.pool.id, &self.head.sub);
        let password = cx.get::<Password>(&key)?;
        password.ok_or_else(|| Stop::torn("the password of a user"))
    }

    /// Writes the head, with the time of the change, and the indexes that follow from it.
    ///
    /// # Errors
    /// Stops the run until the index entries to remove are there.
    pub fn write(&self, cx: &mut Cx<'_>, becomes: Head) -> Run<Head> {
        let becomes = Head {
            modified: cx.now(),
            ..becomes
        };
        let (was, profile) = (&self.head, &self.profile);
        directory::reindex(cx, &self.pool, (was, profile), (&becomes, profile))?;
        cx.update(was, &becomes);
        Ok(becomes)
    }

    /// Forgets the wrong passwords of the user: they were about a password that is gone.
    ///
    /// # Errors
    /// Stops the run until the record is there.
    pub fn forget_failures(&self, cx: &mut Cx<'_>) -> Run<()> {
        let key = keys::attempts(&self.pool.id, &self.head.sub);
        if let Some(attempts) = cx.get::<Attempts>(&key)?
            && let Some(cleared) = attempts.succeeded()
        {
            cx.update(&attempts, &cleared);
        }
        Ok(())
    }
}
