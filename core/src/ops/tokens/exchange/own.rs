//! Tokens of the pool itself, as subjects and actors.

use alloc::{format, string::String, sync::Arc, vec::Vec};

use userpool_crypto::{base64, jwt::Token};
use userpool_ports::Key;
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
    ops::{access, parties::no_user, tokens::keys::is_signed},
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
        let parsed = cx.once(|_| {
            let parsed = Parsed::of(&pool.id, text).ok_or_else(|| invalid(role))?;
            Ok(Arc::new(parsed))
        })?;
        let claims = &parsed.claims;
        // All at once, although the ids are not proven yet: what they lead to counts after the signature alone.
        cx.want(parsed.places())?;
        check_signature(cx, pool, (&parsed, wanted, role))?;
        let client = cx.get::<Client>(&parsed.client)?;
        if client.is_none_or(|client| client.pool != pool.id) {
            return Err(revoked(role).into());
        }
        let is_of_client = wanted == TokenUse::Access && claims.subject() == claims.client_id();
        let user = match is_of_client {
            true => None,
            false => Some(user(cx, &parsed, role)?),
        };
        Ok((claims.clone(), user))
    })
}

/// A token taken apart, before anything of it is proven.
struct Parsed {
    claims: Arc<Claims>,
    kid: String,
    message: Vec<u8>,
    signature: Vec<u8>,
    signing_keys: Key,
    client: Key,
    /// Where the user is; none of a token that leads to none.
    user: Option<Places>,
}

/// Where the records of a user are.
struct Places {
    grant_id: [u8; 16],
    head: Key,
    profile: Key,
    grant: Key,
    memberships: Key,
}

impl Parsed {
    fn of(pool: &str, text: &str) -> Option<Self> {
        let token = Token::parse(text).ok()?;
        let (message, signature) = text.rsplit_once('.')?;
        let claims = Claims::parse(token.danger_unverified_payload())?;
        if claims.client_id().len() > access::MAX_CLIENT_ID {
            return None;
        }
        Some(Self {
            kid: token.key_id().into(),
            message: message.into(),
            signature: base64::decode_url(signature)?,
            signing_keys: keys::signing_keys(pool),
            client: keys::client(claims.client_id()),
            user: Places::of(pool, &claims),
            claims: Arc::new(claims),
        })
    }

    fn places(&self) -> impl Iterator<Item = &Key> {
        let user = self.user.iter();
        let user = user.flat_map(|it| [&it.head, &it.profile, &it.grant, &it.memberships]);
        [&self.signing_keys, &self.client].into_iter().chain(user)
    }
}

impl Places {
    fn of(pool: &str, claims: &Claims) -> Option<Self> {
        let sub = Sub::parse(claims.subject())?;
        let grant_id = parse_uuid(claims.text("event_id")?)?;
        Some(Self {
            grant_id,
            head: keys::head(pool, &sub),
            profile: keys::profile(pool, &sub),
            grant: keys::grant(pool, &sub, &grant_id),
            memberships: keys::memberships(pool, &sub),
        })
    }
}

/// Refuses a token of another pool, use or signature, and an expired one.
fn check_signature(
    cx: &mut Cx<'_>,
    pool: &Pool,
    (parsed, wanted, role): (&Parsed, TokenUse, Role),
) -> Run<()> {
    let claims = &parsed.claims;
    let issuer = cx.environment().issuer_of(&pool.id);
    let signing = cx.get::<SigningKeys>(&parsed.signing_keys)?;
    let signing = signing.filter(|_| claims.issuer() == issuer);
    let now = cx.now();
    let key = signing
        .as_ref()
        .and_then(|signing| signing.verifying(&parsed.kid, wanted, now))
        .ok_or_else(|| invalid(role))?;
    if !is_signed(cx, &key.modulus, &parsed.message, &parsed.signature)? {
        return Err(invalid(role).into());
    }
    match claims.check(&issuer, wanted, now.secs()) {
        Ok(()) => Ok(()),
        Err(Invalid::Expired) => Err(refuse(format!("{role} token has expired")).into()),
        Err(_) => Err(invalid(role).into()),
    }
}

fn user(cx: &mut Cx<'_>, parsed: &Parsed, role: Role) -> Run<Known> {
    let at = parsed.user.as_ref().ok_or_else(|| invalid(role))?;
    let head = cx.get::<Head>(&at.head)?.ok_or_else(no_user)?;
    let profile = cx.get::<Profile>(&at.profile)?.ok_or_else(no_user)?;
    if !head.enabled {
        return Err(refuse("User is disabled.".into()).into());
    }
    let claims = &parsed.claims;
    let client = claims.text(ORIGIN_CLIENT).unwrap_or(claims.client_id());
    match cx.get::<Grant>(&at.grant)? {
        Some(grant) if grant.client == client && !grant.is_revoked(&head) => Ok(Known {
            head,
            profile,
            grant_id: at.grant_id,
            grant,
        }),
        _ => Err(revoked(role).into()),
    }
}

fn revoked(role: Role) -> Refusal {
    refuse(format!("{role} token has been revoked"))
}

fn refuse(text: String) -> Refusal {
    Refusal::new(RefusalKind::NotAuthorized, text)
}
