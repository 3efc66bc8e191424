//! Where each record lies: the one place that spells keys.
//!
//! A key is one byte for the kind of record, then its parts. A pool id stands behind its length, a user's
//! `sub` is its 16 bytes, names and addresses are hashed (32 bytes), so that keys are short, hold nobody's
//! address, and every list that the API offers is the page under a prefix. What belongs to one user lies together, behind
//! `U`, pool and sub: an operation about a user touches few places of the store.
//!
//! | byte | record | parts |
//! |---|---|---|
//! | `P` | pool | pool |
//! | `C` | app client | client id |
//! | `c` | app client of a pool (list) | pool, client id |
//! | `K` | signing keys | pool |
//! | `B` | short-lived keys of secret blocks | pool |
//! | `S` | secrets of the pool that never change | pool |
//! | `H` | head of a user | pool, sub |
//! | `U` | what else belongs to a user | pool, sub, a byte of the next table and its parts |
//! | `N` | user name | pool, hash of the name |
//! | `L` | alias | pool, kind, hash of the value |
//! | `i` | owner of a credential | pool, hash of the credential id |
//! | `I` | index of users | pool, attribute, folded value, sub |
//! | `r` | risk configuration | pool, client id or nothing |
//! | `Z` | spent mark | pool, id |
//! | `F` | failures of a name that nobody has | pool, keyed hash |
//! | `#` | striped count of users | pool, stripe |
//! | `Q` | group | pool, name cut to 128 bytes, 0, hash of the name |
//! | `q` | member of a group (list) | pool, group id, sub |
//! | `+` | count of groups | pool |
//! | `v` | resource server | pool, identifier cut to 128 bytes, 0, hash of the identifier |
//! | `u` | customization of the login pages | pool, client id or nothing |
//! | `t` | terms document | pool, document id |
//! | `=` | name of a terms document | pool, client id, 0, name |
//! | `g` | style of login pages | pool, style id |
//! | `@` | style of an app client | pool, client id |
//! | `%` | certificate that signs requests to identity providers, or that they encrypt for | pool, nothing or `e` |
//! | `p` | identity provider | pool, name |
//! | `*` | identifier of an identity provider | pool, hash of the identifier in lower case |
//! | `k` | keys of an identity provider | pool, name |
//! | `x` | assertion that was used | pool, provider, 0, hash of its id |
//! | `l` | identity of a user | pool, provider, 0, attribute, 0, hash of the value |
//! | `j` | attributes by which identities are linked | pool |
//! | `o` | sign-in that waits for an identity provider | pool, hash of the state |
//! | `y` | sign-out that waits for an identity provider | pool, hash of the state |
//! | `b` | part of a blob: an image of the login pages | pool, blob id, number |
//! | `f` | identity pool | identity pool |
//! | `m` | identity of an identity pool | identity id |
//! | `e` | identity of an identity pool (list) | identity pool, identity id |
//! | `z` | identity of a login | identity pool, `p` or `d`, provider, 0, hash of the subject |
//! | `!` | import of users | pool, import id |
//! | `-` | imports of a pool: how many, and which one is active | pool |
//! | `?` | part of the file of an import | pool, import id, number of the file, number |
//! | `&` | part of the report of an import | pool, import id, number |
//! | `>` | arrival of a pool from another store | pool |
//! | `$` | provisioned limits | |
//! | `n` | domain of the login pages | domain |
//! | `M` | message on its way | message id |
//! | `J` | job | job id |
//! | `R` | proof of the root keys | |
//!
//! | byte behind `U`, pool, sub | record | parts |
//! |---|---|---|
//! | `U` | profile | |
//! | `W` | password | |
//! | `A` | attempts | |
//! | `T` | second factors | |
//! | `Y` | groups | |
//! | `O` | live code | purpose |
//! | `w` | passkeys | |
//! | `E` | activity | |
//! | `s` | sessions | |
//! | `D` | device | device id |
//! | `d` | list of devices | |
//! | `G` | grant (a family of refresh tokens) | grant id |
//! | `X` | challenge chain | chain id |
//! | `V` | session of the login pages | session id |
//! | `a` | authorization code | code id |

