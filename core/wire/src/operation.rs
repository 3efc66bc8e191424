//! The operations of both services: names, authorization, declared errors.

use crate::generated::operations::OPERATIONS;
use crate::read::Decode;
use crate::rule::Shape;
use crate::write::Encode;

/// One of the two services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// User pools, `cognito-idp`.
    UserPools,
    /// Identity pools, `cognito-identity`.
    IdentityPools,
}

impl Service {
    /// What stands before the last dot of `X-Amz-Target`.
    pub const fn target_prefix(self) -> &'static str {
        match self {
            Self::UserPools => "AWSCognitoIdentityProviderService",
            Self::IdentityPools => "AWSCognitoIdentityService",
        }
    }

    /// The service name in the scope of an AWS signature.
    pub const fn signing_name(self) -> &'static str {
        match self {
            Self::UserPools => "cognito-idp",
            Self::IdentityPools => "cognito-identity",
        }
    }
}

/// How the model says that requests are authorized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Auth {
    /// By an AWS Signature Version 4.
    Signed,
    /// By what the request itself holds: a client id, an access token, a session.
    Unsigned,
}

/// What the model says of one operation.
#[derive(Debug)]
pub struct OperationSpec {
    /// The name, for example `InitiateAuth`.
    pub name: &'static str,
    /// The service it belongs to; three tag operations exist in both.
    pub service: Service,
    /// How requests are authorized.
    pub auth: Auth,
    /// Whether the model says that the operation changes nothing.
    pub read_only: bool,
    /// Names of the errors it may answer, in the order of the model.
    pub errors: &'static [&'static str],
    /// Whether a success has a body at all; without one the body is empty, not `{}`.
    pub has_output: bool,
    pub(crate) input: &'static Shape,
    pub(crate) output: Option<&'static Shape>,
}

/// The request shape of an operation.
pub trait Request: Decode + Encode {
    /// The operation that takes this request.
    const OPERATION: &'static OperationSpec;

    /// What a success answers; [`Empty`](crate::Empty) where the body is empty.
    type Reply: Decode + Encode + Default;
}

/// The operation that an `X-Amz-Target` header names.
///
/// # Examples
///
/// ```
/// let operation = userpool_wire::find("AWSCognitoIdentityProviderService.InitiateAuth");
/// assert_eq!(operation.map(|it| it.name), Some("InitiateAuth"));
/// assert!(userpool_wire::find("AWSCognitoIdentityService.InitiateAuth").is_none());
/// ```
pub fn find(target: &str) -> Option<&'static OperationSpec> {
    let (prefix, name) = target.rsplit_once('.')?;
    let service = [Service::UserPools, Service::IdentityPools]
        .into_iter()
        .find(|it| it.target_prefix() == prefix)?;
    // The table is in the order of services and names.
    let at = OPERATIONS.binary_search_by(|it| (it.service, it.name).cmp(&(service, name)));
    Some(&OPERATIONS[at.ok()?])
}
