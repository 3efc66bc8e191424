//! A story: acts of people, one after the other, and what they were told.

use userpool_model::{
    act::{Act, At, Bearer, Password, Typed, Values, Way},
    engine::{
        World, root_keys,
        worker::{ClientSide, Worker},
    },
    rules::{ClientRules, Mfa, Names, Recovery, Rules, WatchRules},
    told::Told,
};

/// The name of whom all stories are about.
pub const ADA: Typed = Typed::Text("ada");
/// The e-mail address.
pub const EMAIL: &str = "amy@one.test";

/// A pool and what happened in it.
pub struct Story {
    world: World,
    /// The number of the last act.
    pub last: At,
}

/// Settings of a pool where addresses are verified and users recover accounts by e-mail.
pub fn rules() -> Rules {
    let client = ClientRules {
        hides: false,
        rotation: None,
    };
    Rules {
        names: Names::Own,
        auto_email: true,
        auto_phone: false,
        email_waits: false,
        mfa: Mfa::Off,
        factors: [false; 3],
        remembered: 0,
        recovery: Recovery::EmailOnly,
        closed: false,
        first_emails: false,
        first_texts: false,
        passkeys: None,
        devices: None,
        crowded: false,
        watched: WatchRules::default(),
        custom: false,
        clients: [client; 2],
    }
}

impl Story {
    /// The beginning.
    pub fn new(rules: &Rules) -> Self {
        let worker = Worker::cheap(&ClientSide::new());
        Self {
            world: World::new(rules, 1, &root_keys(), worker),
            last: 0,
        }
    }

    /// The beginning, with a confirmed user who has a verified address and the first password.
    pub fn with_ada(rules: &Rules) -> Self {
        let mut story = Self::new(rules);
        story.signed_up();
        story.done(Act::AdminConfirmSignUp(ADA));
        story
    }

    /// Signs the user up, with an address that an administrator calls verified.
    pub fn signed_up(&mut self) -> At {
        let values: Values = vec![("email", EMAIL)];
        let password = Password::Known(0);
        let at = self.done(Act::SignUp {
            client: 0,
            name: "ada",
            password: Some(password),
            values,
        });
        let values = vec![("email_verified", "true")];
        self.done(Act::AdminUpdateAttributes { typed: ADA, values });
        at
    }

    /// What an act is told; `None` where what it needs is not there.
    pub fn told(&mut self, act: Act) -> Option<Told> {
        self.last += 1;
        if let Act::Wait(seconds) = act {
            self.world.advance(seconds);
            return Some(Ok(String::new()));
        }
        let mut play = self.world.begin_act(&act)?;
        let ended = play.finish(&mut self.world, None);
        Some(self.world.learn(self.last, &act, &play, &ended))
    }

    /// An act that succeeds; its number.
    #[track_caller]
    pub fn done(&mut self, act: Act) -> At {
        let told = self.told(act.clone());
        assert!(matches!(told, Some(Ok(_))), "{act:?}: {told:?}");
        self.last
    }

    /// What the user is told who signs in.
    pub fn sign_in(&mut self, password: usize) -> Told {
        let password = Password::Known(password);
        let act = Act::SignIn {
            client: 0,
            typed: ADA,
            password,
            way: Way::User,
        };
        self.told(act).expect("a sign-in")
    }

    /// Signs in; the access token.
    #[track_caller]
    pub fn signed_in(&mut self, password: usize) -> Bearer {
        assert!(self.sign_in(password).is_ok());
        Bearer::Access(self.last)
    }
}
