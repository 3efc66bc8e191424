//! The configured triggers of a pool.

use alloc::{collections::BTreeMap, string::String};

use userpool_wire::idp::{
    LambdaConfigType, PreTokenGenerationLambdaVersionType, PreTokenGenerationVersionConfigType,
};

use super::invalid;
use crate::{engine::Refusal, few, model::pool::TokenEvent};

/// The triggers as they are shown: the two places of the pre token generation trigger say the same.
///
/// # Errors
/// Refuses two different pre token generation triggers, and a custom sender without a key.
pub(super) fn complete(given: Option<LambdaConfigType>) -> Result<LambdaConfigType, Refusal> {
    let mut triggers = given.unwrap_or_default();
    match (
        &triggers.pre_token_generation,
        &triggers.pre_token_generation_config,
    ) {
        (Some(older), Some(newer)) if *older != newer.lambda_arn => {
            return Err(invalid(
                "PreTokenGeneration and the LambdaArn of PreTokenGenerationConfig must be equal.",
            ));
        }
        (Some(arn), None) => {
            triggers.pre_token_generation_config = Some(PreTokenGenerationVersionConfigType {
                lambda_version: PreTokenGenerationLambdaVersionType::V1_0,
                lambda_arn: arn.clone(),
            });
        }
        (None, Some(config)) => triggers.pre_token_generation = Some(config.lambda_arn.clone()),
        _ => {}
    }
    let sends = triggers.custom_sms_sender.is_some() || triggers.custom_email_sender.is_some();
    if sends && triggers.kms_key_id.is_none() {
        return Err(invalid(
            "KMSKeyID is required when CustomSMSSender or CustomEmailSender is set.",
        ));
    }
    Ok(triggers)
}

/// The form of the event before tokens are signed.
pub(super) fn token_event(triggers: &LambdaConfigType) -> Option<TokenEvent> {
    let config = triggers.pre_token_generation_config.as_ref()?;
    Some(match config.lambda_version {
        PreTokenGenerationLambdaVersionType::V2_0 => TokenEvent::V2,
        PreTokenGenerationLambdaVersionType::V3_0 => TokenEvent::V3,
        _ => TokenEvent::V1,
    })
}

/// The functions by the names of their triggers.
pub(super) fn by_name(triggers: &LambdaConfigType) -> BTreeMap<String, String> {
    let nested = |arn: Option<&String>| arn.cloned();
    let named = [
        ("PreSignUp", triggers.pre_sign_up.clone()),
        ("CustomMessage", triggers.custom_message.clone()),
        ("PostConfirmation", triggers.post_confirmation.clone()),
        ("PreAuthentication", triggers.pre_authentication.clone()),
        ("PostAuthentication", triggers.post_authentication.clone()),
        (
            "DefineAuthChallenge",
            triggers.define_auth_challenge.clone(),
        ),
        (
            "CreateAuthChallenge",
            triggers.create_auth_challenge.clone(),
        ),
        (
            "VerifyAuthChallengeResponse",
            triggers.verify_auth_challenge_response.clone(),
        ),
        ("PreTokenGeneration", triggers.pre_token_generation.clone()),
        ("UserMigration", triggers.user_migration.clone()),
        (
            "CustomSMSSender",
            nested(triggers.custom_sms_sender.as_ref().map(|it| &it.lambda_arn)),
        ),
        (
            "CustomEmailSender",
            nested(
                triggers
                    .custom_email_sender
                    .as_ref()
                    .map(|it| &it.lambda_arn),
            ),
        ),
        (
            "InboundFederation",
            nested(
                triggers
                    .inbound_federation
                    .as_ref()
                    .map(|it| &it.lambda_arn),
            ),
        ),
    ];
    few::gather(
        named
            .into_iter()
            .filter_map(|(name, arn)| Some((name.into(), arn?))),
    )
}
