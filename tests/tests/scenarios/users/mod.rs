//! Stories of users who look after their own account.

mod addresses;
mod attributes;
mod deletion;
mod hidden;
mod names;
mod own;
mod password;
mod recovery;
mod reset;
