//! The operations, one file each, grouped by chapter. [`table`] finds them by their protocol name.

pub(crate) mod access;
pub mod admin;
pub(crate) mod attributes;
pub(crate) mod clients;
pub(crate) mod codes;
pub mod declare;
pub mod directory;
pub(crate) mod drawn;
pub mod jobs;
pub(crate) mod messages;
pub(crate) mod paging;
pub(crate) mod parties;
pub(crate) mod passwords;
pub(crate) mod pools;
pub(crate) mod profile_change;
pub(crate) mod recovery;
pub(crate) mod secrets;
pub mod sign_in;
pub mod sign_up;
pub mod table;
pub mod tokens;
pub(crate) mod triggers;
pub(crate) mod unknown;
pub(crate) mod user_count;
pub(crate) mod user_type;
pub mod users;
