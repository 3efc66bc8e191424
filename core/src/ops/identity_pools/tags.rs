//! Tags of identity pools, and the claims that become tags of credentials.

use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
};

use userpool_wire::identity::{
    GetPrincipalTagAttributeMapInput, GetPrincipalTagAttributeMapResponse,
    ListTagsForResourceInput, ListTagsForResourceResponse, SetPrincipalTagAttributeMapInput,
    SetPrincipalTagAttributeMapResponse, TagResourceInput, TagResourceResponse, UntagResourceInput,
    UntagResourceResponse,
};

use super::{
    find, invalid,
    logins::{Proven, canonical},
    no_pool,
    pools::check_size,
};
use crate::{
    engine::{Cx, Environment, Held, Refusal, Run},
    model::identity_pool::{IdentityPool, PrincipalTags},
    ops::arn,
};

/// The most tags of a pool, and of credentials.
const MAX_TAGS: usize = 50;
/// How long the tags of credentials may be together.
const MAX_TAG_BYTES: usize = 460;

type Tags = BTreeMap<String, String>;

/// Adds tags to an identity pool, or gives them other values.
///
/// Refusals, in this order: not the ARN of an identity pool, unknown pool, tags that do not fit, a record that would
/// be too large.
///
/// # Errors
/// The refusals above.
pub(crate) fn tag_resource(cx: &mut Cx<'_>, req: &TagResourceInput) -> Run<TagResourceResponse> {
    let held = pool_of_arn(cx, &req.resource_arn)?;
    let mut tags = held.tags.clone();
    tags.extend(req.tags.clone());
    keep(cx, &held, tags)?;
    Ok(TagResourceResponse {})
}

/// Takes tags from an identity pool.
///
/// Refusals, in this order: not the ARN of an identity pool, unknown pool.
///
/// # Errors
/// The refusals above.
pub(crate) fn untag_resource(
    cx: &mut Cx<'_>,
    req: &UntagResourceInput,
) -> Run<UntagResourceResponse> {
    let held = pool_of_arn(cx, &req.resource_arn)?;
    let mut tags = held.tags.clone();
    tags.retain(|key, _| !req.tag_keys.contains(key));
    keep(cx, &held, tags)?;
    Ok(UntagResourceResponse {})
}

/// Tells the tags of an identity pool.
///
/// Refusals, in this order: not the ARN of an identity pool, unknown pool.
///
/// # Errors
/// The refusals above.
pub(crate) fn list_tags_for_resource(
    cx: &mut Cx<'_>,
    req: &ListTagsForResourceInput,
) -> Run<ListTagsForResourceResponse> {
    let held = pool_of_arn(cx, &req.resource_arn)?;
    Ok(ListTagsForResourceResponse {
        tags: Some(held.tags.clone()),
    })
}

/// Sets which claims of a provider become tags of its users' credentials.
///
/// Refusals, in this order: unknown pool, too many tags, a record that would be too large.
///
/// # Errors
/// The refusals above.
pub(crate) fn set_principal_tag_attribute_map(
    cx: &mut Cx<'_>,
    req: &SetPrincipalTagAttributeMapInput,
) -> Run<SetPrincipalTagAttributeMapResponse> {
    let held = find(cx, &req.identity_pool_id)?;
    let map = PrincipalTags {
        defaults: req.use_defaults,
        claims: req.principal_tags.clone(),
    };
    if map.claims.iter().flatten().count() > MAX_TAGS {
        return Err(invalid(format!("At most {MAX_TAGS} principal tags.")).into());
    }
    let mut becomes = IdentityPool::clone(&held);
    let name = req.identity_provider_name.clone();
    becomes.principal_tags.insert(name, map);
    check_size(&becomes)?;
    cx.update(&held, &becomes);
    Ok(SetPrincipalTagAttributeMapResponse {
        identity_pool_id: Some(req.identity_pool_id.clone()),
        identity_provider_name: Some(req.identity_provider_name.clone()),
        use_defaults: req.use_defaults,
        principal_tags: req.principal_tags.clone(),
    })
}

/// Tells which claims of a provider become tags of its users' credentials.
///
/// Refusals: unknown pool.
///
/// # Errors
/// The refusals above.
pub(crate) fn get_principal_tag_attribute_map(
    cx: &mut Cx<'_>,
    req: &GetPrincipalTagAttributeMapInput,
) -> Run<GetPrincipalTagAttributeMapResponse> {
    let held = find(cx, &req.identity_pool_id)?;
    let map = held.principal_tags.get(&req.identity_provider_name);
    Ok(GetPrincipalTagAttributeMapResponse {
        identity_pool_id: Some(req.identity_pool_id.clone()),
        identity_provider_name: Some(req.identity_provider_name.clone()),
        use_defaults: map.map_or(Some(false), |map| map.defaults),
        principal_tags: map.and_then(|map| map.claims.clone()),
    })
}

/// The tags that somebody's credentials get from what was proven of them.
///
/// # Errors
/// Refuses tags that are too long together.
pub(super) fn of(
    environment: &Environment,
    pool: &IdentityPool,
    proven: &[Proven],
) -> Result<Tags, Refusal> {
    let mut tags = Tags::new();
    for login in proven {
        let mut maps = pool.principal_tags.iter();
        let map = maps.find(|(name, _)| canonical(environment, name) == login.provider);
        let Some((_, map)) = map else {
            continue;
        };
        if map.defaults == Some(true) {
            tags.insert("client".into(), login.client.clone());
            tags.insert("username".into(), login.subject.clone());
        }
        for (tag, claim) in map.claims.iter().flatten() {
            if let Some(value) = login.claim(claim).first() {
                tags.insert(tag.clone(), value.to_string());
            }
        }
    }
    let bytes: usize = tags
        .iter()
        .map(|(tag, value)| tag.len() + value.len())
        .sum();
    if bytes > MAX_TAG_BYTES {
        return Err(invalid(format!(
            "The principal tags together may take {MAX_TAG_BYTES} bytes."
        )));
    }
    Ok(tags)
}

/// Checks the tags of a pool.
///
/// # Errors
/// Refuses more than fifty, and keys that are reserved.
pub(super) fn check(tags: &Tags) -> Result<(), Refusal> {
    if tags.len() > MAX_TAGS {
        return Err(invalid(format!(
            "An identity pool can have at most {MAX_TAGS} tags."
        )));
    }
    let reserved = tags.keys().any(|key| {
        key.get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
    });
    if reserved {
        return Err(invalid("Tag keys cannot begin with aws:."));
    }
    Ok(())
}

fn keep(cx: &mut Cx<'_>, held: &Held<IdentityPool>, tags: Tags) -> Run<()> {
    check(&tags)?;
    let becomes = IdentityPool {
        tags,
        ..IdentityPool::clone(held)
    };
    check_size(&becomes)?;
    cx.update(held, &becomes);
    Ok(())
}

/// The pool that an ARN names: `arn:aws:cognito-identity:<region>:<account>:identitypool/<id>`.
fn pool_of_arn(cx: &mut Cx<'_>, arn: &str) -> Run<Held<IdentityPool>> {
    let Some((before, id)) = arn.rsplit_once(":identitypool/") else {
        return Err(invalid("ResourceArn is not the ARN of an identity pool.").into());
    };
    let held = find(cx, id)?;
    let account = &cx.environment().account_id;
    if before == arn::of("cognito-identity", held.region(), account) {
        Ok(held)
    } else {
        Err(no_pool(id).into())
    }
}
