//! Where an account stands.

use userpool_model::{
    act::{Act, Answer, Code, Password},
    told::Told,
};

use crate::story::{ADA, EMAIL, Story, rules};

pub fn walk(state: &str, event: &str) -> Option<String> {
    let mut story = Story::new(&rules());
    let mut code = Code::Wrong;
    if state != "nobody" {
        code = Code::Sent(story.signed_up(), 0);
    }
    match state {
        "nobody" | "UNCONFIRMED" => {}
        "CONFIRMED" => drop(story.done(Act::AdminConfirmSignUp(ADA))),
        "FORCE_CHANGE_PASSWORD" => drop(story.done(password(1, false))),
        "RESET_REQUIRED" => {
            story.done(Act::AdminConfirmSignUp(ADA));
            story.done(Act::AdminResetUserPassword(ADA));
        }
        other => panic!("no status {other}"),
    }
    assert_eq!(status(&mut story), state);
    happen(&mut story, event, code);
    Some(status(&mut story))
}

fn happen(story: &mut Story, event: &str, code: Code) {
    let values = vec![("email", EMAIL)];
    let told = match event {
        "SignUp" => story.told(Act::SignUp {
            client: 0,
            name: "ada",
            password: Some(Password::Known(0)),
            values,
        }),
        "AdminCreateUser" => {
            let password = Some(Password::Known(0));
            story.told(Act::AdminCreateUser {
                name: "ada",
                password,
                values,
                force: false,
                quiet: true,
            })
        }
        "ConfirmSignUp" => story.told(Act::ConfirmSignUp {
            client: 0,
            typed: ADA,
            code,
            force: false,
        }),
        "AdminConfirmSignUp" => story.told(Act::AdminConfirmSignUp(ADA)),
        "a permanent password" => story.told(password(2, true)),
        "a temporary password" => story.told(password(2, false)),
        "AdminResetUserPassword" => story.told(Act::AdminResetUserPassword(ADA)),
        "a finished reset" => {
            let sent = story.told(Act::ForgotPassword {
                client: 0,
                typed: ADA,
            });
            let code = match sent {
                Some(Ok(_)) => Code::Sent(story.last, 0),
                _ => Code::Wrong,
            };
            let password = Password::Known(2);
            story.told(Act::ConfirmForgotPassword {
                client: 0,
                typed: ADA,
                code,
                password,
            })
        }
        "a new password at the sign-in" => {
            let asked: Told = story.sign_in(1);
            assert!(asked.is_err() || asked == Ok("challenge NEW_PASSWORD_REQUIRED".into()));
            let answer = Answer::NewPassword(Password::Known(2));
            let session = story.last;
            story.told(Act::Respond {
                client: 0,
                typed: ADA,
                session,
                answer,
            })
        }
        "deletion" => story.told(Act::AdminDeleteUser(ADA)),
        other => panic!("no event {other}"),
    };
    drop(told);
}

fn password(index: usize, permanent: bool) -> Act {
    Act::AdminSetUserPassword {
        typed: ADA,
        password: Password::Known(index),
        permanent,
    }
}

fn status(story: &mut Story) -> String {
    match story.told(Act::AdminGetUser(ADA)).expect("a look") {
        Ok(user) => user.split(' ').nth(1).unwrap_or_default().to_owned(),
        Err(_) => "nobody".into(),
    }
}
