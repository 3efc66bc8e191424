//! The advisory locks that stores of one schema know each other by.

/// What a lock is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lock {
    /// Held by who sweeps.
    Sweep,
    /// Held by who changes the tables.
    Change,
    /// Shared by every link for as long as it lasts; held alone by who changes the tables so that older nodes cannot go on.
    Use,
}

impl Lock {
    /// The number of the lock for a schema: FNV-1a of its purpose and of the name.
    pub(crate) fn number(self, schema: &str) -> i64 {
        let purpose = match self {
            Self::Sweep => "userpool sweep ",
            Self::Change => "userpool change ",
            Self::Use => "userpool use ",
        };
        let bytes = purpose.bytes().chain(schema.bytes());
        let hash = bytes.fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        });
        hash.cast_signed()
    }
}
