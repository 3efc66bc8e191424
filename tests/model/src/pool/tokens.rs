//! Tokens: given out, checked, renewed, revoked.

use super::{
    At, Course, DAY, Grant, Out, Status, Tokens, disabled, listed, no_user, sign_in::reset_required,
};
use crate::{
    act::{Bearer, Renewal},
    told::{Refusal, invalid, refuse, unauthorized},
};

/// How long access tokens live.
const ACCESS: u64 = 3_600;
/// How long refresh tokens live.
const REFRESH: u64 = 30 * DAY;

impl Course {
    /// Opens a grant and gives out its tokens, with the key of a new device where none is named.
    pub(super) fn grant(&mut self, client: usize, user: At) -> String {
        let (at, now) = (self.at, self.now());
        let address = self.pool.address();
        if let Some(device) = self.device
            && let Some(device) = self.user(user).devices.get_mut(&device)
        {
            (device.authenticated, device.address) = (now, address);
            device.tries.right();
        }
        let is_new = self.device.is_none() && self.pool.rules.devices.is_some();
        let sign_outs = self.pool.users[&user].sign_outs;
        let grant = Grant {
            client,
            user,
            sign_outs,
            generation: 0,
            rotated: now,
            revoked: false,
            ends: now + REFRESH,
            kept: now + REFRESH,
            made: now,
            device: self.device.or_else(|| is_new.then_some(at)),
            device_is_new: is_new,
        };
        self.pool.grants.insert(at, grant);
        self.session_begins(user, at);
        let new = if is_new { " new device" } else { "" };
        self.give(at, Some(0)) + new
    }

    fn give(&mut self, grant: At, refresh: Option<u32>) -> String {
        let (at, made) = (self.at, self.now());
        let user = self.pool.grants[&grant].user;
        self.pool.tokens.insert(
            at,
            Tokens {
                grant,
                made,
                refresh,
            },
        );
        let with = if refresh.is_some() {
            "refresh"
        } else {
            "no refresh"
        };
        let groups = self.standing(user).join(",");
        let device = self.pool.grants[&grant].device;
        let on = device.map_or_else(String::new, |device| format!(" on #{device}"));
        format!(
            "tokens {} groups=[{groups}] {with}{on}",
            self.pool.called(user)
        )
    }

    /// The user of an access token, and the grant that it came from.
    pub(super) fn authorize(&self, bearer: Bearer) -> Result<(At, At), Refusal> {
        let Bearer::Access(act) = bearer else {
            return Err(unauthorized("Invalid Access Token"));
        };
        let Some(tokens) = self.pool.tokens.get(&act) else {
            return Err(unauthorized("Invalid Access Token"));
        };
        if self.now() >= tokens.made + ACCESS {
            return Err(unauthorized("Access Token has expired"));
        }
        let grant = &self.pool.grants[&tokens.grant];
        let user = self.pool.users.get(&grant.user).ok_or_else(no_user)?;
        if !user.enabled {
            return Err(disabled());
        }
        if grant.revoked || grant.sign_outs != user.sign_outs {
            return Err(unauthorized("Access Token has been revoked"));
        }
        Ok((grant.user, tokens.grant))
    }

    pub(super) fn get_user(&self, bearer: Bearer) -> Out {
        let (at, _) = self.authorize(bearer)?;
        let attributes = listed(at, &self.pool.effective(at));
        let user = &self.pool.users[&at];
        Ok(format!(
            "{} {attributes}{}",
            self.pool.called(at),
            user.factors_shown()
        ))
    }

    pub(super) fn global_sign_out(&mut self, bearer: Bearer) -> Out {
        let (at, _) = self.authorize(bearer)?;
        self.user(at).sign_outs += 1;
        Ok(String::new())
    }

    /// The grant and generation of a refresh token that an act brought.
    fn refresh_token(&self, act: At) -> Option<(At, u32)> {
        let tokens = self.pool.tokens.get(&act)?;
        Some((tokens.grant, tokens.refresh?))
    }

    pub(super) fn refresh(&mut self, client: usize, token: At, renewal: Renewal) -> Out {
        let (now, rotation) = (self.now(), self.pool.rules.clients[client].rotation);
        if renewal == Renewal::Flow && rotation.is_some() {
            return Err(invalid(
                "REFRESH_TOKEN_AUTH flow not enabled for this client",
            ));
        }
        let no_token = || unauthorized("Invalid Refresh Token");
        let (id, generation) = self.refresh_token(token).ok_or_else(no_token)?;
        let grant = self.pool.grants[&id].clone();
        if grant.client != client {
            return Err(no_token());
        }
        let user = self.pool.users.get(&grant.user).ok_or_else(no_user)?;
        if now >= grant.ends {
            return Err(unauthorized("Refresh Token has expired"));
        }
        if !user.enabled {
            return Err(disabled());
        }
        if user.status == Status::Reset {
            return Err(reset_required());
        }
        if grant.revoked || grant.sign_outs != user.sign_outs {
            return Err(unauthorized("Refresh Token has been revoked"));
        }
        let known = self
            .from
            .is_some_and(|from| user.devices.contains_key(&from));
        let fits = match self.pool.rules.devices {
            Some(_) => grant.device == self.from && known,
            None => self.from.is_none(),
        };
        if !fits {
            return Err(no_token());
        }
        let current = grant.generation;
        let goes_on = match rotation {
            None => generation == current,
            Some(grace) => {
                let again = generation + 1 == current && now < grant.rotated + grace;
                generation == current || again
            }
        };
        if goes_on {
            self.session_goes_on(grant.user, id);
        }
        let kept = grant.kept.max(now + ACCESS);
        let grant = Grant { kept, ..grant };
        if let (true, Some(held)) = (goes_on, self.pool.grants.get_mut(&id)) {
            held.kept = kept;
        }
        match rotation {
            None if generation == current => Ok(self.give(id, None)),
            Some(_) if generation == current => {
                self.pool.grants.insert(
                    id,
                    Grant {
                        generation: current + 1,
                        rotated: now,
                        ..grant
                    },
                );
                Ok(self.give(id, Some(current + 1)))
            }
            Some(grace) if generation + 1 == current && now < grant.rotated + grace => {
                Ok(self.give(id, Some(current)))
            }
            _ => {
                self.pool.grants.insert(
                    id,
                    Grant {
                        revoked: true,
                        ..grant
                    },
                );
                let text = "Refresh Token has been used before";
                Err(refuse("RefreshTokenReuse", text).counted())
            }
        }
    }

    pub(super) fn revoke(&mut self, client: usize, token: At) -> Out {
        let Some((id, _)) = self.refresh_token(token) else {
            return Ok(String::new());
        };
        if self.pool.grants[&id].client != client {
            let text = "The client is not authorized to revoke this token";
            return Err(refuse("Unauthorized", text));
        }
        if let Some(grant) = self.pool.grants.get_mut(&id) {
            grant.revoked = true;
        }
        Ok(String::new())
    }
}
