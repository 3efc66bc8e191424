//! Policies beside a second evaluator, which was written from the documentation, over trees that were never documents.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use userpool_policy::{Policy, Question, Verdict, evaluate};

/// One part of a pattern.
#[derive(Clone, Debug)]
enum Piece {
    Letter(char),
    /// The letter, where it would be a wildcard otherwise.
    Quoted(char),
    One,
    Many,
    Pool,
    Identity,
    Tag(&'static str),
}

type Pattern = Vec<Piece>;

#[derive(Clone, Debug)]
struct Condition {
    /// Of [`OPERATORS`].
    operator: usize,
    key: Key,
    values: Vec<Pattern>,
}

#[derive(Clone, Debug)]
enum Key {
    Pool,
    Identity,
    Providers,
    Tag(&'static str),
}

#[derive(Clone, Debug)]
struct Statement {
    allows: bool,
    not_action: bool,
    actions: Vec<String>,
    not_resource: bool,
    resources: Vec<Pattern>,
    conditions: Vec<Condition>,
}

/// Name, whether it is negated, wildcards, whether case counts.
const OPERATORS: [(&str, bool, bool, bool); 6] = [
    ("StringEquals", false, false, true),
    ("StringNotEquals", true, false, true),
    ("StringEqualsIgnoreCase", false, false, false),
    ("StringNotEqualsIgnoreCase", true, false, false),
    ("StringLike", false, true, true),
    ("StringNotLike", true, true, true),
];

struct Caller {
    providers: Vec<String>,
    tags: BTreeMap<String, String>,
}

const POOL: &str = "p";
const IDENTITY: &str = "i*";

// --- the second evaluator ---

fn says(statements: &[Statement], action: &str, resource: &str, caller: &Caller) -> Verdict {
    let applying = |allows: bool| {
        statements
            .iter()
            .any(|it| it.allows == allows && applies(it, action, resource, caller))
    };
    match (applying(false), applying(true)) {
        (true, _) => Verdict::Forbidden,
        (false, true) => Verdict::Allowed,
        (false, false) => Verdict::NotAllowed,
    }
}

fn applies(it: &Statement, action: &str, resource: &str, caller: &Caller) -> bool {
    let lower = action.to_lowercase();
    let has_action = it.actions.iter().any(|wanted| {
        let pieces: Vec<Piece> = wanted
            .to_lowercase()
            .chars()
            .map(|letter| match letter {
                '*' => Piece::Many,
                '?' => Piece::One,
                letter => Piece::Letter(letter),
            })
            .collect();
        matches(&pieces, &lower, caller, true, true)
    });
    let has_resource = it
        .resources
        .iter()
        .any(|wanted| matches(wanted, resource, caller, true, true));
    let open = it.allows && it.not_resource && it.resources.iter().any(|p| lacks(p, caller));
    let conditions = it.conditions.iter().all(|condition| {
        let (_, negated, wild, case) = OPERATORS[condition.operator];
        let values: Vec<&str> = match condition.key {
            Key::Pool => vec![POOL],
            Key::Identity => vec![IDENTITY],
            Key::Providers => caller.providers.iter().map(String::as_str).collect(),
            Key::Tag(name) => caller
                .tags
                .get(name)
                .map(String::as_str)
                .into_iter()
                .collect(),
        };
        let mut found = false;
        for value in &values {
            for wanted in &condition.values {
                found |= matches(wanted, value, caller, wild, case);
            }
        }
        let open = it.allows && condition.values.iter().any(|p| lacks(p, caller));
        if negated { !found && !open } else { found }
    });
    has_action != it.not_action && has_resource != it.not_resource && !open && conditions
}

fn lacks(pattern: &Pattern, caller: &Caller) -> bool {
    let is_lacking =
        |piece: &Piece| matches!(piece, Piece::Tag(name) if !caller.tags.contains_key(*name));
    pattern.iter().any(is_lacking)
}

/// Straight from the definition: a `*` is every number of letters in turn.
fn matches(pattern: &[Piece], text: &str, caller: &Caller, wild: bool, case: bool) -> bool {
    let Some((first, rest)) = pattern.split_first() else {
        return text.is_empty();
    };
    let starts = |prefix: &str| {
        let front = text.get(..prefix.len())?;
        let same = front == prefix || !case && front.eq_ignore_ascii_case(prefix);
        same.then(|| &text[prefix.len()..])
    };
    let after =
        |prefix: &str| starts(prefix).is_some_and(|text| matches(rest, text, caller, wild, case));
    match first {
        Piece::Letter(letter) | Piece::Quoted(letter) => after(&letter.to_string()),
        Piece::One if wild => !text.is_empty() && matches(rest, &text[1..], caller, wild, case),
        Piece::One => after("?"),
        Piece::Many if wild => {
            (0..=text.len()).any(|at| matches(rest, &text[at..], caller, wild, case))
        }
        Piece::Many => after("*"),
        Piece::Pool => after(POOL),
        Piece::Identity => after(IDENTITY),
        Piece::Tag(name) => caller.tags.get(*name).is_some_and(|value| after(value)),
    }
}

// --- documents ---

fn document(statements: &[Statement]) -> String {
    let statements: Vec<String> = statements.iter().map(written).collect();
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    )
}

fn written(it: &Statement) -> String {
    let name = |not: bool, name: &str| format!("{}{name}", if not { "Not" } else { "" });
    let resources: Vec<String> = it.resources.iter().map(spelled).collect();
    let conditions: Vec<String> = it
        .conditions
        .iter()
        .map(|condition| {
            let (operator, negated, ..) = OPERATORS[condition.operator];
            let any = matches!(condition.key, Key::Providers) && !negated;
            let key = match condition.key {
                Key::Pool => "cognito-identity.amazonaws.com:aud".into(),
                Key::Identity => "COGNITO-identity.amazonaws.com:SUB".into(),
                Key::Providers => "cognito-identity.amazonaws.com:amr".into(),
                Key::Tag(name) => format!("aws:principaltag/{name}"),
            };
            let values: Vec<String> = condition.values.iter().map(spelled).collect();
            let any = if any { "ForAnyValue:" } else { "" };
            format!(r#""{any}{operator}":{{"{key}":{values:?}}}"#)
        })
        .collect();
    format!(
        r#"{{"Effect":"{}","{}":{:?},"{}":{:?},"Condition":{{{}}}}}"#,
        if it.allows { "Allow" } else { "Deny" },
        name(it.not_action, "Action"),
        it.actions,
        name(it.not_resource, "Resource"),
        resources,
        conditions.join(",")
    )
}

fn spelled(pattern: &Pattern) -> String {
    let spelled = pattern.iter().map(|piece| match piece {
        Piece::Letter(letter) => letter.to_string(),
        Piece::Quoted(letter) => format!("${{{letter}}}"),
        Piece::One => "?".into(),
        Piece::Many => "*".into(),
        Piece::Pool => "${cognito-identity.amazonaws.com:aud}".into(),
        Piece::Identity => "${cognito-identity.amazonaws.com:sub}".into(),
        Piece::Tag(name) => format!("${{aws:PrincipalTag/{name}}}"),
    });
    spelled.collect()
}

// --- what is drawn ---

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        4 => prop::sample::select(vec!['a', 'b', 'A']).prop_map(Piece::Letter),
        1 => prop::sample::select(vec!['*', '?', '$']).prop_map(Piece::Quoted),
        1 => Just(Piece::One),
        2 => Just(Piece::Many),
        1 => prop_oneof![Just(Piece::Pool), Just(Piece::Identity)],
        1 => prop::sample::select(vec!["t", "u"]).prop_map(Piece::Tag),
    ]
}

