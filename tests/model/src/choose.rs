//! What happens next in a history: by chance, but mostly something that has a chance to succeed.

mod account;
mod own;

pub use account::crowd;

use userpool_tests::chance::Chance;

use crate::{
    act::{
        Act, Answer, At, Bearer, By, Code, Factor, Kind, Password, Renewal, Totp, Typed, Values,
        Way, texts,
    },
    engine::play::Mishap,
    history::{Beside, Event},
    pool::{Chain, Pool, Proves, Sent, Status, Step, User},
    rules::{EMAILS, GROUPS, NAMES, Names, PASSWORDS, PHONES, PREFERRED},
};

/// The next event of a history.
pub fn event(pool: &Pool, at: At, chance: &mut Chance) -> Event {
    let act = act(pool, chance);
    let timeless = act.is_timeless();
    let mut event = Event {
        at,
        act,
        mishap: None,
        beside: None,
    };
    if timeless {
        return event;
    }
    match chance.below(24) {
        0 => event.mishap = Some(mishap(chance)),
        1 | 2 => {
            let other = match chance.happens(1, 3) {
                true => event.act.clone(),
                false => self::act(pool, chance),
            };
            if !other.is_timeless() {
                event.beside = Some(Beside {
                    after: 1 + chance.below(4),
                    at: at + 1,
                    act: other,
                });
            }
        }
        _ => {}
    }
    event
}

fn mishap(chance: &mut Chance) -> Mishap {
    let step = chance.below(5);
    match chance.below(9) {
        8 => Mishap::Fetch,
        0 | 1 => Mishap::Fault(step),
        2 => Mishap::LandsFault(step),
        3 => Mishap::LandsUnknown(step),
        4 => Mishap::LostUnknown(step),
        5 => Mishap::Courier,
        6 => Mishap::Work,
        _ => Mishap::Hook,
    }
}

/// The next act of a history.
pub fn act(pool: &Pool, chance: &mut Chance) -> Act {
    let mut chooser = Chooser { pool, chance };
    let act = chooser.act();
    let act = match act {
        Act::SignIn { .. }
        | Act::SrpBegin { .. }
        | Act::SrpAnswer { .. }
        | Act::CustomBegin { .. }
        | Act::UserAuth { .. }
        | Act::Respond { .. }
        | Act::Refresh { .. } => chooser.sent(act),
        act => act,
    };
    chooser.said(act)
}

struct Chooser<'a> {
    pool: &'a Pool,
    chance: &'a mut Chance,
}

