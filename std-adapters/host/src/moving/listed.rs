//! Users from what ListUsers told, as `aws cognito-idp list-users` prints it: one document or several behind each other, read
//! user by user.

use std::{fmt, io::Read};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;
use userpool_core::ops::imports::listed::{ListedUser, listed_user};
use userpool_crypto::calendar::Civil;
use userpool_ports::Timestamp;
use userpool_wire::idp::{AdminAddUserToGroupRequest, CreateGroupRequest};

use super::NotMoved;
use crate::{Engine, Failure, RefusalKind};

/// What became of the users of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed {
    /// How many users were made.
    pub made: u64,
    /// How many the pool had already, by their `sub`.
    pub there: u64,
    /// How many were refused.
    pub refused: u64,
}

impl Engine {
    /// Makes the users of a list in a pool: with their `sub`, names, attributes, identities, status and dates, and without
    /// passwords. `told` hears what was made so far, and of a user that was refused, by place in the list, why. A list may be
    /// read again: who is there stays.
    ///
    /// # Errors
    /// The list is not what ListUsers tells, there is no such pool, or the store failed.
    pub fn import_listed_users_blocking(
        &self,
        pool: &str,
        list: impl Read,
        mut told: impl FnMut(Listed, Option<&str>),
    ) -> Result<Listed, NotMoved> {
        let mut end = Listed::default();
        each_user(list, |user| {
            match self.run_blocking::<bool>(listed_user(pool, &user.kept())) {
                Ok(true) => end.made += 1,
                Ok(false) => end.there += 1,
                Err(Failure::Refused(refusal))
                    if refusal.kind() != RefusalKind::ResourceNotFound =>
                {
                    end.refused += 1;
                    told(end, Some(refusal.message()));
                    return Ok(());
                }
                Err(other) => return Err(other.into()),
            }
            told(end, None);
            Ok(())
        })?;
        Ok(end)
    }
}

impl Engine {
    /// Puts the users of a list, which the pool has, into a group; it is made where there is none. Users who are in it already
    /// stay there. Tells how many were put in, and `refused` hears why one was not.
    ///
    /// # Errors
    /// The list is not what ListUsersInGroup tells, there is no such pool, or the store failed.
    pub fn join_listed_users_blocking(
        &self,
        pool: &str,
        group: &str,
        list: impl Read,
        mut refused: impl FnMut(&str),
    ) -> Result<u64, NotMoved> {
        let made = self.call_blocking(CreateGroupRequest {
            user_pool_id: pool.into(),
            group_name: group.into(),
            ..CreateGroupRequest::default()
        });
        match made {
            Err(Failure::Refused(refusal)) if refusal.kind() == RefusalKind::GroupExists => {}
            other => drop(other?),
        }
        let mut joined = 0;
        each_user(list, |user| {
            let request = AdminAddUserToGroupRequest {
                user_pool_id: pool.into(),
                username: user.username.into(),
                group_name: group.into(),
            };
            match self.call_blocking(request) {
                Ok(_) => joined += 1,
                Err(Failure::Refused(refusal)) => refused(refusal.message()),
                Err(other) => return Err(other.into()),
            }
            Ok(())
        })?;
        Ok(joined)
    }
}

/// A user as it is printed.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Printed {
    username: String,
    #[serde(default)]
    attributes: Vec<Attribute>,
    #[serde(default)]
    user_create_date: Value,
    #[serde(default)]
    user_last_modified_date: Value,
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default)]
    user_status: String,
    #[serde(rename = "MFAOptions", default)]
    mfa_options: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    name: String,
    #[serde(default)]
    value: String,
}

fn yes() -> bool {
    true
}

impl Printed {
    fn kept(self) -> ListedUser {
        let created = moment(&self.user_create_date).unwrap_or(Timestamp::from_millis(0));
        let texts = |option: &Value| option["DeliveryMedium"] == "SMS";
        ListedUser {
            username: self.username,
            attributes: self
                .attributes
                .into_iter()
                .map(|it| (it.name, it.value))
                .collect(),
            status: self.user_status,
            enabled: self.enabled,
            created,
            modified: moment(&self.user_last_modified_date).unwrap_or(created),
            texts: self.mfa_options.iter().any(texts),
        }
    }
}

