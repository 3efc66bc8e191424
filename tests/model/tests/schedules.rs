//! Requests beside each other in every order of their steps, with answering functions; and what the store's expectations
//! are for.
//!
//! Every pair of requests about one user is walked where `USERPOOL_SCHEDULES=all`, as `tests/run` has it; else a part of
//! them by chance.

use userpool_model::{
    act::{
        Act, Answer, At, Bearer, By, Code, Factor, Kind, Password, Renewal, Totp, Typed, Way, Wish,
    },
    engine::{
        World, root_keys,
        worker::{ClientSide, Worker},
    },
    rules::{ClientRules, Mfa, Names, Recovery, Rules, WatchRules},
    schedules::{every_interleaving, every_mishap, walk_pairs},
};

const ADA: Typed = Typed::Text("ada");
const BOB: Typed = Typed::Text("bob");
const CYD: Typed = Typed::Text("cyd");
const RIGHT: Password = Password::Known(0);
const WRONG: Password = Password::Known(1);
const NEXT: Password = Password::Known(2);

/// A pool with everything, and three users in the middle of something: `ada` is signed in, in the middle of a custom
/// challenge, a reset and a setup; `bob` is asked for a code, twice; `cyd` has signed up.
struct Town {
    world: World,
    last: At,
    access: Bearer,
    tokens: At,
    block: At,
    custom: At,
    reset: Code,
    secret: At,
    challenges: [At; 2],
    bobs_secret: At,
    sign_up: Code,
}

impl Town {
    fn new() -> Self {
        let client = |rotation| ClientRules {
            hides: false,
            rotation,
        };
        let rules = Rules {
            names: Names::Aliases,
            auto_email: true,
            auto_phone: false,
            email_waits: false,
            mfa: Mfa::Optional,
            factors: [true; 3],
            remembered: 0,
            recovery: Recovery::EmailOnly,
            closed: false,
            first_emails: false,
            first_texts: false,
            passkeys: None,
            devices: None,
            crowded: false,
            watched: WatchRules::default(),
            custom: true,
            clients: [client(Some(10)), client(None)],
        };
        let worker = Worker::cheap(&ClientSide::new());
        let mut town = Self {
            world: World::new(&rules, 1, &root_keys(), worker),
            last: 0,
            access: Bearer::Access(0),
            tokens: 0,
            block: 0,
            custom: 0,
            reset: Code::Wrong,
            secret: 0,
            challenges: [0; 2],
            bobs_secret: 0,
            sign_up: Code::Wrong,
        };
        town.inhabit();
        town
    }

    fn inhabit(&mut self) {
        for (name, email) in [("ada", "amy@one.test"), ("bob", "ben@two.test")] {
            let values = vec![
                ("email", email),
                ("email_verified", "true"),
                ("phone_number", "+15550001"),
            ];
            let password = Some(RIGHT);
            self.act(Act::AdminCreateUser {
                name,
                password,
                values,
                force: false,
                quiet: true,
            });
            let typed = Typed::Text(name);
            self.act(Act::AdminSetUserPassword {
                typed,
                password: RIGHT,
                permanent: true,
            });
        }
        let values = vec![("email", "cat@six.test")];
        let signed_up = self.act(Act::SignUp {
            client: 0,
            name: "cyd",
            password: Some(RIGHT),
            values,
        });
        self.sign_up = Code::Sent(signed_up, 0);

        let bobs = self.act(sign_in(BOB, RIGHT));
        self.bobs_secret = self.act(Act::Associate(By::Token(Bearer::Access(bobs))));
        let totp = Totp::Of(self.bobs_secret, -1);
        self.act(Act::VerifyToken(By::Token(Bearer::Access(bobs)), totp));
        self.act(Act::AdminPrefer(BOB, vec![switch(Factor::Token, true)]));
        self.challenges = [(); 2].map(|()| self.act(sign_in(BOB, RIGHT)));

        self.tokens = self.act(sign_in(ADA, RIGHT));
        self.access = Bearer::Access(self.tokens);
        self.block = self.act(Act::SrpBegin {
            client: 0,
            typed: ADA,
        });
        self.custom = self.act(Act::CustomBegin {
            client: 0,
            typed: ADA,
            srp: false,
        });
        self.reset = Code::Sent(
            self.act(Act::ForgotPassword {
                client: 0,
                typed: ADA,
            }),
            0,
        );
        self.secret = self.act(Act::Associate(By::Token(self.access)));
        self.act(Act::CreateGroup("staff", Some(1)));
        self.act(Act::CreateGroup("guests", None));
        self.act(Act::AddToGroup("guests", ADA));
    }

