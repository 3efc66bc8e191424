//! The model of a pool: what there is, and what each request does to it.
//!
//! A request works on a copy. Where it is refused the copy is thrown away, unless the refusal is one that counts.

mod administrators;
mod attributes;
pub mod devices;
mod factors;
mod groups;
mod own;
pub mod passkeys;
pub mod sessions;
mod settings;
mod shared;
mod sign_in;
mod sign_up;
mod steps;
mod tokens;
pub mod tries;
mod user_auth;

pub use steps::CUSTOM_MOST;

use std::collections::{BTreeMap, BTreeSet};

use devices::{Device, DeviceBlock};
use passkeys::Registration;
use sessions::Listed;
pub use shared::Shared;
use tries::Tries;

use crate::{
    act::{Act, At, Factor, Kind, Password, Typed},
    rules::{ADDRESSES, Names, Rules},
    told::{Expected, Refusal, masked, refuse, unauthorized},
};

/// When histories begin: 2026-01-01, in seconds since 1970.
pub const BEGINNING: u64 = 1_767_225_600;
const DAY: u64 = 24 * 3_600;
const SESSION: u64 = 180;

/// What comes of a request.
type Out = Result<String, Refusal>;

/// Where an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Signed up.
    Unconfirmed,
    /// In use.
    Confirmed,
    /// Has a temporary password.
    Temporary,
    /// Must set a new password.
    Reset,
}

impl Status {
    /// The protocol's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unconfirmed => "UNCONFIRMED",
            Self::Confirmed => "CONFIRMED",
            Self::Temporary => "FORCE_CHANGE_PASSWORD",
            Self::Reset => "RESET_REQUIRED",
        }
    }
}

/// What a code proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proves {
    /// A sign-up.
    SignUp,
    /// The right to set a password.
    Reset,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
}

/// A code that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The act, and which of its messages.
    pub by: (At, usize),
    /// What the address is.
    pub kind: Kind,
    /// Where it went.
    pub to: &'static str,
    /// How often the password had changed.
    pub passwords: u32,
    /// When it ends.
    pub ends: u64,
}

/// A software token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The act that gave out its secret.
    pub secret: At,
    /// The last step of which a code was taken.
    pub last: u64,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The stored name; `None` where it is the id.
    pub name: Option<&'static str>,
    /// Where the account stands.
    pub status: Status,
    /// Whether an administrator has disabled it.
    pub enabled: bool,
    /// The password; `None` of who signs in without one.
    pub password: Option<Password>,
    /// When it was set.
    pub password_set: u64,
    /// Earlier passwords, newest first.
    pub earlier: Vec<Password>,
    /// How often the password changed.
    pub passwords: u32,
    /// How often everything was signed out.
    pub sign_outs: u32,
    /// The attributes.
    pub attributes: BTreeMap<&'static str, &'static str>,
    /// New addresses that wait for their code.
    pub waiting: BTreeMap<&'static str, &'static str>,
    /// Tries.
    pub tries: Tries,
    /// Live codes.
    pub codes: BTreeMap<Proves, Sent>,
    /// The software token.
    pub token: Option<Token>,
    /// The secret that waits for its first code.
    pub secret: Option<At>,
    /// The factors that are on.
    pub on: BTreeSet<Factor>,
    /// The preferred one.
    pub preferred: Option<Factor>,
    /// The groups, by name, as the act that made each.
    pub groups: BTreeMap<&'static str, At>,
    /// The devices that were confirmed, by the act that gave each out.
    pub devices: BTreeMap<At, Device>,
    /// The sign-ins in the list, the quietest first.
    pub sessions: Vec<Listed>,
    /// The passkeys, and when each was made.
    pub passkeys: BTreeMap<u8, u64>,
    /// The registration of a passkey that waits for its answer.
    pub registration: Option<Registration>,
}

