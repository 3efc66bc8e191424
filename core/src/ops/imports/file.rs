//! How the file of an import comes in, and its report goes out: `PUT` and `GET /<pool>/import/<id>?token=<token>`.
//!
//! The address holds a token, sealed under the root keys for this import: whoever has the address may send the file, and
//! read the report, for a quarter of an hour. The parts of a file are records that expire; a file that is sent again
//! replaces the one before.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use userpool_crypto::{base64, sealed::Context};

use super::find;
use crate::{
    engine::{Cx, Refusal, RefusalKind, Run},
    model::{
        import_job::{FILE_LIFE, ImportJob, ImportPart, ImportState, MAX_FILE, PART},
        keys,
    },
    ops::oauth::Endpoint,
};

const PURPOSE: &str = "address of an import";
/// How long an address is good, in milliseconds.
const LIFE_MILLIS: i64 = 15 * 60 * 1_000;

/// How many bytes [`FileParts`] takes at once; the last ones of a file may be fewer.
pub const AT_ONCE: usize = 10 * PART;

/// Where the file of an import is to be sent, and its report lies.
pub(super) fn address(cx: &mut Cx<'_>, pool: &str, id: &str) -> String {
    let ends = cx.now().millis().saturating_add(LIFE_MILLIS);
    let nonce = cx.random(&format!("nonce/address of {id}"));
    let environment = cx.environment();
    let sealed = environment
        .root_keys
        .seal(context(pool, id), nonce, &ends.to_be_bytes());
    let token = base64::encode_url(&sealed);
    format!("{}/{pool}/import/{id}?token={token}", environment.base_url)
}

fn context<'a>(pool: &'a str, id: &'a str) -> Context<'a> {
    Context {
        purpose: PURPOSE,
        scope: pool.as_bytes(),
        associated: id.as_bytes(),
    }
}

/// An import as an address names it.
#[derive(Clone, Debug)]
pub struct Address {
    /// The user pool.
    pub pool: String,
    /// The import.
    pub id: String,
    /// The token.
    pub token: String,
}

impl Address {
    /// Refuses an address that nobody gave out, or too long ago.
    fn check(&self, cx: &Cx<'_>) -> Result<(), Refusal> {
        let denied = || {
            Refusal::new(
                RefusalKind::NotAuthorized,
                "The address is not valid any more.",
            )
        };
        let sealed = base64::decode_url(&self.token).ok_or_else(denied)?;
        let keys = &cx.environment().root_keys;
        let ends = keys.open(context(&self.pool, &self.id), &sealed);
        let ends = ends.map_err(|_| denied())?;
        let ends: [u8; 8] = ends.expose().try_into().map_err(|_| denied())?;
        if cx.now().millis() >= i64::from_be_bytes(ends) {
            return Err(denied());
        }
        Ok(())
    }
}

/// Somebody begins to send a file; the reply numbers it.
#[derive(Clone, Debug)]
pub struct BeginFile(pub Address);

impl Endpoint for BeginFile {
    type Reply = u32;

    fn run(&self, cx: &mut Cx<'_>) -> Run<u32> {
        self.0.check(cx)?;
        let (_, held) = find(cx, &self.0.pool, &self.0.id)?;
        check_open(&held, cx)?;
        let job = ImportJob {
            sent: held.sent.wrapping_add(1),
            bytes: None,
            ..ImportJob::clone(&held)
        };
        cx.update(&held, &job);
        Ok(job.sent)
    }
}

/// The next bytes of a file.
#[derive(Clone)]
pub struct FileParts {
    /// The import.
    pub address: Address,
    /// The number of the file.
    pub sent: u32,
    /// How many bytes came before: full parts.
    pub at: u64,
    /// The bytes, [`AT_ONCE`] of them, or the last ones.
    pub bytes: Vec<u8>,
}

impl core::fmt::Debug for FileParts {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("FileParts").finish_non_exhaustive()
    }
}

impl Endpoint for FileParts {
    type Reply = ();

    fn run(&self, cx: &mut Cx<'_>) -> Run<()> {
        let (pool, held) = find(cx, &self.address.pool, &self.address.id)?;
        check_open(&held, cx)?;
        let ends = self.at.saturating_add(self.bytes.len() as u64);
        if held.sent != self.sent || ends > MAX_FILE {
            return Err(invalid("The file is too long, or was sent again meanwhile.").into());
        }
        let until = cx.now().after(FILE_LIFE);
        for (number, bytes) in (self.at / PART as u64..).zip(self.bytes.chunks(PART)) {
            let part = ImportPart {
                bytes: bytes.to_vec(),
            };
            let key = keys::import_part(&pool.id, &held.id, self.sent, number);
            cx.insert_until(&key, &part, Some(until));
        }
        Ok(())
    }
}

/// A file came to its end.
#[derive(Clone, Debug)]
pub struct EndFile {
    /// The import.
    pub address: Address,
    /// The number of the file.
    pub sent: u32,
    /// How long it is.
    pub bytes: u64,
}

impl Endpoint for EndFile {
    type Reply = ();

    fn run(&self, cx: &mut Cx<'_>) -> Run<()> {
        let (_, held) = find(cx, &self.address.pool, &self.address.id)?;
        check_open(&held, cx)?;
        if held.sent != self.sent || self.bytes == 0 {
            return Err(invalid("The file is empty, or was sent again meanwhile.").into());
        }
        let job = ImportJob {
            bytes: Some(self.bytes),
            ..ImportJob::clone(&held)
        };
        cx.update(&held, &job);
        Ok(())
    }
}

/// Somebody reads the report of an import.
#[derive(Clone, Debug)]
pub struct Report(pub Address);

impl Endpoint for Report {
    type Reply = String;

    fn run(&self, cx: &mut Cx<'_>) -> Run<String> {
        self.0.check(cx)?;
        let (pool, job) = find(cx, &self.0.pool, &self.0.id)?;
        let parts: Vec<_> = (0..job.report)
            .map(|number| keys::import_report(&pool.id, &job.id, number))
            .collect();
        cx.want(&parts)?;
        let mut report = String::new();
        for key in &parts {
            if let Some(part) = cx.get::<ImportPart>(key)? {
                report.push_str(&String::from_utf8_lossy(&part.bytes));
            }
        }
        Ok(report)
    }
}

/// Refuses a file for an import that was started.
fn check_open(job: &ImportJob, cx: &Cx<'_>) -> Result<(), Refusal> {
    match job.state(cx.now()) {
        ImportState::Created => Ok(()),
        _ => Err(invalid("The import job takes no file any more.")),
    }
}

fn invalid(text: &str) -> Refusal {
    Refusal::new(RefusalKind::InvalidParameter, text.to_string())
}
