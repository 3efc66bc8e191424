//! What users do with their own account: attributes, codes for addresses, passwords, deletion.

pub mod change_password;
pub mod confirm_forgot_password;
pub mod delete_user;
pub mod delete_user_attributes;
pub mod forgot_password;
pub mod get_user_attribute_verification_code;
pub(crate) mod records;
pub mod update_user_attributes;
pub(crate) mod verifiable;
pub mod verify_user_attribute;
