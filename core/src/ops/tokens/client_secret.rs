//! The proof of an app client that sends its secret itself, in the member `ClientSecret`.

use alloc::format;

use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::client::Client,
    ops::parties::client_secrets,
};

/// How a secret that was sent fits a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It is one of the client's; or the client has none, and none was sent.
    Right,
    /// The client has a secret, and none was sent.
    Missing,
    /// It is another one; or the client has none.
    Wrong,
}

/// Compares a secret with all of a client's.
///
/// # Errors
/// A fault if one of the client's cannot be opened.
pub(crate) fn fit(cx: &mut Cx<'_>, client: &Held<Client>, sent: Option<&str>) -> Run<Fit> {
    let Some(sent) = sent else {
        return Ok(if client.secrets.is_empty() {
            Fit::Right
        } else {
            Fit::Missing
        });
    };
    // Every secret is compared, so that the time tells nothing of which one fits.
    let mut is_right = false;
    for secret in client_secrets(cx, client)? {
        is_right |= secret.matches(sent);
    }
    Ok(if is_right { Fit::Right } else { Fit::Wrong })
}

/// Checks the secret of a client.
///
/// # Errors
/// Refuses where it is missing, wrong, or was sent for a client that has none.
pub(super) fn prove(cx: &mut Cx<'_>, client: &Held<Client>, sent: Option<&str>) -> Run<()> {
    let text = match fit(cx, client, sent)? {
        Fit::Right => return Ok(()),
        Fit::Missing => format!(
            "Client {} is configured for secret but secret was not received",
            client.id
        ),
        Fit::Wrong => format!("Unable to verify secret for client {}", client.id),
    };
    Err(Refusal::new(RefusalKind::NotAuthorized, text).into())
}
