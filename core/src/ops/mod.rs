//! The operations, one file each, grouped by chapter. [`table`] finds them by their protocol name.

pub(crate) mod access;
pub(crate) mod paging;
pub(crate) mod parties;
pub mod table;
pub mod tokens;
pub(crate) mod user_count;
