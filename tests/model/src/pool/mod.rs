//! The model of a pool: what there is, and what each request does to it.
//!
//! A request works on a copy. Where it is refused the copy is thrown away, unless the refusal is one that counts.

pub mod activity;
mod administrators;
mod attributes;
pub mod devices;
mod factors;
mod feedback;
mod groups;
mod own;
pub mod passkeys;
mod records;
pub mod sessions;
mod settings;
mod shared;
mod sign_in;
mod sign_up;
mod steps;
mod tokens;
pub mod tries;
mod user_auth;

pub use records::{Block, Chain, Grant, Proves, Sent, Status, Step, Token, Tokens, User};
pub use steps::CUSTOM_MOST;

use std::collections::BTreeMap;

use activity::{Activity, Judged, Notice};
use devices::DeviceBlock;
pub use shared::Shared;
use tries::Tries;

use crate::{
    act::{Act, At, Context, Factor, Kind, Password, Typed},
    rules::{ADDRESSES, Names, Risk, Rules},
    told::{Expected, Refusal, masked, refuse, unauthorized},
};

/// When histories begin: 2026-01-01, in seconds since 1970.
pub const BEGINNING: u64 = 1_767_225_600;
const DAY: u64 = 24 * 3_600;
const SESSION: u64 = 180;

/// What comes of a request.
type Out = Result<String, Refusal>;

/// A pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Its settings.
    pub rules: Rules,
    /// The time, in seconds since 1970.
    pub now: u64,
    /// Users by the act that made them.
    pub users: Shared<At, User>,
    /// Names in use.
    pub names: Shared<&'static str, At>,
    /// Aliases in use.
    pub aliases: Shared<(Kind, &'static str), At>,
    /// Tries of names that nobody has.
    pub strangers: Shared<Typed, Tries>,
    /// Until when a code seems to live for a name to which none was sent.
    pub pretended: Shared<Typed, u64>,
    /// Chains by the act that began them.
    pub chains: Shared<At, Chain>,
    /// Sessions by the act that gave them: their chain and end.
    pub sessions: Shared<At, (At, u64)>,
    /// The Sessions that were given before anything was shown.
    pub firsts: Shared<At, ()>,
    /// Grants by the act that made them.
    pub grants: Shared<At, Grant>,
    /// Tokens by the act that brought them.
    pub tokens: Shared<At, Tokens>,
    /// Blocks by the act that made them.
    pub blocks: Shared<At, Block>,
    /// Groups: the act that made them, and their precedence.
    pub groups: Shared<&'static str, (At, Option<i64>)>,
    /// The chains in which a device of a user proves itself at a client.
    pub proofs: Shared<(At, At, usize), At>,
    /// The blocks of devices by the act that made them.
    pub device_blocks: Shared<At, DeviceBlock>,
    /// Whether sessions are tracked, and how many a user has at most.
    pub tracking: (bool, u8),
    /// For how many minutes a session of the login pages serves each client.
    pub login_minutes: [u32; 2],
    /// What follows from risks in the pool, and at each client in its stead.
    pub risks: [Option<Risk>; 3],
    /// What was noted of users.
    pub activities: Shared<At, Activity>,
    /// E-mails about events, by the ids of these.
    pub notices: Shared<At, Notice>,
    /// The events in the lists that acts brought.
    pub lists: Shared<At, Vec<At>>,
    /// The newest act in which a credential signed what was taken: its counter only rises.
    pub signed: Shared<u8, At>,
    /// Whether the list of such passwords is out of reach just now.
    pub is_deaf: bool,
    /// The second factors that the pool was made with.
    pub made_with: [bool; 3],
    /// The tags of the pool.
    pub tags: Shared<&'static str, ()>,
    /// The attributes that were added.
    pub custom: Shared<&'static str, ()>,
    /// The other pools of the account.
    pub other_pools: Shared<At, ()>,
    /// The other app clients.
    pub other_clients: Shared<At, ()>,
    /// What nobody of a name is offered to begin with.
    pub offers: Shared<Typed, Vec<&'static str>>,
    /// Where everybody is just now.
    pub place: usize,
}