    #[track_caller]
    fn act(&mut self, act: Act) -> At {
        self.last += 1;
        let mut play = self
            .world
            .begin_act(&act)
            .expect("an act whose needs are known");
        let ended = play.finish(&mut self.world, None);
        let told = self.world.learn(self.last, &act, &play, &ended);
        assert!(told.is_ok(), "{act:?}: {told:?}");
        self.last
    }

    /// What may be asked of `ada`.
    fn about_ada(&self) -> Vec<Act> {
        let (bearer, client, typed) = (self.access, 0, ADA);
        let custom = |right| Act::Respond {
            client,
            typed,
            session: self.custom,
            answer: Answer::Custom(right),
        };
        let reset = |code, password| Act::ConfirmForgotPassword {
            client,
            typed,
            code,
            password,
        };
        vec![
            sign_in(ADA, RIGHT),
            sign_in(ADA, WRONG),
            Act::SrpAnswer {
                client,
                block: self.block,
                password: RIGHT,
            },
            Act::SrpAnswer {
                client,
                block: self.block,
                password: WRONG,
            },
            custom(true),
            custom(false),
            Act::Refresh {
                client,
                token: self.tokens,
                renewal: Renewal::Operation,
            },
            Act::Revoke {
                client,
                token: self.tokens,
            },
            Act::GlobalSignOut(bearer),
            Act::ForgotPassword { client, typed },
            reset(self.reset, NEXT),
            reset(Code::Wrong, NEXT),
            Act::ChangePassword {
                bearer,
                previous: Some(RIGHT),
                proposed: NEXT,
            },
            Act::ChangePassword {
                bearer,
                previous: Some(WRONG),
                proposed: NEXT,
            },
            Act::UpdateAttributes {
                bearer,
                values: vec![("email", "cat@six.test")],
            },
            Act::DeleteAttributes {
                bearer,
                names: vec!["email"],
            },
            Act::GetCode {
                bearer,
                kind: Kind::Phone,
            },
            Act::DeleteUser(bearer),
            Act::Associate(By::Token(bearer)),
            Act::VerifyToken(By::Token(bearer), Totp::Of(self.secret, 0)),
            Act::VerifyToken(By::Token(bearer), Totp::Wrong),
            Act::Prefer(bearer, vec![switch(Factor::Email, true)]),
            Act::AdminDisableUser(ADA),
            Act::AdminSetUserPassword {
                typed,
                password: NEXT,
                permanent: true,
            },
            Act::AdminResetUserPassword(ADA),
            Act::AdminUserGlobalSignOut(ADA),
            Act::AdminDeleteUser(ADA),
            Act::AddToGroup("staff", ADA),
            Act::RemoveFromGroup("guests", ADA),
            Act::DeleteGroup("guests"),
            Act::AdminGetUser(ADA),
        ]
    }

    /// What may be asked of `bob`.
    fn about_bob(&self) -> Vec<Act> {
        let answer = |session, totp| Act::Respond {
            client: 0,
            typed: BOB,
            session,
            answer: Answer::Totp(totp),
        };
        let [first, second] = self.challenges;
        let right = Totp::Of(self.bobs_secret, 0);
        vec![
            answer(first, right),
            answer(second, right),
            answer(first, Totp::Wrong),
            sign_in(BOB, RIGHT),
            Act::AdminDeleteSoftwareToken(BOB),
            Act::AdminPrefer(BOB, vec![switch(Factor::Token, false)]),
            Act::AdminPrefer(BOB, vec![switch(Factor::Sms, true)]),
            Act::AdminSetUserPassword {
                typed: BOB,
                password: NEXT,
                permanent: false,
            },
            Act::AdminDisableUser(BOB),
        ]
    }

