//! What becomes of each kind of record when its pool moves.

use alloc::{format, vec, vec::Vec};

use userpool_ports::Key;

use super::seals::Secret;
use crate::{
    engine::{Fault, Record, record},
    model::{
        activity::Activity,
        attempts::Attempts,
        branding::{Branding, BrandingOf},
        certificate::Certificate,
        client::{Client, ListedClient},
        code::Code,
        device::{Device, Devices},
        domain::Domain,
        factors::Factors,
        grant::Grant,
        group::{Group, GroupCount, Member, Memberships},
        identity::{Link, LinkNames},
        identity_pool::IdentityPool,
        identity_provider::{IdentityProvider, ProviderIdentifier},
        import_job::{ImportJob, ImportPart, Imports},
        job::{Job, Task},
        keys,
        page_session::PageSession,
        pages::{BlobPart, Customization},
        passkeys::{CredentialOwner, Passkeys},
        pool::{Pool, PoolSecrets},
        pooled_identity::{ListedIdentity, LoginOwner, PooledIdentity},
        resource_server::ResourceServer,
        risk::RiskConfiguration,
        sessions::Sessions,
        signing::{self, SigningKeys},
        terms::{Terms, TermsName},
        used_assertion::UsedAssertion,
        user::{Alias, Head, Indexed, Name, Password, Profile},
        user_count::UserCount,
    },
    ops::{devices, identity_providers, mfa, parties, passkeys, passwords, saml, secrets},
};

/// Reads a record of a pool: what is sealed in it. It must be a record that this version reads.
pub(super) type Read = fn(&str, &Key, &[u8]) -> Result<Vec<Secret>, Fault>;

/// What becomes of a kind of record.
#[derive(Clone, Copy)]
pub(super) enum Fate {
    /// It moves.
    Moves(Read),
    /// It is left where it is.
    Stays,
}

/// Whether records of a kind move with their pool; `None` of a kind that no pool has.
#[must_use]
pub fn moves(kind: u8) -> Option<bool> {
    Some(matches!(fate(kind)?, Fate::Moves(_)))
}

/// What becomes of a kind, by its byte in either table of [`keys`]; `None` of a kind that no pool has.
pub(super) fn fate(kind: u8) -> Option<Fate> {
    let read: Read = match kind {
        b'P' => plain::<Pool>,
        b'C' => client,
        b'c' => plain::<ListedClient>,
        b'K' => signing_keys,
        b'S' => pool_secrets,
        b'H' => plain::<Head>,
        b'N' => plain::<Name>,
        b'L' => plain::<Alias>,
        b'i' => plain::<CredentialOwner>,
        b'I' => plain::<Indexed>,
        b'r' => plain::<RiskConfiguration>,
        b'F' => plain::<Attempts>,
        b'#' => plain::<UserCount>,
        b'Q' => plain::<Group>,
        b'q' => plain::<Member>,
        b'+' => plain::<GroupCount>,
        b'v' => plain::<ResourceServer>,
        b'u' => plain::<Customization>,
        b't' => plain::<Terms>,
        b'=' => plain::<TermsName>,
        b'g' => plain::<Branding>,
        b'@' => plain::<BrandingOf>,
        b'%' => certificate,
        b'p' => provider,
        b'*' => plain::<ProviderIdentifier>,
        b'x' => plain::<UsedAssertion>,
        b'l' => plain::<Link>,
        b'j' => plain::<LinkNames>,
        b'b' => plain::<BlobPart>,
        b'f' => plain::<IdentityPool>,
        b'm' => plain::<PooledIdentity>,
        b'e' => plain::<ListedIdentity>,
        b'z' => plain::<LoginOwner>,
        b'!' => plain::<ImportJob>,
        b'-' => plain::<Imports>,
        b'?' | b'&' => plain::<ImportPart>,
        b'n' => plain::<Domain>,
        b'J' => plain::<Job>,
        // What belongs to a user.
        b'U' => plain::<Profile>,
        b'W' => password,
        b'A' => plain::<Attempts>,
        b'T' => factors,
        b'Y' => plain::<Memberships>,
        b'O' => plain::<Code>,
        b'w' => passkeys,
        b'E' => plain::<Activity>,
        b's' => plain::<Sessions>,
        b'D' => device,
        b'd' => plain::<Devices>,
        b'G' => plain::<Grant>,
        b'V' => plain::<PageSession>,
        // What lives for minutes, is fetched again, or is of this store: see the table above.
        b'B' | b'Z' | b'k' | b'o' | b'y' | b'X' | b'a' | b'>' => return Some(Fate::Stays),
        _ => return None,
    };
    Some(Fate::Moves(read))
}

/// Whether a record is one of this pool: by its key, or where that does not tell the pool, by what it says.
///
/// # Errors
/// A fault if it would have to say and cannot be read.
pub(super) fn belongs(pool: &str, key: &Key, value: &[u8]) -> Result<bool, Fault> {
    let Some(&kind) = key.as_bytes().first() else {
        return Ok(false);
    };
    if keys::KINDS_OF_POOL.contains(&kind) {
        let prefix = keys::of_pool(kind, pool);
        return Ok(key.as_bytes().starts_with(prefix.as_bytes()));
    }
    Ok(match kind {
        b'P' => *key == keys::pool(pool) && record::decode::<Pool>(value)?.id == pool,
        b'f' => *key == keys::identity_pool(pool),
        b'C' => {
            let client = record::decode::<Client>(value)?;
            client.pool == pool && *key == keys::client(&client.id)
        }
        b'n' => record::decode::<Domain>(value)?.pool == pool,
        b'm' => {
            let identity = record::decode::<PooledIdentity>(value)?;
            identity.pool == pool && *key == keys::pooled_identity(&identity.id)
        }
        b'J' => job_pool(&record::decode::<Job>(value)?) == pool,
        _ => false,
    })
}