/// A request under way: the copy it works on, and what it sends.
struct Course {
    pool: Pool,
    at: At,
    /// The device that the request names.
    from: Option<At>,
    /// The device of the user who signs in, as far as one is named.
    device: Option<At>,
    /// What the request says of where it comes from, and whether an administrator's server says so.
    said: Option<Context>,
    server: bool,
    /// What the sign-in is judged by first.
    first: Judged,
    /// Whether the right password is known from a breach, as far as that was found out.
    breached: Option<bool>,
    sent: Vec<(&'static str, &'static str)>,
}

impl Pool {
    /// An empty pool.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            now: BEGINNING,
            users: Shared::default(),
            names: Shared::default(),
            aliases: Shared::default(),
            strangers: Shared::default(),
            pretended: Shared::default(),
            chains: Shared::default(),
            sessions: Shared::default(),
            firsts: Shared::default(),
            grants: Shared::default(),
            tokens: Shared::default(),
            blocks: Shared::default(),
            groups: Shared::default(),
            proofs: Shared::default(),
            device_blocks: Shared::default(),
            tracking: (false, 20),
            login_minutes: [60; 2],
            risks: [None; 3],
            activities: Shared::default(),
            notices: Shared::default(),
            lists: Shared::default(),
            signed: Shared::default(),
            is_deaf: false,
            made_with: rules.factors,
            tags: Shared::default(),
            custom: Shared::default(),
            other_pools: Shared::default(),
            other_clients: Shared::default(),
            offers: Shared::default(),
            place: 0,
        }
    }

    /// The address from which everybody comes just now.
    #[must_use]
    pub fn address(&self) -> &'static str {
        ADDRESSES[self.place % ADDRESSES.len()]
    }

    /// What an act does: the pool afterwards, and what is told and sent.
    #[must_use]
    pub fn after(&self, at: At, act: &Act) -> (Self, Expected) {
        let mut course = Course {
            pool: self.clone(),
            at,
            from: None,
            device: None,
            said: None,
            server: false,
            first: Judged::Password,
            breached: None,
            sent: Vec::new(),
        };
        let out = course.take(act);
        let Course { pool, sent, .. } = course;
        match out {
            Ok(told) => (
                pool,
                Expected {
                    told: Ok(told),
                    sent,
                },
            ),
            Err(Refusal {
                name,
                text,
                counted,
            }) => {
                let pool = if counted { pool } else { self.clone() };
                (
                    pool,
                    Expected {
                        told: Err((name, text)),
                        sent: Vec::new(),
                    },
                )
            }
        }
    }

    /// The user of a typed name.
    #[must_use]
    pub fn find(&self, typed: Typed) -> Option<At> {
        match typed {
            Typed::Text(text) => {
                let alias = |kind| self.aliases.get(&(kind, text));
                let own = self.names.get(text).copied();
                own.or_else(|| self.kinds().find_map(alias).copied())
            }
            Typed::Id(at) => self.users.contains_key(&at).then_some(at),
        }
    }

    /// What users are called by besides their names.
    fn kinds(&self) -> impl Iterator<Item = Kind> {
        let most = match self.rules.names {
            Names::Own => 0,
            Names::Addresses => 2,
            Names::Aliases => 3,
        };
        Kind::ALL.into_iter().take(most)
    }

    fn is_alias(&self, kind: Kind) -> bool {
        self.kinds().any(|it| it == kind)
    }

    /// The attributes of a user as they count: who lost an alias to somebody else is not verified.
    #[must_use]
    pub fn effective(&self, at: At) -> BTreeMap<&'static str, &'static str> {
        let mut attributes = self.users[&at].attributes.clone();
        if self.rules.names == Names::Aliases {
            for kind in [Kind::Email, Kind::Phone] {
                let lost = attributes
                    .get(kind.attribute())
                    .is_some_and(|value| self.aliases.get(&(kind, *value)) != Some(&at));
                if lost && attributes.get(kind.flag()) == Some(&"true") {
                    attributes.insert(kind.flag(), "false");
                }
            }
        }
        attributes
    }

    /// Whether the pool has a second factor.
    fn has_factor(&self, factor: Factor) -> bool {
        self.rules.factors[factor as usize]
    }

    /// A user as administrators are shown it.
    #[must_use]
    pub fn shown(&self, at: At) -> String {
        let user = &self.users[&at];
        let enabled = if user.enabled { "enabled" } else { "disabled" };
        let attributes = listed(at, &self.effective(at));
        format!(
            "{} {} {enabled} {attributes}{}",
            self.called(at),
            user.status.word(),
            user.factors_shown()
        )
    }

    /// The stored name of a user.
    fn called(&self, at: At) -> String {
        self.users[&at]
            .name
            .map_or_else(|| format!("#{at}"), Into::into)
    }
}

