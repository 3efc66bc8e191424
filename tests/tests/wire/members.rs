//! No member of a request is dropped in silence: each is read by the code, or the README says that it does nothing.
//!
//! Members of an operation's input are looked for beside the code that answers it, in its file or its folder; those of
//! the shapes inside it anywhere in the core, since several operations share them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The sources of the core that are no tests.
struct Sources(BTreeMap<PathBuf, BTreeSet<String>>);

impl Sources {
    fn read() -> Self {
        let mut found = BTreeMap::new();
        let mut folders = vec![Path::new(ROOT).join("core/src")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("a folder of the core") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|end| end == "rs") {
                    let text = fs::read_to_string(&path).expect("a source");
                    let code = text.split("#[cfg(test)]").next().expect("some text");
                    found.insert(path, words(code));
                }
            }
        }
        Self(found)
    }

    /// Whether any source has a word.
    fn have(&self, word: &str) -> bool {
        self.0.values().any(|words| words.contains(word))
    }

    /// Whether a word stands in a file that names the type, or in the folder of one.
    fn have_beside(&self, shape: &str, word: &str) -> bool {
        let folders: Vec<&Path> = self
            .0
            .iter()
            .filter(|(path, words)| words.contains(shape) && !path.ends_with("ops/table.rs"))
            .filter_map(|(path, _)| path.parent())
            .collect();
        self.0.iter().any(|(path, words)| {
            words.contains(word) && folders.iter().any(|folder| path.starts_with(folder))
        })
    }
}

/// The identifiers of a text, without those in comments.
fn words(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter_map(|line| line.split("//").next())
        .flat_map(|line| line.split(|it: char| !it.is_ascii_alphanumeric() && it != '_'))
        .filter(|word| !word.is_empty())
        .map(Into::into)
        .collect()
}

/// How the generated shapes call a member.
fn snake(member: &str) -> String {
    let plural = member.replace("URLs", "Urls").replace("ARNs", "Arns");
    let letters: Vec<char> = plural.chars().collect();
    let mut name = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let after_small = at > 0 && !letters[at - 1].is_ascii_uppercase();
        let before_small = letters.get(at + 1).is_some_and(char::is_ascii_lowercase);
        if letter.is_ascii_uppercase() && at > 0 && (after_small || before_small) {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

/// The members that no code reads, as `Shape.Member`.
fn unread(service: &str, sources: &Sources) -> BTreeSet<String> {
    let path = Path::new(ROOT).join(format!("core/wire/model/{service}.json"));
    let text = fs::read_to_string(path).expect("the model");
    let model: Value = serde_json::from_str(&text).expect("JSON");
    let shapes = &model["shapes"];
    let supported: BTreeSet<&str> = userpool::SUPPORTED
        .iter()
        .filter(|(of, _)| of.signing_name() == service)
        .map(|(_, name)| *name)
        .collect();
    let mut unread = BTreeSet::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = Vec::new();
    for (name, operation) in model["operations"].as_object().expect("operations") {
        let Some(input) = operation["input"]
            .as_str()
            .filter(|_| supported.contains(name.as_str()))
        else {
            continue;
        };
        for (member, of) in shapes[input]["members"].as_object().expect("members") {
            if !sources.have_beside(input, &snake(member)) {
                unread.insert(format!("{input}.{member}"));
            }
            open.extend(of["shape"].as_str());
        }
    }
    while let Some(name) = open.pop() {
        let shape = &shapes[name];
        if !seen.insert(name) {
            continue;
        }
        open.extend(
            ["member", "value"]
                .iter()
                .filter_map(|of| shape[of].as_str()),
        );
        for (member, of) in shape["members"].as_object().into_iter().flatten() {
            if !sources.have(&snake(member)) {
                unread.insert(format!("{name}.{member}"));
            }
            open.extend(of["shape"].as_str());
        }
    }
    unread
}

#[test]
fn every_member_is_read_or_said_to_do_nothing() {
    let sources = Sources::read();
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).expect("the README");
    let (_, listed) = readme
        .split_once("### Members that do nothing")
        .expect("the README lists them");
    let listed = listed.split("\n<!--").next().expect("a section");
    let said: BTreeSet<&str> = listed.split('`').skip(1).step_by(2).collect();
    let mut used = BTreeSet::new();
    let mut silent = Vec::new();
    for unread in ["cognito-idp", "cognito-identity"]
        .iter()
        .flat_map(|service| unread(service, &sources))
    {
        let member = unread.split('.').nth(1).expect("a member");
        match said.iter().find(|it| **it == unread || **it == member) {
            Some(it) => {
                used.insert(*it);
            }
            None => silent.push(unread),
        }
    }
    assert!(silent.is_empty(), "no code reads {silent:?}");
    let read: Vec<_> = said.difference(&used).collect();
    assert!(read.is_empty(), "the README lists what is read: {read:?}");
}

#[test]
fn names_of_members_are_spelled_as_the_generated_shapes_spell_them() {
    for (member, name) in [
        ("UserPoolId", "user_pool_id"),
        ("CallbackURLs", "callback_urls"),
        ("SMSMfaSettings", "sms_mfa_settings"),
        ("SamlProviderARNs", "saml_provider_arns"),
        ("DefaultRedirectURI", "default_redirect_uri"),
    ] {
        assert_eq!(snake(member), name);
    }
}
