//! What a pool keeps: users, sign-ins under way, grants.

use std::collections::{BTreeMap, BTreeSet};

use super::{devices::Device, passkeys::Registration, sessions::Listed, tries::Tries};
use crate::act::{At, Factor, Kind, Password, Typed};

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
    /// Whether a passkey of a verified user is both factors.
    pub both: bool,
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
    /// Whether a risk asks for a second factor.
    pub demanded: bool,
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

impl User {
    pub(super) fn factors_shown(&self) -> String {
        let mut on: Vec<&str> = self.on.iter().map(|factor| factor.word()).collect();
        on.extend(self.both.then_some("WEB_AUTHN_MFA"));
        let preferred = self.preferred.map_or("", Factor::word);
        format!(" on=[{}] preferred={preferred}", on.join(","))
    }

    /// Switches a factor off; without any, passkeys are one factor again.
    pub(super) fn switch_off(&mut self, factor: Factor) {
        self.on.remove(&factor);
        self.preferred = self.preferred.filter(|it| *it != factor);
        self.both &= !self.on.is_empty();
    }

    pub(super) fn has(&self, kind: Kind) -> Option<&'static str> {
        self.attributes.get(kind.attribute()).copied()
    }
}
