//! Wrong passwords in a row, and the lock that they bring.

use userpool_model::act::Act;

use crate::story::{Story, rules};

const RIGHT: usize = 0;
const WRONG: usize = 3;

pub fn walk(state: &str, event: &str) -> Option<String> {
    let mut story = Story::with_ada(&rules());
    let failures = match state {
        "none" => 0,
        "locked" | "5 or more" => 5,
        other => other.parse().expect("a number of failures"),
    };
    for _ in 0..failures {
        assert!(story.sign_in(WRONG).is_err());
    }
    if state == "5 or more" {
        story.done(Act::Wait(1));
    }
    match event {
        "a wrong password" => drop(story.sign_in(WRONG)),
        "a right password" => drop(story.sign_in(RIGHT)),
        "the lock ends" => drop(story.done(Act::Wait(if state == "locked" { 1 } else { 0 }))),
        "15 quiet minutes" => drop(story.done(Act::Wait(900))),
        other => panic!("no event {other}"),
    }
    Some(seen(&mut story))
}

/// The state, by how many wrong passwords are left, and how long the lock is that follows.
fn seen(story: &mut Story) -> String {
    let is_locked = |story: &mut Story| {
        story
            .sign_in(WRONG)
            .is_err_and(|(_, text)| text == "Password attempts exceeded")
    };
    let left = (0..6).find(|_| is_locked(story)).expect("a lock");
    story.done(Act::Wait(1));
    match (left, is_locked(story)) {
        (0, _) => "locked".into(),
        (1, true) => "5 or more".into(),
        (5, _) => "none".into(),
        (left, _) => (5 - left).to_string(),
    }
}
