//! Who the users of a directory are: the `number`th is the same at every size.
//!
//! The first thousand have names that nobody else has, so that a question about them finds the same users whoever comes
//! after them. Others are spread over the alphabet. Some values are shared by a tenth of all.

/// How many users have names of the first thousand.
pub const FIRST: u64 = 1_000;
/// The group that every second user is in.
pub const LARGE: &str = "large";
/// The group of some of the first users.
pub const SMALL: &str = "small";
/// How many they are.
pub const IN_SMALL: u64 = 20;

/// A user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    number: u64,
}

/// The user of a number.
#[must_use]
pub const fn person(number: u64) -> Person {
    Person { number }
}

impl Person {
    /// The user name.
    #[must_use]
    pub fn username(self) -> String {
        let number = self.number;
        if number < FIRST {
            return format!("ada{number:04}");
        }
        let mut bits = scattered(number);
        let mut letters = String::new();
        // None of these begins with an `a`.
        letters.push(char::from(b'b' + (bits % 25) as u8));
        for _ in 0..5 {
            bits /= 25;
            letters.push(char::from(b'a' + (bits % 25) as u8));
        }
        format!("{letters}{number}")
    }

    /// The attributes that are set.
    #[must_use]
    pub fn attributes(self) -> Vec<(&'static str, String)> {
        let number = self.number;
        let username = self.username();
        let (given, family) = (self.given(), self.family());
        let phone = match number < FIRST {
            true => format!("+1206555{number:04}"),
            false => format!("+4{:011}", scattered(number) % 100_000_000_000),
        };
        let mut attributes = vec![
            ("email", format!("{username}@example.com")),
            ("email_verified", "true".into()),
            ("phone_number", phone),
            ("name", format!("{given} {family}")),
            ("given_name", given),
            ("family_name", family),
            ("birthdate", "1990-02-28".into()),
            ("locale", "en-GB".into()),
            ("zoneinfo", "Europe/London".into()),
        ];
        if number.is_multiple_of(5) {
            attributes.push(("preferred_username", format!("{username}-p")));
        }
        attributes
    }

    /// Whether the password is one that the administrator set for a while.
    #[must_use]
    pub const fn is_new(self) -> bool {
        self.number % 10 == 3
    }

    /// Whether the user is disabled.
    #[must_use]
    pub const fn is_disabled(self) -> bool {
        self.number % 10 == 7
    }

    /// Whether the user is signed in.
    #[must_use]
    pub const fn is_signed_in(self) -> bool {
        self.number % 10 == 1
    }

    /// The groups of the user.
    #[must_use]
    pub fn groups(self) -> Vec<&'static str> {
        let mut groups = Vec::new();
        if self.number.is_multiple_of(2) {
            groups.push(LARGE);
        }
        if self.number < IN_SMALL {
            groups.push(SMALL);
        }
        groups
    }

    fn given(self) -> String {
        match self.number % 10 {
            0 => "Maria".into(),
            _ => format!("Given{:06}", self.number / 10),
        }
    }

    fn family(self) -> String {
        match self.number % 10 {
            5 => "Smith".into(),
            _ => format!("Family{:06}", self.number / 10),
        }
    }
}

/// A number far from its neighbours' (SplitMix64).
const fn scattered(number: u64) -> u64 {
    let z = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
