//! ListWebAuthnCredentials: the passkeys of a user, page by page.

use alloc::{string::String, vec::Vec};

use userpool_crypto::base64;
use userpool_ports::Key;
use userpool_wire::{
    Timestamp,
    idp::{
        ListWebAuthnCredentialsRequest, ListWebAuthnCredentialsResponse,
        WebAuthnCredentialDescription,
    },
};

use crate::{
    engine::{Cx, Run},
    few,
    model::{
        keys,
        passkeys::{MOST, Passkey, Passkeys},
    },
    ops::{access::authorize_beside, paging::Listing},
};

/// What passkeys are called: browsers give no name.
const NAME: &str = "Passkey";

/// Lists the passkeys of a user, oldest first.
///
/// Refusals, in this order: those of the access token, a page token that is none of this list.
///
/// # Errors
/// The refusals above.
pub(crate) fn list_web_authn_credentials(
    cx: &mut Cx<'_>,
    req: &ListWebAuthnCredentialsRequest,
) -> Run<ListWebAuthnCredentialsResponse> {
    let access = authorize_beside(cx, &req.access_token, &[keys::passkeys])?;
    let (pool, head) = (&access.party.pool, &access.head);
    let owner = alloc::format!("{}", head.sub);
    let listing = Listing {
        operation: "ListWebAuthnCredentials",
        arguments: &[&pool.id, &owner],
    };
    let after = listing.after(cx, req.next_token.as_deref())?;
    let held = cx.get::<Passkeys>(&keys::passkeys(&pool.id, &head.sub))?;
    let all = held.iter().flat_map(|held| &held.all);
    let mut rest: Vec<(Key, &Passkey)> = all
        .map(|passkey| (place(passkey), passkey))
        .filter(|(place, _)| after.as_ref().is_none_or(|after| place > after))
        .collect();
    few::sort_by(&mut rest, |(one, _), (other, _)| one.cmp(other));
    let asked = req.max_results.and_then(|most| usize::try_from(most).ok());
    let limit = asked.filter(|most| *most > 0).unwrap_or(MOST);
    let more = rest.len() > limit;
    rest.truncate(limit);
    let last = rest.last().filter(|_| more).map(|(place, _)| place.clone());
    Ok(ListWebAuthnCredentialsResponse {
        credentials: rest.iter().map(|(_, passkey)| shown(passkey)).collect(),
        next_token: listing.token(cx, last.as_ref()),
    })
}

/// Where a passkey stands in the list.
fn place(passkey: &Passkey) -> Key {
    let created = passkey.created.millis().to_be_bytes();
    Key::new([&created[..], &passkey.id].concat())
}

fn shown(passkey: &Passkey) -> WebAuthnCredentialDescription {
    WebAuthnCredentialDescription {
        credential_id: base64::encode_url(&passkey.id),
        friendly_credential_name: String::from(NAME),
        relying_party_id: passkey.party.clone(),
        authenticator_attachment: passkey.attachment.clone(),
        authenticator_transports: passkey.transports.clone(),
        created_at: Timestamp::from_millis(passkey.created.millis()),
    }
}
