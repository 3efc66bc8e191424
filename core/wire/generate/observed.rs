//! Where the service keeps to another constraint than its model states.

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
