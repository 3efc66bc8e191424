//! A user pool: the rules that operations read, and its description as the API shows it.

use alloc::{collections::BTreeMap, string::String, vec::Vec};

use userpool_ports::Timestamp;

use super::{logs::LogRule, replica::Replica, schema::AttributeRule};
use crate::{cbor::Cbor, engine::Record};

/// A user pool.
#[derive(Clone, Debug, Cbor)]
#[cbor(map)]
pub struct Pool {
    /// The id, `<region>_` and 9 letters or digits.
    #[n(0)]
    pub id: String,
    /// When it was made.
    #[n(1)]
    pub created: Timestamp,
    /// When its settings last changed.
    #[n(2)]
    pub modified: Timestamp,
    /// Whether it is being deleted; such a pool does not exist for anybody.
    #[n(3)]
    pub deleting: bool,
    /// What operations read.
    #[n(4)]
    pub rules: PoolRules,
    /// The description as the API shows it (`UserPoolType`), JSON text, without counts.
    #[n(5)]
    pub description: String,
}

impl Record for Pool {
    const KIND: &'static str = "a user pool";
    const IS_SETTING: bool = true;
}

impl Pool {
    /// The part of the id after the `_`, which enters every password hash (`srp`).
    #[must_use]
    pub fn short_name(&self) -> &str {
        self.id.split_once('_').map_or("", |(_, name)| name)
    }

    /// The region in the id.
    #[must_use]
    pub fn region(&self) -> &str {
        self.id.split_once('_').map_or("", |(region, _)| region)
    }

    /// The replica in a region.
    #[must_use]
    pub fn replica(&self, region: &str) -> Option<&Replica> {
        let mut replicas = self.rules.replicas.iter();
        replicas.find(|replica| replica.region == region)
    }
}

/// The settings of a pool that operations read, in a form that is quick to read.
#[derive(Clone, Debug, Cbor)]
#[cbor(map)]
pub struct PoolRules {
    /// What users sign in with.
    #[n(0)]
    pub names: NameRule,
    /// Whether names and aliases differ by case.
    #[n(1)]
    pub case_sensitive: bool,
    /// Whether a given e-mail address gets a code by itself.
    #[n(2)]
    pub auto_verify_email: bool,
    /// Whether a given phone number gets a code by itself.
    #[n(3)]
    pub auto_verify_phone: bool,
    /// Whether a changed e-mail address waits for its code before it counts.
    #[n(4)]
    pub verify_email_before_update: bool,
    /// Whether a changed phone number waits for its code before it counts.
    #[n(5)]
    pub verify_phone_before_update: bool,
    /// The password policy.
    #[n(6)]
    pub password: PasswordPolicy,
    /// Whether only administrators make users.
    #[n(7)]
    pub admin_create_only: bool,
    /// How users recover their account, best first; `None` is the legacy rule (phone, then e-mail).
    #[n(8)]
    pub recovery: Option<Vec<RecoveryOption>>,
    /// Whether a second factor is asked for.
    #[n(9)]
    pub mfa: MfaRule,
    /// Every attribute, standard ones first.
    #[n(10)]
    pub schema: Vec<AttributeRule>,
    /// Message texts.
    #[n(11)]
    pub messages: MessageTexts,
    /// The configured triggers by their name in `LambdaConfig`.
    #[n(12)]
    pub triggers: BTreeMap<String, String>,
    /// The first factors that `USER_AUTH` offers, by their API name.
    #[n(13)]
    pub first_factors: Vec<String>,
    /// Whether deletion is refused.
    #[n(14)]
    pub deletion_protection: bool,
    /// The second factors that users may have.
    #[cbor(n(15), default)]
    pub factors: FactorRules,
    /// The form of the event before tokens are signed; `None` is the first.
    #[n(16)]
    pub token_event: Option<TokenEvent>,
    /// Whether the sessions of users are tracked, and how many each may have.
    #[cbor(n(20), default)]
    pub sessions: SessionRules,
    /// Whether sign-ins are watched, and whether what is seen has consequences.
    #[cbor(n(21), default)]
    pub protection: Protection,
    /// What is kept of the devices of users; `None` is nothing.
    #[n(24)]
    pub devices: Option<DeviceRules>,
    /// Where the login pages are.
    #[cbor(n(25), default)]
    pub domains: Domains,
    /// The key that codes for custom senders are encrypted under.
    #[n(26)]
    pub message_key: Option<String>,
    /// What is logged, and where to.
    #[cbor(n(27), default)]
    pub logs: Vec<LogRule>,
    /// The pool in other regions.
    #[cbor(n(28), default)]
    pub replicas: Vec<Replica>,
}

/// The domains of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Domains {
    /// The prefix, which is a label below the service's own domain.
    #[n(0)]
    pub prefix: Option<String>,
    /// The whole name of a domain of the owner's own.
    #[n(1)]
    pub custom: Option<String>,
}

impl Domains {
    /// Whether the pool has any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.prefix.is_none() && self.custom.is_none()
    }
}

/// What a pool keeps of the sessions of its users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct SessionRules {
    /// Whether they are tracked.
    #[n(0)]
    pub tracked: bool,
    /// The most that a user may have at once, 1 to 100; the next sign-in ends the one that was quiet for longest.
    #[n(1)]
    pub most: u8,
}

impl Default for SessionRules {
    fn default() -> Self {
        Self {
            tracked: false,
            most: 20,
        }
    }
}

/// Threat protection of a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Protection {
    /// Of sign-ins by password, and of all that is not a sign-in; `None` is none.
    #[n(0)]
    pub mode: Option<ProtectionMode>,
    /// Of custom challenges; `None` is none.
    #[n(1)]
    pub custom: Option<ProtectionMode>,
}

