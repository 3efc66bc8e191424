//! What the models forget to mark as sensitive.

/// Shapes whose values are secrets, or names and addresses of people, wherever they appear.
const SHAPES: &[&str] = &[
    // Codes and what opens a session.
    "ConfirmationCodeType",
    "PreSignedUrlType",
    "SessionTokenString",
    // Maps that carry codes, secret hashes, provider secrets and tokens.
    "ChallengeParametersType",
    "ClientMetadataType",
    "LoginsMap",
    "ProviderDetailsType",
    // Filters hold addresses; so do the identifiers that developers give their users.
    "DeveloperUserIdentifier",
    "EmailAddressType",
    "UserFilterType",
];

/// Single members of a shape that is harmless elsewhere.
const MEMBERS: &[(&str, &str)] = &[
    ("ContextDataType", "EncodedData"),
    ("ContextDataType", "IpAddress"),
    ("DeviceSecretVerifierConfigType", "PasswordVerifier"),
    ("DeviceSecretVerifierConfigType", "Salt"),
    ("EventContextDataType", "IpAddress"),
    ("HttpHeader", "headerValue"),
    ("ProviderUserIdentifierType", "ProviderAttributeValue"),
    // The model marks the structure; the types mark what it holds.
    ("UserContextDataType", "EncodedData"),
    ("UserContextDataType", "IpAddress"),
];

pub fn is_forgotten(shape: &str) -> bool {
    SHAPES.contains(&shape)
}

pub fn is_forgotten_member(structure: &str, member: &str) -> bool {
    MEMBERS.contains(&(structure, member))
}
