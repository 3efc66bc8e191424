//! A small model of accounts and the engine live through the same random histories and agree.

use std::{collections::BTreeMap, time::Duration};

use proptest::{prelude::*, test_runner::FileFailurePersistence};
use userpool::{
    Failure,
    wire::idp::{
        AdminDeleteUserRequest, AdminDisableUserRequest, AdminEnableUserRequest,
        AdminUserGlobalSignOutRequest, ChangePasswordRequest, ConfirmForgotPasswordRequest,
        ForgotPasswordRequest, GetUserRequest,
    },
};
use userpool_tests::{
    pool::{Stage, stage},
    world::{World, world},
};

/// The names in play.
const NAMES: [&str; 2] = ["ada", "bob"];
/// The passwords in play; all fit the policy.
const PASSWORDS: [&str; 3] = ["Correct-horse-1", "Correct-horse-2", "Correct-horse-3"];

/// One thing that somebody does. Numbers pick a name and a password.
#[derive(Clone, Debug)]
enum Act {
    SignUp(usize, usize),
    Confirm(usize, bool),
    SignIn(usize, usize, bool),
    GetUser(usize),
    ChangePassword(usize, usize, usize),
    Forgot(usize),
    Reset(usize, usize, bool),
    Disable(usize),
    Enable(usize),
    SignOut(usize),
    Delete(usize),
    Wait(u64),
}

fn act() -> impl Strategy<Value = Act> {
    let (name, password) = (0..NAMES.len(), 0..PASSWORDS.len());
    prop_oneof![
        3 => (name.clone(), password.clone()).prop_map(|(n, p)| Act::SignUp(n, p)),
        3 => (name.clone(), any::<bool>()).prop_map(|(n, right)| Act::Confirm(n, right)),
        6 => (name.clone(), password.clone(), any::<bool>()).prop_map(|(n, p, srp)| Act::SignIn(n, p, srp)),
        3 => name.clone().prop_map(Act::GetUser),
        2 => (name.clone(), password.clone(), password.clone()).prop_map(|(n, p, q)| Act::ChangePassword(n, p, q)),
        2 => name.clone().prop_map(Act::Forgot),
        2 => (name.clone(), password, any::<bool>()).prop_map(|(n, p, right)| Act::Reset(n, p, right)),
        1 => name.clone().prop_map(Act::Disable),
        1 => name.clone().prop_map(Act::Enable),
        1 => name.clone().prop_map(Act::SignOut),
        1 => name.prop_map(Act::Delete),
        2 => prop_oneof![Just(1_u64), Just(5), Just(60), Just(901), Just(4_000)].prop_map(Act::Wait),
    ]
}

/// What the model knows of an account.
#[derive(Clone, Debug)]
struct Account {
    password: usize,
    confirmed: bool,
    enabled: bool,
    failures: u32,
    last_failure: u64,
    locked_until: u64,
    sign_up_code: Option<(String, u64)>,
    reset_code: Option<(String, u64)>,
    /// Access tokens given out, with the count of sign-outs at the time and the time of issue.
    tokens: Vec<(String, u32, u64)>,
    sign_outs: u32,
    /// Times of attempts within hourly limits: password changes and resets.
    changes: Vec<u64>,
    resets: Vec<u64>,
    confirms: Vec<u64>,
}

/// The model: accounts by name, and the time in seconds since the beginning.
#[derive(Debug, Default)]
struct Model {
    accounts: BTreeMap<usize, Account>,
    now: u64,
}

/// What the model expects: success, or an error's name.
type Expected = Result<(), &'static str>;

const NOT_AUTHORIZED: Expected = Err("NotAuthorizedException");

impl Model {
    /// Counts an attempt within an hourly limit whose window begins with its first attempt.
    fn within(window: &mut Vec<u64>, now: u64, limit: usize) -> bool {
        if window.first().is_some_and(|began| now >= began + 3_600) {
            window.clear();
        }
        window.len() < limit
    }

    fn judge(&mut self, name: usize, password: usize) -> Expected {
        let now = self.now;
        let account = self
            .accounts
            .get_mut(&name)
            .ok_or("UserNotFoundException")?;
        if now < account.locked_until {
            return NOT_AUTHORIZED;
        }
        if account.password != password {
            let quiet = now >= account.last_failure + 900;
            account.failures = if quiet { 1 } else { account.failures + 1 };
            account.last_failure = now;
            if account.failures >= 5 {
                account.locked_until = now + (1_u64 << (account.failures - 5).min(10)).min(900);
            }
            return NOT_AUTHORIZED;
        }
        Ok(())
    }
}

/// The engine and what it told so far.
struct Engine {
    world: World,
    stage: Stage,
}

impl Engine {
    fn code(&self, name: usize) -> String {
        self.world
            .mailbox
            .code_to(&email(name))
            .expect("a code was sent")
    }

