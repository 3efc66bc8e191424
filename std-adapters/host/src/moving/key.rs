//! The key of an export.

use std::fmt;

use userpool_crypto::{
    base64,
    digest::hkdf_expand,
    integer::hex,
    sealed::{KeyId, RootKeys, SealKey},
    secret::{SecretArray, SecretText},
};
use userpool_ports::Entropy;

use crate::SystemEntropy;

/// The key under which the secrets of an export are sealed, and by which changes of the file are noticed. Whoever has it and
/// the file has the verifiers of passwords, the seeds of authenticator apps and the signing keys of the pool.
#[derive(Clone)]
pub struct ExportKey {
    id: KeyId,
    key: SecretArray<32>,
}

impl fmt::Debug for ExportKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ExportKey").field(&self.id).finish()
    }
}

impl ExportKey {
    /// A key of 32 random bytes, with its name.
    #[must_use]
    pub fn new(id: KeyId, key: SecretArray<32>) -> Self {
        Self { id, key }
    }

    /// A new key from the operating system's entropy.
    ///
    /// # Panics
    /// The operating system has no entropy to give.
    #[must_use]
    pub fn draw() -> Self {
        let name = SystemEntropy.seed();
        let id = KeyId::parse(&hex(&name[..6])).expect("12 digits name a key");
        Self::new(id, SecretArray::new(SystemEntropy.seed()))
    }

    /// The key in a text of `id:base64`; lines that begin with `#` are comments.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let lines = text.lines().map(str::trim);
        let mut lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let (id, key) = lines.next()?.split_once(':')?;
        let key: [u8; 32] = base64::decode(key.trim())?.try_into().ok()?;
        let key = Self::new(KeyId::parse(id.trim())?, SecretArray::new(key));
        lines.next().is_none().then_some(key)
    }

    /// The key as a line of text.
    #[must_use]
    pub fn text(&self) -> SecretText {
        let key = base64::encode(self.key.expose());
        SecretText::new(format!("{}:{key}", self.id))
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// The ring that seals and opens the secrets of an export.
    pub(super) fn ring(&self) -> RootKeys {
        RootKeys::new(SealKey::new(self.id.clone(), self.key.clone()))
    }

    /// The key of the chain of codes over the lines of a file.
    pub(super) fn of_lines(&self) -> SecretArray<32> {
        let mut key = [0; 32];
        hkdf_expand(self.key.expose(), &[b"userpool export lines 1"], &mut key);
        SecretArray::new(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written() {
        let key = ExportKey::draw();
        let text = format!("# a comment\n\n{}\n", key.text().expose());
        let read = ExportKey::parse(&text).unwrap();
        assert_eq!(read.id(), key.id());
        assert!(read.key.matches(key.key.expose()));
        let two = format!("{text}{text}");
        for wrong in ["", "# a comment", "a:AAAA", "nothing", &two] {
            assert!(ExportKey::parse(wrong).is_none(), "{wrong}");
        }
        assert!(!format!("{key:?}").contains(&base64::encode(key.key.expose())));
    }
}
