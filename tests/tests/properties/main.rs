//! What holds for whatever happens in whatever order: random histories, schedules and directories.

mod accounts;
mod groups;
mod hidden_users;
mod paging;
mod schedules;
