//! What each source gave, one put before the other.

use std::fmt;
use std::path::Path;

use super::{Hidden, Options, Resolved};
use crate::failure::Failure;

impl Options {
    /// Hears the remaining sources and fills in the defaults.
    ///
    /// # Errors
    /// The file cannot be read, or an option makes no sense.
    pub(crate) fn resolve(
        mut self,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Resolved, Failure> {
        let hidden = |name| {
            environment(name)
                .filter(|it| !it.is_empty())
                .map(Hidden::from)
        };
        self.admin_secret_access_key = hidden("USERPOOL_ADMIN_SECRET_ACCESS_KEY");
        self.root_keys = hidden("USERPOOL_ROOT_KEYS");
        self.store_password = hidden("USERPOOL_STORE_PASSWORD");
        self.smtp_password = hidden("USERPOOL_SMTP_PASSWORD");
        self.lambda_secret_access_key = hidden("USERPOOL_LAMBDA_SECRET_ACCESS_KEY");
        self.lambda_session_token = hidden("USERPOOL_LAMBDA_SESSION_TOKEN");
        self.message_keys = hidden("USERPOOL_MESSAGE_KEYS");
        self.kms_secret_access_key = hidden("USERPOOL_KMS_SECRET_ACCESS_KEY");
        self.kms_session_token = hidden("USERPOOL_KMS_SESSION_TOKEN");
        let file = match &self.config {
            Some(path) => Self::read(path)?,
            None => Self::default(),
        };
        self.or(file).complete()
    }

    fn read(path: &Path) -> Result<Self, Failure> {
        let named = |cause: &dyn fmt::Display| {
            Failure::new(format!("the settings file {}: {cause}", path.display()))
        };
        let text = std::fs::read_to_string(path).map_err(|it| named(&it))?;
        toml::from_str(&text).map_err(|it| named(&it))
    }

    /// These options, and where one is missing that of another source.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            listen: self.listen.or(other.listen),
            data: self.data.or(other.data),
            store: self.store.or(other.store),
            store_password: self.store_password.or(other.store_password),
            base_url: self.base_url.or(other.base_url),
            issuer: self.issuer.or(other.issuer),
            account_id: self.account_id.or(other.account_id),
            region: self.region.or(other.region),
            admin_access_key_id: self.admin_access_key_id.or(other.admin_access_key_id),
            admin_secret_access_key: self
                .admin_secret_access_key
                .or(other.admin_secret_access_key),
            root_keys: self.root_keys.or(other.root_keys),
            messages: self.messages.or(other.messages),
            smtp_relay: self.smtp_relay.or(other.smtp_relay),
            smtp_tls: self.smtp_tls.or(other.smtp_tls),
            smtp_from: self.smtp_from.or(other.smtp_from),
            smtp_user: self.smtp_user.or(other.smtp_user),
            smtp_password: self.smtp_password.or(other.smtp_password),
            lambda_endpoint: self.lambda_endpoint.or(other.lambda_endpoint),
            lambda_access_key_id: self.lambda_access_key_id.or(other.lambda_access_key_id),
            lambda_secret_access_key: self
                .lambda_secret_access_key
                .or(other.lambda_secret_access_key),
            lambda_session_token: self.lambda_session_token.or(other.lambda_session_token),
            message_keys: self.message_keys.or(other.message_keys),
            kms_endpoint: self.kms_endpoint.or(other.kms_endpoint),
            kms_access_key_id: self.kms_access_key_id.or(other.kms_access_key_id),
            kms_secret_access_key: self.kms_secret_access_key.or(other.kms_secret_access_key),
            kms_session_token: self.kms_session_token.or(other.kms_session_token),
            breached_passwords: self.breached_passwords.or(other.breached_passwords),
            log_delivery: self.log_delivery.or(other.log_delivery),
            private_providers: self.private_providers.or(other.private_providers),
            sts_endpoint: self.sts_endpoint.or(other.sts_endpoint),
            rates: self.rates.or(other.rates),
            require_pkce: self.require_pkce.or(other.require_pkce),
            demo: self.demo.or(other.demo),
            srp: self.srp.or(other.srp),
            tls_cert: self.tls_cert.or(other.tls_cert),
            tls_key: self.tls_key.or(other.tls_key),
            metrics_listen: self.metrics_listen.or(other.metrics_listen),
            trusted_proxies: self.trusted_proxies.or(other.trusted_proxies),
            max_in_flight: self.max_in_flight.or(other.max_in_flight),
            max_connections: self.max_connections.or(other.max_connections),
            stop_delay: self.stop_delay.or(other.stop_delay),
            log: self.log.or(other.log),
            log_format: self.log_format.or(other.log_format),
            pools: other.pools,
            login_providers: other.login_providers,
            config: self.config,
        }
    }
}
