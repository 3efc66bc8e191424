//! Stories of administrators: making users, their status, passwords and attributes, and finding them.

mod attributes;
mod creation;
mod imports;
mod invitations;
mod list_users;
mod list_users_model;
mod passwords;
mod status;
mod story;
