//! Where the service keeps to another constraint than its model states.

/// The pattern that values of a shape are held to, where it is not the model's.
///
/// The model's `[\S]+` for passwords would refuse every space. The developer guide ("Adding user pool password
/// requirements") takes a space inside a password, though not at its ends, and counts it as a symbol; applications
/// compare messages of the service that quote the pattern below.
pub fn pattern(shape: &str) -> Option<&'static str> {
    (shape == "PasswordType").then_some(r"^[\S]+.*[\S]+$")
}
