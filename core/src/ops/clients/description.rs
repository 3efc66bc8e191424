//! The description of a client in its record, and as the API shows it.

use userpool_ports::{Timestamp as Moment, storage::MAX_VALUE};
use userpool_wire::{
    Encode, Sensitive, Timestamp,
    idp::{
        ClientTypeType, DescribeUserPoolClientRequest, DescribeUserPoolClientResponse,
        UserPoolClientType,
    },
    parse_reply,
};

use super::{invalid, settings::Settings};
use crate::{
    engine::{Cx, Fault, Held, Refusal, Run, record::encode},
    model::client::{Client, ClientSecret},
    ops::parties,
};

/// Who a client is, besides its settings.
pub(super) struct Identity<'a> {
    pub id: &'a str,
    pub pool: &'a str,
    pub name: &'a str,
    pub kind: ClientTypeType,
    pub created: Moment,
    pub modified: Moment,
}

/// A client with these settings and secrets.
///
/// # Errors
/// Refuses settings that are too large to be kept.
pub(super) fn keep(
    identity: &Identity<'_>,
    secrets: alloc::vec::Vec<ClientSecret>,
    settings: Settings,
) -> Result<Client, Refusal> {
    let hides_users = settings.hides_users();
    let shown = UserPoolClientType {
        user_pool_id: Some(identity.pool.into()),
        client_name: Some(identity.name.into()),
        client_id: Some(identity.id.into()),
        client_type: Some(identity.kind),
        ..settings.shown
    };
    let client = Client {
        id: identity.id.into(),
        pool: identity.pool.into(),
        created: identity.created,
        modified: identity.modified,
        secrets,
        flows: settings.flows,
        lives: settings.lives,
        read: shown.read_attributes.clone(),
        write: shown.write_attributes.clone(),
        revocation: shown.enable_token_revocation.unwrap_or(true),
        hides_users,
        rotation_grace: settings.rotation_grace,
        tells_where: shown.enable_propagate_additional_user_context_data == Some(true),
        single_sign_on: None,
        description: DescribeUserPoolClientResponse {
            user_pool_client: Some(shown),
        }
        .to_json(),
    };
    if encode(&client).len() <= MAX_VALUE {
        Ok(client)
    } else {
        Err(invalid(
            "The settings of the app client are too large: its URLs and attributes together may take 48 KiB.",
        ))
    }
}

/// The settings of a client without its secret and dates.
///
/// # Errors
/// A fault if the record cannot be read.
pub(crate) fn settings(client: &Client) -> Run<UserPoolClientType> {
    let answer = parse_reply::<DescribeUserPoolClientRequest>(client.description.as_bytes())
        .map_err(|cause| Fault::caused("the description of an app client", cause))?;
    answer
        .user_pool_client
        .ok_or_else(|| Fault::new("the description of an app client").into())
}

/// The whole client as the API shows it, its newest secret in clear.
///
/// # Errors
/// A fault if the record cannot be read or the secret not be opened.
pub(super) fn shown(cx: &mut Cx<'_>, client: &Held<Client>) -> Run<UserPoolClientType> {
    let secret = parties::client_secrets(cx, client)?.into_iter().next();
    with_secret(client, secret.map(|secret| secret.expose().into()))
}

/// The whole client as the API shows it, with this secret.
///
/// # Errors
/// A fault if the record cannot be read.
pub(super) fn with_secret(
    client: &Client,
    secret: Option<Sensitive<alloc::string::String>>,
) -> Run<UserPoolClientType> {
    Ok(UserPoolClientType {
        client_secret: secret,
        last_modified_date: Some(Timestamp::from_millis(client.modified.millis())),
        creation_date: Some(Timestamp::from_millis(client.created.millis())),
        ..settings(client)?
    })
}
