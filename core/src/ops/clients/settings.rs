//! The settings that both CreateUserPoolClient and UpdateUserPoolClient take: what an omitted one means, and
//! what fits the pool.

use alloc::{string::String, vec::Vec};

use userpool_wire::idp::{FeatureType, PreventUserExistenceErrorTypes, UserPoolClientType};

use super::{flows, invalid, lives, oauth};
use crate::{
    engine::Refusal,
    model::{
        client::{Flows, TokenLives},
        pool::Pool,
    },
    ops::pools::Feature,
};

/// The mutable settings of a request, as the members of a description that have the same names.
macro_rules! given {
    ($request:expr) => {
        userpool_wire::idp::UserPoolClientType {
            refresh_token_validity: $request.refresh_token_validity,
            access_token_validity: $request.access_token_validity,
            id_token_validity: $request.id_token_validity,
            token_validity_units: $request.token_validity_units.clone(),
            read_attributes: $request.read_attributes.clone(),
            write_attributes: $request.write_attributes.clone(),
            explicit_auth_flows: $request.explicit_auth_flows.clone(),
            supported_identity_providers: $request.supported_identity_providers.clone(),
            callback_urls: $request.callback_urls.clone(),
            logout_urls: $request.logout_urls.clone(),
            default_redirect_uri: $request.default_redirect_uri.clone(),
            allowed_o_auth_flows: $request.allowed_o_auth_flows.clone(),
            allowed_o_auth_scopes: $request.allowed_o_auth_scopes.clone(),
            allowed_o_auth_flows_user_pool_client: $request.allowed_o_auth_flows_user_pool_client,
            analytics_configuration: $request.analytics_configuration.clone(),
            prevent_user_existence_errors: $request.prevent_user_existence_errors,
            enable_token_revocation: $request.enable_token_revocation,
            enable_propagate_additional_user_context_data: $request
                .enable_propagate_additional_user_context_data,
            auth_session_validity: $request.auth_session_validity,
            refresh_token_rotation: $request.refresh_token_rotation.clone(),
            ..userpool_wire::idp::UserPoolClientType::default()
        }
    };
}
pub(super) use given;

/// Settings with their defaults, and what sign-in and tokens read of them.
pub(super) struct Settings {
    pub shown: UserPoolClientType,
    pub flows: Flows,
    pub lives: TokenLives,
    pub rotation_grace: Option<u8>,
}

impl Settings {
    /// What it uses of what not every tier has.
    pub fn features(&self) -> Vec<Feature> {
        let choice = self.flows.user_auth.then_some(Feature::ChoiceOfFactors);
        let rotation = self.rotation_grace.map(|_| Feature::Rotation);
        choice.into_iter().chain(rotation).collect()
    }

    /// Whether the client hides which users exist.
    pub fn hides_users(&self) -> bool {
        self.shown.prevent_user_existence_errors == Some(PreventUserExistenceErrorTypes::Enabled)
    }
}

/// The settings with every default filled in, for a client of this pool.
///
/// # Errors
/// Refuses what does not fit, in the order of the body.
pub(super) fn complete(
    given: UserPoolClientType,
    pool: &Pool,
    has_secret: bool,
) -> Result<Settings, Refusal> {
    let mut shown = UserPoolClientType {
        refresh_token_validity: Some(
            given
                .refresh_token_validity
                .filter(|validity| *validity > 0)
                .unwrap_or(30),
        ),
        read_attributes: distinct(given.read_attributes),
        write_attributes: distinct(given.write_attributes),
        explicit_auth_flows: distinct(given.explicit_auth_flows),
        supported_identity_providers: distinct(given.supported_identity_providers),
        callback_urls: distinct(given.callback_urls),
        logout_urls: distinct(given.logout_urls),
        allowed_o_auth_flows: distinct(given.allowed_o_auth_flows),
        allowed_o_auth_scopes: distinct(given.allowed_o_auth_scopes),
        allowed_o_auth_flows_user_pool_client: Some(
            given.allowed_o_auth_flows_user_pool_client.unwrap_or(false),
        ),
        enable_token_revocation: Some(given.enable_token_revocation.unwrap_or(true)),
        enable_propagate_additional_user_context_data: Some(
            given
                .enable_propagate_additional_user_context_data
                .unwrap_or(false),
        ),
        auth_session_validity: Some(given.auth_session_validity.unwrap_or(3)),
        ..given
    };
    let rotation_grace = shown
        .refresh_token_rotation
        .as_mut()
        .filter(|rotation| rotation.feature == FeatureType::Enabled)
        .map(|rotation| *rotation.retry_grace_period_seconds.get_or_insert(0))
        .map(|seconds| u8::try_from(seconds).unwrap_or(60));
    let flows = flows::of(
        shown.explicit_auth_flows.as_deref(),
        rotation_grace.is_some(),
        has_secret,
    )?;
    let lives = lives::of(&shown)?;
    check_attributes(&shown, pool)?;
    oauth::check(&shown, has_secret)?;
    if shown.enable_propagate_additional_user_context_data == Some(true) && !has_secret {
        return Err(invalid(
            "EnablePropagateAdditionalUserContextData needs a client secret.",
        ));
    }
    Ok(Settings {
        shown,
        flows,
        lives,
        rotation_grace,
    })
}

/// The members of a set in the order given, each once; an empty set is none.
fn distinct<T: Clone + PartialEq>(given: Option<Vec<T>>) -> Option<Vec<T>> {
    let mut kept = Vec::new();
    for member in given? {
        if !kept.contains(&member) {
            kept.push(member);
        }
    }
    (!kept.is_empty()).then_some(kept)
}

/// A client reads attributes of the pool that are not for administrators alone, and writes those of them
/// that are not the engine's own.
fn check_attributes(shown: &UserPoolClientType, pool: &Pool) -> Result<(), Refusal> {
    let readable = |name: &String| {
        pool.rules
            .schema
            .iter()
            .any(|rule| rule.name == *name && !rule.developer_only)
    };
    let own = ["sub", "email_verified", "phone_number_verified"];
    let read = shown.read_attributes.as_deref().unwrap_or_default();
    if !read.iter().all(readable) {
        return Err(invalid(
            "Invalid read attributes specified while creating a client",
        ));
    }
    let write = shown.write_attributes.as_deref().unwrap_or_default();
    if !write
        .iter()
        .all(|name| readable(name) && !own.contains(&name.as_str()))
    {
        return Err(invalid(
            "Invalid write attributes specified while creating a client",
        ));
    }
    Ok(())
}
