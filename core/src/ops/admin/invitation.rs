//! Invitations: the temporary password of a user whom an administrator made, drawn and sent.

use alloc::{format, string::String, vec::Vec};
use core::time::Duration;

use userpool_ports::Purpose;
use userpool_wire::idp::DeliveryMediumType;

use crate::{
    engine::{Cx, Run},
    model::{
        pool::{NameRule, PasswordPolicy, Pool},
        user::{AliasKind, Head, Profile},
    },
    ops::{
        drawn, messages, parties,
        passwords::{PolicyPrefix, check_policy},
        triggers::{About, custom_message},
    },
};

/// The letters of temporary passwords: none that look alike, and no symbol that a message could take for
/// markup or a link.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789!$%*+-.:=?@_";
/// The least length of a temporary password.
const LENGTH: u16 = 12;
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Draws a temporary password: every text of its length that satisfies the policy is as likely as any other,
/// because those that do not are thrown away as a whole.
pub(super) fn draw_password(cx: &mut Cx<'_>, policy: &PasswordPolicy) -> String {
    let length = usize::from(policy.minimum.max(LENGTH));
    let mut tries = 0_u32;
    loop {
        let label = format!("temporary password/{tries}");
        let password = drawn::text(cx, &label, LETTERS, length);
        if check_policy(policy, &password, PolicyPrefix::AdminCreate).is_ok() {
            return password;
        }
        tries += 1;
    }
}

/// Sends a temporary password by the mediums that were asked for, as far as the user has the address. Where
/// none was asked for, by text message, else by e-mail.
///
/// # Errors
/// A fault if the kept copy cannot be sealed.
pub(super) fn send(
    cx: &mut Cx<'_>,
    about: About<'_>,
    (head, profile): (&Head, &Profile),
    mediums: Option<&[DeliveryMediumType]>,
    password: &str,
) -> Run<()> {
    let pool = about.pool;
    let days = u32::from(pool.rules.password.temporary_days);
    let expires = cx.now().after(DAY * days);
    let name = told_name(pool, head, profile);
    for contact in contacts(profile, mediums) {
        if let Some(address) = profile.attributes.get(contact.attribute()) {
            let sent = (Purpose::AdminCreateUser, contact);
            let words = custom_message::words(cx, about, head, &profile.attributes, sent)??;
            let to = (contact, address.as_str());
            let parcel = messages::invitation(cx, pool, head, name, to, &words, password);
            cx.send(parcel, expires)?;
        }
    }
    Ok(())
}

/// The kinds of address that get the invitation.
fn contacts(profile: &Profile, mediums: Option<&[DeliveryMediumType]>) -> Vec<AliasKind> {
    const ORDER: [AliasKind; 2] = [AliasKind::Phone, AliasKind::Email];
    let has = |kind: &AliasKind| profile.attributes.contains_key(kind.attribute());
    let Some(mediums) = mediums.filter(|mediums| !mediums.is_empty()) else {
        return ORDER.into_iter().filter(has).take(1).collect();
    };
    let asked = |kind: &AliasKind| {
        mediums.contains(match kind {
            AliasKind::Phone => &DeliveryMediumType::Sms,
            AliasKind::Email | AliasKind::PreferredUsername => &DeliveryMediumType::Email,
        })
    };
    ORDER.into_iter().filter(asked).filter(has).collect()
}

/// The name that the invitation tells: where names are addresses, an address; else the user name.
fn told_name<'u>(pool: &Pool, head: &'u Head, profile: &'u Profile) -> &'u str {
    if !matches!(pool.rules.names, NameRule::Attribute { .. }) {
        return &head.username;
    }
    parties::alias_kinds(pool)
        .find_map(|kind| profile.attributes.get(kind.attribute()))
        .unwrap_or(&head.username)
}
