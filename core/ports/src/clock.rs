//! Time and chance, as values that the host hands in.

use core::fmt;

/// A moment in Unix time, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `millis` milliseconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// The moment `secs` seconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000))
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    #[must_use]
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// This moment, later by a duration; saturates at the end of time.
    #[must_use]
    pub const fn after(self, duration: core::time::Duration) -> Self {
        let millis = duration.as_millis();
        let millis = if millis > i64::MAX as u128 {
            i64::MAX
        } else {
            millis as i64
        };
        Self(self.0.saturating_add(millis))
    }

    /// This moment, earlier by a duration; saturates at the beginning of time.
    #[must_use]
    pub const fn before(self, duration: core::time::Duration) -> Self {
        let millis = duration.as_millis();
        let millis = if millis > i64::MAX as u128 {
            i64::MAX
        } else {
            millis as i64
        };
        Self(self.0.saturating_sub(millis))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.secs(), self.0.rem_euclid(1_000))
    }
}

/// The present, read once a request by the adapter.
pub trait Clock {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The source of chance: one 32-byte seed a request, from which every draw is derived.
pub trait Entropy {
    /// A fresh seed that nobody can predict and that never recurs.
    fn seed(&self) -> [u8; 32];
}
