//! What a request is answered with, in one form for model and engine.

use crate::act::Kind;

/// An answer, or the error's name and text. A `?` in an answer stands for any one letter.
pub type Told = Result<String, (String, String)>;

/// What the model says of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The answer.
    pub told: Told,
    /// The messages: purpose and destination, in order.
    pub sent: Vec<(&'static str, &'static str)>,
}

/// A refusal of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The error's name.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Whether what was written before it stays.
    pub counted: bool,
}

impl Refusal {
    /// The same, keeping what was written.
    #[must_use]
    pub fn counted(self) -> Self {
        Self {
            counted: true,
            ..self
        }
    }
}

/// The refusal of this name and text.
pub fn refuse(name: &str, text: impl Into<String>) -> Refusal {
    Refusal {
        name: format!("{name}Exception"),
        text: text.into(),
        counted: false,
    }
}

/// `NotAuthorizedException` with this text.
pub fn unauthorized(text: &str) -> Refusal {
    refuse("NotAuthorized", text)
}

/// `InvalidParameterException` with this text.
pub fn invalid(text: impl Into<String>) -> Refusal {
    refuse("InvalidParameter", text)
}

/// A destination as it is shown.
#[must_use]
pub fn masked(kind: Kind, address: &str) -> String {
    match kind {
        Kind::Phone => format!("+*******{}", &address[address.len() - 4..]),
        Kind::Email | Kind::Preferred => {
            let (local, domain) = address.split_once('@').unwrap_or((address, ""));
            format!("{}***@{}***", &local[..1], &domain[..1])
        }
    }
}

/// A delivery as it is told.
#[must_use]
pub fn delivery(kind: Kind, masked: &str) -> String {
    let medium = match kind {
        Kind::Phone => "SMS",
        Kind::Email | Kind::Preferred => "EMAIL",
    };
    format!("{medium} {masked} {}", kind.attribute())
}

/// Whether the engine told what the model expects.
#[must_use]
pub fn agrees(expected: &Told, told: &Told) -> bool {
    match (expected, told) {
        (Ok(expected), Ok(told)) => {
            expected.len() == told.len()
                && expected
                    .bytes()
                    .zip(told.bytes())
                    .all(|(one, other)| one == b'?' || other == b'?' || one == other)
        }
        (expected, told) => expected == told,
    }
}
