//! Triggers served by closures: what they are told, what they change, and what their failures leave.

mod custom;
mod custom_after_srp;
mod failures;
mod messages;
mod migration;
mod senders;
mod sign_in;
mod sign_up;
mod tokens;

use std::sync::{Arc, Mutex};

use userpool::{
    ports::{HookAnswer, HookCall, HookFault, Hooks},
    triggers::Triggers,
    wire::idp::{
        CreateUserPoolClientRequest, CreateUserPoolRequest, LambdaConfigType,
        PreventUserExistenceErrorTypes, VerifiedAttributeType,
    },
};
use userpool_tests::{
    pool::{Stage, stage_with},
    world::{World, world_of},
};

/// The address of every function: closures do not care.
const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

/// A list that closures write and tests read.
#[derive(Clone, Debug)]
struct Log<T>(Arc<Mutex<Vec<T>>>);

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Clone> Log<T> {
    fn add(&self, entry: T) {
        self.0.lock().expect("no panic").push(entry);
    }

    fn all(&self) -> Vec<T> {
        self.0.lock().expect("no panic").clone()
    }
}

/// A function that answers with a text, whatever it is asked.
struct Answering(&'static str);

impl Hooks for Answering {
    fn ask(&self, _: &HookCall) -> Result<HookAnswer, HookFault> {
        Ok(HookAnswer(self.0.into()))
    }
}

/// A world whose triggers are asked of these.
fn world(hooks: impl Hooks + Send + Sync + 'static) -> World {
    world_of(|builder| builder.hooks(hooks))
}

/// A request for a pool that verifies e-mail addresses and has these triggers.
fn pool(set: impl FnOnce(&mut LambdaConfigType)) -> CreateUserPoolRequest {
    let mut triggers = LambdaConfigType::default();
    set(&mut triggers);
    CreateUserPoolRequest {
        pool_name: "stage".into(),
        auto_verified_attributes: Some(vec![VerifiedAttributeType::Email]),
        lambda_config: Some(triggers),
        ..Default::default()
    }
}

/// A pool with these triggers, served by these closures.
fn stage(triggers: Triggers, set: impl FnOnce(&mut LambdaConfigType)) -> Stage {
    stage_with(
        &world(triggers),
        pool(set),
        CreateUserPoolClientRequest::default(),
    )
}

/// As [`stage`], with a client that hides who exists.
fn hiding(triggers: Triggers, set: impl FnOnce(&mut LambdaConfigType)) -> Stage {
    stage_with(&world(triggers), pool(set), hiding_client())
}

fn hiding_client() -> CreateUserPoolClientRequest {
    CreateUserPoolClientRequest {
        prevent_user_existence_errors: Some(PreventUserExistenceErrorTypes::Enabled),
        ..Default::default()
    }
}
