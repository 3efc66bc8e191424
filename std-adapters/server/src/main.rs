//! The userpool server: the engine on an embedded store, behind HTTP, as one process.

mod admin;
mod base_path;
mod breached;
mod declared;
mod demo;
mod failure;
mod folder;
mod greeting;
mod health;
mod keys;
mod lambda;
mod listed;
mod log_delivery;
mod logging;
mod login_providers;
mod message_keys;
mod messages;
mod metrics;
mod migrate;
mod moving;
mod options;
mod outbound;
mod progress;
mod providers;
mod root_keys;
mod run;
mod serve;
mod smtp;
mod srp;
mod stop;
mod stores;
mod tls;
mod upload;

use std::process::ExitCode;

use clap::Parser;

use crate::failure::Failure;
use crate::migrate::Migration;
use crate::options::{Cli, Command, Options};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(cli.options),
        Command::Migrate(migration) => migrate(cli.options, &migration),
        Command::Export(told) => told.run(cli.options),
        Command::Import(told) => told.run(cli.options),
        Command::ImportList(told) => told.run(cli.options),
        Command::UploadUsers(told) => told.run(cli.options),
        Command::Keys(told) => told.run(cli.options),
        Command::Version => {
            println!("userpool {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("userpool: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// How many threads serve connections: one for two processors. Arithmetic has threads of its own and most of the time; more
/// loops than there is to do would wake each other for nothing.
fn event_loops() -> usize {
    std::thread::available_parallelism().map_or(1, |processors| processors.get().div_ceil(2))
}

fn migrate(options: Options, migration: &Migration) -> Result<(), Failure> {
    let settings = options.resolve(|name| std::env::var(name).ok())?;
    logging::start(&settings)?;
    migrate::run(&settings, migration)
}

fn serve(options: Options) -> Result<(), Failure> {
    let settings = options.resolve(|name| std::env::var(name).ok())?;
    logging::start(&settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(event_loops())
        .enable_all()
        .build()
        .map_err(|it| Failure::new(format!("the runtime does not start: {it}")))?;
    runtime.block_on(run::run(settings))
}
