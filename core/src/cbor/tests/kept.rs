//! What earlier versions wrote, and must stay as it is: records of every kind, with few fields and with many.
//!
//! `kept.txt` holds a line for each: its type, and its bytes in hexadecimal digits. Lines are added to it and never changed.

use alloc::{collections::BTreeSet, vec::Vec};

use crate::{
    cbor::{self, Cbor},
    engine::outbox::Outgoing,
    model::{
        activity::Activity,
        arrival::Arrival,
        attempts::Attempts,
        authorization_code::AuthorizationCode,
        block::{Block, BlockKeys, Spent},
        branding::{Branding, BrandingOf},
        certificate::Certificate,
        chain::{Chain, Session},
        client::{Client, ListedClient},
        code::Code,
        device::{Device, Devices},
        domain::Domain,
        factors::Factors,
        federation::PendingSignIn,
        grant::Grant,
        group::{Group, GroupCount, Member, Memberships},
        identity::{Link, LinkNames},
        identity_pool::IdentityPool,
        identity_provider::{FetchedMetadata, IdentityProvider, ProviderIdentifier, ProviderKeys},
        import_job::{ImportJob, ImportPart, Imports},
        job::Job,
        page_session::PageSession,
        pages::{BlobPart, Customization},
        passkeys::{CredentialOwner, Passkeys},
        pending_sign_out::PendingSignOut,
        pool::{Pool, PoolSecrets},
        pooled_identity::{ListedIdentity, LoginOwner, PooledIdentity},
        provisioned_limits::ProvisionedLimits,
        resource_server::ResourceServer,
        risk::RiskConfiguration,
        sessions::Sessions,
        signing::SigningKeys,
        terms::{Terms, TermsName},
        used_assertion::UsedAssertion,
        user::{Alias, Head, Indexed, Name, Password, Profile},
        user_count::UserCount,
    },
};

const KEPT: &str = include_str!("kept.txt");

/// Types that only their own modules see, whose tests stand there.
const ELSEWHERE: [&str; 4] = ["Letter", "Reference", "RootProof", "Ticket"];

macro_rules! kept {
    ($($type:ident),* $(,)?) => {
        #[test]
        fn what_was_written_is_read_and_written_the_same() {
            $(written_the_same::<$type>(stringify!($type));)*
        }

        #[test]
        fn every_line_is_of_a_type_under_test() {
            let known = [$(stringify!($type)),*];
            let known: BTreeSet<&str> = known.into_iter().chain(ELSEWHERE).collect();
            assert_eq!(lines().map(|(name, _)| name).collect::<BTreeSet<_>>(), known);
        }
    };
}

kept! {
    Activity, Alias, Arrival, Attempts, AuthorizationCode, BlobPart, Block, BlockKeys, Branding, BrandingOf, Certificate, Chain,
    Client, Code, CredentialOwner, Customization, Device, Devices, Domain, Factors, FetchedMetadata, Grant, Group, GroupCount,
    Head, IdentityPool, IdentityProvider, ImportJob, ImportPart, Imports, Indexed, Job, Link, LinkNames, ListedClient,
    ListedIdentity, LoginOwner, Member, Memberships, Name, Outgoing, PageSession, Passkeys, Password, PendingSignIn,
    PendingSignOut, Pool, PoolSecrets, PooledIdentity, Profile, ProviderIdentifier, ProviderKeys, ProvisionedLimits,
    ResourceServer, RiskConfiguration, Session, Sessions, SigningKeys, Spent, Terms, TermsName, UsedAssertion, UserCount,
}

/// Reads what was written of a type, and writes it again; cut short it is refused, and changed it does no harm.
pub(crate) fn written_the_same<T: Cbor>(name: &str) {
    let all: Vec<Vec<u8>> = lines()
        .filter(|line| line.0 == name)
        .map(|line| bytes(line.1))
        .collect();
    assert!(!all.is_empty(), "{name}");
    for bytes in all {
        let read: T = cbor::read(&bytes).unwrap_or_else(|cause| panic!("{name}: {cause}"));
        assert_eq!(cbor::write(&read, Vec::new()), bytes, "{name}");
        for end in 0..bytes.len() {
            assert!(cbor::read::<T>(&bytes[..end]).is_err(), "{name}: {end}");
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] = [bytes[at] ^ 1, 0x1B, 0xFF][at % 3];
            let Ok(read) = cbor::read::<T>(&changed) else {
                continue;
            };
            let written = cbor::write(&read, Vec::new());
            let again: T = cbor::read(&written).expect("what was written is read");
            assert_eq!(cbor::write(&again, Vec::new()), written, "{name}: {at}");
        }
    }
}

fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    KEPT.lines()
        .map(|line| line.split_once(' ').expect("a type and bytes"))
}

fn bytes(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| str::from_utf8(pair).expect("digits"))
        .map(|pair| u8::from_str_radix(pair, 16).expect("digits"))
        .collect()
}
