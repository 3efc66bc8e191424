//! Requests about devices, sessions, passkeys and breached passwords beside each other in every order of their steps,
//! exchanges with the list of breaches among them.
//!
//! Every pair is walked where `USERPOOL_SCHEDULES=all`, as `tests/run` has it; else a part of them by chance.

use userpool_model::{
    act::{
        Act, Answer, At, Bearer, Code, First, Kind, Of, Password, Renewal, Setting, Signed, Typed,
        Way,
    },
    engine::{
        World, root_keys,
        worker::{ClientSide, Worker},
    },
    rules::{
        BREACHED, ClientRules, DeviceRules, Mfa, Names, PasskeyRules, Recovery, Risk, Rules,
        WatchRules,
    },
    schedules::{every_interleaving, every_mishap, walk_pairs},
};

const DAN: Typed = Typed::Text("bob");
const RIGHT: Password = Password::Known(0);
const WRONG: Password = Password::Known(1);
/// Passwords that are known from breaches are refused.
const BREACHES: Risk = Risk {
    breached: Some(true),
    takeover: None,
    barred: None,
    skipped: None,
};
const KNOWN: Password = Password::Known(BREACHED);

/// A pool that tracks devices and sessions and has passkeys, and one user in the middle of everything.
struct House {
    world: World,
    last: At,
    /// The sign-in from the device that was confirmed since, and another from a device that was not.
    tokens: [At; 2],
    /// The device's block, right after it was asked for a proof.
    block: At,
    /// Options of a registration, and of a sign-in by passkey.
    options: [At; 2],
    reset: Code,
}

impl House {
    fn new() -> Self {
        Self::of(false)
    }

    /// A house where users may begin with codes in e-mails, or not.
    fn of(first_emails: bool) -> Self {
        let client = |rotation| ClientRules {
            hides: false,
            rotation,
        };
        let rules = Rules {
            names: Names::Own,
            auto_email: true,
            auto_phone: false,
            email_waits: false,
            mfa: Mfa::Off,
            factors: [false; 3],
            remembered: 0,
            recovery: Recovery::EmailOnly,
            closed: false,
            first_emails,
            first_texts: false,
            passkeys: Some(PasskeyRules {
                required: false,
                both: true,
            }),
            devices: Some(DeviceRules {
                replaces: true,
                waits: false,
            }),
            crowded: false,
            watched: WatchRules {
                usual: Some(true),
                custom: None,
            },
            custom: false,
            clients: [client(Some(10)), client(None)],
        };
        let worker = Worker::cheap(&ClientSide::new());
        let mut house = Self {
            world: World::new(&rules, 1, &root_keys(), worker),
            last: 0,
            tokens: [0; 2],
            block: 0,
            options: [0; 2],
            reset: Code::Wrong,
        };
        house.inhabit();
        house
    }

    fn inhabit(&mut self) {
        let typed = DAN;
        let values = vec![("email", "ben@two.test"), ("email_verified", "true")];
        self.act(Act::AdminCreateUser {
            name: "bob",
            password: Some(RIGHT),
            values,
            force: false,
            quiet: true,
        });
        self.act(Act::AdminSetUserPassword {
            typed,
            password: RIGHT,
            permanent: true,
        });
        self.act(Act::Set(Setting::Risk(None, Some(BREACHES))));
        self.act(Act::SetSessions(true, 2));
        let device = self.act(sign_in(RIGHT));
        self.act(Act::ConfirmDevice(Bearer::Access(device), device));
        let access = Bearer::Access(self.act(sign_in(RIGHT)));
        let start = self.act(Act::StartPasskey(access));
        let rightly = Signed::Rightly(true);
        self.act(Act::CompletePasskey(access, start, 1, rightly));
        self.tokens = [device, self.last - 2];
        self.act(from(device, sign_in(RIGHT)));
        self.block = self.act(Act::DeviceBegin {
            client: 0,
            typed,
            device,
            session: None,
        });
        let asked = self.act(Act::UserAuth {
            client: 0,
            typed,
            first: First::Passkey,
        });
        self.options = [self.act(Act::StartPasskey(access)), asked];
        let forgot = self.act(Act::ForgotPassword { client: 0, typed });
        self.reset = Code::Sent(forgot, 0);
    }

