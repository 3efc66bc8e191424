//! Tags of user pools: TagResource, UntagResource, ListTagsForResource.

use alloc::{collections::BTreeMap, format, string::String};

use userpool_wire::idp::{
    ListTagsForResourceRequest, ListTagsForResourceResponse, TagResourceRequest,
    TagResourceResponse, UntagResourceRequest, UntagResourceResponse,
};

use super::{
    description::{self, Apart},
    invalid,
};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::pool::Pool,
    ops::parties,
};

/// The most tags of a pool.
const MAX_TAGS: usize = 50;

type Tags = BTreeMap<String, String>;

/// Adds tags to a user pool, or gives them other values.
///
/// Refusals, in this order: not the ARN of a user pool, unknown pool, tags that do not fit, a record that
/// would be too large.
pub(crate) fn tag_resource(
    cx: &mut Cx<'_>,
    request: &TagResourceRequest,
) -> Run<TagResourceResponse> {
    let pool = pool_of_arn(cx, &request.resource_arn)?;
    let added = request.tags.clone();
    change(cx, &pool, |tags| tags.extend(added))?;
    Ok(TagResourceResponse {})
}

/// Takes tags from a user pool.
///
/// Refusals, in this order: not the ARN of a user pool, unknown pool.
pub(crate) fn untag_resource(
    cx: &mut Cx<'_>,
    request: &UntagResourceRequest,
) -> Run<UntagResourceResponse> {
    let pool = pool_of_arn(cx, &request.resource_arn)?;
    change(cx, &pool, |tags| {
        tags.retain(|key, _| !request.tag_keys.contains(key));
    })?;
    Ok(UntagResourceResponse {})
}

/// Tells the tags of a user pool.
///
/// Refusals, in this order: not the ARN of a user pool, unknown pool.
pub(crate) fn list_tags_for_resource(
    cx: &mut Cx<'_>,
    request: &ListTagsForResourceRequest,
) -> Run<ListTagsForResourceResponse> {
    let pool = pool_of_arn(cx, &request.resource_arn)?;
    Ok(ListTagsForResourceResponse {
        tags: description::settings(&pool)?.user_pool_tags,
    })
}

/// Checks the tags of a pool.
///
/// # Errors
/// Refuses more than fifty, and keys that are reserved, in the given way: operations of pools declare an error for it, and
/// those of tags do not.
pub(super) fn check(tags: &Tags, kind: RefusalKind) -> Result<(), Refusal> {
    if tags.len() > MAX_TAGS {
        let text = format!("A user pool can have at most {MAX_TAGS} tags.");
        return Err(Refusal::new(kind, text));
    }
    let reserved = tags.keys().any(|key| {
        key.get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
    });
    if reserved {
        return Err(Refusal::new(kind, "Tag keys cannot begin with aws:."));
    }
    Ok(())
}

fn change(cx: &mut Cx<'_>, pool: &Held<Pool>, edit: impl FnOnce(&mut Tags)) -> Run<()> {
    let mut settings = description::settings(pool)?;
    let mut tags = settings.user_pool_tags.unwrap_or_default();
    edit(&mut tags);
    check(&tags, RefusalKind::InvalidParameter)?;
    settings.user_pool_tags = Some(tags);
    let schema = pool.rules.schema.clone();
    // Tags are not settings: the pool does not count as changed.
    let changed = description::keep(
        &pool.id,
        pool.created,
        pool.modified,
        schema,
        Apart::of(pool),
        settings,
    )?;
    cx.update(pool, &changed);
    Ok(())
}

/// The pool that an ARN names: `arn:aws:cognito-idp:<region>:<account>:userpool/<id>`.
fn pool_of_arn(cx: &mut Cx<'_>, arn: &str) -> Run<Held<Pool>> {
    let Some((_, id)) = arn.rsplit_once(":userpool/") else {
        return Err(invalid("ResourceArn is not the ARN of a user pool.").into());
    };
    let pool = parties::pool(cx, id)?;
    if description::settings(&pool)?.arn.as_deref() == Some(arn) {
        Ok(pool)
    } else {
        Err(parties::no_pool(id).into())
    }
}
