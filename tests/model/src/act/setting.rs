//! Requests about settings.

use super::At;
use crate::rules::{ClientRules, Mfa, Recovery, Risk};

/// Something about the settings of the account, its pools and its clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// TagResource.
    Tag(&'static str),
    /// UntagResource.
    Untag(&'static str),
    /// ListTagsForResource.
    Tags,
    /// DescribeUserPool.
    Describe,
    /// DescribeUserPoolClient.
    DescribeClient(usize),
    /// ListUserPools.
    Pools,
    /// ListUserPoolClients.
    Clients,
    /// GetUserPoolMfaConfig.
    Factors,
    /// UpdateUserPoolClient.
    Client(usize, ClientRules),
    /// CreateUserPool, of another pool.
    MakePool,
    /// DeleteUserPool, of one that an act made.
    DropPool(At),
    /// CreateUserPoolClient, of another client.
    MakeClient,
    /// DeleteUserPoolClient, of one that an act made.
    DropClient(At),
    /// AddCustomAttributes.
    Attribute(&'static str),
    /// SetUserPoolMfaConfig: who has a second factor is asked, or nobody is.
    Optional(bool),
    /// UpdateUserPool.
    Whole {
        /// Whether only administrators make users.
        closed: bool,
        /// Who recovers accounts.
        recovery: Recovery,
        /// How second factors are asked for, as before.
        mfa: Mfa,
    },
    /// SetRiskConfiguration, of the pool or of an app client; or nothing.
    Risk(Option<usize>, Option<Risk>),
    /// DescribeRiskConfiguration.
    DescribeRisk(Option<usize>),
    /// GetGroup.
    Group(&'static str),
    /// ListGroups.
    Groups,
    /// UpdateGroup.
    ChangeGroup(&'static str, Option<i64>),
}

impl Setting {
    pub(super) const fn operation(&self) -> &'static str {
        match self {
            Self::Tag(_) => "TagResource",
            Self::Untag(_) => "UntagResource",
            Self::Tags => "ListTagsForResource",
            Self::Describe => "DescribeUserPool",
            Self::DescribeClient(_) => "DescribeUserPoolClient",
            Self::Pools => "ListUserPools",
            Self::Clients => "ListUserPoolClients",
            Self::Factors => "GetUserPoolMfaConfig",
            Self::Client(..) => "UpdateUserPoolClient",
            Self::MakePool => "CreateUserPool",
            Self::DropPool(_) => "DeleteUserPool",
            Self::MakeClient => "CreateUserPoolClient",
            Self::DropClient(_) => "DeleteUserPoolClient",
            Self::Attribute(_) => "AddCustomAttributes",
            Self::Optional(_) => "SetUserPoolMfaConfig",
            Self::Whole { .. } => "UpdateUserPool",
            Self::Risk(..) => "SetRiskConfiguration",
            Self::DescribeRisk(_) => "DescribeRiskConfiguration",
            Self::Group(_) => "GetGroup",
            Self::Groups => "ListGroups",
            Self::ChangeGroup(..) => "UpdateGroup",
        }
    }
}
