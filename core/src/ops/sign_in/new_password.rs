//! `NEW_PASSWORD_REQUIRED`: a user with a temporary password chooses a password, and gives what is missing.

use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

use userpool_ports::{Key, Timestamp};
use userpool_wire::{Sensitive, idp::AttributeType};

use super::{
    attempt::Attempt,
    device::{self, Claim, Named},
    factor::Question,
    outcome::Outcome,
    proven, session,
};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        attempts::Attempts,
        chain::{Chain, Step},
        keys,
        methods::Aim,
        pool::Pool,
        risk::PasswordUse,
        user::{Head, Profile, Status},
    },
    ops::{
        aliases::Moves,
        attributes::{self, Change, Writer},
        directory::{self, Reindex},
        parties::{self, Party, required},
        passwords::{self, PolicyPrefix},
        profile_change,
        protection::{
            breached,
            watch::{self, Demand, Then},
        },
        sign_up::sign_up::mark_unverified,
        tokens::issue::{self, LiveGrant},
        triggers::token_generation::Occasion,
        user_type,
    },
};

/// What attributes are called in challenge responses.
const ATTRIBUTE: &str = "userAttributes.";

/// Asks for a new password: begins a chain, at whose end a second factor is asked for where a risk demands it.
///
/// # Errors
/// Stops the run until the aliases of the user are there.
pub(crate) fn ask(
    cx: &mut Cx<'_>,
    party: &Party,
    attempt: &Attempt,
    demand: Option<Demand>,
    aim: Aim,
) -> Run<Outcome> {
    let shown = user_type::effective(cx, &party.pool, &attempt.head.sub, &attempt.profile)?;
    let missing: Vec<String> = missing(&party.pool, &attempt.profile)
        .map(|name| format!("{ATTRIBUTE}{name}"))
        .collect();
    let chain = Chain {
        device: attempt.device.as_ref().map(|device| device.id),
        demanded: demand.is_some(),
        aim: Some(aim),
        ..Chain::begun(&party.client.id, &attempt.head, Step::NewPassword)
    };
    let session = session::begin(cx, party, &attempt.head, &chain)?;
    let parameters = [
        ("USER_ID_FOR_SRP", attempt.head.username.clone()),
        ("userAttributes", serde_json::json!(shown).to_string()),
        ("requiredAttributes", serde_json::json!(missing).to_string()),
    ];
    Ok(Outcome::challenge(
        "NEW_PASSWORD_REQUIRED",
        parameters,
        Some(session),
    ))
}

/// Takes the new password and the missing attributes; signs in, or goes on with a second factor.
///
/// Refusals, in this order: parameters missing, wrong secret hash, a Session that does not fit, an unknown device key,
/// an account that may not sign in, a password against the policy or the history, an attribute that has a value already or that
/// the client may not write or that may not change or of the wrong form, a required attribute still missing, an
/// address or name that somebody else signs in with, a second factor that is required and that the user cannot have,
/// too many codes in the hour.
///
/// # Errors
/// The refusals above.
pub(crate) fn respond(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Option<&BTreeMap<String, String>>,
    session: Option<&str>,
) -> Run<Outcome> {
    let next = cx.once(|cx| {
        let (user, asked) = cx.once(|cx| accept(cx, party, responses, session))?;
        if let Some(asked) = asked {
            return Ok(Next::Asked(asked));
        }
        let device = user.device.as_ref();
        let known = (&user.head, &user.profile);
        let grant = proven::grant(cx, party, known, device, user.aim)?;
        Ok(Next::Granted(user, grant))
    })?;
    match next {
        Next::Asked(outcome) => Ok(outcome),
        Next::Granted(user, grant) => {
            issue::signed_in(cx, party, &user.head, &grant, Occasion::NewPassword)
        }
    }
}

/// What a new password leads to.
#[derive(Clone)]
enum Next {
    /// A further question.
    Asked(Outcome),
    /// A grant that has landed.
    Granted(Arc<Becomes>, Arc<LiveGrant>),
}

