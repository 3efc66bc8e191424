//! Gives out tokens: a grant in the commit of the verdict, the tokens after it landed.
//!
//! The triggers of a sign-in are asked in between: what they are told has happened, and no token is signed before
//! they agree.

use alloc::{collections::BTreeMap, format, string::String, sync::Arc, vec::Vec};

use serde_json::Value;
use userpool_crypto::{base64, secret::SecretBytes};
use userpool_ports::Timestamp;
use userpool_wire::idp::{AuthenticationResultType, NewDeviceMetadataType};

use super::{
    claims::{self, Common},
    keys::signing_keys,
    refresh_token::Reference,
};
use crate::{
    engine::{Cx, Done, Fault, KeyName, Refusal, RefusalKind, Run, Work},
    model::{
        client::Client,
        device::DeviceId,
        grant::Grant,
        group::Standing,
        keys,
        methods::{Aim, Methods},
        page_session::PageSession,
        signing::{SigningKeys, TokenUse},
        sub::uuid_v4,
        user::{Head, Profile},
    },
    ops::{
        attributes,
        groups::memberships,
        levels,
        parties::{Ending, Party, no_user},
        sessions::track,
        sign_in::outcome::Outcome,
        triggers::{
            self, About, Trigger, authentication,
            token_generation::{self, Changes, Occasion},
        },
        user_type,
    },
};

/// A grant with its id, as plain values that outlive a landing.
#[derive(Clone, Debug)]
pub(crate) struct LiveGrant {
    pub id: [u8; 16],
    pub grant: Grant,
    /// The pool's signing keys, if it has any, read in the same go.
    pub keys: Option<Arc<SigningKeys>>,
    /// What the user's groups say, read in the same phase as the user.
    pub standing: Standing,
    /// The user's attributes as they count, read in the same go.
    pub attributes: Arc<BTreeMap<String, String>>,
    /// The device whose key is given out with the tokens.
    pub new_device: Option<DeviceId>,
    /// The nonce that the ID token repeats.
    pub nonce: Option<String>,
}

impl LiveGrant {
    /// The attributes that its ID tokens tell a client.
    fn readable(&self, client: &Client) -> BTreeMap<String, String> {
        let mut readable = BTreeMap::clone(&self.attributes);
        readable.retain(|name, _| attributes::may_read(client, name) && self.grant.tells(name));
        readable
    }
}

/// What a grant of the OAuth endpoints is for.
#[derive(Clone, Debug)]
pub(crate) struct Consent {
    /// The scopes of its access tokens.
    pub scopes: Vec<String>,
    /// When the user signed in at the pages.
    pub signed_in: Timestamp,
    /// The nonce of the request.
    pub nonce: Option<String>,
    /// The API that the access tokens are for.
    pub resource: Option<String>,
    /// The level of authentication of the sign-in.
    pub level: Option<String>,
    /// How the user signed in.
    pub methods: Option<Methods>,
    /// The session of the login pages that it comes from.
    pub pages: Option<[u8; 16]>,
}

/// Whether an answer carries a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefreshPart {
    /// The one of the grant's current generation.
    Current,
    /// None: the client keeps the one it has.
    Absent,
}

