//! The signing keys of a pool as others see them: the key set, the discovery document, and rotation.

use alloc::{borrow::ToOwned, boxed::Box, format, string::String, vec::Vec};

use userpool_crypto::{base64, rs256::key_id, secret::SecretBytes};
use userpool_ports::Timestamp;

use super::claims::Object;
use crate::{
    engine::{Cx, Done, Fault, Held, Output, Program, Refusal, RefusalKind, Run, Work, worker},
    model::{
        keys,
        signing::{self, ANNOUNCED, SigningKey, SigningKeys, TokenUse},
    },
    ops::{identity_pools, parties, pools},
};

/// The key set of a user pool or an identity pool (RFC 7517), JSON text: `GET /<pool>/.well-known/jwks.json`.
///
/// A pool that has no keys yet gets its first ones.
///
/// Refusals: unknown pool.
///
/// # Errors
/// Refuses where the pool does not exist.
pub fn jwks(cx: &mut Cx<'_>, pool: &str) -> Run<String> {
    match identity_pools::is_one(pool) {
        true => identity_pools::find(cx, pool).map(drop)?,
        false => parties::pool(cx, pool).map(drop)?,
    }
    let keys = signing_keys(cx, pool)?;
    let shown: Vec<String> = keys
        .published(cx.now())
        .map(|key| {
            let mut object = Object::new();
            object.text("alg", "RS256");
            object.text("e", &base64::encode_url(&worker::EXPONENT));
            object.text("kid", &key.kid);
            object.text("kty", "RSA");
            object.text("n", &base64::encode_url(&key.modulus));
            object.text("use", "sig");
            object.end()
        })
        .collect();
    Ok(format!(r#"{{"keys":[{}]}}"#, shown.join(",")))
}

/// The discovery document of a pool (OpenID Connect Discovery 1.0 §3), JSON text:
/// `GET /<pool>/.well-known/openid-configuration`.
///
/// Its endpoints always name this server, whatever the issuer is. It says more than the service's own: strict clients
/// use PKCE and look at `iss` only where the document says that they may (RFC 8414 §2, RFC 9207 §3).
///
/// Refusals: unknown pool.
///
/// # Errors
/// Refuses where the pool does not exist.
pub fn discovery(cx: &mut Cx<'_>, pool: &str) -> Run<String> {
    if identity_pools::is_one(pool) {
        return of_identities(cx, pool);
    }
    let held = parties::pool(cx, pool)?;
    let registers = pools::registration(&held)?.is_some();
    let environment = cx.environment();
    let at = |path: &str| format!("{}/{pool}/{path}", environment.base_url);
    let mut object = Object::new();
    object.text("authorization_endpoint", &at("oauth2/authorize"));
    object.raw("authorization_response_iss_parameter_supported", "true");
    object.raw("code_challenge_methods_supported", r#"["S256"]"#);
    object.text("end_session_endpoint", &at("logout"));
    object.raw(
        "grant_types_supported",
        r#"["authorization_code","implicit","refresh_token","client_credentials"]"#,
    );
    object.raw("id_token_signing_alg_values_supported", r#"["RS256"]"#);
    object.text("issuer", &environment.issuer_of(pool));
    object.text("jwks_uri", &at(".well-known/jwks.json"));
    if registers {
        object.text("registration_endpoint", &at("oauth2/register"));
    }
    object.raw("response_modes_supported", r#"["query","fragment"]"#);
    object.raw("response_types_supported", r#"["code","token"]"#);
    object.text("revocation_endpoint", &at("oauth2/revoke"));
    object.raw(
        "scopes_supported",
        r#"["openid","email","phone","profile"]"#,
    );
    object.raw("subject_types_supported", r#"["public"]"#);
    object.text("token_endpoint", &at("oauth2/token"));
    object.raw(
        "token_endpoint_auth_methods_supported",
        r#"["client_secret_basic","client_secret_post","none"]"#,
    );
    object.text("userinfo_endpoint", &at("oauth2/userInfo"));
    Ok(object.end())
}

/// The discovery document of an identity pool, which only signs tokens.
fn of_identities(cx: &mut Cx<'_>, pool: &str) -> Run<String> {
    identity_pools::find(cx, pool)?;
    let issuer = identity_pools::issuer(cx.environment(), pool);
    let mut object = Object::new();
    object.raw("id_token_signing_alg_values_supported", r#"["RS256"]"#);
    object.text("issuer", &issuer);
    object.text("jwks_uri", &[&issuer, "/.well-known/jwks.json"].concat());
    object.raw("response_types_supported", r#"["id_token"]"#);
    object.raw("subject_types_supported", r#"["public"]"#);
    Ok(object.end())
}

/// Announces the successors of a pool's signing keys, which sign after [`ANNOUNCED`]; answers their names.
///
/// Refusals, in this order: unknown pool, successors announced already.
///
/// # Errors
/// Refuses where the pool does not exist, or successors are announced already.
pub fn rotate_signing_keys(cx: &mut Cx<'_>, pool: &str) -> Run<Vec<String>> {
    parties::pool(cx, pool)?;
    let held = signing_keys(cx, pool)?;
    let now = cx.now();
    // Asked before the keys are made, which takes long.
    if held.keys.iter().any(|key| now < key.signs_from) {
        return Err(already_announced().into());
    }
    let successors = make(cx, pool, now.after(ANNOUNCED))?;
    let names = successors.iter().map(|key| key.kid.clone()).collect();
    let Some(rotated) = held.rotated(successors, now) else {
        return Err(already_announced().into());
    };
    cx.update(&held, &rotated);
    Ok(names)
}

/// [`jwks`] bound to a pool, for an adapter; its output is a `String`.
#[must_use]
pub fn jwks_program(pool: &str) -> Program {
    let pool = pool.to_owned();
    Box::new(move |cx| jwks(cx, &pool).map(|text| Box::new(text) as Output))
}

/// [`discovery`] bound to a pool, for an adapter; its output is a `String`.
#[must_use]
pub fn discovery_program(pool: &str) -> Program {
    let pool = pool.to_owned();
    Box::new(move |cx| discovery(cx, &pool).map(|text| Box::new(text) as Output))
}

/// Whether a message is signed by the key of this modulus (RS256).
///
/// # Errors
/// Stops the run until the signature is checked.
pub(crate) fn is_signed(
    cx: &mut Cx<'_>,
    modulus: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Run<bool> {
    let verdict = cx.work(Work::Verify {
        modulus: modulus.into(),
        message: message.into(),
        signature: signature.into(),
    })?;
    match verdict {
        Done::Verdict(is_signed) => Ok(is_signed),
        _ => Err(Fault::new("the check of a signature").into()),
    }
}

/// [`rotate_signing_keys`] bound to a pool, for an adapter; its output is a `Vec<String>` of key names.
#[must_use]
pub fn rotate_program(pool: &str) -> Program {
    let pool = pool.to_owned();
    Box::new(move |cx| rotate_signing_keys(cx, &pool).map(|names| Box::new(names) as Output))
}

/// The signing keys of a pool. Where there are none yet they are made and landed, which begins a new phase.
///
/// # Errors
/// Stops the run until the keys are there.
pub(crate) fn signing_keys(cx: &mut Cx<'_>, pool: &str) -> Run<Held<SigningKeys>> {
    cx.once(|cx| {
        let key = keys::signing_keys(pool);
        if let Some(held) = cx.get::<SigningKeys>(&key)? {
            return Ok(held);
        }
        let now = cx.now();
        // Identity pools give out one kind of token.
        let first: Vec<SigningKey> = match identity_pools::is_one(pool) {
            true => {
                let seed = SecretBytes::new(cx.random::<32>("key for ID tokens").to_vec());
                let made = cx.work(Work::GenerateKey { seed })?;
                [sealed(cx, pool, TokenUse::Id, made, now)?].into()
            }
            false => make(cx, pool, now)?.into(),
        };
        cx.insert(&key, &SigningKeys::first(first));
        cx.land()?;
        cx.get::<SigningKeys>(&key)?
            .ok_or_else(|| Fault::new("signing keys that were just made").into())
    })
}

/// A key pair for ID tokens and one for access tokens.
fn make(cx: &mut Cx<'_>, pool: &str, signs_from: Timestamp) -> Run<[SigningKey; 2]> {
    let id = SecretBytes::new(cx.random::<32>("key for ID tokens").to_vec());
    let access = SecretBytes::new(cx.random::<32>("key for access tokens").to_vec());
    let [id, access] = cx.works([
        &Work::GenerateKey { seed: id },
        &Work::GenerateKey { seed: access },
    ])?;
    Ok([
        sealed(cx, pool, TokenUse::Id, id, signs_from)?,
        sealed(cx, pool, TokenUse::Access, access, signs_from)?,
    ])
}

fn sealed(
    cx: &mut Cx<'_>,
    pool: &str,
    signs: TokenUse,
    made: Done,
    signs_from: Timestamp,
) -> Run<SigningKey> {
    let Done::KeyPair { pkcs8, modulus } = made else {
        return Err(Fault::new("a key pair").into());
    };
    let kid = key_id(&modulus, &worker::EXPONENT);
    let key = keys::signing_keys(pool);
    let sealed = cx.seal(
        signing::PURPOSE,
        pool,
        &key,
        &signing::field(&kid),
        pkcs8.expose(),
    );
    Ok(SigningKey {
        kid,
        signs,
        modulus,
        sealed,
        signs_from,
        until: None,
    })
}

fn already_announced() -> Refusal {
    Refusal::new(
        RefusalKind::InvalidParameter,
        "New signing keys are announced already.",
    )
}