use alloc::vec::Vec;
use core::time::Duration;

use userpool_ports::Key;

use super::{
    device::DeviceId,
    group::GroupId,
    pooled_identity::{IdentityId, Login},
    sub::Sub,
    user::AliasKind,
};
use userpool_crypto::digest::sha256;

/// The kinds of record that belong to a pool, by their byte; what deleting a pool has to empty.
pub const KINDS_OF_POOL: &[u8] = b"cKBSHUNLIirZF#Qq+vubt=g@%p*kxloyjez!-?&>";

/// The kinds of record that say how pools and clients are set up. Nodes that share a store may use what they read of
/// them for [`LEASE`], so nothing may rest on one of them being as it was read, but for what checks it in its commit.
///
/// Not among them: the keys of secret blocks, which one node draws and all use at once, and the attributes by which
/// identities are linked, on which it depends whether a sign-in makes a user.
const SETTINGS: &[u8] = b"PCKSrvug@%pfn";

/// How long a setting may be used after it was read.
pub const LEASE: Duration = Duration::from_secs(5);

/// Whether the record of this key says how a pool or client is set up, so that it may be used for [`LEASE`].
#[must_use]
pub fn is_setting(key: &Key) -> bool {
    let first = key.as_bytes().first();
    first.is_some_and(|kind| SETTINGS.contains(kind))
}

/// The bytes of an index value that enter its key; longer values are cut and checked again when read.
const INDEXED: usize = 128;

fn key(kind: u8, pool: &str, parts: &[&[u8]]) -> Key {
    let length = parts.iter().map(|part| part.len()).sum::<usize>();
    let length = 2 + pool.len() + length;
    // Nearly every key fits here, and is copied once.
    let (mut short, mut long) = ([0; 128], Vec::new());
    let bytes = match short.get_mut(..length) {
        Some(bytes) => bytes,
        None => {
            long.resize(length, 0);
            &mut long[..]
        }
    };
    bytes[0] = kind;
    bytes[1] = pool.len() as u8;
    let mut at = 2;
    for part in core::iter::once(&pool.as_bytes()).chain(parts) {
        bytes[at..][..part.len()].copy_from_slice(part);
        at += part.len();
    }
    Key::new(&*bytes)
}

/// The byte that names the kind of a key's record, of either table; none of an empty key.
#[must_use]
pub fn kind(key: &Key) -> Option<u8> {
    match key.as_bytes() {
        [b'U', length, rest @ ..] => rest.get(usize::from(*length) + 16).copied(),
        bytes => bytes.first().copied(),
    }
}

/// The id of the pool that a key lies under; `None` of a key that lies under none.
#[must_use]
pub fn pool_of(key: &Key) -> Option<&str> {
    let [kind, length, rest @ ..] = key.as_bytes() else {
        return None;
    };
    let pool = rest.get(..usize::from(*length))?;
    let pool = KINDS_OF_POOL.contains(kind).then_some(pool)?;
    core::str::from_utf8(pool).ok()
}

/// A record that lies with its user.
fn of_user(kind: u8, pool: &str, sub: &Sub, part: &[u8]) -> Key {
    key(b'U', pool, &[sub.bytes(), &[kind], part])
}

fn plain(kind: u8, part: &[u8]) -> Key {
    let mut bytes = Vec::with_capacity(1 + part.len());
    bytes.push(kind);
    bytes.extend_from_slice(part);
    Key::new(bytes)
}

/// A pool.
#[must_use]
pub fn pool(pool: &str) -> Key {
    plain(b'P', pool.as_bytes())
}

/// The prefix of all pools.
#[must_use]
pub fn pools() -> Key {
    plain(b'P', b"")
}

/// An app client.
#[must_use]
pub fn client(client_id: &str) -> Key {
    plain(b'C', client_id.as_bytes())
}

/// An app client in the list of its pool.
#[must_use]
pub fn client_of_pool(pool: &str, client_id: &str) -> Key {
    key(b'c', pool, &[client_id.as_bytes()])
}

