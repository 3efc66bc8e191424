//! The file of an import of users, sent as an adapter would.

use serde_json::Value;
use userpool::{
    ApiError, Caller,
    imports::{AT_ONCE, Address, BeginFile, EndFile, FileParts, Report},
};

use crate::scene::Scene;

/// The import that an answer shows, as the address in it names it.
///
/// # Panics
/// The answer shows none.
#[must_use]
pub fn address(answer: &Value) -> Address {
    let url = answer["UserImportJob"]["PreSignedUrl"].as_str();
    let (path, token) = url
        .and_then(|url| url.split_once("?token="))
        .expect("an address");
    let mut parts = path.rsplit('/');
    let id = parts.next().expect("an id");
    let pool = parts.nth(1).expect("a pool");
    Address {
        pool: pool.into(),
        id: id.into(),
        token: token.into(),
    }
}

/// Sends a file.
///
/// # Errors
/// The engine refuses it.
pub fn send(scene: &Scene, address: &Address, file: &[u8]) -> Result<(), ApiError> {
    let engine = &scene.world.engine;
    let caller = Caller::default;
    let sent = engine.ask_blocking(BeginFile(address.clone()), caller())?;
    for (number, bytes) in file.chunks(AT_ONCE).enumerate() {
        let parts = FileParts {
            address: address.clone(),
            sent,
            at: (number * AT_ONCE) as u64,
            bytes: bytes.into(),
        };
        engine.ask_blocking(parts, caller())?;
    }
    let end = EndFile {
        address: address.clone(),
        sent,
        bytes: file.len() as u64,
    };
    engine.ask_blocking(end, caller())
}

/// The report of an import.
///
/// # Errors
/// The engine refuses it.
pub fn report(scene: &Scene, address: &Address) -> Result<String, ApiError> {
    let engine = &scene.world.engine;
    engine.ask_blocking(Report(address.clone()), Caller::default())
}
