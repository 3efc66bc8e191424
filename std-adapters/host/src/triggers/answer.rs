//! The answers of triggers, typed.

use std::{collections::BTreeMap, fmt};

use serde_json::{Value, json};

/// What a closure wants of a new user. Wishes count for users who sign up, not for those an administrator makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignUpWish {
    /// The user is confirmed at once, without a code.
    pub auto_confirm_user: bool,
    /// The e-mail address of a user who is confirmed at once counts as verified.
    pub auto_verify_email: bool,
    /// The phone number of a user who is confirmed at once counts as verified.
    pub auto_verify_phone: bool,
}

impl SignUpWish {
    pub(super) fn response(self) -> Value {
        json!({
            "autoConfirmUser": self.auto_confirm_user,
            "autoVerifyEmail": self.auto_verify_email,
            "autoVerifyPhone": self.auto_verify_phone,
        })
    }
}

/// The words of a message; `None` leaves those of the pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageWish {
    /// The text message; it has to contain the code's parameter.
    pub sms_message: Option<String>,
    /// The e-mail; it has to contain the code's parameter.
    pub email_message: Option<String>,
    /// The subject of the e-mail.
    pub email_subject: Option<String>,
}

impl MessageWish {
    pub(super) fn response(self) -> Value {
        json!({
            "smsMessage": self.sms_message,
            "emailMessage": self.email_message,
            "emailSubject": self.email_subject,
        })
    }
}

/// What a closure wants of tokens. With the first form of the event only `id`, with texts alone, and `groups` count.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TokensWish {
    /// The claims of the ID token.
    pub id: ClaimsWish,
    /// The claims of the access token.
    pub access: ClaimsWish,
    /// The scopes of the access token.
    pub scopes: ScopesWish,
    /// The groups in both tokens; `None` leaves the user's own.
    pub groups: Option<GroupsWish>,
}

/// What a closure wants of the claims of a token. Taking away wins over adding.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClaimsWish {
    /// Claims to add, or to replace.
    pub add: BTreeMap<String, Value>,
    /// Claims to take away.
    pub suppress: Vec<String>,
}

/// What a closure wants of the scopes of an access token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopesWish {
    /// Scopes to add.
    pub add: Vec<String>,
    /// Scopes to take away.
    pub suppress: Vec<String>,
}

/// The groups and roles in place of the user's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupsWish {
    /// The groups.
    pub groups: Vec<String>,
    /// The roles.
    pub roles: Vec<String>,
    /// The preferred role.
    pub preferred_role: Option<String>,
}

impl TokensWish {
    pub(super) fn response(self, version: &str) -> Value {
        let groups = self.groups.map(|wish| {
            json!({
                "groupsToOverride": wish.groups,
                "iamRolesToOverride": wish.roles,
                "preferredRole": wish.preferred_role,
            })
        });
        let mut details = if version == "1" {
            self.id.details()
        } else {
            let mut access = self.access.details();
            access["scopesToAdd"] = self.scopes.add.into();
            access["scopesToSuppress"] = self.scopes.suppress.into();
            json!({"idTokenGeneration": self.id.details(), "accessTokenGeneration": access})
        };
        if let Some(groups) = groups {
            details["groupOverrideDetails"] = groups;
        }
        let name = if version == "1" {
            "claimsOverrideDetails"
        } else {
            "claimsAndScopeOverrideDetails"
        };
        json!({ name: details })
    }
}

impl ClaimsWish {
    fn details(self) -> Value {
        json!({"claimsToAddOrOverride": self.add, "claimsToSuppress": self.suppress})
    }
}

/// What comes next in a sign-in by custom challenges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// A challenge.
    Challenge,
    /// The sign-in fails.
    Fail,
    /// The user is who it says.
    IssueTokens,
    /// A proof of the password, by SRP: where the sign-in began with `SRP_A`, and right after that.
    ProvePassword,
}

impl NextStep {
    pub(super) fn response(self) -> Value {
        json!({
            "challengeName": match self {
                Self::Challenge => Some("CUSTOM_CHALLENGE"),
                Self::ProvePassword => Some("PASSWORD_VERIFIER"),
                Self::Fail | Self::IssueTokens => None,
            },
            "issueTokens": self == Self::IssueTokens,
            "failAuthentication": self == Self::Fail,
        })
    }
}

/// A custom challenge. Its `Debug` shows no parameter.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Challenge {
    /// What the client is told.
    pub public: BTreeMap<String, String>,
    /// What is kept for the judgement: the right answer, as a rule. The client never sees it.
    pub private: BTreeMap<String, String>,
    /// What the closures are told of the challenge later.
    pub metadata: Option<String>,
}

impl Challenge {
    pub(super) fn response(self) -> Value {
        json!({
            "publicChallengeParameters": self.public,
            "privateChallengeParameters": self.private,
            "challengeMetadata": self.metadata,
        })
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Challenge").finish_non_exhaustive()
    }
}

/// A user as a closure knows them. The `Debug` shows no attribute.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct MigratedUser {
    /// The attributes; `username` among them names the user where the name is not what was typed.
    pub attributes: BTreeMap<String, String>,
    /// Whether the password that was typed is right and stays; else the user has to reset it.
    pub confirmed: bool,
    /// Whether aliases are taken from those who have them.
    pub force_alias_creation: bool,
    /// Whether codes in text messages are the user's second factor; the user needs a number then.
    pub enable_sms_mfa: bool,
}

impl MigratedUser {
    pub(super) fn response(self) -> Value {
        json!({
            "userAttributes": self.attributes,
            "finalUserStatus": if self.confirmed { "CONFIRMED" } else { "RESET_REQUIRED" },
            "messageAction": "SUPPRESS",
            "forceAliasCreation": self.force_alias_creation,
            "enableSMSMFA": self.enable_sms_mfa,
        })
    }
}

impl fmt::Debug for MigratedUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MigratedUser")
            .field("confirmed", &self.confirmed)
            .finish_non_exhaustive()
    }
}
