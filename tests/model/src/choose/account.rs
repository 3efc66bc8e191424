//! What users do about their devices, sessions and passkeys, and what administrators do about these.

use userpool_tests::chance::Chance;

use super::Chooser;
use crate::{
    act::{
        Act, At, Bearer, Context, First, Kind, Of, Password, Renewal, Setting, Signed, Typed, Way,
    },
    pool::{Chain, User, devices::MOST},
    rules::{
        ADDRESSES, AGENTS, ClientRules, Consequence, DEVICES, EMAILS, GROUPS, Mfa, NAMES, Names,
        Recovery, Risk, Rules, SAID,
    },
};

/// How many credentials are in play.
const CREDENTIALS: usize = 4;

/// What happens first where somebody has as many devices as may be: a sign-in from each, and one more.
#[must_use]
pub fn crowd(rules: &Rules) -> Vec<Act> {
    if !rules.crowded {
        return Vec::new();
    }
    let (client, password) = (0, Password::Known(0));
    let name = match rules.names {
        Names::Addresses => EMAILS[0],
        Names::Own | Names::Aliases => NAMES[0],
    };
    let typed = Typed::Text(name);
    let mut acts = vec![
        Act::AdminCreateUser {
            name,
            password: Some(password),
            values: Vec::new(),
            force: false,
            quiet: true,
        },
        Act::AdminSetUserPassword {
            typed,
            password,
            permanent: true,
        },
    ];
    for number in 0..=MOST {
        // An act has the number of its place, odd numbers alone.
        let at = 2 * acts.len() as At + 1;
        acts.push(Act::SignIn {
            client,
            typed,
            password,
            way: Way::User,
        });
        acts.push(Act::ConfirmDevice(Bearer::Access(at), at));
        if number % 3 == 0 {
            acts.push(Act::Wait(1));
        }
    }
    acts
}

