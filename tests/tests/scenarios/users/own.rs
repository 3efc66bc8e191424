//! A user with an access token, and what can be asked by name; pools and clients of the stories.

use std::collections::BTreeMap;

use userpool::{
    Failure,
    wire::idp::{
        ChangePasswordRequest, CodeDeliveryDetailsType, ConfirmForgotPasswordRequest,
        ConfirmSignUpRequest, CreateUserPoolClientRequest, CreateUserPoolRequest,
        DeleteUserAttributesRequest, DeleteUserRequest, ForgotPasswordRequest,
        GetUserAttributeVerificationCodeRequest, GetUserRequest, GlobalSignOutRequest,
        LambdaConfigType, PreventUserExistenceErrorTypes, UpdateUserAttributesRequest,
        UpdateUserPoolRequest, VerifiedAttributeType, VerifyUserAttributeRequest,
    },
};
use userpool_tests::{
    pool::{PASSWORD, Stage, attribute, stage_with},
    world::{World, world},
};

/// A password that is nobody's at first.
pub const NEXT: &str = "Battery-staple-7";
/// The refusal of a wrong code.
pub const MISMATCH: (&str, &str) = (
    "CodeMismatchException",
    "Invalid verification code provided, please try again.",
);
/// The refusal where no code lives.
pub const DEAD: (&str, &str) = (
    "ExpiredCodeException",
    "Invalid code provided, please request a code again.",
);
/// The refusal of an hourly limit.
pub const LIMIT: (&str, &str) = (
    "LimitExceededException",
    "Attempt limit exceeded, please try after some time.",
);
/// The refusal of a wrong password.
pub const INCORRECT: (&str, &str) = ("NotAuthorizedException", "Incorrect username or password.");

/// A user with an access token.
pub struct Own<'s> {
    stage: &'s Stage,
    token: String,
}

impl<'s> Own<'s> {
    /// Signs in with the usual password.
    pub fn sign_in(stage: &'s Stage, name: &str) -> Self {
        let token = stage.tokens(name).access_token.expect("an access token");
        Self::with(stage, &token)
    }

    /// Comes with a token.
    pub fn with(stage: &'s Stage, token: &str) -> Self {
        Self {
            stage,
            token: token.into(),
        }
    }

    pub fn update(&self, values: &[(&str, &str)]) -> Result<Vec<CodeDeliveryDetailsType>, Failure> {
        let values = values.iter().map(|(name, value)| attribute(name, value));
        let reply = self
            .stage
            .world
            .engine
            .call_blocking(UpdateUserAttributesRequest {
                user_attributes: values.collect(),
                access_token: self.token.clone().into(),
                ..Default::default()
            })?;
        Ok(reply.code_delivery_details_list.expect("a list"))
    }

    pub fn delete_attributes(&self, names: &[&str]) -> Result<(), Failure> {
        let request = DeleteUserAttributesRequest {
            user_attribute_names: names.iter().map(|name| (*name).to_owned()).collect(),
            access_token: self.token.clone().into(),
        };
        self.stage.world.engine.call_blocking(request).map(drop)
    }

    pub fn send_code(&self, attribute: &str) -> Result<CodeDeliveryDetailsType, Failure> {
        let request = GetUserAttributeVerificationCodeRequest {
            access_token: self.token.clone().into(),
            attribute_name: attribute.into(),
            ..Default::default()
        };
        let reply = self.stage.world.engine.call_blocking(request)?;
        Ok(reply.code_delivery_details.expect("a delivery"))
    }

    pub fn verify(&self, attribute: &str, code: &str) -> Result<(), Failure> {
        let request = VerifyUserAttributeRequest {
            access_token: self.token.clone().into(),
            attribute_name: attribute.into(),
            code: code.to_owned().into(),
        };
        self.stage.world.engine.call_blocking(request).map(drop)
    }

    pub fn change_password(&self, previous: Option<&str>, next: &str) -> Result<(), Failure> {
        let request = ChangePasswordRequest {
            previous_password: previous.map(|previous| previous.to_owned().into()),
            proposed_password: next.to_owned().into(),
            access_token: self.token.clone().into(),
        };
        self.stage.world.engine.call_blocking(request).map(drop)
    }

    pub fn delete(&self) -> Result<(), Failure> {
        let request = DeleteUserRequest {
            access_token: self.token.clone().into(),
        };
        self.stage.world.engine.call_blocking(request).map(drop)
    }

    pub fn sign_out(&self) -> Result<(), Failure> {
        let request = GlobalSignOutRequest {
            access_token: self.token.clone().into(),
        };
        self.stage.world.engine.call_blocking(request).map(drop)
    }

