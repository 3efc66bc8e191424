//! DeleteWebAuthnCredential.

use userpool_crypto::base64;
use userpool_wire::idp::{DeleteWebAuthnCredentialRequest, DeleteWebAuthnCredentialResponse};

use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        keys,
        passkeys::{CredentialOwner, Passkeys},
        user::Head,
    },
    ops::access::authorize_beside,
};

/// Deletes a passkey; a sign-in under way with it does not end.
///
/// Refusals, in this order: those of the access token, no passkey of the user.
///
/// # Errors
/// The refusals above.
pub(crate) fn delete_web_authn_credential(
    cx: &mut Cx<'_>,
    req: &DeleteWebAuthnCredentialRequest,
) -> Run<DeleteWebAuthnCredentialResponse> {
    let access = authorize_beside(cx, &req.access_token, &[keys::passkeys])?;
    let (pool, head) = (&access.party.pool, &access.head);
    let id = base64::decode_url(&req.credential_id).ok_or_else(not_found)?;
    let held = cx.get::<Passkeys>(&keys::passkeys(&pool.id, &head.sub))?;
    let held = held.ok_or_else(not_found)?;
    let mut becomes = Passkeys::clone(&held);
    becomes.all.retain(|passkey| passkey.id != id);
    if becomes == *held {
        return Err(not_found().into());
    }
    access.hold(cx);
    cx.update(&held, &becomes);
    if let Some(owner) = cx.get::<CredentialOwner>(&keys::credential(&pool.id, &id))? {
        cx.remove(&owner);
    }
    let changed = Head {
        modified: cx.now(),
        ..Head::clone(head)
    };
    cx.update(head, &changed);
    Ok(DeleteWebAuthnCredentialResponse {})
}

fn not_found() -> Refusal {
    let text = "The credential does not exist.";
    Refusal::new(RefusalKind::ResourceNotFound, text)
}
