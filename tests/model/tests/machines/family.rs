//! A family of refresh tokens of a client that rotates them, with ten seconds of grace.

use userpool_model::{
    act::{Act, At, Bearer, Renewal},
    rules::{ClientRules, Rules},
};

use crate::story::{Story, rules};

/// The tokens of a family: the oldest, the one before, the current one.
struct Family {
    older: Option<At>,
    before: Option<At>,
    current: At,
}

pub fn walk(state: &str, event: &str) -> Option<String> {
    let mut seen = None;
    for probe in [Family::current, Family::before] {
        let (mut story, mut family) = begin(state);
        happen(&mut story, &mut family, event)?;
        let good = probe(&family).is_some_and(|token| refresh(&mut story, token).is_some());
        seen = match (seen, good, family.before) {
            (None, false, _) => return Some("revoked".into()),
            (None, true, None) => return Some("new".into()),
            (None, true, Some(_)) => Some("settled"),
            (Some(_), true, _) => Some("rotated"),
            (seen, false, _) => seen,
        };
    }
    seen.map(Into::into)
}

fn begin(state: &str) -> (Story, Family) {
    let client = ClientRules {
        hides: false,
        rotation: Some(10),
    };
    let mut story = Story::with_ada(&Rules {
        clients: [client; 2],
        ..rules()
    });
    story.signed_in(0);
    let mut family = Family {
        older: None,
        before: None,
        current: story.last,
    };
    if state != "new" {
        for _ in 0..2 {
            story.done(Act::Wait(10));
            let next = refresh(&mut story, family.current).expect("a refresh");
            family.turn(next);
        }
    }
    match state {
        "settled" => drop(story.done(Act::Wait(10))),
        "revoked" => drop(story.done(Act::Revoke {
            client: 0,
            token: family.current,
        })),
        _ => {}
    }
    (story, family)
}

/// Lets something happen; `None` where there is no such token.
fn happen(story: &mut Story, family: &mut Family, event: &str) -> Option<()> {
    match event {
        "the current token" => {
            if let Some(next) = refresh(story, family.current) {
                family.turn(next);
            }
        }
        "the one before" => drop(refresh(story, family.before?)),
        "an older one" => drop(refresh(story, family.older?)),
        "the grace period ends" => drop(story.done(Act::Wait(10))),
        "RevokeToken" => drop(story.done(Act::Revoke {
            client: 0,
            token: family.current,
        })),
        "a global sign-out" => {
            let _ = story.told(Act::GlobalSignOut(Bearer::Access(family.current)));
        }
        other => panic!("no event {other}"),
    }
    Some(())
}

fn refresh(story: &mut Story, token: At) -> Option<At> {
    let act = Act::Refresh {
        client: 0,
        token,
        renewal: Renewal::Operation,
    };
    let told = story.told(act).expect("a token");
    told.ok().map(|_| story.last)
}

impl Family {
    fn turn(&mut self, next: At) {
        (self.older, self.before, self.current) = (self.before, Some(self.current), next);
    }

    fn current(&self) -> Option<At> {
        Some(self.current)
    }

    fn before(&self) -> Option<At> {
        self.before
    }
}