/// A date as the AWS CLI prints it: seconds, or ISO 8601 with an offset.
fn moment(printed: &Value) -> Option<Timestamp> {
    if let Some(seconds) = printed.as_f64() {
        return Some(Timestamp::from_millis((seconds * 1_000.0).round() as i64));
    }
    let text = printed.as_str()?;
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u8>().ok();
    let rest = text.get(19..)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.find(['+', '-', 'Z']).unwrap_or(rest.len())),
        None => ("", rest),
    };
    let offset = match zone.get(..1) {
        None | Some("Z") => 0,
        Some(sign) => {
            let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
            let minutes = digits.get(..2)?.parse::<i64>().ok()? * 60
                + digits.get(2..4)?.parse::<i64>().ok()?;
            if sign == "-" { -minutes } else { minutes }
        }
    };
    let civil = Civil {
        year: text.get(..4)?.parse().ok()?,
        month: number(5, 7)?,
        day: number(8, 10)?,
        hour: number(11, 13)?,
        minute: number(14, 16)?,
        second: number(17, 19)?,
    };
    let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some(Timestamp::from_millis(
        (civil.to_unix()? - offset * 60) * 1_000 + millis,
    ))
}

/// Reads the users of all documents, one at a time.
fn each_user(
    list: impl Read,
    take: impl FnMut(Printed) -> Result<(), NotMoved>,
) -> Result<(), NotMoved> {
    let mut taking = Taking { take, failed: None };
    let mut json = serde_json::Deserializer::from_reader(std::io::BufReader::new(list));
    let mut documents = 0;
    loop {
        // What is left is read until something stands there, or nothing does.
        if documents > 0 && json.end().is_ok() {
            return Ok(());
        }
        let read = Document(&mut taking).deserialize(&mut json);
        if let Some(failed) = taking.failed.take() {
            return Err(failed);
        }
        read.map_err(|cause| NotMoved::Unreadable(format!("the list cannot be read: {cause}")))?;
        documents += 1;
    }
}

/// Who takes the users, and why it stopped.
struct Taking<F> {
    take: F,
    failed: Option<NotMoved>,
}

/// A document, of which `Users` is read.
struct Document<'a, F>(&'a mut Taking<F>);

impl<'de, F: FnMut(Printed) -> Result<(), NotMoved>> DeserializeSeed<'de> for Document<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de, F: FnMut(Printed) -> Result<(), NotMoved>> Visitor<'de> for Document<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the member Users")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(name) = map.next_key::<String>()? {
            if name == "Users" {
                found = true;
                map.next_value_seed(Users(&mut *self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        match found {
            true => Ok(()),
            false => Err(serde::de::Error::missing_field("Users")),
        }
    }
}

struct Users<'a, F>(&'a mut Taking<F>);

impl<'de, F: FnMut(Printed) -> Result<(), NotMoved>> DeserializeSeed<'de> for Users<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(Printed) -> Result<(), NotMoved>> Visitor<'de> for Users<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of users")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut users: A) -> Result<(), A::Error> {
        while let Some(user) = users.next_element::<Printed>()? {
            if let Err(failed) = (self.0.take)(user) {
                self.0.failed = Some(failed);
                return Err(serde::de::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn dates_are_read_as_the_cli_prints_them() {
        let at = |value: Value| moment(&value).map(Timestamp::millis);
        assert_eq!(at(json!(1_612_345_678.123)), Some(1_612_345_678_123));
        assert_eq!(
            at(json!("2021-02-03T09:47:58.123000+00:00")),
            Some(1_612_345_678_123)
        );
        assert_eq!(
            at(json!("2021-02-03T10:47:58.123000+01:00")),
            Some(1_612_345_678_123)
        );
        assert_eq!(at(json!("2021-02-03T09:47:58Z")), Some(1_612_345_678_000));
        for wrong in [
            json!(null),
            json!("yesterday"),
            json!("2021-02-03"),
            json!("é"),
        ] {
            assert_eq!(at(wrong.clone()), None, "{wrong}");
        }
    }

    #[test]
    fn users_are_read_from_several_documents() {
        let names = |text: &str| {
            let mut names = Vec::new();
            let read = each_user(text.as_bytes(), |user| {
                names.push(user.username);
                Ok(())
            });
            read.map(|()| names).map_err(|it| it.to_string())
        };
        let two = r#"{"Users": [{"Username": "a"}, {"Username": "b"}]}
            {"NextToken": "x", "Users": [{"Username": "c"}]}
            "#;
        assert_eq!(names(two), Ok(vec!["a".into(), "b".into(), "c".into()]));
        for wrong in ["", "[]", "{}", r#"{"Users": ["#, r#"{"Users": []} x"#] {
            assert!(names(wrong).is_err(), "{wrong}");
        }
    }
}
