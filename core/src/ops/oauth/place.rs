//! Whose endpoints a request is for: the host or the path that it came to leads to a pool.
//!
//! On the domain of a pool the endpoints lie at the root. A server that has no domain names to give serves the same
//! ones under `/<pool id>/` and `/<prefix>/` of its own address. A pool id has an underscore and a domain none, so
//! that the two never meet.

use alloc::{borrow::ToOwned, string::String};

use crate::{
    engine::{Cx, Held, Run},
    model::{domain::Domain, keys, pool::Pool},
};

/// The longest text that may name a pool or domain.
const MAX: usize = 255;

/// Where a request came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A pool by its id, or a prefix: the first segment of a path.
    Named(String),
    /// A host: a custom domain, or `<prefix>.auth.` and whatever follows.
    Host(String),
}

impl Place {
    /// The pool that is served here, if any.
    ///
    /// # Errors
    /// Stops the run until the pool is there.
    pub(in crate::ops) fn pool(&self, cx: &mut Cx<'_>) -> Run<Option<Held<Pool>>> {
        let Some(name) = self.name() else {
            return Ok(None);
        };
        cx.once(|cx| {
            let id = if name.contains('_') {
                name.clone()
            } else {
                match cx.get::<Domain>(&keys::domain(&name))? {
                    Some(domain) => domain.pool.clone(),
                    None => return Ok(None),
                }
            };
            let pool = cx.get::<Pool>(&keys::pool(&id))?;
            Ok(pool.filter(|pool| !pool.deleting))
        })
    }

    /// The domain that is served here; none where the place is a pool's id.
    ///
    /// # Errors
    /// Stops the run until the domain is there.
    pub(in crate::ops) fn domain(&self, cx: &mut Cx<'_>) -> Run<Option<Held<Domain>>> {
        match self.name().filter(|name| !name.contains('_')) {
            Some(name) => cx.get::<Domain>(&keys::domain(&name)),
            None => Ok(None),
        }
    }

    /// The id of a pool, or the name of a domain.
    fn name(&self) -> Option<String> {
        let name = match self {
            Self::Named(name) => name.clone(),
            Self::Host(host) => of_host(host),
        };
        (!name.is_empty() && name.len() <= MAX).then_some(name)
    }
}

/// The domain that a host is, without port and in lower case.
fn of_host(host: &str) -> String {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    match name.split_once('.') {
        Some((prefix, rest)) if rest.starts_with("auth.") => prefix.to_owned(),
        // Only the path names pools by their ids.
        _ if name.contains('_') => String::new(),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_prefix_or_a_custom_domain() {
        for (host, name) in [
            ("shop.auth.us-east-1.amazoncognito.com", "shop"),
            ("shop.auth.localhost:9229", "shop"),
            ("auth.example.com", "auth.example.com"),
            ("Auth.Example.com.:443", "auth.example.com"),
            ("us-east-1_abc", ""),
        ] {
            assert_eq!(of_host(host), name, "{host}");
        }
    }
}
