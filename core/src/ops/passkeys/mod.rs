//! Passkeys: registered, listed and deleted by their users (WebAuthn Level 3 §7.1). Signing in with one is
//! `sign_in/user_auth/passkey.rs`.

use alloc::{format, string::ToString, vec::Vec};

use serde_json::{Value, json};
use userpool_crypto::{base64, digest::sha256, integer::hex};
use userpool_ports::Key;
use userpool_webauthn::unproven::Signed;
use userpool_wire::idp::ChallengeNameType;

use crate::{
    engine::{Cx, Done, Fault, Held, Refusal, RefusalKind, Run, Work},
    model::{
        client::Client, grant::Grant, page_session::PageSession, passkeys::Passkey, pool::Pool,
        sub::Sub, user::Head,
    },
    ops::{access::Access, sign_in::user_auth::available},
};

mod complete_web_authn_registration;
mod delete_web_authn_credential;
mod list_web_authn_credentials;
mod start_web_authn_registration;

pub(crate) use complete_web_authn_registration::{complete, complete_web_authn_registration};
pub(crate) use delete_web_authn_credential::delete_web_authn_credential;
pub(crate) use list_web_authn_credentials::list_web_authn_credentials;
pub(crate) use start_web_authn_registration::{shown_name, start, start_web_authn_registration};

/// The purpose under which public keys are sealed.
pub(crate) const PASSKEY: &str = "passkey";

/// Whether the signature of a passkey holds.
///
/// # Errors
/// Stops the run until it is checked.
pub(crate) fn is_signed(cx: &mut Cx<'_>, signed: &Signed) -> Run<bool> {
    let work = Work::VerifyPasskey {
        key: signed.key.cose().to_vec(),
        message: signed.message.clone(),
        signature: signed.signature.clone(),
    };
    match cx.work(work)? {
        Done::Verdict(holds) => Ok(holds),
        _ => Err(Fault::new("the check of a passkey").into()),
    }
}

/// A user who registers a passkey.
pub(crate) struct Registrant<'a> {
    /// The user's pool.
    pub pool: &'a Held<Pool>,
    /// The app client that is used for it.
    pub client: &'a Held<Client>,
    /// The user.
    pub head: &'a Held<Head>,
    /// What shows that it is the user.
    pub by: By<'a>,
}

/// What shows that it is the user.
pub(crate) enum By<'a> {
    /// The grant of an access token.
    Grant(&'a Held<Grant>),
    /// A session of the login pages.
    Session(&'a Held<PageSession>),
}

impl<'a> From<&'a Access> for Registrant<'a> {
    fn from(access: &'a Access) -> Self {
        Self {
            pool: &access.party.pool,
            client: &access.party.client,
            head: &access.head,
            by: By::Grant(&access.grant),
        }
    }
}

impl Registrant<'_> {
    /// Makes what is written depend on the user, and on what shows that it is the user.
    fn hold(&self, cx: &mut Cx<'_>) {
        cx.check(self.head);
        match self.by {
            By::Grant(grant) => cx.check(grant),
            By::Session(session) => cx.check(session),
        }
    }
}

/// A passkey in the options of a ceremony (`PublicKeyCredentialDescriptorJSON`).
pub(crate) fn credential(passkey: &Passkey) -> Value {
    json!({
        "type": "public-key",
        "id": base64::encode_url(&passkey.id),
        "transports": passkey.transports,
    })
}

/// What authenticators keep of a user: the text of the `sub`.
pub(crate) fn user_handle(sub: &Sub) -> Vec<u8> {
    sub.to_string().into_bytes()
}

/// Whether the authenticators of a pool's users must verify them, in WebAuthn's word.
pub(crate) fn verification(pool: &Pool) -> &'static str {
    let rules = pool.rules.factors.passkeys.as_ref();
    match rules.and_then(|rules| rules.verification_required) {
        Some(true) => "required",
        Some(false) | None => "preferred",
    }
}

/// The bytes of a member in base64url.
pub(crate) fn decoded(json: &Value) -> Option<Vec<u8>> {
    base64::decode_url(json.as_str()?)
}

/// Seals the public key of a credential at the place of the user's passkeys.
fn seal(cx: &mut Cx<'_>, pool: &Pool, place: &Key, id: &[u8], key: &[u8]) -> Vec<u8> {
    cx.seal(PASSKEY, &pool.id, place, &field(id), key)
}

/// The public key of a passkey, in COSE form.
///
/// # Errors
/// A fault if it cannot be opened.
pub(crate) fn kept_key(
    cx: &mut Cx<'_>,
    pool: &Pool,
    place: &Key,
    passkey: &Passkey,
) -> Run<Vec<u8>> {
    let field = field(&passkey.id);
    let opened = cx.open(PASSKEY, &pool.id, place, &field, &passkey.sealed)?;
    Ok(opened.expose().into())
}

/// The field that the key of a credential is sealed as.
pub(crate) fn field(id: &[u8]) -> alloc::string::String {
    format!("key/{}", hex(&sha256(&[id])))
}

/// Whether the users of a pool may have passkeys and begin with them.
pub(crate) fn are_on(pool: &Pool) -> bool {
    available::allows(pool, ChallengeNameType::WebAuthn) && available::relying_party(pool).is_some()
}

/// Refuses in a pool whose users do not begin with passkeys.
fn check_enabled(pool: &Pool) -> Result<(), Refusal> {
    if available::allows(pool, ChallengeNameType::WebAuthn) {
        return Ok(());
    }
    let text = "WEB_AUTHN is not an allowed first auth factor of the user pool.";
    Err(Refusal::new(RefusalKind::WebAuthnNotEnabled, text))
}

/// The refusal of more passkeys than a user may have.
fn too_many() -> Refusal {
    let text = "The user has the most passkeys already.";
    Refusal::new(RefusalKind::LimitExceeded, text)
}