impl Chooser<'_> {
    /// A request of a sign-in, from a device now and then, by an administrator's server now and then.
    pub(super) fn sent(&mut self, act: Act) -> Act {
        let named = match self.pool.rules.devices {
            Some(_) => self.device_for(&act),
            None => None,
        };
        let act = match named {
            Some(device) => Act::From(device, Box::new(act)),
            None => act,
        };
        let plain = match act.plain() {
            Act::Refresh { renewal, .. } => *renewal == Renewal::Flow,
            Act::SignIn { .. } => false,
            _ => true,
        };
        match plain && self.chance.happens(1, 10) {
            true => Act::Server(Box::new(act)),
            false => act,
        }
    }

    fn device_for(&mut self, act: &Act) -> Option<At> {
        if let Act::Refresh { token, .. } = act {
            let grant = self.pool.tokens.get(token)?.grant;
            let own = self.pool.grants[&grant].device;
            return own.filter(|_| self.chance.happens(9, 10));
        }
        let likely = match act {
            Act::Respond { .. } | Act::SrpAnswer { .. } => 1,
            _ => 3,
        };
        if !self.chance.happens(likely, 5) {
            return None;
        }
        let mut act = act.clone();
        let at = act.typed_mut().and_then(|typed| self.pool.find(*typed));
        self.device(at)
    }

    /// A device, mostly one of this user.
    fn device(&mut self, at: Option<At>) -> Option<At> {
        let user = at.and_then(|at| self.pool.users.get(&at));
        let own = user.map(|user| user.devices.keys().copied().collect::<Vec<At>>());
        if let Some(own) = own.filter(|own| !own.is_empty())
            && self.chance.happens(9, 10)
        {
            return Some(*self.chance.pick(&own));
        }
        if !self.chance.happens(1, 4) {
            return None;
        }
        let grants = self.pool.grants.values().rev();
        let any: Vec<At> = grants.filter_map(|grant| grant.device).take(6).collect();
        match any.is_empty() {
            true => None,
            false => Some(*self.chance.pick(&any)),
        }
    }

    fn of(&mut self) -> (Of, Option<At>) {
        if self.chance.happens(1, 3) {
            let typed = self.typed();
            return (Of::Admin(typed), self.pool.find(typed));
        }
        let bearer = self.bearer();
        (Of::User(bearer), self.grant_of(bearer).map(|it| it.user))
    }

    fn grant_of(&self, bearer: Bearer) -> Option<crate::pool::Grant> {
        let (Bearer::Access(at) | Bearer::Id(at)) = bearer;
        let grant = self.pool.tokens.get(&at)?.grant;
        self.pool.grants.get(&grant).cloned()
    }

    /// Something about devices, if there are any.
    pub(super) fn devices(&mut self) -> Option<Act> {
        let rare = self.pool.rules.devices.is_none();
        if rare && !self.chance.happens(1, 20) {
            return None;
        }
        let bearer = self.bearer();
        let new = self.grant_of(bearer).filter(|grant| grant.device_is_new);
        if let Some(device) = new.and_then(|grant| grant.device)
            && self.chance.happens(2, 3)
        {
            return Some(Act::ConfirmDevice(bearer, device));
        }
        let (of, at) = self.of();
        if self.chance.happens(1, 4) {
            return Some(Act::ListDevices(of));
        }
        let device = self.device(at)?;
        Some(match self.chance.below(9) {
            0 => Act::ConfirmDevice(bearer, device),
            1 | 2 => Act::GetDevice(of, device),
            3 => Act::ForgetDevice(of, device),
            _ => {
                let word = *self
                    .chance
                    .pick(&[Some(true), Some(true), Some(false), None]);
                Act::UpdateDevice(of, device, word)
            }
        })
    }

    /// The next request of a device that proves itself.
    pub(super) fn prove_device(&mut self, session: At, chain: &Chain) -> Option<Act> {
        let device = chain.device?;
        let at = chain.who.ok()?;
        let user: User = self.pool.users.get(&at)?.clone();
        let (client, typed) = (chain.client, self.called(at, &user));
        let blocks = self.pool.device_blocks.iter().rev();
        let block = blocks
            .filter(|it| it.1.of == (at, device))
            .map(|it| *it.0)
            .next();
        let session = Some(session).filter(|_| self.chance.happens(1, 2));
        Some(match block.filter(|_| self.chance.happens(3, 4)) {
            Some(block) => Act::DeviceProve {
                client,
                typed,
                device,
                block,
                session,
                right: self.chance.happens(2, 3),
            },
            None => Act::DeviceBegin {
                client,
                typed,
                device,
                session,
            },
        })
    }

    /// Something about sessions.
    pub(super) fn sessions(&mut self) -> Act {
        let (of, at) = self.of();
        match self.chance.below(16) {
            0 | 1 => {
                let tracked = self.chance.happens(4, 5);
                Act::SetSessions(tracked, *self.chance.pick(&[1, 2, 2, 3, 20]))
            }
            2 => Act::GetSessions,
            3 => {
                let client = self.client();
                Act::SetClientSession(client, *self.chance.pick(&[0, 60, 600]))
            }
            4 => Act::GetClientSession(self.client()),
            5..11 => {
                let grants = self.pool.grants.iter().rev();
                let own = grants.filter(|it| Some(it.1.user) == at && !it.1.revoked);
                let own: Vec<At> = own.map(|it| *it.0).take(4).collect();
                match own.is_empty() {
                    true => Act::ListSessions(of),
                    false => Act::RevokeSession(of, *self.chance.pick(&own)),
                }
            }
            _ => Act::ListSessions(of),
        }
    }

    /// Something about passkeys, if the pool has any.
    pub(super) fn passkeys(&mut self) -> Option<Act> {
        if self.pool.rules.passkeys.is_none() && !self.chance.happens(1, 20) {
            return None;
        }
        let bearer = self.bearer();
        let at = self.grant_of(bearer).map(|it| it.user);
        let user = at.and_then(|at| self.pool.users.get(&at).cloned());
        let key = self.chance.below(CREDENTIALS) as u8;
        let waits = user.as_ref().and_then(|user| user.registration.clone());
        let waits = waits.filter(|it| self.pool.now < it.ends || self.chance.happens(1, 4));
        Some(match (waits, self.chance.below(8)) {
            (Some(waits), 0..6) => Act::CompletePasskey(bearer, waits.by, key, self.signed()),
            (None, 0..6) => Act::StartPasskey(bearer),
            (_, 6) => Act::DeletePasskey(bearer, self.credential(user.as_ref())),
            _ => Act::ListPasskeys(bearer),
        })
    }

    /// A credential, mostly one of this user.
    pub(super) fn credential(&mut self, user: Option<&User>) -> u8 {
        let own: Vec<u8> =
            user.map_or_else(Vec::new, |user| user.passkeys.keys().copied().collect());
        match own.is_empty() || self.chance.happens(1, 8) {
            true => self.chance.below(CREDENTIALS) as u8,
            false => *self.chance.pick(&own),
        }
    }

    pub(super) fn signed(&mut self) -> Signed {
        let rightly = Signed::Rightly(true);
        *self.chance.pick(&[
            rightly,
            rightly,
            rightly,
            rightly,
            Signed::Rightly(false),
            Signed::Rightly(false),
            Signed::ToAnother,
            Signed::Elsewhere,
            Signed::Again,
        ])
    }

    /// A first factor to begin with.
    pub(super) fn first(&mut self, user: Option<&User>) -> First {
        let password = match user {
            Some(user) => self.password_of(user),
            None => self.any_password(),
        };
        let rules = self.pool.rules;
        let mut all = vec![
            First::Password(Some(password)),
            First::Password(None),
            First::Srp(true),
            First::Srp(false),
            First::Open,
        ];
        for (first, likely) in [
            (First::Code(Kind::Email), rules.first_emails),
            (First::Code(Kind::Phone), rules.first_texts),
            (First::Passkey, rules.passkeys.is_some()),
        ] {
            let times = if likely { 4 } else { 1 };
            all.extend(std::iter::repeat_n(first, times));
        }
        for (kind, allowed) in [
            (Kind::Email, rules.first_emails),
            (Kind::Phone, rules.first_texts),
        ] {
            let verified = |user: &User| user.attributes.get(kind.flag()) == Some(&"true");
            if allowed && user.is_some_and(verified) {
                all.extend([First::Code(kind); 8]);
            }
        }
        if user.is_some_and(|user| !user.passkeys.is_empty()) {
            all.extend([First::Passkey; 8]);
        }
        *self.chance.pick(&all)
    }

    /// Something about settings.
    pub(super) fn setting(&mut self) -> Act {
        let (client, rules) = (self.client(), self.pool.rules);
        let name = *self.chance.pick(&GROUPS);
        let word = *self.chance.pick(&["blue", "green"]);
        if rules.watched.is_on() && self.chance.happens(1, 2) || self.chance.happens(1, 30) {
            let place = Some(client).filter(|_| self.chance.happens(1, 4));
            return Act::Set(match self.chance.happens(3, 4) {
                true => Setting::Risk(place, self.risk()),
                false => Setting::DescribeRisk(place),
            });
        }
        Act::Set(match self.chance.below(24) {
            0 => Setting::Tag(word),
            1 => Setting::Untag(word),
            2 => Setting::Tags,
            3 | 4 => Setting::Describe,
            5 => Setting::DescribeClient(client),
            6 => Setting::Pools,
            7 => Setting::Clients,
            8 => Setting::Factors,
            9 | 10 => {
                let hides = self.chance.happens(1, 2);
                let rotation = *self.chance.pick(&[None, Some(0), Some(10)]);
                Setting::Client(client, ClientRules { hides, rotation })
            }
            11 => match self.pool.other_pools.keys().next() {
                Some(at) => Setting::DropPool(*at),
                None => Setting::MakePool,
            },
            12 => match self.pool.other_clients.keys().next() {
                Some(at) => Setting::DropClient(*at),
                None => Setting::MakeClient,
            },
            13 => Setting::Attribute(word),
            14 | 15 if rules.mfa != Mfa::On && self.pool.made_with.contains(&true) => {
                Setting::Optional(self.chance.happens(1, 2))
            }
            16 => Setting::Whole {
                closed: self.chance.happens(1, 6),
                recovery: *self
                    .chance
                    .pick(&[Recovery::EmailOnly, Recovery::PhoneFirst]),
                mfa: rules.mfa,
            },
            17 => Setting::Groups,
            18 | 19 => Setting::ChangeGroup(name, *self.chance.pick(&[None, Some(1), Some(3)])),
            _ => Setting::Group(name),
        })
    }

    /// What shall follow from risks, if anything.
    fn risk(&mut self) -> Option<Risk> {
        if self.chance.happens(1, 8) {
            return None;
        }
        let breached = *self
            .chance
            .pick(&[Some(true), Some(true), Some(false), None]);
        let action = |chance: &mut Chance| {
            let consequence = *chance.pick(&[
                Consequence::Block,
                Consequence::IfAny,
                Consequence::Always,
                Consequence::Always,
                Consequence::Nothing,
            ]);
            (consequence, chance.happens(1, 2))
        };
        let takeover = match breached.is_none() || self.chance.happens(2, 3) {
            true => Some([(); 3].map(|()| action(self.chance))),
            false => None,
        };
        let address = |chance: &mut Chance| {
            let address = chance.below(SAID.len());
            Some(address).filter(|_| chance.happens(1, 8))
        };
        Some(Risk {
            breached,
            takeover,
            barred: address(self.chance),
            skipped: address(self.chance),
        })
    }

    /// A request that may say where its user is.
    pub(super) fn said(&mut self, act: Act) -> Act {
        let may = matches!(
            act.plain(),
            Act::SignUp { .. }
                | Act::ResendConfirmationCode { .. }
                | Act::ForgotPassword { .. }
                | Act::ConfirmForgotPassword { .. }
                | Act::SignIn { .. }
                | Act::SrpBegin { .. }
                | Act::SrpAnswer { .. }
                | Act::CustomBegin { .. }
                | Act::UserAuth { .. }
                | Act::SignedUp { .. }
                | Act::DeviceBegin { .. }
                | Act::DeviceProve { .. }
                | Act::Respond { .. }
        );
        let times = if self.pool.rules.watched.is_on() {
            3
        } else {
            1
        };
        if !may || !self.chance.happens(times, 12) {
            return act;
        }
        let device = self.chance.below(DEVICES.len());
        let agent = self.chance.below(AGENTS.len());
        let said = Context {
            address: self.chance.below(SAID.len()),
            agent: Some(agent).filter(|_| self.chance.happens(2, 3)),
            device: Some(device).filter(|_| self.chance.happens(1, 2)),
        };
        Act::Saying(said, Box::new(act))
    }

    /// Something about the activity of a user.
    pub(super) fn events(&mut self) -> Act {
        if self.chance.happens(1, 2)
            && let Some(act) = self.notice()
        {
            return act;
        }
        let typed = self.typed();
        let lists = self.pool.lists.iter().rev().take(4);
        let lists: Vec<(At, usize)> = lists
            .filter(|it| !it.1.is_empty())
            .map(|it| (*it.0, it.1.len()))
            .collect();
        if lists.is_empty() || self.chance.happens(1, 2) {
            return Act::ListEvents(typed);
        }
        let (list, length) = *self.chance.pick(&lists);
        let ids = &self.pool.lists[&list];
        let told = |index: &usize| self.pool.notices.contains_key(&ids[*index]);
        let with_tokens: Vec<usize> = (0..length).filter(told).collect();
        let (event, token) = match with_tokens.is_empty() || self.chance.happens(1, 3) {
            true => (self.chance.below(length), None),
            false => {
                let token = *self.chance.pick(&with_tokens);
                let event = match self.chance.happens(7, 8) {
                    true => token,
                    false => self.chance.below(length),
                };
                (event, Some(token))
            }
        };
        // Whose it is, mostly.
        let mut owners = self.pool.activities.iter();
        let owner = owners.find(|it| it.1.events.iter().any(|it| it.id == ids[event]));
        let typed = match owner.map(|it| *it.0) {
            Some(at) if self.chance.happens(7, 8) => Typed::Id(at),
            _ => typed,
        };
        Act::Feedback {
            typed,
            event: (list, event),
            valid: self.chance.happens(1, 2),
            token,
        }
    }

    /// What leads to an answer to the newest notice: it is sent, its event is listed, and its token is shown.
    fn notice(&mut self) -> Option<Act> {
        let (event, notice) = self.pool.notices.iter().next_back()?;
        if !notice.sent {
            return Some(Act::Upkeep);
        }
        let typed = Typed::Id(notice.user);
        let mut lists = self.pool.lists.iter().rev();
        let place = lists.find_map(|(list, ids)| {
            let index = ids.iter().position(|id| id == event)?;
            Some((*list, index))
        });
        let Some(event) = place else {
            return Some(Act::ListEvents(typed));
        };
        Some(Act::Feedback {
            typed,
            event,
            valid: self.chance.happens(1, 2),
            token: Some(event.1),
        })
    }

    /// Everybody goes elsewhere.
    pub(super) fn elsewhere(&mut self) -> Act {
        Act::Move(self.chance.below(2 * ADDRESSES.len()))
    }
}
