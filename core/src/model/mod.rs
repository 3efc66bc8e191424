//! Records and their transitions: what the store keeps, and how each may change.

pub mod activity;
pub mod attempts;
pub mod block;
pub mod chain;
pub mod client;
pub mod code;
pub mod device;
pub mod domain;
pub mod factors;
pub mod grant;
pub mod group;
pub mod job;
pub mod keys;
pub mod names;
pub mod pages;
pub mod passkeys;
pub mod pool;
pub mod resource_server;
pub mod risk;
pub mod schema;
pub mod sessions;
pub mod signing;
pub mod stamp;
pub mod sub;
pub mod user;
pub mod user_count;
