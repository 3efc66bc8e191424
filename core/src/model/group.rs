//! Groups of a pool, who is in them, and what a user's groups say in tokens.
//!
//! A group has an id that no other ever gets, besides its name. A user's memberships are one record, read
//! together with the user; each names a group by name, under which it is found, and by id: a membership counts
//! only while the group of that name has that id. So deleting a group is one write, whatever its size, and a new
//! group of an old name has nobody in it. What is left of the old one is cleared by a job.

use alloc::{string::String, vec::Vec};

use userpool_ports::Timestamp;

use crate::{cbor::Cbor, engine::Record, few};

/// The most groups that a pool has.
pub const MAX_OF_POOL: u32 = 10_000;
/// The most groups that a user is in.
pub const MAX_OF_USER: usize = 100;

/// The id of a group, 16 random bytes.
pub type GroupId = [u8; 16];

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Group {
    /// The name, unique in its pool.
    #[n(0)]
    pub name: String,
    /// The id.
    #[cbor(n(1), bytes)]
    pub id: GroupId,
    /// What an administrator says of it.
    #[n(2)]
    pub description: Option<String>,
    /// The role that its members may take, an ARN.
    #[n(3)]
    pub role: Option<String>,
    /// How it ranks; 0 is the strongest, `None` the weakest.
    #[n(4)]
    pub precedence: Option<i32>,
    /// When it was made.
    #[n(5)]
    pub created: Timestamp,
    /// When it last changed.
    #[n(6)]
    pub modified: Timestamp,
}

impl Record for Group {
    const KIND: &'static str = "a group";
}

impl Group {
    /// What groups are ordered by: the strongest first, then by name.
    fn rank(&self) -> (i64, &str) {
        (rank(self.precedence), &self.name)
    }
}

fn rank(precedence: Option<i32>) -> i64 {
    precedence.map_or(i64::MAX, i64::from)
}

/// How many groups a pool has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct GroupCount {
    /// The groups.
    #[n(0)]
    pub groups: u32,
}

impl Record for GroupCount {
    const KIND: &'static str = "a count of groups";
}

/// A user in the list of a group's members; the key says who.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Member {}

impl Record for Member {
    const KIND: &'static str = "a member of a group";
}

/// The groups of a user, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Memberships {
    #[n(0)]
    of: Vec<Membership>,
}

/// One group of a user.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Membership {
    /// The name, under which the group is found.
    #[n(0)]
    pub name: String,
    /// The id that the group had when the user joined.
    #[cbor(n(1), bytes)]
    pub id: GroupId,
}

impl Record for Memberships {
    const KIND: &'static str = "the groups of a user";
}

impl Membership {
    /// Whether the group of the name, if there is one, is the one that the user joined.
    #[must_use]
    pub fn counts_in(&self, group: Option<&Group>) -> bool {
        group.is_some_and(|group| group.id == self.id)
    }
}

impl Memberships {
    /// These and one more; it takes the place of an older group of the same name.
    #[must_use]
    pub fn with(&self, group: &Group) -> Self {
        let mut of = self.of.clone();
        let joined = Membership {
            name: group.name.clone(),
            id: group.id,
        };
        match of.binary_search_by(|held| held.name.cmp(&joined.name)) {
            Ok(at) => of[at] = joined,
            Err(at) => of.insert(at, joined),
        }
        Self { of }
    }

    /// These without the group of an id; `None` where nothing is left.
    #[must_use]
    pub fn without(&self, id: &GroupId) -> Option<Self> {
        self.only(|held| held.id != *id)
    }

    /// Those that are to be kept; `None` where there are none.
    #[must_use]
    pub fn only(&self, kept: impl Fn(&Membership) -> bool) -> Option<Self> {
        let of: Vec<_> = self.of.iter().filter(|held| kept(held)).cloned().collect();
        (!of.is_empty()).then_some(Self { of })
    }

    /// Whether the group of an id is among them.
    #[must_use]
    pub fn include(&self, id: &GroupId) -> bool {
        self.of.iter().any(|held| held.id == *id)
    }

    /// Each of them, in the order of the names.
    #[must_use]
    pub fn all(&self) -> &[Membership] {
        &self.of
    }
}

/// What a user's groups say in tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// `cognito:groups`: the names, the strongest first, equal ones by name.
    pub groups: Vec<String>,
    /// `cognito:roles`: the roles of these groups in the same order, each once.
    pub roles: Vec<String>,
    /// `cognito:preferred_role`: the role of the strongest group that has one; none where equally strong groups
    /// have different roles.
    pub preferred: Option<String>,
}