    /// The attributes that GetUser shows.
    pub fn shown(&self) -> Result<BTreeMap<String, String>, Failure> {
        let request = GetUserRequest {
            access_token: self.token.clone().into(),
        };
        let reply = self.stage.world.engine.call_blocking(request)?;
        let shown = reply.user_attributes.into_iter();
        Ok(shown
            .map(|shown| (shown.name, shown.value.expect("a value").to_string()))
            .collect())
    }

    /// One attribute that GetUser shows.
    pub fn get(&self, name: &str) -> Option<String> {
        self.shown().expect("the user").remove(name)
    }
}

/// Asks for a code to set a new password.
pub fn forgot(stage: &Stage, name: &str) -> Result<CodeDeliveryDetailsType, Failure> {
    let reply = stage.world.engine.call_blocking(ForgotPasswordRequest {
        client_id: stage.client.clone().into(),
        username: name.to_owned().into(),
        ..Default::default()
    })?;
    Ok(reply.code_delivery_details.expect("a delivery"))
}

/// Sets a new password with a code.
pub fn reset(stage: &Stage, name: &str, code: &str, password: &str) -> Result<(), Failure> {
    let request = ConfirmForgotPasswordRequest {
        client_id: stage.client.clone().into(),
        username: name.to_owned().into(),
        confirmation_code: code.to_owned().into(),
        password: password.to_owned().into(),
        ..Default::default()
    };
    stage.world.engine.call_blocking(request).map(drop)
}

/// Confirms a sign-up, whoever has the address as an alias by now.
pub fn confirm_by_force(stage: &Stage, name: &str, code: &str) {
    let request = ConfirmSignUpRequest {
        client_id: stage.client.clone().into(),
        username: name.to_owned().into(),
        confirmation_code: code.to_owned().into(),
        force_alias_creation: Some(true),
        ..Default::default()
    };
    let reply = stage.world.engine.call_blocking(request);
    reply.expect("a confirmation");
}

/// The code of the newest message to an address.
pub fn code_to(world: &World, address: &str) -> String {
    world.mailbox.code_to(address).expect("a code")
}

/// A code that is not this one.
pub fn other_than(code: &str) -> String {
    let first = if code.starts_with('1') { '2' } else { '1' };
    format!("{first}{}", &code[1..])
}

/// A pool that verifies both kinds of address by itself, changed as the story needs.
pub fn pool(change: impl FnOnce(&mut CreateUserPoolRequest)) -> Stage {
    built(change, CreateUserPoolClientRequest::default())
}

/// As [`pool`], with a client that hides who exists.
pub fn hiding_pool(change: impl FnOnce(&mut CreateUserPoolRequest)) -> Stage {
    let client = CreateUserPoolClientRequest {
        prevent_user_existence_errors: Some(PreventUserExistenceErrorTypes::Enabled),
        ..Default::default()
    };
    built(change, client)
}

fn built(
    change: impl FnOnce(&mut CreateUserPoolRequest),
    client: CreateUserPoolClientRequest,
) -> Stage {
    let mut request = CreateUserPoolRequest {
        pool_name: "stage".into(),
        auto_verified_attributes: Some(both()),
        ..Default::default()
    };
    change(&mut request);
    stage_with(&world(), request, client)
}

/// The address of a trigger.
pub const TRIGGER: &str = "arn:aws:lambda:eu-west-1:123456789012:function:trigger";

/// Configures triggers; everything else of the pool is as [`pool`] made it without a change.
pub fn set_triggers(stage: &Stage, change: impl FnOnce(&mut LambdaConfigType)) {
    let mut triggers = LambdaConfigType::default();
    change(&mut triggers);
    let request = UpdateUserPoolRequest {
        user_pool_id: stage.pool.clone(),
        auto_verified_attributes: Some(both()),
        lambda_config: Some(triggers),
        ..Default::default()
    };
    stage.world.engine.call_blocking(request).expect("a change");
}

fn both() -> Vec<VerifiedAttributeType> {
    vec![
        VerifiedAttributeType::Email,
        VerifiedAttributeType::PhoneNumber,
    ]
}

/// A confirmed user who signs in with an e-mail address.
pub fn named_by(stage: &Stage, email: &str) {
    stage.sign_up(email, PASSWORD, email).expect("a sign-up");
    let code = code_to(&stage.world, email);
    stage.confirm(email, &code).expect("a confirmation");
}

/// Name and text of a refusal, as the constants have them.
pub fn refused<T: std::fmt::Debug>(result: Result<T, Failure>) -> (&'static str, String) {
    userpool_tests::pool::error(result)
}

/// Whether a result is one of the refusals above.
pub fn is<T: std::fmt::Debug>(result: Result<T, Failure>, refusal: (&str, &str)) {
    let (name, text) = refused(result);
    assert_eq!((name, text.as_str()), refusal);
}
