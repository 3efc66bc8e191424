//! App clients of a user pool: making, describing, changing, deleting and listing them.
//!
//! A client is kept twice in one record: its whole description, as the API shows it, and what sign-in and
//! tokens read, which is always made from the description.
//!
//! A client that lists an identity provider which is then deleted lists it no longer. There is no limit to the number of clients.
//! One that registered itself stays known as such, and never registers others.

mod add_user_pool_client_secret;
mod create_user_pool_client;
mod delete_user_pool_client;
mod delete_user_pool_client_secret;
mod describe_user_pool_client;
pub(crate) mod description;
mod flows;
mod list_user_pool_client_secrets;
mod list_user_pool_clients;
mod lives;
pub(crate) mod oauth;
mod providers;
mod secrets;
mod settings;
mod update_user_pool_client;

pub(crate) use add_user_pool_client_secret::add_user_pool_client_secret;
pub(crate) use create_user_pool_client::{
    create_user_pool_client, make_user_pool_client, register,
};
pub(crate) use delete_user_pool_client::delete_user_pool_client;
pub(crate) use delete_user_pool_client_secret::delete_user_pool_client_secret;
pub(crate) use describe_user_pool_client::describe_user_pool_client;
pub(crate) use list_user_pool_client_secrets::list_user_pool_client_secrets;
pub(crate) use list_user_pool_clients::list_user_pool_clients;
pub(crate) use update_user_pool_client::update_user_pool_client;

use alloc::borrow::Cow;

use crate::engine::{Refusal, RefusalKind};

/// The refusal of settings that do not fit.
fn invalid(text: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, text)
}