impl Standing {
    /// The standing of a user in these groups.
    #[must_use]
    pub fn of(mut groups: Vec<&Group>) -> Self {
        few::sort_by(&mut groups, |one, other| one.rank().cmp(&other.rank()));
        let with_role = |group: &&Group| Some((rank(group.precedence), group.role.clone()?));
        let ranked: Vec<(i64, String)> = groups.iter().filter_map(with_role).collect();
        let mut roles: Vec<String> = Vec::new();
        for (_, role) in &ranked {
            if !roles.contains(role) {
                roles.push(role.clone());
            }
        }
        let preferred = ranked.first().and_then(|(best, role)| {
            let mut equals = ranked.iter().take_while(|(rank, _)| rank == best);
            equals.all(|(_, other)| other == role).then(|| role.clone())
        });
        Self {
            groups: groups.iter().map(|group| group.name.clone()).collect(),
            roles,
            preferred,
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn group(name: &str, precedence: Option<i32>, role: Option<&str>) -> Group {
        Group {
            name: name.into(),
            id: [name.as_bytes()[0]; 16],
            description: None,
            role: role.map(Into::into),
            precedence,
            created: Timestamp::from_millis(0),
            modified: Timestamp::from_millis(0),
        }
    }

    fn standing(groups: &[Group]) -> Standing {
        Standing::of(groups.iter().collect())
    }

    #[test]
    fn the_strongest_group_comes_first_and_one_without_precedence_last() {
        let found = standing(&[
            group("c", None, None),
            group("b", Some(7), None),
            group("a", Some(7), None),
            group("d", Some(0), None),
            group("e", Some(i32::MAX), None),
        ]);
        assert_eq!(found.groups, ["d", "a", "b", "e", "c"]);
        assert_eq!((found.roles.len(), found.preferred), (0, None));
    }

    #[test]
    fn the_preferred_role_is_that_of_the_strongest_group() {
        let found = standing(&[
            group("weak", None, Some("w")),
            group("strong", Some(1), Some("s")),
            group("same", Some(2), Some("s")),
        ]);
        assert_eq!(found.roles, ["s", "w"]);
        assert_eq!(found.preferred.as_deref(), Some("s"));
    }

    #[test]
    fn equally_strong_groups_have_a_preferred_role_only_if_it_is_the_same() {
        for precedence in [Some(3), None] {
            let same = [
                group("a", precedence, Some("r")),
                group("b", precedence, Some("r")),
            ];
            assert_eq!(standing(&same).preferred.as_deref(), Some("r"));
            let different = [
                group("a", precedence, Some("r")),
                group("b", precedence, Some("q")),
            ];
            let found = standing(&different);
            assert_eq!((found.roles.len(), found.preferred), (2, None));
        }
    }

    #[test]
    fn a_role_that_is_the_only_one_is_preferred_whoever_gives_it() {
        let found = standing(&[
            group("strong", Some(0), None),
            group("weak", None, Some("r")),
        ]);
        assert_eq!(found.preferred.as_deref(), Some("r"));
    }

    #[test]
    fn memberships_stand_in_the_order_of_names_each_once() {
        let mut groups = Memberships::default();
        for name in ["b", "c", "a", "b"] {
            groups = groups.with(&group(name, None, None));
        }
        let names = |groups: &Memberships| -> Vec<String> {
            groups.all().iter().map(|held| held.name.clone()).collect()
        };
        assert_eq!(names(&groups), ["a", "b", "c"]);
        let left = groups.without(&[b'b'; 16]).expect("two are left");
        assert_eq!(names(&left), ["a", "c"]);
        let last = left.without(&[b'a'; 16]).expect("one is left");
        assert_eq!(last.without(&[b'c'; 16]), None);
    }

    #[test]
    fn a_new_group_of_an_old_name_takes_the_place_of_the_old_one() {
        let old = group("a", None, None);
        let new = Group {
            id: [9; 16],
            ..old.clone()
        };
        let was = Memberships::default().with(&old);
        assert!(was.all()[0].counts_in(Some(&old)));
        assert!(!was.all()[0].counts_in(Some(&new)));
        assert!(!was.all()[0].counts_in(None));
        let becomes = was.with(&new);
        assert_eq!(becomes.all().len(), 1);
        assert!(becomes.include(&new.id) && !becomes.include(&old.id));
    }

    #[test]
    fn a_user_with_as_many_groups_as_there_may_be_fits_into_a_record() {
        let mut groups = Memberships::default();
        for index in 0..MAX_OF_USER {
            let letter = char::from_u32(0x1F600 + u32::try_from(index).unwrap()).unwrap();
            let name: String = vec![letter; 128].into_iter().collect();
            groups = groups.with(&group(&name, None, None));
        }
        assert_eq!(groups.all().len(), MAX_OF_USER);
        let bytes = crate::cbor::write(&groups, Vec::new());
        assert!(
            bytes.len() < userpool_ports::storage::MAX_VALUE,
            "{}",
            bytes.len()
        );
    }
}
