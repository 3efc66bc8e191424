//! Secrets of app clients: drawn, sealed, and shown.
//!
//! A client has up to two at once, so that what uses the old one has time to learn the new one. Either counts wherever
//! a client proves itself: in a `SECRET_HASH`, in `ClientSecret`, and at the OAuth endpoints.

use alloc::{format, string::String};

use userpool_wire::{Sensitive, Timestamp, idp::ClientSecretDescriptorType};

use crate::{
    engine::Cx,
    model::{client::ClientSecret, keys},
    ops::{drawn, parties},
};

/// How many secrets a client may have at once.
pub(super) const MAX: usize = 2;

/// 51 letters and digits, 263 bits of chance.
pub(super) fn draw(cx: &mut Cx<'_>) -> Sensitive<String> {
    drawn::text(cx, "client secret", drawn::LOWER_AND_DIGITS, 51).into()
}

/// A secret of a client that has these others, as it is kept.
pub(super) fn seal(
    cx: &mut Cx<'_>,
    pool: &str,
    client: &str,
    others: &[ClientSecret],
    secret: &str,
) -> ClientSecret {
    let named = |second: i64| format!("{client}--{second}");
    // Two of one second have two names.
    let mut second = cx.now().secs();
    while others.iter().any(|other| other.id == named(second)) {
        second += 1;
    }
    let id = named(second);
    let key = keys::client(client);
    let field = format!("secret/{id}");
    ClientSecret {
        created: cx.now(),
        sealed: cx.seal(
            parties::CLIENT_SECRET,
            pool,
            &key,
            &field,
            secret.as_bytes(),
        ),
        id,
    }
}

/// A secret as the API shows it, without its value.
pub(super) fn shown(secret: &ClientSecret) -> ClientSecretDescriptorType {
    ClientSecretDescriptorType {
        client_secret_id: Some(secret.id.clone()),
        client_secret_create_date: Some(Timestamp::from_millis(secret.created.millis())),
        ..ClientSecretDescriptorType::default()
    }
}
