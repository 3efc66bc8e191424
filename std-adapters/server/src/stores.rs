//! The stores that a server can be over.

use std::path::Path;

use userpool_postgres::PostgresStore;
use userpool_redb::{OpenFault, RedbStore};

use crate::failure::Failure;
use crate::tls;

/// The name of the embedded store's file in the data folder.
pub(crate) const FILE: &str = "userpool.redb";

/// The embedded store in a file.
///
/// # Errors
/// It is open elsewhere, or is no store.
pub(crate) fn embedded(path: &Path) -> Result<RedbStore, Failure> {
    RedbStore::open(path).map_err(|it| not_opened(path, &it))
}

/// Why there is no embedded store in a file.
pub(crate) fn not_opened(path: &Path, fault: &OpenFault) -> Failure {
    Failure::new(format!("the store {}: {fault}", path.display()))
}

/// The store in a database.
///
/// # Errors
/// No host takes writes by this user, or its certificate could not be checked.
pub(crate) fn database(options: &userpool_postgres::Options) -> Result<PostgresStore, Failure> {
    let mut options = options.clone();
    if options.may_use_tls() {
        let config = match options.root_certificates() {
            Some(authorities) => tls::client_of(authorities)?,
            None => tls::client()?,
        };
        options = options.tls(config);
    }
    PostgresStore::open(options)
        .map_err(|it| Failure::new(format!("the store in PostgreSQL: {it}")))
}