/// The prefix of a pool's app clients.
#[must_use]
pub fn clients_of_pool(pool: &str) -> Key {
    key(b'c', pool, &[])
}

/// The signing keys of a pool.
#[must_use]
pub fn signing_keys(pool: &str) -> Key {
    key(b'K', pool, &[])
}

/// The short-lived keys under which a pool's secret blocks are sealed.
#[must_use]
pub fn block_keys(pool: &str) -> Key {
    key(b'B', pool, &[])
}

/// The secrets of a pool that never change.
#[must_use]
pub fn pool_secrets(pool: &str) -> Key {
    key(b'S', pool, &[])
}

/// The head of a user.
#[must_use]
pub fn head(pool: &str, sub: &Sub) -> Key {
    key(b'H', pool, &[sub.bytes()])
}

/// The prefix of all heads of a pool.
#[must_use]
pub fn heads(pool: &str) -> Key {
    key(b'H', pool, &[])
}

/// The prefix of the heads of a pool whose `sub` begins with these bytes.
#[must_use]
pub fn heads_beginning(pool: &str, sub: &[u8]) -> Key {
    key(b'H', pool, &[sub])
}

/// The profile of a user.
#[must_use]
pub fn profile(pool: &str, sub: &Sub) -> Key {
    of_user(b'U', pool, sub, &[])
}

/// The password of a user.
#[must_use]
pub fn password(pool: &str, sub: &Sub) -> Key {
    of_user(b'W', pool, sub, &[])
}

/// The attempts of a user.
#[must_use]
pub fn attempts(pool: &str, sub: &Sub) -> Key {
    of_user(b'A', pool, sub, &[])
}

/// The second factors of a user.
#[must_use]
pub fn factors(pool: &str, sub: &Sub) -> Key {
    of_user(b'T', pool, sub, &[])
}

/// What a user did and from where.
#[must_use]
pub fn activity(pool: &str, sub: &Sub) -> Key {
    of_user(b'E', pool, sub, &[])
}

/// What follows from risks in a pool (no client), or at an app client of it.
#[must_use]
pub fn risk(pool: &str, client_id: &str) -> Key {
    key(b'r', pool, &[client_id.as_bytes()])
}

/// The sessions of a user.
#[must_use]
pub fn sessions(pool: &str, sub: &Sub) -> Key {
    of_user(b's', pool, sub, &[])
}

/// The passkeys of a user.
#[must_use]
pub fn passkeys(pool: &str, sub: &Sub) -> Key {
    of_user(b'w', pool, sub, &[])
}

/// The owner of a credential.
#[must_use]
pub fn credential(pool: &str, id: &[u8]) -> Key {
    key(b'i', pool, &[&sha256(&[id])])
}

/// A user name, in its canonical form.
#[must_use]
pub fn name(pool: &str, canonical: &str) -> Key {
    key(b'N', pool, &[&sha256(&[canonical.as_bytes()])])
}

/// An alias, in its canonical form.
#[must_use]
pub fn alias(pool: &str, kind: AliasKind, canonical: &str) -> Key {
    key(
        b'L',
        pool,
        &[&[kind.byte()], &sha256(&[canonical.as_bytes()])],
    )
}

/// A user in the index of an attribute; `folded` is cut to 128 bytes.
#[must_use]
pub fn index(pool: &str, attribute: u8, folded: &str, sub: &Sub) -> Key {
    let value = folded.as_bytes();
    let cut = &value[..value.len().min(INDEXED)];
    key(b'I', pool, &[&[attribute], cut, &[0], sub.bytes()])
}

/// The prefix of the users whose attribute is, or begins with, a folded value.
#[must_use]
pub fn index_prefix(pool: &str, attribute: u8, folded: &str, exact: bool) -> Key {
    let value = folded.as_bytes();
    let cut = &value[..value.len().min(INDEXED)];
    let end: &[u8] = if exact { &[0] } else { &[] };
    key(b'I', pool, &[&[attribute], cut, end])
}

