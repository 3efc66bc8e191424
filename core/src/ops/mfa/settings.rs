//! SetUserSettings and AdminSetUserSettings: the older switch for codes in text messages.

use userpool_wire::idp::{
    AdminSetUserSettingsRequest, AdminSetUserSettingsResponse, DeliveryMediumType, MFAOptionType,
    SetUserSettingsRequest, SetUserSettingsResponse,
};

use super::{keep, preference::check_can};
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        factors::{Factor, Factors},
        keys,
        pool::Pool,
        user::{AliasKind, Profile},
    },
    ops::{access::authorize_beside, admin::subject::Subject, users::records},
};

/// Switches codes in text messages on, or off where the list is empty.
///
/// Refusals, in this order: those of the access token, anything but text messages to the phone number, a pool
/// without them, a user without a phone number.
///
/// # Errors
/// The refusals above.
pub(crate) fn set_user_settings(
    cx: &mut Cx<'_>,
    req: &SetUserSettingsRequest,
) -> Run<SetUserSettingsResponse> {
    let access = authorize_beside(cx, &req.access_token, &[keys::factors])?;
    let (pool, head) = (&access.party.pool, &access.head);
    let profile = records::profile(cx, pool, head)?;
    let held = cx.get::<Factors>(&keys::factors(&pool.id, &head.sub))?;
    let becomes = switched(pool, &profile, held.as_deref(), &req.mfa_options)?;
    access.hold(cx);
    cx.check(&profile);
    keep::factors(cx, pool, head, held.as_ref(), &becomes);
    Ok(SetUserSettingsResponse {})
}

/// As SetUserSettings, for any user.
///
/// Refusals, in this order: unknown pool, unknown user, then those of SetUserSettings.
///
/// # Errors
/// The refusals above.
pub(crate) fn admin_set_user_settings(
    cx: &mut Cx<'_>,
    req: &AdminSetUserSettingsRequest,
) -> Run<AdminSetUserSettingsResponse> {
    let user = Subject::load(cx, &req.user_pool_id, &req.username, &[keys::factors])?;
    let (pool, head) = (&user.pool, &user.head);
    let held = cx.get::<Factors>(&keys::factors(&pool.id, &head.sub))?;
    let becomes = switched(pool, &user.profile, held.as_deref(), &req.mfa_options)?;
    cx.check(&user.profile);
    keep::factors(cx, pool, head, held.as_ref(), &becomes);
    Ok(AdminSetUserSettingsResponse {})
}

fn switched(
    pool: &Pool,
    profile: &Profile,
    before: Option<&Factors>,
    options: &[MFAOptionType],
) -> Result<Factors, Refusal> {
    let is_phone = |option: &MFAOptionType| {
        option.delivery_medium == Some(DeliveryMediumType::Sms)
            && option.attribute_name.as_deref() == Some(AliasKind::Phone.attribute())
    };
    if !options.iter().all(is_phone) {
        let text =
            "MFAOptions can only have the DeliveryMedium SMS and the AttributeName phone_number.";
        return Err(Refusal::new(RefusalKind::InvalidParameter, text));
    }
    let mut becomes = before.cloned().unwrap_or_default();
    let on = !options.is_empty();
    if on {
        check_can(pool, profile, &becomes, Factor::Sms)?;
    }
    becomes.switch(Factor::Sms, on);
    becomes.older = on;
    Ok(becomes)
}
