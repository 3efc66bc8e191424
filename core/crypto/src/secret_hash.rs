//! `SECRET_HASH`: the proof that an app client knows its secret.

use alloc::string::String;

use crate::base64;
use crate::digest::{ct_eq, hmac_sha256};
use crate::secret::SecretText;

/// The value that a client sends: `base64(HMAC-SHA-256(client secret, username | client id))`.
///
/// The username is that of the same request, whichever form it has there.
pub fn secret_hash(client_secret: &SecretText, username: &str, client_id: &str) -> String {
    base64::encode(&mac(client_secret, username, client_id))
}

/// Whether a value is the hash of the same three, compared in constant time.
///
/// ```
/// use userpool_crypto::secret::SecretText;
/// use userpool_crypto::secret_hash::{secret_hash, secret_hash_matches};
///
/// let secret = SecretText::new("client secret".into());
/// let sent = secret_hash(&secret, "janedoe", "1example23456789");
/// assert!(secret_hash_matches(&secret, "janedoe", "1example23456789", &sent));
/// assert!(!secret_hash_matches(&secret, "johndoe", "1example23456789", &sent));
/// ```
pub fn secret_hash_matches(
    client_secret: &SecretText,
    username: &str,
    client_id: &str,
    sent: &str,
) -> bool {
    // 32 bytes are 44 characters: nothing longer is decoded.
    let sent = if sent.len() == 44 {
        base64::decode(sent)
    } else {
        None
    };
    ct_eq(
        &mac(client_secret, username, client_id),
        &sent.unwrap_or_default(),
    )
}

fn mac(client_secret: &SecretText, username: &str, client_id: &str) -> [u8; 32] {
    hmac_sha256(
        client_secret.expose().as_bytes(),
        &[username.as_bytes(), client_id.as_bytes()],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_value_matches() {
        let secret = SecretText::new("s".into());
        let good = secret_hash(&secret, "user", "client");
        assert_eq!(good.len(), 44);
        assert!(secret_hash_matches(&secret, "user", "client", &good));
        for bad in [
            "",
            &good[..43],
            &good.replace('=', ""),
            &(good.clone() + " "),
            "!".repeat(44).as_str(),
        ] {
            assert!(!secret_hash_matches(&secret, "user", "client", bad));
        }
        assert!(!secret_hash_matches(
            &SecretText::new("t".into()),
            "user",
            "client",
            &good
        ));
        assert!(!secret_hash_matches(&secret, "user", "clienu", &good));
    }
}
