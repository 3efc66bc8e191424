//! Groups and who is in them.

use super::{At, Course, Out, Typed};
use crate::told::{Refusal, refuse};

impl Course {
    pub(super) fn create_group(&mut self, name: &'static str, precedence: Option<i64>) -> Out {
        if self.pool.groups.contains_key(name) {
            return Err(refuse(
                "GroupExists",
                "A group with the name already exists",
            ));
        }
        self.pool.groups.insert(name, (self.at, precedence));
        Ok(String::new())
    }

    fn group(&self, name: &str) -> Result<At, Refusal> {
        let group = self.pool.groups.get(name);
        group
            .map(|group| group.0)
            .ok_or_else(|| refuse("ResourceNotFound", "Group not found."))
    }

    pub(super) fn delete_group(&mut self, name: &'static str) -> Out {
        self.group(name)?;
        self.pool.groups.remove(name);
        Ok(String::new())
    }

    pub(super) fn add_to_group(&mut self, name: &'static str, typed: Typed) -> Out {
        let group = self.group(name)?;
        let at = self.known(typed)?;
        self.user(at).groups.insert(name, group);
        Ok(String::new())
    }

    pub(super) fn remove_from_group(&mut self, name: &'static str, typed: Typed) -> Out {
        let group = self.group(name)?;
        let at = self.known(typed)?;
        let groups = &mut self.user(at).groups;
        if groups.get(name) == Some(&group) {
            groups.remove(name);
        }
        Ok(String::new())
    }

    /// The groups of a user by name.
    fn groups_of(&self, at: At) -> Vec<&'static str> {
        let groups = self.pool.users[&at].groups.iter();
        let lives =
            groups.filter(|(name, made)| self.group(name).is_ok_and(|group| group == **made));
        lives.map(|(name, _)| *name).collect()
    }

    /// The groups of a user as tokens tell them: the strongest first.
    pub(super) fn standing(&self, at: At) -> Vec<&'static str> {
        let mut groups = self.groups_of(at);
        groups.sort_by_key(|name| {
            let precedence = self.pool.groups[name].1;
            (precedence.is_none(), precedence, *name)
        });
        groups
    }

    pub(super) fn list_groups_for_user(&self, typed: Typed) -> Out {
        let at = self.known(typed)?;
        Ok(self.groups_of(at).join(","))
    }

    pub(super) fn list_users_in_group(&self, name: &str) -> Out {
        self.group(name)?;
        let users = self
            .pool
            .users
            .keys()
            .filter(|at| self.groups_of(**at).contains(&name));
        let users: Vec<String> = users.map(|at| format!("#{at}")).collect();
        Ok(users.join(","))
    }
}
