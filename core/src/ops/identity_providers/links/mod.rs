//! Identities of providers linked to users by administrators, and taken from them.

mod admin_disable_provider_for_user;
mod admin_link_provider_for_user;

pub(crate) use admin_disable_provider_for_user::admin_disable_provider_for_user;
pub(crate) use admin_link_provider_for_user::admin_link_provider_for_user;

use alloc::{format, string::String, vec::Vec};

use userpool_wire::idp::ProviderUserIdentifierType;

use super::{OWN, invalid, missing};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run, Stop},
    model::{
        identity::{Link, SUBJECT},
        identity_provider::IdentityProvider,
        keys,
        pool::Pool,
        user::{Head, Profile},
    },
    ops::parties::{self, no_user},
};

/// The longest id of a pool.
const MAX_POOL: usize = 55;
/// The longest value that names somebody.
const MAX_VALUE: usize = 2_048;

/// Somebody as a request names them: by a provider, an attribute and its value.
struct Named<'r> {
    provider: &'r str,
    attribute: &'r str,
    value: &'r str,
}

impl<'r> Named<'r> {
    /// Reads a member of a request.
    ///
    /// # Errors
    /// Refuses where the provider or the value is missing, or the value is too long.
    fn of(member: &'r ProviderUserIdentifierType, name: &str) -> Result<Self, Refusal> {
        let missing = |what: &str| invalid(format!("{name}.{what} is required."));
        let value = member.provider_attribute_value.as_ref();
        let value = value.map_or("", |value| value.as_str());
        let provider = member.provider_name.as_deref().unwrap_or_default();
        if provider.is_empty() {
            return Err(missing("ProviderName"));
        }
        if value.is_empty() {
            return Err(missing("ProviderAttributeValue"));
        }
        if value.len() > MAX_VALUE {
            return Err(invalid(format!(
                "{name}.ProviderAttributeValue is too long."
            )));
        }
        Ok(Self {
            provider,
            attribute: member
                .provider_attribute_name
                .as_deref()
                .unwrap_or_default(),
            value,
        })
    }

    /// Whether it is a user of the pool itself.
    fn is_own(&self) -> bool {
        self.provider.eq_ignore_ascii_case(OWN)
    }

    /// The attribute of the pool under which an identity is kept: that of the claim, if it is one that is mapped.
    ///
    /// # Errors
    /// Refuses an attribute by which the provider tells nobody apart.
    fn kept_as(&self, provider: &IdentityProvider) -> Result<String, Refusal> {
        if self.attribute.is_empty() || self.attribute == SUBJECT {
            return Ok(SUBJECT.into());
        }
        let mut mapped = provider
            .mapping
            .iter()
            .filter(|(name, _)| *name != "username");
        let by_name = provider.mapping.contains_key(self.attribute);
        let found = match by_name && self.attribute != "username" {
            true => Some(self.attribute),
            false => mapped
                .find(|(_, claim)| *claim == self.attribute)
                .map(|(name, _)| name.as_str()),
        };
        match found {
            Some(name) => Ok(name.into()),
            None if self.attribute == provider.kind.rules().id => Ok(SUBJECT.into()),
            None => Err(invalid(
                "ProviderAttributeName is neither Cognito_Subject nor mapped to an attribute.",
            )),
        }
    }
}

/// A user with the profile.
#[derive(Clone)]
struct Whom {
    head: Held<Head>,
    profile: Held<Profile>,
}

impl Whom {
    fn load(cx: &mut Cx<'_>, pool: &Pool, sub: &crate::model::sub::Sub) -> Run<Option<Self>> {
        let (head, profile) = (keys::head(&pool.id, sub), keys::profile(&pool.id, sub));
        cx.want([&head, &profile])?;
        let Some(head) = cx.get::<Head>(&head)? else {
            return Ok(None);
        };
        let profile = cx.get::<Profile>(&profile)?;
        let profile = profile.ok_or_else(|| Stop::torn("the profile of a user"))?;
        Ok(Some(Self { head, profile }))
    }

    /// Writes the profile as it becomes, and the head with it.
    fn write(&self, cx: &mut Cx<'_>, becomes: &Profile) {
        let head = Head {
            modified: cx.now(),
            ..Head::clone(&self.head)
        };
        cx.update(&self.head, &head);
        cx.update(&self.profile, becomes);
    }
}

/// The pool of an id, which the model does not bound here.
///
/// # Errors
/// Refuses where there is none.
fn pool(cx: &mut Cx<'_>, id: &str) -> Run<Held<Pool>> {
    if id.is_empty() || id.len() > MAX_POOL {
        return Err(invalid("UserPoolId is no id of a user pool.").into());
    }
    parties::pool(cx, id)
}

/// The user that a request names.
///
/// # Errors
/// `UserNotFoundException`.
fn whom(cx: &mut Cx<'_>, pool: &Pool, named: &Named<'_>) -> Run<Whom> {
    let sub = if named.is_own() {
        parties::known_user(cx, pool, named.value)?.sub
    } else {
        let found = linked(cx, pool, named.provider, SUBJECT, named.value)?;
        found.ok_or_else(no_user)?.sub
    };
    let found = Whom::load(cx, pool, &sub)?;
    found.ok_or_else(|| no_user().into())
}

/// Whose an identity is.
fn linked(
    cx: &mut Cx<'_>,
    pool: &Pool,
    provider: &str,
    attribute: &str,
    value: &str,
) -> Run<Option<Held<Link>>> {
    cx.get::<Link>(&keys::link(&pool.id, provider, attribute, value))
}

/// The provider of an identity.
///
/// # Errors
/// Refuses where there is none.
fn provider(cx: &mut Cx<'_>, pool: &Pool, name: &str) -> Run<Held<IdentityProvider>> {
    let names: Vec<String> = [name.into()].into();
    let found = super::existing(cx, &pool.id, &names)?;
    found.into_iter().next().ok_or_else(|| missing(name).into())
}

/// The refusal of an identity that is somebody's.
fn taken() -> Refusal {
    Refusal::new(
        RefusalKind::AliasExists,
        "The identity is already linked to a user.",
    )
}
