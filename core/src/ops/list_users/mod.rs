//! ListUsers: the users of a pool, or those that pass a filter, page by page.
//!
//! A filter is answered from the index of its attribute: what a call reads is bounded by the size of its page,
//! whatever the size of the pool. Index keys hold a folded and shortened value, so every user found is compared
//! again; a page may be short or empty and yet not the last.

mod filter;

use alloc::{format, string::String, vec::Vec};

use userpool_ports::Key;
use userpool_wire::idp::{ListUsersRequest, ListUsersResponse};

use self::filter::{Filter, Place};
use super::{
    attributes,
    paging::{self, Listing, Page},
    parties, user_type,
};
use crate::{
    engine::{Cx, Held, Refusal, RefusalKind, Run},
    model::{
        keys,
        pool::Pool,
        sub::Sub,
        user::{Head, Indexed, Profile},
    },
};

/// The greatest size of a page, and the one where none is asked for.
const MAX_PAGE: usize = 60;

/// One page of the users of a pool.
///
/// Refusals, in this order: unknown pool, an attribute to get that is not in the schema, a filter that cannot be
/// read, an attribute that cannot be searched, a token of another list or too old.
///
/// # Errors
/// The refusals above.
pub fn list_users(cx: &mut Cx<'_>, req: &ListUsersRequest) -> Run<ListUsersResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    let shown = Shown::of(&pool, req.attributes_to_get.as_deref())?;
    let text = req.filter.as_ref().map_or("", |filter| filter.as_str());
    let filter = Filter::parse(text)?;
    let listing = Listing {
        operation: "ListUsers",
        arguments: &[&pool.id, text.trim()],
    };
    let after = listing.after(cx, req.pagination_token.as_deref())?;
    let limit = match req.limit.map(usize::try_from) {
        Some(Ok(limit @ 1..MAX_PAGE)) => limit,
        _ => MAX_PAGE,
    };

    let (candidates, after) = candidates(cx, &pool, filter.as_ref(), after, limit)?;
    let found = load(cx, &pool, candidates)?;
    let passing: Vec<_> = found
        .iter()
        .filter(|(head, profile)| {
            let passes = |filter: &Filter| filter.passes(&pool, head, profile);
            filter.as_ref().is_none_or(passes)
        })
        .collect();
    let aliases = |(_, profile): &(Held<Head>, Held<Profile>)| {
        let aliases = user_type::verified_aliases(&pool, profile);
        aliases.map(|(_, key)| key).collect::<Vec<_>>()
    };
    let aliases: Vec<Key> = passing.iter().flat_map(|user| aliases(user)).collect();
    cx.want(&aliases)?;

    let mut users = Vec::with_capacity(passing.len());
    for (head, profile) in passing {
        let mut attributes = user_type::effective(cx, &pool, &head.sub, profile)?;
        attributes.retain(|name, _| shown.shows(name));
        let mut listed = user_type::listed(&head.sub, &attributes);
        if !shown.shows("sub") {
            listed.remove(0);
        }
        users.push(user_type::user_type(head, listed));
    }
    Ok(ListUsersResponse {
        users: Some(users),
        pagination_token: listing.token(cx, after.as_ref()),
    })
}

/// A user of a page, before it is compared again; the head too, where the page was one of heads.
struct Candidate {
    sub: Sub,
    head: Option<Held<Head>>,
}

impl Candidate {
    fn by_sub(sub: Sub) -> Self {
        Self { sub, head: None }
    }

    fn by_head(head: Held<Head>) -> Self {
        Self {
            sub: head.sub,
            head: Some(head),
        }
    }
}

/// The users of one page, and the key to go on after.
fn candidates(
    cx: &mut Cx<'_>,
    pool: &Pool,
    filter: Option<&Filter>,
    after: Option<Key>,
    limit: usize,
) -> Run<(Vec<Candidate>, Option<Key>)> {
    let Some(filter) = filter else {
        let page = paging::page::<Head>(cx, &keys::heads(&pool.id), after, limit, |_| true)?;
        return Ok(of_heads(page));
    };
    match filter.place {
        Place::Heads if filter.is_exact() => {
            let sub = Sub::parse(&filter.folded());
            Ok((sub.map(Candidate::by_sub).into_iter().collect(), None))
        }
        Place::Heads => {
            let Some(prefix) = Sub::prefix(&filter.folded()) else {
                return Ok((Vec::new(), None));
            };
            let prefix = keys::heads_beginning(&pool.id, &prefix);
            let passes = |head: &Head| filter.passes_sub(&head.sub);
            let page = paging::page::<Head>(cx, &prefix, after, limit, passes)?;
            Ok(of_heads(page))
        }
        Place::Index(_, byte) => {
            let exact = filter.is_exact();
            let prefix = keys::index_prefix(&pool.id, byte, &filter.folded(), exact);
            let page = paging::page::<Indexed>(cx, &prefix, after, limit, |_| true)?;
            let entries = page.records.iter();
            let subs = entries.filter_map(|entry| keys::indexed(entry.key()));
            Ok((subs.map(Candidate::by_sub).collect(), page.after))
        }
    }
}

fn of_heads(page: Page<Head>) -> (Vec<Candidate>, Option<Key>) {
    let heads = page.records.into_iter();
    (heads.map(Candidate::by_head).collect(), page.after)
}

/// The heads and profiles of users, read together. Who was deleted since the page was read is left out.
fn load(
    cx: &mut Cx<'_>,
    pool: &Pool,
    candidates: Vec<Candidate>,
) -> Run<Vec<(Held<Head>, Held<Profile>)>> {
    let heads = candidates
        .iter()
        .filter(|candidate| candidate.head.is_none());
    let heads = heads.map(|candidate| keys::head(&pool.id, &candidate.sub));
    let profiles = candidates
        .iter()
        .map(|candidate| keys::profile(&pool.id, &candidate.sub));
    let wanted: Vec<Key> = heads.chain(profiles).collect();
    cx.want(&wanted)?;
    let mut users = Vec::with_capacity(candidates.len());
    for Candidate { sub, head } in candidates {
        let head = match head {
            Some(head) => Some(head),
            None => cx.get::<Head>(&keys::head(&pool.id, &sub))?,
        };
        let profile = cx.get::<Profile>(&keys::profile(&pool.id, &sub))?;
        users.extend(head.zip(profile));
    }
    Ok(users)
}

/// The attributes that a request asks for.
enum Shown<'r> {
    All,
    These(&'r [String]),
}

impl<'r> Shown<'r> {
    /// # Errors
    /// Refuses a name outside the schema.
    fn of(pool: &Pool, names: Option<&'r [String]>) -> Result<Self, Refusal> {
        let Some(names) = names.filter(|names| !names.is_empty()) else {
            return Ok(Self::All);
        };
        match names
            .iter()
            .find(|name| attributes::rule(pool, name).is_none())
        {
            None => Ok(Self::These(names)),
            Some(unknown) => {
                let text = format!(
                    "Invalid user attributes: user.{unknown}: Attribute does not exist in the schema.\n"
                );
                Err(Refusal::new(RefusalKind::InvalidParameter, text))
            }
        }
    }

    fn shows(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(names) => names.iter().any(|listed| listed == name),
        }
    }
}
