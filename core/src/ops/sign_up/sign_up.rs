//! SignUp.

use alloc::{string::ToString, sync::Arc};

use userpool_ports::{Key, Purpose};
use userpool_wire::idp::{SignUpRequest, SignUpResponse};

use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        activity::{EventEnd, EventKind},
        code::CodePurpose,
        keys,
        names::canonical,
        pool::{NameRule, Pool},
        risk::PasswordUse,
        sub::Sub,
        user::{Alias, AliasKind, Head, Name, Profile, Status},
    },
    ops::{
        aliases,
        attributes::{self, Writer, is_email, is_phone},
        codes, directory,
        directory::NewUser,
        parties::{self, Party},
        passwords,
        passwords::PolicyPrefix,
        protection::{
            breached,
            watch::{self, Whose},
        },
        sign_in::session,
        triggers::{
            About,
            custom_message::{self, Words},
            post_confirmation::{self, Confirmed},
            pre_sign_up::{self, Wish},
        },
    },
};

/// Signs a user up: makes an unconfirmed account and sends the code that confirms it.
///
/// Refusals, in this order: unknown client, wrong secret hash, sign-up only by administrators, a name of the
/// wrong form, attributes outside the schema or the client's rights or of the wrong form, a required attribute
/// missing, a password against the policy, a trigger before the sign-up, a name or address that is taken, a message
/// trigger. A trigger after the confirmation refuses once the user is there.
///
/// A client with `USER_AUTH` gets a Session, which signs nobody in: that of the confirmation does.
///
/// A trigger may have the user confirmed at once; then no code is sent, and addresses may count as verified, unless
/// somebody else signs in with them.
///
/// # Errors
/// The refusals above.
pub fn sign_up(cx: &mut Cx<'_>, req: &SignUpRequest) -> Run<SignUpResponse> {
    let party = parties::client(cx, &req.client_id)?
        .from(&req.user_context_data)
        .saying(req.client_metadata.as_deref());
    parties::prove_client(
        cx,
        &party.client,
        req.secret_hash.as_ref().map(|hash| hash.as_str()),
        &[&req.username],
    )?;
    let pool = &party.pool;
    let password = req.password.as_ref().map(|password| password.as_str());
    let password = password.filter(|text| !text.is_empty());
    let given = cx.once(|_| Ok(Arc::new(profile(&party, req, password)?)))?;
    let contact = name_form(pool, &req.username)?;
    let head = cx.once(|cx| {
        let status = Status::Unconfirmed;
        Ok(Arc::new(new_head(cx, pool, &req.username, contact, status)))
    })?;

    let breached = match password {
        Some(password) => breached::check(cx, &party, PasswordUse::SignUp, password)?,
        None => None,
    };

    let about = About::of(&party, &head.username);
    let validation = req.validation_data.as_deref();
    let wish = pre_sign_up::sign_up(cx, about, &given.attributes, validation)?;
    let (head, profile) = cx.once(|_| {
        let (head, profile) = wished(&head, &given, wish)?;
        Ok((Arc::new(head), Arc::new(profile)))
    })?;
    let is_known_by_addresses = contact.is_some() || wish.confirm;
    let beside = cx.once(|_| {
        Ok(match is_known_by_addresses {
            true => aliases::of_newcomer(pool, &profile),
            false => Arc::default(),
        })
    })?;
    refuse_taken(cx, pool, &req.username, contact, &beside)?;
    let sent_to = code_contact(pool, &profile).filter(|_| !wish.confirm);
    let words = match sent_to {
        Some(kind) => {
            let sent = (Purpose::SignUp, kind);
            custom_message::words(cx, about, &head, &profile.attributes, sent)??
        }
        None => Words::default(),
    };
    if is_known_by_addresses {
        aliases::take_signed_up(cx, pool, &head, &profile)?;
    }
    let password = passwords::first(cx, pool, &head, password)?;
    let user = NewUser {
        head: &head,
        profile: &profile,
        password: &password,
    };
    directory::create(cx, pool, &user)?;
    let what = (EventKind::SignUp, EventEnd::Pass);
    watch::noted(cx, &party, Whose::User(&head.sub), what, breached)?;

    let code_delivery_details = match sent_to {
        Some(kind) => {
            let destination = &profile.attributes[kind.attribute()];
            let (purpose, why) = (CodePurpose::SignUp, (Purpose::SignUp, &words));
            let delivery = codes::issue(cx, pool, &head, purpose, kind, destination, why)?;
            Some(delivery)
        }
        None => None,
    };
    if wish.confirm {
        post_confirmation::ask(cx, about, Confirmed::SignUp, &head, &profile)?;
    }
    let session = match party.client.flows.user_auth && !wish.confirm {
        true => Some(session::of_sign_up(cx, &party, &head)?.into()),
        false => None,
    };
    Ok(SignUpResponse {
        user_confirmed: wish.confirm,
        user_sub: head.sub.to_string(),
        code_delivery_details,
        session,
    })
}

