//! GetCSVHeader.

use alloc::{string::String, vec::Vec};

use userpool_wire::idp::{GetCSVHeaderRequest, GetCSVHeaderResponse};

use crate::{
    engine::{Cx, Run},
    model::pool::Pool,
    ops::parties,
};

/// The column of the name.
pub(super) const USERNAME: &str = "cognito:username";
/// The column that says whether codes in text messages are asked for.
pub(super) const MFA: &str = "cognito:mfa_enabled";
/// The columns of every pool, in their order.
const STANDARD: [&str; 19] = [
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "email_verified",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "phone_number_verified",
    "address",
    "updated_at",
];

/// Tells the columns that the file of an import has.
///
/// Refusals: unknown pool.
///
/// # Errors
/// The refusals above.
pub(crate) fn get_csv_header(
    cx: &mut Cx<'_>,
    req: &GetCSVHeaderRequest,
) -> Run<GetCSVHeaderResponse> {
    let pool = parties::pool(cx, &req.user_pool_id)?;
    Ok(GetCSVHeaderResponse {
        user_pool_id: Some(pool.id.clone()),
        csv_header: Some(of(&pool).into_iter().map(String::from).collect()),
    })
}

/// The columns of a pool.
pub(super) fn of(pool: &Pool) -> Vec<&str> {
    let own = pool.rules.schema.iter().map(|rule| rule.name.as_str());
    let own = own.filter(|name| name.starts_with("custom:"));
    STANDARD
        .into_iter()
        .chain(own)
        .chain([MFA, USERNAME])
        .collect()
}
