//! New tokens for a refresh token: the flows `REFRESH_TOKEN_AUTH` and `REFRESH_TOKEN`, and
//! GetTokensFromRefreshToken.

use alloc::{collections::BTreeMap, string::String, sync::Arc, vec::Vec};

use userpool_wire::idp::{
    AuthenticationResultType, GetTokensFromRefreshTokenRequest, GetTokensFromRefreshTokenResponse,
};

use super::{
    client_secret,
    issue::{self, LiveGrant, RefreshPart},
    refresh_token::Reference,
};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run, Stop},
    model::{
        device::{Device, DeviceId},
        grant::{Grant, Refresh},
        keys,
        names::lower,
        signing::SigningKeys,
        user::{Head, Profile, Status},
    },
    ops::{
        groups::memberships,
        parties::{self, Party, no_user, prove_client, required},
        sessions::track,
        triggers::token_generation::{Changes, Occasion},
        user_type,
    },
};

/// The flow `REFRESH_TOKEN_AUTH` of InitiateAuth and AdminInitiateAuth.
///
/// `SECRET_HASH` may be over the user name, the `sub`, or any alias of the user.
///
/// Refusals, in this order: flow not allowed for the client, no refresh token, no secret hash, no refresh token
/// of this client, user gone, wrong secret hash, expired, user disabled, password to be reset, revoked, another
/// device, used before (counted: the family is revoked), the trigger before tokens.
///
/// # Errors
/// Refuses as said; stops the run until everything is read, written and signed.
pub(crate) fn refresh_flow(
    cx: &mut Cx<'_>,
    party: &Party,
    auth_parameters: Option<&BTreeMap<String, String>>,
) -> Run<AuthenticationResultType> {
    if !party.client.flows.refresh {
        return Err(Refusal::new(
            RefusalKind::InvalidParameter,
            "REFRESH_TOKEN_AUTH flow not enabled for this client",
        )
        .into());
    }
    let text = required(auth_parameters, "REFRESH_TOKEN")?;
    let optional = |name: &str| Some(auth_parameters?.get(name)?.as_str());
    let hash = optional("SECRET_HASH");
    if hash.is_none() {
        prove_client(cx, &party.client, None, &[])?;
    }
    let sent = Sent::load(cx, party, text, optional("DEVICE_KEY"))?;
    if hash.is_some() {
        let names = sent.names(party);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        prove_client(cx, &party.client, hash, &names)?;
    }
    sent.exchange(cx, party)
}

/// New tokens for a refresh token; with rotation also a new refresh token.
///
/// Refusals, in this order: unknown client, secret missing or wrong, no refresh token of this client, user gone,
/// expired, user disabled, password to be reset, revoked, another device, used before (counted: the family is
/// revoked), the trigger before tokens.
///
/// # Errors
/// Refuses as said; stops the run until everything is read, written and signed.
pub fn get_tokens_from_refresh_token(
    cx: &mut Cx<'_>,
    req: &GetTokensFromRefreshTokenRequest,
) -> Run<GetTokensFromRefreshTokenResponse> {
    let party = parties::client(cx, &req.client_id)?.saying(req.client_metadata.as_deref());
    let secret = req.client_secret.as_ref().map(|secret| secret.as_str());
    client_secret::prove(cx, &party.client, secret)?;
    let device = req.device_key.as_deref();
    let sent = Sent::load(cx, &party, &req.refresh_token, device)?;
    let result = sent.exchange(cx, &party)?;
    Ok(GetTokensFromRefreshTokenResponse {
        authentication_result: Some(result),
    })
}

/// A refresh token that was sent, with what it leads to.
#[derive(Clone)]
pub(crate) struct Sent {
    reference: Reference,
    head: Held<Head>,
    profile: Held<Profile>,
    grant: Option<Held<Grant>>,
    keys: Option<Held<SigningKeys>>,
    /// The key of the device that it was sent from, as the request says.
    from: Option<String>,
    /// That device, if the user has it.
    device: Option<Held<Device>>,
}

impl Sent {
    /// What a text leads to, sent from the device of this key.
    ///
    /// # Errors
    /// Refuses a text that is no refresh token of the client, and a user who is gone.
    pub(crate) fn load(
        cx: &mut Cx<'_>,
        party: &Party,
        text: &str,
        from: Option<&str>,
    ) -> Run<Self> {
        cx.once(|cx| {
            let pool = &party.pool.id;
            let reference = cx.once(|cx| {
                Ok(Reference::open(text, pool, &cx.environment().root_keys)
                    .filter(|reference| reference.client == party.client.id)
                    .ok_or_else(invalid)?)
            })?;
            let sub = &reference.sub;
            let head_key = keys::head(pool, sub);
            let profile_key = keys::profile(pool, sub);
            let grant_key = keys::grant(pool, sub, &reference.grant);
            let keys_key = keys::signing_keys(pool);
            let groups_key = keys::memberships(pool, sub);
            let device = from.and_then(|key| DeviceId::parse(&party.pool, key));
            let device_key = device.map(|device| keys::device(pool, sub, &device));
            // Read later, the list could lack what has ended since, and the exchange would be noted nowhere.
            let tracked = party.pool.rules.sessions.tracked;
            let sessions_key = tracked.then(|| keys::sessions(pool, sub));
            let own = [&head_key, &profile_key, &grant_key, &keys_key, &groups_key];
            cx.want(own.into_iter().chain(&device_key).chain(&sessions_key))?;
            let head = cx.get::<Head>(&head_key)?.ok_or_else(no_user)?;
            Ok(Self {
                head,
                profile: cx
                    .get(&profile_key)?
                    .ok_or_else(|| Stop::torn("the profile of a user"))?,
                grant: cx.get(&grant_key)?,
                keys: cx.get(&keys_key)?,
                from: from.map(Into::into),
                device: match &device_key {
                    Some(key) => cx.get(key)?,
                    None => None,
                },
                reference,
            })
        })
    }