/// The profile that a request describes.
fn profile(party: &Party, req: &SignUpRequest, password: Option<&str>) -> Result<Profile, Refusal> {
    let pool = &party.pool;
    if pool.rules.admin_create_only {
        let text = "SignUp is not permitted for this user pool";
        return Err(Refusal::new(RefusalKind::NotAuthorized, text));
    }
    let contact = name_form(pool, &req.username)?;
    let given = req.user_attributes.as_deref().unwrap_or_default();
    let mut attributes = attributes::of_new_user(pool, Writer::Client(&party.client), given)?;
    if let Some(kind) = contact {
        name_as_attribute(&mut attributes, kind, &req.username)?;
    }
    attributes::check_required(pool, &attributes)?;
    match password {
        Some(password) => {
            passwords::check_policy(&pool.rules.password, password, PolicyPrefix::Public)?;
        }
        None if passwordless(pool) => {}
        None => return Err(no_password()),
    }
    Ok(Profile {
        attributes,
        ..Profile::default()
    })
}

/// A new user as a trigger wants it.
fn wished(head: &Head, given: &Profile, wish: Wish) -> Result<(Head, Profile), Refusal> {
    let (mut head, mut profile) = (head.clone(), given.clone());
    wish.apply(&mut profile.attributes)?;
    mark_unverified(&mut profile.attributes);
    if wish.confirm {
        head.status = Status::Confirmed;
    }
    Ok((head, profile))
}

/// The head of a new user; where names are addresses, the stored name is the id.
pub(crate) fn new_head(
    cx: &mut Cx<'_>,
    pool: &Pool,
    name: &str,
    contact: Option<AliasKind>,
    status: Status,
) -> Head {
    let sub = Sub::new(cx.random("sub"));
    let username = match contact {
        Some(_) => sub.to_string(),
        None => name.to_string(),
    };
    Head {
        sub,
        username: stored_name(pool, &username),
        status,
        enabled: true,
        credential_epoch: 0,
        revocation_epoch: 0,
        created: cx.now(),
        modified: cx.now(),
    }
}

/// The name as it is kept: lower case where the pool ignores case.
pub(crate) fn stored_name(pool: &Pool, username: &str) -> alloc::string::String {
    canonical(username, pool.rules.case_sensitive)
}

/// Whether a user may do without a password.
pub(crate) fn passwordless(pool: &Pool) -> bool {
    pool.rules
        .first_factors
        .iter()
        .any(|factor| factor != "PASSWORD")
}

