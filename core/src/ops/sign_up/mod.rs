//! Signing up and confirming.

pub mod confirm_sign_up;
pub mod resend_confirmation_code;
#[expect(
    clippy::module_inception,
    reason = "one file an operation, named for it"
)]
pub mod sign_up;
