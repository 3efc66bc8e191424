//! `userpool keys`: root keys and signing keys made anew.

use clap::{Args, Subcommand};

use crate::failure::Failure;
use crate::folder::DataFolder;
use crate::moving::{Missing, open};
use crate::options::Options;
use crate::progress::{Bar, grouped};
use crate::root_keys;

/// Make root keys or signing keys anew.
///
/// Root keys: `rotate`, start the server again, `reseal`. Where several servers share a store they get the new key by
/// USERPOOL_ROOT_KEYS instead: all of them behind the old one, then all before it, then `reseal`.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keys {
    #[command(subcommand)]
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
enum What {
    /// Draw a new root key and put it before the others in the data folder; the next start seals under it.
    Rotate,
    /// Seal every secret of the store that is under an older root key anew under the newest, so that the older can go.
    ///
    /// Refresh tokens, sessions of the login pages and credentials of identity pools that were given out before end when
    /// the key goes that they were made under. No server may have the embedded store open meanwhile; servers over a shared
    /// database go on.
    Reseal,
    /// Make new signing keys for a user pool: published at once, they sign after an hour.
    Renew {
        /// The id of the pool
        #[arg(value_name = "POOL")]
        pool: String,
    },
}

impl Keys {
    /// Does it.
    ///
    /// # Errors
    /// There is no such store or pool, the root keys are not those of the store, or the store failed.
    pub(crate) fn run(self, options: Options) -> Result<(), Failure> {
        let settings = options.resolve(|name| std::env::var(name).ok())?;
        match self.what {
            What::Rotate if settings.root_keys.is_some() => Err(Failure::new(
                "the root keys are given by USERPOOL_ROOT_KEYS: put a new `id:key` of 32 random bytes before the \
                 others there, on every server behind them first",
            )),
            What::Rotate => {
                let id = root_keys::rotate(&DataFolder::open(&settings.data)?)?;
                println!(
                    "root key {id} seals from the next start on; then `userpool keys reseal` lets the older ones go"
                );
                Ok(())
            }
            What::Reseal => {
                let engine = open(&settings, Missing::Refused)?;
                let mut bar = Bar::begin("reseal");
                let done = engine.reseal_blocking(|at| {
                    bar.show(0, 0, || format!("{} records", grouped(at.records)));
                });
                bar.end();
                let done = done.map_err(|it| Failure::new(it.to_string()))?;
                println!(
                    "sealed anew: {} of {} records; the store needs the older root keys no more, but for messages on their way",
                    grouped(done.sealed),
                    grouped(done.records)
                );
                Ok(())
            }
            What::Renew { pool } => {
                let names = open(&settings, Missing::Refused)?.renew_signing_keys_blocking(&pool);
                let names = names.map_err(|it| Failure::new(it.to_string()))?;
                println!("published, signing in an hour: {}", names.join(", "));
                Ok(())
            }
        }
    }
}