/// The pool that a job is about.
pub(super) fn job_pool(job: &Job) -> &str {
    match &job.task {
        Task::DeletePool { pool, .. }
        | Task::EmptyGroup { pool, .. }
        | Task::LeaveGroups { pool, .. }
        | Task::ForgetDevices { pool, .. }
        | Task::ImportUsers { pool, .. } => pool,
    }
}

/// A record in which nothing is sealed.
fn plain<T: Record>(_: &str, _: &Key, value: &[u8]) -> Result<Vec<Secret>, Fault> {
    record::decode::<T>(value).map(|_| Vec::new())
}

fn client(_: &str, key: &Key, value: &[u8]) -> Result<Vec<Secret>, Fault> {
    let client = record::decode::<Client>(value)?;
    let secrets = client.secrets.into_iter().map(|secret| Secret {
        purpose: parties::CLIENT_SECRET,
        place: key.clone(),
        field: format!("secret/{}", secret.id),
        sealed: secret.sealed,
    });
    Ok(secrets.collect())
}

fn signing_keys(_: &str, key: &Key, value: &[u8]) -> Result<Vec<Secret>, Fault> {
    let keys = record::decode::<SigningKeys>(value)?.keys;
    let secrets = keys.into_iter().map(|it| Secret {
        purpose: signing::PURPOSE,
        place: key.clone(),
        field: signing::field(&it.kid),
        sealed: it.sealed,
    });
    Ok(secrets.collect())
}

fn certificate(pool: &str, _: &Key, value: &[u8]) -> Result<Vec<Secret>, Fault> {
    let certificate = record::decode::<Certificate>(value)?;
    let kid = saml::request::kid(&certificate.der)?;
    Ok(vec![Secret {
        purpose: signing::PURPOSE,
        place: keys::signing_keys(pool),
        field: signing::field(&kid),
        sealed: certificate.sealed,
    }])
}

fn pool_secrets(_: &str, key: &Key, value: &[u8]) -> Result<Vec<Secret>, Fault> {
    Ok(vec![Secret {
        purpose: secrets::POOL_SECRET,
        place: key.clone(),
        field: secrets::SECRET_FIELD.into(),
        sealed: record::decode::<PoolSecrets>(value)?.sealed,
    }])
}

fn provider(_: &str, key: &Key, value: &[u8]) -> Result<Vec<Secret>, Fault> {
    let provider = record::decode::<IdentityProvider>(value)?;
    let secrets = provider.secret.into_iter().map(|sealed| Secret {
        purpose: identity_providers::SECRET,
        place: key.clone(),
        field: identity_providers::FIELD.into(),
        sealed,
    });
    Ok(secrets.collect())
}

fn password(_: &str, key: &Key, value: &[u8]) -> Result<Vec<Secret>, Fault> {
    let password = record::decode::<Password>(value)?;
    let mut secrets = Vec::new();
    for kept in password.current.into_iter().chain(password.history) {
        let mut add = |field, sealed| {
            secrets.push(Secret {
                purpose: passwords::VERIFIER,
                place: key.clone(),
                field,
                sealed,
            });
        };
        add(passwords::field(&kept.salt), kept.sealed);
        if let Some(powers) = kept.powers {
            add(passwords::powers_field(&kept.salt), powers);
        }
    }
    Ok(secrets)
}

fn factors(_: &str, key: &Key, value: &[u8]) -> Result<Vec<Secret>, Fault> {
    let factors = record::decode::<Factors>(value)?;
    let token = factors.token.map(|token| token.sealed);
    let secrets = token.into_iter().chain(factors.pending);
    let secrets = secrets.map(|sealed| Secret {
        purpose: mfa::secret::SOFTWARE_TOKEN,
        place: key.clone(),
        field: mfa::secret::FIELD.into(),
        sealed,
    });
    Ok(secrets.collect())
}

fn passkeys(_: &str, key: &Key, value: &[u8]) -> Result<Vec<Secret>, Fault> {
    let passkeys = record::decode::<Passkeys>(value)?.all;
    let secrets = passkeys.into_iter().map(|passkey| Secret {
        purpose: passkeys::PASSKEY,
        place: key.clone(),
        field: passkeys::field(&passkey.id),
        sealed: passkey.sealed,
    });
    Ok(secrets.collect())
}

fn device(_: &str, key: &Key, value: &[u8]) -> Result<Vec<Secret>, Fault> {
    let device = record::decode::<Device>(value)?;
    let verifier = (devices::secret::VERIFIER, Some(device.verifier));
    let powers = (devices::secret::POWERS, device.powers);
    let secrets = [verifier, powers].into_iter();
    let secrets = secrets.filter_map(|(field, sealed)| {
        Some(Secret {
            purpose: devices::secret::PURPOSE,
            place: key.clone(),
            field: field.into(),
            sealed: sealed?,
        })
    });
    Ok(secrets.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_a_pool_has_a_fate() {
        for kind in keys::KINDS_OF_POOL {
            assert!(fate(*kind).is_some(), "{}", kind.escape_ascii());
        }
    }
}