/// Attributes in the order of their names, the id first.
#[must_use]
pub fn listed(at: At, attributes: &BTreeMap<&'static str, &'static str>) -> String {
    let mut text = format!("sub=#{at}");
    for (name, value) in attributes {
        text.push_str(&format!(" {name}={value}"));
    }
    text
}

impl Course {
    fn now(&self) -> u64 {
        self.pool.now
    }

    fn hides(&self, client: usize) -> bool {
        self.pool.rules.clients[client].hides
    }

    fn user(&mut self, at: At) -> &mut User {
        self.pool.users.get_mut(&at).expect("a user that was found")
    }

    /// The user of a name, for administrators.
    fn known(&self, typed: Typed) -> Result<At, Refusal> {
        self.pool.find(typed).ok_or_else(no_user)
    }

    /// Makes a code and sends it; what is told of the delivery.
    fn issue(
        &mut self,
        user: At,
        proves: Proves,
        kind: Kind,
        to: &'static str,
        purpose: &'static str,
    ) -> String {
        let life = if proves == Proves::Reset { 3_600 } else { DAY };
        let code = self.code(user, kind, to, purpose, life);
        self.user(user).codes.insert(proves, code);
        crate::told::delivery(kind, &masked(kind, to))
    }

    fn code(
        &mut self,
        user: At,
        kind: Kind,
        to: &'static str,
        purpose: &'static str,
        life: u64,
    ) -> Sent {
        let (by, ends) = ((self.at, self.sent.len()), self.now() + life);
        self.sent.push((purpose, to));
        Sent {
            by,
            kind,
            to,
            passwords: self.pool.users[&user].passwords,
            ends,
        }
    }

