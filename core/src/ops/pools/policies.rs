//! The password policy and the sign-in policy.

use alloc::vec;

use userpool_wire::idp::{
    AuthFactorType, PasswordPolicyType, SignInPolicyType, UserPoolMfaType, UserPoolPolicyType,
    UserPoolType,
};

use super::{invalid, settings::distinct};
use crate::engine::Refusal;

/// How long a temporary password lives where nothing is said, in days.
const TEMPORARY_DAYS: i32 = 7;

/// How long temporary passwords live, in days: by the password policy, else by the older setting of
/// AdminCreateUserConfig, which shows the same number. 0 is the default.
pub(super) fn temporary_days(given: &UserPoolType) -> i32 {
    let policy = given
        .policies
        .as_ref()
        .and_then(|policies| policies.password_policy.as_ref())
        .and_then(|policy| policy.temporary_password_validity_days);
    let older = given
        .admin_create_user_config
        .as_ref()
        .and_then(|config| config.unused_account_validity_days);
    policy
        .or(older)
        .filter(|days| *days > 0)
        .unwrap_or(TEMPORARY_DAYS)
}

/// The policies with their defaults.
///
/// # Errors
/// Refuses first factors that do not fit.
pub(super) fn complete(
    given: Option<UserPoolPolicyType>,
    temporary_days: i32,
    mfa: UserPoolMfaType,
) -> Result<UserPoolPolicyType, Refusal> {
    let given = given.unwrap_or_default();
    let password_policy = password_policy(given.password_policy, temporary_days);
    let sign_in_policy = match given.sign_in_policy {
        Some(policy) => sign_in_policy(policy, mfa)?,
        None => None,
    };
    Ok(UserPoolPolicyType {
        password_policy: Some(password_policy),
        sign_in_policy,
    })
}

/// The policies as the API shows them: the service tells the first factors of a pool that was given none.
pub(super) fn shown(policies: UserPoolPolicyType) -> UserPoolPolicyType {
    let default = || SignInPolicyType {
        allowed_first_auth_factors: Some(vec![AuthFactorType::Password]),
    };
    UserPoolPolicyType {
        sign_in_policy: policies.sign_in_policy.or_else(|| Some(default())),
        ..policies
    }
}

/// A policy that is given at all says everything: what it leaves out is not required, as the service's
/// own requests have it. Only a pool without a policy requires all four classes.
fn password_policy(given: Option<PasswordPolicyType>, temporary_days: i32) -> PasswordPolicyType {
    let required_when_omitted = given.is_none();
    let given = given.unwrap_or_default();
    let required = |given: Option<bool>| Some(given.unwrap_or(required_when_omitted));
    PasswordPolicyType {
        minimum_length: Some(given.minimum_length.unwrap_or(8)),
        require_uppercase: required(given.require_uppercase),
        require_lowercase: required(given.require_lowercase),
        require_numbers: required(given.require_numbers),
        require_symbols: required(given.require_symbols),
        password_history_size: given.password_history_size,
        temporary_password_validity_days: Some(temporary_days),
    }
}

fn sign_in_policy(
    given: SignInPolicyType,
    mfa: UserPoolMfaType,
) -> Result<Option<SignInPolicyType>, Refusal> {
    let Some(factors) = distinct(given.allowed_first_auth_factors) else {
        return Ok(None);
    };
    if factors.contains(&AuthFactorType::SoftwareToken) {
        return Err(invalid(
            "SOFTWARE_TOKEN cannot be in AllowedFirstAuthFactors.",
        ));
    }
    if !factors.contains(&AuthFactorType::Password) {
        return Err(invalid("PASSWORD must be in AllowedFirstAuthFactors."));
    }
    check_first_factors(&factors, mfa)?;
    Ok(Some(SignInPolicyType {
        allowed_first_auth_factors: Some(factors),
    }))
}

/// Refuses codes as a first factor in a pool that always asks for a second.
///
/// # Errors
/// `InvalidParameterException`.
pub(super) fn check_first_factors(
    factors: &[AuthFactorType],
    mfa: UserPoolMfaType,
) -> Result<(), Refusal> {
    let codes = [AuthFactorType::EmailOtp, AuthFactorType::SmsOtp];
    if mfa == UserPoolMfaType::On && factors.iter().any(|factor| codes.contains(factor)) {
        return Err(invalid(
            "EMAIL_OTP and SMS_OTP cannot be in AllowedFirstAuthFactors when MfaConfiguration is ON.",
        ));
    }
    Ok(())
}
