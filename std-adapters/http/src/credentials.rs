//! The keys with which administrators sign.

use userpool_crypto::secret::SecretText;

/// Finds the secret that belongs to an access key id.
pub trait Credentials: Send + Sync + 'static {
    /// The secret access key, or nothing where the access key id is unknown.
    fn secret(&self, access_key_id: &str) -> Option<SecretText>;
}

impl<F> Credentials for F
where
    F: Fn(&str) -> Option<SecretText> + Send + Sync + 'static,
{
    fn secret(&self, access_key_id: &str) -> Option<SecretText> {
        self(access_key_id)
    }
}

/// One pair of keys that may call every signed operation.
#[derive(Clone, Debug)]
pub struct AdminPair {
    access_key_id: String,
    secret_access_key: SecretText,
}

impl AdminPair {
    /// The pair of an access key id and its secret.
    #[must_use]
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        Self {
            access_key_id: access_key_id.into(),
            secret_access_key: SecretText::new(secret_access_key.into()),
        }
    }

    /// The public half.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }
}

impl Credentials for AdminPair {
    fn secret(&self, access_key_id: &str) -> Option<SecretText> {
        (self.access_key_id == access_key_id).then(|| self.secret_access_key.clone())
    }
}

/// No administrator at all: every signed operation is refused.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Nobody;

impl Credentials for Nobody {
    fn secret(&self, _: &str) -> Option<SecretText> {
        None
    }
}