    fn take(&mut self, act: &Act) -> Out {
        match act {
            Act::SignUp {
                client,
                name,
                password,
                values,
            } => self.sign_up(*client, name, *password, values),
            Act::ConfirmSignUp {
                client,
                typed,
                code,
                force,
            } => self.confirm_sign_up(*client, *typed, *code, *force),
            Act::ResendConfirmationCode { client, typed } => {
                self.resend_confirmation_code(*client, *typed)
            }
            Act::SignIn {
                client,
                typed,
                password,
                ..
            } => self.sign_in(*client, *typed, *password),
            Act::SrpBegin { client, typed } => self.srp_begin(*client, *typed),
            Act::SrpAnswer {
                client,
                block,
                password,
            } => self.srp_answer(*client, *block, *password),
            Act::CustomBegin { client, typed, srp } => self.custom_begin(*client, *typed, *srp),
            Act::UserAuth {
                client,
                typed,
                first,
            } => self.user_auth(*client, *typed, *first),
            Act::Respond {
                client,
                typed,
                session,
                answer,
            } => self.respond(*client, *typed, *session, answer),
            Act::Refresh {
                client,
                token,
                renewal,
            } => self.refresh(*client, *token, *renewal),
            Act::Revoke { client, token } => self.revoke(*client, *token),
            Act::GlobalSignOut(bearer) => self.global_sign_out(*bearer),
            Act::GetUser(bearer) => self.get_user(*bearer),
            Act::ForgotPassword { client, typed } => self.forgot_password(*client, *typed),
            Act::ConfirmForgotPassword {
                client,
                typed,
                code,
                password,
            } => self.confirm_forgot_password(*client, *typed, *code, *password),
            Act::ChangePassword {
                bearer,
                previous,
                proposed,
            } => self.change_password(*bearer, *previous, *proposed),
            Act::UpdateAttributes { bearer, values } => self.update_attributes(*bearer, values),
            Act::DeleteAttributes { bearer, names } => self.delete_attributes(*bearer, names),
            Act::GetCode { bearer, kind } => self.get_code(*bearer, *kind),
            Act::Verify { bearer, kind, code } => self.verify(*bearer, *kind, *code),
            Act::DeleteUser(bearer) => {
                let (user, _) = self.authorize(*bearer)?;
                self.delete(user);
                Ok(String::new())
            }
            Act::Associate(by) => self.associate(*by),
            Act::VerifyToken(by, totp) => self.verify_token(*by, *totp),
            Act::Prefer(bearer, wishes) => {
                let (user, _) = self.authorize(*bearer)?;
                self.prefer(user, wishes)
            }
            Act::AdminPrefer(typed, wishes) => {
                let user = self.known(*typed)?;
                self.prefer(user, wishes)
            }
            Act::AdminDeleteSoftwareToken(typed) => self.delete_software_token(*typed),
            Act::AdminCreateUser {
                name,
                password,
                values,
                force,
                quiet,
            } => self.create_user(name, *password, values, *force, *quiet),
            Act::AdminInviteAgain { typed, password } => self.invite_again(*typed, *password),
            Act::AdminConfirmSignUp(typed) => self.admin_confirm(*typed),
            Act::AdminGetUser(typed) => {
                let user = self.known(*typed)?;
                Ok(self.pool.shown(user))
            }
            Act::AdminEnableUser(typed) => self.enable(*typed, true),
            Act::AdminDisableUser(typed) => self.enable(*typed, false),
            Act::AdminSetUserPassword {
                typed,
                password,
                permanent,
            } => self.set_password(*typed, *password, *permanent),
            Act::AdminResetUserPassword(typed) => self.reset_password(*typed),
            Act::AdminUpdateAttributes { typed, values } => self.admin_update(*typed, values),
            Act::AdminDeleteAttributes { typed, names } => {
                self.admin_delete_attributes(*typed, names)
            }
            Act::AdminUserGlobalSignOut(typed) => {
                let user = self.known(*typed)?;
                self.user(user).sign_outs += 1;
                Ok(String::new())
            }
            Act::AdminDeleteUser(typed) => {
                let user = self.known(*typed)?;
                self.delete(user);
                Ok(String::new())
            }
            Act::CreateGroup(name, precedence) => self.create_group(name, *precedence),
            Act::DeleteGroup(name) => self.delete_group(name),
            Act::AddToGroup(name, typed) => self.add_to_group(name, *typed),
            Act::RemoveFromGroup(name, typed) => self.remove_from_group(name, *typed),
            Act::ListGroupsForUser(typed) => self.list_groups_for_user(*typed),
            Act::ListUsersInGroup(name) => self.list_users_in_group(name),
            Act::ListUsers => Ok(self.list_users()),
            Act::From(device, act) => {
                self.from = Some(*device);
                self.take(act)
            }
            Act::Server(act) => self.take(act),
            Act::Saying(said, act) => {
                (self.said, self.server) = (Some(*said), act.operation().starts_with("Admin"));
                self.take(act)
            }
            Act::ListEvents(typed) => self.list_events(*typed),
            Act::Feedback {
                typed,
                event,
                valid,
                token,
            } => self.feedback(*typed, *event, *valid, *token),
            Act::ConfirmDevice(bearer, device) => self.confirm_device(*bearer, *device),
            Act::GetDevice(of, device) => self.get_device(*of, *device),
            Act::ListDevices(of) => self.list_devices(*of),
            Act::ForgetDevice(of, device) => self.forget_device(*of, *device),
            Act::UpdateDevice(of, device, word) => self.update_device(*of, *device, *word),
            Act::DeviceBegin {
                client,
                typed,
                device,
                session,
            } => self.device_begin(*client, *typed, *device, *session),
            Act::DeviceProve {
                client,
                typed,
                device,
                block,
                session,
                right,
            } => self.device_prove(*client, *typed, *device, (*block, *session, *right)),
            Act::ListSessions(of) => self.list_sessions(*of),
            Act::RevokeSession(of, session) => self.revoke_session(*of, *session),
            Act::SetSessions(tracked, most) => self.set_sessions(*tracked, *most),
            Act::GetSessions => Ok(self.get_sessions()),
            Act::SetClientSession(client, minutes) => {
                self.pool.login_minutes[*client] = *minutes;
                Ok(minutes.to_string())
            }
            Act::GetClientSession(client) => Ok(self.pool.login_minutes[*client].to_string()),
            Act::Set(setting) => self.setting(setting),
            Act::SignedUp {
                client,
                typed,
                session,
            } => self.signed_up(*client, *typed, *session),
            Act::StartPasskey(bearer) => self.start_passkey(*bearer),
            Act::CompletePasskey(bearer, start, key, signed) => {
                self.complete_passkey(*bearer, *start, *key, *signed)
            }
            Act::ListPasskeys(bearer) => self.list_passkeys(*bearer),
            Act::DeletePasskey(bearer, key) => self.delete_passkey(*bearer, *key),
            Act::GetFactors(of) => self.get_factors(*of),
            Act::SetSettings(of, on) => {
                let at = self.subject(*of)?;
                self.set_settings(at, *on)
            }
            Act::Move(place) => {
                self.pool.place = *place;
                Ok(String::new())
            }
            Act::Wait(seconds) => {
                self.pool.now += seconds;
                Ok(String::new())
            }
            Act::Upkeep => {
                // What waits in the outbox goes out.
                let mut waiting = self.pool.notices.clone();
                let now = self.now();
                waiting.retain(|_, notice| !notice.sent && now < notice.written + feedback::LIFE);
                let mut sent = Vec::new();
                for (event, notice) in waiting.iter() {
                    sent.push(notice.to);
                    let notice = Notice {
                        sent: true,
                        ..notice.clone()
                    };
                    self.pool.notices.insert(*event, notice);
                }
                sent.sort_unstable();
                Ok(sent.join(","))
            }
        }
    }

    /// Takes a user out, with everything that the user is called by.
    fn delete(&mut self, user: At) {
        self.pool.users.remove(&user);
        self.pool.names.retain(|_, owner| *owner != user);
        self.pool.aliases.retain(|_, owner| *owner != user);
        self.pool.activities.remove(&user);
    }
}

fn no_user() -> Refusal {
    refuse("UserNotFound", "User does not exist.")
}

fn no_combination() -> Refusal {
    refuse("UserNotFound", "Username/client id combination not found.")
}

fn disabled() -> Refusal {
    unauthorized("User is disabled.")
}

fn incorrect() -> Refusal {
    unauthorized("Incorrect username or password.")
}

fn locked() -> Refusal {
    unauthorized("Password attempts exceeded")
}

fn too_often() -> Refusal {
    refuse(
        "LimitExceeded",
        "Attempt limit exceeded, please try after some time.",
    )
}

fn wrong_code() -> Refusal {
    refuse(
        "CodeMismatch",
        "Invalid verification code provided, please try again.",
    )
}

fn dead_code() -> Refusal {
    refuse(
        "ExpiredCode",
        "Invalid code provided, please request a code again.",
    )
}
