//! The settings of the pool that a history is about, and the names and addresses in play.

use userpool_tests::chance::Chance;

/// The names in play.
pub const NAMES: [&str; 3] = ["ada", "bob", "cyd"];
/// The e-mail addresses in play.
pub const EMAILS: [&str; 3] = ["amy@one.test", "ben@two.test", "cat@six.test"];
/// The phone numbers in play.
pub const PHONES: [&str; 2] = ["+15550001", "+15550002"];
/// The preferred user names in play.
pub const PREFERRED: [&str; 2] = ["pia", "quy"];
/// The groups in play.
pub const GROUPS: [&str; 2] = ["staff", "guests"];
/// The addresses from which requests come.
pub const ADDRESSES: [&str; 2] = ["192.0.2.7", "198.51.100.9"];
/// What the devices say they are from which requests come.
pub const AGENTS: [&str; 2] = ["curl/8.5.0", "aws-cli/2.17"];
/// The addresses that requests say to come from: the others, and a neighbour of the first.
pub const SAID: [&str; 3] = [ADDRESSES[0], ADDRESSES[1], "192.0.2.77"];
/// What scripts in browsers tell devices apart by, and the time zone that they tell.
pub const DEVICES: [&str; 2] = ["device-1", "device-2"];
/// See [`DEVICES`].
pub const ZONE: &str = "+02:00";
/// The passwords in play; all but the last fit the policy.
pub const PASSWORDS: [&str; 5] = [
    "Secret-horse-1",
    "Secret-horse-2",
    "Secret-horse-3",
    "Secret-horse-4",
    "horse",
];

/// The password in play that is known from a breach.
pub const BREACHED: usize = 3;

/// What users are called by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Names of their own, and nothing else.
    Own,
    /// Names of their own, and verified addresses and preferred names as aliases.
    Aliases,
    /// Addresses, verified or not.
    Addresses,
}

/// How a pool asks for second factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mfa {
    /// Nobody is asked.
    Off,
    /// Who has one is asked.
    Optional,
    /// Everybody is asked.
    On,
}

/// Who recovers accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Users; the phone comes before the e-mail address, as where nothing is set.
    PhoneFirst,
    /// Users, by e-mail alone.
    EmailOnly,
    /// Administrators alone.
    Administrators,
}

/// What a pool keeps of devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceRules {
    /// Whether a remembered one stands in for a second factor.
    pub replaces: bool,
    /// Whether one is remembered only where its user says so.
    pub waits: bool,
}

/// What a passkey is to a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasskeyRules {
    /// Whether the authenticator must have verified the user.
    pub required: bool,
    /// Whether one is both factors where it has.
    pub both: bool,
}

/// What a pool with threat protection watches, and whether that has consequences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WatchRules {
    /// Sign-ins by passwords, codes and passkeys.
    pub usual: Option<bool>,
    /// Sign-ins by custom challenges.
    pub custom: Option<bool>,
}

impl WatchRules {
    /// Whether anything is watched.
    #[must_use]
    pub const fn is_on(self) -> bool {
        self.usual.is_some() || self.custom.is_some()
    }
}

/// What becomes of an unusual sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// It is refused.
    Block,
    /// It needs a second factor, if the user has any.
    IfAny,
    /// It needs a second factor.
    Always,
    /// It goes on.
    Nothing,
}

impl Consequence {
    /// The protocol's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Block => "BLOCK",
            Self::IfAny => "MFA_IF_CONFIGURED",
            Self::Always => "MFA_REQUIRED",
            Self::Nothing => "NO_ACTION",
        }
    }
}

/// What follows from risks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Risk {
    /// What follows from passwords that are known from breaches: whether they are refused.
    pub breached: Option<bool>,
    /// What follows from each level of unusual sign-ins, and whether the user is told.
    pub takeover: Option<[(Consequence, bool); 3]>,
    /// The address from which nobody signs in.
    pub barred: Option<usize>,
    /// The address from which nothing is unusual.
    pub skipped: Option<usize>,
}

impl Risk {
    /// As it is told.
    #[must_use]
    pub fn told(&self) -> String {
        let actions = self.takeover.iter().flatten();
        let actions: Vec<String> = actions
            .map(|(consequence, tells)| format!("{}/{tells}", consequence.word()))
            .collect();
        let address = |index: Option<usize>| index.map_or("", |index| SAID[index]);
        format!(
            "{:?} [{}] {} {}",
            self.breached,
            actions.join(","),
            address(self.barred),
            address(self.skipped)
        )
    }
}