/// What a chain waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A new password.
    NewPassword,
    /// A code that was sent.
    Code,
    /// A code of the software token.
    Token,
    /// A choice.
    Choice,
    /// A setup.
    Setup,
    /// A code of the secret that was given out.
    Secret,
    /// The end of the setup.
    SetUp,
    /// A code to a new address.
    NewAddress,
    /// An answer to a custom challenge.
    Custom,
    /// The proof of the password before custom challenges.
    Proof,
    /// The choice of a first factor.
    Select,
    /// A code as the first factor.
    FirstCode,
    /// A proof of the device.
    Device,
    /// The password, in a sign-in whose first factor was chosen.
    Password,
    /// The beginning of SRP, in such a sign-in.
    Srp,
    /// The signature of a passkey.
    Passkey,
    /// Nothing: a sign-up was just confirmed.
    SignedUp,
}

/// A sign-in with further steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The client.
    pub client: usize,
    /// The user, or nobody under a typed name.
    pub who: Result<At, Typed>,
    /// What it waits for.
    pub step: Step,
    /// The act whose Session is the live one.
    pub live: At,
    /// When that ends.
    pub ends: u64,
    /// How often the password had changed, and everything was signed out.
    pub since: (u32, u32),
    /// Wrong answers.
    pub wrong: u32,
    /// The code that was sent.
    pub code: Option<Sent>,
    /// The act that gave out a secret.
    pub secret: Option<At>,
    /// The answers to custom challenges, where functions lead it.
    pub answered: Option<Vec<bool>>,
    /// Whether a second factor was shown before these.
    pub factor: bool,
    /// The device that the sign-in named.
    pub device: Option<At>,
}

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The client.
    pub client: usize,
    /// The user.
    pub user: At,
    /// How often everything had been signed out.
    pub sign_outs: u32,
    /// The generation of refresh tokens.
    pub generation: u32,
    /// When it took over.
    pub rotated: u64,
    /// Whether it was revoked.
    pub revoked: bool,
    /// When its refresh tokens end.
    pub ends: u64,
    /// Until when anything is known of it.
    pub kept: u64,
    /// When the user signed in.
    pub made: u64,
    /// The device that it was given to.
    pub device: Option<At>,
    /// Whether that is one that nobody has confirmed yet.
    pub device_is_new: bool,
}

/// The tokens that an act brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// The act that made their grant.
    pub grant: At,
    /// When the access token was made.
    pub made: u64,
    /// The generation of the refresh token, if there was one.
    pub refresh: Option<u32>,
}

/// The state of an SRP sign-in that the client carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The client.
    pub client: usize,
    /// The user, or nobody under a typed name.
    pub who: Result<At, Typed>,
    /// How often the password had changed.
    pub passwords: u32,
    /// When it was made.
    pub made: u64,
    /// Whether a proof was seen.
    pub spent: bool,
    /// The device that was named.
    pub device: Option<At>,
    /// The chain of custom challenges that a right proof goes on with.
    pub chain: Option<At>,
}

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
    /// What follows from passwords that are known from breaches: whether they are refused.
    pub risk: Option<bool>,
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
    /// The password that was shown in clear.
    shown: Option<Password>,
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
            risk: None,
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
            shown: None,
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

impl User {
    fn factors_shown(&self) -> String {
        let on: Vec<&str> = self.on.iter().map(|factor| factor.word()).collect();
        let preferred = self.preferred.map_or("", Factor::word);
        format!(" on=[{}] preferred={preferred}", on.join(","))
    }

    fn has(&self, kind: Kind) -> Option<&'static str> {
        self.attributes.get(kind.attribute()).copied()
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
            Act::Upkeep => Ok(String::new()),
        }
    }

    /// Takes a user out, with everything that the user is called by.
    fn delete(&mut self, user: At) {
        self.pool.users.remove(&user);
        self.pool.names.retain(|_, owner| *owner != user);
        self.pool.aliases.retain(|_, owner| *owner != user);
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
