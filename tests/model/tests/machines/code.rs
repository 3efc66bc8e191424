//! A code: here the one with which a password is reset.

use userpool_model::act::{Act, Code, Password};

use crate::story::{ADA, Story, rules};

pub fn walk(state: &str, event: &str) -> Option<String> {
    let mut story = Story::with_ada(&rules());
    let bearer = story.signed_in(0);
    let mut code = send(&mut story);
    if state == "none" {
        drop(typed(&mut story, code, 1));
    }
    let old = if state == "none" { 1 } else { 0 };
    match event {
        "another is sent" => code = send(&mut story),
        "the right one is typed" => drop(typed(&mut story, code, 2)),
        "a wrong one is typed" => drop(typed(&mut story, Code::Wrong, 2)),
        "its time ends" => drop(story.done(Act::Wait(3_600))),
        "its address changes" => {
            let values = vec![("email", "ben@two.test"), ("email_verified", "true")];
            story.done(Act::AdminUpdateAttributes { typed: ADA, values });
        }
        "the password changes" => {
            let (previous, proposed) = (Password::Known(old), Password::Known(3));
            story.done(Act::ChangePassword {
                bearer,
                previous: Some(previous),
                proposed,
            });
        }
        other => panic!("no event {other}"),
    }
    let lives = typed(&mut story, Code::Wrong, 2) == "CodeMismatchException";
    // What lives is what was sent last.
    assert_eq!(lives, typed(&mut story, code, 2) == "Ok");
    Some(if lives { "live" } else { "none" }.into())
}

fn send(story: &mut Story) -> Code {
    Code::Sent(
        story.done(Act::ForgotPassword {
            client: 0,
            typed: ADA,
        }),
        0,
    )
}

/// How it ends when a code is typed.
fn typed(story: &mut Story, code: Code, password: usize) -> String {
    let password = Password::Known(password);
    match story.told(Act::ConfirmForgotPassword {
        client: 0,
        typed: ADA,
        code,
        password,
    }) {
        Some(Ok(_)) => "Ok".into(),
        Some(Err((name, _))) => name,
        None => panic!("a code that was never sent"),
    }
}