/// The settings of an app client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientRules {
    /// Whether it hides which users exist.
    pub hides: bool,
    /// Seconds in which a refresh token may be sent again, where it rotates.
    pub rotation: Option<u64>,
}

/// The settings of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What users are called by.
    pub names: Names,
    /// Whether e-mail addresses are verified by themselves.
    pub auto_email: bool,
    /// Whether phone numbers are.
    pub auto_phone: bool,
    /// Whether a new e-mail address waits for its code.
    pub email_waits: bool,
    /// How second factors are asked for.
    pub mfa: Mfa,
    /// The second factors of the pool: text messages, software tokens, e-mails.
    pub factors: [bool; 3],
    /// How many passwords are remembered.
    pub remembered: usize,
    /// Who recovers accounts.
    pub recovery: Recovery,
    /// Whether only administrators make users.
    pub closed: bool,
    /// Whether a code in an e-mail may be the first factor.
    pub first_emails: bool,
    /// Whether a code in a text message may.
    pub first_texts: bool,
    /// What a passkey is, where one may be the first factor.
    pub passkeys: Option<PasskeyRules>,
    /// What is kept of devices; `None` where none are tracked.
    pub devices: Option<DeviceRules>,
    /// Whether somebody has as many devices as may be.
    pub crowded: bool,
    /// What the pool's threat protection watches.
    pub watched: WatchRules,
    /// Whether functions lead sign-ins by custom challenges.
    pub custom: bool,
    /// The two app clients.
    pub clients: [ClientRules; 2],
}

impl Rules {
    /// Whether users may sign in without passwords.
    #[must_use]
    pub const fn does_without_passwords(&self) -> bool {
        self.first_emails || self.first_texts || self.passkeys.is_some()
    }

    /// Settings by chance.
    pub fn drawn(chance: &mut Chance) -> Self {
        let names = *chance.pick(&[Names::Own, Names::Aliases, Names::Aliases, Names::Addresses]);
        let auto_email = chance.happens(3, 4);
        let mfa = *chance.pick(&[Mfa::Off, Mfa::Off, Mfa::Optional, Mfa::Optional, Mfa::On]);
        let mut factors = [0; 3].map(|_| chance.happens(2, 3));
        if !factors.contains(&true) {
            factors[1] = true;
        }
        let first_texts = mfa != Mfa::On && chance.happens(1, 3);
        let devices = chance.happens(1, 2).then(|| DeviceRules {
            replaces: chance.happens(2, 3),
            waits: chance.happens(1, 3),
        });
        let crowded = devices.is_some() && mfa == Mfa::Off && chance.happens(1, 20);
        let client = |chance: &mut Chance| ClientRules {
            hides: chance.happens(1, 2),
            rotation: *chance.pick(&[None, None, Some(0), Some(10)]),
        };
        Self {
            names,
            auto_email,
            auto_phone: chance.happens(if first_texts { 2 } else { 1 }, 3),
            email_waits: auto_email && chance.happens(1, 3),
            mfa,
            factors: if mfa == Mfa::Off { [false; 3] } else { factors },
            remembered: *chance.pick(&[0, 0, 2]),
            recovery: *chance.pick(&[
                Recovery::PhoneFirst,
                Recovery::EmailOnly,
                Recovery::EmailOnly,
                Recovery::EmailOnly,
                Recovery::Administrators,
            ]),
            closed: chance.happens(1, 12),
            first_emails: mfa != Mfa::On && chance.happens(1, 3),
            first_texts,
            passkeys: chance.happens(1, 2).then(|| PasskeyRules {
                required: chance.happens(1, 3),
                both: chance.happens(1, 2),
            }),
            devices,
            crowded,
            watched: match chance.happens(2, 5) {
                true => WatchRules {
                    usual: *chance.pick(&[Some(true), Some(true), Some(true), Some(false), None]),
                    custom: *chance.pick(&[None, Some(true), Some(false)]),
                },
                false => WatchRules::default(),
            },
            custom: chance.happens(1, 3),
            clients: [client(chance), client(chance)],
        }
    }
}
