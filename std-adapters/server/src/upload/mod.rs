//! `userpool upload-users`: the file of an import of users, sent to a server that runs, and the import followed to its end.
//!
//! It does what an administrator does by hand: CreateUserImportJob, a `PUT` to the address that comes back,
//! StartUserImportJob, and DescribeUserImportJob again and again.

mod api;
mod file;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use hyper::Request;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST};
use serde_json::{Value, json};

use self::api::Api;
use self::file::FileBody;
use crate::admin;
use crate::failure::Failure;
use crate::options::{Options, Resolved};
use crate::outbound::{self, Endpoint};
use crate::progress::{Bar, grouped};
use crate::tls;

/// The model asks for a role, and this server writes no logs for which it would need one.
const ROLE: &str = "arn:aws:iam::000000000000:role/userpool";
/// How often is asked how far the import is.
const ASKED: Duration = Duration::from_millis(300);
/// The longest report that is read.
const MAX_REPORT: usize = 16 << 20;
/// How many lines of a report are printed.
const PRINTED: usize = 20;

/// Have a running server make the users of a CSV file, and follow its import to the end.
///
/// The first line names the columns, as GetCSVHeader tells them. The server is at --base-url, else at --listen; requests are
/// signed as --admin-access-key-id, as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or by the pair in the data folder. The command
/// fails when the import or a row of it failed.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub(crate) struct UploadUsers {
    /// The id of the user pool
    #[arg(value_name = "POOL")]
    pool: String,
    /// The file
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// What the import is called
    #[arg(long, value_name = "NAME", default_value = "upload")]
    name: String,
    /// Where the lines about rows that made no user are kept; otherwise the first of them are printed
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

impl UploadUsers {
    /// Sends the file and follows the import.
    ///
    /// # Errors
    /// The server cannot be reached or refuses, or the import or a row failed.
    pub(crate) fn run(self, options: Options) -> Result<(), Failure> {
        let settings = options.resolve(|name| std::env::var(name).ok())?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|it| Failure::new(format!("the runtime does not start: {it}")))?;
        runtime.block_on(self.follow(&settings))
    }

    async fn follow(&self, settings: &Resolved) -> Result<(), Failure> {
        let body = FileBody::open(&self.file)?;
        let rows = file::rows(&self.file)?;
        let server = settings.base_url(settings.listen);
        let api = Api::new(&server, admin::signer(settings)?, &self.pool)?;
        let made = api
            .call(
                "CreateUserImportJob",
                &json!({"UserPoolId": self.pool, "JobName": self.name, "CloudWatchLogsRoleArn": ROLE}),
            )
            .await?;
        let id = text(&made, "JobId")?;
        send(&text(&made, "PreSignedUrl")?, body).await?;
        let named = json!({"UserPoolId": self.pool, "JobId": id});
        api.call("StartUserImportJob", &named).await?;
        let end = watch(&api, &named, rows).await?;
        self.tell(&id, &end).await
    }

    async fn tell(&self, id: &str, end: &Value) -> Result<(), Failure> {
        let status = text(end, "Status")?;
        let (imported, skipped, failed) = counts(end);
        println!(
            "import {id}: {status}, {} users imported, {} rows skipped, {} failed",
            grouped(imported),
            grouped(skipped),
            grouped(failed)
        );
        if skipped + failed > 0 {
            self.report(&text(end, "PreSignedUrl")?).await?;
        }
        if status != "Succeeded" {
            let message = end["CompletionMessage"].as_str().unwrap_or_default();
            return Err(Failure::new(format!("the import {status}: {message}")));
        }
        if failed > 0 {
            return Err(Failure::new(format!(
                "{} rows made no user",
                grouped(failed)
            )));
        }
        Ok(())
    }

    /// Fetches why rows made no user.
    async fn report(&self, url: &str) -> Result<(), Failure> {
        let (endpoint, target) = apart(url)?;
        let request = Request::get(target).header(HOST, &endpoint.authority);
        let request = request.body(http_body_util::Full::default());
        let request = request.map_err(|it| Failure::new(it.to_string()))?;
        let report = exchanged(&endpoint, request, MAX_REPORT).await?;
        if let Some(path) = &self.report {
            std::fs::write(path, &report)
                .map_err(|it| Failure::new(format!("{}: {it}", path.display())))?;
            println!("the rows that made no user are in {}", path.display());
            return Ok(());
        }
        let report = String::from_utf8_lossy(&report);
        for line in report.lines().take(PRINTED) {
            println!("{line}");
        }
        let more = report.lines().count().saturating_sub(PRINTED);
        if more > 0 {
            println!(
                "and {} more; --report FILE keeps them all",
                grouped(more as u64)
            );
        }
        Ok(())
    }
}

