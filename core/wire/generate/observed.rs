//! Where the service keeps to something else than its model states.

/// The pattern that values of a shape are held to, where it is not the model's.
///
/// The model's `[\S]+` for passwords would refuse every space. The developer guide ("Adding user pool password
/// requirements") takes a space inside a password, though not at its ends, and counts it as a symbol; applications
/// compare messages of the service that quote the pattern below.
///
/// The model's pattern for domains has no dots, but the guide ("Using your own domain for managed login") and every
/// tool give the whole name of a custom domain, such as `auth.example.com`.
pub fn pattern(shape: &str) -> Option<&'static str> {
    match shape {
        "DomainType" => Some(r"^[a-z0-9](?:[a-z0-9\-\.]{0,61}[a-z0-9])?$"),
        "PasswordType" => Some(r"^[\S]+.*[\S]+$"),
        _ => None,
    }
}

/// The words of an enumeration that the model leaves out.
///
/// The reference of GetClientToken wants `ALLOW_CLIENT_TOKEN_AUTH` as the only flow of a client.
pub fn further_words(shape: &str) -> &'static [&'static str] {
    match shape {
        "ExplicitAuthFlowsType" => &["ALLOW_CLIENT_TOKEN_AUTH"],
        _ => &[],
    }
}

/// Whether an operation is open to requests that nobody signed, though the model has it signed.
///
/// The references of both show requests without a signature, which their client's secret proves; the SDKs sign them.
pub fn is_unsigned(operation: &str) -> bool {
    matches!(operation, "GetClientToken" | "GetDerivedToken")
}
