//! The account of who signs in by an identity provider: found by the identity, made at the first sign-in, changed at
//! each, and given a session of the login pages.
//!
//! | the identity is | asked before | the account | asked after |
//! |---|---|---|---|
//! | nobody's | `PreSignUp_ExternalProvider` | is made: EXTERNAL_PROVIDER, in the group of the provider | `PostConfirmation_ConfirmSignUp` |
//! | of an account made for it, or linked | `PreAuthentication_Authentication` | takes what the provider tells | `PostAuthentication_Authentication` |
//!
//! An account is found by its identity and never by its name, so that nobody gets one by taking the name in time. Nor
//! by an address, unless an administrator linked that one: it leads to the account once, and is the provider's id of the
//! user from then on. The addresses of accounts that were made for an identity are no aliases, and count as verified
//! only where the provider says so and the pool maps that.

use alloc::{collections::BTreeMap, format, string::String, sync::Arc, vec::Vec};

use userpool_ports::Key;

use super::{super::session, asserted::Asserted, refused};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run, Stop},
    model::{
        activity::{EventEnd, EventKind},
        identity::{Identities, Identity, Link, SUBJECT},
        identity_provider::IdentityProvider,
        keys,
        page_session::PageSession,
        pool::Pool,
        sub::Sub,
        user::{AliasKind, Head, Name, Profile, Status},
    },
    ops::{
        aliases::Moves,
        attributes::{self, Change},
        directory::{self, NewUser},
        groups::memberships,
        parties::{Party, no_user},
        passwords,
        protection::watch::{self, Watch, Whose},
        sign_up::sign_up::{mark_unverified, stored_name},
        triggers::{
            About, Trigger, authentication, inbound_federation,
            post_confirmation::{self, Confirmed},
            pre_sign_up,
        },
    },
};

/// Signs somebody in whom a provider vouches for; the text of the cookie.
///
/// Refusals, in this order: the trigger of federation, an id that makes no user name, attributes that the client may
/// not write or of a wrong form. Of somebody new: the trigger before a sign-up, a required attribute that is missing,
/// a name that is taken, the trigger after the confirmation, which comes once the account is there. Of others: an
/// account that is disabled, the trigger before a sign-in, a sign-in that is too unusual, an attribute that does not change, an address or name that
/// somebody else signs in with, the trigger after the sign-in, once that has landed.
///
/// # Errors
/// The refusals above; stops the run until the session has landed.
pub(crate) fn sign_in(
    cx: &mut Cx<'_>,
    party: &Party,
    provider: &IdentityProvider,
    asserted: &Asserted,
) -> Run<String> {
    let name = asserted.username(provider)?;
    let changed = inbound_federation::ask(cx, About::of(party, &name), provider, asserted)?;
    let asserted = changed.as_deref().unwrap_or(asserted);
    let values = cx.once(|_| {
        let mapped = asserted.mapped(&party.pool, &party.client, provider)?;
        Ok(Arc::new(mapped))
    })?;
    let identity = Identity {
        provider: provider.name.clone(),
        kind: provider.kind,
        attribute: SUBJECT.into(),
        value: asserted.subject.clone(),
        primary: true,
        created: cx.now(),
        issuer: asserted.issuer.clone(),
    };
    let username = stored_name(&party.pool, &name);
    let (sub, id) = match find(cx, &party.pool, &username, &identity, &values)? {
        Some(found) => returning(cx, party, &found, &identity, (&values, asserted))?,
        None => newcomer(cx, party, &username, &identity, (&values, asserted))?,
    };
    Ok(session::seal(cx, &party.pool.id, &sub, &id))
}

/// Whom an identity is of.
#[derive(Clone)]
struct Found {
    link: Held<Link>,
    head: Held<Head>,
    profile: Held<Profile>,
    /// Whether it was found by an attribute, and not by the provider's id of the user.
    by_attribute: bool,
}