/// Writes the new password and the attributes; what the user becomes, and the second factor that is asked for.
fn accept(
    cx: &mut Cx<'_>,
    party: &Party,
    responses: Option<&BTreeMap<String, String>>,
    session: Option<&str>,
) -> Run<(Arc<Becomes>, Option<Outcome>)> {
    let typed = required(responses, "USERNAME")?;
    let password = required(responses, "NEW_PASSWORD")?;
    let session = session.ok_or_else(session::missing)?;
    let pool = &party.pool;
    let session = session::open(cx, party, session)?;
    // Everything at once: the Session tells whose records will be needed, if it fits.
    let reads = cx.once(|_| {
        Ok(session.as_deref().map(|session| {
            let chain = session::reads(party, session);
            let index = directory::status_key(pool, &session.sub, Status::ForceChangePassword);
            let mut reads = Attempt::reads(pool, &session.sub).to_vec();
            reads.extend([chain, index, keys::pool_secrets(&pool.id)]);
            let claim = Claim::of(pool, responses, session.device);
            reads.extend(claim.reads(party, &session.sub));
            Arc::<[Key]>::from(reads)
        }))
    })?;
    let user = parties::user_beside(cx, pool, typed, reads.as_deref().unwrap_or_default())?;
    let own = user.as_ref().map(|head| head.username.as_str());
    super::prove(cx, party, responses, &[Some(typed), own])?;
    let steps = [Step::NewPassword];
    let link = session::resume(cx, party, user.as_deref(), session.as_ref(), &steps)?;
    let Some(head) = user else {
        return Err(parties::no_user().into());
    };
    let claim = Claim::of(pool, responses, link.chain.device);
    let device = claim.find(cx, party, &head.sub)??;
    let attempt = Attempt {
        device,
        aim: link.chain.aim(),
        ..Attempt::load(cx, pool, head)?
    };
    if !attempt.head.enabled {
        return Err(Refusal::new(RefusalKind::NotAuthorized, "User is disabled.").into());
    }
    if attempt.head.status != Status::ForceChangePassword {
        return Err(session::invalid().into());
    }
    passwords::check_policy(&pool.rules.password, password, PolicyPrefix::Public)?;
    let becomes = cx.once(|cx| Ok(Arc::new(Becomes::of(cx.now(), party, &attempt, responses)?)))?;
    breached::check(cx, party, PasswordUse::PasswordChange, password)?;
    cx.want(becomes.aliases.reads().chain(becomes.index.reads()))?;
    let kept = passwords::next(cx, pool, &attempt.head, &attempt.password, password)?;
    becomes.aliases.write(cx, &becomes.head)?;
    becomes.index.write(cx)?;
    cx.update(&attempt.head, &becomes.head);
    cx.update(&attempt.password, &kept);
    cx.update(&attempt.profile, &becomes.profile);
    let factors = attempt.factors.as_deref();
    let device = becomes.device.as_ref();
    let aim = becomes.aim;
    let due = match Question::due(pool, &becomes.profile, factors, aim)? {
        None if link.chain.demanded => Question::demanded(pool, &becomes.profile, factors)?,
        due => due,
    };
    let stands_in = |it: &Question| aim.is_reached() && device::stands_in(pool, device, it);
    let Some(question) = due.filter(|question| !stands_in(question)) else {
        cx.remove(&link.chain);
        let asked = device::ask(cx, party, &becomes.head, device, aim)?;
        let then = Then::of(asked.as_ref());
        watch::went_on(cx, party, &becomes.head, &link.chain, (None, then))?;
        return Ok((becomes, asked));
    };
    let before = Attempts::clone(&attempt.attempts);
    let mut ready = question.ready(cx, party, (&becomes.head, &becomes.profile), before)??;
    ready.device = device.map(|device| device.id);
    ready.aim = aim;
    if ready.attempts != *attempt.attempts {
        cx.update(&attempt.attempts, &ready.attempts);
    }
    let asked = question.ask(cx, party, &becomes.head, &ready, Some(&link))?;
    Ok((becomes, Some(asked)))
}

/// What a user with a new password becomes.
struct Becomes {
    head: Head,
    profile: Profile,
    aliases: Moves,
    index: Reindex,
    device: Option<Named>,
    aim: Aim,
}

impl Becomes {
    fn of(
        now: Timestamp,
        party: &Party,
        attempt: &Attempt,
        responses: Option<&BTreeMap<String, String>>,
    ) -> Result<Self, Refusal> {
        let pool = &party.pool;
        let profile = with_attributes(party, &attempt.profile, responses)?;
        if let Some(name) = missing(pool, &profile).next() {
            let text = format!("Invalid attributes given, {name} is missing");
            return Err(Refusal::new(RefusalKind::InvalidParameter, text));
        }
        let head = Head {
            status: Status::Confirmed,
            credential_epoch: attempt.head.credential_epoch + 1,
            modified: now,
            ..Head::clone(&attempt.head)
        };
        let was = (&*attempt.head, &*attempt.profile);
        Ok(Self {
            aliases: Moves::of(pool, (was.1, &profile), &Change::default()),
            index: Reindex::of(pool, was, (&head, &profile)),
            head,
            profile,
            device: attempt.device.clone(),
            aim: attempt.aim,
        })
    }
}

/// The required attributes that a profile lacks.
fn missing<'p>(pool: &'p Pool, profile: &'p Profile) -> impl Iterator<Item = &'p str> {
    attributes::required(pool).filter(|name| !profile.attributes.contains_key(*name))
}

/// The profile with the attributes of a response.
fn with_attributes(
    party: &Party,
    profile: &Profile,
    responses: Option<&BTreeMap<String, String>>,
) -> Result<Profile, Refusal> {
    let given: Vec<AttributeType> = responses
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| {
            let name = name.strip_prefix(ATTRIBUTE)?.to_string();
            Some(AttributeType {
                name,
                value: Some(Sensitive::from(value.clone())),
            })
        })
        .collect();
    for attribute in &given {
        let is_required = attributes::required(&party.pool).any(|name| name == attribute.name);
        if is_required && profile.attributes.contains_key(&attribute.name) {
            let text = format!("Cannot modify an already provided {}", attribute.name);
            return Err(Refusal::new(RefusalKind::NotAuthorized, text));
        }
    }
    attributes::check_mutable(&party.pool, &given, &profile.attributes)?;
    let values = attributes::of_new_user(&party.pool, Writer::Client(&party.client), &given)?;
    profile_change::check_preferred(&party.pool, &values)?;
    let mut becomes = profile.clone();
    for (name, value) in values {
        if profile.attributes.get(&name) != Some(&value) {
            for kind in crate::model::user::AliasKind::ALL {
                if kind.attribute() == name {
                    becomes.attributes.remove(directory::flag(kind));
                }
            }
        }
        becomes.attributes.insert(name, value);
    }
    mark_unverified(&mut becomes.attributes);
    Ok(becomes)
}
