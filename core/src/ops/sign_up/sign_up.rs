//! SignUp.

use alloc::string::ToString;

use userpool_ports::Purpose;
use userpool_wire::idp::{SignUpRequest, SignUpResponse};

use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        attempts::Attempts,
        code::CodePurpose,
        keys,
        names::canonical,
        pool::{NameRule, Pool},
        sub::Sub,
        user::{AliasKind, Head, Name, Profile, Status},
    },
    ops::{
        aliases,
        attributes::{self, Writer, is_email, is_phone},
        codes, directory,
        directory::NewUser,
        parties, passwords,
        passwords::PolicyPrefix,
        triggers::{self, Trigger},
    },
};

/// Signs a user up: makes an unconfirmed account and sends the code that confirms it.
///
/// Refusals, in this order: unknown client, wrong secret hash, sign-up only by administrators, a name of the
/// wrong form, attributes outside the schema or the client's rights or of the wrong form, a required attribute
/// missing, a password against the policy, a trigger that this version cannot ask, a name or address that is
/// taken, a message trigger that this version cannot ask.
///
/// # Errors
/// The refusals above.
pub fn sign_up(cx: &mut Cx<'_>, req: &SignUpRequest) -> Run<SignUpResponse> {
    let party = parties::client(cx, &req.client_id)?;
    parties::prove_client(
        cx,
        &party.client,
        req.secret_hash.as_ref().map(|hash| hash.as_str()),
        &[&req.username],
    )?;
    let pool = &party.pool;
    if pool.rules.admin_create_only {
        return Err(Refusal::new(
            RefusalKind::NotAuthorized,
            "SignUp is not permitted for this user pool",
        )
        .into());
    }
    let contact = name_form(pool, &req.username)?;
    let given = req.user_attributes.as_deref().unwrap_or_default();
    let mut values = attributes::of_new_user(pool, Writer::Client(&party.client), given)?;
    if let Some(kind) = contact {
        name_as_attribute(&mut values, kind, &req.username)?;
    }
    attributes::check_required(pool, &values)?;
    let password = req
        .password
        .as_ref()
        .map(|password| password.as_str())
        .filter(|text| !text.is_empty());
    match password {
        Some(password) => {
            passwords::check_policy(&pool.rules.password, password, PolicyPrefix::Public)?;
        }
        None if passwordless(pool) => {}
        None => return Err(no_password().into()),
    }

    triggers::pass(pool, Trigger::PreSignUp)?;
    let sub = Sub::new(cx.random("sub"));
    let username = if contact.is_some() {
        sub.to_string()
    } else {
        req.username.to_string()
    };
    refuse_taken(cx, pool, &req.username, contact)?;
    let head = Head {
        sub,
        username: stored_name(pool, &username),
        status: Status::Unconfirmed,
        enabled: true,
        credential_epoch: 0,
        revocation_epoch: 0,
        created: cx.now(),
        modified: cx.now(),
    };
    mark_unverified(&mut values);
    let profile = Profile {
        attributes: values,
        ..Profile::default()
    };
    let sent_to = code_contact(pool, &profile);
    if sent_to.is_some() {
        triggers::pass(pool, Trigger::CustomMessage)?;
    }
    if contact.is_some() {
        aliases::take_first(cx, pool, &head, &profile, false)?;
    }
    let password = passwords::first(cx, pool, &head, password)?;
    let user = NewUser {
        head,
        profile,
        password,
        attempts: Attempts::default(),
    };
    directory::create(cx, pool, &user)?;

    let code_delivery_details = match sent_to {
        Some(kind) => {
            let destination = &user.profile.attributes[kind.attribute()];
            let purpose = CodePurpose::SignUp;
            Some(codes::issue(
                cx,
                pool,
                &user.head,
                purpose,
                kind,
                destination,
                Purpose::SignUp,
            )?)
        }
        None => None,
    };
    Ok(SignUpResponse {
        user_confirmed: false,
        user_sub: sub.to_string(),
        code_delivery_details,
        session: None,
    })
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
/// # Errors
/// `UsernameExistsException`.
pub(crate) fn refuse_taken(
    cx: &mut Cx<'_>,
    pool: &Pool,
    name: &str,
    contact: Option<AliasKind>,
) -> Run<()> {
    let taken = match contact {
        Some(kind) => directory::alias_owner(cx, pool, kind, name)?.is_some(),
        None => {
            let key = keys::name(&pool.id, &canonical(name, pool.rules.case_sensitive));
            cx.get::<Name>(&key)?.is_some()
        }
    };
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