/// The account of an identity: of the provider's id of the user, or of an attribute that was linked.
fn find(
    cx: &mut Cx<'_>,
    pool: &Pool,
    username: &str,
    identity: &Identity,
    values: &BTreeMap<String, String>,
) -> Run<Option<Found>> {
    cx.once(|cx| {
        let link = |attribute: &str, value: &str| {
            keys::link(&pool.id, &identity.provider, attribute, value)
        };
        let own = link(SUBJECT, &identity.value);
        let others = values.iter().map(|(name, value)| link(name, value));
        let all: Vec<Key> = core::iter::once(own.clone()).chain(others).collect();
        // A name that is taken is so at the moment at which the identity was nobody's: another sign-in at the same time
        // may have made both.
        let name = keys::name(&pool.id, username);
        cx.want(all.iter().chain([&name]))?;
        for key in &all {
            let Some(link) = cx.get::<Link>(key)? else {
                continue;
            };
            let (head, profile) = (
                keys::head(&pool.id, &link.sub),
                keys::profile(&pool.id, &link.sub),
            );
            cx.want([&head, &profile])?;
            let torn = || Stop::torn("the user of an identity");
            return Ok(Some(Found {
                head: cx.get::<Head>(&head)?.ok_or_else(torn)?,
                profile: cx.get::<Profile>(&profile)?.ok_or_else(torn)?,
                link,
                by_attribute: *key != own,
            }));
        }
        Ok(None)
    })
}

/// Signs in a user who has been here, or was linked.
fn returning(
    cx: &mut Cx<'_>,
    party: &Party,
    found: &Found,
    identity: &Identity,
    (values, asserted): (&BTreeMap<String, String>, &Asserted),
) -> Run<(Sub, [u8; 16])> {
    let (pool, head) = (&party.pool, &found.head);
    if !head.enabled {
        return Err(Refusal::new(RefusalKind::NotAuthorized, "User is disabled.").into());
    }
    authentication::before(cx, party, head)?;
    let id = cx.once(|cx| {
        let watch = Watch::elsewhere(cx, party, &head.sub)?;
        if let Err(refusal) = watch.check_alone() {
            cx.check(head);
            watch.blocked(cx, party, head, &found.profile)?;
            return Err(cx.counted(refusal));
        }
        let becomes = cx.once(|_| {
            let becomes = updated(pool, &found.profile, values)?;
            Ok(Arc::new(with_subject(becomes, found, identity)))
        })?;
        keep(cx, pool, found, identity, &becomes)?;
        watch.passed(cx, party, head, &becomes)?;
        let id = begin_session(cx, party, head, (identity, asserted));
        cx.land()?;
        Ok(id)
    })?;
    if Trigger::PostAuthentication.is_set(pool) {
        let told = authentication::told(cx, pool, head)?;
        let about = About::of(party, &head.username);
        if let Err(refusal) = authentication::after(cx, about, &told, false)? {
            let key = keys::page_session(&pool.id, &head.sub, &id);
            if let Some(session) = cx.get::<PageSession>(&key)? {
                cx.remove(&session);
            }
            return Err(cx.counted(refusal));
        }
    }
    Ok((head.sub, id))
}

/// A profile with what the provider tells. A new address is not verified unless that is told too, nor is an old one
/// that is told again without.
fn updated(
    pool: &Pool,
    was: &Profile,
    values: &BTreeMap<String, String>,
) -> Result<Profile, Refusal> {
    for name in values.keys() {
        let rule = attributes::rule(pool, name).filter(|rule| !rule.mutable);
        if rule.is_some() {
            let why = "Attribute cannot be updated.";
            return Err(refused(format!("Invalid user attributes: {name}: {why}\n")));
        }
    }
    let mut becomes = was.clone();
    becomes.attributes.extend(values.clone());
    for kind in [AliasKind::Email, AliasKind::Phone] {
        let (attribute, flag) = (kind.attribute(), directory::flag(kind));
        if values.contains_key(attribute) {
            becomes.pending.remove(attribute);
            if !values.contains_key(flag) {
                becomes.attributes.insert(flag.into(), "false".into());
            }
        }
    }
    Ok(becomes)
}

/// The same, where an identity that was linked by an attribute is known by the provider's id of the user from now on.
fn with_subject(mut becomes: Profile, found: &Found, identity: &Identity) -> Profile {
    if let Some(identities) = becomes.identities.as_mut().filter(|_| found.by_attribute) {
        let linked = identities
            .all
            .iter_mut()
            .find(|it| it.provider == identity.provider && it.attribute != SUBJECT);
        if let Some(linked) = linked {
            linked.attribute = identity.attribute.clone();
            linked.value = identity.value.clone();
            linked.issuer = identity.issuer.clone();
        }
    }
    becomes
}

