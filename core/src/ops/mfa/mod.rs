//! Second factors of users: software tokens set up, factors preferred, and what is shown of them.

pub(crate) mod admin_delete_software_token;
pub(crate) mod associate_software_token;
pub(crate) mod auth_factors;
mod keep;
pub(crate) mod preference;
pub(crate) mod secret;
pub(crate) mod settings;
pub(crate) mod shown;
mod software_token;
pub(crate) mod verify_software_token;
