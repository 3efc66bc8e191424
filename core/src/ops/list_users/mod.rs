//! ListUsers: the users of a pool, or those that pass a filter, page by page.
//!
//! A filter is answered from the index of its attribute: what a call reads is bounded by the size of its page,
//! whatever the size of the pool. Index keys hold a folded and shortened value, so every user found is compared
//! again; a page may be short or empty and yet not the last.

mod filter;
pub(crate) mod listed;

use alloc::{format, string::String, vec::Vec};

use userpool_ports::Key;
use userpool_wire::idp::{ListUsersRequest, ListUsersResponse};

use self::{
    filter::{Filter, Place},
    listed::Candidate,
};
use super::{
    attributes,
    paging::{self, Listing, Page},
    parties,
};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        keys,
        pool::Pool,
        sub::Sub,
        user::{Head, Indexed},
    },
};

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
    let limit = paging::limit(req.limit);

    let (candidates, after) = candidates(cx, &pool, filter.as_ref(), after, limit)?;
    let found = listed::load(cx, &pool, candidates)?;
    let passing = found.iter().filter(|(head, profile)| {
        let passes = |filter: &Filter| filter.passes(&pool, head, profile);
        filter.as_ref().is_none_or(passes)
    });
    let users = listed::shown(cx, &pool, passing, |name| shown.shows(name))?;
    Ok(ListUsersResponse {
        users: Some(users),
        pagination_token: listing.token(cx, after.as_ref()),
    })
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
