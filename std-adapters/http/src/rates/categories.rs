//! The categories of requests, by which the service counts them. How many everybody has stands in the core.

use userpool::FREE_LIMITS;

/// A category of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Category {
    /// Sign-ins begun.
    UserAuthentication,
    /// Challenges answered, of which a sign-in has several.
    ChallengeResponse,
    /// Accounts made and confirmed.
    UserCreation,
    /// Passwords forgotten, changed and set.
    UserAccountRecovery,
    /// A user read.
    UserRead,
    /// A user changed.
    UserUpdate,
    /// Tokens refreshed and revoked, and sign-outs.
    UserToken,
    /// What belongs to a user read: devices, groups, sessions, events.
    UserResourceRead,
    /// What belongs to a user changed.
    UserResourceUpdate,
    /// Users listed.
    UserList,
    /// Pools read.
    UserPoolRead,
    /// Pools changed.
    UserPoolUpdate,
    /// What belongs to a pool read: groups, providers, servers, domains, looks.
    UserPoolResourceRead,
    /// What belongs to a pool changed.
    UserPoolResourceUpdate,
    /// App clients read.
    UserPoolClientRead,
    /// App clients changed.
    UserPoolClientUpdate,
}

/// How many answers to challenges go with a sign-in: they have a rate of their own, in proportion.
pub(super) const CHALLENGES: u32 = 3;

