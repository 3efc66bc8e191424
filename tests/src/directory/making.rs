//! Making the users of a directory with the engine's own operations.

use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use userpool::{
    Arithmetic, Memory,
    wire::idp::{
        AdminAddUserToGroupRequest, AdminCreateUserRequest, AdminDisableUserRequest,
        AdminInitiateAuthRequest, AdminSetUserPasswordRequest, AttributeType, AuthFlowType,
        MessageActionType,
    },
};
use userpool_core::{
    engine::{Done, Work, WorkFault, worker},
    model::keys,
};
use userpool_crypto::sealed::RootKeys;
use userpool_ports::{Batch, Change, Expect, Storage, Timestamp, Write};

use super::{
    Directory, Own,
    people::{self, Person, person},
    pouring,
};

/// The password of every user; it is right for the [`REAL`] first ones.
pub const PASSWORD: &str = "Correct-horse-7-battery";
/// How many users have a verifier of their own, so that they can sign in. All others have one that was made for
/// somebody else: it has the size and the cost of a real one.
pub const REAL: u64 = 10;
/// How many users are made in memory before they are poured.
const AT_ONCE: u64 = 200_000;

/// A pool and its client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The pool.
    pub pool: String,
    /// An app client of the pool.
    pub client: String,
}

/// Fills a store with a pool of so many users, at least [`REAL`] of them; `told` hears how many there are, again and again.
///
/// # Panics
/// The store fails.
pub fn fill(into: &dyn Storage, users: u64, mut told: impl FnMut(u64)) -> Place {
    let settings = Memory::new();
    let place = {
        let directory = Directory::open(settings.clone(), "settings", Own);
        let place = pool(&directory);
        let directory = directory.about(&place.pool, &place.client);
        for group in [people::LARGE, people::SMALL] {
            let body = json!({"UserPoolId": place.pool, "GroupName": group});
            let _ = directory.call("CreateGroup", &body);
        }
        (0..REAL.min(users)).for_each(|number| make(&directory, person(number)));
        place
    };
    let (mut made, mut held) = (REAL.min(users), settings);
    loop {
        let until = users.min(made + AT_ONCE);
        {
            let label = format!("from {made}");
            let directory = Directory::open(held.clone(), &label, Reused::default());
            let directory = directory.about(&place.pool, &place.client);
            for number in made..until {
                make(&directory, person(number));
                if number % 1_000 == 0 {
                    told(number);
                }
            }
        }
        made = until;
        pouring::pour(&held, into, Timestamp::from_secs(0));
        // What the store remembers of the pouring would not be there had the users come one by one.
        while into
            .sweep(Timestamp::from_secs(3_600), 10_000)
            .expect("the store sweeps")
            > 0
        {}
        told(made);
        if made == users {
            return place;
        }
        held = without_users(&held);
    }
}

/// Makes a pool as many are: signed in to by name or address, and a client for it.
///
/// # Panics
/// The engine refuses it.
#[must_use]
pub fn pool(directory: &Directory) -> Place {
    let made = directory.call(
        "CreateUserPool",
        &json!({"PoolName": "directory", "AutoVerifiedAttributes": ["email"], "AliasAttributes": ["email"]}),
    );
    let pool = text(&made["UserPool"]["Id"]);
    let made = directory.call(
        "CreateUserPoolClient",
        &json!({"UserPoolId": pool, "ClientName": "directory", "ExplicitAuthFlows": [
            "ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH",
            "ALLOW_REFRESH_TOKEN_AUTH"]}),
    );
    let client = text(&made["UserPoolClient"]["ClientId"]);
    Place { pool, client }
}

/// Makes a user as administrators and people do.
fn make(directory: &Directory, person: Person) {
    let (engine, pool) = (&directory.engine, || directory.pool.clone());
    let username = person.username();
    let attributes = person.attributes().into_iter();
    let attributes = attributes.map(|(name, value)| AttributeType {
        name: name.into(),
        value: Some(value.into()),
    });
    let made = engine.call_blocking(AdminCreateUserRequest {
        user_pool_id: pool(),
        username: username.clone().into(),
        user_attributes: Some(attributes.collect()),
        temporary_password: Some(PASSWORD.to_owned().into()),
        message_action: Some(MessageActionType::Suppress),
        ..Default::default()
    });
    made.expect("a user");
    if !person.is_new() {
        let set = engine.call_blocking(AdminSetUserPasswordRequest {
            user_pool_id: pool(),
            username: username.clone().into(),
            password: PASSWORD.to_owned().into(),
            permanent: Some(true),
        });
        set.expect("a password");
    }
    for group in person.groups() {
        let joined = engine.call_blocking(AdminAddUserToGroupRequest {
            user_pool_id: pool(),
            username: username.clone().into(),
            group_name: group.into(),
        });
        joined.expect("a group");
    }
    if person.is_signed_in() {
        let parameters = [("USERNAME", &*username), ("PASSWORD", PASSWORD)];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let signed_in = engine.call_blocking(AdminInitiateAuthRequest {
            user_pool_id: pool(),
            client_id: directory.client.clone().into(),
            auth_flow: AuthFlowType::AdminUserPasswordAuth,
            auth_parameters: Some(std::collections::BTreeMap::from(parameters).into()),
            ..Default::default()
        });
        signed_in.expect("a sign-in");
    }
    if person.is_disabled() {
        let disabled = engine.call_blocking(AdminDisableUserRequest {
            user_pool_id: pool(),
            username: username.into(),
        });
        disabled.expect("a user to disable");
    }
}

/// A store that holds what lies with no user.
fn without_users(of: &Memory) -> Memory {
    let kept = Memory::new();
    let stays = |kind| !b"HUWATYOwEsDdGXVaNLiIq".contains(&kind);
    for (number, (key, entry)) in pouring::entries(of).enumerate() {
        if !keys::kind(&key).is_some_and(stays) {
            continue;
        }
        let mut token = [0; 16];
        token[..8].copy_from_slice(&(number as u64).to_be_bytes());
        let (value, expires) = (entry.value, entry.expires);
        let write = Write {
            key,
            expect: Expect::Absent,
            change: Change::Put { value, expires },
        };
        let batch = Batch {
            token,
            now: Timestamp::from_secs(0),
            writes: vec![write],
        };
        kept.commit(&batch).expect("a batch within the bounds");
    }
    kept
}

/// Arithmetic that makes one verifier and one signature, and gives them to everybody.
#[derive(Debug, Default)]
pub struct Reused {
    verifiers: Mutex<[Option<Done>; 2]>,
    signature: Mutex<Option<Done>>,
}

impl Arithmetic for Reused {
    fn perform(&self, work: &Work, root_keys: &RootKeys) -> Option<Result<Done, WorkFault>> {
        match work {
            Work::CheckPassword { .. } => Some(Ok(Done::Verdict(true))),
            Work::MakeVerifier { powers, .. } => {
                let mut made = self
                    .verifiers
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                Some(kept(&mut made[usize::from(*powers)], work, root_keys))
            }
            Work::Sign { .. } => {
                let mut made = self
                    .signature
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                Some(kept(&mut made, work, root_keys))
            }
            _ => None,
        }
    }
}

fn kept(kept: &mut Option<Done>, work: &Work, root_keys: &RootKeys) -> Result<Done, WorkFault> {
    if let Some(done) = kept {
        return Ok(done.clone());
    }
    let done = worker::perform(work, root_keys)?;
    Ok(kept.insert(done).clone())
}

fn text(value: &Value) -> String {
    value.as_str().expect("an id is a text").to_owned()
}
