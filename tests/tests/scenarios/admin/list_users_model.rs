//! ListUsers against a model that looks at every user: random histories, random filters, random pages.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use userpool_tests::chance::Chance;

use crate::admin::story::{Story, list};

/// Attributes of free text that can be searched.
const TEXTS: [&str; 4] = ["name", "given_name", "family_name", "preferred_username"];
const SEARCHABLE: [&str; 10] = [
    "username",
    "email",
    "phone_number",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "cognito:user_status",
    "status",
    "sub",
];

/// A user as the model knows it: everything that can be searched, by attribute.
type Known = BTreeMap<String, String>;

#[test]
fn pages_hold_exactly_the_users_that_pass_each_of_them_once() {
    for seed in 0..4 {
        let mut chance = Chance::new(seed);
        // Users without passwords are quick to make.
        let case_sensitive = chance.happens(1, 2);
        let story = Story::of(json!({
            "UsernameConfiguration": { "CaseSensitive": case_sensitive },
            "Policies": { "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"] } },
        }));
        let mut users: Vec<Known> = Vec::new();
        for step in 0..120 {
            live(&story, &mut chance, &mut users, step);
            if step % 3 == 0 {
                let filter = Filter::random(&mut chance, &users);
                let found = list_all(&story, &mut chance, &filter);
                let expected = users
                    .iter()
                    .filter(|user| filter.passes(user, case_sensitive));
                let expected: BTreeSet<&str> = expected.map(|user| user["sub"].as_str()).collect();
                let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
                assert_eq!(found, expected, "seed {seed}, step {step}, {}", filter.text);
            }
        }
    }
}

/// One step of a random history.
fn live(story: &Story, chance: &mut Chance, users: &mut Vec<Known>, step: usize) {
    let kind = chance.below(8);
    if kind < 5 || users.is_empty() {
        return users.push(create(story, chance, step));
    }
    let at = chance.below(users.len());
    let name = json!({ "Username": users[at]["username"] });
    match kind {
        5 => {
            story.ok("AdminDeleteUser", name);
            users.swap_remove(at);
        }
        6 => {
            let enabled = users[at]["status"] == "Enabled";
            let (operation, becomes) = match enabled {
                true => ("AdminDisableUser", "Disabled"),
                false => ("AdminEnableUser", "Enabled"),
            };
            story.ok(operation, name);
            users[at].insert("status".into(), becomes.into());
        }
        _ => {
            let attribute = chance.pick(&TEXTS);
            let value = match chance.happens(1, 4) {
                true => String::new(),
                false => text(chance),
            };
            let mut body = name;
            body["UserAttributes"] = list(&[(attribute, &value)]);
            story.ok("AdminUpdateUserAttributes", body);
            match value.as_str() {
                "" => users[at].remove(*attribute),
                _ => users[at].insert((*attribute).into(), value),
            };
        }
    }
}

fn create(story: &Story, chance: &mut Chance, step: usize) -> Known {
    let mut known = Known::new();
    for attribute in TEXTS {
        if chance.happens(1, 2) {
            known.insert(attribute.into(), text(chance));
        }
    }
    if chance.happens(1, 2) {
        let (local, domain) = (
            *chance.pick(&["a", "A", "ab", "b"]),
            *chance.pick(&["x.org", "X.net"]),
        );
        known.insert("email".into(), format!("{local}@{domain}"));
    }
    if chance.happens(1, 2) {
        let number = chance.pick(&["+1", "+12", "+123", "+2"]);
        known.insert("phone_number".into(), (*number).into());
    }
    let given: Vec<(&str, &str)> = known
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let mut body = json!({
        "Username": format!("{}{step}", chance.pick(&["j", "J", "é", "j\\\""])),
        "UserAttributes": list(&given),
        "MessageAction": "SUPPRESS",
    });
    if chance.happens(1, 8) {
        body["TemporaryPassword"] = json!("Temporary-1");
    }
    let user = &story.ok("AdminCreateUser", body)["User"];
    let shown = |value: &Value| value.as_str().expect("a text").to_owned();
    known.insert("username".into(), shown(&user["Username"]));
    known.insert("cognito:user_status".into(), shown(&user["UserStatus"]));
    known.insert("status".into(), "Enabled".into());
    known.insert("sub".into(), shown(&user["Attributes"][0]["Value"]));
    known
}

/// A short text of few letters, or a long one that differs from others only beyond what an index holds.
fn text(chance: &mut Chance) -> String {
    const LETTERS: [&str; 8] = ["a", "A", "b", "é", "É", "\"", "\\", " "];
    let length = 1 + chance.below(3);
    let short: String = (0..length).map(|_| *chance.pick(&LETTERS)).collect();
    match chance.happens(1, 5) {
        true => format!("{}{short}", "é".repeat(64)),
        false => short,
    }
}

/// A filter as the model reads it, and its text.
struct Filter {
    attribute: &'static str,
    exact: bool,
    value: String,
    text: String,
}

impl Filter {
    fn random(chance: &mut Chance, users: &[Known]) -> Self {
        let attribute = *chance.pick(&SEARCHABLE);
        let exact = chance.happens(1, 2);
        let mut value = match users.get(chance.below(users.len() + 1)) {
            Some(user) => user.get(attribute).cloned().unwrap_or_default(),
            None => text(chance),
        };
        if !exact {
            let letters = value.chars().count();
            value = value.chars().take(chance.below(letters + 1)).collect();
        }
        if chance.happens(1, 3) {
            value = value.to_uppercase();
        }
        let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
        let operator = *chance.pick(match exact {
            true => &["=", " = ", "  ="],
            false => &["^=", " ^= ", "^=  "],
        });
        let text = match chance.happens(1, 10) {
            true => String::new(),
            false => format!("{attribute}{operator}\"{escaped}\""),
        };
        Self {
            attribute,
            exact,
            value,
            text,
        }
    }

    fn passes(&self, user: &Known, case_sensitive: bool) -> bool {
        if self.text.is_empty() {
            return true;
        }
        let Some(actual) = user.get(self.attribute) else {
            return false;
        };
        let folds = match self.attribute {
            "status" => false,
            "username" => !case_sensitive,
            _ => true,
        };
        let form = |text: &str| match folds {
            true => text.to_lowercase(),
            false => text.to_owned(),
        };
        let (actual, wanted) = (form(actual), form(&self.value));
        match self.exact {
            true => actual == wanted,
            false => actual.starts_with(&wanted),
        }
    }
}

/// All users that pass a filter, page by page, by `sub`.
fn list_all(story: &Story, chance: &mut Chance, filter: &Filter) -> Vec<String> {
    let mut found = Vec::new();
    let mut token = Value::Null;
    loop {
        let limit = 1 + chance.below(7);
        let page = story.ok(
            "ListUsers",
            json!({
                "Filter": filter.text,
                "Limit": limit,
                "PaginationToken": token,
            }),
        );
        let users = page["Users"].as_array().expect("users");
        assert!(users.len() <= limit);
        for user in users {
            let sub = user["Attributes"][0]["Value"]
                .as_str()
                .expect("a sub")
                .to_owned();
            assert!(!found.contains(&sub), "{sub} twice, {}", filter.text);
            found.push(sub);
        }
        token = page["PaginationToken"].clone();
        if token.is_null() {
            return found;
        }
    }
}