impl Chooser<'_> {
    fn act(&mut self) -> Act {
        if self.pool.users.is_empty() && self.chance.happens(2, 3) {
            return self.newcomer();
        }
        let waiting = self.pool.chains.values().any(|chain| self.is_live(chain));
        if waiting && self.chance.happens(1, 3) {
            return self.respond();
        }
        if self.with_code(Proves::SignUp).is_some() && self.chance.happens(1, 4) {
            return self.confirm();
        }
        if self.pool.rules.watched.is_on() && self.chance.happens(1, 12) {
            return match self.chance.below(4) {
                0 => self.elsewhere(),
                _ => self.events(),
            };
        }
        if self.chance.happens(1, 6) {
            let chosen = match self.chance.below(12) {
                0..5 => self.devices(),
                5..8 => self.passkeys(),
                8 => Some(self.sessions()),
                9 | 10 => Some(self.setting()),
                _ => Some(self.elsewhere()),
            };
            if let Some(act) = chosen {
                return act;
            }
        }
        match self.chance.below(100) {
            0..6 => self.newcomer(),
            6..8 => self.confirm(),
            8..10 => self.sign_in(),
            10..12 => Act::ResendConfirmationCode {
                client: self.client(),
                typed: self.typed(),
            },
            12..30 => self.sign_in(),
            30..33 => self.respond(),
            33..36 => self.sign_in(),
            36..43 => self.refresh(),
            43..45 => Act::Revoke {
                client: self.client(),
                token: self.token(true),
            },
            45 => Act::GlobalSignOut(self.bearer()),
            46..50 => Act::GetUser(self.bearer()),
            50..57 => self.password(),
            57..66 => self.attributes(),
            66..74 => self.factors(),
            74..84 => self.administrator(),
            84..87 => Act::AdminGetUser(self.typed()),
            87..92 => self.group(),
            92 => Act::ListUsers,
            93 => match self.chance.happens(1, 2) {
                true => Act::DeleteUser(self.bearer()),
                false => Act::AdminDeleteUser(self.typed()),
            },
            94 => Act::Upkeep,
            _ => Act::Wait(*self.chance.pick(&[
                1, 1, 2, 2, 5, 9, 10, 30, 30, 30, 60, 60, 180, 301, 899, 900, 3_599, 3_600, 86_400,
                700_000, 2_600_000,
            ])),
        }
    }

    fn client(&mut self) -> usize {
        usize::from(self.chance.happens(1, 4))
    }

    /// A user, if there is one.
    fn user(&mut self) -> Option<(At, User)> {
        if self.pool.users.is_empty() {
            return None;
        }
        let index = self.chance.below(self.pool.users.len());
        let (at, user) = self.pool.users.iter().nth(index)?;
        Some((*at, user.clone()))
    }

    /// What a user is called by.
    fn called(&mut self, at: At, user: &User) -> Typed {
        let aliases = self.pool.aliases.iter().filter(|(_, owner)| **owner == at);
        let mut names: Vec<Typed> = aliases.map(|((_, value), _)| Typed::Text(value)).collect();
        names.extend(user.name.map(Typed::Text));
        names.extend(user.name.map(Typed::Text));
        names.push(Typed::Id(at));
        *self.chance.pick(&names)
    }

    fn typed(&mut self) -> Typed {
        match self.user().filter(|_| self.chance.happens(5, 6)) {
            Some((at, user)) => self.called(at, &user),
            None => Typed::Text(self.chance.pick::<&'static str>(&texts())),
        }
    }

    fn any_password(&mut self) -> Password {
        match self.chance.happens(1, 25) {
            true => Password::Known(PASSWORDS.len() - 1),
            false => Password::Known(self.chance.below(PASSWORDS.len() - 1)),
        }
    }

    fn password_of(&mut self, user: &User) -> Password {
        match user.password.filter(|_| self.chance.happens(4, 5)) {
            Some(password) => password,
            None => self.any_password(),
        }
    }

    fn values(&mut self) -> Values {
        let mut values = Values::new();
        if self.chance.happens(3, 4) {
            values.push(("email", *self.chance.pick(&EMAILS)));
        }
        let often = if self.pool.rules.first_texts { 2 } else { 1 };
        if self.chance.happens(often, 3) {
            values.push(("phone_number", *self.chance.pick(&PHONES)));
        }
        values
    }

    fn newcomer(&mut self) -> Act {
        let name = match self.pool.rules.names {
            Names::Addresses if self.chance.happens(9, 10) => match self.chance.happens(3, 4) {
                true => *self.chance.pick(&EMAILS),
                false => *self.chance.pick(&PHONES),
            },
            _ if self.chance.happens(19, 20) => *self.chance.pick(&NAMES),
            _ => *self.chance.pick(&texts()),
        };
        let mut values = self.values();
        if self.pool.rules.names == Names::Addresses && self.chance.happens(7, 8) {
            values.retain(|(attribute, value)| {
                Kind::of(name).is_none_or(|kind| kind.attribute() != *attribute || *value == name)
            });
        }
        if self.chance.happens(2, 3) && !self.pool.rules.closed {
            let client = self.client();
            let password = self.first_password(1, 40);
            return Act::SignUp {
                client,
                name,
                password,
                values,
            };
        }
        if self.chance.happens(1, 2) && values.iter().any(|(name, _)| *name == "email") {
            values.push((
                "email_verified",
                *self.chance.pick(&["true", "true", "false"]),
            ));
        }
        if self.chance.happens(1, 2) && values.iter().any(|(name, _)| *name == "phone_number") {
            values.push(("phone_number_verified", "true"));
        }
        if self.chance.happens(1, 6) {
            values.push(("preferred_username", *self.chance.pick(&PREFERRED)));
        }
        let password = self.first_password(1, 2);
        let (force, quiet) = (self.chance.happens(1, 4), self.chance.happens(1, 3));
        Act::AdminCreateUser {
            name,
            password,
            values,
            force,
            quiet,
        }
    }

    /// The password of a newcomer; now and then none, where that may be, or as often as is said.
    fn first_password(&mut self, none: usize, of: usize) -> Option<Password> {
        let without = match self.pool.rules.does_without_passwords() {
            true => self.chance.happens(1, 4),
            false => self.chance.happens(none, of),
        };
        match without {
            true => None,
            false => Some(self.any_password()),
        }
    }

    /// A code: mostly this one.
    fn code(&mut self, sent: Option<&Sent>) -> Code {
        match sent {
            Some(sent) if self.chance.happens(3, 4) => Code::Sent(sent.by.0, sent.by.1),
            _ if self.chance.happens(1, 3) => {
                let codes = self
                    .pool
                    .users
                    .values()
                    .flat_map(|user| user.codes.values());
                let codes: Vec<(At, usize)> = codes.map(|sent| sent.by).collect();
                match codes.as_slice() {
                    [] => Code::Wrong,
                    codes => {
                        let (at, index) = *self.chance.pick(codes);
                        Code::Sent(at, index)
                    }
                }
            }
            _ => Code::Wrong,
        }
    }

    /// A user for whom a code lives.
    fn with_code(&mut self, proves: Proves) -> Option<(At, User)> {
        let lives = |user: &User| {
            let sent = user.codes.get(&proves);
            sent.is_some_and(|sent| {
                let there = user.attributes.get(sent.kind.attribute()) == Some(&sent.to);
                there && self.pool.now < sent.ends && sent.passwords == user.passwords
            })
        };
        let may = |user: &User| proves != Proves::SignUp || user.status == Status::Unconfirmed;
        let users = self
            .pool
            .users
            .iter()
            .filter(|(_, user)| user.enabled && may(user) && lives(user));
        let users: Vec<At> = users.map(|(at, _)| *at).collect();
        let at = if users.is_empty() {
            None
        } else {
            Some(*self.chance.pick(&users))
        }?;
        Some((at, self.pool.users[&at].clone()))
    }

    fn confirm(&mut self) -> Act {
        let chosen = self
            .with_code(Proves::SignUp)
            .filter(|_| self.chance.happens(7, 8));
        let (client, force) = (self.client(), self.chance.happens(1, 4));
        match chosen.or_else(|| self.user()) {
            Some((at, user)) => {
                let typed = self.called(at, &user);
                let code = self.code(user.codes.get(&Proves::SignUp));
                Act::ConfirmSignUp {
                    client,
                    typed,
                    code,
                    force,
                }
            }
            None => Act::ConfirmSignUp {
                client,
                typed: self.typed(),
                code: Code::Wrong,
                force,
            },
        }
    }

    fn sign_in(&mut self) -> Act {
        let client = self.client();
        let blocks: Vec<At> = self.pool.blocks.keys().rev().take(3).copied().collect();
        if !blocks.is_empty() && self.chance.happens(1, 5) {
            let block = *self.chance.pick(&blocks);
            return self.proof(block, client);
        }
        let (typed, password) = match self.user().filter(|_| self.chance.happens(7, 8)) {
            Some((at, user)) => (self.called(at, &user), self.password_of(&user)),
            None => (self.typed(), self.any_password()),
        };
        let chooses = self.pool.rules.does_without_passwords();
        if self.chance.happens(if chooses { 3 } else { 1 }, 8) {
            let user = self
                .pool
                .find(typed)
                .and_then(|at| self.pool.users.get(&at));
            let first = self.first(user.cloned().as_ref());
            return Act::UserAuth {
                client,
                typed,
                first,
            };
        }
        match self.chance.below(8) {
            0 | 1 => Act::SrpBegin { client, typed },
            2 if self.pool.rules.custom || self.chance.happens(1, 8) => {
                let srp = self.chance.happens(1, 2);
                Act::CustomBegin { client, typed, srp }
            }
            3 => Act::SignIn {
                client,
                typed,
                password,
                way: Way::Administrator,
            },
            _ => Act::SignIn {
                client,
                typed,
                password,
                way: Way::User,
            },
        }
    }

    /// The proof of a password for a block.
    fn proof(&mut self, block: At, client: usize) -> Act {
        let of = &self.pool.blocks[&block];
        let user = of.who.ok().and_then(|at| self.pool.users.get(&at));
        let password = match user {
            Some(user) => self.password_of(&user.clone()),
            None => self.any_password(),
        };
        let client = if self.chance.happens(9, 10) {
            of.client
        } else {
            client
        };
        Act::SrpAnswer {
            client,
            block,
            password,
        }
    }

    fn is_live(&self, chain: &Chain) -> bool {
        let fits = match chain.who {
            Ok(at) => self.pool.users.get(&at).is_some_and(|user| {
                user.enabled && chain.since == (user.passwords, user.sign_outs)
            }),
            Err(_) => true,
        };
        fits && chain.live != At::MAX && self.pool.now < chain.ends
    }

    fn totp(&mut self, secret: Option<At>) -> Totp {
        match secret {
            Some(secret) if self.chance.happens(4, 5) => {
                Totp::Of(secret, *self.chance.pick(&[0, 0, 0, 1, -1, 2]))
            }
            _ => Totp::Wrong,
        }
    }

    fn respond(&mut self) -> Act {
        let live: Vec<At> = {
            let chains = self
                .pool
                .chains
                .iter()
                .filter(|(_, chain)| self.is_live(chain));
            chains.map(|(at, _)| *at).collect()
        };
        let any: Vec<At> = self.pool.sessions.keys().rev().take(6).copied().collect();
        if any.is_empty() {
            return self.sign_in();
        }
        let (session, chain) = match live.is_empty() || self.chance.happens(1, 8) {
            true => {
                let session = *self.chance.pick(&any);
                (
                    session,
                    self.pool.chains[&self.pool.sessions[&session].0].clone(),
                )
            }
            false => {
                let chain = self.pool.chains[self.chance.pick(&live)].clone();
                (chain.live, chain)
            }
        };
        let client = if self.chance.happens(15, 16) {
            chain.client
        } else {
            self.client()
        };
        let user = chain
            .who
            .ok()
            .and_then(|at| Some((at, self.pool.users.get(&at)?.clone())));
        let typed = match (&chain.who, &user) {
            (Err(typed), _) => *typed,
            (Ok(_), Some((at, user))) if self.chance.happens(15, 16) => self.called(*at, user),
            _ => self.typed(),
        };
        let step = match self.chance.happens(1, 12) {
            true => *self.chance.pick(&[
                Step::NewPassword,
                Step::Code,
                Step::Token,
                Step::Choice,
                Step::SetUp,
                Step::Custom,
                Step::Password,
                Step::Passkey,
                Step::FirstCode,
            ]),
            false => chain.step,
        };
        let token = user
            .as_ref()
            .and_then(|(_, user)| user.token.as_ref())
            .map(|token| token.secret);
        let answer = match step {
            Step::NewPassword => Answer::NewPassword(self.any_password()),
            Step::Device => {
                if let Some(act) = self.prove_device(session, &chain) {
                    return act;
                }
                Answer::SetUp
            }
            Step::SignedUp => {
                return Act::SignedUp {
                    client,
                    typed,
                    session,
                };
            }
            Step::Proof if self.chance.happens(7, 8) => return self.proof(session, client),
            Step::Select => Answer::Select(self.first(user.as_ref().map(|it| &it.1))),
            Step::Password => Answer::Password(match &user {
                Some((_, user)) => self.password_of(user),
                None => self.any_password(),
            }),
            Step::Srp => Answer::Srp,
            Step::Passkey => Answer::Passkey(
                self.credential(user.as_ref().map(|it| &it.1)),
                self.signed(),
            ),
            Step::FirstCode if chain.code.as_ref().is_some_and(|it| it.kind == Kind::Phone) => {
                Answer::FirstSms(self.code(chain.code.as_ref()))
            }
            Step::Code | Step::NewAddress | Step::FirstCode => {
                let factor = match chain.code.as_ref().map(|sent| sent.kind) {
                    Some(Kind::Phone) => Factor::Sms,
                    _ => Factor::Email,
                };
                Answer::Code(factor, self.code(chain.code.as_ref()))
            }
            Step::Token => Answer::Totp(self.totp(token)),
            Step::Choice => Answer::Choice(*self.chance.pick(&Factor::ALL)),
            Step::Setup if self.chance.happens(2, 3) => {
                return Act::Associate(By::Session(session));
            }
            Step::Setup => Answer::Address(self.chance.pick::<&'static str>(&EMAILS)),
            Step::Secret if self.chance.happens(7, 8) => {
                return Act::VerifyToken(By::Session(session), self.totp(chain.secret));
            }
            Step::Secret => Answer::Address(self.chance.pick::<&'static str>(&EMAILS)),
            Step::SetUp => Answer::SetUp,
            Step::Custom | Step::Proof => Answer::Custom(self.chance.happens(2, 3)),
        };
        Act::Respond {
            client,
            typed,
            session,
            answer,
        }
    }

    /// The act of some tokens: mostly such as are still good, and that had a refresh token where one is wanted.
    fn token(&mut self, refreshes: bool) -> At {
        let tokens = self.pool.tokens.iter().rev();
        let good = tokens.clone().filter(|(_, tokens)| {
            let grant = &self.pool.grants[&tokens.grant];
            let user = self.pool.users.get(&grant.user);
            let lives = user.is_some_and(|user| user.enabled && user.sign_outs == grant.sign_outs);
            let in_time = refreshes || self.pool.now < tokens.made + 3_600;
            lives && !grant.revoked && in_time && (!refreshes || tokens.refresh.is_some())
        });
        let good: Vec<At> = good.take(4).map(|(at, _)| *at).collect();
        if !good.is_empty() && self.chance.happens(7, 8) {
            return *self.chance.pick(&good);
        }
        let any = tokens.filter(|(_, tokens)| !refreshes || tokens.refresh.is_some());
        let any: Vec<At> = any.take(8).map(|(at, _)| *at).collect();
        if any.is_empty() {
            0
        } else {
            *self.chance.pick(&any)
        }
    }

    fn bearer(&mut self) -> Bearer {
        let at = self.token(false);
        if self.chance.happens(1, 30) {
            Bearer::Id(at)
        } else {
            Bearer::Access(at)
        }
    }

    fn refresh(&mut self) -> Act {
        let token = self.token(true);
        let of = self
            .pool
            .tokens
            .get(&token)
            .and_then(|tokens| self.pool.grants.get(&tokens.grant));
        let client = match of {
            Some(grant) if self.chance.happens(9, 10) => grant.client,
            _ => self.client(),
        };
        let rotates = self.pool.rules.clients[client].rotation.is_some();
        let renewal = match rotates && self.chance.happens(9, 10) || self.chance.happens(1, 3) {
            true => Renewal::Operation,
            false => Renewal::Flow,
        };
        Act::Refresh {
            client,
            token,
            renewal,
        }
    }

    /// The user of a token, if it is there.
    fn owner(&self, bearer: Bearer) -> Option<User> {
        let (Bearer::Access(at) | Bearer::Id(at)) = bearer;
        let grant = self.pool.grants.get(&self.pool.tokens.get(&at)?.grant)?;
        self.pool.users.get(&grant.user).cloned()
    }

    fn administrator(&mut self) -> Act {
        let typed = self.typed();
        match self.chance.below(12) {
            0 | 1 => Act::AdminConfirmSignUp(typed),
            2..5 => Act::AdminEnableUser(typed),
            5 => Act::AdminDisableUser(typed),
            6 | 7 => {
                let (password, permanent) = (self.any_password(), self.chance.happens(2, 3));
                Act::AdminSetUserPassword {
                    typed,
                    password,
                    permanent,
                }
            }
            8 => Act::AdminResetUserPassword(typed),
            9 => Act::AdminUserGlobalSignOut(typed),
            10 => {
                let password = if self.chance.happens(1, 2) {
                    Some(self.any_password())
                } else {
                    None
                };
                Act::AdminInviteAgain { typed, password }
            }
            _ => Act::AdminGetUser(typed),
        }
    }

    fn group(&mut self) -> Act {
        let name = *self.chance.pick(&GROUPS);
        match self.chance.below(8) {
            0 | 1 => Act::CreateGroup(name, *self.chance.pick(&[None, Some(1), Some(2)])),
            2 if self.chance.happens(1, 2) => Act::DeleteGroup(name),
            2..5 => Act::AddToGroup(name, self.typed()),
            5 => Act::RemoveFromGroup(name, self.typed()),
            6 => Act::ListGroupsForUser(self.typed()),
            _ => Act::ListUsersInGroup(name),
        }
    }
}