    fn code_of(&self, name: usize, right: bool, kept: Option<&(String, u64)>) -> String {
        let code = kept.map_or_else(|| "000000".to_owned(), |(code, _)| code.clone());
        if right && kept.is_some() {
            return code;
        }
        let _ = name;
        if code == "123456" {
            "654321".into()
        } else {
            "123456".into()
        }
    }
}

fn email(name: usize) -> String {
    format!("{}@example.com", NAMES[name])
}

fn end<T>(result: Result<T, Failure>) -> Result<T, String> {
    result.map_err(|failure| failure.name().to_owned())
}

fn live(model: &mut Model, engine: &Engine, act: &Act) -> (Expected, Result<(), String>) {
    let (world, stage) = (&engine.world, &engine.stage);
    let now = model.now;
    match *act {
        Act::Wait(secs) => {
            world.clock.advance(Duration::from_secs(secs));
            model.now += secs;
            (Ok(()), Ok(()))
        }
        Act::SignUp(name, password) => {
            let told = end(stage
                .sign_up(NAMES[name], PASSWORDS[password], &email(name))
                .map(drop));
            if model.accounts.contains_key(&name) {
                return (Err("UsernameExistsException"), told);
            }
            let account = Account {
                password,
                confirmed: false,
                enabled: true,
                failures: 0,
                last_failure: 0,
                locked_until: 0,
                sign_up_code: told.is_ok().then(|| (engine.code(name), now + 86_400)),
                reset_code: None,
                tokens: Vec::new(),
                sign_outs: 0,
                changes: Vec::new(),
                resets: Vec::new(),
                confirms: Vec::new(),
            };
            model.accounts.insert(name, account);
            (Ok(()), told)
        }
        Act::Confirm(name, right) => {
            let kept = model
                .accounts
                .get(&name)
                .and_then(|account| account.sign_up_code.clone());
            let code = engine.code_of(name, right, kept.as_ref());
            let told = end(stage.confirm(NAMES[name], &code));
            let Some(account) = model.accounts.get_mut(&name) else {
                return (Err("UserNotFoundException"), told);
            };
            if !Model::within(&mut account.confirms, now, 15) {
                return (Err("LimitExceededException"), told);
            }
            if !account.enabled || account.confirmed {
                return (NOT_AUTHORIZED, told);
            }
            account.confirms.push(now);
            match &account.sign_up_code {
                Some((_, ends)) if now < *ends && right => {
                    account.confirmed = true;
                    account.sign_up_code = None;
                    (Ok(()), told)
                }
                Some((_, ends)) if now < *ends => (Err("CodeMismatchException"), told),
                _ => (Err("ExpiredCodeException"), told),
            }
        }
        Act::SignIn(name, password, srp) => {
            let told = if srp {
                end(stage.srp_sign_in(NAMES[name], PASSWORDS[password]))
                    .map(|reply| reply.authentication_result)
            } else {
                end(stage.password_sign_in(NAMES[name], PASSWORDS[password]))
                    .map(|reply| reply.authentication_result)
            };
            let mut expected = model.judge(name, password);
            if let (Ok(()), Some(account)) = (expected, model.accounts.get_mut(&name)) {
                if !account.enabled {
                    expected = NOT_AUTHORIZED;
                } else if !account.confirmed {
                    expected = Err("UserNotConfirmedException");
                } else {
                    account.failures = 0;
                    account.last_failure = 0;
                    account.locked_until = 0;
                    if let Ok(Some(result)) = &told {
                        let token = result
                            .access_token
                            .as_ref()
                            .expect("an access token")
                            .to_string();
                        account.tokens.push((token, account.sign_outs, now));
                    }
                }
            }
            (expected, told.map(drop))
        }
        Act::GetUser(name) => {
            let Some(account) = model.accounts.get(&name) else {
                return (Ok(()), Ok(()));
            };
            let Some((token, sign_outs, issued)) = account.tokens.last().cloned() else {
                return (Ok(()), Ok(()));
            };
            let request = GetUserRequest {
                access_token: token.into(),
            };
            let told = end(world.engine.call_blocking(request).map(drop));
            let alive = now < issued + 3_600 && sign_outs == account.sign_outs && account.enabled;
            (if alive { Ok(()) } else { NOT_AUTHORIZED }, told)
        }
        Act::ChangePassword(name, previous, next) => {
            let Some(account) = model.accounts.get_mut(&name) else {
                return (Ok(()), Ok(()));
            };
            let Some((token, sign_outs, issued)) = account.tokens.last().cloned() else {
                return (Ok(()), Ok(()));
            };
            let request = ChangePasswordRequest {
                access_token: token.into(),
                previous_password: Some(PASSWORDS[previous].to_owned().into()),
                proposed_password: PASSWORDS[next].to_owned().into(),
            };
            let told = end(world.engine.call_blocking(request).map(drop));
            let alive = now < issued + 3_600 && sign_outs == account.sign_outs && account.enabled;
            if !alive {
                return (NOT_AUTHORIZED, told);
            }
            if now < account.locked_until
                && told
                    .as_ref()
                    .is_err_and(|name| name == "NotAuthorizedException")
            {
                return (NOT_AUTHORIZED, told);
            }
            if !Model::within(&mut account.changes, now, 5) {
                return (Err("LimitExceededException"), told);
            }
            account.changes.push(now);
            let expected = model.judge(name, previous);
            if expected.is_ok() {
                let account = model.accounts.get_mut(&name).expect("the account");
                account.password = next;
                account.failures = 0;
                account.last_failure = 0;
                account.locked_until = 0;
                account.reset_code = None;
                // Codes made under the old password are dead.
                account.sign_up_code = None;
            }
            (expected, told)
        }
        Act::Forgot(name) => {
            let request = ForgotPasswordRequest {
                client_id: stage.client.clone().into(),
                username: NAMES[name].to_owned().into(),
                ..Default::default()
            };
            let told = end(world.engine.call_blocking(request).map(drop));
            let Some(account) = model.accounts.get_mut(&name) else {
                return (Err("UserNotFoundException"), told);
            };
            if !account.enabled {
                return (NOT_AUTHORIZED, told);
            }
            if !account.confirmed {
                return (Err("InvalidParameterException"), told);
            }
            if !Model::within(&mut account.resets, now, 20) {
                return (Err("LimitExceededException"), told);
            }
            account.resets.push(now);
            account.reset_code = told.is_ok().then(|| (engine.code(name), now + 3_600));
            (Ok(()), told)
        }
        Act::Reset(name, password, right) => {
            let kept = model
                .accounts
                .get(&name)
                .and_then(|account| account.reset_code.clone());
            let code = engine.code_of(name, right, kept.as_ref());
            let request = ConfirmForgotPasswordRequest {
                client_id: stage.client.clone().into(),
                username: NAMES[name].to_owned().into(),
                confirmation_code: code.into(),
                password: PASSWORDS[password].to_owned().into(),
                ..Default::default()
            };
            let told = end(world.engine.call_blocking(request).map(drop));
            let Some(account) = model.accounts.get_mut(&name) else {
                return (Err("UserNotFoundException"), told);
            };
            if !account.enabled {
                return (NOT_AUTHORIZED, told);
            }
            if !Model::within(&mut account.resets, now, 20) {
                return (Err("LimitExceededException"), told);
            }
            account.resets.push(now);
            match &account.reset_code {
                Some((_, ends)) if now < *ends && right => {
                    account.password = password;
                    account.reset_code = None;
                    account.sign_up_code = None;
                    account.failures = 0;
                    account.last_failure = 0;
                    account.locked_until = 0;
                    (Ok(()), told)
                }
                Some((_, ends)) if now < *ends => (Err("CodeMismatchException"), told),
                _ => (Err("ExpiredCodeException"), told),
            }
        }
        Act::Disable(name) => {
            let request = AdminDisableUserRequest {
                user_pool_id: stage.pool.clone(),
                username: NAMES[name].to_owned().into(),
            };
            let told = end(world.engine.call_blocking(request).map(drop));
            (
                administer(model, name, |account| {
                    account.enabled = false;
                    account.sign_outs += 1;
                }),
                told,
            )
        }
        Act::Enable(name) => {
            let request = AdminEnableUserRequest {
                user_pool_id: stage.pool.clone(),
                username: NAMES[name].to_owned().into(),
            };
            let told = end(world.engine.call_blocking(request).map(drop));
            (
                administer(model, name, |account| account.enabled = true),
                told,
            )
        }
        Act::SignOut(name) => {
            let request = AdminUserGlobalSignOutRequest {
                user_pool_id: stage.pool.clone(),
                username: NAMES[name].to_owned().into(),
            };
            let told = end(world.engine.call_blocking(request).map(drop));
            (
                administer(model, name, |account| account.sign_outs += 1),
                told,
            )
        }
        Act::Delete(name) => {
            let request = AdminDeleteUserRequest {
                user_pool_id: stage.pool.clone(),
                username: NAMES[name].to_owned().into(),
            };
            let told = end(world.engine.call_blocking(request).map(drop));
            let expected = administer(model, name, |_| {});
            model.accounts.remove(&name);
            (expected, told)
        }
    }
}

fn administer(model: &mut Model, name: usize, change: impl FnOnce(&mut Account)) -> Expected {
    match model.accounts.get_mut(&name) {
        Some(account) => {
            change(account);
            Ok(())
        }
        None => Err("UserNotFoundException"),
    }
}

fn cases() -> u32 {
    std::env::var("USERPOOL_HISTORIES")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(64)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("seeds"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_engine_and_the_model_agree_on_every_history(acts in prop::collection::vec(act(), 1..40)) {
        let world = world();
        let engine = Engine { stage: stage(&world), world };
        let mut model = Model::default();
        for (step, act) in acts.iter().enumerate() {
            let (expected, told) = live(&mut model, &engine, act);
            let expected = expected.map_err(str::to_owned);
            prop_assert_eq!(&told, &expected, "step {} {:?} of {:?}", step, act, &acts[..step]);
        }
    }
}
