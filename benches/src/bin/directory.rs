//! A directory in the embedded store: filled, asked, imported into, served and deleted. `benches/directory.py` does one
//! after the other at two sizes, and holds the costs beside each other.
//!
//! ```text
//! directory fill FILE USERS        makes the store, and prints how long that took
//! directory compact FILE           makes the file as small as it gets
//! directory ask FILE               asks every question; to be run by callgrind
//! directory import FILE ROWS       imports users into a new pool
//! directory serve PROGRAM FILE     has the server serve the store, and prints its peak memory
//! directory delete FILE            deletes the pool, while others sign in to another one
//! ```
//!
//! What is printed is one JSON object a line.

use std::{path::Path, process::ExitCode};

use userpool_benches::directory::{ask, delete, fill, import, serve};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<u64>().expect("a number");
    match arguments[..] {
        ["fill", file, users] => fill::fill(Path::new(file), number(users)),
        ["compact", file] => fill::compact(Path::new(file)),
        ["ask", file] => ask::ask(Path::new(file)),
        ["import", file, rows] => import::import(Path::new(file), number(rows)),
        ["serve", program, file] => serve::serve(Path::new(program), Path::new(file)),
        ["delete", file] => delete::delete(Path::new(file)),
        _ => {
            eprintln!("directory: see the head of its source for its arguments");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