/// Opens the grant of a sign-in: part of the commit that records the verdict, so call it before landing.
///
/// It reads the pool's signing keys ([`keys::signing_keys`]) and the user's groups ([`keys::memberships`]); a
/// caller who asks for both with its other records saves a round trip.
///
/// A sign-in that was asked for a level tells the one that it has, by the name that the pool has for it.
///
/// Where the pool tracks devices and the sign-in named none that is known, the grant is for a new one.
///
/// # Errors
/// Stops the run until the signing keys, the groups and the user's aliases were read.
pub(crate) fn open_grant(
    cx: &mut Cx<'_>,
    party: &Party,
    (head, profile): (&Head, &Profile),
    device: Option<DeviceId>,
    aim: Aim,
) -> Run<LiveGrant> {
    let attributes = user_type::effective(cx, &party.pool, &head.sub, profile)?;
    let (id, origin_jti) = two_uuids(cx.random("grant"));
    let new_device = match (device, party.pool.rules.devices, party.ending) {
        (None, Some(_), Ending::Tokens) => Some(DeviceId::new(cx.random("device"))),
        (Some(_), _, _) | (None, None, _) | (None, Some(_), Ending::PageSession(_)) => None,
    };
    let device_key = device.or(new_device).map(|device| device.key(&party.pool));
    let level = match aim.level {
        Some(_) => levels::name(cx, &party.pool, aim.shown.level())?,
        None => None,
    };
    let grant = Grant {
        device_is_new: new_device.is_some(),
        methods: Some(aim.shown),
        level,
        ..Grant::opened(
            origin_jti,
            &party.client,
            head,
            device_key.as_deref(),
            cx.now(),
        )
    };
    let key = keys::grant(&party.pool.id, &head.sub, &id);
    let keys_key = keys::signing_keys(&party.pool.id);
    cx.want([&keys_key, &keys::memberships(&party.pool.id, &head.sub)])?;
    let keys = cx.get::<SigningKeys>(&keys_key)?;
    let standing = memberships::standing(cx, &party.pool.id, &head.sub)?;
    match party.ending {
        Ending::Tokens => {
            cx.insert_until(&key, &grant, Some(grant.ends));
            track::begun(cx, party, head, &id, &grant)?;
        }
        Ending::PageSession(_) => {
            let session = PageSession {
                methods: Some(aim.shown),
                ..PageSession::begun(&party.client, head, cx.now())
            };
            let key = keys::page_session(&party.pool.id, &head.sub, &id);
            cx.insert_until(&key, &session, Some(session.ends));
        }
    }
    Ok(LiveGrant {
        id,
        grant,
        keys: keys.map(|held| held.value().clone()),
        standing,
        attributes: Arc::new(attributes),
        new_device,
        nonce: None,
    })
}

/// Opens the grant of an exchange at the OAuth endpoints, for a user who has signed in at the pages.
///
/// It reads the pool's signing keys and the user's groups, as [`open_grant`] does.
///
/// # Errors
/// Stops the run until the signing keys, the groups and the user's aliases were read.
pub(crate) fn open_hosted(
    cx: &mut Cx<'_>,
    party: &Party,
    head: &Head,
    profile: &Profile,
    consent: Consent,
) -> Run<LiveGrant> {
    let attributes = user_type::effective(cx, &party.pool, &head.sub, profile)?;
    let (id, origin_jti) = two_uuids(cx.random("grant"));
    let grant = Grant {
        signed_in: consent.signed_in,
        scopes: consent.scopes,
        resource: consent.resource,
        level: consent.level,
        methods: consent.methods,
        pages: consent.pages,
        hosted: true,
        ..Grant::opened(origin_jti, &party.client, head, None, cx.now())
    };
    let keys_key = keys::signing_keys(&party.pool.id);
    cx.want([&keys_key, &keys::memberships(&party.pool.id, &head.sub)])?;
    let keys = cx.get::<SigningKeys>(&keys_key)?;
    let standing = memberships::standing(cx, &party.pool.id, &head.sub)?;
    let key = keys::grant(&party.pool.id, &head.sub, &id);
    cx.insert_until(&key, &grant, Some(grant.ends));
    track::begun(cx, party, head, &id, &grant)?;
    Ok(LiveGrant {
        id,
        grant,
        keys: keys.map(|held| held.value().clone()),
        standing,
        attributes: Arc::new(attributes),
        new_device: None,
        nonce: consent.nonce,
    })
}

/// The end of a sign-in whose grant has landed: asks the triggers that have a say, then signs. Where one refuses
/// the grant is taken back. At the login pages it ends with their session, and no token is signed.
///
/// Refusals, in this order: the trigger after the sign-in, the one before tokens, a user who was disabled, signed
/// out or deleted while they were asked.
///
/// # Errors
/// The refusals above; stops the run until both signatures are made.
pub(crate) fn signed_in(
    cx: &mut Cx<'_>,
    party: &Party,
    head: &Head,
    live: &LiveGrant,
    occasion: Occasion,
) -> Run<Outcome> {
    if party.ending != Ending::Tokens {
        return at_pages(cx, party, head, live);
    }
    let (pool, key) = (&party.pool, || {
        keys::grant(&party.pool.id, &head.sub, &live.id)
    });
    let asks = [Trigger::PostAuthentication, Trigger::PreTokenGeneration];
    if !asks.iter().any(|trigger| trigger.is_set(pool)) {
        let result = tokens(cx, party, head, live, RefreshPart::Current, None)?;
        return Ok(Outcome::Tokens(result));
    }
    let told = cx.once(|_| Ok(Arc::new(triggers::attributes(head, &live.attributes))))?;
    let about = About::of(party, &head.username);
    let agreed = match authentication::after(cx, about, &told, live.new_device.is_some())? {
        Ok(()) => changes(cx, party, head, live, occasion)?,
        Err(refusal) => Err(refusal),
    };
    match agreed {
        Ok(changes) => {
            let held = cx.get::<Head>(&keys::head(&pool.id, &head.sub))?;
            let held = held.ok_or_else(no_user)?;
            if !held.enabled || live.grant.is_revoked(&held) {
                return Err(Refusal::new(RefusalKind::NotAuthorized, "User is disabled.").into());
            }
            tokens(
                cx,
                party,
                head,
                live,
                RefreshPart::Current,
                changes.as_deref(),
            )
            .map(Outcome::Tokens)
        }
        Err(refusal) => {
            if let Some(grant) = cx.get::<Grant>(&key())? {
                cx.remove(&grant);
            }
            Err(cx.counted(refusal))
        }
    }
}

