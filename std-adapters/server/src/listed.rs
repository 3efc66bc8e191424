//! `userpool import-list`: users as `aws cognito-idp list-users` printed them, made in a pool of the store.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::failure::Failure;
use crate::moving::{Missing, named, open};
use crate::options::Options;
use crate::progress::{Bar, grouped};

/// How many refusals are printed.
const PRINTED: u64 = 20;

/// Make the users that `aws cognito-idp list-users` listed in a pool of the store, with their `sub`, attributes, identities,
/// status and dates.
///
/// No server may have the store open. There are no passwords in a list: who had one has to reset it. Users who are there
/// already stay as they are, so that a list may be read again. The command fails when a user was refused.
#[derive(Args, Clone, Debug)]
pub(crate) struct ImportList {
    /// The id of the user pool
    #[arg(value_name = "POOL")]
    pool: String,
    /// The list: one document with `Users`, or several behind each other
    #[arg(long, value_name = "FILE")]
    users: PathBuf,
    /// A group, and what `aws cognito-idp list-users-in-group` printed of it; may be repeated
    #[arg(long, value_name = "NAME=FILE")]
    group: Vec<String>,
}

impl ImportList {
    /// Makes the users.
    ///
    /// # Errors
    /// There is no such store, pool or list, or a user was refused.
    pub(crate) fn run(self, options: Options) -> Result<(), Failure> {
        let settings = options.resolve(|name| std::env::var(name).ok())?;
        let groups: Result<Vec<_>, Failure> = self.group.iter().map(|it| group(it)).collect();
        let groups = groups?;
        let (list, length) = list(&self.users)?;
        let engine = open(&settings, Missing::Refused)?;
        let mut bar = Bar::begin("import");
        // The file position stands for how far the list is.
        let position = list.try_clone().map_err(|it| named(&self.users, &it))?;
        let mut refused = 0;
        let end = engine.import_listed_users_blocking(&self.pool, &list, |at, why| {
            let user = at.made + at.there + at.refused;
            if let Some(why) = why {
                complain(&mut refused, &format!("user {}: {why}", grouped(user)));
            }
            bar.show(place(&position), length, || {
                format!("{} users", grouped(user))
            });
        });
        bar.end();
        let end = end.map_err(|it| named(&self.users, &it))?;
        println!(
            "{} users made, {} were there, {} refused",
            grouped(end.made),
            grouped(end.there),
            grouped(end.refused)
        );
        for (name, path) in groups {
            let file = File::open(path).map_err(|it| named(path, &it))?;
            let joined = engine.join_listed_users_blocking(&self.pool, name, file, |why| {
                complain(&mut refused, &format!("group {name}: {why}"));
            });
            let joined = joined.map_err(|it| named(path, &it))?;
            println!("{} users are in the group {name}", grouped(joined));
        }
        match refused {
            0 => Ok(()),
            refused => Err(Failure::new(format!("{} were refused", grouped(refused)))),
        }
    }
}

fn complain(refused: &mut u64, why: &str) {
    *refused += 1;
    if *refused <= PRINTED {
        eprintln!("{why}");
    }
}

fn group(told: &str) -> Result<(&str, &Path), Failure> {
    let wrong = || Failure::new("--group must be NAME=FILE");
    let (name, file) = told.split_once('=').ok_or_else(wrong)?;
    Ok((name, Path::new(file)))
}

fn list(path: &Path) -> Result<(File, u64), Failure> {
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
    let (length, file) = opened.map_err(|it| named(path, &it))?;
    Ok((file, length))
}

fn place(mut file: &File) -> u64 {
    std::io::Seek::stream_position(&mut file).unwrap_or_default()
}