    /// What may be asked of `cyd`, and of those who want the same address.
    fn about_cyd(&self) -> Vec<Act> {
        let confirm = |code| Act::ConfirmSignUp {
            client: 0,
            typed: CYD,
            code,
            force: false,
        };
        let values = vec![("email", "cat@six.test"), ("email_verified", "true")];
        let password = Some(RIGHT);
        vec![
            confirm(self.sign_up),
            confirm(Code::Wrong),
            Act::ResendConfirmationCode {
                client: 0,
                typed: CYD,
            },
            Act::AdminConfirmSignUp(CYD),
            Act::AdminDeleteUser(CYD),
            sign_in(CYD, RIGHT),
            Act::AdminUpdateAttributes {
                typed: ADA,
                values: values.clone(),
            },
            Act::AdminCreateUser {
                name: "pia",
                password,
                values,
                force: false,
                quiet: true,
            },
            Act::SignUp {
                client: 0,
                name: "cyd",
                password: Some(RIGHT),
                values: Vec::new(),
            },
        ]
    }

    /// What is looked at afterwards: everything that can be seen, and what still works.
    fn looks(&self) -> Vec<Act> {
        let mut looks = vec![
            Act::ListUsers,
            Act::ListUsersInGroup("staff"),
            Act::ListUsersInGroup("guests"),
            Act::GetUser(self.access),
            Act::Refresh {
                client: 0,
                token: self.tokens,
                renewal: Renewal::Operation,
            },
        ];
        looks.extend([ADA, BOB, CYD].map(Act::AdminGetUser));
        looks.extend([RIGHT, NEXT].map(|password| sign_in(ADA, password)));
        looks.extend([sign_in(BOB, RIGHT), sign_in(CYD, RIGHT)]);
        looks
    }
}

fn sign_in(typed: Typed, password: Password) -> Act {
    Act::SignIn {
        client: 0,
        typed,
        password,
        way: Way::User,
    }
}

fn switch(factor: Factor, on: bool) -> Wish {
    Wish {
        factor: Some(factor),
        on: Some(on),
        preferred: None,
    }
}

/// Walks every pair of these, or a part of them by chance.
fn walk(pick: fn(&Town) -> Vec<Act>) {
    let mut town = Town::new();
    let (acts, looks) = (pick(&town), town.looks());
    walk_pairs(&mut town.world, &acts, &looks);
}

#[test]
fn requests_about_a_user_who_is_signed_in_end_as_one_after_the_other() {
    walk(Town::about_ada);
}

#[test]
fn requests_about_a_user_who_is_asked_for_a_code_end_as_one_after_the_other() {
    walk(Town::about_bob);
}

#[test]
fn requests_about_a_user_who_has_signed_up_end_as_one_after_the_other() {
    walk(Town::about_cyd);
}

#[test]
fn three_requests_at_once_end_as_one_after_the_other() {
    let mut town = Town::new();
    let looks = town.looks();
    let (ada, bob, cyd) = (town.about_ada(), town.about_bob(), town.about_cyd());
    let triples = [
        [&ada[0], &ada[1], &ada[22]],
        [&ada[6], &ada[6], &ada[7]],
        [&ada[10], &ada[12], &ada[23]],
        [&bob[0], &bob[1], &bob[4]],
        [&cyd[0], &cyd[6], &cyd[7]],
    ];
    for triple in triples {
        let walked = every_interleaving(&mut town.world, &triple, &looks);
        assert!(walked.is_ok(), "{walked:?}");
    }
}

#[test]
fn without_the_expectations_of_the_store_requests_run_each_other_over() {
    let mut town = Town::new();
    let looks = town.looks();
    let (ada, bob, cyd) = (town.about_ada(), town.about_bob(), town.about_cyd());
    let refresh = [&ada[6], &ada[7]];
    let codes = [&bob[0], &bob[1]];
    let names = [&cyd[0], &cyd[6]];
    for pair in [refresh, codes, names] {
        town.world.is_blind = false;
        assert!(every_interleaving(&mut town.world, &pair, &looks).is_ok());
        town.world.is_blind = true;
        let walked = every_interleaving(&mut town.world, &pair, &looks);
        assert!(
            walked.is_err(),
            "{pair:?} do not need the expectations of the store"
        );
    }
}

#[test]
fn every_request_survives_every_mishap() {
    let mut town = Town::new();
    let acts = [town.about_ada(), town.about_bob(), town.about_cyd()].concat();
    let (mut runs, mut odd) = (0, Vec::new());
    for act in &acts {
        match every_mishap(&mut town.world, act) {
            Ok(more) => runs += more,
            Err(text) => odd.push(text),
        }
    }
    println!("{} requests, {runs} runs", acts.len());
    assert!(odd.is_empty(), "{}", odd.join("\n"));
}
