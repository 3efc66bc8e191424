//! The operation.

use alloc::{borrow::Cow, collections::BTreeMap, format, string::String, sync::Arc, vec::Vec};
use core::fmt;

use userpool_wire::idp::{
    GetDerivedTokenRequest, GetDerivedTokenResponse, IssuedTokenTypeIdentifierType,
    OAuthTokenTypeType, TokenTypeIdentifierType,
};

use super::{
    act::{self, Actor},
    foreign, own,
};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{
        grant::{Grant, SELF_SERVICE},
        keys,
        signing::TokenUse,
        sub::uuid_v4,
        user::{Head, Profile},
    },
    ops::{
        clients::description,
        groups::memberships,
        oauth::request,
        parties::{self, Party},
        sessions::track,
        tokens::{
            client_secret,
            issue::{self, Derived, DerivedToken, LiveGrant},
        },
        triggers::{Object, token_generation::Occasion},
        user_type,
    },
};

/// What a token of a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Whom the new token is about.
    Subject,
    /// Who acts.
    Actor,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Subject => "Subject",
            Self::Actor => "Actor",
        })
    }
}

/// Gives an app client a token for the one that it shows.
///
/// Refusals, in this order: unknown client, secret missing or wrong, an actor token without its type or the other way
/// round, both an audience and a resource, one of them for an ID token, a client without the flow; a subject token that is
/// not good, or is of no user, and then an actor token; an actor whom the subject does not let act, too many actors,
/// scopes of which none can be given, an ID token that the grant does not have, the trigger before tokens.
///
/// # Errors
/// The refusals above; stops the run until the token is signed.
pub(crate) fn get_derived_token(
    cx: &mut Cx<'_>,
    req: &GetDerivedTokenRequest,
) -> Run<GetDerivedTokenResponse> {
    let party = parties::client(cx, &req.client_id)?;
    let secret = req.client_secret.as_ref().map(|secret| secret.as_str());
    cx.once(|cx| client_secret::prove(cx, &party.client, secret))?;
    let asked = Asked::read(req)?;
    asked.check_flow(&party)?;

    let (subject, user) = subject(cx, &party, &asked.subject)?;
    let actor = match &asked.actor {
        Some(actor) => Some(Actor::of(&shown(cx, &party, actor, Role::Actor)?.claims)),
        None => None,
    };
    if let Some(actor) = &actor
        && !actor.may_act(&subject.claims)
    {
        let text = "The subject token does not let the actor act.";
        return Err(refuse(RefusalKind::NotAuthorized, text).into());
    }
    let act = cx.once(|_| Ok(act::claim(actor.as_ref(), &subject.claims)?))?;
    let scopes = granted(cx, &party, subject.scopes.as_deref(), req.scopes.as_deref())?;
    let live = cx.once(|cx| live(cx, &party, &user, &asked, &scopes).map(Arc::new))?;

    let head = &user.head;
    let changes = issue::changes(cx, &party, head, &live, Occasion::Exchange)??;
    if user.grant.is_none() {
        keep(cx, &party, head, &live)?;
    }
    let rest = subject.ends.saturating_sub(cx.now().secs()).max(0);
    let derived = Derived {
        gives: asked.gives,
        act,
        most: u32::try_from(rest).unwrap_or(u32::MAX),
    };
    let token = issue::derived(cx, &party, (head, &live), &derived, changes.as_deref())?;
    Ok(reply(asked.gives, token))
}

/// What a request asks for.
struct Asked<'a> {
    subject: Token<'a>,
    actor: Option<Token<'a>>,
    gives: TokenUse,
    audience: Option<&'a str>,
}

/// A token of a request.
struct Token<'a> {
    text: &'a str,
    kind: TokenTypeIdentifierType,
    provider: Option<&'a str>,
}