/// Writes a profile as it becomes, with what hangs on it.
fn keep(
    cx: &mut Cx<'_>,
    pool: &Pool,
    found: &Found,
    identity: &Identity,
    becomes: &Profile,
) -> Run<()> {
    let (head, profile) = (&found.head, &found.profile);
    if found.by_attribute {
        let key = keys::link(&pool.id, &identity.provider, SUBJECT, &identity.value);
        cx.remove(&found.link);
        cx.insert(&key, &Link { sub: head.sub });
    } else {
        cx.check(&found.link);
    }
    if *becomes == **profile {
        cx.check(head);
        cx.check(profile);
        return Ok(());
    }
    let changed = Head {
        modified: cx.now(),
        ..Head::clone(head)
    };
    let moves = cx.once(|_| {
        let nothing_said = Change::default();
        Ok(Arc::new(Moves::of(pool, (profile, becomes), &nothing_said)))
    })?;
    moves.write(cx, head)?;
    directory::reindex(cx, pool, (head, profile), (&changed, becomes))?;
    cx.update(head, &changed);
    cx.update(profile, becomes);
    Ok(())
}

/// Makes the account of somebody new, and signs in.
fn newcomer(
    cx: &mut Cx<'_>,
    party: &Party,
    username: &str,
    identity: &Identity,
    (values, asserted): (&BTreeMap<String, String>, &Asserted),
) -> Run<(Sub, [u8; 16])> {
    let pool = &party.pool;
    let about = About::of(party, username);
    let wish = pre_sign_up::external(cx, about, values)?;
    let made = cx.once(|cx| {
        let mut attributes = values.clone();
        wish.apply(&mut attributes)?;
        mark_unverified(&mut attributes);
        if let Some(missing) = attributes::required(pool).find(|it| !attributes.contains_key(*it)) {
            let why = "The attribute is required";
            return Err(refused(format!("Invalid user attributes: {missing}: {why}\n")).into());
        }
        let head = Head {
            sub: Sub::new(cx.random("sub")),
            username: username.into(),
            status: Status::ExternalProvider,
            enabled: true,
            credential_epoch: 0,
            revocation_epoch: 0,
            created: cx.now(),
            modified: cx.now(),
        };
        let identities = Identities {
            all: [identity.clone()].into(),
        };
        let profile = Profile {
            attributes,
            identities: Some(identities),
            ..Profile::default()
        };
        Ok(Arc::new((head, profile)))
    })?;
    let (head, profile) = &*made;
    if cx.get::<Name>(&keys::name(&pool.id, username))?.is_some() {
        let text = format!("Already found an entry for username {username}");
        return Err(Refusal::new(RefusalKind::UsernameExists, text).into());
    }
    let password = passwords::first(cx, pool, head, None)?;
    let user = NewUser {
        head,
        profile,
        password: &password,
    };
    directory::create(cx, pool, &user)?;
    let link = keys::link(&pool.id, &identity.provider, SUBJECT, &identity.value);
    cx.insert(&link, &Link { sub: head.sub });
    let group = format!("{}_{}", pool.id, identity.provider);
    memberships::join_first(cx, &pool.id, &head.sub, &group)?;
    let what = (EventKind::SignUp, EventEnd::Pass);
    watch::noted(cx, party, Whose::User(&head.sub), what, None)?;
    post_confirmation::ask(cx, about, Confirmed::SignUp, head, profile)?;

    let id = cx.once(|cx| {
        // What a function did meanwhile to the account that it was asked about counts.
        let id = if Trigger::PostConfirmation.is_set(pool) {
            let held = cx.get::<Head>(&keys::head(&pool.id, &head.sub))?;
            let held = held.ok_or_else(no_user)?;
            if !held.enabled {
                return Err(Refusal::new(RefusalKind::NotAuthorized, "User is disabled.").into());
            }
            cx.check(&held);
            begin_session(cx, party, &held, (identity, asserted))
        } else {
            begin_session(cx, party, head, (identity, asserted))
        };
        cx.land()?;
        Ok(id)
    })?;
    Ok((head.sub, id))
}

fn begin_session(
    cx: &mut Cx<'_>,
    party: &Party,
    head: &Head,
    (identity, asserted): (&Identity, &Asserted),
) -> [u8; 16] {
    let id: [u8; 16] = cx.random("session of the pages");
    let session = PageSession {
        provider: Some(identity.provider.clone()),
        saml: asserted.saml.clone(),
        level: asserted.level,
        ..PageSession::begun(&party.client, head, cx.now())
    };
    let key = keys::page_session(&party.pool.id, &head.sub, &id);
    cx.insert_until(&key, &session, Some(session.ends));
    id
}