fn pattern() -> impl Strategy<Value = Pattern> {
    prop::collection::vec(piece(), 0..5)
}

fn patterns() -> impl Strategy<Value = Vec<Pattern>> {
    prop::collection::vec(pattern(), 1..3)
}

fn resources() -> impl Strategy<Value = Vec<Pattern>> {
    patterns().prop_map(|patterns| {
        let arn = |pattern: Pattern| "arn:".chars().map(Piece::Letter).chain(pattern).collect();
        patterns.into_iter().map(arn).collect()
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    let key = prop_oneof![
        Just(Key::Pool),
        Just(Key::Identity),
        Just(Key::Providers),
        prop::sample::select(vec!["t", "u"]).prop_map(Key::Tag),
    ];
    (0..OPERATORS.len(), key, patterns()).prop_map(|(operator, key, values)| Condition {
        // A negated operator over several values is none that documents may have.
        key: match key {
            Key::Providers if OPERATORS[operator].1 => Key::Pool,
            key => key,
        },
        operator,
        values,
    })
}

fn statement() -> impl Strategy<Value = Statement> {
    (
        any::<bool>(),
        prop::bool::weighted(0.2),
        prop::collection::vec("(\\*|[sS*]:[gG?*]{1,2})", 1..3),
        prop::bool::weighted(0.3),
        resources(),
        prop::collection::vec(condition(), 0..3),
    )
        .prop_map(
            |(allows, not_action, actions, not_resource, resources, mut conditions)| {
                // An operator is there once in a document.
                conditions.sort_by_key(|condition| condition.operator);
                conditions.dedup_by_key(|condition| condition.operator);
                Statement {
                    allows,
                    not_action,
                    actions,
                    not_resource,
                    resources,
                    conditions,
                }
            },
        )
}

fn caller() -> impl Strategy<Value = Caller> {
    let tags = prop::collection::btree_map("[tu]", "[abA*?$]{0,2}", 0..3);
    let providers = prop::collection::vec("[ab]{0,2}", 0..3);
    (providers, tags).prop_map(|(providers, tags)| Caller { providers, tags })
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {:?}", self.providers, self.tags)
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_024,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn both_evaluators_say_the_same(
        statements in prop::collection::vec(statement(), 0..4),
        split in 0..4_usize,
        action in "[sS]:[gG]{1,2}",
        resource in "arn:[abAip*?$]{0,4}",
        caller in caller(),
    ) {
        // Statements of several policies of a role count as those of one.
        let (one, other) = statements.split_at(split.min(statements.len()));
        let policies = [one, other].map(|part| Policy::parse(&document(part)).unwrap());
        let question = Question {
            action: &action,
            resource: &resource,
            pool: POOL,
            identity: IDENTITY,
            providers: &caller.providers,
            tags: &caller.tags,
        };
        prop_assert_eq!(
            evaluate(&policies, &question),
            says(&statements, &action, &resource, &caller),
            "{}", document(&statements)
        );
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[\\[\\]{}\":,a$*]{0,40}") {
        let _ = Policy::parse(&text);
    }
}

#[test]
fn tags_are_found_whatever_the_case_of_their_names() {
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*",
        "Condition":{"StringEquals":{"aws:PrincipalTag/Team":"${aws:principaltag/COLOUR}"}}}}"#;
    let policy = Policy::parse(policy).unwrap();
    let says = |tags: &[(&str, &str)]| {
        let tags = tags
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        let question = Question {
            action: "a:b",
            resource: "arn:x",
            pool: POOL,
            identity: IDENTITY,
            providers: &[],
            tags: &tags.collect(),
        };
        evaluate([&policy], &question).is_allowed()
    };
    assert!(says(&[("team", "blue"), ("colour", "blue")]));
    assert!(says(&[
        ("TEAM", "red"),
        ("Team", "blue"),
        ("colour", "blue")
    ]));
    assert!(!says(&[
        ("Team", "red"),
        ("team", "blue"),
        ("colour", "blue")
    ]));
    assert!(!says(&[("team", "blue")]));
    assert!(!says(&[]));
}
