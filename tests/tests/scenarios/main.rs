//! Stories of each part of the service, told by its operations.

mod admin;
mod api;
mod attributes;
mod clients;
mod deletion;
mod devices;
mod exchange;
mod groups;
mod identity_pools;
mod listed;
mod mfa;
mod moving;
mod new_password;
mod oauth;
mod pages;
mod passkeys;
mod pool_lists;
mod pool_schema;
mod pools;
mod replicas;
mod risk;
mod sessions;
mod sign_in;
mod triggers;
mod user_auth;
mod users;