/// What follows from what is seen of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
pub enum ProtectionMode {
    /// It is kept for administrators to see.
    #[n(0)]
    Audit,
    /// It has the consequences that the pool wants.
    #[n(1)]
    Enforced,
}

/// What a pool keeps of the devices of its users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct DeviceRules {
    /// Whether a remembered device stands in for a second factor.
    #[n(0)]
    pub replaces_factors: bool,
    /// Whether a device is remembered only once the user says so.
    #[n(1)]
    pub waits_for_user: bool,
}

/// The second factors that a pool's users may have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct FactorRules {
    /// Codes in text messages.
    #[n(0)]
    pub sms: bool,
    /// Codes of an authenticator app.
    #[n(1)]
    pub software_token: bool,
    /// Codes in e-mails, and how those read.
    #[n(2)]
    pub email: Option<EmailFactor>,
    /// What was said of passkeys; it is kept and shown.
    #[n(3)]
    pub passkeys: Option<PasskeyRules>,
    /// What was said of an authenticator app that is not among the factors: `false` is shown, and nothing is not.
    #[n(4)]
    pub software_token_said: Option<bool>,
}

/// The e-mail with the code of a second factor; `None` is the service's own text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct EmailFactor {
    /// The body.
    #[n(0)]
    pub text: Option<String>,
    /// The subject.
    #[n(1)]
    pub subject: Option<String>,
}

/// What a pool asks of passkeys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct PasskeyRules {
    /// The domain that they are registered for.
    #[n(0)]
    pub relying_party: Option<String>,
    /// Whether the authenticator must verify the user; else it should.
    #[n(1)]
    pub verification_required: Option<bool>,
    /// Whether a passkey of a verified user counts as two factors.
    #[n(2)]
    pub two_factors: Option<bool>,
}

/// The form of the event before tokens are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
pub enum TokenEvent {
    /// Claims of the ID token, and groups.
    #[n(0)]
    V1,
    /// Claims of both tokens, scopes, and groups.
    #[n(1)]
    V2,
    /// As the second, for clients without a user too.
    #[n(2)]
    V3,
}

/// What users sign in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
pub enum NameRule {
    /// A user name of their own.
    #[n(0)]
    Username,
    /// A user name of their own, or a verified alias.
    #[n(1)]
    Alias {
        /// E-mail addresses are aliases.
        #[n(0)]
        email: bool,
        /// Phone numbers are aliases.
        #[n(1)]
        phone: bool,
        /// Preferred user names are aliases.
        #[n(2)]
        preferred: bool,
    },
    /// An address; the stored user name is the `sub`.
    #[n(2)]
    Attribute {
        /// E-mail addresses are user names.
        #[n(0)]
        email: bool,
        /// Phone numbers are user names.
        #[n(1)]
        phone: bool,
    },
}

/// What a password must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct PasswordPolicy {
    /// The least number of characters, 6 to 99.
    #[n(0)]
    pub minimum: u16,
    /// Whether it needs an upper-case letter.
    #[n(1)]
    pub upper: bool,
    /// Whether it needs a lower-case letter.
    #[n(2)]
    pub lower: bool,
    /// Whether it needs a digit.
    #[n(3)]
    pub numbers: bool,
    /// Whether it needs a symbol.
    #[n(4)]
    pub symbols: bool,
    /// How many days a temporary password lives; never 0.
    #[n(5)]
    pub temporary_days: u16,
    /// How many earlier passwords may not come back, 0 to 24.
    #[n(6)]
    pub history: u8,
}

/// A way to recover an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
pub enum RecoveryOption {
    /// By the verified e-mail address.
    #[n(0)]
    VerifiedEmail,
    /// By the verified phone number.
    #[n(1)]
    VerifiedPhone,
    /// By an administrator alone.
    #[n(2)]
    AdminOnly,
}

/// Whether a second factor is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
pub enum MfaRule {
    /// Never.
    #[n(0)]
    Off,
    /// Of users who set one up.
    #[n(1)]
    Optional,
    /// Of everybody.
    #[n(2)]
    On,
}

/// The texts of messages; `None` is the service's own text. `{####}` is the code, `{username}` the name.
#[derive(Clone, Debug, Default, Cbor)]
#[cbor(map)]
pub struct MessageTexts {
    /// Text message with a code.
    #[n(0)]
    pub sms: Option<String>,
    /// E-mail body with a code.
    #[n(1)]
    pub email: Option<String>,
    /// E-mail subject.
    #[n(2)]
    pub email_subject: Option<String>,
    /// Invitation by text message.
    #[n(3)]
    pub invite_sms: Option<String>,
    /// Invitation by e-mail.
    #[n(4)]
    pub invite_email: Option<String>,
    /// Subject of the invitation.
    #[n(5)]
    pub invite_subject: Option<String>,
    /// Text message with the code of a second factor.
    #[n(6)]
    pub authentication: Option<String>,
    /// Whether a sign-up is confirmed by a link in an e-mail, and what that says.
    #[n(7)]
    pub link: Option<LinkTexts>,
}

/// The texts of an e-mail with a link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct LinkTexts {
    /// The body.
    #[n(0)]
    pub body: Option<String>,
    /// The subject.
    #[n(1)]
    pub subject: Option<String>,
}

/// The secrets of a pool that never change, sealed.
#[derive(Clone, Debug, Cbor)]
#[cbor(map)]
pub struct PoolSecrets {
    /// 32 bytes from which simulated salts, ids and the hashes of codes and unknown names are derived.
    #[cbor(n(0), bytes)]
    pub sealed: Vec<u8>,
}

impl Record for PoolSecrets {
    const KIND: &'static str = "the secrets of a pool";
}
