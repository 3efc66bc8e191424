//! Tokens of the pool itself, as subjects and actors.

use alloc::{format, sync::Arc};

use userpool_crypto::{base64, jwt::Token};
use userpool_wire::idp::TokenTypeIdentifierType;

use super::request::{Role, invalid};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{
        client::Client,
        grant::Grant,
        keys,
        pool::Pool,
        signing::{SigningKeys, TokenUse},
        sub::{Sub, parse_uuid},
        user::{Head, Profile},
    },
    ops::{parties::no_user, tokens::keys::is_signed},
    verify::{Claims, Invalid},
};

/// The claim of a token that was given for another: the client of the grant, where it is not its own.
pub(crate) const ORIGIN_CLIENT: &str = "origin_client_id";

/// The user of a token, and the grant that it came from.
#[derive(Clone)]
pub(super) struct Known {
    pub head: Held<Head>,
    pub profile: Held<Profile>,
    pub grant_id: [u8; 16],
    pub grant: Held<Grant>,
}

/// The claims of a token that this pool signed, for a client that is there; and its user, unless it is of a client.
///
/// Refusals, in this order: a token of a wrong form, or of another pool, use or signature; an expired one; one of a client
/// that is gone; a user who is gone or disabled; a grant that is.
///
/// # Errors
/// The refusals above; stops the run until the signature is checked and the records are there.
pub(super) fn check(
    cx: &mut Cx<'_>,
    pool: &Held<Pool>,
    (text, kind, role): (&str, TokenTypeIdentifierType, Role),
) -> Run<(Arc<Claims>, Option<Known>)> {
    let wanted = match kind {
        TokenTypeIdentifierType::AccessToken => TokenUse::Access,
        TokenTypeIdentifierType::IdToken => TokenUse::Id,
        TokenTypeIdentifierType::Saml2 => {
            let text = format!("An assertion needs {role}TokenProviderName");
            return Err(Refusal::new(RefusalKind::InvalidParameter, text).into());
        }
    };
    cx.once(|cx| {
        let claims = signed(cx, pool, (text, wanted, role))?;
        let client = cx.get::<Client>(&keys::client(claims.client_id()))?;
        if client.is_none_or(|client| client.pool != pool.id) {
            return Err(revoked(role).into());
        }
        let is_of_client = wanted == TokenUse::Access && claims.subject() == claims.client_id();
        let user = match is_of_client {
            true => None,
            false => Some(user(cx, pool, &claims, role)?),
        };
        Ok((claims, user))
    })
}

fn signed(
    cx: &mut Cx<'_>,
    pool: &Held<Pool>,
    (text, wanted, role): (&str, TokenUse, Role),
) -> Run<Arc<Claims>> {
    let parts = || {
        let token = Token::parse(text).ok()?;
        let (message, signature) = text.rsplit_once('.')?;
        let claims = Claims::parse(token.danger_unverified_payload())?;
        Some((token, claims, message, base64::decode_url(signature)?))
    };
    let (token, claims, message, signature) = parts().ok_or_else(|| invalid(role))?;
    let issuer = cx.environment().issuer_of(&pool.id);
    let signing = cx.get::<SigningKeys>(&keys::signing_keys(&pool.id))?;
    let signing = signing.filter(|_| claims.issuer() == issuer);
    let now = cx.now();
    let key = signing
        .as_ref()
        .and_then(|signing| signing.verifying(token.key_id(), wanted, now))
        .ok_or_else(|| invalid(role))?;
    if !is_signed(cx, &key.modulus, message.as_bytes(), &signature)? {
        return Err(invalid(role).into());
    }
    match claims.check(&issuer, wanted, now.secs()) {
        Ok(()) => Ok(Arc::new(claims)),
        Err(Invalid::Expired) => Err(refuse(format!("{role} token has expired")).into()),
        Err(_) => Err(invalid(role).into()),
    }
}

fn user(cx: &mut Cx<'_>, pool: &Pool, claims: &Claims, role: Role) -> Run<Known> {
    let sub = Sub::parse(claims.subject()).ok_or_else(|| invalid(role))?;
    let grant_id = claims.text("event_id").and_then(parse_uuid);
    let grant_id = grant_id.ok_or_else(|| invalid(role))?;
    let head = keys::head(&pool.id, &sub);
    let profile = keys::profile(&pool.id, &sub);
    let grant = keys::grant(&pool.id, &sub, &grant_id);
    cx.want([&head, &profile, &grant, &keys::memberships(&pool.id, &sub)])?;
    let head = cx.get::<Head>(&head)?.ok_or_else(no_user)?;
    let profile = cx.get::<Profile>(&profile)?.ok_or_else(no_user)?;
    if !head.enabled {
        return Err(refuse("User is disabled.".into()).into());
    }
    let client = claims.text(ORIGIN_CLIENT).unwrap_or(claims.client_id());
    match cx.get::<Grant>(&grant)? {
        Some(grant) if grant.client == client && !grant.is_revoked(&head) => Ok(Known {
            head,
            profile,
            grant_id,
            grant,
        }),
        _ => Err(revoked(role).into()),
    }
}

fn revoked(role: Role) -> Refusal {
    refuse(format!("{role} token has been revoked"))
}

fn refuse(text: alloc::string::String) -> Refusal {
    Refusal::new(RefusalKind::NotAuthorized, text)
}