/// The end of a sign-in at the login pages: the trigger after it has a say.
fn at_pages(cx: &mut Cx<'_>, party: &Party, head: &Head, live: &LiveGrant) -> Run<Outcome> {
    if Trigger::PostAuthentication.is_set(&party.pool) {
        let told = cx.once(|_| Ok(Arc::new(triggers::attributes(head, &live.attributes))))?;
        let about = About::of(party, &head.username);
        if let Err(refusal) = authentication::after(cx, about, &told, false)? {
            let key = keys::page_session(&party.pool.id, &head.sub, &live.id);
            if let Some(session) = cx.get::<PageSession>(&key)? {
                cx.remove(&session);
            }
            return Err(cx.counted(refusal));
        }
    }
    Ok(Outcome::PageSession(head.sub, live.id))
}

/// What the trigger before tokens changes of those of a grant.
///
/// # Errors
/// Stops the run until the trigger answered.
pub(crate) fn changes(
    cx: &mut Cx<'_>,
    party: &Party,
    head: &Head,
    live: &LiveGrant,
    occasion: Occasion,
) -> Run<Result<Option<Arc<Changes>>, Refusal>> {
    if !Trigger::PreTokenGeneration.is_set(&party.pool) {
        return Ok(Ok(None));
    }
    let told = cx.once(|_| Ok(Arc::new(triggers::attributes(head, &live.attributes))))?;
    let about = About::of(party, &head.username);
    let own = (&live.standing, live.grant.scopes.as_slice());
    token_generation::ask(cx, about, occasion, &told, own)
}

/// The tokens of a grant, signed, with the changes that a trigger wants. Call it once the commit that allows them has landed.
///
/// A pool without signing keys gets its first ones, which lands what was written since.
///
/// # Errors
/// Stops the run until the keys are read and both signatures are made.
pub(crate) fn tokens(
    cx: &mut Cx<'_>,
    party: &Party,
    head: &Head,
    live: &LiveGrant,
    refresh: RefreshPart,
    changes: Option<&Changes>,
) -> Run<AuthenticationResultType> {
    let Party { client, pool, .. } = party;
    let keys = match &live.keys {
        Some(keys) => keys.clone(),
        None => signing_keys(cx, &pool.id)?.value().clone(),
    };
    let unsigned = cx.once(|cx| {
        let (id_jti, access_jti) = two_uuids(cx.random("jti"));
        let issuer = cx.environment().issuer_of(&pool.id);
        let common = common(cx, &issuer, client, (head, live), changes);
        let mut id_claims = claims::id(&common, &id_jti, &live.readable(client));
        let mut access_claims = claims::access(&common, &access_jti);
        if let Some(changes) = changes {
            id_claims = claims::changed(&id_claims, &changes.id, None)?;
            let scopes = claims::changed_scopes(&live.grant.scopes, changes);
            access_claims = claims::changed(&access_claims, &changes.access, Some(&scopes))?;
        }
        let access = Unsigned::new(&keys, &pool.id, TokenUse::Access, &access_claims, cx)?;
        // An ID token of the OAuth endpoints names its access token, which has to be signed first.
        let id = match live.grant.hosted {
            true => Claimed::Later(id_claims),
            false => Claimed::Ready(Unsigned::new(
                &keys,
                &pool.id,
                TokenUse::Id,
                &id_claims,
                cx,
            )?),
        };
        Ok(Arc::new((id, access)))
    })?;
    let (id, access) = &*unsigned;
    let (id_token, access_token) = match id {
        Claimed::Ready(id) => {
            let [id_done, access_done] = cx.works([&id.work, &access.work])?;
            (Some(id.signed(&id_done)?), access.signed(&access_done)?)
        }
        Claimed::Later(claims) => {
            let access_done = cx.work(access.work.clone())?;
            let access_token = access.signed(&access_done)?;
            let id_token = match live.grant.has_id_token() {
                true => {
                    let claims = claims::bound(claims, &access_token, live.nonce.as_deref())?;
                    let id = Unsigned::new(&keys, &pool.id, TokenUse::Id, &claims, cx)?;
                    let id_done = cx.work(id.work.clone())?;
                    Some(id.signed(&id_done)?)
                }
                false => None,
            };
            (id_token, access_token)
        }
    };
    let refresh_token = match refresh {
        RefreshPart::Current => Some(refresh_token(cx, party, head, live).into()),
        RefreshPart::Absent => None,
    };
    Ok(AuthenticationResultType {
        access_token: Some(access_token.into()),
        expires_in: i32::try_from(client.lives.access_secs).ok(),
        token_type: Some("Bearer".into()),
        refresh_token,
        id_token: id_token.map(Into::into),
        new_device_metadata: live.new_device.map(|device| NewDeviceMetadataType {
            device_key: Some(device.key(pool)),
            device_group_key: Some(device.group_key()),
        }),
    })
}

