//! A domain under which the login pages and OAuth endpoints of a pool are.

use alloc::string::String;

use userpool_ports::Timestamp;

use crate::{cbor::Cbor, engine::Record};

/// A domain; its name is its key, whichever pool it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Domain {
    /// The pool.
    #[n(0)]
    pub pool: String,
    /// When it was made or last changed.
    #[n(1)]
    pub modified: Timestamp,
    /// Which pages it has: 1 the classic ones, 2 managed login.
    #[n(2)]
    pub pages: u8,
    /// Its certificate, if it is a domain of the owner's own.
    #[n(3)]
    pub custom: Option<Certificate>,
    /// Where it fails over to.
    #[n(4)]
    pub failover: Option<Failover>,
}

impl Record for Domain {
    const KIND: &'static str = "a domain";
    const IS_SETTING: bool = true;
}

/// What was said of the certificate of a custom domain. It is kept and shown; whoever terminates TLS has it.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Certificate {
    /// Its name.
    #[n(0)]
    pub arn: String,
    /// The oldest TLS that is accepted, by its API name.
    #[n(1)]
    pub security_policy: Option<String>,
}

/// Where a domain leads when the primary of its pool is not well. It is kept and shown: whoever holds the name decides
/// where it leads, and one process has all regions.
#[derive(Clone, Debug, PartialEq, Eq, Cbor)]
#[cbor(map)]
pub struct Failover {
    /// The region of the replica.
    #[n(0)]
    pub region: String,
    /// What is asked whether the primary is well.
    #[n(1)]
    pub health_check: String,
}