impl<'a> Asked<'a> {
    fn read(req: &'a GetDerivedTokenRequest) -> Result<Self, Refusal> {
        let wrong = |text: &'static str| refuse(RefusalKind::InvalidParameter, text);
        let actor = match (&req.actor_token, req.actor_token_type) {
            (Some(text), Some(kind)) => Some(Token {
                text,
                kind,
                provider: req.actor_token_provider_name.as_deref(),
            }),
            (None, None) if req.actor_token_provider_name.is_none() => None,
            _ => return Err(wrong("ActorToken and ActorTokenType need each other.")),
        };
        let first = |all: &'a Option<Vec<String>>| all.as_ref()?.first().map(String::as_str);
        let (audience, resource) = (first(&req.audiences), first(&req.resources));
        if audience.is_some() && resource.is_some() {
            return Err(wrong("Audiences and Resources exclude each other."));
        }
        let gives = match req.requested_token_type {
            None | Some(IssuedTokenTypeIdentifierType::AccessToken) => TokenUse::Access,
            Some(IssuedTokenTypeIdentifierType::IdToken) => TokenUse::Id,
        };
        let audience = audience.or(resource);
        if gives == TokenUse::Id && audience.is_some() {
            return Err(wrong("Audiences and Resources are of access tokens alone."));
        }
        Ok(Self {
            subject: Token {
                text: &req.subject_token,
                kind: req.subject_token_type,
                provider: req.subject_token_provider_name.as_deref(),
            },
            actor,
            gives,
            audience,
        })
    }

    fn check_flow(&self, party: &Party) -> Result<(), Refusal> {
        let flows = party.client.flows;
        let (allowed, flow) = match self.actor {
            None => (flows.impersonation, "ALLOW_TOKEN_EXCHANGE_IMPERSONATION"),
            Some(_) => (flows.delegation, "ALLOW_TOKEN_EXCHANGE_DELEGATION"),
        };
        if allowed {
            return Ok(());
        }
        let text = format!("{flow} flow not enabled for this client");
        Err(refuse(RefusalKind::InvalidParameter, text))
    }
}

/// A token of a request that is good.
#[derive(Clone)]
struct Shown {
    claims: Arc<Object>,
    /// Its scopes, where it is a token that has such.
    scopes: Option<Vec<String>>,
    /// When it ends, in seconds since 1970 began.
    ends: i64,
    whose: Whose,
}

/// Whom a token is about.
#[derive(Clone)]
enum Whose {
    /// A user of the pool.
    User(own::Known),
    /// A client of the pool.
    Client,
    /// Whom a provider knows.
    Vouched(Arc<foreign::Vouched>),
}

/// The user of a subject token.
#[derive(Clone)]
struct User {
    head: Held<Head>,
    profile: Held<Profile>,
    /// The grant of the token; none of one that a provider gave.
    grant: Option<([u8; 16], Held<Grant>)>,
}

fn shown(cx: &mut Cx<'_>, party: &Party, token: &Token<'_>, role: Role) -> Run<Shown> {
    cx.once(|cx| {
        if let Some(provider) = token.provider {
            let given = (provider, token.text, token.kind);
            let vouched = foreign::check(cx, party, given, role)?;
            return Ok(Shown {
                claims: Arc::new(vouched.claims.clone()),
                scopes: None,
                ends: vouched.ends,
                whose: Whose::Vouched(vouched),
            });
        }
        let (claims, known) = own::check(cx, &party.pool, (token.text, token.kind, role))?;
        let scopes = (claims.token_use() == TokenUse::Access)
            .then(|| claims.scopes().map(Into::into).collect());
        Ok(Shown {
            claims: Arc::new(claims.all().clone()),
            scopes,
            ends: claims.expires(),
            whose: known.map_or(Whose::Client, Whose::User),
        })
    })
}

fn subject(cx: &mut Cx<'_>, party: &Party, token: &Token<'_>) -> Run<(Shown, User)> {
    let shown = shown(cx, party, token, Role::Subject)?;
    let user = match &shown.whose {
        Whose::User(known) => User {
            head: known.head.clone(),
            profile: known.profile.clone(),
            grant: Some((known.grant_id, known.grant.clone())),
        },
        Whose::Client => {
            let text = "The subject token is of no user.";
            return Err(refuse(RefusalKind::NotAuthorized, text).into());
        }
        Whose::Vouched(vouched) => {
            let (head, profile) = foreign::user(cx, &party.pool, vouched)?;
            User {
                head,
                profile,
                grant: None,
            }
        }
    };
    Ok((shown, user))
}

