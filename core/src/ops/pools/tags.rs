//! Tags of user pools: TagResource, UntagResource, ListTagsForResource.

use alloc::{collections::BTreeMap, format, string::String};

use userpool_wire::idp::{
    ListTagsForResourceRequest, ListTagsForResourceResponse, TagResourceRequest,
    TagResourceResponse, UntagResourceRequest, UntagResourceResponse,
};

use super::{
    description::{self, Apart},
    invalid, replicas,
};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::pool::Pool,
    ops::parties,
};

/// The most tags of a pool.
const MAX_TAGS: usize = 50;

type Tags = BTreeMap<String, String>;

/// Adds tags to a user pool or a replica of it, or gives them other values.
///
/// Refusals, in this order: not the ARN of a user pool, unknown pool, tags that do not fit, a record that
/// would be too large.
pub(crate) fn tag_resource(
    cx: &mut Cx<'_>,
    request: &TagResourceRequest,
) -> Run<TagResourceResponse> {
    let tagged = tagged(cx, &request.resource_arn)?;
    let added = request.tags.clone();
    change(cx, &tagged, |tags| tags.extend(added))?;
    Ok(TagResourceResponse {})
}

/// Takes tags from a user pool or a replica of it.
///
/// Refusals, in this order: not the ARN of a user pool, unknown pool.
pub(crate) fn untag_resource(
    cx: &mut Cx<'_>,
    request: &UntagResourceRequest,
) -> Run<UntagResourceResponse> {
    let tagged = tagged(cx, &request.resource_arn)?;
    change(cx, &tagged, |tags| {
        tags.retain(|key, _| !request.tag_keys.contains(key));
    })?;
    Ok(UntagResourceResponse {})
}

/// Tells the tags of a user pool or a replica of it.
///
/// Refusals, in this order: not the ARN of a user pool, unknown pool.
pub(crate) fn list_tags_for_resource(
    cx: &mut Cx<'_>,
    request: &ListTagsForResourceRequest,
) -> Run<ListTagsForResourceResponse> {
    let Tagged { pool, region } = tagged(cx, &request.resource_arn)?;
    Ok(ListTagsForResourceResponse {
        tags: match pool.replica(&region) {
            Some(replica) => Some(replica.tags.clone()),
            None => description::settings(&pool)?.user_pool_tags,
        },
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

/// What an ARN names: a pool, in its own region or in that of a replica.
struct Tagged {
    pool: Held<Pool>,
    region: String,
}

fn change(cx: &mut Cx<'_>, tagged: &Tagged, edit: impl FnOnce(&mut Tags)) -> Run<()> {
    let Tagged { pool, region } = tagged;
    let mut apart = Apart::of(pool);
    let mut settings = description::settings(pool)?;
    let mut replicas = apart.replicas.iter_mut();
    let tags = match replicas.find(|replica| replica.region == *region) {
        Some(replica) => &mut replica.tags,
        None => settings.user_pool_tags.get_or_insert_default(),
    };
    edit(tags);
    check(tags, RefusalKind::InvalidParameter)?;
    description::keep_undated(cx, pool, apart, settings)
}

/// What an ARN names: `arn:aws:cognito-idp:<region>:<account>:userpool/<id>`.
fn tagged(cx: &mut Cx<'_>, arn: &str) -> Run<Tagged> {
    let Some((place, id)) = arn.rsplit_once(":userpool/") else {
        return Err(invalid("ResourceArn is not the ARN of a user pool.").into());
    };
    let pool = parties::pool(cx, id)?;
    let region = place.split(':').nth(3).unwrap_or_default();
    let is_there = region == pool.region() || pool.replica(region).is_some();
    if is_there && replicas::arn(&pool, region)?.as_deref() == Some(arn) {
        let region = String::from(region);
        Ok(Tagged { pool, region })
    } else {
        Err(parties::no_pool(id).into())
    }
}
