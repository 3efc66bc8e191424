//! Who an access token speaks for: the check before every operation that takes one.

use alloc::{string::String, sync::Arc, vec::Vec};

use userpool_crypto::{base64, jwt::Token};
use userpool_ports::Key;
use userpool_wire::Sensitive;

use super::{
    origin::Hint,
    parties::{Ending, Party, Said, no_user},
    pools::replicas,
};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{
        client::Client,
        grant::{Grant, SELF_SERVICE},
        keys,
        pool::Pool,
        signing::{SigningKeys, TokenUse},
        sub::{Sub, parse_uuid},
        user::Head,
    },
    ops::tokens::{exchange::ORIGIN_CLIENT, keys::is_signed},
    verify::{Claims, Invalid},
};

/// The longest pool id.
const MAX_POOL_ID: usize = 55;
/// The longest id of an app client.
pub(crate) const MAX_CLIENT_ID: usize = 128;

/// The user that an access token speaks for, and what it came from.
#[derive(Clone)]
pub(crate) struct Access {
    /// The app client that the token was given to, and its pool.
    pub party: Party,
    /// The user. Whoever writes about the user checks or writes this head.
    pub head: Held<Head>,
    /// The grant that the token came from.
    pub grant: Held<Grant>,
}

impl Access {
    /// Makes what is written depend on the token: it lands only while neither the user nor the grant has changed,
    /// so that nothing lands on behalf of a token after its revocation was answered.
    pub fn hold(&self, cx: &mut Cx<'_>) {
        cx.check(&self.head);
        cx.check(&self.grant);
    }

    /// The id of the grant that the token came from.
    pub fn grant_id(&self) -> [u8; 16] {
        let key = self.grant.key().as_bytes();
        let id = key
            .last_chunk()
            .expect("the key of a grant ends with its id");
        *id
    }
}

/// Checks an access token: its own pool and issuer, signature, use, time, scope, user and grant.
///
/// Everything is found by ids, never by names: a user of the same name as one who was deleted gets nothing
/// from the old tokens.
///
/// Refusals, in this order: no token of one of our pools (form, algorithm, issuer, key), wrong signature, not
/// an access token, expired, client gone, scope missing, user gone, user disabled, revoked.
///
/// # Errors
/// Refuses as said; stops the run until the records are there and the signature is checked.
pub(crate) fn authorize(cx: &mut Cx<'_>, access_token: &str) -> Run<Access> {
    authorize_beside(cx, access_token, &[])
}

/// As [`authorize`], of a token that the model lets a request leave out.
///
/// # Errors
/// Refuses where there is none; else as [`authorize`].
pub(crate) fn authorize_optional(
    cx: &mut Cx<'_>,
    access_token: Option<&Sensitive<String>>,
) -> Run<Access> {
    authorize(cx, access_token.ok_or_else(invalid)?)
}

/// As [`authorize`]; further records of the user, whose keys `also` gives, are read in the same round trip.
///
/// # Errors
/// As [`authorize`].
pub(crate) fn authorize_beside(
    cx: &mut Cx<'_>,
    access_token: &str,
    also: &[fn(&str, &Sub) -> Key],
) -> Run<Access> {
    authorize_for(cx, access_token, SELF_SERVICE, also)
}

/// As [`authorize_beside`], of a token that needs this scope instead.
///
/// # Errors
/// As [`authorize`].
pub(crate) fn authorize_for(
    cx: &mut Cx<'_>,
    access_token: &str,
    scope: &str,
    also: &[fn(&str, &Sub) -> Key],
) -> Run<Access> {
    cx.once(|cx| {
        let claimed = cx.once(|_| {
            let claimed = Claimed::of(access_token, also).ok_or_else(invalid)?;
            Ok(Arc::new(claimed))
        })?;
        checked(cx, &claimed, scope)
    })
}