    #[track_caller]
    fn act(&mut self, act: Act) -> At {
        self.last += 1;
        let play = self.world.begin_act(&act);
        let mut play = play.expect("an act whose needs are known");
        let ended = play.finish(&mut self.world, None);
        let told = self.world.learn(self.last, &act, &play, &ended);
        assert!(told.is_ok(), "{act:?}: {told:?}");
        self.last
    }

    /// What may be asked.
    fn acts(&self) -> Vec<Act> {
        let ([device, other], typed) = (self.tokens, DAN);
        let (own, bearer) = (Bearer::Access(device), Bearer::Access(other));
        let [start, asked] = self.options;
        let prove = |right| Act::DeviceProve {
            client: 0,
            typed,
            device,
            block: self.block,
            session: None,
            right,
        };
        let renew = Act::Refresh {
            client: 0,
            token: device,
            renewal: Renewal::Operation,
        };
        let passkey = Act::Respond {
            client: 0,
            typed,
            session: asked,
            answer: Answer::Passkey(1, Signed::Rightly(true)),
        };
        vec![
            prove(true),
            prove(false),
            from(device, sign_in(RIGHT)),
            from(device, renew),
            Act::ForgetDevice(Of::User(own), device),
            Act::UpdateDevice(Of::Admin(DAN), device, Some(false)),
            Act::ConfirmDevice(bearer, other),
            Act::RevokeSession(Of::User(bearer), device),
            Act::RevokeSession(Of::Admin(DAN), other),
            Act::ListSessions(Of::User(bearer)),
            sign_in(RIGHT),
            sign_in(WRONG),
            passkey,
            Act::CompletePasskey(bearer, start, 2, Signed::Rightly(true)),
            Act::StartPasskey(bearer),
            Act::DeletePasskey(bearer, 1),
            Act::ChangePassword {
                bearer,
                previous: Some(RIGHT),
                proposed: KNOWN,
            },
            Act::ConfirmForgotPassword {
                client: 0,
                typed,
                code: self.reset,
                password: Password::Known(2),
            },
            Act::AdminSetUserPassword {
                typed,
                password: KNOWN,
                permanent: true,
            },
            sign_in(KNOWN),
            Act::AdminUserGlobalSignOut(DAN),
            Act::AdminDisableUser(DAN),
            Act::AdminDeleteUser(DAN),
        ]
    }

    /// What is looked at afterwards.
    fn looks(&self) -> Vec<Act> {
        let device = self.tokens[0];
        let mut looks = vec![
            Act::AdminGetUser(DAN),
            Act::ListDevices(Of::Admin(DAN)),
            Act::GetFactors(Of::Admin(DAN)),
            Act::ListPasskeys(Bearer::Access(self.tokens[1])),
            from(device, sign_in(RIGHT)),
        ];
        looks.extend(self.tokens.map(|at| Act::GetUser(Bearer::Access(at))));
        looks.extend([RIGHT, KNOWN].map(sign_in));
        looks
    }
}

fn sign_in(password: Password) -> Act {
    Act::SignIn {
        client: 0,
        typed: DAN,
        password,
        way: Way::User,
    }
}

fn from(device: At, act: Act) -> Act {
    Act::From(device, Box::new(act))
}

#[test]
fn requests_about_devices_sessions_and_passkeys_end_as_one_after_the_other() {
    let mut house = House::new();
    let (acts, looks) = (house.acts(), house.looks());
    walk_pairs(&mut house.world, &acts, &looks);
}