/// A category: its name, and its operations.
type Row = (Category, &'static str, &'static [&'static str]);

/// Every category. An operation that stands in none is of [`UserPoolResourceRead`](Category::UserPoolResourceRead) or
/// [`UserPoolResourceUpdate`](Category::UserPoolResourceUpdate).
const TABLE: [Row; 16] = [
    (
        Category::UserAuthentication,
        "UserAuthentication",
        &["InitiateAuth", "AdminInitiateAuth"],
    ),
    (
        Category::ChallengeResponse,
        "ChallengeResponse",
        &["RespondToAuthChallenge", "AdminRespondToAuthChallenge"],
    ),
    (
        Category::UserCreation,
        "UserCreation",
        &[
            "SignUp",
            "ConfirmSignUp",
            "AdminCreateUser",
            "AdminConfirmSignUp",
            "ResendConfirmationCode",
        ],
    ),
    (
        Category::UserAccountRecovery,
        "UserAccountRecovery",
        &[
            "ForgotPassword",
            "ConfirmForgotPassword",
            "ChangePassword",
            "AdminResetUserPassword",
            "AdminSetUserPassword",
        ],
    ),
    (Category::UserRead, "UserRead", &["GetUser", "AdminGetUser"]),
    (
        Category::UserUpdate,
        "UserUpdate",
        &[
            "AdminDeleteUser",
            "AdminDeleteUserAttributes",
            "AdminDeleteSoftwareToken",
            "AdminDisableProviderForUser",
            "AdminDisableUser",
            "AdminEnableUser",
            "AdminLinkProviderForUser",
            "AdminSetUserMFAPreference",
            "AdminSetUserSettings",
            "AdminUpdateUserAttributes",
            "AssociateSoftwareToken",
            "CompleteWebAuthnRegistration",
            "DeleteUser",
            "DeleteUserAttributes",
            "DeleteWebAuthnCredential",
            "GetUserAttributeVerificationCode",
            "SetUserMFAPreference",
            "SetUserSettings",
            "StartWebAuthnRegistration",
            "UpdateUserAttributes",
            "VerifySoftwareToken",
            "VerifyUserAttribute",
        ],
    ),
    (
        Category::UserToken,
        "UserToken",
        &[
            "AdminUserGlobalSignOut",
            "GetClientToken",
            "GetDerivedToken",
            "GetTokensFromRefreshToken",
            "GlobalSignOut",
            "RevokeToken",
        ],
    ),
    (
        Category::UserResourceRead,
        "UserResourceRead",
        &[
            "AdminGetDevice",
            "AdminGetUserAuthFactors",
            "AdminListDevices",
            "AdminListGroupsForUser",
            "AdminListUserAuthEvents",
            "AdminListUserSessions",
            "GetDevice",
            "GetUserAuthFactors",
            "ListDevices",
            "ListUserSessions",
            "ListWebAuthnCredentials",
        ],
    ),
    (
        Category::UserResourceUpdate,
        "UserResourceUpdate",
        &[
            "AdminAddUserToGroup",
            "AdminForgetDevice",
            "AdminRemoveUserFromGroup",
            "AdminRevokeUserSession",
            "AdminUpdateAuthEventFeedback",
            "AdminUpdateDeviceStatus",
            "ConfirmDevice",
            "ForgetDevice",
            "RevokeUserSession",
            "UpdateAuthEventFeedback",
            "UpdateDeviceStatus",
        ],
    ),
    (
        Category::UserList,
        "UserList",
        &["ListUsers", "ListUsersInGroup"],
    ),
    (
        Category::UserPoolRead,
        "UserPoolRead",
        &[
            "DescribeUserPool",
            "ListUserPools",
            "GetUserPoolMfaConfig",
            "GetUserPoolSessionConfiguration",
        ],
    ),
    (
        Category::UserPoolUpdate,
        "UserPoolUpdate",
        &[
            "AddCustomAttributes",
            "CreateUserPool",
            "DeleteUserPool",
            "SetUserPoolMfaConfig",
            "SetUserPoolSessionConfiguration",
            "UpdateUserPool",
        ],
    ),
    (Category::UserPoolResourceRead, "UserPoolResourceRead", &[]),
    (
        Category::UserPoolResourceUpdate,
        "UserPoolResourceUpdate",
        &[],
    ),
    (
        Category::UserPoolClientRead,
        "UserPoolClientRead",
        &[
            "DescribeUserPoolClient",
            "GetUserPoolClientSessionConfiguration",
            "ListUserPoolClientSecrets",
            "ListUserPoolClients",
        ],
    ),
    (
        Category::UserPoolClientUpdate,
        "UserPoolClientUpdate",
        &[
            "AddUserPoolClientSecret",
            "CreateUserPoolClient",
            "DeleteUserPoolClient",
            "DeleteUserPoolClientSecret",
            "SetUserPoolClientSessionConfiguration",
            "UpdateUserPoolClient",
        ],
    ),
];

impl Category {
    /// Every category.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.0)
    }

    /// The category of a name, as [`name`](Self::name) gives it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// The name, as the service has it; that of challenges is its own here.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// How many requests a second the service allows an account by default.
    #[must_use]
    pub fn by_default(self) -> u32 {
        let (of, times) = match self {
            Self::ChallengeResponse => (Self::UserAuthentication, CHALLENGES),
            other => (other, 1),
        };
        let free = FREE_LIMITS.iter().find(|(name, _)| *name == of.name());
        free.map_or(0, |(_, free)| free * times)
    }

    /// The category of an operation of user pools.
    pub(super) fn of(operation: &str) -> Self {
        let listed = TABLE.iter().find(|row| row.2.contains(&operation));
        match (listed, reads(operation)) {
            (Some(row), _) => row.0,
            (None, true) => Self::UserPoolResourceRead,
            (None, false) => Self::UserPoolResourceUpdate,
        }
    }

    fn row(self) -> &'static Row {
        TABLE
            .iter()
            .find(|row| row.0 == self)
            .expect("every category has a row")
    }
}

/// Whether an operation only reads.
pub(super) fn reads(operation: &str) -> bool {
    let verb = operation.strip_prefix("Admin").unwrap_or(operation);
    let sends = [
        "GetUserAttributeVerificationCode",
        "GetTokensFromRefreshToken",
    ];
    ["Get", "List", "Describe"]
        .iter()
        .any(|read| verb.starts_with(read))
        && !sends.contains(&operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_table_lists_are_operations_and_each_stands_once() {
        let mut seen = std::collections::BTreeSet::new();
        for (category, name, operations) in TABLE {
            assert_eq!(
                (category.name(), Category::named(name)),
                (name, Some(category))
            );
            assert!(category.by_default() > 0, "{name}");
            for operation in operations {
                assert!(seen.insert(operation), "{operation} stands twice");
                let known = userpool_wire::OPERATIONS
                    .iter()
                    .any(|spec| spec.name == *operation);
                assert!(known, "{operation}");
            }
        }
        assert_eq!(
            Category::of("CreateGroup"),
            Category::UserPoolResourceUpdate
        );
        assert_eq!(Category::of("GetGroup"), Category::UserPoolResourceRead);
    }
}
