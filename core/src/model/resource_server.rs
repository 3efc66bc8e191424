//! A resource server: an API with scopes of its own, which app clients may ask for.

use alloc::{format, string::String, vec::Vec};

use crate::{cbor::Cbor, engine::Record};

/// The most resource servers of a pool: the service's quota that can be asked for.
pub const MAX_OF_POOL: usize = 300;

/// A resource server.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct ResourceServer {
    /// The identifier, unique in its pool; often a URL.
    #[n(0)]
    pub identifier: String,
    /// What people call it.
    #[n(1)]
    pub name: String,
    /// Its scopes.
    #[n(2)]
    pub scopes: Vec<Scope>,
}

impl Record for ResourceServer {
    const KIND: &'static str = "a resource server";
    const IS_SETTING: bool = true;
}

/// A scope of a resource server.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Scope {
    /// The name, unique in its resource server.
    #[n(0)]
    pub name: String,
    /// What people are told of it.
    #[n(1)]
    pub description: String,
}

impl ResourceServer {
    /// Whether a scope as clients and tokens spell it, `<identifier>/<name>`, is one of this resource server.
    #[must_use]
    pub fn has(&self, scope: &str) -> bool {
        let own = |known: &Scope| format!("{}/{}", self.identifier, known.name) == scope;
        self.scopes.iter().any(own)
    }
}