/// Checks the form of a new user name; the kind of address that it is, where names are addresses.
///
/// # Errors
/// `InvalidParameterException`.
pub(crate) fn name_form(pool: &Pool, name: &str) -> Result<Option<AliasKind>, Refusal> {
    let refuse = |text: &'static str| Err(Refusal::new(RefusalKind::InvalidParameter, text));
    match pool.rules.names {
        NameRule::Username => Ok(None),
        NameRule::Alias { email: true, .. } if is_email(name) => refuse(
            "Username cannot be of email format, since user pool is configured for email alias.",
        ),
        NameRule::Alias { phone: true, .. } if is_phone(name) => refuse(
            "Username cannot be of phone number format, since user pool is configured for phone number alias.",
        ),
        NameRule::Alias { .. } => Ok(None),
        NameRule::Attribute { email: true, .. } if is_email(name) => Ok(Some(AliasKind::Email)),
        NameRule::Attribute { phone: true, .. } if is_phone(name) => Ok(Some(AliasKind::Phone)),
        NameRule::Attribute {
            email: true,
            phone: true,
        } => refuse("Username should be either an email or a phone number."),
        NameRule::Attribute {
            email: true,
            phone: false,
        } => refuse("Username should be an email."),
        NameRule::Attribute { .. } => refuse("Username should be a phone number."),
    }
}

/// Puts a name that is an address among the attributes.
///
/// # Errors
/// Refuses where the request gives another address for the same attribute.
pub(crate) fn name_as_attribute(
    values: &mut alloc::collections::BTreeMap<alloc::string::String, alloc::string::String>,
    kind: AliasKind,
    name: &str,
) -> Result<(), Refusal> {
    match values.get(kind.attribute()) {
        Some(given) if given != name => Err(Refusal::new(
            RefusalKind::InvalidParameter,
            alloc::format!(
                "The username and the attribute {} must be the same.",
                kind.attribute()
            ),
        )),
        _ => {
            values.insert(kind.attribute().into(), name.into());
            Ok(())
        }
    }
}

/// Refuses a name, or an address that serves as one, which somebody has.
///
/// What else may be taken, `beside` it, is read in the same round trip: of somebody who takes both meanwhile, both
/// are seen or neither.
///
/// # Errors
/// `UsernameExistsException`.
pub(crate) fn refuse_taken(
    cx: &mut Cx<'_>,
    pool: &Pool,
    name: &str,
    contact: Option<AliasKind>,
    beside: &[Key],
) -> Run<()> {
    let taken = cx.once(|cx| {
        let key = cx.once(|_| {
            Ok(match contact {
                Some(kind) => directory::alias_key(pool, kind, name),
                None => keys::name(&pool.id, &canonical(name, pool.rules.case_sensitive)),
            })
        })?;
        cx.want(beside.iter().chain([&key]))?;
        Ok(match contact {
            Some(_) => cx.get::<Alias>(&key)?.is_some(),
            None => cx.get::<Name>(&key)?.is_some(),
        })
    })?;
    if taken {
        return Err(Refusal::new(RefusalKind::UsernameExists, "User already exists").into());
    }
    Ok(())
}

/// Sets the flags of given addresses that nobody verified yet.
pub(crate) fn mark_unverified(
    values: &mut alloc::collections::BTreeMap<alloc::string::String, alloc::string::String>,
) {
    for kind in [AliasKind::Email, AliasKind::Phone] {
        let flag = directory::flag(kind);
        if values.contains_key(kind.attribute()) && !values.contains_key(flag) {
            values.insert(flag.into(), "false".into());
        }
    }
}

/// The address that gets the sign-up code: the phone before the e-mail, where the pool verifies it by itself.
pub(crate) fn code_contact(pool: &Pool, profile: &Profile) -> Option<AliasKind> {
    let candidates = [
        (AliasKind::Phone, pool.rules.auto_verify_phone),
        (AliasKind::Email, pool.rules.auto_verify_email),
    ];
    candidates
        .into_iter()
        .find(|(kind, auto)| *auto && profile.attributes.contains_key(kind.attribute()))
        .map(|(kind, _)| kind)
}

fn no_password() -> Refusal {
    Refusal::new(
        RefusalKind::InvalidParameter,
        "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must not be null",
    )
}