/// The scopes of the new token: those asked for which the subject token and the client have, and whose API there is.
///
/// # Errors
/// Refuses where some are asked for and none is left.
fn granted(
    cx: &mut Cx<'_>,
    party: &Party,
    subject: Option<&[String]>,
    asked: Option<&[String]>,
) -> Run<Vec<String>> {
    cx.once(|cx| {
        let client = description::settings(&party.client)?.allowed_o_auth_scopes;
        let client = client.unwrap_or_default();
        let asked = asked.filter(|asked| !asked.is_empty());
        let wanted = asked.or(subject).unwrap_or_default();
        let mut scopes: Vec<String> = Vec::new();
        for scope in wanted {
            let has = match subject {
                Some(subject) => subject.contains(scope),
                None => scope != SELF_SERVICE,
            };
            if has && client.contains(scope) && !scopes.contains(scope) {
                scopes.push(scope.clone());
            }
        }
        let scopes = request::existing(cx, &party.pool.id, scopes)?;
        if scopes.is_empty() && asked.is_some() {
            let text = "None of the scopes can be granted.";
            return Err(refuse(RefusalKind::InvalidParameter, text).into());
        }
        Ok(scopes)
    })
}

/// The grant of the new token: that of the subject token, or a new one, with the scopes and API of the new token.
fn live(
    cx: &mut Cx<'_>,
    party: &Party,
    user: &User,
    asked: &Asked<'_>,
    scopes: &[String],
) -> Run<LiveGrant> {
    let (pool, sub) = (&party.pool, &user.head.sub);
    let attributes = user_type::effective(cx, pool, sub, &user.profile)?;
    let standing = memberships::standing(cx, &pool.id, sub)?;
    let (id, mut grant) = match &user.grant {
        Some((id, grant)) => (*id, Grant::clone(grant)),
        None => {
            let origin = uuid_v4(cx.random("origin"));
            let grant = Grant::opened(origin, &party.client, &user.head, None, cx.now());
            (uuid_v4(cx.random("grant")), grant)
        }
    };
    match asked.gives {
        TokenUse::Id if !grant.has_id_token() => {
            let text = "The subject token does not have the scope openid.";
            return Err(refuse(RefusalKind::NotAuthorized, text).into());
        }
        TokenUse::Id => {}
        TokenUse::Access => grant.scopes = scopes.to_vec(),
    }
    // A device shows itself by its own tokens alone.
    grant.device = None;
    grant.resource = asked.audience.map(Into::into);
    Ok(LiveGrant {
        id,
        grant,
        keys: None,
        standing,
        attributes: Arc::<BTreeMap<String, String>>::new(attributes),
        new_device: None,
        nonce: None,
    })
}

/// Lands a new grant, and with it that an assertion was used.
fn keep(cx: &mut Cx<'_>, party: &Party, head: &Held<Head>, live: &LiveGrant) -> Run<()> {
    cx.once(|cx| {
        let key = keys::grant(&party.pool.id, &head.sub, &live.id);
        cx.check(head);
        cx.insert_until(&key, &live.grant, Some(live.grant.ends));
        track::begun(cx, party, head, &live.id, &live.grant)?;
        cx.land()
    })
}

fn reply(gives: TokenUse, token: DerivedToken) -> GetDerivedTokenResponse {
    let (issued_token_type, token_type, scopes) = match gives {
        TokenUse::Access => (
            IssuedTokenTypeIdentifierType::AccessToken,
            OAuthTokenTypeType::Bearer,
            Some(token.scopes),
        ),
        TokenUse::Id => (
            IssuedTokenTypeIdentifierType::IdToken,
            OAuthTokenTypeType::NA,
            None,
        ),
    };
    GetDerivedTokenResponse {
        issued_token: token.text.into(),
        issued_token_type,
        token_type,
        expires_in: i32::try_from(token.life).ok(),
        scopes,
    }
}

/// The refusal of a token that is none.
pub(super) fn invalid(role: Role) -> Refusal {
    refuse(RefusalKind::NotAuthorized, format!("Invalid {role} token"))
}

pub(super) fn refuse(kind: RefusalKind, text: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(kind, text)
}