/// The user in the key of an index entry, or of a member of a group.
#[must_use]
pub fn indexed(key: &Key) -> Option<Sub> {
    let (_, sub) = key.as_bytes().split_last_chunk::<16>()?;
    Some(Sub::from_bytes(*sub))
}

/// The live code of a user for one purpose.
#[must_use]
pub fn code(pool: &str, sub: &Sub, purpose: u8) -> Key {
    of_user(b'O', pool, sub, &[purpose])
}

/// A device of a user.
#[must_use]
pub fn device(pool: &str, sub: &Sub, device: &DeviceId) -> Key {
    of_user(b'D', pool, sub, device.bytes())
}

/// The prefix of the devices of a user.
#[must_use]
pub fn devices(pool: &str, sub: &Sub) -> Key {
    of_user(b'D', pool, sub, &[])
}

/// The device in its key.
#[must_use]
pub fn device_in(key: &Key) -> Option<DeviceId> {
    let (_, id) = key.as_bytes().split_last_chunk::<16>()?;
    Some(DeviceId::from_bytes(*id))
}

/// The list of the devices of a user.
#[must_use]
pub fn device_list(pool: &str, sub: &Sub) -> Key {
    of_user(b'd', pool, sub, &[])
}

/// A grant of a user.
#[must_use]
pub fn grant(pool: &str, sub: &Sub, grant: &[u8; 16]) -> Key {
    of_user(b'G', pool, sub, grant)
}

/// A session of the login pages.
#[must_use]
pub fn page_session(pool: &str, sub: &Sub, session: &[u8; 16]) -> Key {
    of_user(b'V', pool, sub, session)
}

/// The prefix of the sessions of the login pages of a user.
#[must_use]
pub fn page_sessions(pool: &str, sub: &Sub) -> Key {
    of_user(b'V', pool, sub, &[])
}

/// The id of the session of the login pages that a key is of.
#[must_use]
pub fn page_session_in(key: &Key) -> Option<[u8; 16]> {
    key.as_bytes().last_chunk().copied()
}

/// An authorization code.
#[must_use]
pub fn authorization_code(pool: &str, sub: &Sub, code: &[u8; 16]) -> Key {
    of_user(b'a', pool, sub, code)
}

/// A challenge chain of a user.
#[must_use]
pub fn chain(pool: &str, sub: &Sub, chain: &[u8; 16]) -> Key {
    of_user(b'X', pool, sub, chain)
}

/// The mark that something was used and may not be used again.
#[must_use]
pub fn spent(pool: &str, id: &[u8]) -> Key {
    key(b'Z', pool, &[id])
}

/// The failures of a name that nobody has.
#[must_use]
pub fn unknown_failures(pool: &str, hash: &[u8; 32]) -> Key {
    key(b'F', pool, &[hash])
}

/// One stripe of the count of a pool's users.
#[must_use]
pub fn user_count(pool: &str, stripe: u8) -> Key {
    key(b'#', pool, &[&[stripe]])
}

/// A group; groups of a pool lie in the order of their names, as far as those differ in their first 128 bytes.
#[must_use]
pub fn group(pool: &str, name: &str) -> Key {
    let value = name.as_bytes();
    let cut = &value[..value.len().min(INDEXED)];
    key(b'Q', pool, &[cut, &[0], &sha256(&[value])])
}

/// The prefix of the groups of a pool.
#[must_use]
pub fn groups(pool: &str) -> Key {
    key(b'Q', pool, &[])
}

/// A user in the list of a group's members.
#[must_use]
pub fn member(pool: &str, group: &GroupId, sub: &Sub) -> Key {
    key(b'q', pool, &[group, sub.bytes()])
}

/// The prefix of the members of a group.
#[must_use]
pub fn members(pool: &str, group: &GroupId) -> Key {
    key(b'q', pool, &[group])
}

/// The groups of a user.
#[must_use]
pub fn memberships(pool: &str, sub: &Sub) -> Key {
    of_user(b'Y', pool, sub, &[])
}

