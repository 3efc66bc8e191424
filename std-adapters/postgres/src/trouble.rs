//! What an error says of what landed, and of what to do next.

use std::{error::Error as _, io};

use tokio_postgres::{Error, error::Severity};
use userpool_ports::StoreFault;

/// The state that the function on the server names when an expectation does not hold.
pub(crate) const CONFLICT: &str = "UPCFL";

/// An error, by what can be done about it. Each tells its cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The server took its transaction back, and may do better at once.
    Again(String),
    /// The connection, or its server, is of no use any more; another may be.
    Broken(String),
    /// The server says no, and would say so again.
    Refused(String),
}

impl Trouble {
    /// What an error means where nothing was to become lasting yet.
    pub(crate) fn of(error: &Error) -> Self {
        let Some(told) = error.as_db_error() else {
            let cause = error.source().map(|it| format!(": {it}"));
            let cause = format!("{error}{}", cause.unwrap_or_default());
            return match is_our_no(error) {
                true => Self::Refused(cause),
                false => Self::Broken(cause),
            };
        };
        let cause = format!("{} ({})", told.message(), told.code().code());
        match told.code().code() {
            // Lost races for locks, and orders of commits that the server cannot have.
            "40001" | "40P01" | "55P03" => Self::Again(cause),
            // No such user, password or database.
            code if code.starts_with("28") || code.starts_with("3D") => Self::Refused(cause),
            // Of a server that takes no writes any more.
            "25006" => Self::Broken(cause),
            code if of_the_connection(code) || is_fatal(told.parsed_severity()) => {
                Self::Broken(cause)
            }
            _ => Self::Refused(cause),
        }
    }

    /// The same, told of a host.
    pub(crate) fn with(self, host: &str) -> Self {
        let told = |cause| format!("{host}: {cause}");
        match self {
            Self::Again(cause) => Self::Again(told(cause)),
            Self::Broken(cause) => Self::Broken(told(cause)),
            Self::Refused(cause) => Self::Refused(told(cause)),
        }
    }

    /// What the hosts said of which none is of use: refused where every one of them refused.
    pub(crate) fn of_all(troubles: Vec<Self>) -> Self {
        let refused = troubles.iter().all(|it| matches!(it, Self::Refused(_)));
        let causes: Vec<String> = troubles.into_iter().map(Self::into_cause).collect();
        match refused {
            true => Self::Refused(causes.join("; ")),
            false => Self::Broken(causes.join("; ")),
        }
    }

    fn into_cause(self) -> String {
        let (Self::Again(cause) | Self::Broken(cause) | Self::Refused(cause)) = self;
        cause
    }

    /// The fault of one who gives up.
    pub(crate) fn into_fault(self) -> StoreFault {
        StoreFault::new(self.into_cause())
    }
}

/// Whether a commit that ended with this error certainly did not land.
///
/// An error that leaves the session going took the transaction back; one that ends it may have come after the commit
/// was written, while the server waited for its standbys.
pub(crate) fn certainly_lost(error: &Error) -> bool {
    error.as_db_error().is_some_and(|told| {
        let code = told.code().code();
        // 40003: the server itself does not know.
        !is_fatal(told.parsed_severity()) && !of_the_connection(code) && code != "40003"
    })
}

/// Whether an error means that an expectation did not hold.
pub(crate) fn is_conflict(error: &Error) -> bool {
    error.code().is_some_and(|it| it.code() == CONFLICT)
}

/// Whether an error that is not the server's is a refusal of ours, which waiting does not mend: a certificate that is not
/// trusted or names somebody else, a server without TLS where it is wanted, a password that is missing.
fn is_our_no(error: &Error) -> bool {
    let Some(source) = error.source() else {
        return false;
    };
    let Some(io) = source.downcast_ref::<io::Error>() else {
        return true;
    };
    let of_tls = io.get_ref().and_then(|it| it.downcast_ref());
    matches!(of_tls, Some(rustls::Error::InvalidCertificate(_)))
        || io.kind() == io::ErrorKind::Other && io.get_ref().is_some()
}

fn is_fatal(severity: Option<Severity>) -> bool {
    !matches!(severity, Some(Severity::Error))
}

/// Connections, resources, operators, the system and the inside of the server.
fn of_the_connection(code: &str) -> bool {
    ["08", "53", "57", "58", "XX"]
        .iter()
        .any(|class| code.starts_with(class))
}
