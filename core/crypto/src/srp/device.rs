//! Remembered devices: the verifier that ConfirmDevice carries.
//!
//! A device proves itself as a password does, with the device's group key in place of the pool's
//! name, the device's key in place of the user's, and a password that the client drew. The server never sees
//! that password: the client sends the verifier and the salt it made.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::verifier::{Verifier, private_key, verifier};
use crate::base64;
use crate::integer::{padded, shortest};
use crate::secret::SecretText;

/// The longest salt, in bytes without leading zeros; clients draw 16.
const MAX_SALT: usize = 32;
/// The longest texts that are decoded: some spare zeros in front of the integers are allowed.
const MAX_VERIFIER_TEXT: usize = 600;
const MAX_SALT_TEXT: usize = 128;

/// The verifier and salt of a device, as ConfirmDevice gives them to the server.
#[derive(Debug, Clone)]
pub struct DeviceConfig {
    verifier: Verifier,
    salt: Vec<u8>,
}

impl DeviceConfig {
    /// Reads the two members of `DeviceSecretVerifierConfig`, integers in standard base64.
    ///
    /// Both are read as unsigned, with or without the zero byte that keeps a high first byte positive.
    ///
    /// # Errors
    ///
    /// If a text is not base64, the verifier is not in `2..=N-2`, or the salt is zero or longer than
    /// 32 bytes.
    pub fn parse(password_verifier: &str, salt: &str) -> Result<Self, InvalidDeviceConfig> {
        if password_verifier.len() > MAX_VERIFIER_TEXT || salt.len() > MAX_SALT_TEXT {
            return Err(InvalidDeviceConfig);
        }
        let verifier = base64::decode(password_verifier).ok_or(InvalidDeviceConfig)?;
        let salt = base64::decode(salt).ok_or(InvalidDeviceConfig)?;
        let salt = shortest(&salt);
        if salt.is_empty() || salt.len() > MAX_SALT {
            return Err(InvalidDeviceConfig);
        }
        let verifier = Verifier::from_bytes(&verifier).map_err(|_| InvalidDeviceConfig)?;
        Ok(Self {
            verifier,
            salt: salt.into(),
        })
    }

    /// The verifier.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The salt, an integer without leading zero bytes.
    pub fn salt(&self) -> &[u8] {
        &self.salt
    }
}

/// The members of `DeviceSecretVerifierConfig` do not make a verifier and a salt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidDeviceConfig;

impl fmt::Display for InvalidDeviceConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a device verifier and salt")
    }
}

impl core::error::Error for InvalidDeviceConfig {}

/// What a client keeps and sends when it enrols a device.
#[derive(Debug, Clone)]
pub struct DeviceEnrolment {
    /// The password of the device, which only the client keeps.
    pub password: SecretText,
    /// `PasswordVerifier` of the request.
    pub password_verifier: String,
    /// `Salt` of the request.
    pub salt: String,
}

impl DeviceEnrolment {
    /// Makes the password, verifier and salt of a new device from fresh random bytes.
    pub fn new(
        device_group_key: &str,
        device_key: &str,
        password: &[u8; 40],
        salt: &[u8; 16],
    ) -> Self {
        let password = SecretText::new(base64::encode(password));
        let x = private_key(
            device_group_key,
            device_key,
            password.expose().as_bytes(),
            salt,
        );
        Self {
            password,
            password_verifier: base64::encode(&padded(verifier(&x).bytes())),
            salt: base64::encode(&padded(salt)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_enrols_the_server_reads() {
        let made = DeviceEnrolment::new("-v7w9UcY6", "us-west-2_a1b2", &[9; 40], &[0x80; 16]);
        assert_eq!(made.password.expose().len(), 56);
        let read = DeviceConfig::parse(&made.password_verifier, &made.salt).unwrap();
        assert_eq!(read.salt(), [0x80; 16]);
        let x = private_key(
            "-v7w9UcY6",
            "us-west-2_a1b2",
            made.password.expose().as_bytes(),
            read.salt(),
        );
        assert_eq!(read.verifier().bytes(), verifier(&x).bytes());
    }

    #[test]
    fn an_integer_without_its_sign_byte_is_read_alike() {
        let with =
            DeviceConfig::parse(&base64::encode(&[0, 0x80]), &base64::encode(&[0, 0xf0])).unwrap();
        let without =
            DeviceConfig::parse(&base64::encode(&[0x80]), &base64::encode(&[0xf0])).unwrap();
        assert_eq!(with.verifier().bytes(), without.verifier().bytes());
        assert_eq!(with.salt(), without.salt());
    }

    #[test]
    fn members_that_would_let_anyone_in_are_refused() {
        let salt = base64::encode(&[7; 16]);
        let verifier = base64::encode(&[9; 384]);
        assert!(DeviceConfig::parse(&verifier, &salt).is_ok());
        for bad in [&[][..], &[0], &[1], &[0; 384], &[0xff; 384], &[1; 385]] {
            assert!(DeviceConfig::parse(&base64::encode(bad), &salt).is_err());
        }
        for bad in [&[][..], &[0], &[0; 16], &[7; 33], &[7; 90]] {
            assert!(DeviceConfig::parse(&verifier, &base64::encode(bad)).is_err());
        }
        assert!(DeviceConfig::parse("not base64", &salt).is_err());
        assert!(DeviceConfig::parse(&verifier, "A").is_err());
        assert!(DeviceConfig::parse(&"A".repeat(10_000), &salt).is_err());
    }
}
