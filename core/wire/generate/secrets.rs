//! What the models forget to mark as sensitive.
//!
//! What is hidden never leaves the process by a message or a log. What is only wrapped is not printed by `Debug`, but
//! the service's messages quote it to the caller who sent it, and clients compare them.

/// Shapes that hold secrets: maps with codes, hashes and tokens, and what opens a session.
const HIDDEN: &[&str] = &[
    "ChallengeParametersType",
    "ClientMetadataType",
    "LoginsMap",
    "PreSignedUrlType",
    "ProviderDetailsType",
    "SessionTokenString",
];

/// Secret members of a shape that is harmless elsewhere.
const HIDDEN_MEMBERS: &[(&str, &str)] = &[
    ("ContextDataType", "EncodedData"),
    ("ContextDataType", "IpAddress"),
    ("DeviceSecretVerifierConfigType", "PasswordVerifier"),
    ("DeviceSecretVerifierConfigType", "Salt"),
    ("EventContextDataType", "IpAddress"),
    ("HttpHeader", "headerValue"),
    // The model marks the structure; its type marks what it holds.
    ("UserContextDataType", "EncodedData"),
    ("UserContextDataType", "IpAddress"),
];

/// Codes, and what names a person.
const WRAPPED: &[&str] = &[
    "ConfirmationCodeType",
    "DeveloperUserIdentifier",
    "EmailAddressType",
    "UserFilterType",
];

const WRAPPED_MEMBERS: &[(&str, &str)] =
    &[("ProviderUserIdentifierType", "ProviderAttributeValue")];

/// Whether values of a shape are left out of messages.
pub fn is_hidden(shape: &str) -> bool {
    HIDDEN.contains(&shape)
}

/// Whether the values of a member are left out of messages.
pub fn is_hidden_member(structure: &str, member: &str) -> bool {
    HIDDEN_MEMBERS.contains(&(structure, member))
}

/// Whether values of a shape are secret although the model does not say so.
pub fn is_forgotten(shape: &str) -> bool {
    is_hidden(shape) || WRAPPED.contains(&shape)
}

/// Whether a member is secret although neither the model nor its shape says so.
pub fn is_forgotten_member(structure: &str, member: &str) -> bool {
    is_hidden_member(structure, member) || WRAPPED_MEMBERS.contains(&(structure, member))
}