/// The count of a pool's groups.
#[must_use]
pub fn group_count(pool: &str) -> Key {
    key(b'+', pool, &[])
}

/// A resource server; those of a pool lie in the order of their identifiers, as far as those differ in their first
/// 128 bytes.
#[must_use]
pub fn resource_server(pool: &str, identifier: &str) -> Key {
    let value = identifier.as_bytes();
    let cut = &value[..value.len().min(INDEXED)];
    key(b'v', pool, &[cut, &[0], &sha256(&[value])])
}

/// The prefix of the resource servers of a pool.
#[must_use]
pub fn resource_servers(pool: &str) -> Key {
    key(b'v', pool, &[])
}

/// How the login pages of a pool (no client), or of an app client of it, look.
#[must_use]
pub fn customization(pool: &str, client_id: &str) -> Key {
    key(b'u', pool, &[client_id.as_bytes()])
}

/// A terms document.
#[must_use]
pub fn terms(pool: &str, terms: &[u8; 16]) -> Key {
    key(b't', pool, &[terms])
}

/// The prefix of the terms documents of a pool.
#[must_use]
pub fn all_terms(pool: &str) -> Key {
    key(b't', pool, &[])
}

/// The name of a terms document of an app client.
#[must_use]
pub fn terms_name(pool: &str, client_id: &str, name: &str) -> Key {
    key(b'=', pool, &[client_id.as_bytes(), &[0], name.as_bytes()])
}

/// A style of login pages.
#[must_use]
pub fn branding(pool: &str, branding: &[u8; 16]) -> Key {
    key(b'g', pool, &[branding])
}

/// Which style the pages of an app client have.
#[must_use]
pub fn branding_of(pool: &str, client_id: &str) -> Key {
    key(b'@', pool, &[client_id.as_bytes()])
}

/// The certificate with which a pool signs requests to identity providers.
#[must_use]
pub fn certificate(pool: &str) -> Key {
    key(b'%', pool, &[])
}

/// The certificate that identity providers encrypt for.
#[must_use]
pub fn encryption_certificate(pool: &str) -> Key {
    key(b'%', pool, &[b"e"])
}

/// An identity provider; those of a pool lie in the order of their names.
#[must_use]
pub fn identity_provider(pool: &str, name: &str) -> Key {
    key(b'p', pool, &[name.as_bytes()])
}

/// The prefix of the identity providers of a pool.
#[must_use]
pub fn identity_providers(pool: &str) -> Key {
    key(b'p', pool, &[])
}

/// What leads to an identity provider, in lower case.
#[must_use]
pub fn provider_identifier(pool: &str, identifier: &str) -> Key {
    key(b'*', pool, &[&sha256(&[identifier.as_bytes()])])
}

/// The prefix of what leads to the identity providers of a pool.
#[must_use]
pub fn provider_identifiers(pool: &str) -> Key {
    key(b'*', pool, &[])
}

/// The keys of an identity provider.
#[must_use]
pub fn provider_keys(pool: &str, name: &str) -> Key {
    key(b'k', pool, &[name.as_bytes()])
}

/// An assertion of an identity provider that was used.
#[must_use]
pub fn used_assertion(pool: &str, provider: &str, id: &str) -> Key {
    key(
        b'x',
        pool,
        &[provider.as_bytes(), &[0], &sha256(&[id.as_bytes()])],
    )
}

/// What a provider knows a user as.
#[must_use]
pub fn link(pool: &str, provider: &str, attribute: &str, value: &str) -> Key {
    let hash = sha256(&[value.as_bytes()]);
    let (provider, attribute) = (provider.as_bytes(), attribute.as_bytes());
    key(b'l', pool, &[provider, &[0], attribute, &[0], &hash])
}

/// The attributes by which identities of a pool were linked.
#[must_use]
pub fn link_names(pool: &str) -> Key {
    key(b'j', pool, &[])
}

/// A sign-in that waits for an identity provider.
#[must_use]
pub fn pending_sign_in(pool: &str, state: &str) -> Key {
    key(b'o', pool, &[&sha256(&[state.as_bytes()])])
}