/// What all tokens of a grant say alike.
fn common<'a>(
    cx: &Cx<'_>,
    issuer: &'a str,
    client: &'a Client,
    (head, live): (&'a Head, &'a LiveGrant),
    changes: Option<&'a Changes>,
) -> Common<'a> {
    Common {
        issuer,
        client,
        head,
        grant: &live.grant,
        grant_id: &live.id,
        standing: changes
            .and_then(|changes| changes.standing.as_ref())
            .unwrap_or(&live.standing),
        now: cx.now(),
        most: u32::MAX,
    }
}

/// What a token that is given for another is.
#[derive(Clone, Debug)]
pub(crate) struct Derived {
    /// The kind of token.
    pub gives: TokenUse,
    /// Who acts.
    pub act: Option<Value>,
    /// How many seconds it lives at most.
    pub most: u32,
}

/// A token that was given for another.
pub(crate) struct DerivedToken {
    pub text: String,
    /// How many seconds it lives.
    pub life: u32,
    /// Its scopes, where it has any.
    pub scopes: Vec<String>,
}

/// A token for another (RFC 8693), of a grant whose scopes and API are the token's. Call it once all that allows it has
/// landed.
///
/// # Errors
/// Stops the run until the keys are read and the signature is made.
pub(crate) fn derived(
    cx: &mut Cx<'_>,
    party: &Party,
    (head, live): (&Head, &LiveGrant),
    derived: &Derived,
    changes: Option<&Changes>,
) -> Run<DerivedToken> {
    let Party { client, pool, .. } = party;
    let keys = signing_keys(cx, &pool.id)?.value().clone();
    let origin = &live.grant.client;
    let origin = (*origin != client.id).then_some(origin.as_str());
    let life = match derived.gives {
        TokenUse::Access => client.lives.access_secs,
        TokenUse::Id => client.lives.id_secs,
    };
    let made = cx.once(|cx| {
        let jti = uuid_v4(cx.random("jti"));
        let issuer = cx.environment().issuer_of(&pool.id);
        let common = Common {
            most: derived.most,
            ..common(cx, &issuer, client, (head, live), changes)
        };
        let own = live.grant.scopes.join(" ");
        let scopes = changes.map_or(own, |it| claims::changed_scopes(&live.grant.scopes, it));
        let claims = match derived.gives {
            TokenUse::Access => claims::access(&common, &jti),
            TokenUse::Id => claims::id(&common, &jti, &live.readable(client)),
        };
        let mut claims = claims::derived(&claims, derived.act.as_ref(), origin)?;
        if let Some(changes) = changes {
            claims = match derived.gives {
                TokenUse::Access => claims::changed(&claims, &changes.access, Some(&scopes))?,
                TokenUse::Id => claims::changed(&claims, &changes.id, None)?,
            };
        }
        let unsigned = Unsigned::new(&keys, &pool.id, derived.gives, &claims, cx)?;
        Ok(Arc::new((unsigned, scopes)))
    })?;
    let (unsigned, scopes) = &*made;
    let done = cx.work(unsigned.work.clone())?;
    Ok(DerivedToken {
        text: unsigned.signed(&done)?,
        life: life.min(derived.most),
        scopes: scopes.split_ascii_whitespace().map(Into::into).collect(),
    })
}

