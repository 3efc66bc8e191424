//! TLS, on the main listener and towards others: rustls over graviola, which is assembly and Rust, without C.
//!
//! Graviola needs processors that are newer than about 2014: on x86-64 those with AES, AVX2, ADX,
//! BMI2 and PCLMULQDQ, on 64-bit ARM those with AES, SHA-2 and PMULL.

use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::client::ClientConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ServerConfig;
use tokio_rustls::TlsAcceptor;

use crate::failure::Failure;

/// Reads a certificate chain and its key, both PEM.
///
/// # Errors
/// A file cannot be read, the two do not fit, or the processor is too old.
pub(crate) fn acceptor(certificates: &Path, key: &Path) -> Result<TlsAcceptor, Failure> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificates)
        .and_then(Iterator::collect)
        .map_err(|it| unreadable(certificates, &it))?;
    if chain.is_empty() {
        return Err(unreadable(certificates, &pem::Error::NoItemsFound));
    }
    let key = PrivateKeyDer::from_pem_file(key).map_err(|it| unreadable(key, &it))?;
    let mut config = ServerConfig::builder_with_provider(provider()?)
        .with_safe_default_protocol_versions()
        .map_err(|it| Failure::new(format!("TLS: {it}")))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|it| Failure::new(format!("the TLS certificate and its key: {it}")))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// TLS towards others, that trusts the authorities the system trusts.
///
/// # Errors
/// The system trusts nobody, or the processor is too old.
pub(crate) fn client() -> Result<Arc<ClientConfig>, Failure> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(Failure::new(
            "the system has no certificates of authorities to trust",
        ));
    }
    trusting(roots)
}

/// TLS towards those whose certificates these authorities gave, PEM.
///
/// # Errors
/// The file cannot be read or holds no certificate, or the processor is too old.
pub(crate) fn client_of(authorities: &Path) -> Result<Arc<ClientConfig>, Failure> {
    let read: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(authorities)
        .and_then(Iterator::collect)
        .map_err(|it| unreadable(authorities, &it))?;
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(read);
    if roots.is_empty() {
        return Err(unreadable(authorities, &pem::Error::NoItemsFound));
    }
    trusting(roots)
}

fn trusting(roots: RootCertStore) -> Result<Arc<ClientConfig>, Failure> {
    let config = ClientConfig::builder_with_provider(provider()?)
        .with_safe_default_protocol_versions()
        .map_err(|it| Failure::new(format!("TLS: {it}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// The cryptography of TLS, where the processor has what it needs.
///
/// # Errors
/// The processor lacks an instruction.
fn provider() -> Result<Arc<CryptoProvider>, Failure> {
    match missing_instructions() {
        None => Ok(Arc::new(rustls_graviola::default_provider())),
        Some(missing) => Err(Failure::new(format!(
            "TLS needs a processor with {missing}; put a proxy in front of this server instead"
        ))),
    }
}

#[cfg(target_arch = "x86_64")]
fn missing_instructions() -> Option<&'static str> {
    use std::arch::is_x86_feature_detected as has;
    let needed = [
        ("AES", has!("aes")),
        ("SSSE3", has!("ssse3")),
        ("AVX2", has!("avx2")),
        ("ADX", has!("adx")),
        ("BMI2", has!("bmi2")),
        ("PCLMULQDQ", has!("pclmulqdq")),
    ];
    needed
        .into_iter()
        .find(|(_, there)| !there)
        .map(|(name, _)| name)
}

#[cfg(target_arch = "aarch64")]
fn missing_instructions() -> Option<&'static str> {
    use std::arch::is_aarch64_feature_detected as has;
    let needed = [
        ("AES", has!("aes")),
        ("SHA-2", has!("sha2")),
        ("PMULL", has!("pmull")),
    ];
    needed
        .into_iter()
        .find(|(_, there)| !there)
        .map(|(name, _)| name)
}

fn unreadable(path: &Path, cause: &pem::Error) -> Failure {
    let path = path.display();
    match cause {
        pem::Error::NoItemsFound => Failure::new(format!(
            "{path}: what should be in it, in PEM form, is not: a certificate or a private key"
        )),
        cause => Failure::new(format!("{path}: {cause}")),
    }
}