/// A sign-out that waits for an identity provider.
#[must_use]
pub fn pending_sign_out(pool: &str, state: &str) -> Key {
    key(b'y', pool, &[&sha256(&[state.as_bytes()])])
}

/// A part of a blob.
#[must_use]
pub fn blob_part(pool: &str, blob: &[u8; 16], number: u16) -> Key {
    key(b'b', pool, &[blob, &number.to_be_bytes()])
}

/// An identity pool.
#[must_use]
pub fn identity_pool(pool: &str) -> Key {
    plain(b'f', pool.as_bytes())
}

/// The prefix of all identity pools.
#[must_use]
pub fn identity_pools() -> Key {
    plain(b'f', b"")
}

/// An identity of an identity pool. Its id does not tell the pool.
#[must_use]
pub fn pooled_identity(id: &IdentityId) -> Key {
    plain(b'm', id)
}

/// An identity in the list of its pool.
#[must_use]
pub fn listed_identity(pool: &str, id: &IdentityId) -> Key {
    key(b'e', pool, &[id])
}

/// The prefix of the identities of a pool.
#[must_use]
pub fn listed_identities(pool: &str) -> Key {
    key(b'e', pool, &[])
}

/// The identity in its place in the list of its pool.
#[must_use]
pub fn identity_in(key: &Key) -> Option<IdentityId> {
    let (_, id) = key.as_bytes().split_last_chunk::<16>()?;
    Some(*id)
}

/// The identity of a login.
#[must_use]
pub fn login(pool: &str, login: &Login) -> Key {
    let hash = sha256(&[login.subject.as_bytes()]);
    let provider = login.provider.as_bytes();
    key(b'z', pool, &[&[login.by.byte()], provider, &[0], &hash])
}

/// An import of users.
#[must_use]
pub fn import_job(pool: &str, id: &str) -> Key {
    key(b'!', pool, &[id.as_bytes()])
}

/// The prefix of the imports of a pool.
#[must_use]
pub fn import_jobs(pool: &str) -> Key {
    key(b'!', pool, &[])
}

/// How many imports a pool has, and which one is active.
#[must_use]
pub fn imports(pool: &str) -> Key {
    key(b'-', pool, &[])
}

/// A part of the file of an import.
#[must_use]
pub fn import_part(pool: &str, id: &str, sent: u32, number: u64) -> Key {
    let (sent, number) = (sent.to_be_bytes(), number.to_be_bytes());
    key(b'?', pool, &[id.as_bytes(), &[0], &sent, &number])
}

/// A part of the report of an import.
#[must_use]
pub fn import_report(pool: &str, id: &str, number: u32) -> Key {
    let number = number.to_be_bytes();
    key(b'&', pool, &[id.as_bytes(), &[0], &number])
}

/// The arrival of a pool from another store.
#[must_use]
pub fn arrival(pool: &str) -> Key {
    key(b'>', pool, &[])
}

/// The provisioned limits of the account.
#[must_use]
pub fn provisioned_limits() -> Key {
    plain(b'$', b"")
}

/// A domain of the login pages.
#[must_use]
pub fn domain(domain: &str) -> Key {
    plain(b'n', domain.as_bytes())
}

/// The prefix of a pool's records of one kind.
#[must_use]
pub fn of_pool(kind: u8, pool: &str) -> Key {
    key(kind, pool, &[])
}

/// A message on its way.
#[must_use]
pub fn outgoing(id: &[u8; 16]) -> Key {
    plain(b'M', id)
}

/// The prefix of all messages on their way.
#[must_use]
pub fn outbox() -> Key {
    plain(b'M', b"")
}

/// A job.
#[must_use]
pub fn job(id: &[u8; 16]) -> Key {
    plain(b'J', id)
}

/// The prefix of all jobs.
#[must_use]
pub fn jobs() -> Key {
    plain(b'J', b"")
}

/// The proof that the root keys are those of the store.
#[must_use]
pub fn root_proof() -> Key {
    plain(b'R', b"")
}
