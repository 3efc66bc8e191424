//! StartWebAuthnRegistration: the options with which a browser makes a passkey.

use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    vec::Vec,
};

use serde_json::{Value, json};
use userpool_crypto::base64;
use userpool_webauthn::key::Algorithm;
use userpool_wire::{
    Document,
    idp::{StartWebAuthnRegistrationRequest, StartWebAuthnRegistrationResponse},
};

use super::{Registrant, check_enabled, credential, too_many, user_handle, verification};
use crate::{
    engine::{Cx, Fault, Refusal, RefusalKind, Run},
    model::{
        keys,
        passkeys::{MOST, Passkeys, REGISTRATION_LIFE, Registration},
        pool::{NameRule, Pool},
        user::{AliasKind, Head},
    },
    ops::{access::authorize_beside, sign_in::user_auth::available, users::records},
};

/// For how long browsers ask the user, in milliseconds.
const TIMEOUT: u32 = 60_000;

/// Begins the registration of a passkey; a registration that waits is forgotten.
///
/// Refusals, in this order: those of the access token, a pool without passkeys, one without a relying party, too many
/// passkeys.
///
/// # Errors
/// The refusals above.
pub(crate) fn start_web_authn_registration(
    cx: &mut Cx<'_>,
    req: &StartWebAuthnRegistrationRequest,
) -> Run<StartWebAuthnRegistrationResponse> {
    let access = authorize_beside(cx, &req.access_token, &[keys::passkeys])?;
    let options = start(cx, &Registrant::from(&access))?;
    let options = Document::from_json(&options);
    Ok(StartWebAuthnRegistrationResponse {
        credential_creation_options: options.map_err(|_| Fault::new("options of a passkey"))?,
    })
}

/// The options with which a browser makes a passkey, as JSON text.
///
/// # Errors
/// The refusals of [`start_web_authn_registration`] but those of the access token.
pub(crate) fn start(cx: &mut Cx<'_>, user: &Registrant<'_>) -> Run<String> {
    let (pool, head) = (user.pool, user.head);
    check_enabled(pool)?;
    let party = available::relying_party(pool).ok_or_else(|| {
        let text = "The user pool has no RelyingPartyId in its WebAuthnConfiguration.";
        Refusal::new(RefusalKind::WebAuthnConfigurationMissing, text)
    })?;
    let profile = records::profile(cx, pool, head)?;
    let key = keys::passkeys(&pool.id, &head.sub);
    let held = cx.get::<Passkeys>(&key)?;
    let mut becomes = held
        .as_ref()
        .map_or_else(Passkeys::default, |held| Passkeys::clone(held));
    if becomes.all.len() >= MOST {
        return Err(too_many().into());
    }
    let challenge = cx.random("challenge of a registration");
    becomes.pending = Some(Registration {
        challenge,
        client: user.client.id.clone(),
        party: party.into(),
        ends: cx.now().after(REGISTRATION_LIFE),
    });
    user.hold(cx);
    cx.upsert_until(&key, held.as_ref(), &becomes, None);

    let name = shown_name(pool, head, &profile.attributes);
    let display_name = profile.attributes.get("name").unwrap_or(name);
    let algorithms: Vec<Value> = Algorithm::ALL
        .into_iter()
        .map(|algorithm| json!({"type": "public-key", "alg": algorithm.number()}))
        .collect();
    let known: Vec<Value> = becomes.of(party).map(credential).collect();
    let options = json!({
        "rp": {"id": party, "name": party},
        "user": {
            "id": base64::encode_url(&user_handle(&head.sub)),
            "name": name,
            "displayName": display_name,
        },
        "challenge": base64::encode_url(&challenge),
        "pubKeyCredParams": algorithms,
        "timeout": TIMEOUT,
        "excludeCredentials": known,
        "authenticatorSelection": {
            "requireResidentKey": true,
            "residentKey": "required",
            "userVerification": verification(pool),
        },
        "attestation": "none",
    });
    Ok(options.to_string())
}

/// The name by which a user knows the account: the address, where that is what users sign in with.
pub(crate) fn shown_name<'u>(
    pool: &Pool,
    head: &'u Head,
    attributes: &'u BTreeMap<String, String>,
) -> &'u String {
    let kinds = [AliasKind::Email, AliasKind::Phone];
    let address = kinds
        .iter()
        .find_map(|kind| attributes.get(kind.attribute()));
    match pool.rules.names {
        NameRule::Attribute { .. } => address.unwrap_or(&head.username),
        NameRule::Username | NameRule::Alias { .. } => &head.username,
    }
}
