//! Moving a pool to another store: its records are read here, written there, and what is sealed in them is sealed anew.
//!
//! A record moves as it is kept, under its own key, so that nothing of it is lost and no kind of record needs a form of
//! its own. What changes is what is sealed in it, for the root keys of two stores differ: an export opens each secret
//! under the root keys of its store and seals it, for the same place, under the key of the export; an import does the
//! reverse. A pool keeps its id, for names of users are hashed with it, and tokens and ARNs hold it.
//!
//! | kind | moves | because |
//! |---|---|---|
//! | settings, clients, users, groups, providers, keys, counts, jobs | yes | |
//! | grants, sessions of pages | yes | access tokens stay good; refresh tokens and cookies do where the other store has the root keys too |
//! | block keys, spent marks, chains, codes of pages, what waits for a provider | no | they live for minutes, and what belongs to them is sealed under the root keys |
//! | keys and metadata of providers | no | they are fetched again |
//! | messages on their way | no | this store sends them |
//!
//! The record of the pool is written when all that belongs to it is there, but for its domains and jobs: until then nobody can use
//! what has arrived. How much is there stands in the same commits, so that an import that broke off goes on where it was.
//!
//! | module | subject |
//! |---|---|
//! | `kinds` | what becomes of each kind of record |
//! | `seals` | secrets in a record, sealed anew |
//! | `export` | the records of a pool, a piece at a time |
//! | `import` | the records of a pool put into a store, a piece at a time |
//! | `reseal` | the same within one store: secrets under older root keys sealed under the current one |

mod export;
mod import;
mod kinds;
mod reseal;
mod seals;

pub use export::{Piece, Place, Setting, begin_export, export_piece};
pub use import::{Landed, begin_import, discard_import, end_import, import_piece, is_discarded};
pub use kinds::moves;
pub use reseal::{Resealed, reseal_piece};

/// How many records a piece of an import has at most: with the record of its progress they fit into a commit.
pub const AT_ONCE: usize = 62;
/// How many bytes the keys and values of a piece of an import have at most.
pub const AT_ONCE_BYTES: usize = 900 * 1024;