/// The access token of a client that asks for itself (RFC 6749 §4.4): it is about the client, and nobody signed in.
///
/// # Errors
/// Stops the run until the keys are read and the signature is made.
pub(crate) fn of_client(
    cx: &mut Cx<'_>,
    party: &Party,
    scopes: &[String],
    changes: Option<&Changes>,
) -> Run<AuthenticationResultType> {
    let Party { client, pool, .. } = party;
    let keys = signing_keys(cx, &pool.id)?.value().clone();
    let unsigned = cx.once(|cx| {
        let jti = uuid_v4(cx.random("jti"));
        let issuer = cx.environment().issuer_of(&pool.id);
        let mut claims = claims::of_client(client, &issuer, scopes, &jti, cx.now());
        if let Some(changes) = changes {
            let scopes = claims::changed_scopes(scopes, changes);
            claims = claims::changed(&claims, &changes.access, Some(&scopes))?;
        }
        Unsigned::new(&keys, &pool.id, TokenUse::Access, &claims, cx).map(Arc::new)
    })?;
    let done = cx.work(unsigned.work.clone())?;
    Ok(AuthenticationResultType {
        access_token: Some(unsigned.signed(&done)?.into()),
        expires_in: i32::try_from(client.lives.access_secs).ok(),
        token_type: Some("Bearer".into()),
        ..AuthenticationResultType::default()
    })
}

/// A token about an identity of an identity pool, signed by that pool's key for ID tokens.
///
/// # Errors
/// Stops the run until the keys are read and the signature is made.
pub(crate) fn of_identity(cx: &mut Cx<'_>, pool: &str, claims: &str) -> Run<String> {
    let keys = signing_keys(cx, pool)?.value().clone();
    let unsigned =
        cx.once(|cx| Unsigned::new(&keys, pool, TokenUse::Id, claims, cx).map(Arc::new))?;
    let done = cx.work(unsigned.work.clone())?;
    unsigned.signed(&done)
}

fn two_uuids(random: [u8; 32]) -> ([u8; 16], [u8; 16]) {
    let (mut first, mut second) = ([0; 16], [0; 16]);
    first.copy_from_slice(&random[..16]);
    second.copy_from_slice(&random[16..]);
    (uuid_v4(first), uuid_v4(second))
}

fn refresh_token(cx: &Cx<'_>, party: &Party, head: &Head, live: &LiveGrant) -> String {
    let reference = Reference {
        sub: head.sub,
        grant: live.id,
        generation: live.grant.generation,
        client: party.client.id.clone(),
        expires: live.grant.refresh_until,
    };
    reference.seal(&party.pool.id, &cx.environment().root_keys)
}

/// An ID token before its signature, or before what it says of its access token.
enum Claimed {
    Ready(Unsigned),
    Later(String),
}

/// A token before its signature.
struct Unsigned {
    input: String,
    work: Work,
}

impl Unsigned {
    fn new(
        keys: &SigningKeys,
        pool: &str,
        signs: TokenUse,
        claims: &str,
        cx: &mut Cx<'_>,
    ) -> Run<Self> {
        let key = keys
            .signing(signs, cx.now())
            .ok_or(Fault::new("a pool without a signing key in use"))?;
        // Key ids are base64 text, which needs no escaping.
        let header = format!(r#"{{"kid":"{}","alg":"RS256"}}"#, key.kid);
        let input = format!(
            "{}.{}",
            base64::encode_url(header.as_bytes()),
            base64::encode_url(claims.as_bytes())
        );
        let blinding: [u8; 32] = cx.random(&format!("blinding/{}", signs.as_str()));
        let work = Work::Sign {
            key: KeyName {
                pool: pool.into(),
                kid: key.kid.clone(),
            },
            sealed: Arc::from(key.sealed.as_slice()),
            message: input.clone().into_bytes(),
            blinding: SecretBytes::new(blinding.to_vec()),
        };
        Ok(Self { input, work })
    }

    fn signed(&self, done: &Done) -> Run<String> {
        let Done::Signature(signature) = done else {
            return Err(Fault::new("a signature").into());
        };
        Ok(format!("{}.{}", self.input, base64::encode_url(signature)))
    }
}
