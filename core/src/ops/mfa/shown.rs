//! What the API shows of a user's second factors.

use alloc::{string::String, vec::Vec};

use userpool_wire::idp::{DeliveryMediumType, MFAOptionType};

use crate::model::{
    factors::{Factor, Factors},
    user::AliasKind,
};

/// The factors that are switched on, where any are: `UserMFASettingList`. Passkeys that are both factors come last.
pub(crate) fn list(factors: Option<&Factors>) -> Option<Vec<String>> {
    let factors = factors?;
    let on = Factor::ALL.into_iter();
    let on = on.filter(|it| factors.enabled.contains(it));
    let passkeys = (factors.passkeys == Some(true)).then_some("WEB_AUTHN_MFA");
    let names = on.map(Factor::as_str).chain(passkeys);
    let names: Vec<String> = names.map(Into::into).collect();
    (!names.is_empty()).then_some(names)
}

/// The preferred factor: `PreferredMfaSetting`.
pub(crate) fn preferred(factors: Option<&Factors>) -> Option<String> {
    factors?.preferred.map(|factor| factor.as_str().into())
}

/// What the older settings of users said: `MFAOptions`.
pub(crate) fn options(factors: Option<&Factors>) -> Option<Vec<MFAOptionType>> {
    factors?.older.then(|| {
        [MFAOptionType {
            delivery_medium: Some(DeliveryMediumType::Sms),
            attribute_name: Some(AliasKind::Phone.attribute().into()),
        }]
        .into()
    })
}