fn checked(cx: &mut Cx<'_>, claimed: &Claimed, needed: &str) -> Run<Access> {
    let at = &claimed.at;
    // All at once, although the ids are not proven yet: what they lead to counts after the signature alone.
    // The profile is for the operation, which nearly always wants it.
    let own = [
        &at.pool,
        &at.signing_keys,
        &at.client,
        &at.head,
        &at.grant,
        &at.profile,
    ];
    cx.want(own.into_iter().chain(&claimed.also))?;

    let issuer = cx.environment().issuer_of(&claimed.pool);
    let pool = match cx.get::<Pool>(&at.pool)? {
        Some(pool) if !pool.deleting && claimed.claims.issuer() == issuer => pool,
        _ => return Err(invalid().into()),
    };
    replicas::admit(cx, &pool, invalid)?;
    let signing = cx
        .get::<SigningKeys>(&at.signing_keys)?
        .ok_or_else(invalid)?;
    let now = cx.now();
    let key = signing
        .verifying(&claimed.kid, TokenUse::Access, now)
        .ok_or_else(invalid)?;
    if !is_signed(cx, &key.modulus, &claimed.signed, &claimed.signature)? {
        return Err(invalid().into());
    }

    match claimed.claims.check(&issuer, TokenUse::Access, now.secs()) {
        Ok(()) => {}
        Err(Invalid::Expired) => return Err(refuse("Access Token has expired").into()),
        Err(_) => return Err(invalid().into()),
    }
    let client = match cx.get::<Client>(&at.client)? {
        Some(client) if client.pool == pool.id => client,
        _ => return Err(revoked().into()),
    };
    if !claimed.claims.scopes().any(|scope| scope == needed) {
        return Err(refuse("Access Token does not have required scopes").into());
    }
    let head = cx.get::<Head>(&at.head)?.ok_or_else(no_user)?;
    if !head.enabled {
        return Err(refuse("User is disabled.").into());
    }
    let grant = match cx.get::<Grant>(&at.grant)? {
        Some(grant) if grant.client == claimed.origin && !grant.is_revoked(&head) => grant,
        _ => return Err(revoked().into()),
    };
    Ok(Access {
        party: Party {
            client,
            pool,
            said: Said::Nothing,
            hint: Hint::Nothing,
            ending: Ending::Tokens,
        },
        head,
        grant,
    })
}

/// What a token claims, before its signature is checked.
struct Claimed {
    kid: String,
    signed: Vec<u8>,
    signature: Vec<u8>,
    claims: Claims,
    /// The client of the grant: another one where the token was given for one of another client.
    origin: String,
    pool: String,
    at: Places,
    /// Further records of the user.
    also: Vec<Key>,
}

/// Where the records lie that a token leads to.
struct Places {
    pool: Key,
    signing_keys: Key,
    client: Key,
    head: Key,
    profile: Key,
    grant: Key,
}

impl Claimed {
    fn of(text: &str, also: &[fn(&str, &Sub) -> Key]) -> Option<Self> {
        let token = Token::parse(text).ok()?;
        let (signed, signature) = text.rsplit_once('.')?;
        let claims = Claims::parse(token.danger_unverified_payload())?;
        let (_, pool) = claims.issuer().rsplit_once('/')?;
        if pool.is_empty() || pool.len() > MAX_POOL_ID || claims.client_id().len() > MAX_CLIENT_ID {
            return None;
        }
        let sub = Sub::parse(claims.subject())?;
        let grant_id = parse_uuid(claims.text("event_id")?)?;
        let at = Places {
            pool: keys::pool(pool),
            signing_keys: keys::signing_keys(pool),
            client: keys::client(claims.client_id()),
            head: keys::head(pool, &sub),
            profile: keys::profile(pool, &sub),
            grant: keys::grant(pool, &sub, &grant_id),
        };
        Some(Self {
            kid: token.key_id().into(),
            signed: signed.into(),
            signature: base64::decode_url(signature)?,
            origin: claims
                .text(ORIGIN_CLIENT)
                .unwrap_or(claims.client_id())
                .into(),
            pool: pool.into(),
            also: also.iter().map(|key| key(pool, &sub)).collect(),
            claims,
            at,
        })
    }
}

fn refuse(text: &'static str) -> Refusal {
    Refusal::new(RefusalKind::NotAuthorized, text)
}

fn invalid() -> Refusal {
    refuse("Invalid Access Token")
}

fn revoked() -> Refusal {
    refuse("Access Token has been revoked")
}