    /// Every name that the client may know the user by.
    fn names(&self, party: &Party) -> Vec<String> {
        let mut names = Vec::with_capacity(8);
        names.push(alloc::string::ToString::to_string(&self.head.sub));
        names.push(self.head.username.clone());
        for kind in parties::alias_kinds(&party.pool) {
            names.extend(self.profile.attributes.get(kind.attribute()).cloned());
        }
        if !party.pool.rules.case_sensitive {
            for at in 0..names.len() {
                let folded = lower(&names[at]);
                if folded != names[at] {
                    names.push(folded);
                }
            }
        }
        names
    }

    /// The new tokens, once what the exchange changes has landed.
    ///
    /// # Errors
    /// As those of the flow `REFRESH_TOKEN_AUTH` that follow the proof of the client.
    pub(crate) fn exchange(&self, cx: &mut Cx<'_>, party: &Party) -> Run<AuthenticationResultType> {
        let (live, part, changes) = cx.once(|cx| self.live_grant(cx, party))?;
        issue::tokens(cx, party, &self.head, &live, part, changes.as_deref())
    }

    /// Refuses where the pool tracks devices and this one is not the confirmed device that the grant is for.
    fn check_device(&self, party: &Party, grant: &Grant) -> Result<(), Refusal> {
        if grant.hosted {
            return Ok(());
        }
        let same = grant.device == self.from;
        match party.pool.rules.devices {
            Some(_) if same && self.device.is_some() => Ok(()),
            None if same || grant.device.is_none() => Ok(()),
            Some(_) | None => Err(invalid()),
        }
    }

    /// The grant as the exchange leaves it, landed, whether the answer carries a refresh token, and what a trigger
    /// changes of the tokens. It is asked before anything lands: where it refuses, the client keeps a refresh
    /// token that is good.
    fn live_grant(
        &self,
        cx: &mut Cx<'_>,
        party: &Party,
    ) -> Run<(LiveGrant, RefreshPart, Option<Arc<Changes>>)> {
        let Self {
            reference, head, ..
        } = self;
        let (client, now) = (&party.client, cx.now());
        if now >= reference.expires {
            return Err(refuse("Refresh Token has expired").into());
        }
        if !head.enabled {
            return Err(refuse("User is disabled.").into());
        }
        if head.status == Status::ResetRequired {
            return Err(Refusal::new(
                RefusalKind::PasswordResetRequired,
                "Password reset required for the user",
            )
            .into());
        }
        let grant = match &self.grant {
            Some(grant) if !grant.is_revoked(head) => grant,
            _ => return Err(refuse("Refresh Token has been revoked").into()),
        };
        self.check_device(party, grant)?;
        let (next, part) = match grant.refresh(reference.generation, client, now) {
            Refresh::Stays => (grant.value().as_ref().clone(), RefreshPart::Absent),
            Refresh::Repeats => (grant.value().as_ref().clone(), RefreshPart::Current),
            Refresh::Rotates(next) => (next, RefreshPart::Current),
            Refresh::Replayed(revoked) => {
                cx.check(head);
                cx.update_until(grant, &revoked, Some(revoked.ends));
                return Err(cx.counted(reused()));
            }
            Refresh::Unknown => return Err(invalid().into()),
        };
        let standing = memberships::standing(cx, &party.pool.id, &head.sub)?;
        let attributes = user_type::effective(cx, &party.pool, &head.sub, &self.profile)?;
        let live = LiveGrant {
            id: reference.grant,
            grant: next.kept_for_access(client, now),
            keys: self.keys.as_ref().map(|held| held.value().clone()),
            standing,
            attributes: Arc::new(attributes),
            new_device: None,
            nonce: None,
        };
        let changes = issue::changes(cx, party, head, &live, Occasion::Refresh)??;
        let noted = track::went_on(cx, party, head, &live.id, &live.grant)?;
        if noted || live.grant != **grant {
            cx.check(head);
            if let Some(device) = &self.device {
                cx.check(device);
            }
            cx.update_until(grant, &live.grant, Some(live.grant.ends));
            cx.land()?;
        }
        Ok((live, part, changes))
    }
}

fn refuse(text: &'static str) -> Refusal {
    Refusal::new(RefusalKind::NotAuthorized, text)
}

fn invalid() -> Refusal {
    refuse("Invalid Refresh Token")
}

fn reused() -> Refusal {
    Refusal::new(
        RefusalKind::RefreshTokenReuse,
        "Refresh Token has been used before",
    )
}