/// Sends the file to the address of an import.
async fn send(url: &str, body: FileBody) -> Result<(), Failure> {
    let (endpoint, target) = apart(url)?;
    let request = Request::put(target)
        .header(HOST, &endpoint.authority)
        .header(CONTENT_TYPE, "text/csv")
        .header(CONTENT_LENGTH, body.length());
    let request = request
        .body(body)
        .map_err(|it| Failure::new(it.to_string()))?;
    exchanged(&endpoint, request, outbound::MAX_BODY)
        .await
        .map(drop)
}

/// Asks how far an import is until it has ended.
async fn watch(api: &Api, named: &Value, rows: u64) -> Result<Value, Failure> {
    let mut bar = Bar::begin("import");
    loop {
        let job = api.call("DescribeUserImportJob", named).await?;
        let (imported, skipped, failed) = counts(&job);
        if !matches!(
            job["Status"].as_str(),
            Some("Pending" | "InProgress" | "Stopping")
        ) {
            bar.end();
            return Ok(job);
        }
        bar.show(imported + skipped + failed, rows, || {
            format!(
                "{} imported, {} skipped, {} failed",
                grouped(imported),
                grouped(skipped),
                grouped(failed)
            )
        });
        tokio::time::sleep(ASKED).await;
    }
}

fn counts(job: &Value) -> (u64, u64, u64) {
    let count = |name: &str| job[name].as_u64().unwrap_or_default();
    (
        count("ImportedUsers"),
        count("SkippedUsers"),
        count("FailedUsers"),
    )
}

fn text(job: &Value, member: &str) -> Result<String, Failure> {
    let told = job[member].as_str().map(ToOwned::to_owned);
    told.ok_or_else(|| Failure::new(format!("the server told no {member}")))
}

/// Whom an address is of, and what it names there.
fn apart(url: &str) -> Result<(Endpoint, &str), Failure> {
    let start = url.find("://").map_or(0, |at| at + 3);
    let path = url[start..].find('/').map_or(url.len(), |at| start + at);
    let endpoint = Endpoint::parse(&url[..path]);
    let endpoint =
        endpoint.ok_or_else(|| Failure::new("the server told an address that is none"))?;
    let target = &url[path..];
    Ok((endpoint, if target.is_empty() { "/" } else { target }))
}

/// One exchange that succeeds.
async fn exchanged(
    endpoint: &Endpoint,
    request: Request<impl outbound::Sent>,
    most: usize,
) -> Result<Vec<u8>, Failure> {
    let tls = endpoint.tls.then(tls::client).transpose()?;
    let answer = outbound::exchange(endpoint, tls.as_ref(), request, most).await;
    let (head, body) = answer
        .map_err(|it| Failure::new(format!("no answer from {}: {it}", endpoint.authority)))?;
    if head.status.is_success() {
        return Ok(body.to_vec());
    }
    Err(api::refused(head.status, &body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart() {
        let (endpoint, target) = apart("http://localhost:9/p/import/i?token=t").unwrap();
        assert_eq!(endpoint.authority, "localhost:9");
        assert_eq!(target, "/p/import/i?token=t");
        assert_eq!(apart("http://localhost").unwrap().1, "/");
        assert!(apart("nothing").is_err());
    }
}
