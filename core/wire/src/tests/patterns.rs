//! The automata against an independent regular expression engine.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use fancy_regex::Regex;

use super::sample::{Dice, accepted};
use crate::generated::patterns::ALL;

#[test]
fn every_pattern_agrees_with_a_regex_engine() {
    for (number, pattern) in ALL.iter().enumerate() {
        let regex = Regex::new(&of_java(pattern.source)).expect(pattern.source);
        let mut dice = Dice::new(number as u64 + 1);
        let (mut yes, mut no) = (0, 0);
        for round in 0..3_000 {
            let wanted = dice.below(if round % 50 == 0 { 90 } else { 12 });
            let text = match round % 4 {
                0 => (0..wanted).map(|_| dice.character()).collect(),
                1 => accepted(pattern, wanted, &mut dice),
                _ => near(accepted(pattern, wanted, &mut dice), &mut dice),
            };
            let expected = regex
                .is_match(&text)
                .expect("the engine is not out of steps");
            assert_eq!(
                pattern.matches(&text),
                expected,
                "{} and {text:?}",
                pattern.source
            );
            if expected { yes += 1 } else { no += 1 }
        }
        assert!(yes > 400, "{} accepted {yes}", pattern.source);
        assert!(
            no > 50 || pattern.source == "(?s).*",
            "{} refused {no}",
            pattern.source
        );
    }
}

#[test]
fn a_domain_has_at_most_sixty_three_characters_and_no_hyphen_at_its_ends() {
    let domain = &crate::generated::patterns::DOMAIN_TYPE;
    assert!(domain.matches(&"a".repeat(63)));
    assert!(!domain.matches(&"a".repeat(64)));
    assert!(domain.matches("a-b"));
    assert!(!domain.matches("a-"));
    assert!(!domain.matches("-a"));
}

#[test]
fn a_bucket_does_not_end_with_a_dot() {
    let bucket = &crate::generated::patterns::S3_BUCKET_TYPE;
    assert!(bucket.matches(""));
    assert!(bucket.matches("a.b"));
    assert!(!bucket.matches("a."));
}

/// One character changed, added, removed or doubled.
fn near(text: String, dice: &mut Dice) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let at = dice.below(characters.len() + 1);
    match dice.below(4) {
        0 if at < characters.len() => characters[at] = dice.character(),
        1 if at < characters.len() => drop(characters.remove(at)),
        2 if at < characters.len() => characters.insert(at, characters[at]),
        _ => characters.insert(at, dice.character()),
    }
    characters.into_iter().collect()
}

/// A pattern of Java in the syntax of the engine: whole values, ASCII classes, Java's line terminators.
fn of_java(source: &str) -> String {
    let mut text = String::new();
    let mut in_class = false;
    let mut characters = source.chars();
    while let Some(character) = characters.next() {
        let class = match character {
            '\\' => match characters.next().expect("escapes are complete") {
                'w' => "0-9A-Za-z_",
                'd' => "0-9",
                's' => r"\t\n\x0B\x0C\r ",
                'S' if in_class => r"&&[^\t\n\x0B\x0C\r ]",
                other => {
                    text.extend(['\\', other]);
                    continue;
                }
            },
            '.' if !in_class && !source.starts_with("(?s)") => r"^\n\r\x{85}\x{2028}\x{2029}",
            // The engine wants a hyphen behind a range escaped.
            '-' if in_class && text.ends_with("0-9") => r"\-",
            other => {
                in_class = other == '[' || in_class && other != ']';
                text.push(other);
                continue;
            }
        };
        if in_class || class == r"\-" {
            text.push_str(class);
        } else {
            text.push_str(&format!("[{class}]"));
        }
    }
    // `[\S]` alone: everything, cut down to what is not a blank.
    let text = text.replace(r"[&&[^", r"[\x{0}-\x{10FFFF}&&[^");
    format!(r"\A(?:{text})\z")
}