/// What may be asked of a pool whose e-mails a function sends: each exchanges its key first.
fn mailed(house: &House) -> Vec<Act> {
    let (client, typed, bearer) = (0, DAN, Bearer::Access(house.tokens[1]));
    let newcomer = Act::SignUp {
        client,
        name: "cyd",
        password: Some(RIGHT),
        values: vec![("email", "cat@six.test")],
    };
    let reset = Act::ConfirmForgotPassword {
        client,
        typed,
        code: house.reset,
        password: Password::Known(2),
    };
    vec![
        Act::ForgotPassword { client, typed },
        Act::GetCode {
            bearer,
            kind: Kind::Email,
        },
        Act::UpdateAttributes {
            bearer,
            values: vec![("email", "amy@one.test")],
        },
        Act::AdminResetUserPassword(DAN),
        reset,
        newcomer,
        sign_in(KNOWN),
        Act::AdminDisableUser(DAN),
        Act::AdminDeleteUser(DAN),
    ]
}

#[test]
fn requests_whose_codes_a_function_sends_end_as_one_after_the_other() {
    let mut house = House::new();
    house.world.send_by_function();
    let (acts, looks) = (mailed(&house), house.looks());
    walk_pairs(&mut house.world, &acts, &looks);
    for act in &acts {
        let survived = every_mishap(&mut house.world, act);
        assert!(survived.is_ok(), "{survived:?}");
    }
}

#[test]
fn what_a_user_may_begin_with_is_told_of_one_moment_by_whatever_name() {
    let mut house = House::of(true);
    let (client, name) = (0, "cyd");
    house.act(Act::AdminCreateUser {
        name,
        password: None,
        values: vec![("email", "cat@six.test"), ("email_verified", "true")],
        force: false,
        quiet: true,
    });
    let made = house.last;
    for typed in [Typed::Text(name), Typed::Id(made)] {
        let begin = Act::UserAuth {
            client,
            typed,
            first: First::Srp(true),
        };
        let password = Act::AdminSetUserPassword {
            typed: Typed::Text(name),
            password: RIGHT,
            permanent: false,
        };
        let looks = [Act::AdminGetUser(typed)];
        let walked = every_interleaving(&mut house.world, &[&begin, &password], &looks);
        assert!(walked.is_ok(), "{walked:?}");
    }
}

#[test]
fn a_session_that_goes_on_is_not_ended_as_the_quietest() {
    let mut house = House::new();
    // Of this client a refresh changes nothing but the list of sessions.
    let client = 1;
    let sign_in = Act::SignIn {
        client,
        typed: DAN,
        password: RIGHT,
        way: Way::User,
    };
    let quiet = house.act(sign_in.clone());
    house.act(Act::ConfirmDevice(Bearer::Access(quiet), quiet));
    let other = house.act(sign_in.clone());
    let refresh = Act::Refresh {
        client,
        token: quiet,
        renewal: Renewal::Operation,
    };
    let pair = [&from(quiet, refresh), &sign_in];
    let looks = [quiet, other].map(|at| Act::GetUser(Bearer::Access(at)));
    let walked = every_interleaving(&mut house.world, &pair, &looks);
    assert!(walked.is_ok(), "{walked:?}");
}

#[test]
fn without_the_expectations_of_the_store_a_device_proves_itself_twice() {
    let mut house = House::new();
    let (acts, looks) = (house.acts(), house.looks());
    for pair in [
        [&acts[0], &acts[0]],
        [&acts[12], &acts[12]],
        [&acts[3], &acts[7]],
    ] {
        house.world.is_blind = false;
        let walked = every_interleaving(&mut house.world, &pair, &looks);
        assert!(walked.is_ok(), "{walked:?}");
        house.world.is_blind = true;
        let walked = every_interleaving(&mut house.world, &pair, &looks);
        assert!(
            walked.is_err(),
            "{pair:?} do not need the expectations of the store"
        );
    }
}

#[test]
fn every_request_about_an_account_survives_every_mishap() {
    let mut house = House::new();
    let (mut runs, mut odd) = (0, Vec::new());
    for act in house.acts() {
        match every_mishap(&mut house.world, &act) {
            Ok(more) => runs += more,
            Err(text) => odd.push(text),
        }
    }
    println!("{runs} runs");
    assert!(odd.is_empty(), "{}", odd.join("\n"));
}
