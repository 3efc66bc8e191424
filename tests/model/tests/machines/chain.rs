//! The challenges that may follow a first factor.

use userpool_model::{
    act::{Act, Answer, At, By, Code, Factor, Password, Totp, Wish},
    rules::{Mfa, Rules},
    told::Told,
};

use crate::story::{ADA, EMAIL, Story, rules};

pub fn walk(state: &str, event: &str) -> Option<String> {
    let mut asked = Asked::begin(state);
    match event {
        "a right answer" => return Some(asked.right()),
        "a wrong answer" => asked.wrong(1),
        "a fifth wrong answer" => asked.wrong(5),
        "its time ends" => drop(asked.story.done(Act::Wait(180))),
        "the password changes" => {
            let (password, permanent) = (Password::Known(3), state != "NEW_PASSWORD_REQUIRED");
            asked.story.done(Act::AdminSetUserPassword {
                typed: ADA,
                password,
                permanent,
            });
        }
        "a global sign-out" => drop(asked.story.done(Act::AdminUserGlobalSignOut(ADA))),
        other => panic!("no event {other}"),
    }
    // A challenge that a right answer still leads on from is the same as before.
    Some(if asked.right() == "over" {
        "over".into()
    } else {
        state.into()
    })
}

/// A user who is asked for something.
struct Asked {
    story: Story,
    state: String,
    session: At,
    /// The act that gave out the secret of a software token.
    secret: At,
}

impl Asked {
    fn begin(state: &str) -> Self {
        let (mfa, factors) = match state {
            "NEW_PASSWORD_REQUIRED" | "CUSTOM_CHALLENGE" => (Mfa::Off, [false; 3]),
            "EMAIL_OTP" => (Mfa::On, [false, false, true]),
            "SMS_MFA" => (Mfa::On, [true, false, false]),
            "SELECT_MFA_TYPE" => (Mfa::On, [true, false, true]),
            "SOFTWARE_TOKEN_MFA" => (Mfa::Optional, [false, true, false]),
            _ => (Mfa::On, [false, true, false]),
        };
        let custom = state == "CUSTOM_CHALLENGE";
        let mut story = Story::with_ada(&Rules {
            mfa,
            factors,
            custom,
            ..rules()
        });
        let values = vec![("phone_number", "+15550001")];
        story.done(Act::AdminUpdateAttributes { typed: ADA, values });
        let mut asked = Self {
            story,
            state: state.into(),
            session: 0,
            secret: 0,
        };
        asked.prepare();
        asked
    }

    fn prepare(&mut self) {
        match self.state.as_str() {
            "NEW_PASSWORD_REQUIRED" => {
                let (password, permanent) = (Password::Known(0), false);
                self.story.done(Act::AdminSetUserPassword {
                    typed: ADA,
                    password,
                    permanent,
                });
            }
            "CUSTOM_CHALLENGE" => {
                self.session = self.story.done(Act::CustomBegin {
                    client: 0,
                    typed: ADA,
                    srp: false,
                });
                return;
            }
            "SOFTWARE_TOKEN_MFA" => self.have_token(),
            _ => {}
        }
        let told = self.story.sign_in(0).expect("a challenge");
        let begun = self.state.split(' ').next().unwrap_or_default();
        assert!(told.starts_with(&format!("challenge {begun}")), "{told}");
        self.session = self.story.last;
        if self.state.contains(" with a ") {
            self.session = self.story.done(Act::Associate(By::Session(self.session)));
            self.secret = self.session;
        }
        if self.state.ends_with(" with a token") {
            let totp = Totp::Of(self.secret, 0);
            self.session = self
                .story
                .done(Act::VerifyToken(By::Session(self.session), totp));
        }
    }

    /// Gives the user a software token that is asked for.
    fn have_token(&mut self) {
        let bearer = self.story.signed_in(0);
        self.secret = self.story.done(Act::Associate(By::Token(bearer)));
        self.story.done(Act::VerifyToken(
            By::Token(bearer),
            Totp::Of(self.secret, 0),
        ));
        let wish = Wish {
            factor: Some(Factor::Token),
            on: Some(true),
            preferred: None,
        };
        self.story.done(Act::AdminPrefer(ADA, vec![wish]));
        self.story.done(Act::Wait(30));
    }

    /// The state after a right answer; `over` where it was refused.
    fn right(&mut self) -> String {
        let sent = Code::Sent(self.session, 0);
        let told = match self.state.as_str() {
            "NEW_PASSWORD_REQUIRED" => self.answer(Answer::NewPassword(Password::Known(2))),
            "SMS_MFA" => self.answer(Answer::Code(Factor::Sms, sent)),
            "EMAIL_OTP" => self.answer(Answer::Code(Factor::Email, sent)),
            "SOFTWARE_TOKEN_MFA" => self.answer(Answer::Totp(Totp::Of(self.secret, 0))),
            "SELECT_MFA_TYPE" => self.answer(Answer::Choice(Factor::Email)),
            "MFA_SETUP" => self.story.told(Act::Associate(By::Session(self.session))),
            "MFA_SETUP with a secret" => {
                let totp = Totp::Of(self.secret, 0);
                self.story
                    .told(Act::VerifyToken(By::Session(self.session), totp))
            }
            "MFA_SETUP with a token" => self.answer(Answer::SetUp),
            "CUSTOM_CHALLENGE" => self.answer(Answer::Custom(true)),
            other => panic!("no challenge {other}"),
        };
        match told.expect("an answer") {
            Err(_) => "over".into(),
            Ok(told) if told.starts_with("tokens") => "tokens".into(),
            Ok(told) if told == "secret session" => "MFA_SETUP with a secret".into(),
            Ok(told) if told == "verified session" => "MFA_SETUP with a token".into(),
            Ok(told) => told.split(' ').nth(1).unwrap_or_default().to_owned(),
        }
    }

    /// Answers wrongly, so many times.
    fn wrong(&mut self, times: usize) {
        for _ in 0..times {
            let told = match self.state.as_str() {
                "NEW_PASSWORD_REQUIRED" => self.answer(Answer::NewPassword(Password::Known(4))),
                "SMS_MFA" => self.answer(Answer::Code(Factor::Sms, Code::Wrong)),
                "EMAIL_OTP" => self.answer(Answer::Code(Factor::Email, Code::Wrong)),
                "SOFTWARE_TOKEN_MFA" => self.answer(Answer::Totp(Totp::Wrong)),
                "SELECT_MFA_TYPE" => self.answer(Answer::Choice(Factor::Token)),
                "MFA_SETUP" | "MFA_SETUP with a secret" => self
                    .story
                    .told(Act::VerifyToken(By::Session(self.session), Totp::Wrong)),
                "MFA_SETUP with a token" => self.answer(Answer::Address(EMAIL)),
                "CUSTOM_CHALLENGE" => self.answer(Answer::Custom(false)),
                other => panic!("no challenge {other}"),
            };
            if let Some(Ok(told)) = told {
                assert!(told.starts_with("challenge"), "{told}");
                self.session = self.story.last;
            }
        }
    }

    fn answer(&mut self, answer: Answer) -> Option<Told> {
        self.story.told(Act::Respond {
            client: 0,
            typed: ADA,
            session: self.session,
            answer,
        })
    }
}
